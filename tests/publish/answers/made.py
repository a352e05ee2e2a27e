"""Tables and a plot with every trait that the scripts of a page must cope with."""

import pandas as pd
from great_tables import GT

from analysis.figures import forest, show_figure
from analysis.figures.axis import Axis
from analysis.figures.rows import rows_html
from analysis.figures.specification import Column, Forest, Group, Mark, Model, Row
from analysis.tables import publication_style

EFFECTS = {
    "Age, per year": ("3081", "0.08 (−0.04 to 0.21)", "0.18"),
    "Sex": ("12\u202f090", "", "0.03"),
    "female": ("", "Reference", ""),
    "male": ("", "−0.36 (−3.59 to 2.87)", "0.83"),
    "Work <b>status</b>": ("950", "−5.75 (−9.59 to −1.92)", "<0.001"),
    "Smoker": ("1335", "2.34 (−2.35 to 7.03)", "0.001"),
    "Pet": ("9", "Not estimable", "–"),
    "=Formula": ("70", "−10.10 (−20.00 to −0.20)", "0.046"),
}


def sides():
    """Interactions under a spanner; a modifier with levels; a label that looks like a formula."""
    rows = [
        {"label": label, "n": n, "effect": effect, "p": p}
        for label, (n, effect, p) in EFFECTS.items()
    ]
    levels = [i for i, row in enumerate(rows) if row["label"] in {"female", "male"}]
    table = (
        GT(pd.DataFrame(rows), rowname_col="label", id="interactions")
        .tab_stubhead("Modifier")
        .tab_stub_indent(levels, indent=2)
        .cols_align("right", ["n", "effect", "p"])
        .cols_label(n="n", effect="Interaction MD (95% CI)", p="P value")
        .tab_spanner("Unadjusted", ["n", "effect", "p"])
        .tab_source_note("MD=mean difference.")
    )
    return publication_style(table)


def parts():
    """Rows in two parts."""
    rows = [
        {"part": part, "label": label, "p": p}
        for part, label, p in (
            ("Pain", "Age", "0.30"),
            ("Pain", "Sex", "0.02"),
            ("Function", "Age", "0.20"),
            ("Function", "Sex", "0.10"),
        )
    ]
    table = GT(pd.DataFrame(rows), rowname_col="label", groupname_col="part", id="multiplicity")
    return publication_style(table.tab_stubhead("Modifier").cols_label(p="P value"))


def short():
    """A table that is too short to be sorted."""
    return publication_style(GT(pd.DataFrame({"Trials": [3], "n": [300]}), id="interactions"))


def plot(label="fig-plot", characteristics=13):
    """A plot on two pages, with a heading, a summary, a note and two models."""
    model = Model("y ~ treat", "REML", ("20 age missing",), ("A variance is zero.",))
    groups = [
        Group(
            tuple(
                Row((f"Level {g}{i}", str(5 + i), f"{i}.0", ""), Mark(i, i - 2, i + 2), model=model)
                for i in range(4)
            ),
            Row((f"Age {g}", "", "", "0.04"), kind="heading"),
        )
        for g in range(characteristics)
    ]
    summary = Row(
        ("Overall", "26", "3.0", ""),
        Mark(3, 2, 4, "diamond"),
        "summary",
        model=Model("y ~ 1", "ML"),
    )
    note = Row(("τ²=1.0", "", "", ""), kind="note", indent=1)
    axis = Axis(-3.0, 6.0, (-3.0, 0.0, 3.0, 6.0), "linear", "Points", ("Favours it", "Favours not"))
    columns = (
        Column("Characteristic", "left"),
        Column("Trials"),
        Column("Mean\ndifference"),
        Column("Inter-\naction P"),
    )
    spec = Forest(columns, 2, (*groups, Group((summary, note))), axis)
    alt = "Forest plot of an effect. Pooled 3.0, 95% CI 2 to 4, lies entirely above no effect (0)."
    rows = rows_html(spec, label=label, alt=alt, notes=("Synthetic data.",))
    return show_figure(forest.draw(spec), label=label, caption="A plot.", alt=alt, rows=rows)

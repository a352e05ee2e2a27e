"""One table per feature of great_tables that a review uses."""

from collections.abc import Callable

import pandas as pd
from great_tables import GT, html, loc, md, style

HOSTILE = [
    "A#1 $x$ @key",
    'say "q" \\n \\',
    "C_<b>&amp; *d* `e` ```f```",
    "{{< meta x >}} #{1} [g] ~h~",
    "Ünïcødé τ² I² ≥ −5 日",
]


def trials() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "comparison": ["Exercise", "Exercise", "Control", "Control"],
            "trial": ["Alpha 2001", "Beta 2005", "Gamma 2010", "Delta 2012"],
            "n": [1200.0, 34.0, None, 71.0],
            "estimate": [-10.71, 2.3, 4.0, 0.05],
            "lower": [-14.02, 1.1, 2.6, -0.07],
            "upper": [-7.4, 3.5, 6.8, 0.12],
            "note": ["first", "second", "third", "fourth"],
        }
    )


def plain() -> GT:
    return GT(trials()[["trial", "estimate", "note"]])


def stub() -> GT:
    table = GT(trials().drop(columns=["comparison", "n"]), rowname_col="trial")
    return table.tab_stubhead("Trial").fmt_number(["estimate", "lower", "upper"], decimals=2)


def groups() -> GT:
    table = GT(trials(), rowname_col="trial", groupname_col="comparison")
    return table.fmt_integer("n").sub_missing(missing_text="–")


def spanners() -> GT:
    inner = stub().tab_spanner("Interval", ["lower", "upper"])
    return inner.tab_spanner("Effect", ["estimate", "lower", "upper"])


def notes() -> GT:
    return (
        groups()
        .tab_spanner("Interval", ["lower", "upper"])
        .tab_stubhead("Trial")
        .tab_footnote("in the body", loc.body("note", [0, 2]))
        .tab_footnote("beside a number", loc.body("estimate", [1]), placement="right")
        .tab_footnote(md("in the *header*"), loc.column_labels("n"))
        .tab_footnote("in the stub", loc.stub([1]))
        .tab_footnote("over columns", loc.spanner_labels(["Interval"]))
        .tab_footnote("at a group", loc.row_groups(["Control"]))
        .tab_footnote("without a mark")
        .tab_source_note(md("See the [protocol](https://example.org/p?a=1&b=2), `v1` and ~~v0~~."))
    )


def summaries() -> GT:
    total = {"Total": lambda data: data[["n"]].sum()}
    mean = {"Mean": lambda data: data[["estimate"]].mean().round(3)}
    return groups().summary_rows(fns=mean).grand_summary_rows(fns=total)


def labels() -> GT:
    label = html("n<br><sub>participants</sub>")
    return stub().cols_label(estimate=md("Mean *d* (**bold**)"), lower=label, upper="a < b & c")


def merged() -> GT:
    return stub().cols_merge(["lower", "upper"], pattern="{0} to {1}").cols_label(lower="95% CI")


def hostile() -> GT:
    table = GT(pd.DataFrame({"text": HOSTILE, "value": range(5)}), rowname_col="text")
    return table.tab_source_note(" ".join(HOSTILE)).tab_header("; ".join(HOSTILE), "sub")


def title() -> GT:
    table = plain().tab_header(md("A **bold** title, *slanted* and `code`"), "a subtitle")
    return table.tab_source_note(
        html("Spaces<em> around </em>emphasis<sup>a b</sup>, H<sub>2</sub>O")
    )


def units() -> GT:
    data = pd.DataFrame({"p": [1e-5, 2.3e7], "unit": ["m^2", "kg m^-1"], "value": [1.25, 100.5]})
    table = GT(data).fmt_scientific("p").fmt_units("unit").cols_align_decimal("value")
    return table.fmt_number("value", n_sigfig=3)


def paragraphs() -> GT:
    return GT(pd.DataFrame({"text": ["one\n\ntwo", "plain **bold** x^2"]})).fmt_markdown("text")


def group_column() -> GT:
    return groups().tab_options(row_group_as_column=True)


def nested_stub() -> GT:
    return GT(trials()[["comparison", "trial", "note"]], rowname_col=["comparison", "trial"])


def no_labels() -> GT:
    return plain().tab_options(column_labels_hidden=True)


def styled() -> GT:
    return (
        stub()
        .tab_stub_indent(rows=[1, 2], indent=2)
        .tab_style(style.text(weight="bold", color="#AA0000"), loc.body("estimate", [1]))
        .tab_style(style.text(style="italic"), loc.stub([0]))
        .tab_style(style.fill(color="#FFEECC"), loc.body("lower", [2]))
    )


def widths() -> GT:
    return plain().cols_width({"trial": "50%", "note": "30%"})


CASES: dict[str, Callable[[], GT]] = {
    case.__name__: case
    for case in (
        plain,
        stub,
        groups,
        spanners,
        notes,
        summaries,
        labels,
        merged,
        hostile,
        title,
        units,
        paragraphs,
        group_column,
        nested_stub,
        no_labels,
        styled,
        widths,
    )
}


def block(markdown: str, output: str) -> str:
    """Raw block of one format in the Markdown of a shown table."""
    opening = f"{{={output}}}\n"
    before, _, after = markdown.partition(opening)
    fence = before.rpartition("\n")[2]
    return after.partition(f"\n{fence}\n")[0]

"""Table 2: trials with participant data beside eligible trials without."""

from collections.abc import Iterator

from great_tables import GT, loc, style

from analysis.formats import DASH, count, number, p_value, percent, unbroken, with_interval
from analysis.protocol import Protocol
from analysis.results.eligible import (
    Centre,
    LevelCounts,
    TrialBlock,
    TrialCharacteristics,
    TrialQuantity,
)
from analysis.results.labels import in_sentence
from analysis.tables.frame import table_of
from analysis.tables.notes import finished

WIDTHS = {"label": "46%", "with_ipd": "22%", "without_ipd": "22%", "p": "10%"}

Cells = dict[str, str]


def trial_characteristics_table(table: TrialCharacteristics, protocol: Protocol) -> GT:
    """Lay out the characteristics of trials and of their groups, with the test of each."""
    rows = [*_quantities(table, protocol), *_blocks(table, protocol)]
    depths = [depth for depth, _ in rows]
    unit = protocol.unit[1]
    gt = (
        table_of(
            (cells for _, cells in rows),
            rowname_col="label",
            name="trial-characteristics",
        )
        .tab_stubhead("Characteristic")
        .cols_label(
            with_ipd=f"With participant data (n={table.with_ipd})",
            without_ipd=f"Without (n={table.without_ipd})",
            p="P value",
        )
        .cols_align("right", ["with_ipd", "without_ipd", "p"])
        .tab_style(style.text(weight="bold"), loc.stub([i for i, d in enumerate(depths) if not d]))
        .cols_width(WIDTHS)
    )
    for depth in (1, 2):
        gt = gt.tab_stub_indent([i for i, d in enumerate(depths) if d == depth], indent=2 * depth)
    level = f"{100 * protocol.model.level:g}%"
    first = (
        f"n=number of {unit}; values are numbers (percentages) unless said otherwise. Means are of "
        f"means or percentages of {unit}, each counting once; their {level} CIs use the t "
        "distribution."
    )
    second = (
        f"P values are from {count(table.permutations)} permutations of the {unit} between the two "
        "columns, all groups of one moving together: difference in means, in mean ranks "
        "(participants), or Pearson's χ² (numbers)."
    )
    return finished(gt, protocol, abbreviations=("CI", "IQR"), notes=[first, second])


def _quantities(table: TrialCharacteristics, protocol: Protocol) -> Iterator[tuple[int, Cells]]:
    for each in table.quantities:
        yield (
            0,
            {
                "label": _quantity_label(each, protocol),
                "with_ipd": _centre(each.with_ipd, each),
                "without_ipd": _centre(each.without_ipd, each),
                "p": p_value(each.p),
            },
        )


def _quantity_label(each: TrialQuantity, protocol: Protocol) -> str:
    names = {
        "participants": "Participants",
        "mean_age": "Mean age, years",
        "percent_female": "Female, %",
    }
    if each.name in names:
        name = names[each.name]
    else:
        outcome = protocol.outcomes[each.name]
        scale = f" ({outcome.scale[0]:g}-{outcome.scale[1]:g})" if outcome.scale else ""
        name = f"{outcome.label}{scale} at baseline"
    level = f"{100 * protocol.model.level:g}% CI"
    return f"{name}, {'median (IQR)' if each.summary == 'median' else f'mean ({level})'}"


def _centre(value: Centre | None, each: TrialQuantity) -> str:
    if value is None:
        return DASH
    if each.summary == "mean":
        return unbroken(with_interval(value.centre, value.low, value.high, 1))
    centre, low, high = (
        number(v, 1 if v % 1 else 0) for v in (value.centre, value.low, value.high)
    )
    return unbroken(f"{centre} ({low} to {high})")


def _blocks(table: TrialCharacteristics, protocol: Protocol) -> Iterator[tuple[int, Cells]]:
    for block in table.blocks:
        sizes = {"with_ipd": "", "without_ipd": ""}
        if block.counts == "groups":
            sizes = {"with_ipd": f"{block.with_ipd}", "without_ipd": f"{block.without_ipd}"}
        yield 0, {"label": _block_label(block, protocol), **sizes, "p": p_value(block.p)}
        for level in block.levels:
            yield (
                1 + level.depth,
                {
                    "label": _level_label(level, block),
                    "with_ipd": _share(level.with_ipd, block.with_ipd),
                    "without_ipd": _share(level.without_ipd, block.without_ipd),
                    "p": "",
                },
            )


def _block_label(block: TrialBlock, protocol: Protocol) -> str:
    treatment = protocol.treatment_label()
    return {
        "setting": "Setting",
        "treatment_arms": f"{treatment} groups",
        "comparison_arms": "Comparison groups",
        "type": f"Type of {in_sentence(treatment)}, groups",
        "design": f"Design of {in_sentence(treatment)}, groups",
        "delivery": f"Delivery of {in_sentence(treatment)}, groups",
        "comparison": "Type of comparison, groups",
    }[block.name]


def _level_label(level: LevelCounts, block: TrialBlock) -> str:
    if block.name not in {"treatment_arms", "comparison_arms"}:
        return level.label
    return {"0": "No group", "1": "1 group"}.get(level.label, f"{level.label} groups")


def _share(n: int, whole: int) -> str:
    return unbroken(f"{n} ({percent(n, whole)})") if whole else DASH

"""Appendix H: the number of tests, and P values that allow for it."""

from great_tables import GT, loc, style

from analysis.errors import ResultError
from analysis.formats import DASH, in_words, number, p_value
from analysis.protocol import Protocol
from analysis.results.multiplicity import AdjustedTest, Multiplicity
from analysis.tables.contrasts import outcome_title
from analysis.tables.frame import table_of
from analysis.tables.notes import finished


def multiplicity_table(result: Multiplicity, protocol: Protocol) -> GT:
    """Lay out the P value of each modifier and outcome, as found and adjusted, and the counts.

    Raises
    ------
    ResultError
        When nothing was tested.
    """
    if not result.tests:
        raise ResultError(
            "No interaction could be tested, so there is no multiplicity to show. Take the table "
            "out of the chapter."
        )
    families = list(dict.fromkeys((t.outcome, t.follow_up) for t in result.tests))
    keys = [f"f{index}" for index in range(len(families))]
    by = {(t.outcome, t.follow_up, t.modifier): t for t in result.tests}
    modifiers = [
        name for name in protocol.modifiers if any(t.modifier == name for t in result.tests)
    ]
    cells = [
        {
            "label": protocol.modifiers[name].label,
            **{
                column: text
                for key, family in zip(keys, families, strict=True)
                for column, text in _two(key, by.get((*family, name))).items()
            },
        }
        for name in modifiers
    ]
    below = f"P<{result.threshold:g}"
    cells += [
        _counts(f"Tests with {below}", result, families, keys),
        _expected("Expected by chance", result, families, keys),
    ]
    table = table_of(cells, rowname_col="label", name="multiplicity").tab_stubhead("Modifier")
    columns: list[str] = []
    for key, family in zip(keys, families, strict=True):
        columns += [f"{key}_p", f"{key}_adjusted"]
        table = table.tab_spanner(outcome_title(protocol, *family), columns[-2:], id=key)
    table = (
        table.cols_label({c: "P value" if c.endswith("_p") else "Adjusted" for c in columns})
        .cols_align("right", columns)
        .cols_width({"label": "31%", **dict.fromkeys(columns, f"{69 / len(columns):g}%")})
        .tab_style(style.text(weight="bold"), loc.stub([len(modifiers), len(modifiers) + 1]))
    )
    return finished(table, protocol, notes=[_note(result)])


def _two(key: str, test: AdjustedTest | None) -> dict[str, str]:
    return {
        f"{key}_p": DASH if test is None else p_value(test.p),
        f"{key}_adjusted": DASH if test is None else p_value(test.adjusted_p),
    }


def _of(result: Multiplicity, family: tuple[str, str]) -> list[AdjustedTest]:
    return [test for test in result.tests if (test.outcome, test.follow_up) == family]


def _counts(
    label: str, result: Multiplicity, families: list[tuple[str, str]], keys: list[str]
) -> dict[str, str]:
    cells = {"label": label}
    for key, family in zip(keys, families, strict=True):
        tests = _of(result, family)
        cells[f"{key}_p"] = f"{sum(t.p < result.threshold for t in tests)} of {len(tests)}"
        cells[f"{key}_adjusted"] = str(sum(t.adjusted_p < result.threshold for t in tests))
    return cells


def _expected(
    label: str, result: Multiplicity, families: list[tuple[str, str]], keys: list[str]
) -> dict[str, str]:
    cells = {"label": label}
    for key, family in zip(keys, families, strict=True):
        cells[f"{key}_p"] = number(result.threshold * len(_of(result, family)), 1)
        cells[f"{key}_adjusted"] = ""
    return cells


def _note(result: Multiplicity) -> str:
    models = "Adjusted" if result.adjusted_models else "Unadjusted"
    none = len(result.untested)
    plural = "" if none == 1 else "s"
    untested = f" {in_words(none).capitalize()} interaction{plural} had no test." if none else ""
    return (
        f"{models} models; all levels of a modifier are one test. Adjusted P values: Benjamini and "
        f"Hochberg, over all {len(result.tests)} tests of this table; those below "
        f"{result.threshold:g} have a false discovery rate of at most "
        f"{100 * result.threshold:g}% (if the tests are independent or positively dependent)."
        f"{untested}"
    )

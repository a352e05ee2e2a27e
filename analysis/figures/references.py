"""The reference lines of a forest plot: no effect, the overall effect, the worthwhile effect."""

from analysis.figures.specification import Reference
from analysis.figures.words import Words
from analysis.formats import number
from analysis.results.estimates import Measure


def reference_lines(
    measure: Measure, words: Words, *, overall: float | None, worthwhile: float | None
) -> tuple[Reference, ...]:
    """Return the lines that exist, each named with its value.

    Parameters
    ----------
    overall
        The overall effect; None when there is none to compare with.
    worthwhile
        The smallest worthwhile effect as a size, without direction.
    """
    decimals = words.places(measure)
    null = 1.0 if measure == "OR" else 0.0
    lines = [Reference(null, f"No effect ({null:g})", "null")]
    if overall is not None:
        lines.append(Reference(overall, f"Overall effect ({number(overall, decimals)})", "overall"))
    if worthwhile is not None:
        value = words.worthwhile(worthwhile, measure)
        text = f"Smallest worthwhile effect ({number(value, decimals)})"
        lines.append(Reference(value, text, "worthwhile"))
    return tuple(lines)

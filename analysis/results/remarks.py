"""What must be said about a fit, short enough for a footnote or a caption."""

from analysis.formats import in_units
from analysis.results.estimates import Estimate

BOUNDARY, COMMON_SLOPE = "Boundary fit", "The slope of"


def remarks(estimate: Estimate, unit: tuple[str, str]) -> tuple[str, ...]:
    """Shorten the warnings of a fit and put them into the words of the review.

    Which variances are zero is said in the table of the models; here it is said that some are.

    Parameters
    ----------
    estimate
        The estimate.
    unit
        What the review calls a group of the models, such as ``("trial", "trials")``.
    """
    return tuple(dict.fromkeys(_short(text, unit) for text in estimate.warnings))


def _short(warning: str, unit: tuple[str, str]) -> str:
    if warning.startswith(BOUNDARY):
        return f"A variance between {unit[1]} was estimated as zero (boundary fit)."
    if warning.startswith(COMMON_SLOPE):
        return f"A slope was taken as common to all {unit[1]}: its covariate varies in too few."
    return in_units(warning, unit)

"""What must be said about a fit, short enough for a footnote or a caption."""

from analysis.formats import in_units
from analysis.results.estimates import Estimate

BOUNDARY = "Boundary fit"


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
    zero = f"A variance between {unit[1]} was estimated as zero (boundary fit)."
    texts = [
        zero if text.startswith(BOUNDARY) else in_units(text, unit) for text in estimate.warnings
    ]
    return tuple(dict.fromkeys(texts))

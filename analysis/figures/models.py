"""How an estimate was made, in the words of a review, for the rows of a plot."""

from analysis.figures.specification import Model
from analysis.figures.words import Words
from analysis.formats import in_units
from analysis.results.estimates import Estimate
from analysis.results.remarks import remarks
from analysis.results.suppression import shown_count


def model_of(effect: Estimate, words: Words) -> Model:
    """Tell how an estimate was made; small numbers of participants left out are withheld."""
    excluded = effect.excluded.items()
    said = (*remarks(effect, words.unit), in_units(effect.not_estimable, words.unit))
    return Model(
        effect.formula,
        in_units(effect.convention, words.unit),
        tuple(f"{shown_count(n, words.minimum)} {reason}" for reason, n in excluded),
        tuple(text for text in said if text),
    )

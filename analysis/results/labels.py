"""The protocol's labels inside sentences, and the decimals that interactions are printed with."""

from analysis.protocol import Outcome


def in_sentence(label: str) -> str:
    """Write a label inside a sentence: a small first letter, unless it begins an abbreviation.

    Examples
    --------
    >>> in_sentence("Body mass index"), in_sentence("BMI")
    ('body mass index', 'BMI')
    """
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def interaction_decimals(outcome: Outcome) -> int:
    """Decimals of an interaction: two for ratios, else one more than effects on the outcome have.

    An interaction per year or point is much smaller than an effect.
    """
    return 2 if outcome.kind == "binary" else outcome.decimals + 1

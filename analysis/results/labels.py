"""The protocol's labels inside sentences, and the decimals that interactions are printed with."""

import re

from analysis.protocol import Outcome


def in_sentence(label: str) -> str:
    """Write a label inside a sentence: a small first letter, unless it begins an abbreviation.

    The range of a scale at its end, such as "(0-100)", is left to tables.

    Examples
    --------
    >>> in_sentence("Body mass index"), in_sentence("BMI"), in_sentence("General health (0-100)")
    ('body mass index', 'BMI', 'general health')
    """
    label = re.sub(r" \(\d+-\d+\)$", "", label)
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def interaction_decimals(outcome: Outcome) -> int:
    """Decimals of an interaction: two for ratios, else one more than effects on the outcome have.

    An interaction per year or point is much smaller than an effect.
    """
    return 2 if outcome.kind == "binary" else outcome.decimals + 1

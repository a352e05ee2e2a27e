"""The protocol's labels inside sentences."""


def in_sentence(label: str) -> str:
    """Write a label inside a sentence: a small first letter, unless it begins an abbreviation.

    Examples
    --------
    >>> in_sentence("Body mass index"), in_sentence("BMI")
    ('body mass index', 'BMI')
    """
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]

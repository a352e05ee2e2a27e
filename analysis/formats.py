"""Numbers as journals print them: a true minus sign, no negative zero, exact P values."""

import re
from collections.abc import Sequence
from math import isfinite

MINUS = "\N{MINUS SIGN}"
NARROW_SPACE = "\N{NARROW NO-BREAK SPACE}"
DASH = "\N{EN DASH}"
LIMITS = (0.05, 0.10)  # that sentences hold P values against


def number(value: float | None, decimals: int = 1) -> str:
    """Print a number with a fixed count of decimals; a dash when there is none.

    Examples
    --------
    >>> number(-0.04), number(-10.72)
    ('0.0', '−10.7')
    """
    if value is None or not isfinite(value):
        return DASH
    text = f"{abs(value):.{decimals}f}"
    return MINUS + text if value < 0 and float(text) else text


def count(value: int) -> str:
    """Print a count; from 10 000 on with a narrow space between thousands (BMJ style)."""
    return f"{value:,}".replace(",", NARROW_SPACE) if value >= 10_000 else str(value)


def interval(low: float | None, high: float | None, decimals: int = 1) -> str:
    """Print an interval with "to", since a dash next to a minus sign misleads."""
    return f"{number(low, decimals)} to {number(high, decimals)}"


def with_interval(
    value: float | None, low: float | None, high: float | None, decimals: int = 1
) -> str:
    """Print an estimate with its interval in brackets.

    Examples
    --------
    >>> with_interval(-10.7, -14.1, -7.4)
    '−10.7 (−14.1 to −7.4)'
    """
    return f"{number(value, decimals)} ({interval(low, high, decimals)})"


def p_value(p: float | None) -> str:
    """Print a P value exactly: two decimals, three below 0.01 and where two would be a limit.

    The limits are 0.05 and 0.10. One that is below 0.05 never reads as 0.050, which a sentence that
    says P<0.05 would belie.

    Examples
    --------
    >>> p_value(0.2231), p_value(0.0463), p_value(0.0497), p_value(0.004), p_value(0.00002)
    ('0.22', '0.046', '0.0497', '0.004', '<0.001')
    >>> p_value(0.0972), p_value(0.0998), p_value(0.1001), p_value(0.1052)
    ('0.097', '0.0998', '0.100', '0.11')
    """
    if p is None or not isfinite(p):
        return DASH
    if p < 0.001:
        return "<0.001"
    if p > 0.995:
        return ">0.99"
    for limit in LIMITS:
        if limit - 0.0005 <= p < limit:
            return f"{p:.4f}" if p < limit - 0.00005 else f"<{limit:.2f}"
        if limit - 0.005 <= p < limit + 0.005:
            return f"{p:.3f}"
    return f"{p:.3f}" if p < 0.01 else f"{p:.2f}"


def p_text(p: float | None) -> str:
    """Print a P value as it stands in a sentence: "P=0.03", "P<0.001"."""
    text = p_value(p)
    return f"P{text}" if text[0] in "<>" else f"P={text}"


def percent(part: float, whole: float, decimals: int = 0) -> str:
    """Print a share of a whole as "12%"; a dash when the whole is nothing."""
    return f"{100 * part / whole:.{decimals}f}%" if whole else DASH


def in_words(value: int) -> str:
    """Write whole numbers below ten as words, as journals ask, and others as digits."""
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    return words[value] if 0 <= value < len(words) else count(value)


def listing(items: Sequence[str], last: str = "and") -> str:
    """Join words as a sentence does: "a, b, and c".

    Examples
    --------
    >>> listing(["pain", "function"])
    'pain and function'
    """
    if len(items) < 3:
        return f" {last} ".join(items)
    return f"{', '.join(items[:-1])}, {last} {items[-1]}"


def in_units(text: str, unit: tuple[str, str]) -> str:
    """Replace the estimators' word for a group, trial, by that of the review.

    Examples
    --------
    >>> in_units("Variances rest on 4 trials only.", ("clinic", "clinics"))
    'Variances rest on 4 clinics only.'
    """
    one, many = unit
    return re.sub(r"\btrials\b", many, re.sub(r"\btrial\b", one, text))


def unbroken(text: str) -> str:
    """Keep a printed figure on one line: an estimate must not part from its interval."""
    return text.replace(" ", "\N{NO-BREAK SPACE}")

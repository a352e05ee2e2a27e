"""Recognise the instrument of a score by its name or, failing that, by its values."""

from collections.abc import Iterable
from typing import Literal

import numpy as np

from analysis.trials.proposal.field import KnownInstrument, vocabulary
from analysis.trials.proposal.guess import Confidence, Guess
from analysis.trials.proposal.words import Words

_USED = 0.75  # share of the range that the values of a trial reach, or it may be a longer scale
_FEWEST = 20  # values from which a scale may be guessed
_STEP_TOLERANCE = 1e-3  # of a step: files keep scores as decimal text or 32-bit numbers

Recognised = Guess[KnownInstrument | None]


def recognise(concept: str | None, names: Iterable[Words], values: np.ndarray) -> Recognised:
    """Find the instrument of a score.

    Parameters
    ----------
    concept
        What is measured.
    names
        Words of the columns' names and labels.
    values
        All known scores, n floats.

    Returns
    -------
    Guess
        The instrument with high confidence when the name says so and the values fit; with medium
        confidence when only scales of one range and direction fit the values; otherwise None.
    """
    shown = f"values {values.min():g} to {values.max():g}" if len(values) else "no values"
    known = [each for each in vocabulary().instruments if each.concept == concept]
    named = [each for each in known if any(_says(name, each) for name in names)]
    if named:
        return _one_of(named, values, shown, "high", "named")
    by_values = [each for each in known if each.by_values]
    if len(values) < _FEWEST:
        return Guess(None, "low", f"{shown}: too few to tell the scale")
    return _one_of(by_values, values, shown, "medium", "by its values")


def as_is(
    name: str, limits: tuple[float, float], higher: Literal["worse", "better"]
) -> KnownInstrument:
    """Describe a score that the file holds on the protocol's own scale."""
    return KnownInstrument(name=name, concept="", words=(), range=limits, higher=higher, step=None)


def _says(name: Words, instrument: KnownInstrument) -> bool:
    return any(set(words) <= set(name) or "".join(words) in name for words in instrument.words)


def _one_of(
    known: list[KnownInstrument],
    values: np.ndarray,
    shown: str,
    confidence: Confidence,
    how: str,
) -> Recognised:
    fitting = [each for each in known if _fits(each, values)]
    if not fitting:
        names = ", ".join(f"{i.name} {i.range[0]:g}-{i.range[1]:g}" for i in known)
        return Guess(None, "low", f"{shown} do not settle the scale ({names or 'none known'})")
    coarsest = max(each.step or 0.0 for each in fitting)
    likely = [each for each in fitting if (each.step or 0.0) == coarsest]
    if len({(each.range, each.higher) for each in likely}) > 1:
        names = " or ".join(f"{i.name} (higher is {i.higher})" for i in likely)
        return Guess(None, "low", f"{shown} fit {names}")
    first = likely[0]
    return Guess(first, confidence, f"{first.name} {how}, {shown}")


def _fits(instrument: KnownInstrument, values: np.ndarray) -> bool:
    low, high = instrument.range
    if not len(values) or values.min() < low or values.max() > high:
        return False
    steps = (values - low) / (instrument.step or 1.0)
    on_step = bool((np.abs(steps - np.round(steps)) < _STEP_TOLERANCE).all())
    return on_step and float(values.max() - low) / (high - low) >= _USED

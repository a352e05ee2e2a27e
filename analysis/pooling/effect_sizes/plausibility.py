"""Warn of summaries that look like another quantity: a standard error given as an SD."""

import warnings
from collections.abc import Callable, Hashable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from analysis.pooling.inputs import SHOWN, Floats, as_floats

SMALL = 1 / 3  # an SD below this share of the others' median is suspect
LARGE = 3.0  # a standardised difference beyond this is hardly ever real


class PlausibilityWarning(UserWarning):
    """Summaries are possible but unlikely: check them against the trials' reports.

    The message counts positions; `named` says the same with the names of the trials.
    """

    def __init__(self, what: str, found: Sequence[tuple[str, int]], advice: str) -> None:
        self.what, self.found, self.advice = what, found, advice
        super().__init__(self.named(lambda i: f"at position {i}"))

    def named(self, names: Callable[[int], str]) -> str:
        """Write the message with the place of each trial, such as "in Brown", by its position."""
        shown = ", ".join(f"{value} {names(i)}" for value, i in self.found[:SHOWN])
        more = len(self.found) - SHOWN
        rest = f" and {more} more" if more > 0 else ""
        return f"{self.what}: {shown}{rest}. {self.advice}"


def suspect_standard_errors(
    sd: ArrayLike, n: ArrayLike, scale: Sequence[Hashable] | None = None
) -> NDArray[np.int64]:
    """Return the positions of SDs that look like standard errors.

    An SD is suspect when it lies below a third of the median SD of the other arms on its scale,
    and SD·√n lies nearer to that median than the SD does (on the log scale).

    Parameters
    ----------
    sd, n : array_like, shape (arms,)
        A missing SD is passed over.
    scale : sequence of labels, optional
        Instrument of each arm; only arms of one instrument are compared. At least three others
        are needed.

    Raises
    ------
    ModelError
        Text.
    """
    values, counts = as_floats(sd, "sd"), as_floats(n, "n")
    labels = np.zeros(values.size) if scale is None else pd.factorize(np.asarray(scale, object))[0]
    usable = np.isfinite(values) & (values > 0)
    medians = np.full(values.size, np.nan)
    for label in np.unique(labels):
        rows = np.flatnonzero(usable & (labels == label))
        if rows.size > 3:
            medians[rows] = _median_of_others(values[rows])
    return np.flatnonzero(_look_like_errors(values, counts, medians))


def _look_like_errors(sd: Floats, n: Floats, others: Floats) -> NDArray[np.bool_]:
    """Return which SDs lie far below what they are compared with, and SD·√n nearer to it."""
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.log(sd / others)
        nearer = np.abs(share + np.log(n) / 2) < np.abs(share)
        return np.asarray((sd < SMALL * others) & nearer & (n > 1))


def _median_of_others(values: Floats) -> Floats:
    """Return for each of n ≥ 2 values the median of the others."""
    order = np.argsort(values, kind="stable")
    ranked, rank = values[order], np.empty(values.size, dtype=np.int64)
    rank[order] = np.arange(values.size)
    low, high = (values.size - 2) // 2, (values.size - 1) // 2
    return np.asarray((ranked[low + (rank <= low)] + ranked[high + (rank <= high)]) / 2)


def warn_standard_errors(sd: Floats, n: Floats, *, one_scale: bool) -> None:
    """Warn of SDs of both arms, arm 1 first, that look like standard errors.

    An SD is compared with that of the trial's other arm, and when all trials are on one scale with
    those of the other trials too.
    """
    k = sd.size // 2
    alone = _look_like_errors(sd, n, np.roll(sd, k))
    together = suspect_standard_errors(sd, n) if one_scale else np.flatnonzero(alone)
    suspects = np.union1d(np.flatnonzero(alone), together)
    if suspects.size:
        found = [(f"{sd[i]:.4g} (arm {1 + i // k}, n={n[i]:g})", int(i % k)) for i in suspects]
        what = "SDs far smaller than those of the other arms look like standard errors"
        advice = "Check the reports: an SD is the standard error times √n."
        warnings.warn(PlausibilityWarning(what, found, advice), stacklevel=3)


def warn_large(d: Floats) -> None:
    """Warn of standardised differences beyond 3."""
    rows = np.flatnonzero(np.abs(np.atleast_1d(d)) > LARGE)
    if rows.size:
        found = [(f"{np.atleast_1d(d)[i]:.3g}", int(i)) for i in rows]
        what = f"Standardised differences lie beyond {LARGE:g}"
        advice = "Is the SD a standard error? An SD is the standard error times √n."
        warnings.warn(PlausibilityWarning(what, found, advice), stacklevel=3)

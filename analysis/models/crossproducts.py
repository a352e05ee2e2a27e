"""Per-trial counts, means and centred cross-products: all that a linear mixed model needs.

A trial that may not share its participants can share these. What they disclose: the number of
participants, the mean of every column, and every variance and covariance. For two 0/1 columns that
is their two-by-two table, so a small cell of it is disclosed too; with about as many columns as
participants the rows themselves could be worked out up to a rotation. A trial below a minimum of
participants, or with fewer than two participants per column, is therefore refused.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from analysis.errors import ModelError
from analysis.models.design import INTERCEPT, Array, Design, Terms, build_design

SCHEMA = "ipdbook/crossproducts"
VERSION = 1
MINIMUM_PARTICIPANTS = 10


@dataclass(frozen=True, slots=True)
class Moments:
    """First and second moments of m columns in each of k trials.

    Attributes
    ----------
    terms
        The model's columns; ``terms.columns`` names the axes below.
    labels
        The k trials.
    n
        Participants per trial; shape (k,).
    mean
        Means per trial; shape (k, m).
    sscp
        Sums of squares and cross-products about the trial's own means; shape (k, m, m). Centring
        keeps columns far from zero (a year, a blood pressure) at full precision.
    excluded
        Reason to number of rows left out.
    """

    terms: Terms
    labels: tuple[Any, ...]
    n: Array
    mean: Array
    sscp: Array
    excluded: dict[str, int]


def moments(design: Design) -> Moments:
    """One pass over the participants of `design`, a trial at a time."""
    k, m = len(design.labels), len(design.arrays)
    mean, sscp = np.empty((k, m)), np.empty((k, m, m))
    columns = np.array(design.arrays)
    for j, (start, stop) in enumerate(pairwise(design.starts.tolist())):
        centre = columns[:, start:stop].mean(axis=1)
        block = columns[:, start:stop] - centre[:, None]
        mean[j], sscp[j] = centre, block @ block.T
    n = np.diff(design.starts).astype(float)
    return Moments(design.terms, design.labels, n, mean, sscp, dict(design.excluded))


def pool_moments(parts: Sequence[Moments]) -> Moments:
    """Join moments of the same columns; pieces of one trial are merged exactly.

    Merging follows Chan, Golub and LeVeque 1983 (American Statistician 37:242), equation 2.1, for
    means and cross-products. This is how files larger than memory are read in chunks.

    Raises
    ------
    ModelError
        When the parts were made for different models.
    """
    first = parts[0]
    for part in parts[1:]:
        if part.terms != first.terms:
            raise ModelError(
                f"Expected cross-products of one model, found columns {part.terms.columns} "
                f"beside {first.terms.columns}. Make them with the same formula and random terms."
            )
    merged: dict[Any, tuple[float, Array, Array]] = {}
    excluded: dict[str, int] = {}
    for part in parts:
        for label, *piece in zip(part.labels, part.n, part.mean, part.sscp, strict=True):
            merged[label] = _merge(merged.get(label), (piece[0], piece[1], piece[2]))
        for reason, count in part.excluded.items():
            excluded[reason] = excluded.get(reason, 0) + count
    n, mean, sscp = (np.array(field) for field in zip(*merged.values(), strict=True))
    return Moments(first.terms, tuple(merged), n, mean, sscp, excluded)


def _merge(
    a: tuple[float, Array, Array] | None, b: tuple[float, Array, Array]
) -> tuple[float, Array, Array]:
    if a is None:
        return b
    n, shift = a[0] + b[0], b[1] - a[1]
    mean = a[1] + shift * (b[0] / n)
    return n, mean, a[2] + b[2] + np.outer(shift, shift) * (a[0] * b[0] / n)


def crossproducts(
    data: pd.DataFrame | Iterable[pd.DataFrame],
    formula: str,
    groups: str,
    random: Sequence[str],
    *,
    intercepts: str = "random",
    stratified: Sequence[str] = (),
    minimum: int = MINIMUM_PARTICIPANTS,
) -> dict[str, Any]:
    """Summarise one or more trials for `fit_linear_mixed` without any participant.

    Parameters
    ----------
    data
        One row per participant; or the pieces of a file larger than memory, one after the other.
    formula, groups, random, intercepts, stratified
        As for `fit_linear_mixed`.
    minimum
        Smallest number of participants of a trial that may be summarised.

    Returns
    -------
    dict
        Ready for ``json.dumps``: schema and its version, the model, the names of the columns, and
        per trial n, means and the lower triangle of the centred cross-products.

    Raises
    ------
    ModelError
        When a trial has fewer than `minimum` participants or fewer than two per column.

    Notes
    -----
    The module's docstring says what such a summary discloses.
    """
    found: Moments | None = None
    for piece in [data] if isinstance(data, pd.DataFrame) else data:
        design = build_design(
            formula, piece, groups, random, intercepts=intercepts, stratified=stratified
        )
        if design.encoder.spec is not None:
            raise ModelError(
                f"Expected plain numeric columns, found categories or functions in {formula!r}. "
                "Code them as numbers first, in the same way in every trial."
            )
        part = moments(design)
        found = part if found is None else pool_moments([found, part])
    if found is None:
        raise ModelError("Expected at least one piece of the data, found none.")
    _refuse_small(found, minimum)
    lower = np.tril_indices(found.sscp.shape[1])
    return {
        "schema": SCHEMA,
        "version": VERSION,
        "model": {
            "formula": formula,
            "groups": groups,
            "fixed": list(found.terms.fixed),
            "random": list(found.terms.random),
            "stratified": list(found.terms.stratified),
        },
        "columns": list(found.terms.columns),
        "excluded": found.excluded,
        "trials": [
            {"trial": _plain(label), "n": int(n), "mean": mean.tolist(), "sscp": s[lower].tolist()}
            for label, n, mean, s in zip(found.labels, found.n, found.mean, found.sscp, strict=True)
        ],
    }


def _refuse_small(found: Moments, minimum: int) -> None:
    needed = max(minimum, 2 * found.sscp.shape[1])
    for label, n in zip(found.labels, found.n, strict=True):
        if n < needed:
            raise ModelError(
                f"Trial {label!r} has {int(n)} complete participants; its cross-products could "
                f"disclose them. Expected at least {needed}: leave it out or use fewer columns."
            )


def _plain(label: object) -> object:
    """Give a trial's label as JSON knows it (numpy's numbers become Python's)."""
    return label.item() if isinstance(label, np.generic) else label


def read_crossproducts(summaries: Sequence[Mapping[str, Any]]) -> tuple[Moments, str, str]:
    """Check and join what `crossproducts` made.

    Returns
    -------
    tuple
        The joint moments, the formula and the name of the grouping column.

    Raises
    ------
    ModelError
        For another schema or version, for different models, or for a trial that comes twice.
    """
    if not summaries:
        raise ModelError("Expected at least one set of cross-products, found none.")
    parts = [_read_one(summary) for summary in summaries]
    labels = [label for part in parts for label in part.labels]
    twice = sorted({str(label) for label in labels if labels.count(label) > 1})
    if twice:
        raise ModelError(f"Trial {', '.join(twice)} comes in more than one set of cross-products.")
    models = [summary["model"] for summary in summaries]
    for model in models[1:]:
        if model["groups"] != models[0]["groups"]:
            raise ModelError(f"Groups are called {model['groups']!r} and {models[0]['groups']!r}.")
    return pool_moments(parts), models[0]["formula"], models[0]["groups"]


def _read_one(summary: Mapping[str, Any]) -> Moments:
    if summary.get("schema") != SCHEMA or summary.get("version") != VERSION:
        raise ModelError(
            f"Expected {SCHEMA} version {VERSION}, found {summary.get('schema')!r} version "
            f"{summary.get('version')!r}. Make the cross-products again with this ipdbook."
        )
    model, columns, trials = summary["model"], summary["columns"], summary["trials"]
    terms = Terms(
        outcome=columns[-1],
        fixed=tuple(model["fixed"]),
        random=tuple(model["random"]),
        stratified=tuple(model["stratified"]),
    )
    m = len(columns)
    sscp = np.zeros((len(trials), m, m))
    rows, cols = np.tril_indices(m)
    sscp[:, rows, cols] = [trial["sscp"] for trial in trials]
    sscp[:, cols, rows] = sscp[:, rows, cols]
    return Moments(
        terms=terms,
        labels=tuple(trial["trial"] for trial in trials),
        n=np.array([float(trial["n"]) for trial in trials]),
        mean=np.array([trial["mean"] for trial in trials]),
        sscp=sscp,
        excluded=dict(summary["excluded"]),
    )


def with_intercept(found: Moments) -> tuple[tuple[str, ...], Array, Array]:
    """Put a column of ones before the means (k, m + 1) and cross-products (k, m + 1, m + 1)."""
    k, m = found.mean.shape
    mean = np.concatenate([np.ones((k, 1)), found.mean], axis=1)
    sscp = np.zeros((k, m + 1, m + 1))
    sscp[:, 1:, 1:] = found.sscp
    return (INTERCEPT, *found.terms.columns), mean, sscp

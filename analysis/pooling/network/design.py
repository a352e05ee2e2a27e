"""Check and arrange the contrasts of a network of trials: treatments, trials and designs."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from analysis.errors import ModelError
from analysis.pooling.inputs import SHOWN, Floats, as_floats, check_effects

SINGULAR = 1e-10  # smallest eigenvalue of a trial's covariance, as a share of its largest
Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Contrasts between treatments: y ~ N(C d, S + τ² P_trial + ω² P_design).

    Attributes
    ----------
    y : ndarray, shape (n,)
    S : ndarray, shape (n, n)
        Sampling covariance, zero between trials.
    C : ndarray, shape (n, t)
        1 for the treatment and −1 for the comparator of each contrast.
    treatments : tuple of str, length t
        The reference first.
    trial, design : ndarray of int, shape (n,)
    trials, designs : tuple of str
        Their labels.
    """

    y: Floats
    S: Floats
    C: Floats
    treatments: tuple[str, ...]
    trial: Codes
    design: Codes
    trials: tuple[str, ...]
    designs: tuple[str, ...]

    @property
    def basic(self) -> Floats:
        """Design of the effects of the other treatments against the reference, (n, t − 1)."""
        return self.C[:, 1:]

    def shape_within(self, groups: Codes) -> Floats:
        """Return the covariance of the contrasts' random effects, shape (n, n), per unit variance.

        Each treatment of a group (trial or design) has an independent effect of variance 1/2, so
        that every contrast has variance 1 and contrasts that share an arm correlate 1/2 (or −1/2,
        when the arm is the treatment of one and the comparator of the other).
        """
        return np.asarray(self.C @ self.C.T / 2 * np.equal.outer(groups, groups))

    def rows(self, groups: Codes) -> tuple[Codes, ...]:
        """Return the positions of the contrasts of each group."""
        return tuple(np.flatnonzero(groups == code) for code in range(int(groups.max()) + 1))


def check_network(
    effects: ArrayLike,
    covariance: ArrayLike,
    trial: Sequence[Hashable],
    treatment: Sequence[Hashable],
    comparator: Sequence[Hashable],
    *,
    design: Sequence[Hashable] | None,
    reference: Hashable | None,
) -> Network:
    """Return a connected network of contrasts; see `pool_network`."""
    S = _square(covariance)
    y, _ = check_effects(effects, np.diag(S))
    labels = [
        _labels(values, name, y.size)
        for values, name in ((trial, "trial"), (treatment, "treatment"), (comparator, "comparator"))
    ]
    _refuse_selves(*labels)
    treatments = _treatments(labels[1], labels[2], reference)
    codes, trials = pd.factorize(np.array(labels[0], dtype=object))
    place = {name: i for i, name in enumerate(treatments)}
    C = np.zeros((y.size, len(treatments)))
    C[np.arange(y.size), [place[name] for name in labels[1]]] = 1.0
    C[np.arange(y.size), [place[name] for name in labels[2]]] = -1.0
    _refuse_disconnected(C, treatments)
    groups = _arms(C, codes) if design is None else _labels(design, "design", y.size)
    designs, keys = pd.factorize(pd.Series(groups, dtype=object))
    names = [_said(key, treatments) for key in keys]
    network = Network(y, S, C, treatments, codes, designs, tuple(trials), tuple(names))
    _check_trials(network, given=np.ndim(covariance))
    return network


def _square(covariance: ArrayLike) -> Floats:
    S = as_floats(covariance, "pool_network: the covariance")
    if S.ndim not in {1, 2} or S.shape != S.shape[:1] * S.ndim:
        raise ModelError(
            "pool_network: expected the n × n covariance of the n effects, or their n variances "
            f"when every trial has two arms, found shape {S.shape}."
        )
    return np.diag(S) if S.ndim == 1 else S


def _labels(values: Sequence[Hashable], name: str, n: int) -> list[str]:
    if len(values) != n:
        raise ModelError(
            f"pool_network: expected the {name} of each of the {n} effects, found {len(values)} "
            "labels. Pass one label per effect."
        )
    missing = np.flatnonzero(pd.isna(pd.Series(list(values), dtype=object)))
    if missing.size:
        raise ModelError(
            f"pool_network: the {name} is missing for {missing.size} of {n} effects, at positions "
            f"{', '.join(map(str, missing[:SHOWN]))} (from 0). Fill it in, or leave these out."
        )
    return [str(value) for value in values]


def _refuse_selves(trial: list[str], treatment: list[str], comparator: list[str]) -> None:
    for where, one, other in zip(trial, treatment, comparator, strict=True):
        if one == other:
            raise ModelError(
                f"pool_network: trial {where} contrasts {one} with itself. Name the two treatments "
                "that it compares, or leave the contrast out."
            )


def _treatments(
    treatment: list[str], comparator: list[str], reference: Hashable | None
) -> tuple[str, ...]:
    names = sorted({*treatment, *comparator})
    first = names[0] if reference is None else str(reference)
    if first not in names:
        raise ModelError(
            f"pool_network: no trial has the reference {first!r}. The treatments are "
            f"{', '.join(names)}."
        )
    return (first, *(name for name in names if name != first))


def _refuse_disconnected(C: Floats, treatments: tuple[str, ...]) -> None:
    parts, member = connected_components(csr_array((C.T @ C) != 0), directed=False)
    if parts > 1:
        named = [
            ", ".join(sorted(treatments[i] for i in np.flatnonzero(member == part)))
            for part in range(parts)
        ]
        raise ModelError(
            f"The network falls into {parts} parts that no trial connects: {'; '.join(named)}. "
            "Pool each part on its own, or add a trial that links them."
        )


def _arms(C: Floats, trial: Codes) -> list[tuple[int, ...]]:
    """Return the treatments of the trial of each contrast: its design."""
    used = {code: np.abs(C[trial == code]).sum(axis=0) > 0 for code in np.unique(trial)}
    return [tuple(np.flatnonzero(used[code]).tolist()) for code in trial]


def _said(design: str | tuple[int, ...], treatments: tuple[str, ...]) -> str:
    if isinstance(design, str):
        return design
    return ", ".join(sorted(treatments[i] for i in design))


def _check_trials(network: Network, given: int) -> None:
    S = network.S
    if not np.allclose(S, S.T, rtol=1e-8, atol=0):
        raise ModelError("pool_network: the covariance is not symmetric. Check how it was filled.")
    apart = ~np.equal.outer(network.trial, network.trial)
    if np.any(S[apart] != 0):
        i, j = np.argwhere(apart & (S != 0))[0]
        raise ModelError(
            f"pool_network: the covariance of effects {i} and {j} (positions from 0) is {S[i, j]:g}"
            f", but they are of two trials, {network.trials[network.trial[i]]} and "
            f"{network.trials[network.trial[j]]}, and must be 0. Check the order of the rows."
        )
    for code, rows in enumerate(network.rows(network.trial)):
        _check_trial(network, network.trials[code], rows, given)


def _check_trial(network: Network, name: str, rows: Codes, given: int) -> None:
    arms = int((np.abs(network.C[rows]).sum(axis=0) > 0).sum())
    if np.unique(network.design[rows]).size > 1:
        raise ModelError(
            f"pool_network: trial {name} has more than one design. A trial has one: the set of its "
            "treatments."
        )
    if np.linalg.matrix_rank(network.C[rows]) < rows.size:
        raise ModelError(
            f"pool_network: trial {name} has {rows.size} contrasts of {arms} treatments, but only "
            f"{np.linalg.matrix_rank(network.C[rows])} can differ freely. Keep the contrasts with "
            "one of its arms, and give two trials two labels."
        )
    if rows.size > 1 and given == 1:
        raise ModelError(
            f"pool_network: trial {name} has {rows.size} contrasts, which share an arm and so are "
            "correlated. Give the covariance as an n × n matrix (see shared_control_covariance)."
        )
    values = np.linalg.eigvalsh(network.S[np.ix_(rows, rows)])
    if values[0] <= SINGULAR * values[-1]:
        raise ModelError(
            f"pool_network: the covariance of trial {name} is not positive definite. The covariance"
            " of two contrasts with one arm is the variance of that arm's outcome, below both "
            "variances."
        )

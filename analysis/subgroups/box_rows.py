"""Part of the participants of a search, or some of them several times."""

from dataclasses import replace

import numpy as np

from analysis.subgroups.covariates import MISSING
from analysis.subgroups.search_data import Codes, SearchData


def take(data: SearchData, rows: Codes) -> SearchData:
    """Keep the participants at these positions, a repeated one as often as it is named.

    Trials without participants left are dropped; covariates keep all their levels.
    """
    rows = rows[np.argsort(data.trial[rows], kind="stable")]
    present, trial = np.unique(data.trial[rows], return_inverse=True)
    return replace(
        data,
        outcome=data.outcome[rows],
        treat=data.treat[rows],
        trial=trial.astype(np.intp),
        labels=tuple(data.labels[i] for i in present),
        baseline=None if data.baseline is None else data.baseline[rows],
        covariates=tuple(replace(one, codes=one.codes[rows]) for one in data.covariates),
        rows=data.rows[rows],
    )


def complete(data: SearchData, covariates: list[str]) -> tuple[SearchData, dict[str, int]]:
    """Keep the participants of whom all these covariates are known.

    Returns
    -------
    SearchData, dict
        The participants, and reason to number of all who are left out, earlier ones included.
    """
    excluded = dict(data.excluded)
    known = np.ones(data.n, dtype=np.bool_)
    for name in covariates:
        here = data.covariate(name).codes != MISSING
        if lost := int((known & ~here).sum()):
            excluded[f"missing {name}"] = lost
        known &= here
    return (data if known.all() else take(data, np.flatnonzero(known))), excluded

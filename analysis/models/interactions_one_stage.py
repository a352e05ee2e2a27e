"""The first route to an interaction: one mixed model of all participants."""

from collections.abc import Mapping, Sequence

import numpy as np

from analysis.models.centring import CentredData
from analysis.models.one_stage import OneStage, reason_of
from analysis.models.result import MixedFit

NUMBERS = ["estimate", "se", "df", "ci_low", "ci_high", "p"]
SOURCES = {  # kind of interaction: the model that gives it, and the suffix of its column
    "within": ("within", "_c"),
    "across": ("both", "_mean"),
    "amalgamated": ("amalgamated", "_whole"),
}


def products(cases: CentredData, suffix: str) -> list[str]:
    """Return the names of treatment × modifier, one per column of the modifier."""
    return [f"{cases.treatment}:{name}{suffix}" for name in cases.modifier]


def fit_interactions(
    cases: CentredData,
    options: OneStage,
    kinds: Sequence[str] = ("within", "both", "amalgamated"),
) -> dict[str, MixedFit]:
    """Fit the models of `interactions`, or some `kinds` of them.

    Returns
    -------
    dict
        "within": the modifier centred by trial. "both": also the trial mean (unless the trials
        have fixed intercepts, which hold it) and treatment × trial mean. "amalgamated": the
        modifier centred at the mean of all participants instead.
    """
    covariates = [f"{name}_c" for name in (*cases.baseline, *cases.adjust)]
    centred = [*covariates, *(f"{name}_c" for name in cases.modifier)]
    whole = [*covariates, *(f"{name}_whole" for name in cases.modifier)]
    between = [f"{name}_mean" for name in cases.modifier if options.intercepts == "random"]
    frame = cases.data
    if "amalgamated" in kinds:
        frame = frame.assign(
            **{f"{name}_whole": frame[name] - frame[name].mean() for name in cases.modifier}
        )
    within, across = products(cases, "_c"), products(cases, "_mean")
    models = {
        "within": ([*centred, *within], centred),
        "both": ([*centred, *within, *between, *across], centred),
        "amalgamated": ([*whole, *products(cases, "_whole")], whole),
    }
    return {
        kind: options.fit(
            cases.outcome,
            [cases.treatment, *fixed],
            frame,
            cases.groups,
            [cases.treatment, *random],
        )
        for kind, (fixed, random) in models.items()
        if kind in kinds
    }


def one_stage_rows(cases: CentredData, fits: Mapping[str, MixedFit]) -> list[dict[str, object]]:
    """Return the rows of `Interactions.table` for those one-stage models that were fitted."""
    rows: list[dict[str, object]] = []
    for kind, (name, suffix) in SOURCES.items():
        if name not in fits:
            continue
        fit = fits[name]
        contrasts = cases.contrasts or ("per unit",)
        for contrast, term in zip(contrasts, products(cases, suffix), strict=True):
            reason = reason_of(fit, term)
            found = fit.contrast({term: 1.0})
            rows.append(
                {"stage": "one", "kind": kind, "contrast": contrast}
                | {name: np.nan if reason else getattr(found, name) for name in NUMBERS}
                | {"k": fit.k, "n": fit.n, "reason": reason, "convention": fit.convention}
            )
    return rows

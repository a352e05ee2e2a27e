"""The treatment effect, and treatment × side, for any sets of participants, many at once."""

from typing import Literal

import numpy as np

from analysis.errors import ModelError
from analysis.subgroups.fast_fit import FastFits, InferenceMethod, fit_last
from analysis.subgroups.products import effect_products, interaction_products
from analysis.subgroups.search_data import Codes, SearchData
from analysis.subgroups.sums import Centred, Mask, centred, sums_of_sides, whole

Intercepts = Literal["fixed", "random"]


def convention(intercepts: Intercepts, inference: InferenceMethod, *, adjusted: bool) -> str:
    """Say in one sentence how every effect of a search was estimated."""
    trial = "one fixed intercept per trial" if intercepts == "fixed" else "random trial effects"
    test = {"satterthwaite": "Satterthwaite t", "normal": "normal"}[inference]
    return (
        f"REML; random treatment effect by trial, {trial}"
        f"{', baseline of the outcome' if adjusted else ''}; {test} intervals and tests"
    )


def searched(data: SearchData, intercepts: Intercepts) -> Centred:
    """Centre the columns of `data` for one of the two models; ModelError for another word."""
    if intercepts not in ("fixed", "random"):
        raise ModelError(f"Expected intercepts='fixed' or 'random', found {intercepts!r}.")
    return centred(data, free=intercepts == "fixed")


def side_fits(
    data: SearchData,
    sides: Mask,
    *,
    within: Codes | None = None,
    intercepts: Intercepts = "fixed",
    inference: InferenceMethod = "satterthwaite",
    model: Centred | None = None,
) -> FastFits:
    """Fit y ~ treat + side + treat:side + baseline for every side; the term is treat:side.

    Parameters
    ----------
    data
        The participants.
    sides
        Who is on the side; (n, g), or (len(within), g) when `within` is given.
    within
        Positions of the participants of a node, rising; everybody when ``None``.
    intercepts
        ``"fixed"``: one free intercept per trial; ``"random"``: random trial effects. The treatment
        effect is random by trial in both.
    inference
        ``"satterthwaite"`` or ``"normal"``.
    model
        What `searched` made of `data`, when many calls share it.

    Returns
    -------
    FastFits
        Arrays of shape (g,): difference between the effect on the side and that of the others,
        equal to `analysis.models.fit_linear_mixed` with ``minimum_groups=2``.
    """
    model = searched(data, intercepts) if model is None else model
    rows = np.arange(data.n) if within is None else within
    part = subset(model, rows)
    side = sums_of_sides(part, np.asarray(sides, dtype=bool))
    node = whole(model, rows).spread(side.n.shape[-1])
    return fit_last(
        interaction_products(node, side, free=model.free, adjusted=model.adjusted),
        inference=inference,
    )


def effect_fits(
    data: SearchData,
    members: Mask,
    *,
    intercepts: Intercepts = "fixed",
    inference: InferenceMethod = "satterthwaite",
    model: Centred | None = None,
) -> FastFits:
    """Fit y ~ treat + baseline within each set of participants; the term is treat.

    Parameters
    ----------
    members
        Who belongs to the set; (n, g).
    data, intercepts, inference, model
        As `side_fits`.
    """
    model = searched(data, intercepts) if model is None else model
    node = sums_of_sides(model, np.asarray(members, dtype=bool))
    return fit_last(
        effect_products(node, free=model.free, adjusted=model.adjusted), inference=inference
    )


def subset(model: Centred, rows: Codes) -> Centred:
    """Keep the participants `rows` of a centred model."""
    return Centred(
        model.trial[rows], model.arm[rows], model.y[rows], model.b[rows],
        model.k, model.adjusted, model.free,
    )  # fmt: skip

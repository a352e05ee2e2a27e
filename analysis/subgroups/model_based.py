"""metaMOB: model-based recursive partitioning with random effects by trial."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import ModelError
from analysis.models import MixedFit, fit_linear_mixed
from analysis.models.design import Array
from analysis.subgroups.covariates import MISSING, Covariate
from analysis.subgroups.fast_fit import InferenceMethod
from analysis.subgroups.model_based_options import ModelBasedOptions, Parameters
from analysis.subgroups.model_based_tree import Grower
from analysis.subgroups.partition import chosen_covariates
from analysis.subgroups.partition_options import Benefit
from analysis.subgroups.search_data import Codes, SearchData
from analysis.subgroups.sides import Intercepts, searched
from analysis.subgroups.tree import SubgroupTree

STEPS = 50
SAME = 1e-3  # change of the log-likelihood that ends the alternation, as in glmertree


@dataclass(frozen=True, slots=True, eq=False)
class ModelBasedTree:
    """A tree, and the mixed model that it shares.

    Attributes
    ----------
    tree
        The subgroups. `p` of a split is that of the fluctuation test, `p_adjusted` and `p_overall`
        allow for the covariates of the node; the difference comes from treatment × side in one
        mixed model of the node, as elsewhere.
    effects
        One row per leaf: ``node, subgroup, effect, se, df, ci_low, ci_high, p`` from the one mixed
        model with an intercept and a treatment effect per leaf.
    iterations
        Alternations of tree and mixed model.
    converged
        Whether the log-likelihood came to rest.
    left_out
        Participants without one of the covariates, who take no part.
    """

    tree: SubgroupTree
    effects: pd.DataFrame
    iterations: int
    converged: bool
    left_out: int


def partition_model_based(
    data: SearchData,
    covariates: Sequence[str] | None = None,
    *,
    parameters: Parameters = "treatment",
    depth: int = 3,
    minimum: int = 20,
    level: float = 0.05,
    benefit: Benefit = "higher",
    intercepts: Intercepts = "fixed",
    inference: InferenceMethod = "satterthwaite",
    confidence: float = 0.95,
) -> ModelBasedTree:
    """Split where the treatment effect is unstable, given what varies between trials.

    A mixed model gives the trial effects, the random treatment effects by trial and the regression
    on the baseline; with these as an offset a tree of models outcome ~ treatment is grown, which
    splits at the covariate with the smallest p of an M-fluctuation test; the mixed model is fitted
    again with an intercept and a treatment effect per leaf; and so on until its likelihood rests.

    Parameters
    ----------
    data, covariates, depth, minimum, benefit, intercepts, inference, confidence
        As for `partition`.
    parameters
        What must be stable: ``"treatment"``, the treatment effect; ``"all"``, the intercept too,
        as GLMM trees do by default, so that purely prognostic covariates split as well.
    level
        Threshold on p, which allows for the number of covariates.

    Returns
    -------
    ModelBasedTree

    Raises
    ------
    ModelError
        For options that are none, a covariate that `data` do not have, or no participant with all
        covariates known.

    Notes
    -----
    Fokkema, Smits, Zeileis, Hothorn and Kelderman 2018, Behav Res Methods 50:2016 (GLMM trees);
    Huber, Benda and Friede 2022, Adv Data Anal Classif 16:797 (metaMOB, with stratified or random
    intercepts). The second could not be read in full: here the alternation starts from the mixed
    model without subgroups, and treatment is coded −½ and ½ in the tests. A break is looked for
    between distinct values only.
    """
    options = ModelBasedOptions(
        parameters, depth, minimum, level, benefit, intercepts, inference, confidence
    )
    chosen = chosen_covariates(data, covariates)
    rows = np.flatnonzero(np.all([one.codes != MISSING for one in chosen], axis=0))
    if rows.size == 0:
        raise ModelError(
            f"No participant has all {len(chosen)} covariates: search fewer of them at once."
        )
    tree, fit, iterations, converged = _alternate(data, chosen, rows, options)
    return ModelBasedTree(
        tree=tree,
        effects=_effects(tree, fit),
        iterations=iterations,
        converged=converged,
        left_out=data.n - rows.size,
    )


def _alternate(
    data: SearchData, covariates: tuple[Covariate, ...], rows: Codes, options: ModelBasedOptions
) -> tuple[SubgroupTree, MixedFit, int, bool]:
    """Alternate the mixed model and the tree until the log-likelihood rests."""
    grower = Grower(data, searched(data, options.intercepts), covariates, options)
    fit, frame = _mixed(data, rows, [rows], options)
    before, loglik = -np.inf, fit.loglik
    for step in range(1, STEPS + 1):
        offset = np.zeros(data.n)
        offset[rows] = _offset(fit, frame)
        tree = grower.grow(rows, offset)
        fit, frame = _mixed(data, rows, [leaf.members for leaf in tree.leaves], options)
        before, loglik = loglik, fit.loglik
        if abs(loglik - before) < SAME:
            return tree, fit, step, True
    return tree, fit, STEPS, False


def _mixed(
    data: SearchData, rows: Codes, leaves: Sequence[Codes], options: ModelBasedOptions
) -> tuple[MixedFit, pd.DataFrame]:
    """Fit one intercept and one treatment effect per leaf; rows of the frame are `rows`."""
    frame = pd.DataFrame(
        {"y": data.outcome[rows], "trial": data.trial[rows], "treat": data.treat[rows]}
    )
    fixed = []
    for i, leaf in enumerate(leaves):
        here = np.isin(rows, leaf).astype(float)
        frame[f"treat_{i}"] = here * frame["treat"]
        fixed.append(f"treat_{i}")
        if i:
            frame[f"leaf_{i}"] = here
            fixed.append(f"leaf_{i}")
    if data.baseline is not None:
        frame["base"] = data.baseline[rows]
        fixed.append("base")
    fit = fit_linear_mixed(
        f"y ~ {' + '.join(fixed)}",
        frame,
        "trial",
        ("treat",) if options.intercepts == "fixed" else ("1", "treat"),
        intercepts=options.intercepts,
        inference=options.inference,
        level=options.confidence,
        minimum_groups=2,
    )
    return fit, frame


def _offset(fit: MixedFit, frame: pd.DataFrame) -> Array:
    """Everything in the prediction but the intercepts and treatment effects of the leaves; (n,)."""
    own = fit.coefficients["estimate"]
    names = [name for name in own.index if str(name).startswith(("treat_", "leaf_"))]
    leaves = frame[names].to_numpy() @ own[names].to_numpy()
    return np.asarray(fit.predict(frame).to_numpy() - leaves)


def _effects(tree: SubgroupTree, fit: MixedFit) -> pd.DataFrame:
    rows = []
    for i, leaf in enumerate(tree.leaves):
        found = fit.contrast({f"treat_{i}": 1})
        rows.append(
            {
                "node": leaf.number, "subgroup": leaf.text, "effect": found.estimate,
                "se": found.se, "df": found.df, "ci_low": found.ci_low,
                "ci_high": found.ci_high, "p": found.p,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)

"""Treatment-covariate interactions: within trials, across trials, and mixed, as a warning."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import pandas as pd

from analysis.errors import ModelError
from analysis.models.centring import centre
from analysis.models.design import numeric
from analysis.models.interactions_one_stage import fit_interactions, one_stage_rows, products
from analysis.models.interactions_two_stage import TwoStageInteraction, two_stage_interaction
from analysis.models.one_stage import (
    Covariance,
    Inference,
    Intercepts,
    OneStage,
    Residual,
    joint_p,
)
from analysis.models.result import MixedFit
from analysis.models.trial_regression import Family
from analysis.models.variation import varies_by_group
from analysis.pooling import Interval, Method

Record = Mapping[str, Any]
Stage = Literal["one", "two", "both"]
KINDS = ("within", "both", "amalgamated")
WARNING = (
    "The amalgamated interaction mixes comparisons within and across trials and is open to "
    "aggregation bias: shown only beside the within-trial one, never instead of it."
)


@dataclass(frozen=True, slots=True, eq=False)
class Interactions:
    """Interactions of the treatment with one modifier.

    Attributes
    ----------
    records : tuple of dict
        One per stage ("one", "two"), kind ("within", "across", "amalgamated") and contrast:
        estimate, se, df, ci_low, ci_high, p (NaN when not estimable), k, n, reason, convention.
        Per unit of a numeric modifier; against the reference level of a categorical one. The
        across-trial row is per unit of the trial mean.
    joint_p : mapping of str to float
        Stage to p value of all within-trial contrasts together (Wald's chi-squared).
    fits : mapping of str to MixedFit
        The one-stage models: "within" is the model of the within-trial row; "both" adds the trial
        mean and its product with treatment, and gives the across-trial row.
    two_stage : TwoStageInteraction or None
        Per-trial results and their synthesis.
    k, n : int
        Trials and participants of the model.
    k_informative : int
        Trials with both arms and a modifier that varies: only they inform the within-trial row.
    excluded : mapping of str to int
        Reason to number of participants left out.
    warnings : tuple of str
    """

    records: tuple[Record, ...]
    joint_p: Mapping[str, float]
    fits: Mapping[str, MixedFit]
    two_stage: TwoStageInteraction | None
    k: int
    n: int
    k_informative: int
    excluded: Mapping[str, int]
    warnings: tuple[str, ...]

    @property
    def table(self) -> pd.DataFrame:
        """The records as rows of a table."""
        return pd.DataFrame(self.records)

    def find(self, kind: str = "within", stage: str = "one", contrast: str = "") -> Record | None:
        """Return one record, the first contrast by default; None when there is no such one."""
        for record in self.records:
            asked = record["kind"] == kind and record["stage"] == stage
            if asked and contrast in {"", record["contrast"]}:
                return record
        return None

    def row(self, kind: str = "within", stage: str = "one", contrast: str = "") -> Record:
        """Return one record, the first contrast by default; ModelError when there is none."""
        found = self.find(kind, stage, contrast)
        if found is None:
            raise ModelError(
                f"There is no {kind!r} interaction of stage {stage!r} {contrast!r}; there are "
                f"{sorted({(str(each['stage']), str(each['kind'])) for each in self.records})}."
            )
        return found


def interactions(
    data: pd.DataFrame,
    *,
    outcome: str,
    treatment: str,
    modifier: str,
    groups: str,
    baseline: str | None = None,
    adjust: Sequence[str] = (),
    reference: Hashable | None = None,
    family: Family = "gaussian",
    inference: Inference = "satterthwaite",
    intercepts: Intercepts = "random",
    covariance: Covariance = "diagonal",
    residual: Residual = "common",
    stage: Stage = "one",
    kinds: Sequence[str] = KINDS,
    method: Method = "REML",
    interval: Interval = "knapp-hartung",
    level: float = 0.95,
) -> Interactions:
    """Estimate the interaction of the treatment with one modifier, within and across trials.

    Parameters
    ----------
    data : DataFrame
        One row per participant. The complete cases of all columns below are used, and centring
        uses exactly them.
    outcome, treatment, modifier, groups, baseline
        Columns; the treatment is 0 or 1.
    adjust : sequence of str
        Further covariates; the modifier is left out of them.
    reference
        Reference level; makes a numeric modifier categorical.
    family : {"gaussian", "binomial"}
    inference, intercepts, covariance, residual
        See `fit_linear_mixed`; a binary outcome has normal intervals.
    stage : {"one", "two", "both"}
    kinds : sequence of str
        What to fit, of "within", "both" (which gives the across-trial row, of either stage) and
        "amalgamated" (one stage only); "within" is always among them.
    method, interval
        Of the second stage, see `analysis.pooling.pool`; contrasts of more than two levels are
        pooled together (multivariate REML, normal intervals).
    level : float

    Returns
    -------
    Interactions

    Raises
    ------
    ModelError
        An unknown column or option, a treatment other than 0/1, no complete case.

    Notes
    -----
    Within-trial, one stage: y = (b0 + u0) + (b1 + u1) treat + (b2 + u2) baseline_c + (b3 + u3) x_c
    + b4 treat·x_c + adjusters_c with their own random effects; _c is centred at the trial mean,
    and b4 is the interaction. The across-trial row is the coefficient of treat × trial mean of x
    when that product and the trial mean are added to the same model (with fixed intercepts, the
    product alone). Riley, Debray, Fisher et al. 2020, Stat Med 39:2115; Fisher 2017, BMJ 356:j573.
    """
    if stage not in get_args(Stage) or family not in get_args(Family):
        raise ModelError(
            f"interactions: stage must be one, two or both and family gaussian or binomial, but "
            f"they are {stage!r} and {family!r}."
        )
    cases = centre(
        data, outcome=outcome, treatment=treatment, groups=groups, modifier=modifier,
        baseline=baseline, adjust=adjust, reference=reference,
    )  # fmt: skip
    records: list[Record] = []
    joint = {}
    fits: dict[str, MixedFit] = {}
    second: TwoStageInteraction | None = None
    if stage != "two":
        options = OneStage(family, inference, intercepts, covariance, level, residual)
        fits = fit_interactions(cases, options, ("within", *kinds))
        records += one_stage_rows(cases, fits)
        joint["one"] = joint_p(fits["within"], products(cases, "_c"))
    if stage != "one":
        second = two_stage_interaction(
            cases, family=family, method=method, interval=interval, level=level,
            across_too="both" in kinds,
        )  # fmt: skip
        records += second.rows
        joint["two"] = second.joint_p
    columns = [numeric(cases.data[name]) for name in (treatment, *cases.modifier)]
    varies = varies_by_group(columns, cases.data[groups])
    return Interactions(
        records=tuple(records),
        joint_p=joint,
        fits=fits,
        two_stage=second,
        k=varies.shape[1],
        n=len(cases.data),
        k_informative=int((varies[0] & varies[1:].any(axis=0)).sum()),
        excluded=cases.excluded,
        warnings=_warnings(fits),
    )


def _warnings(fits: Mapping[str, MixedFit]) -> tuple[str, ...]:
    if not fits:
        return ()
    return (*fits["within"].warnings, *([WARNING] if "amalgamated" in fits else []))

"""Network meta-analysis of contrasts, with random inconsistency between designs."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from analysis.errors import ModelError
from analysis.pooling.certificate import UNCERTIFIED
from analysis.pooling.chi_squared import ChiSquared
from analysis.pooling.inputs import Floats
from analysis.pooling.multilevel.components_fit import maximise
from analysis.pooling.network.design import check_network
from analysis.pooling.network.fit import arrange, check_identified, predicted, q_tests
from analysis.pooling.options import check_choice, check_level

Inconsistency = Literal["random", "none"]
NetworkMethod = Literal["REML", "ML", "common"]


class TreatmentContrast(NamedTuple):
    """Effect of one treatment against another, with its confidence and prediction intervals."""

    estimate: float
    se: float
    ci_low: float
    ci_high: float
    p: float
    pi_low: float
    pi_high: float


@dataclass(frozen=True, slots=True, eq=False)
class NetworkEffects:
    """Effects of the treatments of a network.

    Attributes
    ----------
    treatments : tuple of str, length t
        The reference first.
    estimate, se : ndarray, shape (t − 1,)
        Effects of the others against the reference (the basic parameters).
    vcov : ndarray, shape (t − 1, t − 1)
        Their covariance, the variances held at their estimates.
    tau2 : float
        Variance of a contrast between trials of one design (heterogeneity).
    omega2 : float
        Variance of a contrast between designs (inconsistency); 0 when there is none by assumption.
    q, q_heterogeneity, q_inconsistency : ChiSquared
        Of all contrasts under the common-effect model; its part within designs; the rest, between
        designs (design-by-treatment interaction).
    trial_effects : DataFrame
        Per contrast: trial, treatment, comparator, effect, se: its predicted heterogeneity.
    design_effects : DataFrame
        Per contrast of a design: design, treatment, comparator, effect, se: its predicted
        inconsistency, 0 when there is none by assumption.
    contrasts, trials, designs : int
        How many.
    loglik : float
        (Restricted) log-likelihood; REML's depends on the arm that a trial's contrasts share.
    converged : bool
        Whether the optimum was certified; if not, all that rests on it is nan.
    level : float
    inconsistency, method : str
        As asked for.
    convention : str
        What must be said under a table that prints these numbers.
    """

    treatments: tuple[str, ...]
    estimate: Floats
    se: Floats
    vcov: Floats
    tau2: float
    omega2: float
    q: ChiSquared
    q_heterogeneity: ChiSquared
    q_inconsistency: ChiSquared
    trial_effects: pd.DataFrame
    design_effects: pd.DataFrame
    contrasts: int
    trials: int
    designs: int
    loglik: float
    converged: bool
    level: float
    inconsistency: Inconsistency
    method: NetworkMethod
    convention: str

    def contrast(self, treatment: Hashable, comparator: Hashable) -> TreatmentContrast:
        """Return the effect of a treatment against another, with its intervals.

        The prediction interval is of the effect in a new trial of a new design:
        estimate ± z·√(τ² + ω² + se²); nan for the common effect.

        Raises
        ------
        ModelError
            A treatment that is not in the network, or twice the same.
        """
        weights = np.zeros(len(self.treatments))
        weights[self._place(treatment)] += 1
        weights[self._place(comparator)] -= 1
        if not weights.any():
            raise ModelError(
                f"A contrast needs two treatments, but got {treatment!r} twice: its effect against "
                "itself is 0."
            )
        estimate = float(weights[1:] @ self.estimate)
        se = float(np.sqrt(weights[1:] @ self.vcov @ weights[1:]))
        z = -float(ndtri((1 - self.level) / 2))
        spread = float("nan") if self.method == "common" else self.tau2 + self.omega2
        wide = z * float(np.sqrt(spread + se**2))
        return TreatmentContrast(
            estimate=estimate,
            se=se,
            ci_low=estimate - z * se,
            ci_high=estimate + z * se,
            p=float(2 * ndtr(-abs(estimate / se))),
            pi_low=estimate - wide,
            pi_high=estimate + wide,
        )

    def _place(self, treatment: Hashable) -> int:
        if str(treatment) not in self.treatments:
            raise ModelError(
                f"The network has no treatment {treatment!r}. It has {', '.join(self.treatments)}."
            )
        return self.treatments.index(str(treatment))


def pool_network(
    effects: ArrayLike,
    covariance: ArrayLike,
    trial: Sequence[Hashable],
    treatment: Sequence[Hashable],
    comparator: Sequence[Hashable],
    *,
    design: Sequence[Hashable] | None = None,
    reference: Hashable | None = None,
    inconsistency: Inconsistency = "random",
    method: NetworkMethod = "REML",
    level: float = 0.95,
) -> NetworkEffects:
    """Pool the contrasts of a network of trials under a random-effects model.

    y ~ N(X d, S + τ² P_trial + ω² P_design). d are the effects against the reference. Within a
    trial (P_trial) and within a design (P_design), contrasts have variance 1 and correlate 1/2 when
    they share an arm.

    Parameters
    ----------
    effects : array_like, shape (n,)
        Effect of `treatment` against `comparator`; a trial of a arms has a − 1 contrasts.
    covariance : array_like, shape (n, n) or (n,)
        Their sampling covariance, zero between trials; variances when all trials have two arms.
    trial, treatment, comparator : sequences of n labels
    design : sequence of n labels, optional
        By default all the treatments of the trial.
    reference : label, optional
        Treatment that the others are compared with; by default the first in alphabetical order.
    inconsistency : {"random", "none"}
        Random effects of designs, or ω² = 0: the consistency model.
    method : {"REML", "ML", "common"}
        Of τ² and ω²; "common" holds both at 0.
    level : float
        Coverage of the normal intervals.

    Returns
    -------
    NetworkEffects

    Raises
    ------
    ModelError
        Bad effects; labels that are missing or too few; a contrast of a treatment with itself; a
        network that falls into parts; contrasts of a trial that cannot differ freely; a covariance
        that is not positive definite or not zero between trials; variances that the network says
        nothing about; an unknown option.

    References
    ----------
    Jackson, Barrett, Rice, White and Higgins 2014, Stat Med 33:3639 (random inconsistency); Law,
    Jackson, Turner, Rhodes and Viechtbauer 2016, BMC Med Res Methodol 16:87 (REML); Krahn, Binder
    and König 2013, BMC Med Res Methodol 13:35 (parts of Q).
    """
    check_options(inconsistency, method, level)
    network = check_network(
        effects, covariance, trial, treatment, comparator, design=design, reference=reference
    )
    random = method != "common"
    two = random and inconsistency == "random"
    if random:
        check_identified(network, inconsistency=two)
    data = arrange(network, heterogeneity=random, inconsistency=two)
    fit = maximise(data, restricted=method == "REML").or_nan()
    tau2, omega2 = (*map(float, fit.sigma2), 0.0, 0.0)[:2]
    names = pd.DataFrame(
        {
            "trial": [network.trials[code] for code in network.trial],
            "design": [network.designs[code] for code in network.design],
            "treatment": list(map(str, treatment)),
            "comparator": list(map(str, comparator)),
        }
    )
    q, q_heterogeneity, q_inconsistency = q_tests(network)
    return NetworkEffects(
        treatments=network.treatments,
        estimate=fit.beta,
        se=np.sqrt(np.diag(fit.vcov)),
        vcov=fit.vcov,
        tau2=tau2,
        omega2=omega2,
        q=q,
        q_heterogeneity=q_heterogeneity,
        q_inconsistency=q_inconsistency,
        trial_effects=predicted(network, fit, network.trial, tau2, names.drop(columns="design")),
        design_effects=predicted(
            network, fit, network.design, omega2, names.drop(columns="trial")
        ).drop_duplicates(["design", "treatment", "comparator"], ignore_index=True),
        contrasts=network.y.size,
        trials=len(network.trials),
        designs=len(network.designs),
        loglik=fit.loglik,
        converged=fit.converged,
        level=level,
        inconsistency=inconsistency,
        method=method,
        convention=_convention(inconsistency, method, converged=fit.converged),
    )


def check_options(inconsistency: str, method: str, level: float) -> None:
    """Refuse unknown options of a network meta-analysis."""
    check_choice("pool_network: inconsistency", inconsistency, get_args(Inconsistency))
    check_choice("pool_network: method", method, get_args(NetworkMethod))
    check_level("pool_network", level)


def _convention(inconsistency: str, method: str, *, converged: bool) -> str:
    if method == "common":
        return "network of contrasts, common effects, consistency assumed; normal intervals"
    between = (
        "random inconsistency between designs"
        if inconsistency == "random"
        else "consistency assumed"
    )
    warning = "" if converged else UNCERTIFIED
    return (
        f"network of contrasts, random effects, {method}; {between}; normal intervals; "
        f"the variances are held at their estimates{warning}"
    )

"""What a mixed-model fit gives back: estimates, intervals, and all that a table note must say."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from analysis.errors import ModelError
from analysis.models.design import INTERCEPT, Array, Encoder, Terms
from analysis.models.inference import Inference, interval


@dataclass(frozen=True, slots=True)
class Contrast:
    """A linear combination of fixed effects.

    Attributes
    ----------
    estimate, se, df, ci_low, ci_high, p
        As the columns of `MixedFit.coefficients`; NaN when `reason` is given.
    reason
        Why the combination cannot be estimated; empty when it can.
    """

    estimate: float
    se: float
    df: float
    ci_low: float
    ci_high: float
    p: float
    reason: str = ""


@dataclass(frozen=True, slots=True)
class MixedFit:
    """A fitted linear or logistic mixed model with one grouping factor.

    Attributes
    ----------
    formula, groups, terms
        The model; ``terms.fixed`` and ``terms.random`` name the effects, the intercept being
        ``"Intercept"``.
    family
        ``"gaussian"`` or ``"binomial"``.
    convention
        One sentence for a table note: criterion, kind of interval, level, covariance.
    level
        Confidence level of all intervals.
    k, n
        Trials and participants used.
    loglik
        Restricted log-likelihood under REML; NaN when the model is not estimable.
    singular
        Whether a variance is zero or a correlation is ±1.
    converged
        Whether the optimality conditions were checked and hold.
    warnings
        Sentences about this fit, for its note.
    excluded
        Reason to number of rows left out.
    not_estimable
        Term, ``sd(term)`` or ``residual_sd`` to the reason why it has no estimate.
    """

    formula: str
    groups: str
    terms: Terms
    family: str
    convention: str
    level: float
    k: int
    n: int
    loglik: float
    singular: bool
    converged: bool
    warnings: tuple[str, ...]
    excluded: Mapping[str, int]
    not_estimable: Mapping[str, str]
    _labels: tuple[object, ...]
    _names: tuple[str, ...]
    _beta: Array
    _inference: Inference
    _covariance: Array
    _residual: Array
    _effects: Array
    _intercepts: Array | None
    _encoder: Encoder
    _profile: Callable[[int, float], tuple[float, float]] | None

    @property
    def random(self) -> tuple[str, ...]:
        """Names of the random effects."""
        return self.terms.random

    @property
    def deviance(self) -> float:
        """Minus twice `loglik`."""
        return -2 * self.loglik

    @property
    def coefficients(self) -> pd.DataFrame:
        """Estimate, se, df, ci_low, ci_high and p of each fixed effect; NaN where not estimable."""
        rows = self._tests(np.eye(len(self._names)))
        columns = ["estimate", "se", "df", "ci_low", "ci_high", "p"]
        table = pd.DataFrame(rows, index=pd.Index(self._names, name="term"), columns=columns)
        return table.reindex(pd.Index(self.terms.fixed, name="term"))

    @property
    def vcov(self) -> pd.DataFrame:
        """Covariance matrix of the fixed effects that could be estimated."""
        return pd.DataFrame(self._inference.vcov, index=self._names, columns=self._names)

    def sd(self, term: str) -> float:
        """Give the standard deviation over the trials of one random effect."""
        at = self.random.index(term)
        return float(np.sqrt(self._covariance[at, at]))

    @property
    def random_sd(self) -> pd.Series:
        """Standard deviation over the trials of each random effect."""
        return pd.Series(np.sqrt(self._covariance.diagonal()), index=self.random, name="random_sd")

    @property
    def correlation(self) -> pd.DataFrame:
        """Correlation of the random effects; NaN beside a standard deviation of zero."""
        sd = np.sqrt(self._covariance.diagonal())
        sd = np.where(sd > 0, sd, np.nan)
        return pd.DataFrame(
            self._covariance / np.outer(sd, sd), index=self.random, columns=self.random
        )

    @property
    def residual_sd(self) -> float | pd.Series:
        """Residual standard deviation: one number, or one per trial; NaN for a binary outcome."""
        if self._residual.size == 1:
            return float(self._residual[0])
        return pd.Series(self._residual, index=list(self._labels), name="residual_sd")

    def contrast(self, weights: Mapping[str, float]) -> Contrast:
        """Estimate the sum of `weights` times fixed effects, with its own degrees of freedom.

        Parameters
        ----------
        weights
            Term to weight, such as ``{"treat": 1, "treat:age_c": 10}``.

        Raises
        ------
        ModelError
            For a term that the model does not have.
        """
        for term in weights:
            if term not in self.terms.fixed:
                raise ModelError(
                    f"No fixed effect {term!r}; there are {', '.join(self.terms.fixed)}."
                )
        missing = [term for term, w in weights.items() if w and term not in self._names]
        if missing:
            reason = self.not_estimable.get(missing[0], "not estimable")
            nan = float("nan")
            return Contrast(nan, nan, nan, nan, nan, nan, f"{missing[0]}: {reason}")
        row = self._tests(np.array([[weights.get(name, 0.0) for name in self._names]]))[0]
        estimate, se, df, low, high, p = (float(value) for value in row)
        return Contrast(estimate, se, df, low, high, p)

    def joint(self, terms: Sequence[str]) -> tuple[Array, Array]:
        """Estimates (c,) and covariance matrix (c, c) of fixed effects that could be estimated."""
        at = [self._names.index(term) for term in terms]
        return self._beta[at], self._inference.vcov[np.ix_(at, at)]

    def _tests(self, weights: Array) -> Array:
        """Rows of estimate, se, df, limits and p for combinations of shape (c, p)."""
        estimate = weights @ self._beta
        se, df = self._inference.se_and_df(weights)
        return np.column_stack([estimate, se, df, *interval(estimate, se, df, self.level)])

    def random_sd_interval(self, term: str) -> tuple[float, float]:
        """Profile-likelihood interval of one random effect's standard deviation; NaN without one.

        A lower limit of 0 means that no heterogeneity is compatible with the data at this level.
        """
        if self._profile is None:
            return float("nan"), float("nan")
        return self._profile(self.random.index(term), self.level)

    def random_sd_intervals(self) -> pd.DataFrame:
        """Profile-likelihood intervals of the random effects' standard deviations.

        Returns
        -------
        DataFrame
            Columns ``sd``, ``ci_low`` and ``ci_high`` by random effect; a lower limit of 0 means
            that no heterogeneity is compatible with the data at this level.
        """
        limits = [self.random_sd_interval(term) for term in self.random]
        table = pd.DataFrame(limits, index=self.random_sd.index, columns=["ci_low", "ci_high"])
        table.insert(0, "sd", self.random_sd)
        return table

    def blups(self) -> pd.DataFrame:
        """Predicted random effects: trials by terms (plus the trial's own intercept when fixed)."""
        index = pd.Index(list(self._labels), name=self.groups)
        table = pd.DataFrame(self._effects, index=index, columns=list(self.random))
        if self._intercepts is not None:
            table.insert(0, INTERCEPT, self._intercepts)
        return table

    def predict(self, data: pd.DataFrame, *, random: bool = True) -> pd.Series:
        """Give the expected outcome (a probability for a binary one) of each row of `data`.

        Parameters
        ----------
        data
            Has the model's columns, and that of the groups.
        random
            Add the predicted random effects; a trial unknown to the fit gets none. Fits with
            fixed intercepts know only their own trials: other rows are NaN, as are rows with a
            missing value.

        Raises
        ------
        ModelError
            When slopes were stratified by trial, or a column is missing.
        """
        if len(self.terms.stratified) > 1:
            raise ModelError(
                "The slopes stratified by trial were profiled out, so rows cannot be predicted. "
                "Fit the model with random slopes instead."
            )
        if not self._names:
            return pd.Series(np.nan, index=data.index)
        names = dict.fromkeys((*self._names, *self.random))
        columns = self._encoder.columns(tuple(names), data)
        columns[INTERCEPT] = np.ones(len(data))
        value = sum((columns[t] * b for t, b in zip(self._names, self._beta, strict=True)), 0.0)
        value = value + np.zeros(len(data))
        trial = pd.Index(list(self._labels)).get_indexer(pd.Index(data[self.groups]))
        if self._intercepts is not None:
            value = value + np.where(trial >= 0, self._intercepts[trial], np.nan)
        if random:
            for t, u in zip(self.random, self._effects.T, strict=True):
                value = value + np.where(trial >= 0, u[trial], 0.0) * columns[t]
        if self.family == "binomial":
            value = 1 / (1 + np.exp(-value))
        return pd.Series(value, index=data.index, name=self.terms.outcome)

    def summary(self) -> str:
        """Text table of the fit with its notes."""
        lines = [f"{self.formula}, random by {self.groups}: {', '.join(self.random) or 'none'}"]
        lines += ["", _rounded(self.coefficients).to_string(), ""]
        lines += [f"sd({name}) = {value:.4g}" for name, value in self.random_sd.items()]
        if self.family == "gaussian" and self._residual.size == 1:
            lines.append(f"residual sd = {self._residual[0]:.4g}")
        return "\n".join([*lines, "", *self.notes()])

    def notes(self) -> list[str]:
        """Sentences for a table note: sizes, convention, warnings, exclusions, no estimates."""
        out = [f"{self.k} trials, {self.n} participants. {self.convention}."]
        out += list(self.warnings)
        out += [f"Left out: {count} rows, {reason}." for reason, count in self.excluded.items()]
        out += [f"Not estimable: {term} ({why})." for term, why in self.not_estimable.items()]
        return out

    def __getstate__(self) -> list[object]:
        """Leave the participants of a logistic fit (kept for its profiles) out of a pickle."""
        values = [getattr(self, field.name) for field in fields(self)]
        if self.family == "binomial":
            values[-1] = None
        return values

    def _repr_html_(self) -> str:
        """Table for a notebook."""
        table = _rounded(self.coefficients).to_html(na_rep="–")
        spread = _rounded(self.random_sd.to_frame("sd over trials")).to_html(na_rep="–")
        notes = "".join(f"<li>{note}</li>" for note in self.notes())
        return f"<p><code>{self.formula}</code></p>{table}{spread}<ul>{notes}</ul>"


def _rounded(table: pd.DataFrame) -> pd.DataFrame:
    return table.map(lambda value: float(f"{value:.4g}"))

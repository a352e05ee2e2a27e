"""The options of a linear mixed model: checked once, and said in one sentence."""

from dataclasses import dataclass

from analysis.errors import ModelError
from analysis.models.design import Terms
from analysis.models.skeleton import check_option

METHODS = {
    "satterthwaite": "Satterthwaite t intervals",
    "kenward-roger": "Kenward-Roger t intervals with adjusted standard errors",
    "normal": "normal intervals",
}


@dataclass(frozen=True, slots=True)
class LinearOptions:
    """How `fit_linear_mixed` fits; its docstring says what each option means.

    Raises
    ------
    ModelError
        For a value that is no option, or options that contradict one another.
    """

    covariance: str = "diagonal"
    residual: str = "common"
    reml: bool = True
    inference: str = "satterthwaite"
    level: float = 0.95
    minimum_groups: int = 3

    def __post_init__(self) -> None:
        check_option("covariance", self.covariance, ("diagonal", "unstructured"))
        check_option("residual", self.residual, ("common", "by_group"))
        check_option("inference", self.inference, tuple(METHODS))
        if self.inference == "kenward-roger" and not self.reml:
            raise ModelError("Kenward-Roger inference is defined for REML: use reml=True.")
        if not 0 < self.level < 1:
            raise ModelError(f"Expected a level between 0 and 1, found {self.level}.")

    @property
    def diagonal(self) -> bool:
        """Whether the random effects are independent."""
        return self.covariance == "diagonal"

    @property
    def by_group(self) -> bool:
        """Whether each trial has its own residual variance."""
        return self.residual == "by_group"

    def sentence(self, terms: Terms) -> str:
        """Say the convention for a table note."""
        criterion = "REML" if self.reml else "Maximum likelihood"
        parts = [criterion, f"{METHODS[self.inference]}, {100 * self.level:g}%"]
        if len(terms.random) > 1:
            kind = "independent" if self.diagonal else "correlated"
            parts.append(f"{kind} random effects")
        if terms.stratified:
            parts.append("one fixed intercept per trial")
        if terms.stratified[1:]:
            parts.append(f"{', '.join(terms.stratified[1:])} stratified by trial")
        if self.by_group:
            parts.append("one residual variance per trial")
        return "; ".join(parts)

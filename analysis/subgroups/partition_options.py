"""How a recursive partitioning searches: checked once, and said in one sentence."""

from dataclasses import dataclass
from typing import Literal

from analysis.errors import ModelError
from analysis.subgroups.fast_fit import InferenceMethod
from analysis.subgroups.option_checks import wrong_options
from analysis.subgroups.sides import Intercepts, convention

Reading = Literal["interaction-tree", "sides"]
Criterion = Literal["interaction", "sides-z"]
Within = Literal["largest", "sidak"]
Across = Literal["sidak", "none"]
Benefit = Literal["higher", "lower"]


@dataclass(frozen=True, slots=True)
class PartitionOptions:
    """Options of `partition`; its docstring says what each means.

    Raises
    ------
    ModelError
        With all that is wrong at once.
    """

    reading: Reading = "interaction-tree"
    criterion: Criterion = "interaction"
    gamma: float | None = None
    depth: int = 3
    best: int = 1
    minimum: int = 20
    level: float = 0.05
    within: Within = "largest"
    across: Across = "sidak"
    benefit: Benefit = "higher"
    intercepts: Intercepts = "fixed"
    inference: InferenceMethod = "satterthwaite"
    confidence: float = 0.95

    def __post_init__(self) -> None:
        words = {
            "reading": Reading, "criterion": Criterion, "within": Within, "across": Across,
            "benefit": Benefit, "intercepts": Intercepts, "inference": InferenceMethod,
        }  # fmt: skip
        wrong = wrong_options(
            self, words=words, counts=("depth", "best", "minimum"), shares=("level", "confidence")
        )
        if self.gamma is not None and self.gamma <= 0:
            wrong.append(f"Expected gamma above 0, or None for no rule, found {self.gamma}.")
        if wrong:
            raise ModelError("\n".join(wrong))

    @property
    def improvement(self) -> float | None:
        """The γ in force: 1 for SIDES where none is given."""
        return 1.0 if self.gamma is None and self.reading == "sides" else self.gamma

    def sentence(self, *, adjusted: bool) -> str:
        """Say the convention for a table note."""
        test = {
            "interaction": "treatment × side in one mixed model of the node",
            "sides-z": "difference between the two sides' Z, 2[1 − Φ(|Z1 − Z2|/√2)]",
        }[self.criterion]
        within = {
            "largest": "p of the largest of a covariate's correlated statistics",
            "sidak": "p adjusted for the effective number of splits of a covariate (Šidák)",
        }[self.within]
        across = " and for the covariates (Šidák)" if self.across == "sidak" else ""
        keep = {"interaction-tree": "both sides kept", "sides": "the enhanced side kept"}
        gamma = self.improvement
        rule = f"; a child goes on when its one-sided p ≤ {gamma:g} × its parent's" if gamma else ""
        return (
            f"Recursive partitioning (IPD-SIDES), {keep[self.reading]}: {test}; {within}{across}, "
            f"threshold {self.level:g}; at least "
            f"{self.minimum} per arm in two trials on each side; depth {self.depth}, best "
            f"{self.best}{rule}. " + convention(self.intercepts, self.inference, adjusted=adjusted)
        )

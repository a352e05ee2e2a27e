"""How a model-based recursive partitioning searches: checked once, and said in one sentence."""

from dataclasses import dataclass
from typing import Literal

from analysis.errors import ModelError
from analysis.subgroups.fast_fit import InferenceMethod
from analysis.subgroups.option_checks import wrong_options
from analysis.subgroups.partition_options import Benefit, Reading
from analysis.subgroups.sides import Intercepts, convention

Parameters = Literal["treatment", "all"]


@dataclass(frozen=True, slots=True)
class ModelBasedOptions:
    """Options of `partition_model_based`; its docstring says what each means.

    Raises
    ------
    ModelError
        With all that is wrong at once.
    """

    parameters: Parameters = "treatment"
    depth: int = 3
    minimum: int = 20
    level: float = 0.05
    benefit: Benefit = "higher"
    intercepts: Intercepts = "fixed"
    inference: InferenceMethod = "satterthwaite"
    confidence: float = 0.95

    def __post_init__(self) -> None:
        words = {
            "parameters": Parameters, "benefit": Benefit, "intercepts": Intercepts,
            "inference": InferenceMethod,
        }  # fmt: skip
        wrong = wrong_options(
            self, words=words, counts=("depth", "minimum"), shares=("level", "confidence")
        )
        if wrong:
            raise ModelError("\n".join(wrong))

    @property
    def reading(self) -> Reading:
        """Both sides of a split are kept."""
        return "interaction-tree"

    @property
    def improvement(self) -> float | None:
        """No γ."""
        return None

    def sentence(self, *, adjusted: bool) -> str:
        """Say the convention for a table note."""
        tested = {"treatment": "the treatment effect", "all": "intercept and treatment effect"}
        return (
            "Model-based recursive partitioning with random effects (metaMOB, GLMM tree): "
            f"M-fluctuation tests of {tested[self.parameters]} (supLM for ordered, χ² for other "
            f"covariates), Šidák over covariates, threshold {self.level:g}; at least "
            f"{self.minimum} per arm in two trials on each side; depth {self.depth}. "
            + convention(self.intercepts, self.inference, adjusted=adjusted)
        )

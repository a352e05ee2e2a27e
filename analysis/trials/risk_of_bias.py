"""The section `risk_of_bias` of `trial.yml`: how the review judged a trial."""

from typing import Literal, Self

from pydantic import Field, model_validator

from analysis.yaml_file import Frozen

Judgement = Literal["low", "some concerns", "high"]
JUDGEMENTS: tuple[Judgement, ...] = ("low", "some concerns", "high")


class RiskOfBias(Frozen):
    """The judgements of one trial, overall and by domain (of RoB 2, or of another tool)."""

    overall: Judgement
    """Overall risk of bias: at least that of every domain."""
    domains: dict[str, Judgement] = Field(default_factory=dict)
    """Risk of bias in each domain."""

    @model_validator(mode="after")
    def _no_better_than_its_domains(self) -> Self:
        order = JUDGEMENTS.index
        worse = [name for name, one in self.domains.items() if order(one) > order(self.overall)]
        if worse:
            raise ValueError(
                f"overall is {self.overall!r}, better than {', '.join(worse)}; overall risk is at "
                "least that of every domain"
            )
        return self

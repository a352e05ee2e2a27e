"""Sections of the protocol: how the trials were found."""

from typing import Self

from pydantic import Field, model_validator

from analysis.yaml_file import Frozen


class NotEligible(Frozen):
    """Participants of trials with data who are not in the files: they were not eligible."""

    reason: str
    """Why they were not eligible."""
    trials: int = Field(ge=1)
    """Trials."""
    participants: int = Field(ge=1)
    """Participants."""


class Search(Frozen):
    """How the trials were found, and what became of the requests for their data.

    Every count may be absent. `date`, in words, is for the text. `identified` counts records by
    source, `removed` those taken out before screening by reason, `assessed` reports read in full
    and `assessed_out` those left out by reason; `not_sought` and `not_obtained` eligible trials by
    reason, `sought` all whose data were asked for.
    """

    date: str = ""
    """Date of the last search, in words."""
    identified: dict[str, int] = Field(default_factory=dict)
    """Records found, by source."""
    removed: dict[str, int] = Field(default_factory=dict)
    """Records taken out before screening, by reason."""
    screened: int | None = Field(default=None, ge=0)
    """Records screened."""
    screened_out: int | None = Field(default=None, ge=0)
    """Records left out on screening."""
    assessed: int | None = Field(default=None, ge=0)
    """Reports read in full."""
    assessed_out: dict[str, int] = Field(default_factory=dict)
    """Reports left out, by reason."""
    not_sought: dict[str, int] = Field(default_factory=dict)
    """Eligible trials whose data were not asked for, by reason."""
    sought: int | None = Field(default=None, ge=0)
    """Trials whose data were asked for."""
    not_obtained: dict[str, int] = Field(default_factory=dict)
    """Trials whose data were not obtained, by reason."""
    not_eligible: tuple[NotEligible, ...] = ()
    """Participants of trials with data who are not in the files."""

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        left = sum(self.identified.values()) - sum(self.removed.values())
        if self.identified and self.screened is not None and self.screened != left:
            raise ValueError(f"screened is {self.screened}, but identified less removed is {left}")
        if None not in (self.screened, self.screened_out, self.assessed):
            left = (self.screened or 0) - (self.screened_out or 0)
            if self.assessed != left:
                text = f"assessed is {self.assessed}, but screened less screened_out is {left}"
                raise ValueError(text)
        if self.assessed is not None and sum(self.assessed_out.values()) > self.assessed:
            raise ValueError("assessed_out holds more reports than were assessed")
        return self

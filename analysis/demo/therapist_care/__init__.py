"""Synthetic repository of the review of therapist-delivered care (Hee 2021), from one seed."""

from analysis.demo.therapist_care.repository import (
    SEED,
    is_therapist_care,
    write_therapist_care,
)

__all__ = ["SEED", "is_therapist_care", "write_therapist_care"]

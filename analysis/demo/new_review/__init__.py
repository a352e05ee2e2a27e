"""A new review for a new topic: its plan, its chapters, and synthetic example trials."""

from analysis.demo.new_review.answers import (
    NewFollowUp,
    NewModifier,
    NewOutcome,
    NewReview,
    read_follow_up,
    read_modifier,
    read_outcome,
)
from analysis.demo.new_review.published import write_published_review
from analysis.demo.new_review.write import write_review

__all__ = [
    "NewFollowUp",
    "NewModifier",
    "NewOutcome",
    "NewReview",
    "read_follow_up",
    "read_modifier",
    "read_outcome",
    "write_published_review",
    "write_review",
]

"""Sentences that follow the numbers: when a result changes, so does what the text says of it."""

from analysis.wording.data import (
    categories_text,
    cited,
    design_sentence,
    integrity_sentence,
    median_text,
    missing_sentence,
    not_reproduced_sentence,
)
from analysis.wording.effects import (
    conclusion,
    effect_name,
    estimate_text,
    few_groups_sentence,
    lower,
    overall_sentence,
    prediction_sentence,
    share_of_baseline,
    verdict,
    worthwhile_sentence,
)
from analysis.wording.interactions import (
    adjustment_sentence,
    interaction_name,
    interactions_sentence,
    modifier_conclusion,
    notable,
)

__all__ = [
    "adjustment_sentence",
    "categories_text",
    "cited",
    "conclusion",
    "design_sentence",
    "effect_name",
    "estimate_text",
    "few_groups_sentence",
    "integrity_sentence",
    "interaction_name",
    "interactions_sentence",
    "lower",
    "median_text",
    "missing_sentence",
    "modifier_conclusion",
    "not_reproduced_sentence",
    "notable",
    "overall_sentence",
    "prediction_sentence",
    "share_of_baseline",
    "verdict",
    "worthwhile_sentence",
]

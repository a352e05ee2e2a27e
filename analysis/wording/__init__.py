"""Sentences that follow the numbers: when a result changes, so does what the text says of it."""

from analysis.wording.changes import changes_markdown, changes_sentence, flips_sentence
from analysis.wording.claims import (
    credibility_sentence,
    importance_sentence,
    multiplicity_sentence,
    recovery_sentence,
)
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
    heterogeneity_sentence,
    lower,
    overall_paragraph,
    overall_sentence,
    prediction_sentence,
    share_of_baseline,
    verdict,
    worthwhile_sentence,
)
from analysis.wording.eligible import (
    aggregate_sentence,
    differing_sentence,
    flow_sentence,
    not_eligible_sentence,
)
from analysis.wording.integrity import checks_sentence
from analysis.wording.interactions import (
    adjustment_sentence,
    findings_in_brief,
    interaction_name,
    interactions_sentence,
    modifier_conclusion,
    notable,
    secondary_sentence,
)
from analysis.wording.models import calls, equations
from analysis.wording.robustness import (
    contrast_trials_sentence,
    nonlinearity_sentence,
    sensitivity_sentence,
    stages_sentence,
    within_across_sentence,
)

__all__ = [
    "adjustment_sentence",
    "aggregate_sentence",
    "calls",
    "categories_text",
    "changes_markdown",
    "changes_sentence",
    "checks_sentence",
    "cited",
    "conclusion",
    "contrast_trials_sentence",
    "credibility_sentence",
    "design_sentence",
    "differing_sentence",
    "effect_name",
    "equations",
    "estimate_text",
    "few_groups_sentence",
    "findings_in_brief",
    "flips_sentence",
    "flow_sentence",
    "heterogeneity_sentence",
    "importance_sentence",
    "integrity_sentence",
    "interaction_name",
    "interactions_sentence",
    "lower",
    "median_text",
    "missing_sentence",
    "modifier_conclusion",
    "multiplicity_sentence",
    "nonlinearity_sentence",
    "not_eligible_sentence",
    "not_reproduced_sentence",
    "notable",
    "overall_paragraph",
    "overall_sentence",
    "prediction_sentence",
    "recovery_sentence",
    "secondary_sentence",
    "sensitivity_sentence",
    "share_of_baseline",
    "stages_sentence",
    "verdict",
    "within_across_sentence",
    "worthwhile_sentence",
]

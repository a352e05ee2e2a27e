"""Results as tables: great_tables, shown alike in HTML, PDF and Word."""

from analysis.tables.certainty import certainty_table
from analysis.tables.changes import changed_effects_table, changed_interactions_table
from analysis.tables.checklist import checklist_table
from analysis.tables.credibility import credibility_summary_table, credibility_table
from analysis.tables.importance import importance_table
from analysis.tables.integrity import (
    exclusions_table,
    published_summary_table,
    published_table,
)
from analysis.tables.integrity_checks import (
    integrity_checks_table,
    integrity_findings_table,
    integrity_table,
)
from analysis.tables.interactions import interactions_table
from analysis.tables.models import manifest_table, models_table
from analysis.tables.multiplicity import multiplicity_table
from analysis.tables.overall import overall_table
from analysis.tables.participants import participants_table
from analysis.tables.published_interactions import beside_published_table, recovery_table
from analysis.tables.published_trials import published_trials_table
from analysis.tables.sensitivity import sensitivity_table
from analysis.tables.show import ShownTable, show
from analysis.tables.stages import stages_table
from analysis.tables.style import publication_style
from analysis.tables.syntheses import (
    regression_table,
    restrictions_table,
    syntheses_table,
)
from analysis.tables.trial_characteristics import trial_characteristics_table
from analysis.tables.trials import trials_table
from analysis.tables.within_across import within_across_table

__all__ = [
    "ShownTable",
    "beside_published_table",
    "certainty_table",
    "changed_effects_table",
    "changed_interactions_table",
    "checklist_table",
    "credibility_summary_table",
    "credibility_table",
    "exclusions_table",
    "importance_table",
    "integrity_checks_table",
    "integrity_findings_table",
    "integrity_table",
    "interactions_table",
    "manifest_table",
    "models_table",
    "multiplicity_table",
    "overall_table",
    "participants_table",
    "publication_style",
    "published_summary_table",
    "published_table",
    "published_trials_table",
    "recovery_table",
    "regression_table",
    "restrictions_table",
    "sensitivity_table",
    "show",
    "stages_table",
    "syntheses_table",
    "trial_characteristics_table",
    "trials_table",
    "within_across_table",
]

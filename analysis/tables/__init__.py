"""Results as tables: great_tables, shown alike in HTML, PDF and Word."""

from analysis.tables.integrity import (
    exclusions_table,
    published_summary_table,
    published_table,
)
from analysis.tables.interactions import interactions_table
from analysis.tables.models import manifest_table, models_table
from analysis.tables.overall import overall_table
from analysis.tables.participants import participants_table
from analysis.tables.show import ShownTable, show
from analysis.tables.style import publication_style
from analysis.tables.trial_characteristics import trial_characteristics_table
from analysis.tables.trials import trials_table

__all__ = [
    "ShownTable",
    "exclusions_table",
    "interactions_table",
    "manifest_table",
    "models_table",
    "overall_table",
    "participants_table",
    "publication_style",
    "published_summary_table",
    "published_table",
    "show",
    "trial_characteristics_table",
    "trials_table",
]

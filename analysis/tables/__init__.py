"""Results as tables: great_tables, shown alike in HTML, PDF and Word."""

from analysis.tables.show import ShownTable, show
from analysis.tables.style import publication_style

__all__ = ["ShownTable", "publication_style", "show"]

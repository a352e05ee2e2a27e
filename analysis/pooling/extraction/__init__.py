"""A table of extracted numbers: its columns, checks, effects and pooled result."""

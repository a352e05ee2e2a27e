"""Propose a mapping for a trial's files: what each column may hold, why, and how sure that is."""

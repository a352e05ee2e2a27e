"""From trial files to the master dataset: mappings, readers, harmonisation, integrity."""

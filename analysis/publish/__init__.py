"""Documents to HTML and PDF: with Quarto when present, otherwise with the embedded engine."""

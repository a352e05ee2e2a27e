"""The embedded engine: pandoc, Typst and a Jupyter kernel render the Quarto syntax that we use."""

"""Small projects for the tests of the publishing room; `sample/` holds one with all syntax."""

import textwrap
from pathlib import Path

import pytest

from analysis.problems import ProblemsError
from analysis.publish.engine import render

SETTINGS = """\
project:
  type: default
  render: [paper.qmd]
  output-dir: _output
  execute-dir: project
bibliography: references.bib
number-sections: true
execute: {echo: false}
crossref:
  custom:
    - {kind: float, key: atbl, reference-prefix: "Table A", space-before-numbering: false}
format:
  html: {toc: true, embed-resources: true, html-math-method: mathml}
"""
BIBLIOGRAPHY = """\
@article{riley2010, title={Meta-analysis of individual participant data}, year={2010},
  author={Riley, Richard D}, journal={BMJ}, volume={340}, pages={c221}}
"""
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="40">'
    '<rect width="90" height="40"/></svg>'
)
SAMPLE = Path(__file__).with_name("sample")


def write_project(folder: Path, files: dict[str, str]) -> Path:
    """Write a project; `_quarto.yml`, the bibliography and a picture are there unless given."""
    given = {"_quarto.yml": SETTINGS, "references.bib": BIBLIOGRAPHY, "picture.svg": SVG, **files}
    for name, text in given.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
    return folder


def write_sample(folder: Path) -> Path:
    """Write the project that uses all the syntax that the embedded engine supports."""
    texts = [
        path
        for path in SAMPLE.rglob("*")
        if path.suffix in {".qmd", ".yml", ".py", ".typ", ".html"}
    ]
    return write_project(
        folder, {path.relative_to(SAMPLE).as_posix(): path.read_text("utf-8") for path in texts}
    )


def problems_of(folder: Path) -> list[str]:
    """Render a project that must fail; return its problems as `file:line message`."""
    with pytest.raises(ProblemsError) as caught:
        render(folder, engine="embedded")
    return [str(each) for each in caught.value.problems]


def write_answers(folder: Path) -> Path:
    """Write the project whose page can be sorted, filtered, pointed at and chosen from."""
    source = Path(__file__).with_name("answers")
    texts = [path for path in source.iterdir() if path.is_file()]
    return write_project(folder, {path.name: path.read_text("utf-8") for path in texts})

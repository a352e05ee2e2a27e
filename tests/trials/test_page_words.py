"""A review of real data whose pages still call them synthetic, as a copied one does."""

import pytest

from analysis.trials.check import check_review
from analysis.trials.page_words import page_notes

REPORT = """\
---
title: A
subtitle: Synthetic trials
---

```{python}
synthetic = plan.data_status == "synthetic"
```

Parasynthetic words are others.

```{python}
#| tbl-cap: "Trials (synthetic demonstration data)."
show(table)
```
"""
FILES = {
    "_quarto.yml": "lang: en\nrunning-note: Synthetic demonstration data\n",
    "report.qmd": REPORT,
    "chapters/appendices/_a.qmd": "Nothing.\n",
    "chapters/_b.qmd": "\n".join(["synthetic"] * 7),
    "docs/other.qmd": "Synthetic.\n",
}


@pytest.fixture
def project(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def test_every_page_that_says_it_is_named(project):
    notes = list(page_notes(project, "real"))
    assert [(note.file, note.line) for note in notes] == [
        ("_quarto.yml", 2),
        ("chapters/_b.qmd", 1),
        ("report.qmd", 3),
    ]
    assert "line 2, but" in notes[0].message
    assert "lines 1, 2, 3, 4, 5, and 2 more, but" in notes[1].message
    assert "lines 3 and 13, but" in notes[2].message


def test_synthetic_data_may_be_called_so(project):
    assert list(page_notes(project, "synthetic")) == []


@pytest.mark.parametrize("status", ["real", "synthetic"])
def test_the_check_of_a_review_tells_it(write, status):
    project = write(("protocol.yml", "data_status: synthetic", f"data_status: {status}"))
    (project / "_quarto.yml").write_text(FILES["_quarto.yml"], encoding="utf-8")
    report = check_review(project)
    assert not report.problems
    told = [note for note in report.notes if note.check == "page-words"]
    assert len(told) == (status == "real")

"""`ipdbook share`, from the trial's file to the folder: nothing of a participant gets out."""

import json

import pytest

from analysis.cli.render import EngineName
from analysis.cli.share import share
from analysis.publish.disclosure import DisclosureError
from analysis.results import compute
from analysis.results.disclosed import known_participants
from analysis.trials.master import build_master

DOCUMENT = """\
---
title: A small review
engine: jupyter
---

```{python}
#| include: false
from analysis import tables
from analysis.results.review import open_review
from analysis.tables import show
review = open_review()
plan = review.protocol
```

# Results {#sec-results}

```{python}
#| label: tbl-people
#| tbl-cap: "People."
show(tables.participants_table(review.participants(), plan))
```

```{python}
#| label: tbl-exclusions
#| tbl-cap: "Exclusions."
show(tables.exclusions_table(review.exclusions(), plan))
```

"""
SETTINGS = """\
project: {type: default, render: [paper.qmd], output-dir: _output, execute-dir: project}
author: [{name: Anna Meier}]
execute: {echo: false}
format: {html: {embed-resources: true}}
"""
PARTICIPANTS = 40


@pytest.fixture
def review(small_review, monkeypatch):
    monkeypatch.setattr(compute, "WORTH_WORKERS", 100)
    rows = ["id,group,age,sex,pain0,pain12,pain52,mob0,mob10,op,status"]
    rows += [
        f"P-{100 + i},{1 + i % 2},{20.5 + 1.3 * i:.1f},{1 + i % 2 * (i < 30)},{3 + i % 7},{i % 9},"
        f"{i % 8},{10 + i % 20},{8 + i % 21},{'yn'[i % 2]},{3 if i < 4 else 1}"
        for i in range(PARTICIPANTS)
    ]
    data = small_review / "data" / "trials" / "alpha" / "alpha.csv"
    data.write_text("\n".join(rows) + "\n", encoding="utf-8")
    (small_review / "_quarto.yml").write_text(SETTINGS, encoding="utf-8")
    (small_review / "paper.qmd").write_text(DOCUMENT, encoding="utf-8")
    return small_review


def test_a_review_is_shared_and_then_refused_when_a_participant_slips_in(review, capsys):
    share(review, engine=EngineName.EMBEDDED)
    folder = review / "_output" / "share"
    assert "Disclosure check passed" in capsys.readouterr().out
    report = json.loads((folder / "disclosure-report.json").read_text("utf-8"))
    assert report["passed"]
    assert {"paper.html", "tables/paper-tbl-people.csv"} <= set(report["files"])
    before = {path: path.read_bytes() for path in folder.rglob("*.*")}
    slip = "The woman P-117 was 42.6 years old; the oldest was 71.2.\n"
    (review / "paper.qmd").write_text(DOCUMENT + slip, encoding="utf-8")
    with pytest.raises(DisclosureError) as caught:
        share(review, engine=EngineName.EMBEDDED)
    rules = {each.message.partition("]")[0].lstrip("[") for each in caught.value.problems}
    assert rules == {"identifier", "extreme"}
    assert {path: path.read_bytes() for path in folder.rglob("*.*")} == before


def test_what_is_known_of_the_participants(review):
    known = known_participants(review, build_master(review), private=("someone",))
    assert known.minimum == 10
    assert known.trials == 3
    assert {"P-100", "P-139"} <= known.identifiers
    assert known.id_columns == {"id"}
    assert PARTICIPANTS in known.sizes
    assert {known.extremes["20.5"], known.extremes["71.2"]} == {"Age"}
    assert "100" not in known.extremes  # the end of a scale
    assert "27|2|8|5|5|15" in known.sequences
    assert known.private == ("someone",)

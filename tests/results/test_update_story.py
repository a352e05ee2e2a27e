"""The life of a review: 24 trials, a release, three more one at a time, and the same paper at last.

The trials are small and the paper is one page of HTML, so that five renders stay within seconds.
"""

import re
import shutil

import pytest
from small_paper import PAPER, TRIAL, data

from analysis.errors import StorageError
from analysis.problems import ProblemsError
from analysis.publish import engine
from analysis.publish.engine import render
from analysis.results import compute as building
from analysis.results.build import build
from analysis.results.release import release, since_last_release
from analysis.results.review import find_review

FIRST, GOOD, FAULTY, REPLACED = 24, "trial25", "trial26", "trial27"
CHANGES = """
```{python}
#| output: asis
from analysis import tables
from analysis.figures import cumulative
from analysis.results.release import since_last_release
from IPython.display import Markdown

changes = since_last_release(review)
blocks = []
if changes:
    blocks = [
        "# Changes since " + changes.before + " {#sec-changes}",
        wording.changes_sentence(changes),
        tables.show(tables.changed_effects_table(changes, review.protocol)).markdown,
        cumulative.draw(
            review.cumulative(), review.protocol, label="fig-cumulative", caption="All."
        ).markdown,
    ]
Markdown("\\n\\n".join(blocks)) if blocks else None
```
"""


@pytest.fixture(autouse=True)
def _one_process(monkeypatch):
    monkeypatch.setattr(building, "WORTH_WORKERS", 99)


def add(project, name, *, seed):
    folder = project / "data/trials" / name
    folder.mkdir(parents=True, exist_ok=True)
    received = f"received: 2026-01-{int(name[-2:]):02}\n"
    text = TRIAL.format(name=name, label=name.capitalize()).replace(
        "country:", f"{received}country:"
    )
    (folder / "trial.yml").write_text(text)
    (folder / f"{name}.csv").write_text(data(seed))
    return folder


def spoil(folder):
    """Plant two faults of different kinds, and return what was there."""
    good = {path: path.read_text() for path in folder.iterdir()}
    mapping, table = folder / "trial.yml", folder / f"{folder.name}.csv"
    mapping.write_text(good[mapping].replace("column: age", "column: agee"))
    table.write_text(good[table].replace("\n3,2,", "\n3,7,"))
    return good


def rendered(project):
    review = find_review(project)
    report = build(review)
    prints = {named.name: review.store.fingerprint(named.name) for named in review.named()}
    render(project, engine="embedded", dependencies={**prints, **review.shown()})
    return report, page(project)


def page(project):
    return (project / "_output/paper.html").read_text()


def state(project):
    """Give all that a reader or the next build sees; what was read from good trials may be kept."""
    return {
        path.relative_to(project): path.read_bytes()
        for folder in ("_output", "_build/results")
        for path in (project / folder).rglob("*")
        if path.is_file()
    } | {"manifest": (project / "_build/manifest.json").read_bytes()}


def without_dates(html):
    return re.sub(r"\d{4}-\d{2}-\d{2}(T[\d:+]+)?|\d{1,2} \w+ \d{4}", "DATE", html)


@pytest.fixture
def review(small_review):
    shutil.rmtree(small_review / "data/trials")
    protocol = small_review / "data/protocol.yml"
    text = protocol.read_text()
    protocol.write_text(
        text.replace("comparisons: [any]}", "comparisons: [any], cumulative: true}")
    )
    (small_review / "paper.qmd").write_text(PAPER + CHANGES)
    for number in range(1, FIRST + 1):
        add(small_review, f"trial{number:02}", seed=number)
    return small_review


def test_the_paper_follows_the_trials(review, tmp_path, monkeypatch):
    report, html = rendered(review)
    assert len(report.read) == FIRST
    assert "sec-changes" not in html
    assert "Changes since" not in html
    release(find_review(review), "first")

    add(review, GOOD, seed=25)
    report, html = rendered(review)
    assert report.read == {GOOD: "new"}
    assert "Changes since first" in html
    assert 'href="#sec-changes"' in html
    assert "Came in: Trial25 2001." in html

    before = state(review)
    good = spoil(add(review, FAULTY, seed=26))
    with pytest.raises(ProblemsError) as refused:
        rendered(review)
    assert len(refused.value.problems) >= 2
    assert {problem.trial for problem in refused.value.problems} == {FAULTY}
    assert state(review) == before
    for path, text in good.items():
        path.write_text(text)
    build(find_review(review))

    add(review, REPLACED, seed=99)
    build(find_review(review))
    with monkeypatch.context() as full:
        full.setattr(engine, "move", lambda *_: (_ for _ in ()).throw(OSError(28, "No space")))
        kept = page(review)
        with pytest.raises(StorageError, match="disk is full"):
            rendered(review)
        assert page(review) == kept
    add(review, REPLACED, seed=27)
    report, html = rendered(review)
    assert list(report.read) == [REPLACED]
    found = since_last_release(find_review(review))
    assert [each.trial for each in found.trial_changes] == [GOOD, FAULTY, REPLACED]
    assert {each.cause for each in found.estimates} == {"data"}

    at_once = tmp_path / "at-once"
    shutil.copytree(review, at_once, ignore=shutil.ignore_patterns("_build", "_output"))
    assert without_dates(rendered(at_once)[1]) == without_dates(html)
    same = "_build/results", "_build/contributions"
    for folder in same:
        one, other = ({p.name: p.read_bytes() for p in (each / folder).iterdir()}
                      for each in (review, at_once))  # fmt: skip
        assert one == other

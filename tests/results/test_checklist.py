"""The checklist: every item has a place, numbered as it is printed, and a dead link stops."""

from pathlib import Path

import pytest
import yaml
from synthetic_master import protocol

from analysis import tables
from analysis.errors import RenderError
from analysis.problems import ProblemsError
from analysis.protocol import read_protocol
from analysis.results.checklist import answered_items, sections
from analysis.tables import show

ROOT = Path(__file__).parents[2]
PRISMA_IPD = [*map(str, range(1, 28)), "A1", "A2", "A3", "A4"]  # Stewart 2015, Table


def test_every_item_of_prisma_ipd_has_a_place_in_the_default_review():
    found = answered_items(ROOT)
    assert sorted(each.item.id for each in found) == sorted(PRISMA_IPD)
    assert all(each.places and each.item.asks for each in found)
    text = tables.checklist_table(found, protocol()).as_raw_html()
    for each in found:
        for place in each.places:
            assert f'href="{place.link}"' in text
            assert place.heading in text
    assert show(tables.checklist_table(found, protocol())).markdown


def test_risk_of_bias_is_answered_where_the_default_review_uses_it():
    """Appendix C leaves out trials by their risk of bias: no item may say it was not judged."""
    plan = read_protocol(ROOT / "data/protocol.yml")
    assert "low_risk_of_bias" in plan.sensitivity.menu
    found = {each.item.id: each for each in answered_items(ROOT)}
    for item in ("12", "19"):
        assert [place.anchor for place in found[item].places] == ["sec-sensitivity"]
        assert "not assessed" not in found[item].item.remark


DOCUMENT = """\
---
title: "A review"
---

{{< include /chapters/_one.qmd >}}

# Second {#sec-second}
"""
CHAPTER = """\
# First & last {.unnumbered}

# One {#sec-one}

## Inner {#sec-inner}

```{python}
# Not a heading {#sec-code}
```

## Another {#sec-another .unlisted}
"""
ITEM = {"id": "1", "section": "Title", "topic": "Title", "asks": "Name it."}


@pytest.fixture
def documents(tmp_path):
    (tmp_path / "chapters").mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "manuscript.qmd").write_text(DOCUMENT, encoding="utf-8")
    (tmp_path / "chapters/_one.qmd").write_text(CHAPTER, encoding="utf-8")

    def with_items(*items):
        content = {"source": "x", "items": list(items)}
        path = tmp_path / "data/prisma_ipd.yml"
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
        return tmp_path

    return with_items


def test_sections_are_numbered_as_they_are_printed(documents):
    found = sections(documents(), "manuscript")
    assert {anchor: place.name for anchor, place in found.items()} == {
        "title": "Title", "first-last": "First & last", "sec-one": "1 One",
        "sec-inner": "1.1 Inner", "sec-another": "1.2 Another", "sec-second": "2 Second",
    }  # fmt: skip
    assert found["title"].link == "manuscript.html"
    assert found["sec-inner"].link == "manuscript.html#sec-inner"


def test_a_living_link(documents):
    project = documents(ITEM | {"answered_in": ["sec-inner", "title"]})
    (found,) = answered_items(project)
    assert [place.name for place in found.places] == ["1.1 Inner", "Title"]


@pytest.mark.parametrize(("anchor", "says"), [
    ("sec-gone", "item 1 \\(Title\\).*'sec-gone'.*no heading.*sec-inner"),
    ("sec-code", "item 1 \\(Title\\).*'sec-code'"),
    ("supplement#sec-one", "item 1 \\(Title\\).*there is no supplement.qmd"),
])  # fmt: skip
def test_a_dead_link_stops_the_render(documents, anchor, says):
    project = documents(ITEM | {"answered_in": [anchor]})
    with pytest.raises(RenderError, match=says):
        answered_items(project)


@pytest.mark.parametrize(("items", "says"), [
    ([ITEM | {"answered_in": []}], "at least one"),
    ([ITEM], "missing"),
    ([ITEM | {"answered_in": ["title"]}] * 2, "item 1 stands twice"),
])  # fmt: skip
def test_a_checklist_with_a_gap(documents, items, says):
    with pytest.raises(ProblemsError) as caught:
        answered_items(documents(*items))
    assert says in " ".join(str(problem) for problem in caught.value.problems)

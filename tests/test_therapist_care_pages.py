"""The review of therapist-delivered care rendered whole: HTML and PDF show the stored numbers.

The searches are few and small (two sizes, no refinement, one bootstrap sample), so that this takes
seconds; the pages are those of the full review.
"""

import re
import shutil
from pathlib import Path

import pytest
import yaml
from pypdf import PdfReader
from wcag import violations_of

from analysis.formats import with_interval
from analysis.publish.engine import render
from analysis.publish.external import external_loads
from analysis.results import compute
from analysis.results.build import build
from analysis.results.review import find_review

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = Path("examples", "therapist-delivered-care")
NOT_FOR_READERS = re.compile(
    r"\bnan\b|\?@|\bNone\b|\bTrue\b|<function|np\.float|\{python\}|Traceback|−0\.0+\b(?!\d)"
)
SHORT = {"follow_ups": ["short"]}
SMALL = {
    "searches": [
        {"comparison": "any", "outcomes": ["ffbhr", "mcs", "eq5d"], **SHORT},
        {"comparison": "active_usual", "outcomes": ["rmdq"], **SHORT},
        {"comparison": "passive_usual", "outcomes": ["ffbhr"], **SHORT},
        {"comparison": "psychological_usual", "outcomes": ["rmdq"], **SHORT},
        {"comparison": "sham_usual", "outcomes": ["mcs"], **SHORT},
    ],
    "tree": {"bootstrap": 1, "permutations": 1, "depth": 2},
    "peel": {"alpha": 0.3, "sizes": [0.3, 0.7], "refine": False, "bootstrap": 1},
}


def bare(text):
    """Text without any space, with plain hyphens."""
    return re.sub(r"[\s\u00ad\u200b]", "", text).replace("\u2010", "-")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    target = tmp_path_factory.mktemp("therapist")
    shutil.copytree(ROOT / "assets", target / "assets")
    unwanted = shutil.ignore_patterns("_output", "_build")
    shutil.copytree(ROOT / EXAMPLE, target / EXAMPLE, ignore=unwanted)
    path = target / EXAMPLE / "data" / "protocol.yml"
    plan = yaml.safe_load(path.read_text(encoding="utf-8"))
    plan["subgroup_search"] |= SMALL
    plan["overall"] |= {"outcomes": ["ffbhr", "mcs"], **SHORT}
    plan["interactions"] |= {"outcomes": ["ffbhr"]}
    path.write_text(yaml.safe_dump(plan, sort_keys=False), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compute, "WORTH_WORKERS", 1000)
        build(find_review(target / EXAMPLE))
    render(target / EXAMPLE, engine="embedded", dependencies={})
    return target / EXAMPLE


def test_both_formats_show_the_stored_numbers(project):
    html = (project / "_output" / "report.html").read_text(encoding="utf-8")
    text = re.sub(r"<(style|script).*?</\1>|<[^>]+>", "", html, flags=re.DOTALL)
    text = text.replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&")
    pages = [page.extract_text() for page in PdfReader(project / "_output" / "report.pdf").pages]
    assert not external_loads(html)
    assert all(bare("Synthetic demonstration data") in bare(page) for page in pages)
    review = find_review(project)
    trees = [tree for key in review.protocol.comparisons for tree in review.trees(key)]
    assert len(trees) == 7
    leaves = [(tree, leaf.group) for tree in trees for leaf in tree.leaves]
    assert any(group.honest.elsewhere for _, group in leaves)
    for shown in (text, " ".join(pages)):
        assert not NOT_FOR_READERS.search(shown)
        printed = bare(shown)
        for tree, group in leaves:
            decimals = review.protocol.outcomes[tree.asked.outcome].decimals
            for effect in (group.effect, group.difference):
                numbers = with_interval(effect.estimate, effect.ci_low, effect.ci_high, decimals)
                assert bare(numbers) in printed
        for tree in (tree for tree in trees if tree.leaves):
            decimals = review.protocol.outcomes[tree.asked.outcome].decimals
            away = tree.leaves[0].group.honest.elsewhere
            for effect in (away.effect, away.difference):
                numbers = with_interval(effect.estimate, effect.ci_low, effect.ci_high, decimals)
                assert bare(numbers) in printed


def test_every_figure_and_table_says_that_the_data_are_synthetic(project):
    html = (project / "_output" / "report.html").read_text(encoding="utf-8")
    labels = re.findall(r'id="((?:fig|tbl)-(?![a-z0-9-]*-rows?\b)[a-z0-9-]+)"', html)
    assert len(labels) == len(set(labels))
    written = (project / "report.qmd").read_text(encoding="utf-8")
    tables = re.findall(r"^#\| label: (tbl-\S+)", written, flags=re.MULTILINE)
    assert sorted(label for label in labels if label.startswith("tbl-")) == sorted(tables)
    figures = re.findall(r'label="(fig-[a-z-]+)"', written)
    drawn = [label for label in labels if label.startswith("fig-")]
    for figure in (each for each in figures if not each.startswith("fig-tree")):
        assert figure in drawn
    assert any(label.startswith("fig-tree-") for label in drawn)
    note = "Synthetic demonstration data: no figure describes a real participant or trial."
    assert bare(html).count(bare(note)) >= len(labels)


@pytest.mark.browser
def test_pages_are_accessible_to_everyone(project, browser):
    path = project / "_output" / "report.html"
    assert violations_of(browser, path, width=1300, scheme="dark") == ([], 1300)

"""The bibliographies: well-formed DOIs, one for each work, the same wherever it is cited."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FILES = [
    ROOT / "references.bib",
    ROOT / "analysis/demo/new_review/templates/references.bib",
    *sorted(ROOT.glob("examples/*/references.bib")),
]
ENTRY = re.compile(r"^@\w+\{(\w+),\n(.*?)\n\}", flags=re.MULTILINE | re.DOTALL)
FIELD = re.compile(r"(\w+) *= *\{+(.*?)\}+(?=,|$)", flags=re.MULTILINE)


def works(path):
    return {key: dict(FIELD.findall(body)) for key, body in ENTRY.findall(path.read_text("utf-8"))}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_dois_are_well_formed_and_none_is_given_twice(path):
    entries = works(path)
    assert len(entries) == len(re.findall(r"^@", path.read_text("utf-8"), flags=re.MULTILINE))
    dois = [fields["doi"] for fields in entries.values() if "doi" in fields]
    assert dois
    assert not [doi for doi in dois if not re.fullmatch(r"10\.\d{4,9}/\S+[\w)]", doi)]
    assert len(set(map(str.lower, dois))) == len(dois)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_a_name_keeps_its_particle(path):
    """Without braces BibTeX's "van Tulder, M W" is printed as "Tulder MW van"."""
    authors = re.findall(r"^ *author *= *\{(.*)\},?$", path.read_text("utf-8"), flags=re.MULTILINE)
    assert authors
    names = [name for each in authors for name in each.split(" and ")]
    assert not [name for name in names if name[:1].islower() and name != "others"]


@pytest.mark.parametrize("path", FILES[1:], ids=lambda path: path.parent.name)
def test_a_work_has_the_same_facts_wherever_it_is_cited(path):
    ours = works(FILES[0])
    shared = {key: fields for key, fields in works(path).items() if key in ours}
    assert {key: ours[key] for key in shared} == shared

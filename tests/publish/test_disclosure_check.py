"""Every kind of leak is found, with its place and the rule; what is fit to be shared passes."""

import json
from dataclasses import replace

import pytest
from planted_leaks import FIT_FILES, KNOWN, LEAKS, page

from analysis.publish.disclosure import DisclosureError, Inspection, inspect
from analysis.recognise import Known, comparable, windows


def looked_into(files, folder, known=KNOWN) -> Inspection:
    paths = {}
    for number, (name, content) in enumerate(files.items()):
        paths[name] = folder / f"{number}-{name.rpartition('/')[2]}"
        paths[name].write_bytes(content)
    return inspect(paths, known)


def test_at_least_fifteen_kinds_are_planted():
    assert len(LEAKS) >= 15
    rules = {make().rule for make in LEAKS.values()}
    assert rules == {
        *("identifier", "row", "small number", "margin", "share", "extreme", "dominance"),
        *("points", "path", "user name", "notebook", "unreadable"),
    }


@pytest.mark.parametrize("name", LEAKS)
def test_a_planted_leak_is_found(name, tmp_path):
    leak = LEAKS[name]()
    found = looked_into(leak.files, tmp_path).findings
    hits = [each for each in found if each.rule == leak.rule and leak.message in each.message]
    assert hits, found
    assert any(leak.place in each.place and each.file in leak.files for each in hits), hits
    assert all(each.remedy for each in found)


def test_what_is_fit_to_be_shared_passes_and_lists_what_is_withheld(tmp_path):
    inspection = looked_into(FIT_FILES, tmp_path)
    inspection.check()
    assert inspection.findings == ()
    report = json.loads(inspection.to_json())
    assert report["passed"]
    assert [(each["cell"], each["shown"]) for each in report["withheld"]] == [
        ("Previous surgery, n", "<10"),
        ("Previous surgery, Value", "n<10"),
        ("Injection, n", "≥10"),
        ("Injection, Value", "n≥10"),
    ]
    assert set(report["files"]) == set(FIT_FILES)


def test_all_findings_are_raised_together_with_place_rule_and_remedy(tmp_path):
    leaks = ("identifier in the text", "path of a machine")
    files = {f"{i}.html": LEAKS[name]().files["supplement.html"] for i, name in enumerate(leaks)}
    with pytest.raises(DisclosureError) as caught:
        looked_into(files, tmp_path).check()
    first, second = map(str, caught.value.problems)
    assert first.startswith("0.html, #results: [identifier] identifiers of participants")
    assert "[path] a path of a machine stands here" in second
    assert first.endswith("render again.")


def test_without_a_threshold_and_without_participants_small_numbers_pass(tmp_path):
    small = LEAKS["small number in a table"]().files
    assert looked_into(small, tmp_path, replace(KNOWN, minimum=0)).findings == ()
    many = LEAKS["a mark for each participant"]().files
    assert looked_into(many, tmp_path, Known()).findings == ()


@pytest.mark.parametrize(
    ("marks", "total"), [(("<10", "≥10"), 132), (("<10", "<10"), 137), (("<10", "≥10", "≥10"), 142)]
)
def test_withheld_numbers_that_a_total_leaves_open_pass(tmp_path, marks, total):
    rows = (("Male", "120"), *((f"Level {mark}", mark) for mark in marks), ("Total", str(total)))
    assert looked_into({"a.html": page(heads=("Sex", "n"), rows=rows)}, tmp_path).findings == ()


def test_the_report_says_what_is_not_protected(tmp_path):
    limits = json.loads(looked_into(FIT_FILES, tmp_path).to_json())["limits"]
    for word in ("model", "missing", "different tables", "released before"):
        assert word in " ".join(limits)


def test_rows_about_trials_known_by_their_publication_alone_are_public(tmp_path):
    files = {"a.html": page(rows=(("Smith 1999", "7", "", ""),))}
    assert looked_into(files, tmp_path).findings
    public = replace(KNOWN, public=frozenset({"Smith 1999"}))
    assert looked_into(files, tmp_path, public).findings == ()


def test_values_are_compared_however_they_are_written():
    assert comparable(["01", "1.0", "\N{MINUS SIGN}3.50", "nan", "Yes "]) == [
        "1",
        "1",
        "-3.5",
        "yes",
    ]
    assert not list(windows(comparable(["1", "2", "3", "4", "5", "6", "7", "8"])))
    assert not list(windows(["19", "20", "21", "22", "23", "24"]))
    assert list(windows(comparable(["1", "2", "3", "44", "5", "66.1"]))) == ["1|2|3|44|5|66.1"]

"""`ipdbook release` and `ipdbook changes` as a user meets them."""

import json

import pytest

from analysis import cli
from analysis.results import compute as building


@pytest.fixture
def run(monkeypatch, capfd, small_review):
    """Return a function that runs a command on the small review: exit code, output, error."""
    monkeypatch.setattr(building, "WORTH_WORKERS", 99)

    def command(*words):
        monkeypatch.setattr("sys.argv", ["ipdbook", *words, "--project", str(small_review)])
        code = 0
        try:
            cli.main()
        except SystemExit as end:
            code = int(end.code or 0)
        return code, *capfd.readouterr()

    return command


def test_from_the_first_release_to_the_report(run, small_review):
    code, _, told = run("release", "one")
    assert code == 1
    assert "Run `ipdbook build` first" in told
    assert run("build")[0] == 0
    code, _, told = run("changes")
    assert (code, "no data cut yet" in told) == (1, True)
    code, out, _ = run("release", "one")
    assert code == 0
    assert "commit it" in out
    assert run("release", "one")[0] == 1
    assert "Nothing changed between the data cut one" in run("changes")[1]

    table = small_review / "data/trials/beta/beta.csv"
    table.write_text(table.read_text().replace("0,1,", "0,2,", 1))
    assert "Read beta: changed" in run("build")[1]
    code, out, _ = run("changes", "one")
    assert code == 0
    assert "- Beta 2001: data changed (30 participants)" in out
    assert "| data |" in out
    found = json.loads(run("changes", "--json")[1])
    assert {each["cause"] for each in found["estimates"]} == {"data"}
    report = small_review / "changes.md"
    run("changes", "one", "now", "--markdown", str(report))
    assert report.read_text() == out
    code, _, told = run("changes", "one", "two")
    assert code == 1
    assert "There is no release 'two'. There are: one." in told

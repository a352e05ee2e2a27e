"""The commands as a user meets them: what they print, their exit codes, what they leave alone."""

import json
import shutil
from functools import cache

import pytest

from analysis import cli
from analysis.publish import engine
from analysis.results import compute as building

PROTOCOL = "data/protocol.yml"
TRIAL = "data/trials/beta/trial.yml"


engine_code = cache(engine.engine_hash)


@pytest.fixture(autouse=True)
def _one_process(monkeypatch):
    """Compute in this process, faster than workers start, with the code as it is now."""
    monkeypatch.setattr(building, "WORTH_WORKERS", 99)
    monkeypatch.setattr(engine, "engine_hash", engine_code)


@pytest.fixture
def run(monkeypatch, capfd):
    """Return a function that runs a command: exit code, standard output, standard error."""

    def command(*words):
        monkeypatch.setattr("sys.argv", ["ipdbook", *map(str, words)])
        code = 0
        try:
            cli.main()
        except SystemExit as end:
            code = int(end.code or 0)
        shown = capfd.readouterr()
        assert "Traceback" not in shown.out + shown.err
        return code, shown.out, shown.err

    return command


def edit(project, file, old, new):
    path = project / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def outputs(project):
    folder = project / "_output"
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("command", ["check", "build", "render", "demo"])
def test_help_gives_an_example(run, command):
    code, out, _ = run(command, "--help")
    assert code == 0
    assert f"Example: ipdbook {command}" in " ".join(out.split())


def test_no_command_lists_them_all(run):
    _, out, err = run()
    for name in ("check", "build", "render", "demo"):
        assert name in out + err


@pytest.mark.parametrize(
    "words", [["render", "--engin", "auto"], ["render", "--engine", "word"], ["biuld"]]
)
def test_a_wrong_command_line_is_exit_2(run, words):
    code, _, err = run(*words)
    assert code == 2
    assert err.strip()


@pytest.mark.parametrize("command", ["check", "build", "render"])
def test_a_folder_without_a_review(run, tmp_path, command):
    code, out, err = run(command, "--project", tmp_path / "nowhere")
    assert code == 1
    assert "protocol.yml" in out + err


def test_check_of_a_sound_review(run, small_review):
    code, out, _ = run("check", "--project", small_review)
    assert code == 0
    assert out.strip()
    code, out, _ = run("check", "--project", small_review, "--json")
    assert code == 0
    assert json.loads(out)["problems"] == []


def test_problems_are_listed_by_every_command(run, small_review):
    edit(small_review, TRIAL, "column: age", "column: agee")
    edit(small_review, "data/trials/gamma/trial.yml", "column: pain12", "column: pain13")
    for command in ("check", "build", "render"):
        code, out, err = run(command, "--project", small_review)
        assert code == 1
        assert "agee" in out + err
        assert "pain13" in out + err
    code, out, _ = run("check", "--project", small_review, "--json")
    assert code == 1
    found = json.loads(out)["problems"]
    assert {problem["trial"] for problem in found} == {"beta", "gamma"}
    assert all(problem["remedy"] for problem in found)


def test_build_says_what_it_did_and_explain_only_says(run, small_review):
    code, out, _ = run("build", "--explain", "--project", small_review)
    assert code == 0
    assert out.count("it was never computed") == 8
    assert not (small_review / "_build/results").exists()
    code, out, _ = run("build", "--project", small_review)
    assert code == 0
    assert "Results: 8 computed, 0 kept." in out
    assert "all 8 are current" in run("build", "--project", small_review)[1]
    edit(small_review, TRIAL, "Clinic", "Hospital")
    _, out, _ = run("build", "--explain", "--project", small_review)
    assert out.count("data or mapping of trial beta changed") == 5
    found = json.loads(run("build", "--json", "--project", small_review)[1])
    assert sum(bool(reasons) for reasons in found["results"].values()) == 5


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    """Keep one rendered review for the tests that start from it."""
    return tmp_path_factory.mktemp("rendered") / "review"


def once(run, small_review, rendered):
    """Render the small review at most once; return a copy of it."""
    if not rendered.exists():
        code, out, _ = run("render", "--engine", "embedded", "--project", small_review)
        assert code == 0
        assert "Engine: embedded (as asked)" in out
        assert "paper.html" in out
        shutil.copytree(small_review, rendered)
    shutil.rmtree(small_review)
    shutil.copytree(rendered, small_review)
    return small_review


def test_render_twice_does_no_work_the_second_time(run, small_review, rendered):
    project = once(run, small_review, rendered)
    assert "lowered pain by" in outputs(project)["paper.html"].decode()
    code, out, _ = run("render", "--engine", "embedded", "--project", project)
    assert code == 0
    assert "Documents: nothing changed, no work done." in out
    assert "nothing computed" in out


def test_a_failure_leaves_the_last_good_output(run, small_review, rendered):
    project = once(run, small_review, rendered)
    before = outputs(project)
    assert before
    edit(project, TRIAL, "column: age", "column: agee")
    assert run("render", "--engine", "embedded", "--project", project)[0] == 1
    assert outputs(project) == before
    edit(project, TRIAL, "column: agee", "column: age")
    edit(project, "paper.qmd", '"pain", "short"', '"pane", "short"')
    code, _, err = run("render", "--engine", "embedded", "--project", project)
    assert code == 1
    assert "paper.qmd" in err
    assert "overall-pain-short-any" in err
    assert outputs(project) == before


@pytest.mark.parametrize(
    "change",
    [
        ("data/trials/beta/beta.csv", "0,1,", "0,2,"),
        (PROTOCOL, "unit: points", "unit: millimetres"),
        (PROTOCOL, "note: Invented for tests.", "note: Invented."),
        (PROTOCOL, "title: S", "unit: [site, sites]\ntitle: S"),
    ],
)
def test_a_change_of_what_a_page_shows_renders_it_again(run, small_review, rendered, change):
    project = once(run, small_review, rendered)
    edit(project, *change)
    code, out, _ = run("render", "--engine", "embedded", "--project", project)
    assert code == 0
    assert "nothing changed" not in out


def test_quarto_asked_for_and_absent(run, small_review, monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.delenv("QUARTO", raising=False)
    code, _, err = run("render", "--engine", "quarto", "--project", small_review)
    assert code == 1
    assert "--engine embedded" in err


def test_an_interruption_is_exit_130_and_keeps_what_was_computed(run, small_review, monkeypatch):
    def stop(*_args, **_keys):
        raise KeyboardInterrupt

    monkeypatch.setitem(building.COMPUTE, "interactions", stop)
    code, _, err = run("build", "--project", small_review)
    assert code == 130
    assert "run the command again" in err
    assert (small_review / "_build/results/overall-pain-short-any.json").is_file()


def test_demo_without_the_published_figures(run, tmp_path):
    code, _, err = run("demo", tmp_path)
    assert code == 1
    assert "published" in err

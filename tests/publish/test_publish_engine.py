"""Which engine renders, when there is work to do, and what a failure leaves behind."""

import sys
from pathlib import Path

import pytest
from small_projects import SETTINGS, SVG, write_project

from analysis.errors import RenderError
from analysis.publish.engine import choose_engine, render

FILES = {
    "_quarto.yml": SETTINGS.replace("[paper.qmd]", "[paper.qmd, other.qmd]"),
    "_variables.yml": "trials: 3\n",
    "paper.qmd": "---\ntitle: A\n---\n\n{{< include _part.qmd >}}\n\n"
    '![A](picture.svg){fig-alt="A"}\n\n{{< env IPDBOOK_TEST_WORD none >}} [@riley2010]\n',
    "_part.qmd": "Some text.\n",
    "other.qmd": "---\ntitle: B\n---\n\nOther text.\n",
}


def fake_quarto(folder: Path, version: str, script: str = "") -> str:
    """Write a program that answers like Quarto."""
    path = folder / "quarto"
    path.write_text(
        f"#!{sys.executable}\nimport sys\nfrom pathlib import Path\n"
        f"if sys.argv[1] == '--version':\n    print({version!r})\n    sys.exit()\n{script}\n"
    )
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def no_quarto(monkeypatch, tmp_path):
    monkeypatch.delenv("QUARTO", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.mark.usefixtures("no_quarto")
class TestChoice:
    def test_without_quarto(self):
        choice = choose_engine("auto")
        assert choice.name == "embedded"
        assert choice.reason == "Quarto is not on PATH"

    def test_quarto_is_asked_for_and_absent(self):
        with pytest.raises(RenderError, match=r"Install Quarto 1\.9.*--engine embedded"):
            choose_engine("quarto")

    def test_unknown_engine(self):
        with pytest.raises(RenderError, match="auto, quarto or embedded"):
            choose_engine("latex")

    def test_quarto_on_path(self, tmp_path):
        path = fake_quarto(tmp_path, "1.11.0")
        choice = choose_engine("auto")
        assert (choice.name, str(choice.executable)) == ("quarto", path)
        assert choice.reason == "Quarto 1.11.0, found on PATH"
        assert choose_engine("embedded").name == "embedded"

    @pytest.mark.parametrize("requested", ["auto", "quarto"])
    def test_quarto_is_too_old(self, tmp_path, monkeypatch, requested):
        monkeypatch.setenv("QUARTO", fake_quarto(tmp_path, "1.8.27"))
        if requested == "quarto":
            with pytest.raises(RenderError, match=r"older than 1\.9"):
                choose_engine(requested)
        else:
            assert choose_engine(requested).reason == "Quarto 1.8.27 is older than 1.9"

    def test_variable_names_nothing(self, monkeypatch):
        monkeypatch.setenv("QUARTO", "/nowhere/quarto")
        assert "QUARTO names /nowhere/quarto" in choose_engine("auto").reason


def rendered(folder: Path, **options) -> dict[str, tuple[str, ...]]:
    return dict(render(folder, engine="embedded", **options).changes)


# what is changed, and what is rendered anew because of which change
CHANGES = {
    "include": ("_part.qmd", "New.\n", {"paper.qmd": ("_part.qmd",)}),
    "image": ("picture.svg", SVG.replace("90", "91"), {"paper.qmd": ("picture.svg",)}),
    "bibliography": ("references.bib", None, {"paper.qmd": 1, "other.qmd": 1}),
    "settings": ("_quarto.yml", None, {"paper.qmd": 1, "other.qmd": 1}),
    "variables": ("_variables.yml", "trials: 4\n", {"paper.qmd": 1, "other.qmd": 1}),
    "document": ("other.qmd", "Text.\n", {"other.qmd": ("other.qmd",)}),
    "output": ("_output/other.html", "spoilt", {"other.qmd": ("_output/other.html",)}),
}


def test_only_what_changed_is_rendered(tmp_path, monkeypatch):
    folder = write_project(tmp_path, FILES)
    assert set(rendered(folder)) == {"paper.qmd", "other.qmd"}
    report = render(folder, engine="embedded")
    assert report.up_to_date
    assert report.seconds == {}
    assert [path.name for path in report.outputs] == ["paper.html", "other.html"]
    for name, text, expected in CHANGES.values():
        path = folder / name
        path.write_text(path.read_text() + "\n" if text is None else text)
        found = rendered(folder)
        assert set(found) == set(expected), name
        assert all(name in why for why in found.values())
    monkeypatch.setenv("IPDBOOK_TEST_WORD", "word")
    assert rendered(folder) == {"paper.qmd": ("env:IPDBOOK_TEST_WORD",)}
    assert set(rendered(folder, dependencies={"data": "1"})) == {"paper.qmd", "other.qmd"}
    assert rendered(folder, dependencies={"data": "1"}) == {}
    assert rendered(folder, dependencies={"data": "1"}, force=True, documents=["other.qmd"]) == {
        "other.qmd": ("asked for",)
    }


def test_a_change_of_the_engine_renders_anew(tmp_path, monkeypatch):
    folder = write_project(tmp_path, FILES)
    rendered(folder)
    monkeypatch.setattr("analysis.publish.engine.engine_hash", lambda *_: "new")
    assert rendered(folder)["paper.qmd"] == ("the engine",)
    (folder / "_build" / "render.json").write_text("{")
    assert set(rendered(folder)) == {"paper.qmd", "other.qmd"}


def test_a_failure_leaves_the_last_outputs(tmp_path):
    folder = write_project(tmp_path, FILES)
    render(folder, engine="embedded")
    kept = {path: path.read_bytes() for path in (folder / "_output").iterdir()}
    (folder / "paper.qmd").write_text("Good.\n")
    (folder / "other.qmd").write_text("See @fig-nowhere.\n")
    with pytest.raises(RenderError):
        render(folder, engine="embedded")
    assert {path: path.read_bytes() for path in (folder / "_output").iterdir()} == kept
    assert {path.name for path in (folder / "_build").iterdir()} == {"lock", "render.json"}
    (folder / "other.qmd").write_text("Good.\n")
    assert set(rendered(folder)) == {"paper.qmd", "other.qmd"}


def test_one_run_in_this_interpreter_tells_its_progress(tmp_path):
    text = "`{python} __import__('sys').executable`\n\n```{python}\nprint(2)\n```\n"
    told: list[tuple[str, int, int]] = []
    folder = write_project(tmp_path, {"paper.qmd": text})
    report = render(folder, engine="embedded", progress=lambda *step: told.append(step))
    assert sys.executable in report.outputs[0].read_text()
    assert ("run paper.qmd", 2, 2) in told
    assert set(report.seconds) == {"read", "execute and convert", "pdf"}


def test_an_interrupt_stops_the_render_and_leaves_nothing(tmp_path):
    def interrupt(step, number, steps):
        del steps
        if (step, number) == ("run paper.qmd", 1):
            raise KeyboardInterrupt

    text = "```{python}\nprint(1)\n```\n\n```{python}\nprint(2)\n```\n"
    folder = write_project(tmp_path, {"paper.qmd": text})
    with pytest.raises(KeyboardInterrupt):
        render(folder, engine="embedded", progress=interrupt)
    assert [path.name for path in (folder / "_build").iterdir()] == ["lock"]
    assert not (folder / "_output").exists()

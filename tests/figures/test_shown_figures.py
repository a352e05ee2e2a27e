"""Figures in documents: one Markdown output, safe text, files with the same bytes each time."""

import json
from dataclasses import replace
from pathlib import Path

import pypandoc
import pytest
import yaml
from forest_cases import overall_effects, subgroups
from matplotlib.figure import Figure

from analysis.errors import RenderError, ResultError
from analysis.figures import overall, show_figure
from analysis.figures import subgroups as subgroup_figures
from analysis.figures.show import FOLDER, FONTS
from analysis.figures.style import letters
from analysis.protocol import read_protocol

ROOT = Path(__file__).parents[2]
PROTOCOL = read_protocol(ROOT / "data" / "protocol.yml")
PROJECTS = [
    ROOT / "_quarto.yml",
    ROOT / "docs" / "_quarto.yml",
    *sorted(ROOT.glob("examples/*/_quarto.yml")),
    ROOT / "analysis" / "demo" / "new_review" / "templates" / "_quarto.yml",
]
AWKWARD = 'He said "≥30" & C:\\x *not* _this_ {#id} <b> $x$ [a](b)\nover lines, P<0.001'


@pytest.fixture(autouse=True)
def _in_a_project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def _blank():
    return Figure(figsize=(1, 1))


def _elements(markdown, kind):
    """All elements of a kind in pandoc's reading of Markdown."""

    def inside(item):
        if isinstance(item, dict):
            if item.get("t") == kind:
                yield item["c"]
            item = list(item.values())
        for part in item if isinstance(item, list) else ():
            yield from inside(part)

    return list(inside(json.loads(pypandoc.convert_text(markdown, "json", "markdown"))["blocks"]))


def test_one_figure_is_a_labelled_div_with_image_and_caption():
    shown = show_figure(_blank(), label="fig-x", caption="Effect on *pain*.", alt=AWKWARD)
    assert shown.paths == (FOLDER / "fig-x.svg",)
    ((div, blocks),) = _elements(shown.markdown, "Div")
    assert div[0] == "fig-x"
    assert len(blocks) == 2
    ((attributes, words, target),) = _elements(shown.markdown, "Image")
    assert words == []
    assert target[0] == "_build/figures/fig-x.svg"
    assert dict(attributes[2]) == {"fig-alt": " ".join(AWKWARD.split())}


def test_notes_are_plain_text():
    note = "Levels <25 *and* 25_30; see @x [1] $2$ ~a~"
    shown = show_figure(_blank(), label="fig-x", caption="Caption.", alt="a", notes=(note,))
    plain = pypandoc.convert_text(shown.markdown, "plain", "markdown", extra_args=["--wrap=none"])
    assert f"Caption. {note}" in plain


def test_further_pages_follow_the_div_and_point_back():
    shown = show_figure([_blank(), _blank()], label="fig-x", caption="Caption.", alt="Both.")
    assert [path.name for path in shown.paths] == ["fig-x-1.svg", "fig-x-2.svg"]
    alts = [dict(image[0][2])["fig-alt"] for image in _elements(shown.markdown, "Image")]
    assert alts == ["Part 1 of 2. Both.", "Part 2 of 2. Both."]
    ((_, blocks),) = _elements(shown.markdown, "Div")
    assert [block["t"] for block in blocks] == ["Para", "Para"]  # first image, caption
    assert _elements(shown.markdown, "Cite")[0][0][0]["citationId"] == "fig-x"


@pytest.mark.parametrize(
    ("figures", "changes", "message"),
    [
        ([_blank()], {"label": "Figure 1"}, "such as 'fig-pain'"),
        ([], {}, "has no page"),
        ([_blank()], {"caption": " "}, "empty caption"),
        ([_blank()], {"alt": ""}, "empty alternative text"),
    ],
)
def test_refuses_what_readers_could_not_find_or_hear(figures, changes, message):
    settings = {"label": "fig-x", "caption": "Caption.", "alt": "Alt."} | changes
    with pytest.raises(RenderError, match=message):
        show_figure(figures, **settings)


@pytest.mark.parametrize(
    ("target", "paths", "text"),
    [
        ("html", None, True),
        ("typst", "/_build/figures/fonts", True),
        ("typst-citations", ["/fonts", "/_build/figures/fonts"], True),
        ("typst", "/fonts", False),
        ("typst", None, False),
        ("docx", "/_build/figures/fonts", False),
        ("latex", None, False),
    ],
)
def test_under_quarto_letters_are_outlines_where_the_fonts_are_not_seen(
    target, paths, text, tmp_path, monkeypatch
):
    figure = _blank()
    figure.text(0, 0, "Overall", fontproperties=letters(8))
    said = tmp_path / "execute-info.json"
    made = {"pandoc": {"to": target}, "metadata": {"font-paths": paths} if paths else {}}
    said.write_text(json.dumps({"format": made}))
    monkeypatch.setenv("QUARTO_EXECUTE_INFO", str(said))
    (path,) = show_figure(figure, label="fig-x", caption="Caption.", alt="a").paths
    assert (b">Overall</text>" in path.read_bytes()) is text


def test_an_end_of_quarto_leaves_letters_text(monkeypatch):
    monkeypatch.setenv("QUARTO_EXECUTE_INFO", "gone.json")
    figure = _blank()
    figure.text(0, 0, "Overall", fontproperties=letters(8))
    (path,) = show_figure(figure, label="fig-x", caption="Caption.", alt="a").paths
    assert b">Overall</text>" in path.read_bytes()


@pytest.mark.parametrize("path", PROJECTS, ids=lambda path: path.parent.name)
def test_typst_finds_the_fonts_of_figures_under_quarto_too(path):
    show_figure(_blank(), label="fig-x", caption="Caption.", alt="a")
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    folder = settings["format"]["typst"]["font-paths"]
    assert folder == f"/{(FOLDER / FONTS).as_posix()}"  # as a cell under Quarto looks for it
    assert sorted(each.name for each in Path(folder[1:]).iterdir()) == [
        "DejaVuSans-Bold.ttf",
        "DejaVuSans.ttf",
    ]
    assert settings["execute"]["daemon"] is False  # else a cell sees the format of an earlier one


def test_subgroups_in_a_document():
    settings = {"label": "fig-pain", "caption": "Subgroups."}
    shown = subgroup_figures.draw(subgroups(), PROTOCOL, **settings)
    assert len(shown.paths) == 2
    first = [path.read_bytes() for path in shown.paths]
    assert shown == subgroup_figures.draw(subgroups(), PROTOCOL, **settings)
    assert first == [path.read_bytes() for path in shown.paths]
    assert b'width="482.4pt"' in first[0]  # 6.7 inches
    alt = dict(_elements(shown.markdown, "Image")[0][0][2])["fig-alt"]
    assert "exercise therapy against any non-exercise comparison on pain intensity at short" in alt
    assert b"<dc:date>" not in first[0]
    assert shown._repr_markdown_() == shown.markdown
    assert not hasattr(shown, "_repr_html_")


def test_overall_effects_in_a_document():
    results = overall_effects()
    shown = overall.draw(results, PROTOCOL, label="fig-overall", caption="Overall effects.")
    alt = dict(_elements(shown.markdown, "Image")[0][0][2])["fig-alt"]
    assert alt == (
        "Forest plot of 2 overall effects. Pain intensity at short term, against no treatment or "
        "usual care: mean difference −10.7, 95% CI −14.1 to −7.4, lies entirely below no effect "
        "(0); prediction interval −23.8 to 2.4. Pain intensity at short term, against other "
        "conservative treatment: mean difference 3.7, 95% CI 1.3 to 6.0, lies entirely above no "
        "effect (0)."
    )
    caption = pypandoc.convert_text(shown.markdown, "plain", "markdown")
    assert "Synthetic demonstration data" in caption


def test_overall_rows_hold_the_numbers_of_the_results():
    spec = overall.specify(overall_effects(), PROTOCOL)
    first, second = (row for row in spec.rows if row.kind == "row")
    assert first.cells[1:] == ("26", "1547", "1548", "−10.7 (−14.1 to −7.4)", "−23.8 to 2.4")
    assert (first.mark.prediction, first.mark.worthwhile) == ((-23.8, 2.4), -9.4)
    assert second.cells[-1] == "–"
    assert second.mark.prediction is None
    assert spec.axis.low < -23.8


def test_differences_and_ratios_share_no_axis():
    mean, ratio = overall_effects()
    ratio = replace(ratio, effect=replace(ratio.effect, measure="OR"))
    with pytest.raises(ResultError, match="one figure for each kind"):
        overall.overall_forest([mean, ratio], PROTOCOL)
    with pytest.raises(ResultError, match="no result"):
        overall.overall_forest([], PROTOCOL)

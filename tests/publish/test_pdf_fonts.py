"""Fonts of a project's own: Typst finds those that `font-paths` names, as it does under Quarto."""

from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from pypdf import PdfReader

from analysis.errors import RenderError
from analysis.fonts import FOLDER
from analysis.publish.embedded.pdf import compile_pdf, font_folders


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        (None, []),
        ("/_build/figures/fonts", ["_build/figures/fonts"]),
        (["/fonts", "fonts"], ["fonts", "part/fonts"]),  # the second from the document's folder
        ("../fonts", ["fonts"]),
    ],
)
def test_paths_start_where_those_of_quarto_do(tmp_path, stated, expected):
    found = font_folders(tmp_path, "part/paper.qmd", {"font-paths": stated})
    assert found == [tmp_path.resolve() / each for each in expected]


@pytest.mark.parametrize("stated", ["../../fonts", "/../fonts"])
def test_no_font_is_read_from_outside_the_project(tmp_path, stated):
    with pytest.raises(RenderError, match="outside the project"):
        font_folders(tmp_path, "part/paper.qmd", {"font-paths": stated})


def _house_font(folder: Path) -> None:
    """Write a font that no machine has."""
    folder.mkdir()
    with TTFont(FOLDER / "DejaVuSansMono.ttf") as font:
        for each in font["name"].names:
            if each.nameID in {1, 4, 16}:
                each.string = "House Sans"
        font.save(folder / "house.ttf")


def test_a_font_of_the_project_is_used(tmp_path):
    markup = tmp_path / "paper.typ"
    markup.write_text('#set document(title: "A")\n#set text(lang: "en", font: "House Sans")\nWords')
    _house_font(tmp_path / "fonts")
    path = tmp_path / "paper.pdf"
    path.write_bytes(compile_pdf(markup, tmp_path, fonts=[tmp_path / "fonts", tmp_path / "none"]))
    (font,) = PdfReader(path).pages[0]["/Resources"]["/Font"].values()
    assert "DejaVuSansMono" in font.get_object()["/BaseFont"]  # its PostScript name was kept
    with pytest.raises(RenderError, match="unknown font family: house sans"):
        compile_pdf(markup, tmp_path, fonts=[tmp_path / "none"])

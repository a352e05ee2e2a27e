"""Fonts of pictures: the glyphs that are used stand in the SVG, the same bytes each time."""

import base64
import io
import re

import matplotlib as mpl
import pytest
from fontTools.ttLib import TTFont
from matplotlib.figure import Figure

from analysis.errors import RenderError
from analysis.fonts import FOLDER, copy_fonts, with_fonts

RULE = re.compile(r"@font-face\{font-family:'([^']+)';font-weight:(\w+);font-style:(\w+);"
                  r"src:url\(data:font/woff;base64,([^)]+)\)")  # fmt: skip
HOSTILE = "<script>alert(1)</script> & \"a\" 'b' ]]> {{< x >}} </style>"
GREEK = "τ² = 1.5, I² −7\N{NARROW NO-BREAK SPACE}% ≥ café"


def drawn(*texts: str, **font) -> str:
    """Draw texts as matplotlib does when it writes text as text."""
    figure, target = Figure((3, 2)), io.StringIO()
    for at, text in enumerate(texts):
        figure.text(0.1, 0.1 + 0.2 * at, text, **({"parse_math": False} | font))
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "x"}):
        figure.savefig(target, format="svg", metadata={"Date": None})
    return target.getvalue()


def letters_of(picture: str) -> dict[tuple[str, str, str], set[str]]:
    """Return the letters that each embedded face can draw."""
    found = {}
    for family, weight, style, data in RULE.findall(picture):
        font = TTFont(io.BytesIO(base64.b64decode(data)))
        assert font.flavor == "woff"
        found[family, weight, style] = {chr(code) for code in font.getBestCmap()}
    return found


@pytest.mark.parametrize(
    ("font", "face"),
    [
        ({}, ("DejaVu Sans", "normal", "normal")),
        ({"weight": "bold"}, ("DejaVu Sans", "bold", "normal")),
        ({"weight": 600}, ("DejaVu Sans", "bold", "normal")),
        ({"style": "italic"}, ("DejaVu Sans", "normal", "oblique")),
        ({"family": "DejaVu Serif", "rotation": 90}, ("DejaVu Serif", "normal", "normal")),
    ],
)
def test_exactly_the_letters_of_the_text_are_embedded(font, face):
    found = letters_of(with_fonts(drawn(GREEK, "AV", **font)))
    assert found == {face: set(GREEK + "AV")}


def test_faces_are_kept_apart_and_formulas_have_all_theirs():
    picture = with_fonts(drawn(r"$\tau^2$ is", weight="bold", parse_math=True))
    found = letters_of(picture)
    assert found["DejaVu Sans", "normal", "oblique"] == {"τ"}
    assert set("2is") <= set().union(*found.values())


def test_the_same_picture_gives_the_same_bytes():
    assert with_fonts(drawn(GREEK)) == with_fonts(drawn(GREEK))


def test_letters_stand_as_far_apart_as_in_the_whole_font():
    data = RULE.findall(with_fonts(drawn("AV")))[0][3]
    subset, whole = TTFont(io.BytesIO(base64.b64decode(data))), TTFont(FOLDER / "DejaVuSans.ttf")
    assert [subset["hmtx"][subset.getBestCmap()[ord(each)]][0] for each in "AV"] == [
        whole["hmtx"][each][0] for each in "AV"
    ]
    assert "kern" in {each.FeatureTag for each in subset["GPOS"].table.FeatureList.FeatureRecord}
    assert subset["head"].modified == whole["head"].modified


def test_hostile_text_stays_text():
    picture = with_fonts(drawn(HOSTILE))
    assert "<script" not in picture
    assert picture.count("</style>") == 1
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; " in picture


@pytest.mark.parametrize("text", [" a", "a  b", "a "])
def test_spaces_are_kept(text):
    assert f">{text}</text>" in with_fonts(drawn(text))
    assert '<text xml:space="preserve"' in with_fonts(drawn(text))
    assert "xml:space" not in with_fonts(drawn("a b"))


def test_a_picture_without_text_stays_as_it_is():
    assert with_fonts("<svg><style>*{}</style></svg>") == "<svg><style>*{}</style></svg>"


def test_a_font_of_this_machine_alone_is_refused():
    with pytest.raises(RenderError, match="'Liberation Sans', which other machines may lack"):
        with_fonts("<text style=\"font-size: 9px; font-family: 'Liberation Sans'\">a</text>")


@pytest.mark.parametrize(
    "style",
    [
        "font: 700 8px 'DejaVu Sans', sans-serif; text-anchor: end",  # before matplotlib 3.11
        "font-weight: 700; font-size: 8px; font-family: 'DejaVu Sans', sans-serif; fill: #123456",
    ],
)
def test_both_ways_in_which_matplotlib_names_a_font(style):
    picture = f'<svg><style>*{{}}</style><text style="{style}">a&lt;</text></svg>'
    assert letters_of(with_fonts(picture)) == {("DejaVu Sans", "bold", "normal"): {"a", "<"}}


def test_font_files_for_typst_are_written_once(tmp_path):
    copy_fonts(tmp_path / "fonts", "DejaVu Sans")
    written = sorted((tmp_path / "fonts").iterdir())
    assert [path.name for path in written] == ["DejaVuSans-Bold.ttf", "DejaVuSans.ttf"]
    times = [path.stat().st_mtime_ns for path in written]
    copy_fonts(tmp_path / "fonts", "DejaVu Sans")
    assert [path.stat().st_mtime_ns for path in written] == times
    assert written[1].read_bytes() == (FOLDER / "DejaVuSans.ttf").read_bytes()

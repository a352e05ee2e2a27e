"""An empty div is a place that the page's script fills; in print it takes no room."""

import pytest

from analysis.publish.embedded.pandoc import convert

PLACES = {"title": "A", "ipdbook-folder": ".", "ipdbook-figures": "."}
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
MARKDOWN = "# Head\n\n::: {.chooser}\n:::\n\nText.\n"


@pytest.mark.parametrize(
    ("target", "there"), [("html", 'class="chooser"'), ("typst", ""), ("docx", "")]
)
def test_an_empty_div_stands_in_html_alone(tmp_path, target, there):
    with_div, without = (
        convert(text, PLACES, target, root=tmp_path, work=tmp_path, name="x").text
        for text in (MARKDOWN, MARKDOWN.replace("::: {.chooser}\n:::\n\n", ""))
    )
    assert there in with_div
    assert (with_div == without) is (not there)


@pytest.mark.parametrize("target", ["html", "typst", "docx"])
def test_a_place_with_underscores_is_no_emphasis(tmp_path, target):
    """Folders of a render have random names; their figures have no text of their own to check."""
    figures = "_build/render-3mz_q5f_/figures"
    (tmp_path / figures).mkdir(parents=True)
    (tmp_path / figures / "a.svg").write_text(PICTURE, encoding="utf-8")
    places = PLACES | {"ipdbook-figures": figures}
    found = convert(
        f"![]({figures}/a.svg)\n", places, target, root=tmp_path, work=tmp_path, name="x"
    )
    assert found.complaints == ()

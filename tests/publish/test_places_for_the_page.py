"""An empty div is a place that the page's script fills; in print it takes no room."""

import pytest

from analysis.publish.embedded.pandoc import convert

PLACES = {"title": "A", "ipdbook-folder": ".", "ipdbook-figures": "."}
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

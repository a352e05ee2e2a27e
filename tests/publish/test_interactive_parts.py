"""The style and scripts of a page as text: the same for both engines, and nothing from outside."""

import json
import re

import pypandoc
import pytest

from analysis.publish.external import external_loads
from analysis.publish.interactive import HERE, SCRIPTS, page_parts

MARKDOWN = page_parts().markdown


def test_one_conditional_div_of_raw_html():
    tree = json.loads(pypandoc.convert_text(MARKDOWN, "json", "markdown"))
    (div,) = tree["blocks"]
    (_, classes, attributes), (raw,) = div["c"]
    assert (classes, attributes) == (["content-visible"], [["when-format", "html"]])
    assert raw["t"] == "RawBlock"
    assert raw["c"][0] == "html"
    assert raw["c"][1].count("<script>") == raw["c"][1].count("</script>") == 1
    assert external_loads(raw["c"][1]) == []
    assert pypandoc.convert_text(MARKDOWN, "html", "markdown").count("<script>") == 1


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_do_what_a_page_from_disk_may_do(name):
    code = (HERE / f"{name}.js").read_text(encoding="utf-8")
    forbidden = r"innerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|fetch\(|"
    forbidden += r"XMLHttpRequest|import\(|localStorage|cookie|https?:|setAttribute\('on"
    assert re.findall(forbidden, code) == []
    assert len(code.splitlines()) < 150


def test_nothing_that_an_engine_would_read():
    assert "{{<" not in MARKDOWN, "no shortcode"
    assert not re.search(
        r"^`{3}", MARKDOWN.split("```{=html}\n")[1].rsplit("```", 1)[0], re.MULTILINE
    )
    assert {path.stem for path in HERE.glob("*.js")} == set(SCRIPTS)

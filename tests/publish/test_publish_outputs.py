"""A cell's outputs as Markdown: their order, their fences, their place in a float."""

import pytest

from analysis.publish.embedded.cells import split_cells
from analysis.publish.embedded.lines import Line
from analysis.publish.embedded.outputs import cell_markdown, fenced

FIGURE = {"output_type": "display_data", "data": {"image/svg+xml": "<svg/>", "text/plain": "<Fig>"}}
TEXT = {"output_type": "display_data", "data": {"text/markdown": "*Text*"}}
AXES = {"output_type": "execute_result", "data": {"text/plain": "<Axes: xlabel='x'>"}}


def printed(text: str, name: str = "stdout") -> dict[str, str]:
    return {"output_type": "stream", "name": name, "text": text}


def markdown(tmp_path, outputs, *options: str, settings=None) -> str:
    text = ["```{python}", *(f"#| {each}" for each in options), "code()", "```"]
    lines = [Line(each, "x.qmd", number) for number, each in enumerate(text, 1)]
    (_, cell, _), problems = split_cells(lines)
    assert problems == []
    written = cell_markdown(cell, outputs, {"echo": False, **(settings or {})}, tmp_path, ".")
    return "\n".join(line for line in written.splitlines() if line)


@pytest.mark.parametrize(
    ("outputs", "options", "expected"),
    [
        (
            [printed("1\n"), TEXT, printed("2\n")],
            [],
            "```{.cell-output}\n1\n```\n*Text*\n```{.cell-output}\n2\n```",
        ),
        ([printed("- a\n"), printed("- b\n")], ["output: asis"], "- a\n- b"),
        ([printed("1"), TEXT], ["output: false"], ""),
        ([printed("1"), TEXT], ["include: false"], ""),
        ([printed("careful", "stderr")], ["warning: false"], ""),
        ([printed("careful", "stderr")], [], "```{.cell-output}\ncareful\n```"),
        ([TEXT, AXES], [], "*Text*"),
        ([TEXT], ["label: tbl-x", "tbl-cap: A caption."], "::: {#tbl-x}\n*Text*\nA caption.\n:::"),
        (
            [printed("| a |"), printed("careful", "stderr")],
            ["label: tbl-x", "tbl-cap: A caption.", "output: asis"],
            "```{.cell-output}\ncareful\n```\n::: {#tbl-x}\n| a |\nA caption.\n:::",
        ),
        ([], ["echo: true"], "```{.python .cell-code}\ncode()\n```"),
        ([], ["echo: true", "code-fold: true"], "```{.python .cell-code .fold}\ncode()\n```"),
    ],
)
def test_markdown(tmp_path, outputs, options, expected):
    assert markdown(tmp_path, outputs, *options) == expected


def test_figure(tmp_path):
    found = markdown(tmp_path, [FIGURE], 'fig-alt: "A \\"line\\""', "out-width: 50%")
    (path,) = tmp_path.iterdir()
    assert path.read_text() == "<svg/>"
    assert found == f'![](./{path.name}){{fig-alt="A \\"line\\"" width="50%"}}'


def test_a_fence_is_longer_than_those_inside():
    assert fenced("````\nx\n````", "{=html}").startswith("`````{=html}\n")

"""Each failure names its file and line; all failures of a project come at once."""

import pytest
from small_projects import SETTINGS, problems_of, write_project

from analysis.errors import RenderError
from analysis.publish.engine import render

HEAD = "---\ntitle: A paper\n---\n\n"  # the text of each case begins at line 5

FOREIGN = """```{python}
#| fig-alt: A letter
import matplotlib.pyplot as plt
plt.title("a", family="Liberation Sans")
plt.show()
```
"""

# (the text after the front matter, the line of the problem, what the message says)
BROKEN = {
    "unresolved reference": ("Hello.\n\nSee @fig-nowhere.\n", 7, "'fig-nowhere'"),
    "reference to an unnumbered section": ("# A {#sec-a .unnumbered}\n\n@sec-a\n", 7, "'sec-a'"),
    "reference in a footnote": ("A note.[^1]\n\n[^1]: See @tbl-x.\n", 7, "'tbl-x'"),
    "kind of float of Quarto's": ("@lst-code is code.\n", 5, "'lst-code'"),
    "unknown citation": ("As shown [@riley2010; @rilley2011].\n", 5, "'rilley2011'"),
    "citation lost after a reference": ("$$x$$ {#eq-x}\n\n@eq-x [@riley2010]\n", 7, "word between"),
    "unknown shortcode": ("Text {{< video x.mp4 >}}.\n", 5, "'video'"),
    "shortcode without value": ("Text {{< var trials.got >}}.\n", 5, "_variables.yml"),
    "inline include": ("Text {{< include x.qmd >}} here.\n", 5, "own line"),
    "missing include": ("A.\n\n{{< include chapters/_no.qmd >}}\n", 7, "chapters/_no.qmd"),
    "unclosed fence": ("A.\n\n```python\nx = 1\n", 7, "not closed"),
    "unclosed div": ("A.\n\n::: {.callout-note}\n\nText.\n", 7, "not closed"),
    "unopened div": ("A.\n\n:::\n", 7, "never opened"),
    "div touching text": ("A.\n::: {.callout-note}\nText.\n:::\n", 6, "blank line"),
    "heading touching text": ("A.\n# Heading\n", 6, "blank line"),
    "unclosed comment": ("A.\n\n<!-- later\n", 7, "not closed"),
    "unknown div": ("::: {.panel-tabset}\n\nA.\n\n:::\n", 5, "panel-tabset"),
    "unknown layout": ("::: {layout-ncol=2}\n\nA.\n\n:::\n", 5, "layout-ncol"),
    "unknown callout": ("::: {.callout-danger}\n\nA.\n\n:::\n", 5, "callout-danger"),
    "unknown engine": ("```{r}\nx <- 1\n```\n", 5, "{r}"),
    "options on the fence": ("```{python, echo=FALSE}\nx = 1\n```\n", 5, "echo=FALSE"),
    "unknown option": ("```{python}\n#| labl: fig-x\n1\n```\n", 6, "'label'"),
    "option of a wrong type": ("```{python}\n#| echo: maybe\n1\n```\n", 6, "true or false"),
    "option without effect": ("```{python}\n#| fig-width: 5\n1\n```\n", 6, "figsize"),
    "options that are not YAML": ('```{python}\n#| fig-cap: "x\n1\n```\n', 6, "YAML"),
    "label without caption": ("```{python}\n#| label: fig-x\n1\n```\n", 5, "fig-cap"),
    "custom label on a cell": ("```{python}\n#| label: atbl-x\n#| tbl-cap: A\n1\n```\n", 5, "div"),
    "duplicate label": ("# A {#sec-a}\n\n# B {#sec-a}\n", 7, "more than once"),
    "float without caption": ("::: {#tbl-x}\n\n| a |\n|---|\n| 1 |\n\n:::\n", 5, "no caption"),
    "figure without alt": ("![Caption](picture.svg){#fig-x}\n", 5, "alternative text"),
    "image without alt": ("Text ![](picture.svg) text.\n", 5, "alternative text"),
    "font of one machine": (
        FOREIGN,
        5,
        "'Liberation Sans', which other machines may lack",
    ),
    "missing image": ('![A](no.svg){fig-alt="A"}\n', 5, "no.svg"),
    "image from the network": ('![A](https://x.org/a.png){fig-alt="A"}\n', 5, "network"),
}


@pytest.mark.parametrize(("text", "line", "says"), BROKEN.values(), ids=BROKEN)
def test_place_of_a_problem(tmp_path, text, line, says):
    found = problems_of(write_project(tmp_path, {"paper.qmd": HEAD + text}))
    assert any(each.startswith(f"paper.qmd:{line}: ") and says in each for each in found), found


def test_places_are_those_of_the_included_files(tmp_path):
    folder = write_project(
        tmp_path,
        {
            "paper.qmd": HEAD + "{{< include /chapters/_a.qmd >}}\n\n@sec-lost\n",
            "chapters/_a.qmd": "# A\n\n{{< include chapters/_b.qmd >}}\n\nSee @tbl-lost.\n",
            "chapters/_b.qmd": "One.\n\n[@lost2020]\n",
        },
    )
    places = [each.split(": ")[0] for each in problems_of(folder)]
    assert places == ["chapters/_a.qmd:5", "chapters/_b.qmd:3", "paper.qmd:7"]


def test_include_cycle(tmp_path):
    folder = write_project(
        tmp_path,
        {"paper.qmd": "{{< include _a.qmd >}}\n", "_a.qmd": "A.\n\n{{< include _a.qmd >}}\n"},
    )
    assert problems_of(folder) == [
        "_a.qmd:3: include cycle: paper.qmd → _a.qmd → _a.qmd. Remove one include."
    ]


@pytest.mark.parametrize(
    ("front", "line", "says"),
    [
        ("title: [a\nother: b", 3, "not YAML"),
        ("title: A\nabstract: We found `{python} effect`.", 3, "front matter"),
    ],
)
def test_front_matter(tmp_path, front, line, says):
    (found,) = problems_of(write_project(tmp_path, {"paper.qmd": f"---\n{front}\n---\n\nText.\n"}))
    assert found.startswith(f"paper.qmd:{line}: ")
    assert says in found


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("embed-resources: true", "embed-resource: true"), "embed-resources"),
        (("type: default", "type: book"), "expected 'default'"),
        (("echo: false", "freeze: auto"), "freeze"),
        (("html: {", "revealjs: {"), "revealjs"),
        (("references.bib", "lost.bib"), "lost.bib"),
    ],
)
def test_settings(tmp_path, change, says):
    files = {"_quarto.yml": SETTINGS.replace(*change), "paper.qmd": HEAD + "Text.\n"}
    found = problems_of(write_project(tmp_path, files))
    assert len(found) == 1
    assert found[0].startswith("_quarto.yml:")
    assert says in found[0]


def test_settings_in_front_matter(tmp_path):
    text = "---\ntitle: A\nformat:\n  html:\n    tok: true\n---\n\nText.\n"
    (found,) = problems_of(write_project(tmp_path, {"paper.qmd": text}))
    assert found.startswith("paper.qmd:5: unknown setting format.html.tok. Did you mean 'toc'?")


def test_failures_of_cells(tmp_path):
    """One render lists the failures of all documents, and what was not run is not blamed."""
    chapter = (
        "Text.\n\n```{python}\n#| echo: false\nx = 1\n\ndef f():\n    return lost\n\nf()\n```\n"
    )
    bare = "```{python}\nimport pandas as pd\npd.DataFrame({'a': [1]})\n```\n"
    figure = "```{python}\nimport matplotlib.pyplot as plt\nfig, ax = plt.subplots()\n{end}\n```\n"
    documents = {
        "cell.qmd": HEAD + "{{< include _chapter.qmd >}}\n\n@fig-late and @fig-lost\n\n"
        "```{python}\n#| label: fig-late\n#| fig-cap: Late.\n#| fig-alt: Late.\nf()\n```\n",
        "syntax.qmd": HEAD + "```{python}\nx = 1\nx = = 2\n```\n",
        "module.qmd": HEAD + "```{python}\nfrom helper import load\n\nload()\n```\n",
        "killed.qmd": HEAD + "```{python}\nimport os\nos._exit(1)\n```\n",
        "outputs.qmd": HEAD
        + bare
        + "\n"
        + figure.replace("{end}", "plt.show()")
        + "\n"
        + figure.replace("{python}", "{python}\n#| fig-alt: A.").replace("{end}", "fig")
        + "\nThe mean is `{python} 1 / 2` and `{python} lost`.\n",
    }
    settings = SETTINGS.replace("[paper.qmd]", "[" + ", ".join(documents) + "]")
    helper = "import json\n\n\ndef load():\n    return json.loads('{')\n"
    files = {"_quarto.yml": settings, "_chapter.qmd": chapter, "helper.py": helper, **documents}
    found = problems_of(write_project(tmp_path, files))
    expected = [
        ("_chapter.qmd:10", "NameError: name 'lost' is not defined"),
        ("cell.qmd:7", "'fig-lost'"),
        ("killed.qmd:5", "the kernel died"),
        ("module.qmd:8", "column 2 (char 1) (raised at helper.py:5)"),
        ("outputs.qmd:5", "text/html"),
        ("outputs.qmd:10", "without alternative text"),
        ("outputs.qmd:16", "same figure twice"),
        ("outputs.qmd:23", "gives float, expected a str"),
        ("outputs.qmd:23", "NameError"),
        ("syntax.qmd:7", "SyntaxError"),
    ]
    assert len(found) == len(expected), found
    for each, (place, says) in zip(found, expected, strict=True):
        assert each.startswith(f"{place}: "), each
        assert says in each


def test_a_folder_that_is_no_project(tmp_path):
    with pytest.raises(RenderError, match=r"holds no _quarto\.yml"):
        render(tmp_path, engine="embedded")


def test_a_document_that_is_not_listed(tmp_path):
    folder = write_project(tmp_path, {"paper.qmd": "Text.\n"})
    with pytest.raises(RenderError, match=r"does not list other\.qmd; it lists paper\.qmd"):
        render(folder, engine="embedded", documents=["other.qmd"])

"""A hostile trial or protocol cannot put a script, a file or a command into a page.

The small review is built with hostile words in every text field that a trial or the team writes,
and rendered by the embedded engine; the words must come out as words.
"""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from pypdf import PdfReader

from analysis.problems import ProblemsError
from analysis.publish.engine import render
from analysis.publish.external import external_loads
from analysis.results import compute
from analysis.results.build import build
from analysis.results.review import find_review

HOSTILE = (
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    '"><svg onload=alert(1)>',
    "--><script>alert(2)</script>",
    "{ {< include /etc/passwd >} }",
    "`{python} 1/0`",
    "`x`{=html}",
    '#let x = 1 #read("/etc/passwd")',
    "]#eval('1')[",
    "$x^2$ and $y$",
    "@riley2010 [a](javascript:alert(1))",
    "*b* _i_ ^s^ ~s~ [x]{.y}",
    "::: {.z}",
    "| a | b |",
    "\\input{x} %comment",
)
COLUMNS = "[x](y) <i>$a$ `#c`"  # in the header of a figure there is room for few letters

DOCUMENT = """\
---
title: Hostile
engine: jupyter
---

```{python}
#| include: false
from analysis import tables, wording
from analysis.figures import subgroups
from analysis.results.review import open_review
from analysis.tables import show
review = open_review()
plan = review.protocol
```

# Results {#sec-results}

`{python} review.trials()[0].label` `{python} wording.missing_sentence(review.participants(), plan)`
`{python} wording.overall_sentence(review.all_overall()[0], plan)`

```{python}
#| label: tbl-trials
#| tbl-cap: "Trials."
show(tables.trials_table(review.trials(), plan))
```

```{python}
#| label: tbl-people
#| tbl-cap: "People."
show(tables.participants_table(review.participants(), plan))
```

```{python}
#| label: tbl-interactions
#| tbl-cap: "Interactions."
show(tables.interactions_table(review.interactions("pain", "short"), plan))
```

```{python}
#| label: tbl-exclusions
#| tbl-cap: "Exclusions."
show(tables.exclusions_table(review.exclusions(), plan))
```

```{python}
subgroups.draw(review.subgroups("pain", "short"), plan, label="fig-pain", caption="Pain.")
```
"""
SETTINGS = """\
project: {type: default, render: [paper.qmd], output-dir: _output, execute-dir: project}
execute: {echo: false}
format: {html: {embed-resources: true}, typst: {papersize: a4}}
"""


def hostile(number: int) -> str:
    """Write the words, different ones for each field, as a text of YAML."""
    return json.dumps(f"{HOSTILE[number % len(HOSTILE)]} {number}", ensure_ascii=False)


def spoil(project: Path) -> None:
    """Put hostile words into every text field."""
    path = project / "data" / "protocol.yml"
    text = path.read_text(encoding="utf-8")
    numbers = iter(range(100))
    text = re.sub(r"label: (?!\\{)[^,}\n]+", lambda _: f"label: {hostile(next(numbers))}", text)
    levels = f"levels: {{male: {hostile(40)}, female: {hostile(41)}}}"
    text = re.sub(r"levels: \{.*?\}", lambda _: levels, text)
    about = r"(?m)^(title|data_note|registration): .*"
    text = re.sub(about, lambda found: f"{found[1]}: {hostile(42)}", text)
    text = text.replace("event: responded", f"event: {hostile(43)}")
    few = r"((?:exercise|waiting|any): \{label: )\"(?:[^\"\\]|\\.)*\""
    text = re.sub(few, lambda found: f"{found[1]}{json.dumps(COLUMNS)}", text)
    path.write_text(text, encoding="utf-8")
    path = project / "data" / "trials" / "alpha" / "trial.yml"
    text = path.read_text(encoding="utf-8")
    fields = {"label": 50, "country": 51, "setting": 52}
    about = rf"(?m)^({'|'.join(fields)}): .*"
    text = re.sub(about, lambda found: f"{found[1]}: {hostile(fields[found[1]])}", text)
    text = re.sub(r"name: (NRS|PSFS)", lambda _: f"name: {hostile(53)}, note: {hostile(54)}", text)
    text = text.replace("label: Training", f"label: {hostile(55)}, type: {hostile(56)}")
    text = text.replace("label: Waiting", f"label: {hostile(57)}, type: {hostile(58)}")
    text += f"notes: [{', '.join(hostile(at) for at in range(60, 60 + len(HOSTILE)))}]\n"
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def pages(small_review, monkeypatch):
    monkeypatch.setattr(compute, "WORTH_WORKERS", 100)
    spoil(small_review)
    build(find_review(small_review))
    (small_review / "paper.qmd").write_text(DOCUMENT, encoding="utf-8")
    (small_review / "_quarto.yml").write_text(SETTINGS, encoding="utf-8")
    html, pdf = render(small_review, engine="embedded").outputs
    return html.read_text(encoding="utf-8"), "\n".join(
        page.extract_text() for page in PdfReader(pdf).pages
    )


class Elements(HTMLParser):
    """Collects elements with their attributes, scripts, and the text of the page."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts, self.handlers, self.addresses, self.text = 0, [], [], []

    def handle_starttag(self, tag, attrs):
        self.scripts += tag == "script"
        self.handlers += [(tag, name) for name, _ in attrs if name.startswith("on")]
        self.addresses += [value or "" for name, value in attrs if name in {"href", "src"}]

    def handle_data(self, data):
        self.text.append(data)


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text.replace("\N{ZERO WIDTH SPACE}", ""))


def test_hostile_words_are_words(pages):
    html, pdf = pages
    found = Elements()
    found.feed(html)
    assert found.scripts == 1  # our own
    assert found.handlers == []
    assert not [each for each in found.addresses if each.lower().startswith("javascript:")]
    assert external_loads(html) == []
    assert "root:x:0" not in html + pdf
    shown, printed = squeezed("".join(found.text)), squeezed(pdf)
    for words in HOSTILE:
        assert squeezed(words) in shown, words
    for words in ("<script>alert(1)</script>", '#read("/etc/passwd")', "]#eval('1')[", "$x^2$"):
        assert squeezed(words) in printed, words


@pytest.mark.parametrize("key", ["x]{=html}", "a]; <script>", "a b", "", "../x", "@x"])
def test_a_citation_key_is_no_markdown(small_review, key):
    path = small_review / "data" / "trials" / "alpha" / "trial.yml"
    text = path.read_text(encoding="utf-8")
    text = text.replace("citation: {key: alpha2001,", f"citation: {{key: {json.dumps(key)},")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ProblemsError, match=r"citation\.key"):
        build(find_review(small_review))

"""A paper that uses all of the syntax that the embedded engine supports, with many small pages."""

SETTINGS = """\
project:
  type: default
  render: [paper.qmd, supplement.qmd]
  output-dir: _output
  execute-dir: project
author:
  - {name: Anna O'Brien, affiliations: [One University, Two Institute], orcid: 0000-0001-2345-6789}
  - {name: Seán Müller, affiliations: [Two Institute]}
date: 2026-01-05
lang: en-GB
keywords: [meta-analysis, individual participant data]
running-note: Synthetic demonstration data
bibliography: references.bib
number-sections: true
execute: {echo: false}
crossref:
  custom:
    - {kind: float, key: atbl, reference-prefix: "Table A", caption-location: top, space-before-numbering: false}
    - {kind: float, key: afig, reference-prefix: "Figure A", space-before-numbering: false}
format:
  html:
    toc: true
    embed-resources: true
    html-math-method: mathml
    include-in-header: {text: "<meta name='from-header' content='yes'>"}
    include-before-body: assets/banner.html
  typst:
    pdf-standard: a-2b
    citeproc: true
    include-in-header: assets/header.typ
"""

PAPER = """\
---
title: "Effects of drug X: a *meta-analysis*"
subtitle: A subtitle
abstract: |
  We did a meta-analysis [@riley2010].

  It has two paragraphs.
---

{{< include /chapters/_methods.qmd >}}

# Results {#sec-results}

```{python}
#| include: false
import matplotlib.pyplot as plt
from IPython.display import Markdown

from local_package import numbers

plt.rcParams["figure.figsize"] = (5, 3)
```

The pooled effect was `{python} numbers.effect()` in `{python} str(27)` trials, `{python} "a*b_c<d[e"`
and `{python} Markdown("*raw* markdown")`. Code stays: `` `{python} lost` ``. See @fig-forest,
[-@fig-forest], [Fig @fig-forest], [@tbl-pipe; @tbl-wide], @sec-model, @eq-model, @atbl-more and
@afig-drawn. Registered as {{< meta registration.number >}} with {{< var trials.sought >}} trials sought
and {{< env IPDBOOK_TEST_WORD fallback >}}.

```{python}
#| label: fig-forest
#| fig-cap: "Forest plot of *drug X* [@riley2010]."
#| fig-alt: "Two trials and \\"pooled\\", all below zero."
fig, ax = plt.subplots()
ax.plot([0, 1], [1, 0], marker="s")
ax.set_xlabel("Mean difference")
plt.show()
```

<!-- A note to ourselves with @fig-nowhere and
`{python} lost` -->

::: {.content-visible when-format="html"}
Only in HTML.
:::

::: {.content-hidden when-format="html"}
Only in print.
:::

::: {.content-visible when-format="docx"}
Only in Word.
:::

{{< pagebreak >}}

```{python}
#| output: asis
for arm in ("exercise", "control"):
    print(f"- Arm **{arm}**")
```

```{python}
#| echo: true
#| code-fold: true
print("printed text")
```

```{python}
#| eval: false
#| echo: true
lost()
```

```{python}
#| error: true
1 / 0
```

1. A list item with a cell:

   ```{python}
   Markdown("Written by a cell in a list.")
   ```

```python
# shown, not run: `{python} lost` {{< video x >}} @fig-nowhere
```

::: {.landscape}

```{python}
#| label: tbl-wide
#| tbl-cap: "A wide table."
numbers.wide_table()
```

:::

# References {.unnumbered}

::: {#refs}
:::
"""

METHODS = """\
# Methods {#sec-methods}

Text in an included file.[^n]

[^n]: A footnote with $\\tau^2$.

{{< include chapters/_model.qmd >}}

::: {.callout-note title="A deviation"}
From *protocol* to paper.
:::

::: {.callout-warning collapse="true"}
## Collapsed

Hidden at first.
:::

| Item | Number |
|:-----|-------:|
| Trials | 27 |

: A pipe table {#tbl-pipe}
"""

MODEL = """\
## Model {#sec-model}

$$
y_{ij} = \\beta_0 + u_{0j}
$$ {#eq-model}
"""

SUPPLEMENT = """\
---
title: Supplement
registration: {number: CRD1}
---

# Tables

::: {#atbl-more}

| a | b |
|---|---|
| 1 | 2 |

More in the supplement.

:::

See @atbl-more.
"""

PACKAGE = '''\
"""A module of the project."""

from IPython.display import Markdown


def effect():
    return "−10.7 (95% CI −14.1 to −7.4)"


def wide_table():
    head = "".join(f"<th>Column number {n}</th>" for n in range(14))
    row = "".join(f"<td>{n}.000</td>" for n in range(14))
    html = f"<table><thead><tr>{head}</tr></thead><tbody>" + f"<tr>{row}</tr>" * 60 + "</tbody></table>"
    cells = ", ".join(f"[Col {n}]" for n in range(14))
    body = ", ".join(f"[{n}.000]" for n in range(14))
    typst = f"#table(columns: 14, table.header({cells}), " + f"{body}, " * 60 + ")"
    return Markdown(
        '::: {.content-visible when-format="html"}\\n\\n```{=html}\\n' + html + "\\n```\\n\\n:::\\n\\n"
        '::: {.content-visible when-format="typst"}\\n\\n```{=typst}\\n' + typst + "\\n```\\n\\n:::\\n\\n"
        '::: {.content-visible when-format="docx"}\\n\\n```{=html}\\n<table><tr><td>WORD</td></tr></table>'
        "\\n```\\n\\n:::\\n"
    )
'''

FLOATS = """
::: {#atbl-more}

| a | b |
|---|---|
| 1 | 2 |

An appendix table.

:::

::: {#afig-drawn}

![](/picture.svg){fig-alt="A black box" width=60%}

An appendix figure.

:::
"""

FILES = {
    "_quarto.yml": SETTINGS,
    "_variables.yml": "trials: {sought: 33}\n",
    "paper.qmd": PAPER.replace("abstract: |", "registration: {number: CRD42}\nabstract: |", 1).replace(
        "# References", FLOATS + "\n# References"
    ),
    "supplement.qmd": SUPPLEMENT,
    "chapters/_methods.qmd": METHODS,
    "chapters/_model.qmd": MODEL,
    "local_package/__init__.py": "",
    "local_package/numbers.py": PACKAGE,
    "assets/banner.html": '<p class="banner">Banner of the project</p>\n',
    "assets/header.typ": (
        "#set page(header: context [Header of the project #h(1fr) *Synthetic demonstration data*])\n"
        "#show figure: set block(breakable: true)\n"
    ),
}

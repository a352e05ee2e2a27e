"""The files of a small review: a plan, three trials of thirty participants, one page."""

import random

PROTOCOL = """\
title: Small review
registration: none
data_status: synthetic
data_note: Invented for tests.
treatment: exercise
arms:
  exercise: {label: Exercise}
  waiting: {label: Waiting list}
comparisons:
  any: {label: any control, control: [waiting]}
follow_ups:
  short: {label: short term, weeks: 12, window: [6, 18]}
outcomes:
  pain: {label: Pain, kind: continuous, unit: points, scale: [0, 100], higher: worse,
    baseline: true, follow_ups: [short]}
modifiers:
  age: {label: Age, kind: continuous, unit: years, per: year, range: [16, 100]}
overall: {outcomes: [pain], follow_ups: [short], comparisons: [any]}
interactions: {outcomes: [pain], follow_ups: [short], comparison: any}
"""

TRIAL = """\
label: {label} 2001
citation: {{key: {name}2001, authors: {label} A, year: 2001}}
country: Nowhere
setting: Clinic
files:
  - path: {name}.csv
participant: id
arm:
  column: group
  codes: {{1: trained, 2: waited}}
arms:
  trained: {{label: Training, category: exercise}}
  waited: {{label: Waiting, category: waiting}}
outcomes:
  pain:
    instrument: {{name: NRS, range: [0, 100], higher: worse}}
    measurements:
      - {{weeks: 0, column: pain0}}
      - {{weeks: 12, column: pain12}}
modifiers:
  age: {{column: age}}
"""

SETTINGS = """\
project:
  type: default
  render: [paper.qmd]
  output-dir: _output
  execute-dir: project
engine: jupyter
jupyter: python3
execute: {echo: false, freeze: false}
lang: en-GB
format: {html: {embed-resources: true, toc: true}}
"""

PAPER = """\
---
title: Small review
---

```{python}
#| include: false
from analysis import wording
from analysis.results.review import open_review

review = open_review()
effect = review.overall("pain", "short", "any")
```

# Results {#sec-results}

`{python} wording.overall_sentence(effect, review.protocol)`
"""

TRIALS = ("alpha", "beta", "gamma")


def data(seed: int) -> str:
    """Write the table of one trial of thirty participants."""
    draw = random.Random(seed)  # noqa: S311 - test data, no secret
    lines = ["id,group,age,pain0,pain12"]
    for number in range(30):
        start = draw.uniform(40, 80)
        after = start / 2 + 12 * (number % 2) + draw.gauss(15, 6)
        lines.append(f"{number},{number % 2 + 1},{draw.randint(20, 70)},{start:.0f},{after:.0f}")
    return "\n".join(lines) + "\n"

"""A small review as text: one trial of six participants, made to be spoilt."""

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
  long: {label: long term, weeks: 52, window: [40, 64]}
outcomes:
  pain:
    label: Pain
    kind: continuous
    scale: [0, 100]
    higher: worse
    baseline: true
    follow_ups: [short, long]
  mobility:
    label: Mobility
    kind: continuous
    scale: [0, 100]
    higher: worse
    baseline: true
    follow_ups: [short]
  response:
    label: Response
    kind: binary
    higher: better
    event: responded
    follow_ups: [short]
    response: {percent: 30, minimum: {pain: 20, mobility: 10}}
  surgery:
    label: Surgery
    kind: binary
    event: operated
    follow_ups: [short]
modifiers:
  age: {label: Age, kind: continuous, unit: years, range: [16, 100]}
  sex:
    label: Sex
    kind: categorical
    levels: {male: Male, female: Female}
    reference: male
  fear: {label: Fear, kind: continuous, scale: [0, 100]}
  pain_start: {label: Pain at baseline, kind: continuous, baseline_of: pain}
exclusions:
  withdrew: {label: consent withdrawn}
  pregnant: {label: pregnant, outcomes: [surgery]}
overall: {outcomes: [pain], follow_ups: [short], comparisons: [any]}
interactions: {outcomes: [pain], follow_ups: [short], comparison: any}
"""

TRIAL = """\
label: Alpha 2001
citation: {key: alpha2001, authors: Alpha A, year: 2001}
country: Nowhere
setting: Clinic
files:
  - path: alpha.csv
participant: id
missing: ["", "-9"]
arm:
  column: group
  codes: {1: trained, 2: waited}
arms:
  trained: {label: Training, category: exercise}
  waited: {label: Waiting, category: waiting}
outcomes:
  pain:
    instrument: {name: NRS, range: [0, 10], higher: worse, step: 1}
    measurements:
      - {weeks: 0, column: pain0}
      - {weeks: 12, column: pain12}
      - {weeks: 52, column: pain52}
  mobility:
    instrument: {name: PSFS, range: [0, 30], higher: better}
    measurements:
      - {weeks: 0, column: mob0}
      - {weeks: 10, column: mob10}
  surgery:
    measurements:
      - {weeks: 12, column: op}
    codes: {y: event, n: no_event}
modifiers:
  age: {column: age}
  sex:
    column: sex
    codes: {1: male, 2: female}
exclusions:
  withdrew: {column: status, values: [3]}
  pregnant: {column: status, values: [2]}
"""

DATA = """\
id,group,age,sex,pain0,pain12,pain52,mob0,mob10,op,status
101,1,30,1,8,4,2,15,21,n,1
102,1,40,2,6,5,-9,15,15,n,1
103,1,50,1,5,,3,12,18,y,1
104,2,60,2,7,7,8,9,,n,2
105,2,70,,9,6,7,,12,y,1
106,2,80,1,4,4,4,30,27,,3
"""

FILES = {
    "data/protocol.yml": PROTOCOL,
    "data/trials/alpha/trial.yml": TRIAL,
    "data/trials/alpha/alpha.csv": DATA,
}

Edit = tuple[str, str, str]
Contents = dict[str, str | bytes | None]


def short(file: str) -> str:
    """Give the full name of a file of the small review from its last part."""
    return next((name for name in FILES if name.endswith(file)), file)

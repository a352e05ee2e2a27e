"""What the synthetic publication of a trial reports: counts, means and standard deviations."""

import pandas as pd

from analysis.demo.sent import Sent

TABLE_1 = "synthetic publication, Table 1"
TABLE_2 = "synthetic publication, Table 2"
Figure = dict[str, object]


def publish(sent: Sent) -> list[Figure]:
    """List the published figures: entries of `published` in `trial.yml`.

    Scores are on the instrument's scale, rounded to one decimal as papers do.
    """
    figures = _randomised(sent) + _participants(sent)
    short = sent.trial.design.weeks["short"]
    for visit in sent.assessments:
        if visit.week in {0, short}:
            for outcome, values in visit.scores.items():
                figures += _scores(sent, outcome, visit.week, values)
    return figures


def _randomised(sent: Sent) -> list[Figure]:
    return [
        {"statistic": "n", "value": arm.size, "arm": arm.key, "source": TABLE_1}
        for arm in sent.trial.design.arms
    ]


def _participants(sent: Sent) -> list[Figure]:
    people = sent.trial.participants
    return [
        _rounded("mean", people["age"].mean(), modifier="age", source=TABLE_1),
        _rounded(
            "percent", 100 * people["sex"].mean(), modifier="sex", level="female", source=TABLE_1
        ),
    ]


def _scores(sent: Sent, outcome: str, week: float, values: pd.Series) -> list[Figure]:
    figures: list[Figure] = []
    source = TABLE_1 if week == 0 else TABLE_2
    for arm in sent.trial.design.arms:
        here = values[sent.trial.participants["arm"] == arm.key].dropna()
        where = {"arm": arm.key, "outcome": outcome, "weeks": week, "source": source}
        if week > 0:
            figures.append({"statistic": "n", "value": len(here), **where})
        figures.append(_rounded("mean", here.mean(), **where))
        figures.append(_rounded("sd", here.std(), **where))
    return figures


def _rounded(statistic: str, value: float, **where: object) -> Figure:
    return {"statistic": statistic, "value": round(float(value), 1), "decimals": 1, **where}

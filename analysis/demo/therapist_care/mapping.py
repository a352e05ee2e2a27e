"""Write the `trial.yml` of a synthetic trial."""

import pandas as pd
import yaml

from analysis.demo.therapist_care.citations import CITATIONS
from analysis.demo.therapist_care.designs import CATEGORIES, WEEKS, Design
from analysis.demo.therapist_care.formats import CODED, INSTRUMENTS, STYLES, Style

_HEAD = """\
# yaml-language-server: $schema=../../../../../analysis/schemas/trial.schema.json
# Synthetic demonstration data: no value describes a real participant or a result of
# the trial named here. Written by `ipdbook demo` from the seed {seed}.
"""
Section = dict[str, object]


def mapping_text(design: Design, table1: pd.DataFrame, people: pd.DataFrame, *, seed: int) -> str:
    """Say which column is what.

    Parameters
    ----------
    design
        The trial.
    table1
        Its arms in the published Table 1: country, participants, arm_group, intervention.
    people
        Its participants, for the figures that it "published".
    seed
        Seed of the repository, for the head of the file.
    """
    style = STYLES[design.style]
    arms = _arms(table1)
    codes = ["ABCD"[i] if style.letters else i + 1 for i in range(len(arms))]
    content: Section = {
        "label": design.name,
        "citation": {"key": design.citation, **CITATIONS[design.citation]},
        "country": str(table1["country"].iloc[0]),
        "setting": "Not given by the review",
        "files": [_file(design, style)],
        "participant": style.name("participant"),
        "missing": ["", style.missing] if style.missing else [""],
        "arm": {"column": style.name("arm"), "codes": dict(zip(codes, arms, strict=True))},
        "arms": arms,
        "outcomes": {name: _outcome(name, design, style) for name in design.outcomes},
        "modifiers": _modifiers(design, style),
        "published": _published(table1, people, list(arms)),
    }
    body = yaml.safe_dump(
        content, sort_keys=False, default_flow_style=None, width=100, allow_unicode=True
    )
    return _HEAD.format(seed=seed) + body


def _arms(table1: pd.DataFrame) -> dict[str, Section]:
    """Name the arms after their group; a second arm of a group gets a number."""
    arms: dict[str, Section] = {}
    for row in table1.to_dict("records"):
        category = CATEGORIES[str(row["arm_group"])]
        key = category if category not in arms else f"{category}_2"
        arms[key] = {
            "label": str(row["intervention"]),
            "category": category,
            "type": str(row["intervention"]),
        }
    return arms


def _file(design: Design, style: Style) -> Section:
    found: Section = {"path": f"{design.key}.{style.suffix}"}
    if style.suffix == "xlsx":
        return found | {"sheet": "Dati", "skip_rows": 2}
    if style.suffix == "csv" and style.delimiter != ",":
        return found | {
            "encoding": style.encoding,
            "delimiter": style.delimiter,
            "decimal": style.decimal,
        }
    return found


def _outcome(name: str, design: Design, style: Style) -> Section:
    instrument, (low, high), higher, step = INSTRUMENTS[name]
    described: Section = {"name": instrument, "range": [low, high], "higher": higher}
    if step:
        described["step"] = step
    times = [("", 0), *((key, WEEKS[key]) for key in design.follow_ups)]
    return {
        "instrument": described,
        "measurements": [
            {"weeks": weeks, "column": f"{style.name(name)}{style.times[key]}"}
            for key, weeks in times
        ],
    }


def _modifiers(design: Design, style: Style) -> Section:
    men, women = style.sexes
    found: Section = {
        "age": {"column": style.name("age")},
        "sex": {"column": style.name("sex"), "codes": {men: "male", women: "female"}},
    }
    for name in design.modifiers:
        coded: Section = {"column": style.name(name)}
        if name in CODED:
            coded["codes"] = dict(enumerate(CODED[name], 1))
        found[name] = coded
    return found


def _published(table1: pd.DataFrame, people: pd.DataFrame, arms: list[str]) -> list[Section]:
    """Give what Table 1 of the review says, and what the synthetic publication would."""
    figures: list[Section] = [
        {
            "label": "Participants",
            "statistic": "n",
            "value": int(table1["participants"].iloc[0]),
            "source": "Hee 2021, Table 1",
        }
    ]
    made = "synthetic publication"
    figures += [
        {"statistic": "n", "value": int((people["arm"] == i).sum()), "arm": arm, "source": made}
        for i, arm in enumerate(arms)
    ]
    return [
        *figures,
        {
            "statistic": "mean",
            "value": round(float(people["age"].mean()), 1),
            "decimals": 1,
            "modifier": "age",
            "source": made,
        },
    ]

"""The text of `trial.yml`, as a person would write it: sections in order, with comments."""

import textwrap
from pathlib import Path

import yaml

from analysis.demo.citations import REFERENCES
from analysis.demo.instruments import outcome_scale
from analysis.demo.judgements import risk_of_bias
from analysis.demo.programmes import programmes
from analysis.demo.publication import publish
from analysis.demo.remarks import file_remark, missing_remark, outcome_remark, table_notes
from analysis.demo.sent import Sent

Entry = dict[str, object]
_COUNTRY = {"long2004": "Multisite (Canada, United States, Germany, United Kingdom, Kuwait)"}
_TEXT = {".csv", ".tsv"}
_SCHEMA = "# yaml-language-server: $schema=../../../analysis/schemas/trial.schema.json\n"


def mapping_text(sent: Sent, *, country: str, setting: str, seed: int) -> str:
    """Write `trial.yml` for what a trial sent.

    Parameters
    ----------
    sent
        The files as laid out.
    country, setting
        As Table 1 gives them.
    seed
        The seed of the repository, for the first line.
    """
    modifiers = {key: item.mapping for key, item in sent.modifiers.items()}
    comments = {key: item.comment for key, item in sent.modifiers.items()}
    trial = sent.trial.design
    head = (
        f"{_SCHEMA}"
        "# Synthetic demonstration data: no value describes a real participant or a result of\n"
        f"# the trial named here. Written by `ipdbook demo` from the seed {seed}.\n"
    )
    sections = (
        head + _entry("label", trial.name),
        _entry("citation", _citation(trial.key))
        + _entry("country", _COUNTRY.get(trial.key, country))
        + _entry("setting", setting),
        _remark(file_remark(sent)) + _entry("files", _files(sent)),
        _entry("participant", sent.names["participant"])
        + _remark(missing_remark(sent))
        + _entry("missing", _missing(sent)),
        _entry("arm", sent.arm.mapping) + _entry("arms", _arms(sent)),
        _remark(outcome_remark(sent)) + _section("outcomes", _outcomes(sent), {}),
        _section("modifiers", modifiers, comments),
        *([_entry("notes", notes)] if (notes := table_notes(sent)) else []),
        _remark("Drawn at random: the review publishes no judgement of single trials.")
        + _entry("risk_of_bias", risk_of_bias(trial.key, seed=seed)),
        *([_entry("integrity", known)] if (known := _integrity(sent)) else []),
        _remark("What the (synthetic) publication reports; scores on the instrument's scale.")
        + _entry("published", publish(sent)),
    )
    return "\n".join(sections)


def _remark(text: str) -> str:
    return f"# {text}\n" if text else ""


def _entry(key: str, value: object) -> str:
    """Write one key, its innermost lists and mappings on one line each."""
    on_one_line = None if isinstance(value, dict | list) and key != "citation" else False
    text: str = yaml.safe_dump(
        {key: value}, sort_keys=False, allow_unicode=True, default_flow_style=on_one_line, width=110
    )
    return text


def _section(name: str, entries: dict[str, Entry], comments: dict[str, str]) -> str:
    lines = [f"{name}:\n"]
    for key, entry in entries.items():
        if comments.get(key):
            lines.append(f"  # {comments[key]}\n")
        lines.append(textwrap.indent(_entry(key, entry), "  "))
    return "".join(lines)


def _citation(trial: str) -> Entry:
    reference = REFERENCES[trial]
    return {
        "key": trial,
        "authors": reference.authors,
        "year": reference.year,
        "title": reference.title,
        "journal": reference.journal,
    }


def _files(sent: Sent) -> list[Entry]:
    style = sent.style
    long_here = style.layout == "long" and not style.visits_file
    files = [{"path": style.file, **_format(sent, style.file), **_visits(sent, here=long_here)}]
    if style.visits_file:
        form = _format(sent, style.visits_file)
        files.append({"path": style.visits_file, **form, **_visits(sent, here=True)})
    return files


def _format(sent: Sent, name: str) -> Entry:
    style, suffix = sent.style, Path(name).suffix
    if suffix == ".xlsx":  # a title and a blank row stand above the names
        return {"sheet": style.sheet, "skip_rows": 2}
    entry: Entry = {}
    if suffix in _TEXT:
        if style.encoding == "latin-1":
            entry["encoding"] = "latin-1"
        if style.delimiter != ",":
            entry["delimiter"] = style.delimiter
        if style.decimal != ".":
            entry["decimal"] = style.decimal
    return entry


def _visits(sent: Sent, *, here: bool) -> Entry:
    if not here:
        return {}
    weeks = {visit.code: visit.week for visit in sent.assessments}
    return {"layout": "long", "visit": sent.names["visit"], "visits": weeks}


def _missing(sent: Sent) -> list[str]:
    return ["", sent.style.missing] if sent.style.missing else [""]


def _arms(sent: Sent) -> dict[str, Entry]:
    entries: dict[str, Entry] = {
        arm.key: {"label": arm.label, "category": arm.category, "type": arm.type}
        for arm in sent.trial.design.arms
    }
    exercise = [entry for entry in entries.values() if entry["category"] == "exercise"]
    for entry, (design, delivery) in zip(exercise, programmes(sent.trial.design.key), strict=True):
        known = {"design": design, "delivery": delivery}
        entry.update({key: text for key, text in known.items() if text})
    return entries


def _outcomes(sent: Sent) -> dict[str, Entry]:
    found = {}
    for outcome in sent.trial.design.outcomes:
        entry: Entry = {"instrument": _instrument(sent.trial.design.key, outcome)}
        if sent.style.layout == "long":
            entry["column"] = sent.score_columns[outcome]
        else:
            entry["measurements"] = [
                {"weeks": visit.week, "column": sent.score_columns[f"{outcome}@{visit.tag}"]}
                for visit in sent.assessments
                if outcome in visit.scores
            ]
        found[outcome] = entry
    return found


def _integrity(sent: Sent) -> Entry:
    """Name the columns that only the integrity checks use."""
    columns = {"randomised": "date", "site": "site"}
    found: Entry = {
        key: sent.names[name] for key, name in columns.items() if name in sent.style.extra
    }
    if "weight" in sent.style.extra:
        body = {part: sent.names[part] for part in ("weight", "height")}
        index = sent.modifiers.get("bmi")
        found["body"] = body | ({"bmi": index.column} if index else {})
    return found


def _instrument(trial: str, outcome: str) -> Entry:
    scale = outcome_scale(trial, outcome)
    entry: Entry = {
        "name": scale.name,
        "range": [scale.low, scale.high],
        "higher": "worse" if scale.higher == "same" else "better",
        "step": scale.step,
    }
    return {**entry, "note": scale.note} if scale.note else entry

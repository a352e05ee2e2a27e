"""Proposals for the demonstration trials and the real example, against the committed mappings.

A column counts as right when its role is (participant, visit, arm, cluster, the outcome and its
week, the modifier, or unused). Weeks may differ by one: a trial that writes "2 months" may mean 8
or 9 weeks. It is settled when its codes, scale, unit or visits are right, too, not left open.
"""

from pathlib import Path
from typing import NamedTuple

import pytest

from analysis.protocol import read_protocol
from analysis.trials.mapping import read_mapping
from analysis.trials.proposal.guess import OPEN
from analysis.trials.proposal.propose import propose

ROOT = Path(__file__).resolve().parents[2]
DEMO = sorted(path.parent for path in (ROOT / "data" / "trials").glob("*/trial.yml"))
EXAMPLE = ROOT / "examples" / "periodontal-pregnancy"
LEAST_RIGHT = 0.80
WEEK = 1.0
UNUSED = ("unused",)


class Held(NamedTuple):
    """What a column holds: its role, the week of an assessment, and what is said of its values."""

    role: tuple[str, ...]
    week: object = None
    said: object = None


def committed(mapping):
    """Column → what the committed mapping says."""
    held = {mapping.arm.column: Held(("arm",), said=tuple(sorted(mapping.arm.codes)))}
    for file in mapping.files:
        held[file.participant or mapping.participant] = Held(("participant",))
        if file.visit:
            held[file.visit] = Held(("visit",), said=dict(file.visits))
    if mapping.cluster:
        held[mapping.cluster] = Held(("cluster",))
    for key, coded in mapping.modifiers.items():
        for column in [coded.column] if coded.column else coded.combine:
            codes = {code: level for code, level in coded.codes.items() if code}
            said = (codes, coded.range, coded.higher, coded.factor)
            held[column] = Held(("modifier", key), said=said)
    for key, outcome in mapping.outcomes.items():
        scale = outcome.instrument and (outcome.instrument.range, outcome.instrument.higher)
        said = (scale, {code: level for code, level in outcome.codes.items() if code})
        if outcome.column:
            held[outcome.column] = Held(("outcome", key), said=said)
        for each in outcome.measurements:
            held[each.column] = Held(("outcome", key), each.weeks, said)
    return held


def proposed(proposal):
    """Column → what is proposed, how surely, and how surely its scale."""
    held = {**_structure(proposal), **_modifiers(proposal), **_outcomes(proposal)}
    return {name: guess if len(guess) == 3 else (*guess, guess[1]) for name, guess in held.items()}


def _structure(proposal):
    held = {}
    for structure, visits in zip(proposal.files, proposal.visits, strict=True):
        who = structure.participant
        held[who.value.name] = Held(("participant",)), who.confidence
        if visits:
            sure = min(visits.sure.values(), key=("low", "medium", "high").index)
            held[visits.column.name] = Held(("visit",), said=visits.weeks), sure
    if proposal.cluster:
        held[proposal.cluster.name] = Held(("cluster",)), "medium"
    if proposal.arm:
        codes = tuple(sorted(arm.code for arm in proposal.arms))
        held[proposal.arm.column.name] = Held(("arm",), said=codes), proposal.arm.confidence
    return held


def _modifiers(proposal):
    held = {}
    for guess in proposal.modifiers:
        entry = guess.entry
        scale = entry.get("range")
        said = (
            entry.get("codes", {}),
            tuple(scale) if isinstance(scale, list) else scale,
            entry.get("higher", "same"),
            entry.get("factor", 1.0),
        )
        held[guess.role.column.name] = Held(("modifier", guess.key), said=said), guess.confidence
    for each in proposal.combined:
        said = ({}, None, "same", 1.0)
        held |= {c.name: (Held(("modifier", each.key), said=said), "medium") for c in each.columns}
    return held


def _outcomes(proposal):
    held = {}
    for guess in proposal.outcomes:
        known = guess.instrument.value if guess.instrument else None
        scale = (known.range, known.higher) if known else OPEN if guess.instrument else None
        said = (scale, guess.codes.codes if guess.codes else {})
        sure = guess.instrument.confidence if guess.instrument else "low"
        for each in guess.assessed:
            week = None if guess.long else OPEN if each.weeks is None else each.weeks
            what = Held(("outcome", guess.key), week, said)
            held[each.column.name] = what, each.confidence, sure
    return held


def close(guess, truth):
    return guess == truth or (OPEN not in (guess, truth) and abs(guess - truth) <= WEEK)


def parts(held):
    """The single statements about the values of a column."""
    if isinstance(held.said, dict):
        return {("visit", code): week for code, week in held.said.items()}
    found = {}
    for number, part in enumerate(held.said or ()):
        each = part if isinstance(part, dict) else {number: part}
        found |= {(number, key): value for key, value in each.items()}
    return found


def differing(guess, truth):
    """The statements about the values that are not as committed: key → the proposed one."""
    stated, real = parts(guess), parts(truth)
    return {
        key: stated.get(key, OPEN)
        for key in stated | real
        if stated.get(key, OPEN) != real.get(key)
        and not (guess.role == ("visit",) and close(stated.get(key, OPEN), real[key]))
    }


def compare(folder, protocol):
    """One row per column: name, right, settled, and how sure a wrong guess is."""
    mapping = read_mapping(folder / "trial.yml", trial=folder.name, shown_as="trial.yml")
    proposal = propose([folder / file.path for file in mapping.files], protocol)
    truth, guesses = committed(mapping), proposed(proposal)
    rows = []
    for structure in proposal.files:
        for column in structure.table.columns:
            real = truth.get(column.name, Held(UNUSED))
            guess, sure, sure_scale = guesses.get(column.name, (Held(UNUSED), "low", "low"))
            placed = guess.role == real.role
            right = placed and close(guess.week, real.week)
            other = differing(guess, real) if placed else {}
            misread = any(value != OPEN for value in other.values())
            wrong = sure if not right and guess.week != OPEN else sure_scale if misread else ""
            rows.append((column.name, right, right and not other, wrong))
    return rows


def shares(rows):
    return tuple(sum(row[at] for row in rows) / len(rows) for at in (1, 2))


def test_most_columns_of_the_demonstration_trials_are_proposed_right():
    protocol = read_protocol(ROOT / "data" / "protocol.yml")
    found = {folder.name: compare(folder, protocol) for folder in DEMO}
    assert len(found) == 27
    right, settled = shares([row for rows in found.values() for row in rows])
    by_trial = "\n".join(
        f"{trial}: {100 * shares(rows)[0]:.0f} % right, {100 * shares(rows)[1]:.0f} % settled"
        for trial, rows in found.items()
    )
    report = f"all: {100 * right:.1f} % right, {100 * settled:.1f} % settled\n{by_trial}"
    wrong = [(trial, *row) for trial, rows in found.items() for row in rows]
    assert [row for row in wrong if row[4] == "high"] == [], report
    assert [row for row in wrong if row[4] == "medium"] == [], report
    assert right >= LEAST_RIGHT, report


def test_the_real_example_is_proposed_right_where_anything_is_proposed_with_high_confidence():
    rows = compare(
        EXAMPLE / "data" / "trials" / "opt", read_protocol(EXAMPLE / "data/protocol.yml")
    )
    right, settled = shares(rows)
    assert [row[0] for row in rows if row[3] == "high"] == []
    assert right >= LEAST_RIGHT, f"{100 * right:.1f} % right, {100 * settled:.1f} % settled"


@pytest.mark.parametrize("folder", DEMO, ids=lambda folder: folder.name)
def test_no_trial_is_named_in_the_code(folder):
    here = ROOT / "analysis" / "trials" / "proposal"
    source = "".join(p.read_text(encoding="utf-8") for p in here.iterdir() if p.is_file())
    names = [folder.name, *(path.name for path in folder.iterdir() if path.suffix != ".yml")]
    assert [name for name in names if name.casefold() in source.casefold()] == []

"""Write a proposal as the text of a `trial.yml`: what is guessed, how surely, and why."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime

from analysis.protocol import Protocol
from analysis.trials.proposal.field import KnownInstrument
from analysis.trials.proposal.guess import OPEN
from analysis.trials.proposal.lines import flow, plain_codes, remark, said, tidy
from analysis.trials.proposal.modifiers import Entry
from analysis.trials.proposal.outcomes import OutcomeGuess
from analysis.trials.proposal.propose import Proposal
from analysis.trials.proposal.visits import Visits

_NAME = re.compile(r"([a-z]+?)[_-]?((?:19|20)\d\d)[a-z]?")
_HEAD = (
    "Proposed by `ipdbook add-trial` from {files}. Nothing here has been confirmed by a person. "
    "Each comment says how sure the guess below it is (high, medium, low), and why. Where a "
    "question mark stands in place of a value, only a person can answer: put the answer there. "
    "Then run `ipdbook check`."
)


def proposal_text(
    proposal: Proposal, name: str, protocol: Protocol, *, received: date | None = None
) -> str:
    """Write `trial.yml`.

    Parameters
    ----------
    proposal
        What was found out.
    name
        Key of the trial: the name of its folder.
    protocol
        The plan of the review.
    received
        Day on which the data arrived; today when None.
    """
    files = ", ".join(each.table.file.path for each in proposal.files)
    day = received or datetime.now(tz=UTC).date()
    sections = (
        remark(_HEAD.format(files=files)) + _citation(name, day),
        _files(proposal),
        _people(proposal),
        _arms(proposal, protocol),
        _outcomes(proposal),
        _modifiers(proposal),
        _exclusions(proposal),
        _rest(proposal),
    )
    return "\n".join(section for section in sections if section)


def _entry(entry: Entry) -> Entry:
    codes = entry.get("codes")
    return {**entry, "codes": plain_codes(codes)} if isinstance(codes, dict) else entry


def _citation(name: str, received: date) -> str:
    match = _NAME.fullmatch(name)
    label = f"{match[1].capitalize()} {match[2]}" if match else name
    year = match[2] if match else flow(OPEN)
    sure = "medium: from the name of the folder" if match else "low: the name of the folder"
    ask = flow(OPEN)
    return (
        f"{remark(sure)}label: {flow(label)}\n"
        "# ? The publication; key is that of the reference in references.bib.\n"
        f"citation:\n  key: {flow(name)}\n  authors: {ask}\n  year: {year}\n"
        '  title: ""\n  journal: ""\n'
        f"# ? Where were the participants recruited?\ncountry: {ask}\n"
        f'# ? In which setting, as "Primary care"?\nsetting: {ask}\n'
        f"# medium: the day of this proposal\nreceived: {received}\n"
    )


def _files(proposal: Proposal) -> str:
    lines = ["files:\n"]
    first = proposal.files[0].participant.value.name
    for structure, visits in zip(proposal.files, proposal.visits, strict=True):
        entry: Entry = structure.table.file.model_dump(exclude_unset=True)
        if structure.participant.value.name != first:
            entry["participant"] = structure.participant.value.name
        if visits is None:
            lines.append(f"  - {flow(entry)}\n")
            continue
        if structure.visit:
            lines.append(
                remark(
                    f"{structure.visit.confidence}: one row per visit; {structure.visit.reason}", 2
                )
            )
        weeks = tidy(plain_codes(visits.weeks))
        lines.append(_weeks_remark(visits))
        entry |= {"layout": "long", "visit": visits.column.name, "visits": weeks}
        lines.append(f"  - {flow(entry)}\n")
    return "".join(lines)


def _weeks_remark(visits: Visits) -> str:
    """Say for each visit how sure its week is; equal reasons once."""
    said: dict[str, list[str]] = {}
    for code in visits.weeks:
        said.setdefault(f"{visits.sure[code]}: {visits.reasons[code]}", []).append(code)
    mark = "? Weeks after randomisation. " if OPEN in visits.weeks.values() else ""
    return remark(mark + ". ".join(f"{', '.join(codes)}: {why}" for why, codes in said.items()), 2)


def _people(proposal: Proposal) -> str:
    participant = proposal.files[0].participant
    text = remark(f"{participant.confidence}: {participant.reason}")
    text += f"participant: {flow(participant.value.name)}\n"
    if proposal.cluster:
        text += remark("medium: named like the unit of the protocol")
        text += f"cluster: {flow(proposal.cluster.name)}\n"
    if proposal.missing:
        text += remark(f"medium: {', '.join(proposal.missing)} taken for not known")
    return text + f"missing: {flow(['', *proposal.missing])}\n"


def _arms(proposal: Proposal, protocol: Protocol) -> str:
    if proposal.arm is None:
        ask = flow(OPEN)
        why = "# ? No column looks like the arms: which column says who got what?\n"
        return f"{why}arm: {ask}\narms: {ask}\n"
    role = proposal.arm
    entry: Entry = {"column": role.column.name}
    entry["codes"] = plain_codes({arm.code: arm.key for arm in proposal.arms})
    reason = f"{role.reason}; {role.column.shows_values()}"
    lines = [remark(f"{role.confidence}: {reason}"), f"arm: {flow(entry)}\n"]
    if any(arm.category.value == OPEN for arm in proposal.arms):
        lines.append(remark(f"? The category is one of {', '.join(protocol.arms)}."))
    lines.append("arms:\n")
    for arm in proposal.arms:
        value = {"label": arm.label, "category": arm.category.value}
        lines.append(said(arm.category.confidence, arm.category.reason, value, 2))
        lines.append(f"  {flow(arm.key)}: {flow(value)}\n")
    return "".join(lines)


def _outcomes(proposal: Proposal) -> str:
    if not proposal.outcomes:
        return f"# ? No column looks like an outcome of the protocol.\noutcomes: {flow(OPEN)}\n"
    return "outcomes:\n" + "".join(_outcome(guess, proposal) for guess in proposal.outcomes)


def _outcome(guess: OutcomeGuess, proposal: Proposal) -> str:
    lines = [remark(f"{guess.confidence}: {guess.reason}", 2), f"  {guess.key}:\n"]
    if guess.instrument:
        scale = _instrument(guess.instrument.value)
        lines.append(said(guess.instrument.confidence, guess.instrument.reason, scale, 4))
        lines.append(f"    instrument: {flow(tidy(scale))}\n")
    if guess.long:
        lines.append(f"    column: {flow(guess.assessed[0].column.name)}\n")
    else:
        lines.append("    measurements:\n")
        for each in guess.assessed:
            weeks: object = OPEN if each.weeks is None else each.weeks
            value = tidy({"weeks": weeks, "column": each.column.name})
            lines.append(said(each.confidence, each.reason, value, 6))
            lines.append(f"      - {flow(value)}\n")
    if guess.codes:
        lines.append(said(guess.codes.confidence, guess.codes.reason, guess.codes.codes, 4))
        lines.append(f"    codes: {flow(plain_codes(guess.codes.codes))}\n")
    own = [
        code for each in guess.assessed for code in proposal.missing_of.get(each.column.name, ())
    ]
    if own:
        lines.append(f"    missing: {flow(list(dict.fromkeys(own)))}\n")
    return "".join(lines)


def _instrument(known: KnownInstrument | None) -> Entry:
    if known is None:
        return {"name": OPEN, "range": OPEN, "higher": OPEN}
    entry: Entry = {"name": known.name, "range": list(known.range), "higher": known.higher}
    return {**entry, "step": known.step} if known.step else entry


def _modifiers(proposal: Proposal) -> str:
    lines = []
    for guess in proposal.modifiers:
        entry = tidy(_entry(guess.entry))
        own = proposal.missing_of.get(guess.role.column.name)
        entry |= {"missing": list(own)} if own else {}
        shown = guess.role.column.shows_values()
        reason = guess.reason if shown in guess.reason else f"{guess.reason}; {shown}"
        lines.append(said(guess.confidence, reason, entry, 2))
        lines.append(f"  {flow(guess.key)}: {flow(entry)}\n")
    for each in proposal.combined:
        lines.append(said("medium", each.reason, each.entry, 2))
        lines.append(f"  {flow(each.key)}: {flow(each.entry)}\n")
    return "modifiers:\n" + "".join(lines) if lines else ""


def _exclusions(proposal: Proposal) -> str:
    lines = []
    for each in proposal.exclusions:
        lines.append(remark("medium: these values say what the protocol excludes", 2))
        value = {"column": each.column.name, "values": list(each.values)}
        lines.append(f"  {flow(each.key)}: {flow(value)}\n")
    return "exclusions:\n" + "".join(lines) if lines else ""


def _rest(proposal: Proposal) -> str:
    """List what is not used, so that nothing is passed over unseen."""
    lines: list[str] = []
    if proposal.doubtful:
        lines.append("# Perhaps also of use, too unsure to be proposed:\n")
        for role in proposal.doubtful:
            what = f"{role.column.name!r} as {role.target.key}: {role.reason}"
            lines.append(remark(f"- {what}"))
    unused = list(_unused(proposal))
    if unused:
        lines.append(remark(f"Not used: {', '.join(unused)}."))
    return "".join(lines)


def _unused(proposal: Proposal) -> Iterable[str]:
    return (f"{c.name} ({what})" if what else c.name for c, what in proposal.unused)

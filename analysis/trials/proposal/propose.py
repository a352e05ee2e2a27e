"""Propose the mapping of a trial from its files alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.protocol import Protocol
from analysis.trials.proposal.arms import ArmGuess, arms_of
from analysis.trials.proposal.claims import Claims
from analysis.trials.proposal.columns import RawColumn, read_table
from analysis.trials.proposal.combined import Combined, Excluded, combined_of, exclusions_of
from analysis.trials.proposal.modifiers import ModifierGuess
from analysis.trials.proposal.outcomes import OutcomeGuess
from analysis.trials.proposal.roles import Role, role_of
from analysis.trials.proposal.structure import Structure, structures
from analysis.trials.proposal.targets import targets_of
from analysis.trials.proposal.visits import Visits, visits_of


@dataclass(frozen=True, slots=True)
class Proposal:
    """What `trial.yml` may say, each part with its confidence and reason.

    Parameters
    ----------
    files
        The files in the order of `trial.yml`, with their participant and visit columns.
    visits
        For each long file, the weeks of its visits.
    missing
        Codes that mean "not known" in every column.
    missing_of
        Column → codes that mean "not known" there alone.
    cluster
        The column of the protocol's unit, in a pooled file.
    arm, arms
        The column of the arms (None when none is found) and what it holds.
    outcomes, modifiers, combined, exclusions
        By key of the protocol.
    doubtful
        Columns that may be something, too unsure to be proposed.
    unused
        The other columns, with what they seem to be ("" when unknown).
    """

    files: tuple[Structure, ...]
    visits: tuple[Visits | None, ...]
    missing: tuple[str, ...]
    missing_of: dict[str, tuple[str, ...]]
    cluster: RawColumn | None
    arm: Role | None
    arms: tuple[ArmGuess, ...]
    outcomes: tuple[OutcomeGuess, ...]
    modifiers: tuple[ModifierGuess, ...]
    combined: tuple[Combined, ...]
    exclusions: tuple[Excluded, ...]
    doubtful: tuple[Role, ...]
    unused: tuple[tuple[RawColumn, str], ...]


def propose(paths: Sequence[Path], protocol: Protocol) -> Proposal:
    """Propose a mapping for the files of one trial.

    Parameters
    ----------
    paths
        The files that the trial sent.
    protocol
        The plan of the review.

    Raises
    ------
    UnreadableError
        When a file cannot be read.
    TrialError
        When a file has no column of participants.
    """
    targets = targets_of(protocol)
    files = structures([read_table(path) for path in paths], targets)
    roles = Claims(files, protocol)
    for structure in files:
        for column in structure.clinical:
            roles.add(structure, column, role_of(column, targets, protocol))
    arm = roles.arm()
    outcomes = roles.outcomes()
    modifiers = roles.modifiers()
    combined = combined_of([c for c in roles.free() if c.known], protocol, modifiers)
    used = [*roles.taken.values(), *(c for each in combined for c in each.columns)]
    missing, missing_of = _missing(used)
    return Proposal(
        files=files,
        visits=tuple(visits_of(each) for each in files),
        missing=missing,
        missing_of=missing_of,
        cluster=roles.cluster(),
        arm=arm,
        arms=arms_of(arm.column, protocol) if arm else (),
        outcomes=outcomes,
        modifiers=modifiers,
        combined=combined,
        exclusions=exclusions_of(roles.columns(), protocol),
        doubtful=roles.doubtful(combined),
        unused=roles.unused(combined),
    )


def _missing(
    columns: Sequence[RawColumn],
) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    """Codes for "not known" of the whole trial, and those of single columns.

    A code counts for the whole trial when no column that is used has it as a value.
    """
    values = {code for column in columns for code in column.known}
    codes = list(dict.fromkeys(code for column in columns for code in column.missing))
    everywhere = tuple(code for code in codes if code not in values)
    alone = {
        column.name: tuple(code for code in column.missing if code in values)
        for column in columns
        if any(code in values for code in column.missing)
    }
    return everywhere, alone

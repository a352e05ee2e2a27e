"""Which column is taken for what: each column once, each modifier from its best column."""

from collections import defaultdict
from collections.abc import Sequence

from analysis.protocol import Protocol
from analysis.trials.proposal.columns import RawColumn
from analysis.trials.proposal.combined import Combined
from analysis.trials.proposal.modifiers import ModifierGuess, modifier_of
from analysis.trials.proposal.outcomes import OutcomeGuess, outcome_of
from analysis.trials.proposal.roles import Role
from analysis.trials.proposal.structure import Structure
from analysis.trials.proposal.words import words_of

_MOST_ARMS = 8


class Claims:
    """The columns of all files, and who has taken which."""

    def __init__(self, files: Sequence[Structure], protocol: Protocol) -> None:
        self._files = files
        self._protocol = protocol
        self._roles: list[tuple[Structure, RawColumn, Role | None]] = []
        self.taken: dict[tuple[str, str], RawColumn] = {}

    def add(self, structure: Structure, column: RawColumn, role: Role | None) -> None:
        """Note what a column may be."""
        self._roles.append((structure, column, role))

    def columns(self) -> list[RawColumn]:
        """List all clinical columns."""
        return [column for _, column, _ in self._roles]

    def free(self) -> list[RawColumn]:
        """List the columns that nothing has taken."""
        return [c for c in self.columns() if (c.file, c.name) not in self.taken]

    def arm(self) -> Role | None:
        """Take the column of the arms."""
        found = [r for r in self._of("structure", "arm") if 1 < len(r.column.known) <= _MOST_ARMS]
        return self._take(max(found, key=lambda role: role.score)) if found else None

    def cluster(self) -> RawColumn | None:
        """Take the column named like the protocol's unit, as "clinic"."""
        units = {words_of(unit) for unit in self._protocol.unit}
        for column in self.free():
            if column.words in units and len(column.known) > 1:
                self.taken[column.file, column.name] = column
                return column
        return None

    def outcomes(self) -> tuple[OutcomeGuess, ...]:
        """Take the columns of each outcome."""
        found = []
        for key in self._protocol.outcomes:
            by_layout: dict[bool, list[Role]] = defaultdict(list)
            for structure, _, role in self._roles:
                if role and (role.target.kind, role.target.key) == ("outcome", key):
                    by_layout[structure.visit is not None].append(role)
            layouts = {
                long: [r for r in rs if r.confidence != "low"] for long, rs in by_layout.items()
            }
            long = bool(layouts.get(True))
            if layouts.get(long):
                guess = outcome_of(key, layouts[long], self._protocol, long=long)
                found.append(guess)
                for each in guess.assessed:
                    self.taken[each.column.file, each.column.name] = each.column
        return tuple(guess for guess in found if guess.assessed)

    def modifiers(self) -> tuple[ModifierGuess, ...]:
        """Take the column of each modifier: the best fitting, of equals the first."""
        found = []
        for key, plan in self._protocol.modifiers.items():
            roles = [r for r in self._of("modifier", key) if r.confidence != "low"]
            roles = [r for r in roles if (r.column.file, r.column.name) not in self.taken]
            if roles:
                best = self._take(max(roles, key=lambda role: role.score))
                found.append(modifier_of(key, best, plan))
        return tuple(found)

    def doubtful(self, combined: Sequence[Combined]) -> tuple[Role, ...]:
        """List what remains and has the name of something in the protocol."""
        named = {id(column) for each in combined for column in each.columns}
        left = {id(column) for column in self.free()} - named
        roles = [role for _, column, role in self._roles if role and id(column) in left]
        return tuple(role for role in roles if role.target.kind in {"outcome", "modifier"})

    def unused(self, combined: Sequence[Combined]) -> tuple[tuple[RawColumn, str], ...]:
        """List the columns that nobody wants, with what they seem to be."""
        named = {id(column) for each in combined for column in each.columns}
        doubtful = {id(role.column) for role in self.doubtful(combined)}
        left = {id(column) for column in self.free()} - named - doubtful
        return tuple(
            (column, role.target.key if role and role.confidence != "low" else "")
            for _, column, role in self._roles
            if id(column) in left
        )

    def _of(self, kind: str, key: str) -> list[Role]:
        found = [role for _, _, role in self._roles if role]
        return [role for role in found if (role.target.kind, role.target.key) == (kind, key)]

    def _take(self, role: Role) -> Role:
        self.taken[role.column.file, role.column.name] = role.column
        return role

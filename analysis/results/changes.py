"""What changed between two data cuts, and whether data or methods moved each estimate.

An estimate is put down to data when files of the trials that enter it changed, or which trials
enter it because of such files; to method when the code, the protocol or the packages behind it
did. So a change of method is never taken for a movement of the evidence.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isclose
from typing import Literal

from analysis.results.cut import METHOD, Cut, CutEstimate, CutTrial
from analysis.results.cut_conclusions import side, size

Cause = Literal["data", "method", "both", "none", "unexplained"]

SAME = 1e-9  # relative: what repeated arithmetic may leave between two equal estimates


@dataclass(frozen=True, slots=True)
class TrialChange:
    """What happened to one trial: it came in, went out, or its data or mapping changed."""

    trial: str
    label: str
    what: Literal["in", "out", "data", "mapping", "data and mapping"]
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class Flip:
    """A conclusion that is no longer the same: against no effect, or the worthwhile effect."""

    against: Literal["no effect", "worthwhile effect"]
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class EstimateChange:
    """One estimate, before and after; None where it is not part of a cut.

    `difference` is new minus old, or the ratio of the new to the old odds ratio.
    """

    name: str
    before: CutEstimate | None
    after: CutEstimate | None
    difference: float | None
    cause: Cause
    flips: tuple[Flip, ...]

    @property
    def estimate(self) -> CutEstimate:
        """The later of the two."""
        found = self.after or self.before
        if found is None:
            raise ValueError(self.name)
        return found


@dataclass(frozen=True, slots=True)
class Changes:
    """All that changed from one data cut to another.

    Parameters
    ----------
    before, after
        Names of the cuts.
    dates
        Days on which they were made.
    trials, participants
        How many, before and after.
    trial_changes
        Trials that came, went or changed.
    methods
        What changed of code, protocol and packages, in words.
    files
        Other files that changed.
    estimates
        Every named estimate, those with a flipped conclusion first.
    """

    before: str
    after: str
    dates: tuple[str, str]
    trials: tuple[int, int]
    participants: tuple[int, int]
    trial_changes: tuple[TrialChange, ...]
    methods: tuple[str, ...]
    files: tuple[str, ...]
    estimates: tuple[EstimateChange, ...]

    @property
    def flipped(self) -> tuple[EstimateChange, ...]:
        """The estimates whose conclusion is no longer the same."""
        return tuple(each for each in self.estimates if each.flips)

    @property
    def nothing(self) -> bool:
        """Whether nothing changed at all."""
        moved = any(each.cause != "none" for each in self.estimates)
        return not (moved or self.trial_changes or self.methods or self.files)


def compare(old: Cut, new: Cut) -> Changes:
    """Compare two data cuts of one review."""
    names = [*new.estimates, *(name for name in old.estimates if name not in new.estimates)]
    estimates = [_estimate(name, old, new) for name in names]
    return Changes(
        before=old.name,
        after=new.name,
        dates=(old.date, new.date),
        trials=(len(old.trials), len(new.trials)),
        participants=(old.participants, new.participants),
        trial_changes=tuple(_trials(old.trials, new.trials)),
        methods=tuple(_methods(old, new)),
        files=tuple(sorted(_differing(old.files, new.files))),
        estimates=tuple(sorted(estimates, key=lambda each: not each.flips)),
    )


def _trials(old: Mapping[str, CutTrial], new: Mapping[str, CutTrial]) -> Iterator[TrialChange]:
    for trial in sorted({*old, *new}):
        before, after = old.get(trial), new.get(trial)
        if before is None and after is not None:
            yield TrialChange(trial, after.label, "in", None, after.participants)
        elif after is None and before is not None:
            yield TrialChange(trial, before.label, "out", before.participants, None)
        elif before and after and before != after:
            data, mapping = before.data != after.data, before.mapping != after.mapping
            what: Literal["data", "mapping", "data and mapping"] = (
                "data and mapping" if data and mapping else "data" if data else "mapping"
            )
            if data or mapping:
                yield TrialChange(trial, after.label, what, before.participants, after.participants)


def _differing(old: Mapping[str, str], new: Mapping[str, str]) -> set[str]:
    return {key for key in {*old, *new} if old.get(key) != new.get(key)}


WORDS = {"code": "code of analysis/{}", "protocol": "protocol: {}", "versions": "version of {}"}


def _methods(old: Cut, new: Cut) -> Iterator[str]:
    """Name what changed of the methods of the estimates that both cuts have."""
    found = {
        (part, key)
        for name in old.estimates.keys() & new.estimates.keys()
        for part in METHOD
        for key in _differing(
            old.methods[old.estimates[name].method][part],
            new.methods[new.estimates[name].method][part],
        )
    }
    for part, key in sorted(found):
        yield WORDS[part].format(key)


def _estimate(name: str, old: Cut, new: Cut) -> EstimateChange:
    before, after = old.estimates.get(name), new.estimates.get(name)
    difference = _difference(before, after)
    cause = _cause(old, new, before, after)
    return EstimateChange(name, before, after, difference, cause, tuple(_flips(before, after)))


def _difference(before: CutEstimate | None, after: CutEstimate | None) -> float | None:
    if before is None or after is None or before.measure != after.measure:
        return None
    if before.estimate is None or after.estimate is None:
        return None
    if before.measure == "OR":
        return after.estimate / before.estimate
    return after.estimate - before.estimate


def _cause(old: Cut, new: Cut, before: CutEstimate | None, after: CutEstimate | None) -> Cause:
    """Say what moved an estimate or its conclusion, from hashes of its data and of its method.

    The smallest worthwhile effect belongs to the method: it flips a conclusion by itself.
    """
    if before is None or after is None:
        return _cause_of_one(old, new, after or before)
    if _same(before, after) and not any(_flips(before, after)):
        return "none"
    method = old.methods[before.method] != new.methods[after.method]
    data = any(_files(old, trial) != _files(new, trial) for trial in {*before.given, *after.given})
    data = data or ((before.files or after.files) and old.files != new.files)
    if data and method:
        return "both"
    return "data" if data else "method" if method else "unexplained"


def _cause_of_one(old: Cut, new: Cut, found: CutEstimate | None) -> Cause:
    """Say why an estimate stands in one cut only: by data, if both have its method."""
    if found is None:
        return "none"
    here, other = (new, old) if found.method in new.methods else (old, new)
    planned = here.methods[found.method] in other.methods.values()
    data = any(_files(old, trial) != _files(new, trial) for trial in found.given)
    return "data" if planned and data else "method"


def _files(cut: Cut, trial: str) -> tuple[str, str] | None:
    found = cut.trials.get(trial)
    return None if found is None else (found.data, found.mapping)


def _same(before: CutEstimate, after: CutEstimate) -> bool:
    """Whether estimate, interval and counts are equal but for rounding."""
    if (before.trials, before.participants) != (after.trials, after.participants):
        return False
    pairs = [
        (before.estimate, after.estimate),
        (before.ci_low, after.ci_low),
        (before.ci_high, after.ci_high),
    ]
    return all(
        one == two or (one is not None and two is not None and isclose(one, two, rel_tol=SAME))
        for one, two in pairs
    )


def _flips(before: CutEstimate | None, after: CutEstimate | None) -> Iterator[Flip]:
    if before is None or after is None:
        return
    sides = side(before), side(after)
    if sides[0] != sides[1]:
        yield Flip("no effect", *sides)
    sizes = size(before), size(after)
    if sizes[0] != sizes[1] and "no size" not in sizes:
        yield Flip("worthwhile effect", *sizes)

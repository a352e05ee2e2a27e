"""A data cut: the named estimates of a review at one time, and hashes of what they rest on.

A cut holds no participant and no count below the smallest cell of the protocol, so that it can be
committed and shown.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Literal

from analysis.errors import ResultError
from analysis.results.cut_estimates import estimates_of, shown
from analysis.results.estimates import Measure
from analysis.results.permutation import SEED
from analysis.results.plan import Named
from analysis.results.review import Review
from analysis.results.store import Inputs
from analysis.results.stored_review import StoredReview
from analysis.trials.fingerprint import data_fingerprint, mapping_fingerprint, trial_folders

NOW = "now"
METHOD = ("code", "protocol", "versions")

EstimateKind = Literal["overall", "published", "interaction"]
Method = dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class CutTrial:
    """One trial of a cut: participants (None when too few to show) and hashes of its files."""

    label: str
    participants: int | None
    data: str
    mapping: str


@dataclass(frozen=True, slots=True)
class CutEstimate:
    """One named estimate of a cut.

    Parameters
    ----------
    label
        What it is, in the words of the protocol at that time.
    kind
        Overall effect, pooled published results, or primary interaction.
    measure, decimals
        Difference or ratio, and with how many decimals it is printed.
    estimate, ci_low, ci_high, level, se
        Point estimate, interval and its level; the standard error on the model's scale.
    trials, participants
        In the model; participants None when too few to show.
    tau2
        Variance of the effect between trials, on the model's scale.
    worthwhile
        Smallest worthwhile effect, as a size; None without one.
    benefit
        Whether a high value is better for participants.
    method
        Key of `Cut.methods`.
    given
        The trials that entered it.
    files
        Whether it also rests on `Cut.files`.
    """

    label: str
    kind: EstimateKind
    measure: Measure
    decimals: int
    estimate: float | None
    ci_low: float | None
    ci_high: float | None
    level: float
    se: float | None
    trials: int
    participants: int | None
    tau2: float | None
    worthwhile: float | None
    benefit: Literal["higher", "lower"]
    method: str
    given: tuple[str, ...]
    files: bool = False


@dataclass(frozen=True, slots=True)
class Cut:
    """A data cut.

    Parameters
    ----------
    name, made
        Its name, and when it was made (ISO 8601, UTC).
    title
        Of the review.
    python, versions, commit
        The software.
    seed
        Of the permutation tests; those of other analyses stand in the protocol.
    trials, files
        Trial → what there is of it; other file → hash.
    methods
        Key → hashes of the code, the sections of the protocol and the packages.
    estimates
        Name → estimate.
    """

    name: str
    made: str
    title: str
    python: str
    versions: dict[str, str]
    commit: str
    seed: int
    trials: dict[str, CutTrial]
    files: dict[str, str]
    methods: dict[str, Method] = field(default_factory=dict)
    estimates: dict[str, CutEstimate] = field(default_factory=dict)

    @property
    def date(self) -> str:
        """The day on which it was made."""
        return self.made[:10]

    @property
    def participants(self) -> int:
        """Participants of the trials whose number is shown."""
        return sum(trial.participants or 0 for trial in self.trials.values())


def make_cut(review: Review, *, name: str = NOW, made: datetime | None = None) -> Cut:
    """Gather the named estimates of a review as they are now.

    Raises
    ------
    ResultError
        When results are stale: a cut must never hold numbers of older data.
    """
    check_current(review)
    manifest = review.manifest()
    cut = Cut(
        name=name,
        made=(made or datetime.now(UTC)).isoformat(timespec="seconds"),
        title=review.protocol.title,
        python=manifest["python"],
        versions=manifest["versions"],
        commit=manifest["commit"],
        seed=SEED,
        trials=_trials(review),
        files=review.files,
    )
    for named in review.named():
        _add(cut, review, named)
    return cut


def check_current(review: StoredReview) -> None:
    """Make sure that a cut holds current numbers only.

    Raises
    ------
    ResultError
        When a result is stale.
    """
    stale = [each for each in review.staleness() if not each.current]
    if stale:
        reasons = sorted({reason for each in stale for reason in each.reasons})
        raise ResultError(
            f"{len(stale)} results are not current ({'; '.join(reasons[:5])}). "
            "Run `ipdbook build` first: a data cut holds current numbers only."
        )


def _trials(review: Review) -> dict[str, CutTrial]:
    labels = {row.trial: row.label for row in review.trials()}
    sizes = review.manifest()["participants"]
    return {
        folder.name: CutTrial(
            label=labels.get(folder.name, folder.name),
            participants=shown(sizes.get(folder.name, 0), review),
            data=data_fingerprint(folder)[:16],
            mapping=mapping_fingerprint(folder)[:16],
        )
        for folder in trial_folders(review.project)
    }


def _add(cut: Cut, review: Review, named: Named) -> None:
    """Add the estimates of one result, with what they rest on."""
    found = dict(estimates_of(review, named))
    if not found:
        return
    record = review.store.inputs(named.name)
    method = method_of(record)
    key = sha256(repr(method).encode()).hexdigest()[:16]
    cut.methods[key] = method
    for name, content in found.items():
        cut.estimates[name] = CutEstimate(
            **content, method=key, given=tuple(record["trials"]), files=bool(record["files"])
        )


def method_of(record: Inputs) -> Method:
    """Part the hashes of methods from those of data."""
    return {part: dict(sorted(record[part].items())) for part in METHOD}

"""How many interactions were tested, how many would be small by chance, and adjusted P values."""

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.results.estimates import Interaction

THRESHOLD = 0.05


@dataclass(frozen=True, slots=True)
class AdjustedTest:
    """One test: all levels of one modifier together, for one outcome.

    `adjusted_p` is the Benjamini-Hochberg P value among all tests of the family.
    """

    outcome: str
    follow_up: str
    modifier: str
    p: float
    adjusted_p: float


@dataclass(frozen=True, slots=True)
class Multiplicity:
    """The family of tests of a review's primary interactions.

    Parameters
    ----------
    tests
        In the order of the interactions.
    untested
        Outcome, follow-up and modifier of interactions without an estimate.
    adjusted_models
        Whether the models are those adjusted for covariates.
    threshold
        P value below which results are counted.
    """

    tests: tuple[AdjustedTest, ...]
    untested: tuple[tuple[str, str, str], ...]
    adjusted_models: bool
    threshold: float = THRESHOLD

    @property
    def expected(self) -> float:
        """Tests expected below the threshold when there is no interaction at all."""
        return self.threshold * len(self.tests)

    @property
    def observed(self) -> int:
        """Tests below the threshold."""
        return sum(test.p < self.threshold for test in self.tests)

    @property
    def remaining(self) -> int:
        """Tests whose adjusted P value is below the threshold."""
        return sum(test.adjusted_p < self.threshold for test in self.tests)


def multiplicity(rows: Sequence[Interaction], *, threshold: float = THRESHOLD) -> Multiplicity:
    """Count the tests among interactions, and adjust their P values over all of them together.

    Parameters
    ----------
    rows
        Interactions of one or several outcomes, all adjusted or all unadjusted.
    threshold
        P value below which results are counted.
    """
    members: dict[tuple[str, str, str], list[Interaction]] = {}
    for row in rows:
        members.setdefault((row.outcome, row.follow_up, row.modifier), []).append(row)
    found = {
        key: each[0].within.p if len(each) == 1 else each[0].joint_p
        for key, each in members.items()
    }
    tested = {key: p for key, p in found.items() if p is not None}
    adjusted = benjamini_hochberg(list(tested.values()))
    tests = [
        AdjustedTest(*key, p, new) for (key, p), new in zip(tested.items(), adjusted, strict=True)
    ]
    return Multiplicity(
        tests=tuple(tests),
        untested=tuple(key for key, p in found.items() if p is None),
        adjusted_models=any(row.adjusted for row in rows),
        threshold=threshold,
    )


def benjamini_hochberg(p: Sequence[float]) -> list[float]:
    """Adjust P values so that those below a level have at most that false discovery rate.

    The i-th smallest of m becomes the minimum over j ≥ i of m p(j) / j.

    References
    ----------
    Benjamini and Hochberg 1995, J R Stat Soc B 57:289.
    """
    m, least = len(p), 1.0
    adjusted = [1.0] * m
    rising = sorted(range(m), key=p.__getitem__)
    for rank in range(m, 0, -1):
        index = rising[rank - 1]
        least = min(least, m * p[index] / rank)
        adjusted[index] = least
    return adjusted

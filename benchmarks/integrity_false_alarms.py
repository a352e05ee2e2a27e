"""False alarms of the integrity checks: in demonstration trials from other seeds, without faults.

`python benchmarks/integrity_false_alarms.py [REVIEWS]` draws that many synthetic repositories of 27
trials and prints how many reviews and trials have a finding of each severity, and by which check.
"""

import sys
import tempfile
from collections import Counter
from pathlib import Path

from analysis.demo.low_back_pain import SEED, generate
from analysis.trials.integrity.checked import Severity
from analysis.trials.integrity.report import check_integrity

DATA = Path(__file__).parents[1] / "data"


def main(reviews: int) -> None:
    with_any: Counter[str] = Counter()
    trials: Counter[str] = Counter()
    checks: Counter[str] = Counter()
    total = tests = 0
    for number in range(1, reviews + 1):
        with tempfile.TemporaryDirectory() as folder:
            data = Path(folder) / "data"
            data.mkdir()
            generate(data, seed=SEED + number, published=DATA / "published")
            (data / "protocol.yml").write_bytes((DATA / "protocol.yml").read_bytes())
            report = check_integrity(Path(folder))
        found = [(t.trial, f.severity, f.check) for t in report.trials for f in t.findings]
        assert not report.refused, report.refused
        total += len(report.trials)
        tests += report.tests
        with_any.update({severity for _, severity, _ in found})
        trials.update(severity for _, severity in {(trial, sev) for trial, sev, _ in found})
        checks.update(f"{severity} {check}" for _, severity, check in found)
    print(f"{reviews} reviews without faults, {total} trials, {tests} tests")
    for severity in Severity:
        print(f"  {severity}: {with_any[severity]} reviews, {trials[severity]} trials")
    for name, count in checks.most_common():
        print(f"    {count:4d}  {name}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)

"""A new review of published results: its plan, two sheets of synthetic trials, its report."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from pathlib import Path
from string import Template

from analysis.demo.new_review.answers import NewOutcome, NewReview
from analysis.demo.new_review.plan import DATA_NOTE, entry, keys, whole
from analysis.demo.new_review.write import refuse_full, write_files
from analysis.errors import ProtocolError
from analysis.results.extraction_check import ARM_COLUMNS, ARMS, OVERALL, SIZE, TRIALS
from analysis.results.labels import in_sentence

TEMPLATES = Path(__file__).with_name("templates_published")
PER_COMPARATOR = 6  # example trials
SETTINGS = ("hospital", "community")
BIAS = {
    "rob_randomisation": "Randomisation",
    "rob_deviations": "Deviations from intended interventions",
    "rob_missing": "Missing outcome data",
    "rob_measurement": "Measurement of the outcome",
    "rob_reporting": "Selection of the reported result",
}
JUDGED = ("low", "some concerns", "high")
NOT_YET = "not known yet: write here where the number comes from"
NOTES = {
    "kind": "The plan of the review. Every table and figure follows this file.\n# Complete it "
    "before the results are extracted.",
    "data_status": "While the examples are there: synthetic. Then real.",
    "treated_arm": "Its name in the column arm of data/arms.csv; comparators have their keys.",
    "outcomes": "High values are worse. sd: that of participants on this scale.\n# worthwhile: the "
    "smallest difference that matters.",
    "characteristics": "Columns of data/trials.csv: with levels, those words; without, numbers.",
    "risk_of_bias": "Columns of data/trials.csv: low, some concerns, high or no information.",
    "sensitivity": "The syntheses of one comparator and follow-up again, among some of the trials.",
    "regression": "Predictors: characteristics. Without this part there is no meta-regression.",
    "search": "Records and reports on the way to the trials (PRISMA 2020).",
}


def write_published_review(folder: Path, review: NewReview) -> tuple[Path, ...]:
    """Write the files of a new review of published results.

    Parameters
    ----------
    folder
        An empty folder, or one that does not exist yet.
    review
        The topic; its modifiers are not used, and of its follow-ups' weeks only which are fewest.

    Returns
    -------
    tuple of Path
        The files, relative to the folder.

    Raises
    ------
    ProtocolError
        The folder is not empty, an outcome is an event or one on which high values are better, or
        two things have the same name. Nothing is written.
    """
    refuse_full(folder)
    plan = published_plan(review)
    notes = ((f"# {NOTES[key]}\n" if key in NOTES else "") + entry(key, plan[key]) for key in plan)
    title = json.dumps(review.title, ensure_ascii=False)
    texts = {"data/protocol.yml": "".join(notes)}
    for path in sorted(TEMPLATES.iterdir()):
        text = Template(path.read_text(encoding="utf-8"))
        texts[path.name] = text.safe_substitute(title=title, plain=review.title)
    trials = _example_trials(len(review.comparators))
    texts[TRIALS] = _sheet(trials[0], trials)
    texts[ARMS] = _sheet(ARM_COLUMNS, _example_arms(review, trials))
    return write_files(folder, texts, kind="aggregate_protocol")


def published_plan(review: NewReview) -> dict[str, object]:
    """Give the content of `protocol.yml`.

    Raises
    ------
    ProtocolError
        An outcome cannot be pooled, or two things have the same name.
    """
    arms = keys([review.treatment, *review.comparators])
    times = keys(each.label for each in review.follow_ups)
    outcomes = keys(each.label for each in review.outcomes)
    first = min(review.follow_ups, key=lambda each: each.weeks).label
    included = PER_COMPARATOR * len(review.comparators)
    return {
        "kind": "published results",
        "title": review.title,
        "registration": "not registered yet",
        "data_status": "synthetic",
        "data_note": DATA_NOTE,
        "treatment": in_sentence(review.treatment),
        "treated_arm": arms[review.treatment],
        "outcomes": {outcomes[each.label]: _outcome(each) for each in review.outcomes},
        "comparators": {arms[each]: {"label": in_sentence(each)} for each in review.comparators},
        "follow_ups": {key: {"label": label} for label, key in times.items()},
        "characteristics": {
            "setting": {"label": "Setting", "levels": {s: s.capitalize() for s in SETTINGS}},
            "weeks": {"label": "Treatment", "unit": "weeks"},
            "age": {"label": "Mean age", "unit": "years", "per": 10},
        },
        "described_by": ["setting", "weeks", "age"],
        "subgroups": "setting",
        "risk_of_bias": BIAS,
        "pooling": {"method": "REML", "interval": "knapp-hartung", "level": 0.95},
        "sensitivity": {
            "comparator": arms[review.comparators[0]],
            "follow_up": times[first],
            "rows": [{"label": "No trial at high risk of bias", "only": {OVERALL: [*JUDGED[:2]]}}],
        },
        "regression": {
            "follow_up": times[first],
            "predictors": ["weeks"],
            "bubbles": ["weeks"],
        },
        "search": {
            "screened": 10 * included,
            "assessed": 2 * included,
            "assessed_out": {"Another treatment": included},
        },
    }


def _outcome(outcome: NewOutcome) -> dict[str, object]:
    if outcome.scale is None or outcome.higher == "better":
        raise ProtocolError(
            f"{outcome.label!r}: a review of published results takes scores on which high values "
            "are worse. Turn the score round; pool events with `ipdbook pool`."
        )
    low, high = outcome.scale
    return {
        "label": outcome.label,
        "scale": [whole(low), whole(high)],
        "sd": whole((high - low) / 5),
        "sd_source": NOT_YET,
        "worthwhile": whole((high - low) / 10),
        "worthwhile_source": NOT_YET,
    }


def _example_trials(comparators: int) -> list[dict[str, object]]:
    """Make trials that differ in everything that a page shows."""
    found = []
    for i in range(PER_COMPARATOR * comparators):
        judged = {name: JUDGED[(i + j) % 5 == 4] for j, name in enumerate(BIAS)}
        worst = JUDGED[2] if i % 6 == 5 else max(judged.values(), key=JUDGED.index)
        judged["rob_missing"] = worst if worst == JUDGED[2] else judged["rob_missing"]
        found.append(
            {
                "trial": f"Synthetic {i + 1}",
                "year": 2005 + i,
                SIZE: 90 + 14 * (i % 5),
                "setting": SETTINGS[i // 2 % 2],
                "weeks": 6 + 2 * (i * 3 % 5),
                "age": 48 + 3 * (i * 2 % 7),
                **judged,
                OVERALL: worst,
            }
        )
    return found


def _example_arms(
    review: NewReview, trials: Iterable[Mapping[str, object]]
) -> Iterator[dict[str, object]]:
    """Give each trial two arms: most with an SD, some with a standard error, some with neither."""
    arms = keys([review.treatment, *review.comparators])
    times = list(keys(each.label for each in review.follow_ups).values())
    outcomes = keys(each.label for each in review.outcomes)
    for i, trial in enumerate(trials):
        control = review.comparators[i % len(review.comparators)]
        for outcome, (j, time) in product(review.outcomes, enumerate(times)):
            if j and i % 3 == 0:
                continue
            low, high = outcome.scale or (0.0, 1.0)
            for treated, arm in ((True, arms[review.treatment]), (False, arms[control])):
                part = 0.46 + 0.02 * (i % 4) - treated * (0.05 + 0.03 * (i % 3))
                n, sd = 40 + 7 * (i % 5) - 3 * j, (0.18 + 0.01 * (i % 3)) * (high - low)
                spread = {3: {"se": f"{sd / n**0.5:.3g}"}, 5: {}}.get(i % 6, {"sd": f"{sd:.3g}"})
                yield {
                    "trial": trial["trial"],
                    "outcome": outcomes[outcome.label],
                    "follow_up": time,
                    "instrument": "example score",
                    "scale_low": whole(low),
                    "scale_high": whole(high),
                    "arm": arm,
                    "n": n,
                    "mean": f"{low + part * (high - low):.4g}",
                    **spread,
                }


def _sheet(names: Iterable[str], rows: Iterable[Mapping[str, object]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(names), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()

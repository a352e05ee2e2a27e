"""How often the intervals hold the truth: repositories drawn anew, analysed as the review is.

    python benchmarks/coverage.py                      200 repositories
    python benchmarks/coverage.py --repositories 1000  a smaller Monte Carlo error
    python benchmarks/coverage.py --minutes 10         what is done by then

Every repository is the 27 trials of the demonstration, redrawn from another seed: populations,
deviations between trials, participants, scores, dropout and missing values. The 19 within-trial
interactions of pain and of function (short term, unadjusted) and the overall effects are estimated
by the code that makes the tables, and compared with `data/demo_truth.yml`. Intervals of one
repository share its trials, so Monte Carlo errors of averages come from the spread over
repositories. Figures are printed, and written to `benchmarks/coverage.json`.
"""

import argparse
import json
import os
import time
from pathlib import Path

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np  # noqa: E402 -- the number of threads is set before numpy is loaded
import pandas as pd  # noqa: E402
import yaml  # noqa: E402
from joblib import Parallel, delayed  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.progress import track  # noqa: E402

from analysis.demo.calibration import REVIEW, Published, read_published  # noqa: E402
from analysis.demo.designs import Design  # noqa: E402
from analysis.demo.measured import measures  # noqa: E402
from analysis.demo.model import BASELINES, OUTCOMES  # noqa: E402
from analysis.demo.trials import draw_trials  # noqa: E402
from analysis.protocol import Protocol, read_protocol  # noqa: E402
from analysis.results.modifiers import interaction_rows  # noqa: E402
from analysis.results.overall import fit_overall, overall_data  # noqa: E402
from analysis.trials.master import Master  # noqa: E402

DATA = Path(__file__).resolve().parents[1] / "data"
RESULT = Path(__file__).with_suffix(".json")
FIRST_SEED = 10_000
REPOSITORIES = 200
FOLLOW_UP = "short"
WANTED = (0.93, 0.97)
KEYS = ["trial", "cluster", "participant", "arm", "category", "treat"]


def inputs() -> tuple[Published, Protocol, dict]:
    """Read the published figures, the plan and, by outcome, the truth."""
    text = (DATA / "demo_truth.yml").read_text(encoding="utf-8")
    published = read_published(DATA / "published" / REVIEW)
    return published, read_protocol(DATA / "protocol.yml"), yaml.safe_load(text)["model"]


def repository(published: Published, protocol: Protocol, *, seed: int) -> Master:
    """Draw a repository and put it on the common scale, without writing a file."""
    trials = {trial.design.key: trial for trial in draw_trials(published, seed=seed)}
    drawn = [trial.participants for trial in trials.values()]
    rows = pd.concat(drawn, keys=trials, names=["trial", "participant"]).reset_index()
    rows["cluster"], rows["participant"] = rows["trial"], rows["participant"].astype(str)
    designs = [trial.design for trial in trials.values()]
    category = {(each.key, arm.key): arm.category for each in designs for arm in each.arms}
    rows["category"] = [category[key] for key in zip(rows["trial"], rows["arm"], strict=True)]
    rows["treat"] = (rows["category"] == protocol.treatment).astype(int)
    for key, plan in protocol.modifiers.items():
        known = [each.key for each in designs if _measured(each, key)]
        rows[key] = rows[key].where(rows["trial"].isin(known))
        if plan.levels:
            codes = rows[key].fillna(-1).astype(int)
            rows[key] = pd.Categorical.from_codes(codes, categories=list(plan.levels))
    outcomes = pd.concat([_scores(rows, designs, outcome) for outcome in OUTCOMES])
    return Master(protocol, {}, rows, outcomes, pd.DataFrame(), pd.DataFrame())


def _measured(design: Design, modifier: str) -> bool:
    """Whether a trial has a modifier; it has the baseline scores of its outcomes."""
    if modifier in BASELINES:
        return modifier.removesuffix("_baseline") in design.outcomes
    return measures(design.key, modifier)


def _scores(rows: pd.DataFrame, designs: list[Design], outcome: str) -> pd.DataFrame:
    """Scores of one outcome at short term, of those who were assessed."""
    assessed = rows["trial"].isin([each.key for each in designs if outcome in each.outcomes])
    column = f"{outcome}_{FOLLOW_UP}"
    scores = rows.loc[assessed & rows[column].notna(), [*KEYS, column]]
    named = scores.rename(columns={column: "value"})
    return named.assign(outcome=outcome, follow_up=FOLLOW_UP)


def intervals(master: Master, truth: dict) -> pd.DataFrame:
    """Estimate everything of one repository: kind, outcome, name, estimate, limits, truth."""
    rows = []
    for outcome in OUTCOMES:
        found = interaction_rows(
            master,
            outcome=outcome,
            follow_up=FOLLOW_UP,
            comparison="any",
            adjusted=(False,),
            across=False,
        )
        pairs = [("interactions", each.modifier, each.within) for each in found]
        for comparison in master.protocol.overall.comparisons:
            data = overall_data(master, outcome=outcome, follow_up=FOLLOW_UP, comparison=comparison)
            plan = master.protocol
            effect, _ = fit_overall(
                data, plan, outcome=outcome, comparison=comparison, model=plan.model
            )
            pairs.append(("overall", comparison, effect))
        rows += [
            {
                "kind": kind,
                "outcome": outcome,
                "name": name,
                "estimate": one.estimate,
                "se": one.se,
                "df": one.df,
                "ci_low": one.ci_low,
                "ci_high": one.ci_high,
                "truth": truth[outcome][kind][name],
                "contrast_trials": one.contrast_trials,
            }
            for kind, name, one in pairs
        ]
    return pd.DataFrame(rows).astype({"estimate": float, "se": float, "df": float})


def holds(found: pd.DataFrame, truth: pd.Series) -> pd.Series:
    """Whether each interval holds the truth; what was not estimated has no interval."""
    if found["estimate"].isna().any():
        gone = found[found["estimate"].isna()][["kind", "outcome", "name"]]
        raise ValueError(f"not every interval was estimated:\n{gone.to_string()}")
    return (found["ci_low"] <= truth) & (truth <= found["ci_high"])


def one_repository(published: Published, protocol: Protocol, truth: dict, seed: int):
    found = intervals(repository(published, protocol, seed=seed), truth)
    return found.assign(seed=seed, holds=holds(found, found["truth"]))


def run(repositories: int, first_seed: int, processes: int, minutes: float) -> pd.DataFrame:
    """Analyse repositories until they are done or the time is up."""
    given, end = inputs(), time.monotonic() + 60 * minutes
    seeds = range(first_seed, first_seed + repositories)
    work = Parallel(n_jobs=processes, return_as="generator_unordered")(
        delayed(one_repository)(*given, seed) for seed in seeds
    )
    found = []
    for one in track(work, "repositories", total=repositories, console=Console(stderr=True)):
        found.append(one)
        if time.monotonic() > end:
            break
    return pd.concat(found).sort_values("seed", kind="stable", ignore_index=True)


def averages(found: pd.DataFrame) -> dict[str, float]:
    """Coverage with its Monte Carlo error, and what tells why it is not the nominal level.

    `z` is (estimate - truth) / standard error: its mean shows bias, its standard deviation whether
    standard errors are too small (above 1) or too large.
    """
    by_seed = found.groupby("seed")["holds"].mean()
    z = (found["estimate"] - found["truth"]) / found["se"]
    return {
        "intervals": len(found),
        "coverage": float(by_seed.mean()),
        "error": float(by_seed.std() / np.sqrt(len(by_seed))),
        "z_mean": float(z.mean()),
        "z_sd": float(z.std()),
        "df_median": float(found["df"].median()),
    }


def summary(found: pd.DataFrame) -> dict[str, list[dict]]:
    """Averages of each kind, overall and by outcome, and of each quantity."""
    groups = [
        {"kind": kind, "outcome": "both", **averages(rows)} for kind, rows in found.groupby("kind")
    ]
    parts = found.groupby(["kind", "outcome"], sort=False)
    groups += [{"kind": kind, "outcome": of, **averages(rows)} for (kind, of), rows in parts]
    each = found.groupby(["kind", "outcome", "name"], sort=False)
    single = [
        {
            "kind": kind,
            "outcome": outcome,
            "name": name,
            **averages(rows),
            "contrast_trials": int(rows["contrast_trials"].median()),
            "truth": float(rows["truth"].iloc[0]),
            "bias": float((rows["estimate"] - rows["truth"]).mean()),
            "sd_of_estimates": float(rows["estimate"].std()),
            "mean_se": float(rows["se"].mean()),
        }
        for (kind, outcome, name), rows in each
    ]
    return {"averages": groups, "quantities": single}


def show(result: dict[str, list[dict]]) -> None:
    print("| what | outcome | intervals | coverage | Monte Carlo error | mean z | SD of z |")
    print("|---|---|---|---|---|---|---|")
    for row in result["averages"]:
        print(
            f"| {row['kind']} | {row['outcome']} | {row['intervals']:,} | {row['coverage']:.4f} |"
            f" {row['error']:.4f} | {row['z_mean']:+.3f} | {row['z_sd']:.3f} |"
        )
    for kind in ("interactions", "overall"):
        rows = sorted(
            (row for row in result["quantities"] if row["kind"] == kind),
            key=lambda row: row["coverage"],
        )
        print(f"\n{kind}, one by one, from the lowest coverage to the highest:")
        print("\n| outcome | quantity | trials | coverage | error | bias | SD | mean SE | df |")
        print("|---|---|---|---|---|---|---|---|---|")
        for row in rows:
            print(
                f"| {row['outcome']} | {row['name']} | {row['contrast_trials']} |"
                f" {row['coverage']:.3f} | {row['error']:.3f} | {row['bias']:+.4f} |"
                f" {row['sd_of_estimates']:.4f} | {row['mean_se']:.4f} | {row['df_median']:.0f} |"
            )
    inside = result["averages"][0]["coverage"]
    verdict = "lies" if WANTED[0] <= inside <= WANTED[1] else "DOES NOT LIE"
    print(f"\nCoverage of the interactions {verdict} between {WANTED[0]} and {WANTED[1]}.")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repositories", type=int, default=REPOSITORIES)
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=float("inf"))
    options = parser.parse_args()
    found = run(options.repositories, options.first_seed, options.processes, options.minutes)
    result, seeds = summary(found), found["seed"].unique()
    first, last = int(seeds.min()), int(seeds.max())
    stated = {"repositories": len(seeds), "first_seed": first, "last_seed": last, "level": 0.95}
    RESULT.write_text(json.dumps(stated | result, indent=1) + "\n", encoding="utf-8")
    print(f"{len(seeds)} repositories, seeds {first} to {last}\n")
    show(result)

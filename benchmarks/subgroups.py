"""Time recursive partitioning, and measure its error rates.

    python benchmarks/subgroups.py                      everything, about half an hour on two cores
    python benchmarks/subgroups.py --only tree lme4     some parts: tree, permutation, lme4, errors
    python benchmarks/subgroups.py --permutations 100   fewer permutations, or --runs 50 fewer runs

The data have the size of Hee 2021: 19 trials, 9,328 participants, ten covariates, once with values
as a trial records them (ages, scores, yes or no) and once with all values different, so that each
covariate has some nine thousand cut-points. Seconds are wall-clock, then processor time.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")
HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

import numpy as np  # noqa: E402 -- the number of threads is set before numpy is loaded
import pandas as pd  # noqa: E402

from analysis.subgroups import (  # noqa: E402
    PartitionOptions,
    PartitionScenario,
    partition,
    partition_model_based,
    permute_partition,
    search_data,
    side_fits,
    simulate_partitioning,
)

RANDOMISED = [3093, 1334, 1163, 701, 402, 298, 286, 260, 241, 240, 240, 237, 226, 223, 210, 187,
              172, 50, 48]  # fmt: skip
PARTICIPANTS = 9328
PARTS = ("tree", "permutation", "lme4", "errors")


def sizes():
    """Bring the published sizes of the 19 trials to the 9,328 participants analysed."""
    share = np.array(RANDOMISED) * PARTICIPANTS / sum(RANDOMISED)
    found = np.floor(share).astype(int)
    found[np.argsort(found - share)[: PARTICIPANTS - found.sum()]] += 1
    return found


def review(*, all_different, modification, seed=1):
    """Ten covariates, of which the first may modify the effect."""
    rng = np.random.default_rng(seed)
    trial = np.repeat(np.arange(19), sizes())
    n = trial.size
    frame = pd.DataFrame({"trial": trial, "treat": rng.integers(0, 2, n)})
    for j in range(10):
        x = rng.normal(size=n) + rng.normal(0, 0.3, 19)[trial]
        as_recorded = (np.round(50 + 14 * x), np.round(12 + 5 * x), np.round(50 + 10 * x, 1),
                       1.0 * (x > 0), np.clip(np.round(50 + 20 * x), 0, 100))[j % 5]  # fmt: skip
        frame[f"x{j}"] = x if all_different else as_recorded
    base = rng.normal(50, 15, n)
    young = frame["x0"] <= frame["x0"].median()
    effect = 5 + modification * young + rng.normal(0, 1.5, 19)[trial]
    y = 0.5 * base + rng.normal(0, 5, 19)[trial] + effect * frame["treat"] + rng.normal(0, 15, n)
    return frame.assign(base=base, y=y)


def searched(frame):
    names = [name for name in frame.columns if name.startswith("x")]
    return search_data(frame, names, outcome="y", baseline="base")


def timed(function):
    """Wall-clock and processor seconds of the faster of three calls, and what the last gave."""
    best = (np.inf, np.inf)
    for _ in range(3):
        wall, cpu = time.perf_counter(), time.process_time()
        found = function()
        best = min(best, (time.perf_counter() - wall, time.process_time() - cpu))
    return *best, found


def time_trees():
    print("\n## Full tree, one process\n")
    print("| values | method | cut-points of everybody | nodes | wall s | processor s |")
    print("|---|---|---|---|---|---|")
    for all_different in (False, True):
        data = searched(review(all_different=all_different, modification=4.0))
        kind = "all different" if all_different else "as recorded"
        for name, call in (
            ("interaction tree", lambda data=data: partition(data)),
            ("SIDES, best 3", lambda data=data: partition(data, reading="sides", best=3)),
            ("metaMOB", lambda data=data: partition_model_based(data).tree),
        ):
            wall, cpu, tree = timed(call)
            cuts = sum(split.splits for split in tree.nodes[0].candidates)
            print(f"| {kind} | {name} | {cuts:,} | {len(tree.nodes)} | {wall:.2f} | {cpu:.2f} |")


def time_permutations(permutations, jobs, values):
    print(f"\n## {permutations} permutations of whole trees, {jobs} processes\n")
    print("| values | wall s | processor s per permutation | p | any split under the null |")
    print("|---|---|---|---|---|")
    for all_different in sorted({"recorded": False, "different": True}[one] for one in values):
        data = searched(review(all_different=all_different, modification=4.0))
        tree = partition(data)
        begin = time.perf_counter()
        found = permute_partition(data, tree, permutations=permutations, jobs=jobs)
        wall = time.perf_counter() - begin
        begin = time.process_time()
        permute_partition(data, tree, permutations=5)
        cpu = (time.process_time() - begin) / 5
        kind = "all different" if all_different else "as recorded"
        print(f"| {kind} | {wall:.0f} | {cpu:.3f} | {found.p:.4f} | {found.any_split:.3f} |")


def against_lme4(rows=1500):
    print(f"\n## The same search by lme4, one fit per cut-point, {rows} participants\n")
    if shutil.which("Rscript") is None:
        print("R is not installed: left out.")
        return
    frame = review(all_different=False, modification=4.0).sample(rows, random_state=1)
    frame = frame.rename(columns={"x0": "x"})[["trial", "treat", "base", "x", "y"]]
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("data.csv", "out.csv")]
        frame.to_csv(paths[0], index=False)
        script = HERE / "subgroups.R"
        subprocess.run(["Rscript", str(script), *map(str, paths)], check=True)
        theirs = pd.read_csv(paths[1])
    data = search_data(frame, ["x"], outcome="y", baseline="base")
    x = data.covariates[0].numbers[data.covariates[0].codes]

    def ours():
        return side_fits(data, x[:, None] <= theirs["cut"].to_numpy())

    wall, _, found = timed(ours)
    seconds = float(theirs["seconds"].iloc[0])
    apart = np.abs(found.estimate - theirs["estimate"]) / theirs["se"]
    print(f"{len(theirs)} cut-points: lme4 {seconds:.2f} s, ours {wall:.4f} s, "
          f"ratio {seconds / wall:.0f}; largest difference of the estimates "
          f"{np.nanmax(apart):.1e} standard errors.")  # fmt: skip


def error_rates(runs, jobs):
    print(f"\n## Type I error and power, {runs} simulated reviews each\n")
    print("| modification | p within a covariate | any split | age first | cut within a tenth |")
    print("|---|---|---|---|---|")
    for modification, within in ((0.0, "largest"), (0.0, "sidak"), (0.7, "largest")):
        scenario = PartitionScenario(modification=modification)
        options = PartitionOptions(within=within)
        found = simulate_partitioning(scenario, options, runs=runs, jobs=jobs)
        shares = [
            f"{one.value:.3f} ({one.ci_low:.3f} to {one.ci_high:.3f})"
            for one in (found.any_split, found.right_first, found.cut_near)
        ]
        print(f"| {modification:g} SD | {within} | {' | '.join(shares)} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--permutations", type=int, default=1000)
    parser.add_argument("--values", nargs="+", choices=("recorded", "different"),
                        default=("recorded", "different"))  # fmt: skip
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    load = os.getloadavg()[0]
    print(f"# Recursive partitioning\n\n{os.cpu_count()} cores, load {load:.1f} at the start.")
    if "tree" in given.only:
        time_trees()
    if "lme4" in given.only:
        against_lme4()
    if "errors" in given.only:
        error_rates(given.runs, given.jobs)
    if "permutation" in given.only:
        time_permutations(given.permutations, given.jobs, given.values)


if __name__ == "__main__":
    main()

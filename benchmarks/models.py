"""Time the mixed models against what a user would pick instead: same data, same run.

    python benchmarks/models.py                       everything, about half an hour with lme4
    python benchmarks/models.py --rows 1 --trials 1   the 27 trials only
    python benchmarks/models.py --mixedlm PYTHON      an interpreter that has PyPI's mixedlm
    python benchmarks/models.py --peers               our own times alone
    python benchmarks/models.py --peers lme4          against lme4 only

Peers that are not installed are left out and named. One BLAS thread per process.
"""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from itertools import product
from pathlib import Path

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")
HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

import numpy as np  # noqa: E402 -- the number of threads is set before numpy is loaded
import pandas as pd  # noqa: E402
import pyarrow as pa  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402
from simulated import MODELS, MODIFIERS, OUTCOMES, Model, modifier, simulate  # noqa: E402

from analysis.models import crossproducts, fit_linear_mixed, fit_logistic_mixed  # noqa: E402

LARGE = {"G1_lap", *(each.name for each in MODELS if each.linear)}  # what lme4 fits in minutes


def fit(model: Model, data: pd.DataFrame, **options):
    arguments = (model.formula, data, "trial", model.random)
    options |= {"covariance": model.covariance}
    if not model.linear:
        return fit_logistic_mixed(*arguments, quadrature=model.quadrature, **options)
    if model.stratified:
        options |= {"intercepts": "fixed", "stratified": model.stratified[1:]}
    return fit_linear_mixed(*arguments, **options)


def ours(models, data, budget):
    """Median time of as many fits as go into the budget, by which the peers are timed too."""
    rows = []
    for model in models:
        times = []
        while len(times) < 3 or sum(times) < budget:
            begin = time.perf_counter()
            found = fit(model, data)
            times.append(time.perf_counter() - begin)
        # converged means that the optimality conditions were checked; anything else is shouted
        if not found.converged:
            print(f"  {model.name}: NOT CERTIFIED")
        rows.append({"name": model.name, "seconds": np.median(times), "deviance": found.deviance})
    return pd.DataFrame(rows).set_index("name")


def by_process(command, models, data, budget):
    """Let another program fit the same file and report its times."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("data.csv", "models.csv", "out.csv")]
        data.to_csv(paths[0], index=False)
        keys = ("name", "formula", "linear", "quadrature")
        table = [(m.name, m.lme4, m.linear, m.quadrature) for m in models]
        pd.DataFrame(table, columns=keys).to_csv(paths[1], index=False)
        subprocess.run(
            [*command, *map(str, paths), str(budget)], check=True, stderr=subprocess.DEVNULL
        )
        return pd.read_csv(paths[2]).set_index("name")


def statsmodels(models, data, budget):
    import statsmodels.api as sm
    from statsmodels.regression.mixed_linear_model import MixedLMParams

    warnings.simplefilter("ignore")  # it warns on every other fit, and resets filters on import
    rows = []
    for model in models:
        if not model.linear or model.stratified:
            continue
        columns = [term for term in model.random if term != "1"]
        complete = data.dropna(subset=[c for t in model.fixed for c in t.split(":")])
        free = None
        if model.covariance == "diagonal":
            free = MixedLMParams.from_components(
                fe_params=np.ones(1 + len(model.fixed)), cov_re=np.eye(len(model.random))
            )
        times, deviance, start = [], np.nan, time.perf_counter()
        while not times or time.perf_counter() - start < budget:
            begin = time.perf_counter()
            try:
                spec = sm.MixedLM.from_formula(
                    model.formula, complete, re_formula="1+" + "+".join(columns), groups="trial"
                )
                deviance = -2 * spec.fit(reml=True, free=free).llf
            except (np.linalg.LinAlgError, ValueError) as error:
                print(f"  statsmodels fails on {model.name}: {str(error)[:80]}")
                break
            times.append(time.perf_counter() - begin)
        seconds = np.median(times) if times else np.nan
        rows.append({"name": model.name, "seconds": seconds, "deviance": deviance})
    return pd.DataFrame(rows).set_index("name")


def compare(rows, trials, options):
    data = simulate(rows=rows, trials=trials)
    print(f"\n## {len(data):,} participants, {27 * trials} trials (milliseconds; ratio to ours)\n")
    models = MODELS if len(data) < 100_000 else [m for m in MODELS if m.name in LARGE]
    found = {"ours": ours(MODELS, data, options.budget)}
    if "lme4" in options.peers and shutil.which("Rscript"):
        command = ["Rscript", str(HERE / "peers.R")]
        found["lme4"] = by_process(command, models, data, options.budget)
    if "mixedlm" in options.peers and options.mixedlm:
        command = [options.mixedlm, str(HERE / "peer_mixedlm.py")]
        found["mixedlm"] = by_process(command, models, data, options.budget)
    if "statsmodels" in options.peers:
        found["statsmodels"] = statsmodels(models, data, options.budget)
    peers = list(found)[1:]
    print("| model | ours | " + " | ".join(f"{p} | ratio" for p in peers) + " | gain on lme4 |")
    print("|---" * (3 + 2 * len(peers)) + "|")
    for model in MODELS:
        mine = found["ours"].loc[model.name]
        cells = [model.name, f"{1000 * mine.seconds:.1f}"]
        for peer in peers:
            seconds = found[peer]["seconds"].get(model.name, np.nan)
            absent = np.isnan(seconds)
            cells += (
                ["–", "–"] if absent else [f"{1e3 * seconds:.0f}", f"{seconds / mine.seconds:.1f}"]
            )
        theirs = found["lme4"]["deviance"].get(model.name, np.nan) if "lme4" in found else np.nan
        cells.append("–" if np.isnan(theirs) else f"{theirs - mine.deviance:.1e}")
        print("| " + " | ".join(cells) + " |")
    for peer, kind in product(peers, (True, False)):
        ratio = found[peer]["seconds"] / found["ours"]["seconds"]
        ratio = ratio[[m.name for m in MODELS if m.linear == kind and m.name in ratio]].dropna()
        if len(ratio):
            what = "linear" if kind else "logistic"
            print(f"\n{what}: {peer} / ours, median {ratio.median():.0f}, least {ratio.min():.1f}")


def whole_paper():
    """Every modifier, outcome, adjustment, covariance and inference of a paper: 396 fits."""
    data, models = simulate(), []
    for outcome, name, covariance in product(OUTCOMES, MODIFIERS, ("diagonal", "unstructured")):
        plain = modifier(name)
        more = tuple(c for c in ("age_c", "sex_c") if c not in plain)
        models.append(Model("", outcome, plain, ("1", *plain[:3]), covariance))
        models.append(Model("", outcome, (*more, *plain), ("1", *plain[:3], *more), covariance))
    models += [Model("", outcome, ("treat", "base_c"), ("1", "treat")) for outcome in OUTCOMES[:3]]
    begin, work, singular, uncertified = time.perf_counter(), time.process_time(), 0, 0
    for model, inference in product(models, ("satterthwaite", "kenward-roger")):
        found = fit(model, data, inference=inference)
        found.coefficients  # noqa: B018 -- the table is part of the time
        singular += found.singular
        uncertified += not found.converged
    count = 2 * len(models)
    print("\n## A whole paper\n")
    print(f"{count} fits, each with degrees of freedom (half Satterthwaite, half Kenward-Roger): ")
    wall, cpu = time.perf_counter() - begin, time.process_time() - work
    print(f"{wall:.1f} s ({cpu:.1f} s of processor time); ")
    print(f"{singular} singular, {uncertified} not certified.")


def twice_at_once():
    """Run the same fits alone and in two processes at once."""
    code = "import models, time; d = models.simulate(rows=10); b = time.perf_counter(); "
    code += "[models.fit(m, d) for _ in range(5) for m in models.MODELS[:9]]; "
    code += "print(time.perf_counter() - b)"

    def run(count):
        command = [sys.executable, "-c", code]
        jobs = [
            subprocess.Popen(command, cwd=HERE, stdout=subprocess.PIPE, text=True)
            for _ in range(count)
        ]
        return max(float(job.communicate()[0]) for job in jobs)

    alone, both = run(1), run(2)
    print("\n## Twice at once\n")
    print(f"45 linear fits at 35,140 participants: alone {alone:.2f} s, two at once {both:.2f} s.")


def ten_million(rows):
    """Write a Parquet file of `rows` participants, then fit it in chunks of bounded memory."""
    print(f"\n## {rows:,} participants through Parquet\n", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "participants.parquet")
        columns = ["trial", "treat", "base_c", "y", "age_c"]
        part = simulate(rows=100)[columns].dropna()
        writer = pq.ParquetWriter(path, pa.Table.from_pandas(part).schema)
        for written in range(0, rows, len(part)):
            shifted = part.assign(y=part["y"] + np.sin(written)).head(rows - written)
            writer.write_table(pa.Table.from_pandas(shifted))
        writer.close()
        del part
        code = f"import models; models.read_and_fit({path!r})"
        subprocess.run([sys.executable, "-c", code], cwd=HERE, check=True)


def read_and_fit(path):
    """One pass over the file in chunks of 500,000 rows, then two fits of the same summary."""
    begin = time.perf_counter()
    chunks = (batch.to_pandas() for batch in pq.ParquetFile(path).iter_batches(500_000))
    formula = "y ~ base_c + treat * age_c"
    summary = crossproducts(chunks, formula, "trial", ["1", "base_c", "treat", "age_c"])
    passed = time.perf_counter()
    found = fit_linear_mixed(crossproducts=[summary])
    done = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{found.n:,} participants in {found.k} trials: one pass {passed - begin:.1f} s, ")
    print(f"fit {1000 * (done - passed):.1f} ms, certified {found.converged}, ")
    print(f"peak memory {peak:.2f} GB.")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[1, 10, 100])
    parser.add_argument("--trials", type=int, nargs="+", default=[1, 10])
    parser.add_argument("--mixedlm", help="interpreter that has mixedlm")
    parser.add_argument("--budget", type=float, default=15, help="seconds per model and peer")
    parser.add_argument("--peers", nargs="*", default=["lme4", "mixedlm", "statsmodels"])
    parser.add_argument("--parquet-rows", type=int, default=10_000_000)
    options = parser.parse_args()
    for rows in options.rows:
        compare(rows, 1, options)
    for trials in options.trials:
        if trials > 1:
            compare(1, trials, options)
    whole_paper()
    twice_at_once()
    ten_million(options.parquet_rows)


if __name__ == "__main__":
    main()

"""Cross-products: the same fit without participants, pieces merged exactly, small trials refused.

Tolerance 1e-10 relative: JSON keeps every digit, so only the order of sums differs.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import ModelError
from analysis.models import crossproducts, fit_linear_mixed
from analysis.models.crossproducts import moments, pool_moments
from analysis.models.design import build_design
from analysis.models.linear_mixed import fit_moments
from analysis.models.linear_options import LinearOptions

REFERENCE = Path(__file__).parent.parent / "reference"
DATA = dict(tuple(pd.read_csv(REFERENCE / "mixed_data.csv").groupby("design")))
ROWS = DATA["full12"].assign(x=lambda d: d["x"] + 1950).reset_index(drop=True)
MODEL = ("y ~ treat + x + treat:w", "trial", ["1", "treat"])
OPTIONS = [
    {},
    {"covariance": "unstructured", "inference": "kenward-roger"},
    {"residual": "by_group", "reml": False},
]


def summaries(rows, **options):
    """What each trial would send, through a file."""
    made = [crossproducts(part, *MODEL, **options) for _, part in rows.groupby("trial")]
    return [json.loads(json.dumps(one)) for one in made]


@pytest.mark.parametrize("intercepts", ["random", "fixed"])
@pytest.mark.parametrize("options", OPTIONS)
def test_the_fit_is_that_of_the_participants(options, intercepts):
    random = ["treat"] if intercepts == "fixed" else ["1", "treat"]
    rows = ROWS.sample(frac=1, random_state=1)
    model = {"intercepts": intercepts}
    made = [
        json.loads(json.dumps(crossproducts(part, MODEL[0], "trial", random, **model)))
        for _, part in rows.groupby("trial")
    ]
    whole = fit_linear_mixed(MODEL[0], rows, "trial", random, **model, **options)
    shared = fit_linear_mixed(crossproducts=made, **options)
    assert shared.coefficients.to_numpy() == pytest.approx(
        whole.coefficients.to_numpy(), rel=1e-10, abs=1e-13
    )
    assert shared.deviance == pytest.approx(whole.deviance, rel=1e-10)
    assert shared.random_sd.to_numpy() == pytest.approx(whole.random_sd.to_numpy(), rel=1e-9)
    blups = whole.blups().sort_index().to_numpy()
    assert shared.blups().to_numpy() == pytest.approx(blups, rel=1e-9, abs=1e-10)
    assert (shared.n, shared.k, shared.formula) == (whole.n, whole.k, whole.formula)
    assert shared.predict(rows).to_numpy() == pytest.approx(whole.predict(rows).to_numpy())


def test_a_summary_holds_names_and_moments_and_no_participant():
    rows = ROWS.assign(participant=[f"P{i:04d}" for i in ROWS.index])
    one = crossproducts(rows.query("trial == 3"), *MODEL)
    assert one["schema"] == "ipdbook/crossproducts"
    assert one["version"] == 1
    assert one["columns"] == ["treat", "x", "treat:w", "y"]
    (trial,) = one["trials"]
    inside = rows.query("trial == 3")
    assert (trial["trial"], trial["n"]) == (3, len(inside))
    assert trial["mean"][1] == pytest.approx(inside["x"].mean())
    assert len(trial["sscp"]) == 10
    text = json.dumps(one)
    assert not any(name in text for name in rows["participant"])


def test_left_out_rows_travel_with_the_summary():
    rows = ROWS.astype({"x": float})
    rows.loc[rows.groupby("trial").head(1).index, "x"] = np.nan
    found = fit_linear_mixed(crossproducts=summaries(rows))
    assert found.excluded == {"missing x": rows["trial"].nunique()}


@pytest.mark.parametrize("pieces", [2, 7, 40])
def test_pieces_of_a_trial_merge_to_the_whole(pieces):
    def one(rows):
        return moments(build_design(MODEL[0], rows, "trial", MODEL[2]))

    shuffled = ROWS.sample(frac=1, random_state=2)
    parts = [shuffled.iloc[i::pieces] for i in range(pieces)]
    merged, whole = pool_moments([one(part) for part in parts]), one(shuffled)
    order = [merged.labels.index(label) for label in whole.labels]
    assert merged.n[order].tolist() == whole.n.tolist()
    assert merged.mean[order] == pytest.approx(whole.mean, rel=1e-13)
    assert merged.sscp[order] == pytest.approx(whole.sscp, rel=1e-10, abs=1e-9)
    encoder = build_design(MODEL[0], shuffled, "trial", MODEL[2]).encoder
    fits = [fit_moments(found, encoder, "trial", LinearOptions()) for found in (merged, whole)]
    assert fits[0].coefficients.to_numpy() == pytest.approx(
        fits[1].coefficients.to_numpy(), rel=1e-9
    )


def test_a_file_in_pieces_gives_the_summary_of_the_whole():
    whole = crossproducts(ROWS, *MODEL)
    pieces = crossproducts((ROWS.iloc[i : i + 50] for i in range(0, len(ROWS), 50)), *MODEL)
    for ours, theirs in zip(pieces["trials"], whole["trials"], strict=True):
        assert ours["n"] == theirs["n"]
        assert ours["sscp"] == pytest.approx(theirs["sscp"], rel=1e-10, abs=1e-8)
    with pytest.raises(ModelError, match="at least one piece"):
        crossproducts([], *MODEL)


@pytest.mark.parametrize(
    ("rows", "options", "message"),
    [
        (ROWS.groupby("trial").head(9), {}, "Trial 1 has 9 complete.*at least 10"),
        (ROWS.groupby("trial").head(19), {"minimum": 20}, "at least 20"),
        (ROWS.assign(w=ROWS["trial"].astype(str)), {}, "plain numeric"),
    ],
)
def test_what_would_disclose_is_refused(rows, options, message):
    with pytest.raises(ModelError, match=message):
        crossproducts(rows, *MODEL, **options)


def test_fewer_than_two_participants_per_column_are_refused():
    rows = ROWS.query("trial == 1").head(11).assign(v=range(11), u=lambda d: d["v"] ** 2)
    crossproducts(rows, "y ~ treat + x + w + v", "trial", ["1"])
    with pytest.raises(ModelError, match="at least 12"):
        crossproducts(rows, "y ~ treat + x + w + v + u", "trial", ["1"])


def other_model(made):
    return [made[0], crossproducts(ROWS.query("trial == 2"), "y ~ treat", "trial", ["1"])]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda _: [], "at least one"),
        (lambda made: [*made, made[0]], "Trial 1 comes in more than one"),
        (lambda made: [made[0] | {"version": 99}], "version 1, found .* version 99"),
        (lambda made: [made[0] | {"schema": "other"}], "found 'other'"),
        (other_model, "one model"),
        (lambda made: [made[0], made[1] | {"model": made[1]["model"] | {"groups": "g"}}], "'g'"),
    ],
)
def test_summaries_that_do_not_belong_together_are_refused(spoil, message):
    with pytest.raises(ModelError, match=message):
        fit_linear_mixed(crossproducts=spoil(summaries(ROWS)))

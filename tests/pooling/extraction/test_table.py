"""`pool_table`: what a file of extracted numbers gives, its notes, and its errors."""

import json

import numpy as np
import pandas as pd
import pytest

from analysis.errors import ModelError
from analysis.pooling import hedges_g, log_odds_ratio, pool, pool_table

MEANS = pd.DataFrame(
    {
        "trial": ["Arnold", "Brown", "Chen", "Diaz"],
        "m1": [20.0, 25, 30, 28],
        "sd1": [10.0, 12, 9, 11],
        "n1": [20, 30, 40, 25],
        "m2": [25.0, 33, 31, 37],
        "sd2": [11.0, 10, 12, 9],
        "n2": [21, 29, 41, 24],
    }
)
EVENTS = pd.DataFrame(
    {"study": ["Eco", "Fox", "Gil"], "events": [0, 4, 9], "participants": [12, 20, 9]}
)
RATES = pd.DataFrame({"events": [0, 4, 9], "time": [12.5, 200, 90]})
TWO_RATES = pd.DataFrame(
    {"events1": [0, 4, 0], "time1": [10, 20, 30], "events2": [3, 2, 0], "time2": [11, 19, 32]}
)
PROPORTION_EFFECTS = ["proportion", "log-proportion", "logit-proportion"]
ANGLES = ["arcsine-proportion", "double-arcsine-proportion"]
RATE_EFFECTS = ["rate", "log-rate", "square-root-rate", "freeman-tukey-rate"]
COUNTS = pd.DataFrame({"a": [3, 0, 8], "n1": [20, 30, 40], "c": [6, 0, 7], "n2": [22, 29, 40]})


def test_hedges_g_from_a_table():
    effects = hedges_g(*(MEANS[name] for name in ("m1", "sd1", "n1", "m2", "sd2", "n2")))
    expected = pool(*effects, "DL", "knapp-hartung")
    found = pool_table(MEANS, effect="g", method="DL", interval="knapp-hartung")
    assert found.pooled == expected
    np.testing.assert_allclose(found.trials["yi"], effects.yi)
    assert found.trials["weight"].sum() == pytest.approx(100)
    assert found.trials["trial"].tolist() == MEANS["trial"].tolist()
    assert found.notes == ()


@pytest.mark.parametrize("heading", ["trial", "study", "author", "name"])
def test_rows_are_named_by_the_column_that_names_them(heading):
    found = pool_table(MEANS.rename(columns={"trial": heading}), effect="g")
    assert found.trials["trial"].tolist() == MEANS["trial"].tolist()


def test_record_is_json_without_nan_and_with_ratios():
    found = pool_table(COUNTS, "or", method="common")
    record = json.loads(json.dumps(found.record(), allow_nan=False))
    effects = log_odds_ratio(
        COUNTS["a"], COUNTS["n1"] - COUNTS["a"], COUNTS["c"], COUNTS["n2"] - COUNTS["c"]
    )
    assert record["estimate"] == pytest.approx(pool(*effects, "common").estimate)
    assert record["ratio"]["ci_low"] == pytest.approx(np.exp(record["ci_low"]))
    assert record["ratio"]["pi_low"] is None
    assert record["pi_low"] is None
    assert [row["trial"] for row in record["trials"]] == ["trial 1", "trial 2", "trial 3"]
    assert "in both arms of trial 2 (line 3): this says nothing of a ratio" in record["notes"][0]
    assert (record["proportion"], record["rate"]) == (None, None)
    assert pool_table(MEANS, "md").record()["ratio"] is None


@pytest.mark.parametrize(
    ("frame", "effect", "scale"),
    [
        *((EVENTS, effect, "proportion") for effect in (*PROPORTION_EFFECTS, *ANGLES)),
        *((RATES, effect, "rate") for effect in RATE_EFFECTS),
        (TWO_RATES, "rate-ratio", "ratio"),
        (TWO_RATES, "rate-difference", None),
        (COUNTS, "rd", None),
    ],
)
def test_a_transformed_measure_has_its_original_scale_and_no_other(frame, effect, scale):
    found = pool_table(frame, effect, "DL")
    record = json.loads(json.dumps(found.record(), allow_nan=False))
    raw = effect in {"proportion", "rate"}
    filled = {name for name in ("ratio", "proportion", "rate") if record[name]}
    assert filled == (set() if raw or scale is None else {scale})
    for name in filled:
        back = record[name]
        assert back["pi_low"] <= back["ci_low"] < back["estimate"] < back["ci_high"]
        assert back["pi_low"] >= 0
        assert back["convention"].startswith("effects are ")
        limit = 1 if scale == "proportion" else np.inf
        assert back["pi_high"] <= limit


@pytest.mark.parametrize(
    ("frame", "effect", "size"),
    [(EVENTS, "double-arcsine-proportion", 12.2727), (RATES, "freeman-tukey-rate", 31.2139)],
)
def test_the_size_at_which_a_pooled_value_is_inverted_is_said(frame, effect, size):
    found = pool_table(frame, effect)
    column = frame.columns[-1]
    assert f"inverted at the harmonic mean of {column}, {size}" in found.original.convention


def test_corrected_counts_and_trials_that_say_nothing_are_noted():
    zero = "Continuity correction, 0.5 added to the counts of "
    for effect in PROPORTION_EFFECTS:
        assert f"{zero}Eco (line 2), Gil (line 4)" in pool_table(EVENTS, effect).notes
    for effect in ANGLES:
        assert not any(zero in note for note in pool_table(EVENTS, effect).notes)
    assert f"{zero}trial 1 (line 2)" in pool_table(RATES, "log-rate").notes
    nothing, corrected = pool_table(TWO_RATES, "rate-ratio").notes
    assert "both arms of trial 3 (line 4): this says nothing of a ratio" in nothing
    assert corrected == f"{zero}trial 1 (line 2), trial 3 (line 4)"
    assert pool_table(TWO_RATES, "rate-difference").notes == (corrected,)


@pytest.mark.parametrize("effect", ["or", "rr", "rd"])
def test_events_with_totals_or_with_the_rest(effect):
    cells = pd.DataFrame(
        {
            "a": COUNTS["a"],
            "b": COUNTS["n1"] - COUNTS["a"],
            "c": COUNTS["c"],
            "d": COUNTS["n2"] - COUNTS["c"],
        }
    )
    assert pool_table(cells, effect).pooled == pool_table(COUNTS, effect).pooled


@pytest.mark.parametrize(
    "columns",
    [
        {"vi": [0.04, 0.09]},
        {"sei": [0.2, 0.3]},
        {"ci_low": [1 - 0.3919928, 2 - 0.5879892], "ci_high": [1 + 0.3919928, 2 + 0.5879892]},
    ],
)
def test_generic_effects(columns):
    found = pool_table(pd.DataFrame({"yi": [1.0, 2.0], **columns}), "generic")
    assert found.pooled.estimate == pytest.approx(pool([1, 2], [0.04, 0.09]).estimate, rel=1e-6)


def test_standard_errors_fill_in_for_missing_sds():
    holes = MEANS.assign(sd2=[11.0, np.nan, 12, 9], se2=[np.nan, 10 / np.sqrt(29), np.nan, np.nan])
    found = pool_table(holes)
    assert found.pooled.estimate == pytest.approx(pool_table(MEANS).pooled.estimate)
    assert found.notes == ("SDs of arm 2 computed from standard errors: Brown (line 3)",)
    only_errors = MEANS.drop(columns="sd2").assign(se2=MEANS["sd2"] / np.sqrt(MEANS["n2"]))
    assert pool_table(only_errors).pooled.se == pytest.approx(pool_table(MEANS).pooled.se)


def test_a_missing_sd_needs_a_rule():
    holes = MEANS.assign(sd1=[10.0, np.nan, 9, 11])
    with pytest.raises(ModelError, match=r"sd1 is missing in Brown \(line 3\).*name a rule"):
        pool_table(holes)
    found = pool_table(holes, impute="median")
    assert found.notes == ("SDs of arm 1 imputed, rule median: Brown (line 3)",)
    assert found.pooled == pool_table(MEANS.assign(sd1=[10.0, 10, 9, 11])).pooled


def test_an_sd_that_looks_like_an_error_is_noted():
    found = pool_table(MEANS.assign(sd1=[10 / np.sqrt(20), 12, 9, 11]), "md")
    assert "look like standard errors: 2.236 (arm 1, n=20) in Arnold (line 2)." in found.notes[0]


@pytest.mark.parametrize(
    ("frame", "options", "message"),
    [
        (MEANS[:0], {}, "has no row"),
        (MEANS.drop(columns="n2"), {}, "needs a column 'n2', but has trial, m1"),
        (
            MEANS.drop(columns="sd1"),
            {},
            "needs a column 'sd1'.*Standard errors.*: se1, se2. ",
        ),
        (
            MEANS.assign(m1=["20", "25", "n/a", "28"]),
            {},
            r"'m1' must hold numbers.*'n/a' in Chen \(line 4\)",
        ),
        (MEANS.assign(n1=[20, np.nan, 40, 25]), {}, "n1 to be a number"),
        (MEANS.assign(sd1=[-1.0, 2, 3, 4]), {}, "not negative"),
        (MEANS, {"effect": "hedges"}, "effect must be one of g, md"),
        (MEANS, {"method": "reml"}, "method must be one of"),
        (
            COUNTS.assign(a=[30, 0, 1]),
            {"effect": "or"},
            r"More events in column a.*trial 1 \(line 2\)",
        ),
        (
            EVENTS,
            {"effect": "or"},
            "columns 'a', 'b', 'c', 'd'.*as well: a, n1, c, n2",
        ),
        (
            pd.DataFrame({"yi": [1.0]}),
            {"effect": "generic"},
            "needs a column 'vi'.*sei will do, or ci_low and ci_high",
        ),
        (EVENTS, {"effect": "log-rate"}, "needs a column 'time', but has study, events"),
        (EVENTS, {"effect": "rate-ratio"}, "needs columns 'events1'"),
        (RATES, {"effect": "logit-proportion"}, "needs a column 'participants'"),
        (EVENTS, {"effect": "rate", "weighting": "none"}, "needs a column 'time'"),
        (MEANS, {"weighting": "none"}, "weighting must be one of inverse-variance, equal"),
        (pd.DataFrame({"yi": [1.0], "vi": [0.0]}), {"effect": "generic"}, "vi to be above zero"),
    ],
)
def test_bad_tables_say_what_to_mend(frame, options, message):
    with pytest.raises(ModelError, match=message):
        pool_table(frame, **options)


@pytest.mark.parametrize("k", [1, 2])
def test_one_and_two_trials(k):
    record = pool_table(MEANS[:k]).record()
    assert record["k"] == k
    assert (record["tau2"] is None) == (k == 1)


def test_numbers_as_text_are_read():
    assert pool_table(MEANS.astype({"m1": str})).pooled == pool_table(MEANS).pooled


@pytest.mark.parametrize("effect", [*PROPORTION_EFFECTS, *ANGLES])
@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("events", [1, -4, 9], r"events to be not negative.*-4 in Fox \(line 3\)"),
        ("events", [1, 40, 9], r"at most the participants.*40 in Fox \(line 3\).*Check both"),
        ("events", [1, np.nan, 9], r"events to be a number.*nan in Fox \(line 3\)"),
        ("events", ["1", "ten", "9"], r"'events' must hold numbers.*'ten' in Fox \(line 3\)"),
        ("participants", [12, None, 9], r"participants to be a number.*nan in Fox \(line 3\)"),
        ("participants", [0, 20, 9], r"participants to be above zero.*0 in Eco \(line 2\)"),
    ],
)
def test_bad_proportions_are_named(effect, column, values, message):
    with pytest.raises(ModelError, match=message):
        pool_table(EVENTS.assign(**{column: values}), effect)


@pytest.mark.parametrize(
    ("frame", "effect"),
    [
        *((RATES, effect) for effect in RATE_EFFECTS),
        *((TWO_RATES, effect) for effect in ("rate-ratio", "rate-difference")),
    ],
)
@pytest.mark.parametrize(
    ("place", "values", "message"),
    [
        (0, [1, -4, 9], r"events1? to be not negative.*-4 in trial 2 \(line 3\)"),
        (0, [1, np.nan, 9], r"events1? to be a number.*nan in trial 2 \(line 3\)"),
        (0, ["1", "ten", "9"], r"'events1?' must hold numbers.*'ten' in trial 2 \(line 3\)"),
        (1, [10, 0, 9], r"time1? to be above zero.*0 in trial 2 \(line 3\)"),
        (1, [10, 7, None], r"time1? to be a number.*nan in trial 3 \(line 4\)"),
    ],
)
def test_bad_rates_are_named(frame, effect, place, values, message):
    with pytest.raises(ModelError, match=message):
        pool_table(frame.assign(**{frame.columns[place]: values}), effect)

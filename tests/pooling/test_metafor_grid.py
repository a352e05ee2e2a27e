"""Effect sizes and `pool` over metafor's datasets (tests/reference/pooling_grid.R).

Tolerances, relative to each number: 1e-8 for closed forms (effect sizes, DL, HE, HS, SJ, common);
1e-5 for estimators that iterate (REML, ML, PM, EB) and for the Q-profile interval, whose reference
stops at metafor's own threshold. What differs by more stands in tests/reference/README.md.
"""

import json
import warnings
from pathlib import Path

import numpy as np
import pytest

from analysis.pooling import (
    glass_delta,
    hedges_g,
    log_odds_ratio,
    log_risk_ratio,
    mean_difference,
    peto_log_odds_ratio,
    pool,
    ratio_of_means,
    risk_difference,
)

CLOSED, ITERATIVE = 1e-8, 1e-5
REFERENCE = json.loads(
    (Path(__file__).parents[1] / "reference" / "pooling_grid.json").read_text(encoding="utf-8")
)
FIELDS, DATA = REFERENCE["fields"], REFERENCE["data"]
INTERVALS = {"z": "normal", "knha": "knapp-hartung", "adhoc": "knapp-hartung-bounded"}
TABLES = {
    "OR": log_odds_ratio,
    "RR": log_risk_ratio,
    "RD": risk_difference,
    "PETO": peto_log_odds_ratio,
}
SEARCHED = {"tau2_low", "tau2_high"}


def _effects(data):
    if data["kind"] == "table":
        return TABLES[data["measure"]](*(data[name] for name in "abcd"))
    arms = [data[name] for name in ("m1", "sd1", "n1", "m2", "sd2", "n2")]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # plausibility has its own tests
        if data["measure"] == "MD":
            return mean_difference(*arms, sd="pooled" if data["vtype"] == "HO" else "separate")
        if data["measure"] == "SMD":
            return hedges_g(*arms, vtype=data["vtype"])
        if data["measure"] == "ROM":
            return ratio_of_means(*arms)
        return glass_delta(*arms, sd={"SMD1": "equal", "SMD1H": "separate"}[data["measure"]])


def test_the_grid_does_not_shrink():
    names = {name.split("_")[0] for name in DATA}
    measures = {data["measure"] for data in DATA.values()}
    methods = {case["method"] for case in REFERENCE["cases"]}
    assert len(DATA) >= 39
    assert len(names) >= 34
    assert measures >= {*TABLES, "MD", "SMD", "SMD1", "SMD1H", "ROM", "given"}
    assert methods == {"REML", "DL", "PM", "ML", "EB", "SJ", "HS", "HE", "common"}
    assert len(REFERENCE["cases"]) == len(DATA) * (8 * 3 + 1)


@pytest.mark.parametrize("name", [name for name in DATA if DATA[name]["kind"] != "given"])
def test_effect_sizes_agree_with_escalc(name):
    effects = _effects(DATA[name])
    np.testing.assert_allclose(effects.yi, DATA[name]["yi"], rtol=CLOSED, atol=1e-11)
    np.testing.assert_allclose(effects.vi, DATA[name]["vi"], rtol=CLOSED)


@pytest.mark.parametrize("name", DATA)
def test_pooled_effects_agree_with_rma(name):
    yi, vi = DATA[name]["yi"], DATA[name]["vi"]
    for case in (case for case in REFERENCE["cases"] if case["data"] == name):
        pooled = pool(yi, vi, case["method"], INTERVALS[case["test"]])
        iterates = case["method"] in {"REML", "ML", "PM", "EB"}
        for field, expected in zip(FIELDS, case["values"], strict=True):
            found = (
                pooled.tau2_ci[field == "tau2_high"]
                if field in SEARCHED
                else getattr(pooled, field)
            )
            if expected is None:
                assert np.isnan(found), (case["method"], case["test"], field)
                continue
            tolerance = ITERATIVE if iterates or field in SEARCHED else CLOSED
            assert found == pytest.approx(expected, rel=tolerance, abs=tolerance * 1e-2), (
                case["method"],
                case["test"],
                field,
            )

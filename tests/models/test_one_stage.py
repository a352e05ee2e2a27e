import numpy as np
import pandas as pd
import pytest

from analysis.models import interactions
from analysis.models.one_stage import identified_slopes


@pytest.fixture
def rare_level():
    """Six trials; level "rare" occurs in two of them."""
    rng = np.random.default_rng(5)
    n = 360
    frame = pd.DataFrame(
        {"trial": np.repeat(list("abcdef"), n // 6), "treat": np.tile([0, 1], n // 2)}
    )
    level = rng.choice(["common", "other"], n)
    rare = frame["trial"].isin(["a", "b"]) & (rng.random(n) < 0.4)
    frame["race"] = pd.Categorical(np.where(rare, "rare", level), ["common", "other", "rare"])
    frame["y"] = rng.normal(size=n) + 2 * frame["treat"] * (frame["race"] == "rare")
    return frame


def test_a_level_of_two_trials_keeps_its_interaction_and_loses_its_random_slope(rare_level):
    found = interactions(
        rare_level, outcome="y", treatment="treat", modifier="race", groups="trial"
    )
    row = found.row(contrast="rare vs common")
    assert row["reason"] == ""
    assert abs(row["estimate"] - 2) < 3 * row["se"]
    fit = found.fits["within"]
    assert "race_other_c" in fit.random
    assert "race_rare_c" not in fit.random
    assert any("race_rare_c" in text and "in 2 only" in text for text in fit.warnings)
    assert np.isfinite(found.joint_p["one"])


def test_the_treatment_keeps_its_random_effect_even_with_few_trials(rare_level):
    two = rare_level[rare_level["trial"].isin(["a", "b"])].assign(x_c=1.0)
    kept, warnings = identified_slopes(two, "trial", ["treat", "x_c"])
    assert kept == ["treat"]
    assert len(warnings) == 1

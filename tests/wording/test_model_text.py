"""The printed call is the call that is made, and the mathematics follow the protocol."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis import wording
from analysis.models import fit_linear_mixed, fit_logistic_mixed
from analysis.protocol import Model, read_protocol
from analysis.results.fitted import one_stage

PROTOCOL = read_protocol(Path(__file__).parents[2] / "data/protocol.yml")


def protocol(**model):
    return PROTOCOL.model_copy(update={"model": Model(**model)})


def people(seed=3, trials=6, each=40):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"trial": np.repeat(np.arange(trials), each)})
    frame["treat"] = rng.integers(0, 2, len(frame)).astype(float)
    frame["y"] = frame["treat"] + rng.normal(size=len(frame)) + rng.normal(size=trials)[frame.trial]
    return frame.assign(binary=(frame["y"] > 0.5).astype(float))


@pytest.mark.parametrize("intercepts", ["random", "fixed"])
@pytest.mark.parametrize(("outcome", "name"), [("y", "pain"), ("binary", "recovery")])
def test_the_printed_call_gives_the_same_fit(outcome, name, intercepts):
    plan = protocol(intercepts=intercepts, covariance="unstructured")
    options = one_stage(plan.model, plan.outcomes[name])
    formula, data = f"{outcome} ~ treat", people()
    fitted = options.call(formula, data, "trial", ["treat"])
    text = wording.call(plan.model, binary=name == "recovery")
    printed = eval(  # noqa: S307 - our own text
        text,
        {"fit_linear_mixed": fit_linear_mixed, "fit_logistic_mixed": fit_logistic_mixed},
        {"formula": formula, "data": data, "groups": "trial",
         "random": ["treat"] if intercepts == "fixed" else ["1", "treat"]},
    )  # fmt: skip
    assert text in wording.calls(plan)
    assert printed.loglik == fitted.loglik
    assert printed.convention == fitted.convention
    pd.testing.assert_frame_equal(printed.coefficients, fitted.coefficients)


@pytest.mark.parametrize(
    ("model", "says"),
    [
        ({}, [r"(\beta_0 + u_{0j})", r"\tau_k^2", r"N(0, \sigma^2)", r"\operatorname{logit}"]),
        ({"intercepts": "fixed"}, [r"\mu_{ij} = \beta_{0j} +", "free, one for each trial"]),
        ({"covariance": "unstructured"}, ["$N(0, D)$"]),
        ({"residual": "by_group"}, [r"N(0, \sigma_j^2)"]),
    ],
)
def test_the_mathematics_follow_the_protocol(model, says):
    text = wording.equations(protocol(**model))
    assert all(each in text for each in says)
    assert "nan" not in text

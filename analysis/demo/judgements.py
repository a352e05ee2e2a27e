"""Risk of bias of the synthetic trials, drawn at random: the review publishes none by trial.

What Hayden et al. 2020 say of their trials is that all are at moderate to low risk; so none is at
high risk here.
"""

import zlib

import numpy as np

DOMAINS = {
    "randomisation": 0.08,
    "deviations from the intended interventions": 0.12,
    "missing outcome data": 0.12,
    "measurement of the outcome": 0.15,
    "selection of the reported result": 0.08,
}
"""Domains of RoB 2, each with the probability of some concerns."""


def risk_of_bias(trial: str, *, seed: int) -> dict[str, object]:
    """Draw the judgements of one trial, from a stream of its own."""
    rng = np.random.default_rng([seed, zlib.crc32(trial.encode())])
    domains = {
        name: "some concerns" if rng.random() < share else "low" for name, share in DOMAINS.items()
    }
    overall = "low" if set(domains.values()) == {"low"} else "some concerns"
    return {"overall": overall, "domains": domains}

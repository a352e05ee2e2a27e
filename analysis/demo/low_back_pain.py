"""Write the synthetic repository of the review of exercise for low back pain."""

from pathlib import Path

import numpy as np

from analysis.demo.calibration import REVIEW, read_published
from analysis.demo.files import write_trial
from analysis.demo.sent import prepare
from analysis.demo.trials import draw_trials
from analysis.demo.without_ipd import write_without_ipd

SEED = 2020
_README = """\
# Synthetic trials

These 27 folders are **synthetic demonstration data**: no value describes a real participant, and no
figure is a result of the trial whose name it carries. The individual participant data of the review
(Hayden et al. 2020) are not public. What is real is their shape: participants, arms, countries,
instruments and follow-ups follow the tables of the review, and the scores follow its model with the
published estimates as the truth, which stands in `../demo_truth.yml`.

Made by `ipdbook demo` (or `python -m analysis.demo`) from the seed {seed} and the published figures
in `../published/hayden2020`. The command writes the same bytes again; a test sees to it. Do not
edit the files by hand: change `analysis/demo/` and run the command.
"""


def generate(target: Path, *, seed: int, published: Path) -> None:
    """Write the synthetic repository.

    Parameters
    ----------
    target
        The `data` folder of a review: `trials/` and `aggregate/` are written into it. Files of the
        same name are overwritten, others left alone.
    seed
        Seed of all random numbers: the same seed gives the same bytes.
    published
        The folder `data/published`.
    """
    figures = read_published(published / REVIEW)
    trials = target / "trials"
    trials.mkdir(parents=True, exist_ok=True)
    (trials / "README.md").write_text(_README.format(seed=seed), encoding="utf-8", newline="\n")
    for number, trial in enumerate(draw_trials(figures, seed=seed), 1):
        sent = prepare(trial, np.random.default_rng([seed, number, 1]))
        row = figures.trials[trial.design.name]
        folder = trials / trial.design.key
        write_trial(sent, folder, country=row.country, setting=row.setting, seed=seed)
    write_without_ipd(target, seed=seed, published=published)

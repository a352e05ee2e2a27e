"""Forest plots of trials stay readable from 2 to 60 of them, in one group and in two."""

from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from analysis.aggregate_protocol import read_aggregate_protocol
from analysis.figures import forest, synthesis
from analysis.figures.style import MAX_HEIGHT, POINTS_PER_INCH
from analysis.pooling import pool
from analysis.results.extraction import read_extraction
from analysis.results.synthesis import SubgroupOfTrials
from analysis.results.synthesis import synthesis as pooled_synthesis

EXAMPLE = Path(__file__).parents[2] / "examples" / "individualized-exercise"
DPI = 144
SLACK = 0.5  # points: letters are rounded to pixels


@pytest.fixture(scope="module")
def plan():
    return read_aggregate_protocol(EXAMPLE / "data" / "protocol.yml")


@pytest.fixture(scope="module")
def whole(plan):
    extraction = read_extraction(EXAMPLE, plan)
    return pooled_synthesis(
        extraction, plan, outcome="pain", follow_up="short", comparator="active"
    )


def _some(whole, k, grouped):
    """The synthesis with k trials, some of them twice under another name."""
    twice = [replace(trial, trial=f"{trial.trial} II") for trial in whole.trials]
    trials = (*whole.trials, *twice)[:k]
    levels = sorted({trial.subgroup for trial in trials})
    groups = [[t for t in trials if t.subgroup == level] for level in levels]

    def pooled(members):
        return pool([t.estimate for t in members], [t.variance for t in members])

    return replace(
        whole,
        trials=trials,
        pooled=pooled(trials),
        subgroups=tuple(map(SubgroupOfTrials, levels, map(pooled, groups))) if grouped else (),
        between=whole.between if grouped else None,
    )


def _boxes(figure):
    figure.set_dpi(DPI)
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    texts = [text for axes in figure.axes for text in axes.texts if text.get_text().strip()]
    scale = POINTS_PER_INCH / DPI
    return [(t, t.get_window_extent(renderer).extents * scale) for t in texts]


@pytest.mark.parametrize("grouped", [True, False])
@pytest.mark.parametrize("k", [2, 3, 20, 60])
def test_every_trial_is_readable(whole, plan, k, grouped):
    found = _some(whole, k, grouped)
    figures = forest.draw(synthesis.specify(found, plan))
    assert len(figures) == (1 if k <= 20 else 2)
    boxes = [_boxes(figure) for figure in figures]
    words = [text.get_text() for page in boxes for text, _ in page]
    for trial in found.trials:
        assert words.count(f"{trial.trial} {trial.year}") == 1
    for figure, page in zip(figures, boxes, strict=True):
        assert figure.get_figheight() * POINTS_PER_INCH <= MAX_HEIGHT + SLACK
        assert min(text.get_fontsize() for text, _ in page) >= 7
        for (one, a), (other, b) in combinations(page, 2):
            apart = (
                a[2] <= b[0] + SLACK
                or b[2] <= a[0] + SLACK
                or a[3] <= b[1] + SLACK
                or b[3] <= a[1] + SLACK
            )
            assert apart, (one.get_text(), other.get_text())

"""Looks of a forest plot: the same numbers and marks, in the colours and brackets of a journal."""

from dataclasses import replace

import pytest
from forest_cases import WORDS, subgroups
from matplotlib.colors import to_hex

from analysis.figures import forest
from analysis.figures.presets import PRESETS, find_preset
from analysis.figures.subgroups import specify


def texts(figures):
    return [text.get_text() for figure in figures for axes in figure.axes for text in axes.texts]


def drawn(measure, preset):
    words = replace(WORDS[measure], preset=preset)
    return forest.draw(specify(subgroups(measure, modifiers=4), words=words))


@pytest.mark.parametrize("measure", ["MD", "OR"])
@pytest.mark.parametrize("preset", PRESETS)
def test_every_look_shows_the_same_numbers(measure, preset):
    plain, dressed = (
        " ".join(texts(drawn(measure, "house"))),
        " ".join(texts(drawn(measure, preset))),
    )
    if PRESETS[preset].square_brackets:
        assert "[" in dressed
        assert " to " not in dressed.split("Favours")[0].split("P")[0]
    else:
        assert dressed == plain


@pytest.mark.parametrize("measure", ["MD", "OR"])
@pytest.mark.parametrize("preset", PRESETS)
def test_squares_have_the_colour_of_the_look(measure, preset):
    look = find_preset(preset, ratio=measure == "OR")
    colours = {
        to_hex(line.get_markerfacecolor())
        for figure in drawn(measure, preset)
        for axes in figure.axes
        for line in axes.lines
        if line.get_marker() == "s"
    }
    assert look.square.lower() in colours


def test_revman_tells_ratios_from_differences_by_colour():
    assert find_preset("RevMan").square != find_preset("RevMan", ratio=True).square


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("−10.7 (−14.1 to −7.4)", "−10.7 [−14.1, −7.4]"),
        ("not estimable", "not estimable"),
        ("52.1 (18.3)", "52.1 (18.3)"),
    ],
)
def test_brackets_of_revman(cell, shown):
    assert PRESETS["RevMan"].interval(cell) == shown
    assert PRESETS["BMJ"].interval(cell) == cell

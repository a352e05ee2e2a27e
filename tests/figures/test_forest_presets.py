"""Looks of a forest plot: the same numbers and marks, in the colours and brackets of a journal."""

import re
from dataclasses import replace

import pytest
from forest_cases import WORDS, subgroups
from matplotlib.colors import to_hex

from analysis.figures import forest
from analysis.figures.presets import PRESETS, find_preset
from analysis.figures.subgroups import specify


def texts(figures):
    return [text.get_text() for figure in figures for axes in figure.axes for text in axes.texts]


def numbers(text):
    return re.findall(r"\d+(?:\.\d+)?", text)


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
    assert numbers(dressed) == numbers(plain)
    assert (dressed == plain) == (preset in {"house", "BMJ"} or (preset, measure) == ("JAMA", "MD"))
    if preset == "RevMan":
        assert "[" in dressed
        assert " to " not in dressed.split("Favours")[0].split("P")[0]


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
    ("preset", "square", "diamond"),
    [("BMJ", "#6b58a6", "#6b58a6"), ("JAMA", "darkblue", "lightblue")],
)
def test_colours_of_journals_are_those_of_the_r_package_meta(preset, square, diamond):
    look = PRESETS[preset]
    assert (to_hex(look.square), to_hex(look.diamond)) == (to_hex(square), to_hex(diamond))


@pytest.mark.parametrize(
    ("preset", "cell", "shown"),
    [
        ("RevMan", "−10.7 (−14.1 to −7.4)", "−10.7 [−14.1, −7.4]"),
        ("RevMan", "not estimable", "not estimable"),
        ("RevMan", "52.1 (18.3)", "52.1 (18.3)"),
        ("BMJ", "1.44 (1.02 to 2.04)", "1.44 (1.02 to 2.04)"),
        ("JAMA", "1.44 (1.02 to 2.04)", "1.44 (1.02-2.04)"),
        ("JAMA", "0.2 (−0.1 to 0.5)", "0.2 (−0.1 to 0.5)"),
        ("JAMA", "52.1 (18.3)", "52.1 (18.3)"),
    ],
)
def test_intervals_of_each_look(preset, cell, shown):
    assert PRESETS[preset].interval(cell) == shown

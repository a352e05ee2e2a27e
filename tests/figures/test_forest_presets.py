"""Looks of a forest plot: the same numbers and marks, in the colours and brackets of a journal."""

import re
from dataclasses import replace

import pytest
from forest_cases import WORDS, subgroups
from matplotlib.colors import to_hex

from analysis.figures import forest
from analysis.figures.axis import Axis
from analysis.figures.presets import PRESETS, find_preset
from analysis.figures.specification import Column, Forest, Group, Mark, Row
from analysis.figures.subgroups import specify


def texts(figures):
    return [text.get_text() for figure in figures for axes in figure.axes for text in axes.texts]


def numbers(text):
    return [float(found) for found in re.findall(r"\d*\.?\d+", text)]


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
    assert (dressed == plain) == (preset in {"house", "BMJ"})
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
    ("preset", "note", "shown"),
    [
        ("BMJ", "I²=73%; Q=1.2, df=3, P=0.04", "I²=73%; Q=1.2, df=3, P=0.04"),
        ("RevMan", "I²=73%; Q=1.2, df=3, P=0.04", "I² = 73%; Q = 1.2, df = 3, P = 0.04"),
        ("JAMA", "I²=73%; Q=1.2, df=3, P=0.04", "I² = 73%; Q = 1.2, df = 3, P = .04"),
        ("JAMA", "τ²=0.085; Q=0.3, P<0.001", "τ² = 0.085; Q = 0.3, P < .001"),
        ("JAMA", "P>0.99", "P > .99"),
        ("JAMA", "κ=0.87 in trials with BP=0.5", "κ=0.87 in trials with BP=0.5"),
    ],
)
def test_only_p_values_lose_their_zero_and_only_in_jama(preset, note, shown):
    assert PRESETS[preset].statistics(note).replace("\xa0", " ") == shown


@pytest.mark.parametrize(
    ("preset", "cell", "shown"),
    [
        ("JAMA", "0.04", ".04"),
        ("JAMA", "<0.001", "<.001"),
        ("JAMA", "–", "–"),
        ("BMJ", "0.04", "0.04"),
        ("RevMan", "<0.001", "<0.001"),
    ],
)
def test_p_values_of_a_column(preset, cell, shown):
    assert PRESETS[preset].p_value(cell) == shown


@pytest.mark.parametrize("preset", PRESETS)
def test_a_forest_plot_prints_p_values_and_estimates_in_its_look(preset):
    columns = (
        Column("Trial", "left"),
        Column("OR\n(95% CI)", "parts"),
        Column("Inter-\naction\nP"),
    )
    rows = (
        Row(("All", "0.52 (0.30 to 0.90)", "0.04"), Mark(0.52, 0.3, 0.9)),
        Row(("τ²=0.080 (0.010 to 0.20); P=0.04", "", ""), kind="note"),
    )
    axis = Axis(0.1, 10, (0.1, 1, 10), "log", null=1)
    plot = Forest(columns, 1, (Group(rows),), axis, preset=preset).dressed()
    (_, effect, p), (note, _, _) = (row.cells for row in plot.rows)
    assert "0.52" in effect
    assert p == (".04" if preset == "JAMA" else "0.04")
    wanted = {
        "JAMA": "τ² = 0.080 (0.010-0.20); P = .04",
        "RevMan": "τ² = 0.080 [0.010, 0.20]; P = 0.04",
    }
    assert note.replace("\xa0", " ") == wanted.get(preset, "τ²=0.080 (0.010 to 0.20); P=0.04")


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

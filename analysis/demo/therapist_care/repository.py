"""Write the synthetic repository of the review of therapist-delivered care, and its truth."""

from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from analysis.demo.therapist_care.designs import CATEGORIES, DESIGNS
from analysis.demo.therapist_care.formats import CODED, STYLES, Style
from analysis.demo.therapist_care.mapping import mapping_text
from analysis.demo.therapist_care.people import draw_people
from analysis.demo.therapist_care.truth import content
from analysis.demo.writers import write_delimited, write_excel, write_spss, write_stata

SEED = 2021
PUBLISHED = Path("published", "table1_trials.csv")
_TRUTH = "subgroup_truth.yml"
_HEAD = """\
# The truth behind the synthetic trials in trials/: the published subgroup effects, by arm group.
# Written by `ipdbook demo examples/therapist-delivered-care`.
"""
_README = """\
# Synthetic trials

These 19 folders are **synthetic demonstration data**: no value describes a real participant, and no
figure is a result of the trial whose name it carries. The individual participant data of the review
(Hee et al. 2021) are not public. What is real is their shape: names, countries, arms and their
groups follow its Table 1, the participants at baseline its Table 2, and the effects its published
subgroups, which stand in `../subgroup_truth.yml`.

The participants that Table 1 of the publication gives add up to 9611; its Table 2 and its text say
9328. The files hold 9328, each trial about 3% fewer than Table 1 says, and the report shows the
difference. Sizes of arms, follow-ups, and who measured what beyond the published counts (FFbHR in
three trials, RMDQ in fourteen) are assumptions.

Made by `ipdbook demo examples/therapist-delivered-care` from the seed {seed}. The command writes
the same bytes again; a test sees to it. Do not edit the files by hand: change
`analysis/demo/therapist_care/` and run the command.
"""


def is_therapist_care(project: Path) -> bool:
    """Whether a folder is that review: it has the published tables that calibrate its trials."""
    return (project / "data" / PUBLISHED).is_file()


def write_therapist_care(target: Path, *, seed: int = SEED) -> None:
    """Write the trials and the truth.

    Parameters
    ----------
    target
        The `data` folder of the review, with `published/table1_trials.csv`. Files of the same name
        are overwritten.
    seed
        The same seed gives the same bytes; each trial has a random stream of its own.
    """
    published = pd.read_csv(target / PUBLISHED)
    trials = target / "trials"
    trials.mkdir(parents=True, exist_ok=True)
    for number, design in enumerate(DESIGNS, 1):
        table1 = published[published["trial"] == design.name]
        categories = tuple(CATEGORIES[group] for group in table1["arm_group"])
        people = draw_people(design, categories, np.random.default_rng([seed, number]))
        folder = trials / design.key
        folder.mkdir(exist_ok=True)
        style = STYLES[design.style]
        write_table(as_sent(people, style), folder / f"{design.key}.{style.suffix}", style)
        text = mapping_text(design, table1, people, seed=seed)
        (folder / "trial.yml").write_text(text, encoding="utf-8", newline="\n")
    readme = _README.format(seed=seed)
    (trials / "README.md").write_text(readme, encoding="utf-8", newline="\n")
    truth = yaml.safe_dump(content(seed), sort_keys=False, default_flow_style=None, width=100)
    (target / _TRUTH).write_text(_HEAD + truth, encoding="utf-8", newline="\n")


def as_sent(people: pd.DataFrame, style: Style) -> pd.DataFrame:
    """Name the columns and code the values as the trial does."""
    table = pd.DataFrame({style.name("participant"): np.arange(1001, 1001 + len(people))})
    arm = people["arm"].astype(int)
    table[style.name("arm")] = arm.map(lambda i: "ABCD"[i]) if style.letters else arm + 1
    table[style.name("age")] = people["age"]
    sexes = dict(enumerate(_as_numbers(style.sexes, style)))
    table[style.name("sex")] = people["female"].map(sexes)
    for name in people.columns.drop(["arm", "age", "female"]):
        if name in CODED:
            codes = {level: float(i) for i, level in enumerate(CODED[name], 1)}
            table[style.name(name)] = people[name].map(codes).astype(float)
        else:
            table[column_of(name, style)] = people[name].astype(float)
    return table


def _as_numbers(sexes: tuple[str, str], style: Style) -> tuple[object, object]:
    """Codes of the sexes as the kind of file stores them: numbers where they are digits."""
    man, woman = sexes
    return (float(man), float(woman)) if man.isdigit() and style.suffix != "csv" else (man, woman)


def column_of(name: str, style: Style) -> str:
    """Give the column of a score: an outcome at baseline, or `<outcome>_<follow-up>`."""
    outcome, _, time = name.partition("_")
    return f"{style.name(outcome)}{style.times[time]}" if outcome != "bmi" else style.name("bmi")


def write_table(table: pd.DataFrame, path: Path, style: Style) -> None:
    """Write the file of a trial in its format."""
    if style.suffix == "xlsx":
        write_excel(table, path, title="Dati per la meta-analisi IPD", sheet="Dati", codebook=[])
    elif style.suffix == "sav":
        write_spss(table, path, labels={})
    elif style.suffix == "dta":
        write_stata(table, path, labels={})
    else:
        filled = (
            table.astype(object).where(table.notna(), style.missing) if style.missing else table
        )
        write_delimited(
            filled,
            path,
            delimiter=style.delimiter,
            decimal=style.decimal,
            encoding=style.encoding,
        )

"""Twenty kinds of faults, planted in copies of the demonstration trials.

Each fault changes the raw file of one trial, in which it finds its columns through the trial's own
mapping, as a careless or dishonest person would have changed it, or tells `trial.yml` more.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

DATA = Path(__file__).parents[2] / "data"
SEED = 7


@dataclass
class Sheet:
    """The raw table of a wide text file as text, with the columns that `trial.yml` names."""

    rows: pd.DataFrame
    mapping: dict
    rng: np.random.Generator

    def outcome(self, key: str, place: int) -> str:
        return self.mapping["outcomes"][key]["measurements"][place]["column"]

    def modifier(self, key: str) -> str:
        return self.mapping["modifiers"][key]["column"]

    @property
    def arm(self) -> str:
        return self.mapping["arm"]["column"]

    @property
    def scores(self) -> list[str]:
        each = self.mapping["outcomes"].values()
        return [m["column"] for outcome in each for m in outcome["measurements"]]

    @property
    def in_first_arm(self) -> pd.Series:
        first = min(self.rows[self.arm].unique())
        return self.rows[self.arm] == first

    def numbers(self, column: str) -> pd.Series:
        text = self.rows[column].str.replace(",", ".")
        blank = text.isin(["", *map(str, self.mapping["missing"])])
        return pd.to_numeric(text.mask(blank), errors="coerce")

    def write(self, column: str, values: pd.Series, *, decimals: int = 0) -> None:
        """Write numbers in the trial's own way; missing ones stay as they were."""
        decimal = self.mapping["files"][0].get("decimal", ".")
        text = values.map(lambda value: f"{value:.{decimals}f}".replace(".", decimal))
        self.rows[column] = text.where(values.notna(), self.rows[column])


Plant = Callable[[Sheet], None]


def same_person_twice(sheet: Sheet) -> None:
    others = sheet.rows.columns[1:]
    sheet.rows.loc[41, others] = sheet.rows.loc[17, others].to_numpy()


def scores_of_others(sheet: Sheet) -> None:
    """Give ten participants the scores of ten others, whatever their characteristics."""
    sheet.rows.loc[60:69, sheet.scores] = sheet.rows.loc[10:19, sheet.scores].to_numpy()


def block_copied(sheet: Sheet) -> None:
    column = sheet.outcome("pain", 1)
    sheet.rows.loc[90:119, column] = sheet.rows.loc[20:49, column].to_numpy()


def invented_digits(sheet: Sheet) -> None:
    """Avoid round numbers, as people do who invent them."""
    column = sheet.outcome("pain", 0)
    values = sheet.numbers(column)
    liked = values - values % 10 + sheet.rng.choice([3, 7], len(values))
    sheet.write(column, liked.where(values.between(3, 95), values))


def carried_forward(sheet: Sheet) -> None:
    before, after = sheet.outcome("function", 1), sheet.outcome("function", 2)
    chosen = sheet.rng.random(len(sheet.rows)) < 0.5
    sheet.rows.loc[chosen, after] = sheet.rows.loc[chosen, before]


def mean_filled_in(sheet: Sheet) -> None:
    column = sheet.modifier("bmi")
    chosen = sheet.rng.random(len(sheet.rows)) < 0.3
    values = sheet.numbers(column)
    sheet.write(column, values.mask(chosen, 27.3), decimals=1)


def arms_differ(sheet: Sheet) -> None:
    column = sheet.modifier("age")
    values = sheet.numbers(column)
    sheet.write(column, values.where(~sheet.in_first_arm, (values + 12).clip(upper=95)))


def arms_matched(sheet: Sheet) -> None:
    """Give the arms the same characteristics but for a few, as invented tables have them."""
    named = [m["column"] for m in sheet.mapping["modifiers"].values()]
    named += [sheet.outcome(key, 0) for key in sheet.mapping["outcomes"]]
    arms = [group.index for _, group in sheet.rows.groupby(sheet.arm)]
    size = min(len(arm) for arm in arms)
    for arm in arms[1:]:
        sheet.rows.loc[arm[:size], named] = (
            sheet.rows.loc[arms[0][:size], named].sample(frac=1, random_state=SEED).to_numpy()
        )


def one_arm_without_spread(sheet: Sheet) -> None:
    column = sheet.modifier("age")
    values = sheet.numbers(column)
    narrow = (values.mean() + (values - values.mean()) / 4).round()
    sheet.write(column, values.where(~sheet.in_first_arm, narrow))


def follow_ups_shuffled(sheet: Sheet) -> None:
    later = [column for column in sheet.scores if column != sheet.outcome("function", 0)]
    later.remove(sheet.outcome("pain", 0))
    sheet.rows[later] = sheet.rows[later].sample(frac=1, random_state=SEED).to_numpy()


def weights_shuffled(sheet: Sheet) -> None:
    column = sheet.mapping["integrity"]["body"]["weight"]
    sheet.rows[column] = sheet.rows[column].sample(frac=1, random_state=SEED).to_numpy()


def follow_up_computed(sheet: Sheet) -> None:
    values = sheet.numbers(sheet.outcome("pain", 0))
    sheet.write(sheet.outcome("pain", 1), (values / 2).round(1), decimals=1)


def randomised_too_late(sheet: Sheet) -> None:
    sheet.rows.loc[30:32, sheet.mapping["integrity"]["randomised"]] = "2017-03-01"


def all_on_one_day(sheet: Sheet) -> None:
    column = sheet.mapping["integrity"]["randomised"]
    sheet.rows.loc[40:89, column] = sheet.rows.loc[65, column]


def dates_exchanged(sheet: Sheet) -> None:
    column = sheet.mapping["integrity"]["randomised"]
    sheet.rows.loc[[20, 120], column] = sheet.rows.loc[[120, 20], column].to_numpy()
    sheet.rows.loc[[35, 90], column] = sheet.rows.loc[[90, 35], column].to_numpy()


def allocation_sorted(sheet: Sheet) -> None:
    """Fill one arm after the other: columns of characteristics stay, rows are sorted by arm."""
    dates = sheet.rows[sheet.mapping["integrity"]["randomised"]].copy()
    sheet.rows = sheet.rows.sort_values(sheet.arm, kind="stable").reset_index(drop=True)
    sheet.rows[sheet.mapping["integrity"]["randomised"]] = dates


def allocation_alternates(sheet: Sheet) -> None:
    arms = sorted(sheet.rows[sheet.arm].unique())
    places = {arm: list(group.index) for arm, group in sheet.rows.groupby(sheet.arm)}
    order = []
    while any(places.values()):
        order += [places[arm].pop(0) for arm in arms if places[arm]]
    dates = sheet.rows[sheet.mapping["integrity"]["randomised"]].copy()
    sheet.rows = sheet.rows.loc[order].reset_index(drop=True)
    sheet.rows[sheet.mapping["integrity"]["randomised"]] = dates


def one_site_one_arm(sheet: Sheet) -> None:
    column = sheet.mapping["integrity"]["site"]
    sheet.rows.loc[sheet.in_first_arm & (sheet.rows[column] != "1"), column] = "1"


def sum_does_not_add_up(sheet: Sheet) -> None:
    """Send two items of which the function score is the sum, but not for four participants."""
    total = sheet.numbers(sheet.outcome("function", 0))
    first = (total / 2).round()
    sheet.rows["item_1"], sheet.rows["item_2"] = "", ""
    sheet.write("item_1", first)
    sheet.write("item_2", total - first)
    known = total.index[total.notna()][:4]
    sheet.rows.loc[known, "item_1"] = (first[known] + 1).map("{:.0f}".format)
    rule = {"total": sheet.outcome("function", 0), "items": ["item_1", "item_2"]}
    sheet.mapping.setdefault("integrity", {})["sums"] = [rule]


def participants_left_out(sheet: Sheet) -> None:
    sheet.rows = sheet.rows.drop(index=range(25, 60)).reset_index(drop=True)


def weight_for_body_mass_index(sheet: Sheet) -> None:
    column = sheet.modifier("bmi")
    values = sheet.numbers(column)
    sheet.write(column, values.mask(values.index == 12, 69.0), decimals=1)


def missing_in_one_arm(sheet: Sheet) -> None:
    chosen = sheet.in_first_arm & (sheet.rng.random(len(sheet.rows)) < 0.25)
    blank = str(sheet.mapping["missing"][-1])
    sheet.rows.loc[chosen, sheet.modifier("bmi")] = blank


# Fault → trial, the check that must find it, its least severity.
FAULTS: dict[Plant, tuple[str, str, str]] = {
    same_person_twice: ("albaladejo2010", "patterns-repeated-records", "serious"),
    scores_of_others: ("albaladejo2010", "patterns-repeated-scores", "serious"),
    block_copied: ("gudavalli2006", "patterns-repeated-blocks", "serious"),
    invented_digits: ("gudavalli2006", "patterns-terminal-digits", "notable"),
    carried_forward: ("albaladejo2010", "patterns-carried-forward", "notable"),
    mean_filled_in: ("albaladejo2010", "patterns-one-value", "notable"),
    arms_differ: ("albaladejo2010", "baseline-imbalance", "serious"),
    arms_matched: ("costa2009", "baseline-too-alike", "serious"),
    one_arm_without_spread: ("albaladejo2010", "baseline-spread", "notable"),
    follow_ups_shuffled: ("albaladejo2010", "correlations-over-time", "serious"),
    weights_shuffled: ("costa2009", "correlations-expected", "serious"),
    follow_up_computed: ("albaladejo2010", "correlations-too-strong", "serious"),
    randomised_too_late: ("gudavalli2006", "dates-recruitment", "serious"),
    all_on_one_day: ("gudavalli2006", "dates-same-day", "notable"),
    dates_exchanged: ("gudavalli2006", "dates-numbering", "notable"),
    allocation_sorted: ("gudavalli2006", "allocation-runs", "serious"),
    allocation_alternates: ("gudavalli2006", "allocation-pattern", "serious"),
    one_site_one_arm: ("gudavalli2006", "allocation-sites", "serious"),
    sum_does_not_add_up: ("gudavalli2006", "internal-sums", "notable"),
    participants_left_out: ("costa2009", "external-published", "serious"),
    weight_for_body_mass_index: ("gudavalli2006", "plausibility-extremes", "notable"),
    missing_in_one_arm: ("albaladejo2010", "missing-baseline", "serious"),
}


def plant(fault: Plant, trial: str, target: Path) -> None:
    """Write a copy of a trial with a fault into a folder."""
    source = DATA / "trials" / trial
    mapping = yaml.safe_load((source / "trial.yml").read_text(encoding="utf-8"))
    file = mapping["files"][0]
    form = {"sep": file.get("delimiter", ","), "encoding": file.get("encoding", "utf-8")}
    rows = pd.read_csv(source / file["path"], dtype=str, keep_default_na=False, **form)
    sheet = Sheet(rows, mapping, np.random.default_rng(SEED))
    fault(sheet)
    target.mkdir(parents=True)
    sheet.rows.to_csv(target / file["path"], index=False, **form)
    text = yaml.safe_dump(sheet.mapping, sort_keys=False, allow_unicode=True)
    (target / "trial.yml").write_text(text, encoding="utf-8")

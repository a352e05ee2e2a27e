"""The order of randomisation: by date or number, within sites."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from analysis.trials.integrity.trial_data import TrialData

_NUMBER_AT_END = r"(\d+)\D*$"


@dataclass(frozen=True, slots=True)
class Order:
    """Who was randomised when.

    Parameters
    ----------
    people
        Participants in order of randomisation; empty when it is not known.
    dates
        Date of each participant; None without a column.
    site
        Site of each participant; None without a column.
    numbers
        The number in each participant's name; NaN where there is none.
    """

    people: pd.Index
    dates: pd.Series | None
    site: pd.Series | None
    numbers: pd.Series

    def by_site(self) -> Iterator[tuple[str, pd.Index]]:
        """Participants in order, site by site; all together when there are no sites."""
        if self.site is None:
            yield "", self.people
            return
        for name, members in self.site.reindex(self.people).groupby(self.site, sort=True):
            yield str(name), members.index


def read_order(data: TrialData) -> Order:
    """Order the participants by number in the sequence, or else by date (then as in the file)."""
    section = data.section
    dates = (
        read_dates(data.text(section.randomised), section.date_format)
        if (section.randomised)
        else None
    )
    by = data.numbers(section.sequence) if section.sequence else dates
    people = data.people[:0] if by is None else by.dropna().sort_values(kind="stable").index
    site = data.text(section.site) if section.site else None
    names = data.people.astype("str").to_series(index=data.people)
    numbers = pd.to_numeric(names.str.extract(_NUMBER_AT_END)[0], errors="coerce")
    return Order(people, dates, site, numbers.astype(float))


def read_dates(text: pd.Series, form: str) -> pd.Series:
    """Read dates; NaT where there is none."""
    return pd.to_datetime(text, format=form, errors="coerce")

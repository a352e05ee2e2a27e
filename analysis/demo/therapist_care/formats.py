"""The formats in which the synthetic trials sent their data: file, names of columns, codes."""

from dataclasses import dataclass, field

Codes = dict[str, str]


@dataclass(frozen=True, slots=True)
class Style:
    """How a trial writes its file.

    Parameters
    ----------
    suffix
        Kind of file: csv, xlsx, sav or dta.
    delimiter, decimal, encoding
        Of a text file.
    names
        Our name of a column → theirs; outcomes without an entry keep ours.
    times
        Key of a time ("" for baseline) → ending of the column.
    sexes
        Codes of men and women.
    letters
        Whether arms are coded A, B, C rather than 1, 2, 3.
    missing
        Code of a missing value; blank when empty.
    """

    suffix: str = "csv"
    delimiter: str = ","
    decimal: str = "."
    encoding: str = "utf-8"
    names: Codes = field(default_factory=dict)
    times: Codes = field(
        default_factory=lambda: {"": "_0", "short": "_3m", "mid": "_6m", "long": "_12m"}
    )
    sexes: tuple[str, str] = ("m", "f")
    letters: bool = False
    missing: str = ""

    def name(self, ours: str) -> str:
        """Give their name of a column."""
        return self.names.get(ours, ours)


STYLES = {
    "english": Style(),
    "german": Style(
        delimiter=";",
        decimal=",",
        encoding="latin-1",
        names={
            "participant": "Pat_Nr", "arm": "Gruppe", "age": "Alter", "sex": "Geschlecht",
            "pain": "Schmerz", "pcs": "KSK", "mcs": "PSK", "ffbhr": "FFbH_R",
        },
        times={"": "_T0", "short": "_T1", "mid": "_T2", "long": "_T3"},
        sexes=("m", "w"),
        letters=True,
    ),
    "dutch": Style(
        delimiter=";",
        decimal=",",
        encoding="latin-1",
        names={
            "participant": "patient", "arm": "behandeling", "age": "leeftijd",
            "sex": "geslacht", "pain": "pijn", "rmdq": "roland", "smoking": "roken",
            "employment": "werk", "catastrophising": "pcs_groep",
        },
        times={"": "_voor", "short": "_na", "long": "_1jaar"},
        sexes=("man", "vrouw"),
        letters=True,
    ),
    "long_names": Style(
        names={
            "participant": "study_number", "arm": "allocation", "age": "age_at_randomisation",
            "sex": "gender", "pcs": "sf12_physical", "mcs": "sf12_mental", "pain": "pain_nrs",
            "rmdq": "roland_morris", "eq5d": "eq5d_index",
        },
        times={"": "_baseline", "short": "_3months", "mid": "_6months", "long": "_12months"},
        sexes=("Male", "Female"),
        missing="NA",
    ),
    "numbered": Style(
        names={"participant": "ID", "arm": "GRP", "age": "AGE", "sex": "SEX"},
        times={"": "1", "short": "2", "mid": "3", "long": "4"},
        sexes=("1", "2"),
        missing="-9",
    ),
    "stata": Style(
        suffix="dta",
        names={"participant": "idnr", "arm": "gruppe", "age": "alder", "sex": "koen"},
        times={"": "_b", "short": "_f1", "mid": "_f2", "long": "_f3"},
        sexes=("0", "1"),
    ),
    "spss": Style(
        suffix="sav",
        names={"participant": "SUBJECT", "arm": "COND", "age": "AGE", "sex": "FEMALE"},
        times={"": "_T0", "short": "_T2", "mid": "_T6", "long": "_T12"},
        sexes=("0", "1"),
    ),
    "excel": Style(
        suffix="xlsx",
        names={"participant": "Paziente", "arm": "Gruppo", "age": "Età", "sex": "Sesso"},
        times={"": " T0", "short": " T1", "mid": " T2", "long": " T3"},
        sexes=("M", "F"),
    ),
}  # fmt: skip

CODED = {
    "ethnicity": ("white", "black", "asian", "other"),
    "smoking": ("no", "yes"),
    "employment": ("full", "part", "none"),
    "anxiety": ("low", "moderate", "high"),
    "catastrophising": ("low", "moderate", "high"),
    "coping": ("high", "moderate", "low"),
}
"""Levels of each categorical characteristic, coded 1, 2, 3 in every file."""

INSTRUMENTS = {
    "ffbhr": ("FFbHR", (0, 100), "better", None),
    "rmdq": ("RMDQ", (0, 24), "worse", 1),
    "pain": ("VAS", (0, 100), "worse", 1),
    "pcs": ("SF-12/36 PCS", (0, 100), "better", None),
    "mcs": ("SF-12/36 MCS", (0, 100), "better", None),
    "eq5d": ("EQ-5D", (-0.594, 1), "better", None),
}
"""Name, range, direction and step of each instrument."""

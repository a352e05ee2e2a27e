"""Write one trial's folder: its data files in its format, and its trial.yml."""

from pathlib import Path

import pandas as pd

from analysis.demo.mapping_text import mapping_text
from analysis.demo.sent import Sent
from analysis.demo.writers import write_delimited, write_excel, write_spss, write_stata


def write_trial(sent: Sent, folder: Path, *, country: str, setting: str, seed: int) -> None:
    """Write the folder of one trial; it is created when it does not exist.

    Parameters are those of `mapping_text`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _write(sent, sent.baseline, folder / sent.style.file)
    if sent.visits is not None:
        _write(sent, sent.visits, folder / sent.style.visits_file)
    text = mapping_text(sent, country=country, setting=setting, seed=seed)
    (folder / "trial.yml").write_text(text, encoding="utf-8", newline="\n")


def _write(sent: Sent, table: pd.DataFrame, path: Path) -> None:
    style = sent.style
    if path.suffix == ".xlsx":
        title = f"{sent.trial.design.name}: data for the IPD meta-analysis"
        write_excel(table, path, title=title, sheet=style.sheet, codebook=_codebook(sent))
        return
    filled = _with_missing_codes(table, sent)
    if path.suffix == ".sav":
        write_spss(filled, path, labels=_labels(sent, filled))
    elif path.suffix == ".dta":
        write_stata(filled, path, labels=_labels(sent, filled))
    else:
        write_delimited(
            filled,
            path,
            delimiter=style.delimiter,
            decimal=style.decimal,
            encoding=style.encoding,
        )


def _with_missing_codes(table: pd.DataFrame, sent: Sent) -> pd.DataFrame:
    """Put the trial's missing code in numeric columns; texts stay blank."""
    code = sent.style.missing
    if not code:
        return table
    filled = table.copy()
    for column in filled.columns:
        if pd.api.types.is_numeric_dtype(filled[column]) and filled[column].isna().any():
            values = filled[column].astype(object) if code == "." else filled[column]
            filled[column] = values.where(values.notna(), code if code == "." else float(code))
    return filled


def _labels(sent: Sent, table: pd.DataFrame) -> dict[str, dict[float, str]]:
    recorded = (sent.arm, *sent.modifiers.values())
    return {item.column: item.labels for item in recorded if item.labels and item.column in table}


def _codebook(sent: Sent) -> list[tuple[str, str]]:
    lines = []
    for key, item in {"arm": sent.arm, **sent.modifiers}.items():
        codes = item.mapping.get("codes")
        given = item.labels or (codes if isinstance(codes, dict) else {})
        text = "; ".join(f"{code} = {label}" for code, label in given.items())
        lines.append((item.column, text or item.comment or key))
    return lines

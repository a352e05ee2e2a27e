"""What a data manager would remark beside the entries of `trial.yml`."""

from pathlib import Path

from analysis.demo.sent import Sent


def file_remark(sent: Sent) -> str:
    """Say how the files are laid out, where it needs saying."""
    style = sent.style
    if style.visits_file:
        return "The first file lists everybody; the second has a row for each visit."
    if style.layout == "long":
        return "A row for each visit; characteristics at baseline repeat."
    if Path(style.file).suffix == ".xlsx":
        return "The names stand below a title; the sheet Codebook explains the codes."
    return ""


def missing_remark(sent: Sent) -> str:
    """Say what the missing code means."""
    code = sent.style.missing
    return f"{code} stands for no answer in columns with numbers." if code else ""


def outcome_remark(sent: Sent) -> str:
    """Name an assessment that is not mapped."""
    if "three_years" not in sent.style.extra:
        return ""
    return f"{sent.names['pain']}_36m, at three years, lies after the last window of the review."


def table_notes(sent: Sent) -> list[str]:
    """List footnotes of Table 1 about the follow-up."""
    return [f"Pain was not assessed at {when} term." for when in sent.trial.design.no_pain_at]

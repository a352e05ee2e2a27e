"""Appendix A: the models exactly as fitted; the manifest of the build."""

from collections.abc import Mapping, Sequence
from typing import Any

from great_tables import GT

from analysis.formats import DASH, in_units
from analysis.protocol import Protocol
from analysis.results.estimates import Estimate, TrialRow
from analysis.results.suppression import notes_if_withheld, shown_count, shown_reasons
from analysis.tables.frame import table_of
from analysis.tables.notes import conventions, finished

BREAK = "\N{ZERO WIDTH SPACE}"
WIDTHS = {
    "name": "17%",
    "formula": "21%",
    "random": "14%",
    "trials": "6%",
    "participants": "10%",
    "excluded": "16%",
    "remarks": "16%",
}


def models_table(estimates: Sequence[Estimate], names: Sequence[str], protocol: Protocol) -> GT:
    """Lay out each model: formula and random effects, who is in it, who is not, and remarks."""
    cells = [
        {
            "name": name,
            "formula": _breakable(estimate.formula),
            "random": ", ".join(map(_breakable, estimate.random)) or DASH,
            "trials": str(estimate.trials),
            "participants": "/".join(
                shown_count(n, protocol.minimum_cell) for n in (estimate.treated, estimate.controls)
            ),
            "excluded": shown_reasons(estimate.excluded, protocol.minimum_cell) or DASH,
            "remarks": _breakable(
                in_units(" ".join([*estimate.warnings, estimate.not_estimable]), protocol.unit)
            )
            or DASH,
        }
        for name, estimate in zip(names, estimates, strict=True)
    ]
    table = (
        table_of(cells, rowname_col="name", name="models")
        .tab_stubhead("Model")
        .cols_label(
            formula="Formula",
            random=f"Random by {protocol.unit[0]}",
            trials=protocol.unit[1].capitalize(),
            participants="Treated/control",
            excluded="Left out",
            remarks="Remarks",
        )
        .cols_align("right", ["trials", "participants"])
        .cols_width(WIDTHS)
    )
    printed = [row[name] for row in cells for name in ("participants", "excluded")]
    withholding = notes_if_withheld(printed, protocol.minimum_cell)
    return finished(table, protocol, notes=[*conventions(estimates, protocol), *withholding])


def _breakable(text: str) -> str:
    """Let long names of columns break after an underscore or a colon."""
    return text.strip().replace("_", f"_{BREAK}").replace(":", f":{BREAK}")


def manifest_table(
    manifest: Mapping[str, Any], trials: Sequence[TrialRow], protocol: Protocol
) -> GT:
    """Lay out the trials of a build with their fingerprints."""
    cells = [
        {
            "trial": row.label,
            "participants": shown_count(manifest["participants"][row.trial], protocol.minimum_cell),
            "fingerprint": manifest["trials"][row.trial][:12],
        }
        for row in trials
    ]
    table = (
        table_of(cells, rowname_col="trial", name="manifest")
        .tab_stubhead("Trial")
        .cols_label(participants="Participants", fingerprint="Fingerprint")
        .cols_align("right", ["participants"])
    )
    return finished(table, protocol)

"""Appendix A: the models exactly as fitted; the manifest of the build."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from great_tables import GT

from analysis.formats import DASH, count, in_units
from analysis.protocol import Protocol
from analysis.results.estimates import Estimate, TrialRow
from analysis.tables.notes import conventions, finished


def models_table(estimates: Sequence[Estimate], names: Sequence[str], protocol: Protocol) -> GT:
    """Lay out each model: its formula, who is in it, who is left out, what is to be said of it."""
    cells = [
        {
            "name": name,
            "formula": estimate.formula,
            "trials": str(estimate.trials),
            "participants": f"{count(estimate.treated)}/{count(estimate.controls)}",
            "excluded": "; ".join(f"{n} {why}" for why, n in estimate.excluded.items()) or DASH,
            "remarks": in_units(
                " ".join([*estimate.warnings, estimate.not_estimable]).strip(), protocol.unit
            )
            or DASH,
        }
        for name, estimate in zip(names, estimates, strict=True)
    ]
    table = (
        GT(pd.DataFrame(cells), rowname_col="name", id="models")
        .tab_stubhead("Model")
        .cols_label(
            formula="Formula",
            trials=protocol.unit[1].capitalize(),
            participants="Treated/ control",
            excluded="Left out",
            remarks="Remarks",
        )
        .cols_align("right", ["trials", "participants"])
    )
    return finished(table, protocol, notes=conventions(estimates, protocol))


def manifest_table(
    manifest: Mapping[str, Any], trials: Sequence[TrialRow], protocol: Protocol
) -> GT:
    """Lay out the trials of a build with their fingerprints."""
    cells = [
        {
            "trial": row.label,
            "participants": count(manifest["participants"][row.trial]),
            "fingerprint": manifest["trials"][row.trial][:12],
        }
        for row in trials
    ]
    table = (
        GT(pd.DataFrame(cells), rowname_col="trial", id="manifest")
        .tab_stubhead("Trial")
        .cols_label(participants="Participants", fingerprint="Fingerprint")
        .cols_align("right", ["participants"])
    )
    return finished(table, protocol)

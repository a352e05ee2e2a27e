"""The published figures of each trial beside the same figures from its data, as a result."""

from math import isnan

from analysis.results.estimates import PublishedFigure
from analysis.trials.master import Master

STATISTICS = {
    "n": "number",
    "events": "events",
    "mean": "mean",
    "sd": "SD",
    "percent": "%",
    "p": "P value",
}


def published_figures(master: Master) -> tuple[PublishedFigure, ...]:
    """Gather the comparison that was made when each trial was read."""
    found = []
    for trial, mapping in master.mappings.items():
        rows = master.integrity[master.integrity["trial"] == trial].to_dict("records")
        for figure, row in zip(mapping.published, rows, strict=True):
            value = float(row["reproduced"])
            found.append(
                PublishedFigure(
                    trial=trial,
                    trial_label=mapping.label,
                    figure=f"{row['label']}, {STATISTICS[figure.statistic]}",
                    arm="" if figure.arm is None else str(row["arm"]),
                    decimals=figure.decimals,
                    published=float(row["published"]),
                    reproduced=None if isnan(value) else value,
                    verdict=str(row["verdict"]),
                )
            )
    return tuple(found)

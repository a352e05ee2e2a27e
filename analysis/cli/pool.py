"""`ipdbook pool`: a meta-analysis of published results in a CSV."""

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from analysis.cli.console import Json, out
from analysis.cli.pool_events import show_events, show_pooled
from analysis.errors import ModelError


class PooledEffectName(StrEnum):
    """Effect sizes that `ipdbook pool` computes."""

    G = "g"
    MD = "md"
    GLASS = "glass"
    ROM = "rom"
    OR = "or"
    RR = "rr"
    RD = "rd"
    PETO = "peto"
    PROPORTION = "proportion"
    LOG_PROPORTION = "log-proportion"
    LOGIT_PROPORTION = "logit-proportion"
    ARCSINE_PROPORTION = "arcsine-proportion"
    DOUBLE_ARCSINE_PROPORTION = "double-arcsine-proportion"
    RATE = "rate"
    LOG_RATE = "log-rate"
    SQUARE_ROOT_RATE = "square-root-rate"
    FREEMAN_TUKEY_RATE = "freeman-tukey-rate"
    RATE_RATIO = "rate-ratio"
    RATE_DIFFERENCE = "rate-difference"
    GENERIC = "generic"


def pool(
    table: Annotated[Path, typer.Argument(help="CSV with one row per trial.")],
    *,
    effect: Annotated[
        PooledEffectName,
        typer.Option(case_sensitive=False, help="Effect size; g is the standardised difference."),
    ] = PooledEffectName.G,
    model: Annotated[
        str | None,
        typer.Option(
            help="Model the counts themselves, without continuity correction: conditional, "
            "conditional-approximate, fixed-intercepts or random-intercepts (or, rate-ratio), "
            "binomial-normal (logit-proportion), poisson-normal (log-rate); or mantel-haenszel "
            "(or, rr, rd, rate-ratio, rate-difference)."
        ),
    ] = None,
    method: Annotated[
        str | None,
        typer.Option(
            help="REML, DL, PM, ML, EB, SJ, HS, HE, GENQ, GENQM, HSk, PMM or common; REML by "
            "default. "
            "With --model: ML (its default) or common."
        ),
    ] = None,
    interval: Annotated[
        str,
        typer.Option(
            help="normal, knapp-hartung or knapp-hartung-bounded; with --model normal or t(k-1)."
        ),
    ] = "normal",
    prediction: Annotated[
        str | None,
        typer.Option(help="Prediction interval: normal, t(k-1) or t(k-2); else as the interval."),
    ] = None,
    weighting: Annotated[
        str, typer.Option(help="inverse-variance, or equal for the plain mean of the trials.")
    ] = "inverse-variance",
    tau2_interval: Annotated[
        str,
        typer.Option(help="Of tau²: q-profile, generalised-q, profile-likelihood, wald, wald-log."),
    ] = "q-profile",
    impute: Annotated[
        str | None, typer.Option(help="For a missing SD: pooled, median or largest of the arms.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Pool the published results of trials.

    Columns: m1 sd1 n1 m2 sd2 n2 (means), a b c d or a n1 c n2 (events), events participants
    (proportions), events time (rates), events1 time1 events2 time2 (two rates), or yi with vi, sei,
    or ci_low ci_high (generic).

    Example: ipdbook pool trials.csv --effect g --method REML --json

    Rare events: ipdbook pool trials.csv --effect or --model conditional
    """
    from analysis.results.pooled_file import pool_event_file, pool_file

    if model is not None:
        if impute is not None or (weighting, tau2_interval) != ("inverse-variance", "q-profile"):
            raise ModelError(
                "--weighting, --tau2-interval and --impute have no meaning with --model, which "
                "takes the counts as they are. Leave them out."
            )
        modelled = pool_event_file(
            table,
            effect=effect.value,
            model=model,
            method=method,
            interval=interval,
            prediction=prediction,
        )
        show_events(modelled, as_json=as_json)
        return
    found = pool_file(
        table,
        effect=effect.value,
        method=method or "REML",
        interval=interval,
        prediction=prediction,
        weighting=weighting,
        tau2_interval=tau2_interval,
        impute=impute,
    )
    if as_json:
        sys.stdout.write(json.dumps(found.record(), indent=1) + "\n")
        return
    pooled = found.pooled
    shown = Table("Trial", "Effect", "95% CI", "Weight, %", title=f"Effect: {found.measure}")
    for row in found.trials.to_dict("records"):
        limits = f"{row['ci_low']:.4g} to {row['ci_high']:.4g}"
        shown.add_row(escape(row["trial"]), f"{row['yi']:.4g}", limits, f"{row['weight']:.1f}")
    out.print(shown)
    i2 = f", I² {pooled.i2:.1f}%" if pooled.k > 1 else ""
    show_pooled(pooled, found.original, more=i2)
    for note in (pooled.convention, *found.notes):
        out.print(note, markup=False)

"""Sentences about the integrity checks."""

from analysis.formats import count, in_words
from analysis.results.verdicts import ReviewIntegrity


def checks_sentence(integrity: ReviewIntegrity) -> str:
    """Say how many checks were made and what they found over all trials."""
    trials = integrity.trials
    if not trials:
        return "No integrity check was made."
    made = [len(one.made) for one in trials]
    spread = f"between {min(made)} and {max(made)}" if min(made) < max(made) else count(made[0])
    serious = sum(one.count("serious") for one in trials)
    notable = sum(one.count("notable") for one in trials)
    resolved = sum(one.resolved for one in trials)
    where = "the trial" if len(trials) == 1 else f"each of {in_words(len(trials))} trials"
    decided = f"; {in_words(resolved)} had been resolved by the team" if resolved else ""
    remained = f"{_findings(serious, 'serious').capitalize()} and {_findings(notable, 'notable')}"
    return (
        f"The integrity of the data was checked in {where} ({spread} checks, as far as the data "
        f"allowed). {remained} remained{decided}."
    )


def _findings(number: int, severity: str) -> str:
    return f"{in_words(number)} {severity} finding{'' if number == 1 else 's'}"

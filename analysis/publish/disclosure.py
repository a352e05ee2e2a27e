"""Look into every file that is to be shared for what could tell who a participant is.

The pages hold aggregates only. Here that is not assumed but looked up: in the text, tables,
scripts, comments, pictures and metadata of each file, and in the files embedded in it.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from analysis.problems import Problem, ProblemsError
from analysis.publish.disclosure_cells import cell_findings, withheld_cells
from analysis.publish.disclosure_files import read_parts
from analysis.publish.disclosure_parts import Finding, Part, Withheld
from analysis.publish.disclosure_people import people_findings
from analysis.publish.disclosure_remains import remains_findings
from analysis.recognise import Known

REPORT = "disclosure-report.json"
MEANING = (
    "<N: fewer than N participants. ≥N: withheld as well, so that no total gives such a number "
    "away. n<N and n≥N: the same, where a percentage or mean would stand."
)

LIMITS = (
    (
        "Small numbers are protected in each table and each plot, against all of their margins. "
        "Numbers of different tables are not set against each other."
    ),
    (
        "Every model states how many participants are in it. What one model has fewer than "
        "another, or than were randomised, by arm where arms are stated, is the number of those "
        "whose values are missing; what a plot has fewer at a level than the table of participants "
        "is that number at this level. Such a difference can lie below the threshold, also where "
        "a table withholds the same number. It tells that values are missing, not which."
    ),
    "What was released before, or published of the same trials elsewhere, is not known here.",
)


class DisclosureError(ProblemsError):
    """What is to be shared could tell who somebody is; `.problems` lists every place."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """What the disclosure check looked at and found.

    Parameters
    ----------
    files
        Name of each file → number of parts that were looked at.
    findings
        Every place that could tell who somebody is.
    withheld
        Every number that the tables and figures withhold.
    minimum
        Smallest number of participants that is printed.

    Notes
    -----
    The report also says what is not protected, :data:`LIMITS`.
    """

    files: Mapping[str, int]
    findings: tuple[Finding, ...]
    withheld: tuple[Withheld, ...]
    minimum: int

    def to_json(self) -> str:
        """Write the report."""
        content = {
            "minimum_cell": self.minimum,
            "passed": not self.findings,
            "files": dict(self.files),
            "findings": [asdict(each) for each in self.findings],
            "withheld": [asdict(each) for each in self.withheld],
            "limits": list(LIMITS),
            "meaning": MEANING.replace("N", str(self.minimum)) if self.withheld else "",
        }
        return json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True) + "\n"

    def check(self) -> None:
        """Do nothing when nothing was found.

        Raises
        ------
        DisclosureError
            With all findings: the place, the rule, what to do.
        """
        if self.findings:
            raise DisclosureError(
                Problem(f"{each.file}, {each.place}", f"[{each.rule}] {each.message}", each.remedy)
                for each in self.findings
            )


def inspect(files: Mapping[str, Path], known: Known) -> Inspection:
    """Look into files.

    Parameters
    ----------
    files
        Name under which a file is shared → where it is.
    known
        What must be known of the participants to recognise them.
    """
    parts = {name: list(read_parts(path, name)) for name, path in files.items()}
    every = [part for each in parts.values() for part in each]
    findings = dict.fromkeys(_findings(every, known))
    withheld = dict.fromkeys(cell for part in every for cell in withheld_cells(part, known.minimum))
    counted = {name: len(each) for name, each in parts.items()}
    return Inspection(counted, tuple(findings), tuple(withheld), known.minimum)


def _findings(parts: Sequence[Part], known: Known) -> Iterable[Finding]:
    for part in parts:
        yield from people_findings(part, known)
        yield from cell_findings(part, known)
        yield from remains_findings(part, known)

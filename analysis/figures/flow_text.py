"""What the boxes of the flow diagram say, its alternative text, and its numbers as a table."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.aggregate_protocol import Plan
from analysis.formats import count, in_units, unbroken
from analysis.protocol import Protocol
from analysis.results.eligible import Flow, FlowBox, FlowCount
from analysis.results.suppression import notes_if_withheld, shown_count, withheld_of

if TYPE_CHECKING:
    import pandas as pd

PHASES = {
    "identification": "Identification",
    "screening": "Screening",
    "data": "Participant data",
    "analysis": "Analysis",
    "included": "Included",
}
TITLES = {
    "identified": "Records identified",
    "removed": "Records removed before screening",
    "screened": "Records screened",
    "screened_out": "Records excluded",
    "assessed": "Reports assessed for eligibility",
    "assessed_out": "Reports excluded",
    "sought": "Eligible: participant data sought",
    "not_sought": "Participant data not sought",
    "obtained": "Participant data obtained",
    "not_obtained": "Participant data not obtained",
    "eligible": "Eligible participants",
    "not_eligible": "Participants not eligible",
    "published": "Without participant data",
    "included": "Included in the review",
    "not_pooled": "Too little reported to be pooled",
    "pooled": "Included in a synthesis",
}
NOT_ANALYSED = "Not analysed:"
POOLED = "Published results pooled, {}:"


@dataclass(frozen=True, slots=True)
class BoxText:
    """The words of one box: title, sum, the words before the parts, and the parts."""

    title: str
    total: str
    before: str
    parts: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """All of it in one line, for a reader who cannot see the box."""
        listed = "; ".join(self.parts)
        start = f"{self.title}: {self.total}" if self.total else self.title
        if self.before:
            return f"{start}; {self.before[:1].lower()}{self.before[1:]} {listed}"
        return f"{start} ({listed})" if listed else start


def box_text(box: FlowBox, protocol: Plan) -> BoxText:
    """Write a box: its title, what it counts, and its parts or the reasons."""
    analysed = box.name.startswith("analysed")
    before = NOT_ANALYSED if analysed and box.parts else ""
    if box.name == "published":
        before = POOLED.format(box.total.label)
    return BoxText(
        title=f"Analysed: {box.total.label}" if analysed else TITLES[box.name],
        total=count_text(box.total, box.name, protocol),
        before=before,
        parts=tuple(
            _part(each, box, protocol, hidden=hide)
            for each, hide in zip(box.parts, withheld_parts(box, protocol), strict=True)
        ),
    )


def withheld_parts(box: FlowBox, protocol: Plan) -> tuple[bool, ...]:
    """Which parts of a box have too few participants, or would give those away by subtraction."""
    return withheld_of([each.participants or 0 for each in box.parts], _least(protocol))


def _least(protocol: Plan) -> int:
    """Smallest number of participants that is printed; published numbers are public."""
    return protocol.minimum_cell if isinstance(protocol, Protocol) else 0


def count_text(counted: FlowCount, name: str, protocol: Plan, *, hidden: bool = False) -> str:
    """Write what is known of trials, participants and records: "27 trials, 4024 participants"."""
    reports = ("report", "reports") if name.startswith("assessed") else ("record", "records")
    pairs = ((counted.records, reports), (counted.trials, protocol.unit))
    said = [f"{count(n)} {words[n != 1]}" for n, words in pairs if n is not None]
    if counted.participants is not None:
        people = shown_count(counted.participants, _least(protocol), hidden=hidden)
        said.append(f"{people} {'participant' if people == '1' else 'participants'}")
    return ", ".join(unbroken(each) for each in said)


def _part(each: FlowCount, box: FlowBox, protocol: Plan, *, hidden: bool) -> str:
    """Write one part; where only one thing is counted, its name stands in the sum already."""
    known = [n for n in (each.records, each.trials, each.participants) if n is not None]
    figure = count_text(each, box.name, protocol, hidden=hidden)
    if len(known) == 1:
        figure = figure.partition("\N{NO-BREAK SPACE}")[0]
    label = in_units(each.label, protocol.unit)
    label = label[:1].upper() + label[1:]
    return f"{label}:\N{NO-BREAK SPACE}{figure}"


def alt_text(flow: Flow, protocol: Plan) -> str:
    """Describe the diagram step by step, for a reader who cannot see it."""
    said = ["Flow diagram"]
    for step in flow.steps:
        boxes = [*step.boxes, *([step.left_out] if step.left_out else [])]
        said += [box_text(box, protocol).sentence for box in boxes]
    return ". ".join(said) + "."


def withheld_notes(flow: Flow, protocol: Plan) -> list[str]:
    """Say what withheld numbers of participants mean, when there are any."""
    said = alt_text(flow, protocol).replace("\N{NO-BREAK SPACE}", " ")
    return notes_if_withheld([said], _least(protocol))


def flow_data(flow: Flow) -> "pd.DataFrame":
    """Return the numbers of the diagram.

    Returns
    -------
    DataFrame
        One row per box and per part of a box: phase, box, leaves (whether the box leaves the
        review), part ("" for the box itself), records, trials, participants (missing where not
        known).
    """
    import pandas as pd

    rows = [
        {
            "phase": step.phase,
            "box": box.name,
            "leaves": box is step.left_out,
            "part": counted.label if counted is not box.total else "",
            "records": counted.records,
            "trials": counted.trials,
            "participants": counted.participants,
        }
        for step in flow.steps
        for box in (*step.boxes, *([step.left_out] if step.left_out else []))
        for counted in (box.total, *box.parts)
    ]
    counts = dict.fromkeys(("records", "trials", "participants"), "Int64")
    return pd.DataFrame(rows).astype(counts)

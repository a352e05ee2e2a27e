"""The flow diagram: every number in its box, nothing overlaps, nothing is too small.

Half a point is allowed between measured and drawn text: Agg rounds letters to pixels at 144 dpi.
"""

from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from analysis.errors import RenderError
from analysis.figures.flow import draw, flow_diagram
from analysis.figures.flow_layout import arrange_flow
from analysis.figures.flow_text import alt_text, box_text, flow_data
from analysis.figures.style import MAX_HEIGHT, POINTS_PER_INCH, SIZES, WIDTH
from analysis.protocol import read_protocol
from analysis.results.eligible import Flow, FlowBox, FlowCount, FlowStep

PROTOCOL = read_protocol(Path(__file__).parents[2] / "data" / "protocol.yml")
CLINICS = PROTOCOL.model_copy(update={"unit": ("clinic", "clinics"), "data_status": "real"})
SLACK, DPI = 0.5, 144


def box(name, parts=(), **total):
    label = total.pop("label", "")
    made = [FlowCount(text, **counts) for text, counts in parts]
    return FlowBox(name, FlowCount(label, **total), tuple(made))


LONG = "a reason so long that its words need a line more, if not two, in the width of such a box"
SEARCH = (
    FlowStep(
        "identification",
        (box("identified", [("MEDLINE", {"records": 900}), ("Embase", {"records": 311})],
             records=1211),),
        box("removed", [("duplicates", {"records": 211})], records=211),
    ),
    FlowStep("screening", (box("screened", records=1000),), box("screened_out", records=900)),
    FlowStep("screening", (box("assessed", records=100),),
             box("assessed_out", [("no control", {"records": 1})], records=1)),
)  # fmt: skip
DATA = (
    FlowStep("data", (box("sought", trials=50, participants=12345),),
             box("not_sought", [("too late", {"trials": 1})], trials=1)),
    FlowStep("data", (box("obtained", trials=30, participants=9000),),
             box("not_obtained", [("no answer", {"trials": 20})], trials=20, participants=3345)),
    FlowStep("data", (box("eligible", trials=30, participants=8000),),
             box("not_eligible", [(LONG, {"trials": 2, "participants": 1000})], participants=1000)),
)  # fmt: skip
REASONS = [
    ("trial did not measure the outcome", {"participants": 40}),
    ("score missing at follow-up", {"participants": 601}),
]


def analysis(outcomes=3, *, published=True):
    names = ("Pain intensity", "Functional limitations", "Global recovery", "Work", "Sleep")
    boxes = [
        box(f"analysed_o{i}", REASONS, label=f"{names[i]}, short term", trials=29 - i,
            participants=7359)
        for i in range(outcomes)
    ]  # fmt: skip
    if published:
        parts = [("Pain intensity", {"trials": 16, "participants": 1571})]
        boxes.append(box("published", parts, label="short term"))
    return (FlowStep("analysis", tuple(boxes)),)


FLOWS = {
    "every layer": Flow((*SEARCH, *DATA, *analysis())),
    "no search": Flow((*DATA, *analysis())),
    "records screened and nothing before": Flow((*SEARCH[1:], *DATA, *analysis(1))),
    "data alone": Flow((replace(DATA[0], left_out=None), *analysis(1, published=False))),
    "two rows of outcomes": Flow((*DATA, *analysis(5))),
}
each_flow = pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)


def texts(figure):
    """Box in points of everything that is written."""
    figure.set_dpi(DPI)
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    scale = POINTS_PER_INCH / DPI
    found = [t for t in figure.axes[0].texts if t.get_text()]
    return [(t, t.get_window_extent(renderer).extents * scale) for t in found]


@each_flow
def test_nothing_overlaps_or_leaves_its_box(flow):
    diagram = arrange_flow(flow, PROTOCOL)
    figure = flow_diagram(flow, PROTOCOL)
    width, height = figure.get_size_inches() * POINTS_PER_INCH
    assert width == pytest.approx(WIDTH)
    assert height == pytest.approx(diagram.height)
    assert height <= MAX_HEIGHT
    written = texts(figure)
    for text, (left, bottom, right, top) in written:
        assert min(left, bottom, width - right, height - top) >= -SLACK, text.get_text()
        assert text.get_fontsize() >= min(SIZES)
    for (one, a), (other, b) in combinations(written, 2):
        apart = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
        assert min(apart) <= SLACK, (one.get_text(), other.get_text())
    for placed in diagram.boxes:
        inside = [
            text.get_text()
            for text, (left, bottom, right, top) in written
            if left >= placed.left - SLACK
            and right <= placed.left + placed.width + SLACK
            and height - top >= placed.top - SLACK
            and height - bottom <= placed.top + placed.height + SLACK
        ]
        assert inside == [line.text for line in placed.lines]
    for one, other in combinations(diagram.boxes, 2):
        beside = one.left + one.width <= other.left or other.left + other.width <= one.left
        below = one.top + one.height <= other.top or other.top + other.height <= one.top
        assert beside or below


@each_flow
def test_every_number_is_in_a_box_in_the_alternative_text_and_in_the_data(flow):
    diagram, alt = arrange_flow(flow, PROTOCOL), alt_text(flow, PROTOCOL).replace("\xa0", " ")
    data = flow_data(flow)
    boxes = [b for step in flow.steps for b in (*step.boxes, step.left_out) if b]
    assert sorted(placed.name for placed in diagram.boxes) == sorted(b.name for b in boxes)
    for made in boxes:
        placed = diagram.named(made.name)
        said = box_text(made, PROTOCOL)
        whole = " ".join(line.text for line in placed.lines)
        for part in (said.title, said.total, said.before, *said.parts):
            assert part in whole
            assert part.replace("\xa0", " ").lower() in alt.lower()
        rows = data[data["box"] == made.name]
        for counted, (_, row) in zip((made.total, *made.parts), rows.iterrows(), strict=True):
            for name in ("records", "trials", "participants"):
                value = getattr(counted, name)
                assert row[name] == value if value is not None else row.isna()[name]
        assert set(rows["leaves"]) == {placed.leaves}


@each_flow
def test_arrows_lead_from_step_to_step(flow):
    axes = flow_diagram(flow, PROTOCOL).axes[0]
    heads = [t.xy for t in axes.texts if not t.get_text()]
    diagram = arrange_flow(flow, PROTOCOL)
    first_row = [
        b for b in diagram.boxes
        if b.name.startswith("analysed")
        and b.top == min(x.top for x in diagram.boxes if x.name.startswith("analysed"))
    ]  # fmt: skip
    reached = [b for b in diagram.boxes if b.leaves or b.name in TRUNK[1:]]
    start = next(b for b in diagram.boxes if b.name in TRUNK)
    reached = [b for b in reached if b is not start] + first_row
    if diagram.named("published") and diagram.named("not_obtained"):
        reached.append(diagram.named("published"))
    assert len(heads) == len(reached)
    for placed in reached:
        assert any(
            placed.left - SLACK <= x <= placed.left + placed.width + SLACK
            and placed.top - SLACK <= y <= placed.top + placed.height + SLACK
            for x, y in heads
        ), placed.name


TRUNK = ("identified", "screened", "assessed", "sought", "obtained", "eligible")


def test_words_are_those_of_the_review():
    text = alt_text(FLOWS["every layer"], CLINICS).replace("\xa0", " ")
    assert "30 clinics, 9000 participants" in text
    assert "Clinic did not measure the outcome: 40" in text
    assert "1 report" in text
    assert "12\N{NARROW NO-BREAK SPACE}345 participants" in text
    assert "trial" not in text


def test_data_are_a_table_of_boxes_and_parts():
    data = flow_data(FLOWS["every layer"])
    removed = data[data["box"] == "removed"]
    assert list(removed["part"]) == ["", "duplicates"]
    assert list(removed["records"]) == [211, 211]
    assert removed["leaves"].all()
    assert data["trials"].dtype == "Int64"


def test_too_many_reasons_are_refused():
    many = [(f"reason {i}", {"records": i}) for i in range(80)]
    step = FlowStep("screening", (box("assessed", records=9000),), box("assessed_out", many))
    with pytest.raises(RenderError, match="Join reasons"):
        arrange_flow(Flow((step, *analysis())), PROTOCOL)


@pytest.mark.parametrize(("plan", "said"), [(PROTOCOL, True), (CLINICS, False)])
def test_shown_in_a_document(plan, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shown = draw(FLOWS["no search"], plan, label="fig-flow", caption="Flow.")
    assert shown.paths[0].is_file()
    assert ("Synthetic demonstration data" in shown.markdown) == said

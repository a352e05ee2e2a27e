"""The designs of the 27 trials: arms and their sizes, and the weeks of their assessments.

Table 1 of Hayden et al. 2020 gives participants and numbers of groups per trial, Table 2 the types
of the 46 exercise and 17 comparison groups. How participants were spread over the arms is not
published: the sizes here were chosen so that all published totals hold exactly (2568 exercise,
142 placebo or no treatment, 125 usual care, 679 other conservative treatment).
"""

from dataclasses import dataclass

from analysis.demo.calibration import Published, TrialRow
from analysis.errors import IpdbookError


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm: key, label, arm category of the protocol, type of treatment, size."""

    key: str
    label: str
    category: str
    type: str
    size: int


@dataclass(frozen=True, slots=True)
class Design:
    """One trial: its folder, its name in Table 1, its arms, and follow-up → week."""

    key: str
    name: str
    arms: tuple[Arm, ...]
    weeks: dict[str, float]
    no_pain_at: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ("pain", "function")

    @property
    def size(self) -> int:
        """Participants randomised."""
        return sum(arm.size for arm in self.arms)

    @property
    def compares(self) -> bool:
        """Whether the trial has an arm without exercise."""
        return any(arm.category != "exercise" for arm in self.arms)


def _exercise(key: str, label: str, kind: str, size: int) -> Arm:
    return Arm(key, label, "exercise", kind, size)


def _untreated(key: str, label: str, size: int) -> Arm:
    return Arm(key, label, "no_treatment", "No treatment", size)


def _usual(key: str, label: str, size: int) -> Arm:
    return Arm(key, label, "usual_care", "Usual care", size)


def _other(key: str, label: str, kind: str, size: int) -> Arm:
    return Arm(key, label, "other_conservative", kind, size)


def _education(key: str, label: str, size: int) -> Arm:
    return _other(key, label, "Advice/education", size)


def _weeks(
    short: float, moderate: float | None = None, long: float | None = None
) -> dict[str, float]:
    given = {"short": short, "moderate": moderate, "long": long}
    return {name: weeks for name, weeks in given.items() if weeks is not None}


DESIGNS: tuple[Design, ...] = (
    Design(
        "albaladejo2010",
        "Albaladejo 2010",
        (
            _exercise("physiotherapy", "Education and exercise programme", "Mixed", 69),
            _education("active_education", "Active management education", 101),
            _education("postural_education", "Postural hygiene education", 94),
        ),
        _weeks(13, 26),
    ),
    Design(
        "cecchi2010",
        "Cecchi 2010",
        (
            _exercise("back_school", "Back school with exercise", "Mixed", 70),
            _exercise("individual", "Individual physiotherapy exercise", "Mixed", 70),
            _other("manipulation", "Spinal manipulation", "Manual therapy", 70),
        ),
        _weeks(13, 26, 52),
    ),
    Design(
        "chan2011",
        "Chan 2011",
        (
            _exercise("aerobic", "Aerobic training and physiotherapy", "Aerobic", 24),
            _exercise("conventional", "Conventional physiotherapy exercise", "Mixed", 22),
        ),
        _weeks(8, None, 52),
        no_pain_at=("long",),
    ),
    Design(
        "costa2009",
        "Costa 2009",
        (
            _exercise("motor_control", "Motor control exercise", "Core strengthening", 77),
            _untreated("placebo", "Placebo (detuned devices)", 77),
        ),
        _weeks(8, 26, 52),
    ),
    Design(
        "dufour2010",
        "Dufour 2010",
        (
            _exercise("group", "Group-based rehabilitation", "Mixed", 142),
            _exercise("strengthening", "Individual back strengthening", "Strengthening", 144),
        ),
        _weeks(13, 26, 52),
    ),
    Design(
        "ferreira2007",
        "Ferreira 2007",
        (
            _exercise("general", "General exercise", "Mixed", 80),
            _exercise("motor_control", "Motor control exercise", "Core strengthening", 80),
            _other("manipulation", "Spinal manipulative therapy", "Manual therapy", 80),
        ),
        _weeks(8, 26, 52),
    ),
    Design(
        "gudavalli2006",
        "Gudavalli 2006",
        (
            _exercise("trunk_exercise", "Active trunk exercise", "Core strengthening", 112),
            _other("flexion", "Flexion-distraction", "Manual therapy", 123),
        ),
        _weeks(4),
    ),
    Design(
        "hartvigsen2010",
        "Hartvigsen 2010",
        (
            _exercise("supervised", "Supervised Nordic walking", "Aerobic", 45),
            _exercise("unsupervised", "Unsupervised Nordic walking", "Aerobic", 45),
            _education("advice", "Advice to remain active", 46),
        ),
        _weeks(11, 26, 52),
    ),
    Design(
        "helmhout2004",
        "Helmhout 2004",
        (
            _exercise("high", "High-intensity extensor training", "Strengthening", 41),
            _exercise("low", "Low-intensity extensor training", "Strengthening", 40),
        ),
        _weeks(13, 26, 39),
        outcomes=("function",),
    ),
    Design(
        "kool2007",
        "Kool 2007",
        (
            _exercise(
                "function_centred", "Function-centred rehabilitation", "Functional restoration", 76
            ),
            _exercise("pain_centred", "Pain-centred exercise", "Mixed", 75),
        ),
        _weeks(13),
        outcomes=("pain",),
    ),
    Design(
        "koumantakis2005",
        "Koumantakis 2005",
        (
            _exercise(
                "stabilisation", "Stabilisation and general exercise", "Core strengthening", 27
            ),
            _exercise("general", "General exercise", "Mixed", 25),
        ),
        _weeks(8),
    ),
    Design(
        "kuukkanen2000",
        "Kuukkanen 2000",
        (
            _exercise("home", "Home exercise", "Core strengthening", 31),
            _untreated("control", "No treatment", 29),
        ),
        _weeks(13, 26, 52),
    ),
    Design(
        "long2004",
        "Long 2004",
        (
            _exercise("matched", "Exercise matching directional preference", "McKenzie", 45),
            _exercise("opposite", "Exercise opposite to preference", "Other", 44),
            _exercise("evidence", "Non-directional exercise", "Stretching", 44),
        ),
        _weeks(2),
    ),
    Design(
        "macedo2012",
        "Macedo 2012",
        (
            _exercise("motor_control", "Motor control exercise", "Core strengthening", 86),
            _exercise("graded", "Graded activity", "Other", 86),
        ),
        _weeks(8, 26, 52),
    ),
    Design(
        "machado2007",
        "Machado 2007",
        (
            _exercise("exercise", "Exercise therapy", "Mixed", 16),
            _other("counselling", "Client-centred therapy", "Psychological therapy", 17),
        ),
        _weeks(9, 26),
    ),
    Design(
        "mehling2005",
        "Mehling 2005",
        (
            _exercise("breath", "Breath therapy", "Other", 16),
            _exercise("physical", "Physical therapy", "Mixed", 12),
        ),
        _weeks(8, 26),
    ),
    Design(
        "morone2011",
        "Morone 2011",
        (
            _exercise("back_school", "Back school programme", "Mixed", 41),
            _usual("usual", "Usual medical care", 29),
        ),
        _weeks(13, 26),
    ),
    Design(
        "morone2012",
        "Morone 2012",
        (
            _exercise("perceptive", "Perceptive rehabilitation", "Other", 25),
            _usual("usual", "Usual medical care", 25),
            _other("back_school", "Back school", "Back school", 25),
        ),
        _weeks(12, 24),
    ),
    Design(
        "petersen2011",
        "Petersen 2011",
        (
            _exercise("mckenzie", "McKenzie exercise", "McKenzie", 113),
            _exercise("mobilising", "Mobilisation with exercise", "Flexibility/mobilizing", 111),
        ),
        _weeks(9, None, 52),
    ),
    Design(
        "rasmussenbarr2009",
        "Rasmussen-Barr 2009",
        (
            _exercise("graded", "Graded stabilising exercise", "Core strengthening", 36),
            _exercise("walking", "Daily walks", "Aerobic", 35),
        ),
        _weeks(8, 26, 52),
    ),
    Design(
        "ryan2010",
        "Ryan 2010",
        (
            _exercise("exercise", "Exercise classes and education", "Mixed", 20),
            _education("education", "Pain biology education", 18),
        ),
        _weeks(13),
    ),
    Design(
        "sjogren2006",
        "Sjögren 2006",
        (
            _exercise("workplace", "Workplace resistance exercise", "Strengthening", 54),
            _untreated("control", "No intervention", 36),
        ),
        _weeks(15, 30),
        outcomes=("pain",),
    ),
    Design(
        "smeets2006",
        "Smeets 2006",
        (
            _exercise("physical", "Active physical treatment", "Mixed", 53),
            _exercise("graded", "Graded activity with problem solving", "Mixed", 58),
            _exercise("combined", "Combined treatment", "Mixed", 61),
            _usual("waiting", "Waiting list with usual care", 51),
        ),
        _weeks(10, 26, 52),
    ),
    Design(
        "sorensen2010",
        "Sorensen 2010",
        (
            _exercise("training", "Symptom-based physical training", "Mixed", 102),
            _education("education", "Educational approach", 105),
        ),
        _weeks(9, 26, 52),
    ),
    Design(
        "staal2004",
        "Staal 2004",
        (
            _exercise("graded", "Graded activity", "Mixed", 19),
            _usual("usual", "Usual care by the general practitioner", 20),
        ),
        _weeks(13, 26, 52),
    ),
    Design(
        "unsgaardtondel2010",
        "Unsgaard-Tøndel 2010",
        (
            _exercise("motor_control", "Motor control exercise", "Core strengthening", 36),
            _exercise("sling", "Sling exercise", "Core strengthening", 36),
            _exercise("general", "General exercise", "Mixed", 37),
        ),
        _weeks(8, None, 52),
        no_pain_at=("long",),
    ),
    Design(
        "wajswelner2012",
        "Wajswelner 2012",
        (
            _exercise("pilates", "Clinical Pilates", "Core strengthening", 44),
            _exercise("general", "General exercise", "Mixed", 43),
        ),
        _weeks(6, 24),
    ),
)


def table1_row(design: Design, published: Published) -> TrialRow:
    """Row of Table 1 to which a design belongs.

    Raises
    ------
    IpdbookError
        When participants or numbers of arms differ from the design.
    """
    row = published.trials[design.name]
    exercise = sum(arm.category == "exercise" for arm in design.arms)
    drawn = (design.size, exercise, len(design.arms) - exercise)
    expected = (row.participants, row.exercise_arms, row.comparison_arms)
    if drawn != expected:
        raise IpdbookError(
            f"{design.name}: Table 1 has {expected} participants, exercise and comparison arms; "
            f"analysis/demo/designs.py has {drawn}. Correct the arms there."
        )
    return row

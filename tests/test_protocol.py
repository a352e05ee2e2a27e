"""The protocol: what a review may plan, and every inconsistency that is refused."""

from pathlib import Path

import pytest
import yaml

from analysis.problems import ProblemsError
from analysis.protocol import Protocol, read_protocol
from analysis.results.review_kind import PLAN, is_aggregate

ROOT = Path(__file__).parents[1]
DEFAULT = ROOT / "data/protocol.yml"


@pytest.mark.parametrize(
    "path",
    [
        each / PLAN
        for each in (ROOT, *sorted((ROOT / "examples").iterdir()))
        if not is_aggregate(each)
    ],
    ids=lambda path: path.parents[1].name,
)
def test_protocols_of_the_project_are_read(path):
    protocol = read_protocol(path)
    assert set(protocol.treated()) <= set(protocol.arms)
    assert protocol.interactions.comparison in protocol.comparisons


def test_default_review_is_that_of_hayden_2020():
    # Hayden 2020: Table 3 lists 19 modifiers; 27 trials with three kinds of comparison
    protocol = read_protocol(DEFAULT)
    assert len(protocol.modifiers) == 19
    assert len(protocol.arms) == 4
    assert protocol.outcomes["pain"].scale == (0, 100)
    assert protocol.outcomes["recovery"].response.percent == 30
    assert protocol.modifiers_of_baseline() == {
        "function_baseline": "function",
        "pain_baseline": "pain",
    }
    assert protocol.baseline_outcome("pain") == "pain"
    assert protocol.baseline_outcome("recovery") == "function"


def test_outcome_without_baseline():
    protocol = read_protocol(ROOT / "examples/periodontal-pregnancy/data/protocol.yml")
    assert protocol.baseline_outcome("birth_weight") is None


# path of the key, its new value, words of the message
WRONG = {
    "treatment": (("treatment",), "exercse", "treatment names 'exercse'"),
    "one arm": (("arms",), {"exercise": {"label": "E"}}, "at least two"),
    "control": (
        ("comparisons", "any", "control"),
        ["usual"],
        "comparisons.any.control names 'usual'",
    ),
    "treatment of a comparison": (
        ("comparisons", "any", "treatment"),
        ["runing"],
        "comparisons.any.treatment names 'runing'",
    ),
    "both sides": (
        ("comparisons", "any", "treatment"),
        ["exercise", "usual_care"],
        "usual_care cannot be both treatment and control",
    ),
    "name without treatment": (
        ("comparisons", "any", "treatment_label"),
        "Anything",
        "treatment_label needs treatment",
    ),
    "change without baseline": (
        ("outcomes", "recovery", "measure"),
        "change",
        "measure: change needs a continuous outcome",
    ),
    "change pooled": (
        ("outcomes", "pain", "measure"),
        "change",
        "aggregate.outcomes names 'pain'",
    ),
    "no control": (("comparisons", "any", "control"), [], "at least one"),
    "target outside window": (
        ("follow_ups", "short", "weeks"),
        30,
        "weeks must lie inside window",
    ),
    "follow-up": (("outcomes", "pain", "follow_ups"), ["soon"], "outcomes.pain.follow_ups"),
    "kind": (("outcomes", "pain", "kind"), "ordinal", "continuous"),
    "binary without event": (("outcomes", "recovery", "event"), "", "needs event"),
    "continuous response": (
        ("outcomes", "pain", "response"),
        {"percent": 30, "minimum": {"pain": 20}},
        "only a binary outcome",
    ),
    "response to nothing": (
        ("outcomes", "recovery", "response", "minimum"),
        {"mood": 10},
        "outcomes.recovery.response.minimum names 'mood'",
    ),
    "response without baseline": (
        ("outcomes", "recovery", "response", "minimum"),
        {"recovery": 1},
        "outcomes.recovery has no baseline",
    ),
    "baseline of nothing": (
        ("outcomes", "recovery", "adjust_for_baseline"),
        "mood",
        "adjust_for_baseline names 'mood'",
    ),
    "worthwhile twice": (
        ("outcomes", "pain", "worthwhile"),
        {"difference": 10, "odds_ratio": 2},
        "give one of",
    ),
    "levels": (("modifiers", "sex", "levels"), {"male": "Male"}, "at least two levels"),
    "reference": (("modifiers", "sex", "reference"), "other", "reference must be one of"),
    "continuous levels": (("modifiers", "age", "reference"), "old", "no levels"),
    "cut points": (("modifiers", "age", "cut_points"), [50, 35], "must rise"),
    "baseline modifier": (
        ("modifiers", "pain_baseline", "baseline_of"),
        "recovery",
        "outcomes.recovery has no baseline",
    ),
    "exclusion": (
        ("exclusions",),
        {"died": {"label": "died", "outcomes": ["mood"]}},
        "exclusions.died.outcomes names 'mood'",
    ),
    "adjustment": (("model", "adjust"), ["height"], "model.adjust names 'height'"),
    "level": (("model", "level"), 95, "less than 1"),
    "overall": (("overall", "outcomes"), ["mood"], "overall.outcomes names 'mood'"),
    "interactions": (
        ("interactions", "comparison"),
        "none",
        "interactions.comparison names 'none'",
    ),
    "sensitivity": (
        ("sensitivity", "modifiers"),
        ["height"],
        "sensitivity.modifiers names 'height'",
    ),
    "menu": (("sensitivity", "menu"), ["bootstrap"], "'satterthwaite'"),
    "direction of a level": (
        ("modifiers", "sex", "hypothesis"),
        {"greater_benefit": "higher", "date": "2012"},
        "hypothesis.greater_benefit must be one of male, female",
    ),
    "date of a hypothesis": (
        ("modifiers", "age", "hypothesis"),
        {"greater_benefit": "higher", "date": "long ago"},
        "should match pattern",
    ),
    "aggregate": (
        ("aggregate", "outcomes"),
        ["recovery"],
        "aggregate.outcomes names 'recovery': only continuous outcomes",
    ),
    "aggregate comparison": (("aggregate", "comparison"), "none", "aggregate.comparison names"),
    "search among nothing": (
        ("subgroup_search",),
        {"searches": [{"comparison": "any", "outcomes": ["pain"], "follow_ups": ["short"]}]},
        "subgroup_search.searches names 'pain', which has neither covariates nor directions",
    ),
    "search of events": (
        ("subgroup_search",),
        {
            "searches": [{"comparison": "any", "outcomes": ["recovery"], "follow_ups": ["short"]}],
            "covariates": {"recovery": ["age"]},
        },
        "subgroup_search.searches names 'recovery': only continuous outcomes",
    ),
    "search for an unknown covariate": (
        ("subgroup_search",),
        {
            "searches": [{"comparison": "any", "outcomes": ["pain"], "follow_ups": ["short"]}],
            "directions": {"pain": {"height": "below"}},
        },
        "subgroup_search.directions.pain names 'height'",
    ),
    "screened": (
        ("search",),
        {"identified": {"MEDLINE": 9}, "removed": {"twice": 2}, "screened": 8},
        "screened is 8, but identified less removed is 7",
    ),
    "assessed": (
        ("search",),
        {"screened": 8, "screened_out": 5, "assessed": 4},
        "assessed is 4, but screened less screened_out is 3",
    ),
    "left out after reading": (
        ("search",),
        {"assessed": 4, "assessed_out": {"no trial": 5}},
        "more reports than were assessed",
    ),
    "published": (
        ("published_interactions", "names"),
        {"height": "Height"},
        "published_interactions.names names 'height'",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_plan_is_refused(name, tmp_path):
    keys, value, says = WRONG[name]
    content = yaml.safe_load(DEFAULT.read_text(encoding="utf-8"))
    place = content
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = value
    path = tmp_path / "protocol.yml"
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    with pytest.raises(ProblemsError) as caught:
        read_protocol(path)
    (problem,) = caught.value.problems
    assert says in problem.message
    assert problem.line is not None


def test_each_comparison_may_have_a_treatment_of_its_own(tmp_path):
    content = yaml.safe_load(DEFAULT.read_text(encoding="utf-8"))
    del content["treatment"]
    both = {"treatment": ["exercise", "usual_care"], "control": ["no_treatment"]}
    content["comparisons"]["any"] |= both | {"treatment_label": "Any care"}
    content["comparisons"]["conservative"]["treatment"] = ["exercise", "no_treatment"]
    path = tmp_path / "protocol.yml"
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    with pytest.raises(ProblemsError, match=r"comparisons\.untreated needs treatment"):
        read_protocol(path)
    content["comparisons"]["untreated"]["treatment"] = ["exercise"]
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    protocol = read_protocol(path)
    assert protocol.treated() == ("exercise", "usual_care")
    assert protocol.treatment_label() == "Any care"
    assert protocol.treatment_label("conservative") == "Exercise therapy or Placebo or no treatment"


def test_a_misspelt_key_names_the_line_and_the_nearest_right_key(tmp_path):
    path = tmp_path / "protocol.yml"
    text = DEFAULT.read_text(encoding="utf-8")
    path.write_text(text.replace("minimum_cell", "minimal_cell"), encoding="utf-8")
    with pytest.raises(ProblemsError) as caught:
        read_protocol(path)
    (problem,) = caught.value.problems
    assert problem.line == text.splitlines().index("minimum_cell: 10") + 1
    assert problem.remedy == "Did you mean 'minimum_cell'?"


def test_a_protocol_survives_json():
    protocol = read_protocol(DEFAULT)
    assert Protocol.model_validate_json(protocol.model_dump_json()) == protocol

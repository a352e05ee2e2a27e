"""The plan of a review of published results: keys that must exist, searches that add up."""

from pathlib import Path

import pytest
import yaml

from analysis.aggregate_protocol import read_aggregate_protocol
from analysis.problems import ProblemsError

EXAMPLE = Path(__file__).parents[1] / "examples" / "individualized-exercise"


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (("subgroups",), "sex", "subgroups names 'sex'"),
        (("described_by",), ["age", "sex"], "described_by names 'sex'"),
        (("sensitivity", "comparator"), "drugs", "sensitivity.comparator names 'drugs'"),
        (("regression", "predictors"), ["weeks", "dose"], "regression.predictors names 'dose'"),
        (("regression", "bubbles"), ["age of onset"], "regression.bubbles names"),
        (("regression", "bubbles"), ["exercise"], "regression.bubbles names 'exercise'"),
        (("search", "assessed"), 2000, "assessed must be at most screened"),
        (("pooling", "method"), "REMI", "REML"),
        (("outcomes", "pain", "sd"), 0, "outcomes.pain.sd"),
        (("data_state",), "synthetic", "Did you mean 'data_status'"),
        (("certainty", 0, "down"), {"inconsistency": 3}, "0, 1 or 2 levels"),
        (("certainty", 0, "outcome"), "sleep", "certainty.outcome names 'sleep'"),
        (("certainty", 0, "comparator"), "passive", "certainty has 'pain, passive, short' twice"),
        (("subgroups",), "weeks", "subgroups names 'weeks', which is not among behavioural"),
        (("characteristics", "comparator"), {"label": "C"}, "'comparator' is a name that pages"),
        (("risk_of_bias", "age"), "Age", "'age' is both a characteristic and a domain"),
        (("data_note",), "", "data_note must say that the data are synthetic"),
        (("treated_arm",), "active", "treated_arm 'active' is a comparator too"),
        (("outcomes", "pain", "scale"), [10, 0], "scale must begin with the lowest score"),
        (
            ("sensitivity", "rows", 1, "only"),
            {"exercise": ["mxied"]},
            "names 'mxied', which is not",
        ),
        (("sensitivity", "rows", 1, "only"), {"weeks": ["8"]}, "Mixed exercise names 'weeks'"),
        (("sensitivity", "rows", 0, "only"), {"rob_overall": ["unclear"]}, "names 'unclear'"),
        (("sensitivity", "rows", 1, "label"), "Exercise alone", "'Exercise alone' twice"),
    ],
)
def test_a_wrong_value_is_named(
    tmp_path: Path, place: tuple[str | int, ...], value: object, said: str
) -> None:
    text = (EXAMPLE / "data" / "protocol.yml").read_text(encoding="utf-8")
    content = yaml.safe_load(text)
    target = content
    for part in place[:-1]:
        target = target[part]
    target[place[-1]] = value
    path = tmp_path / "protocol.yml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(ProblemsError) as caught:
        read_aggregate_protocol(path)
    assert said in str(caught.value)

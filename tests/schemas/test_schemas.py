"""The committed JSON Schemas are those of the models, and accept and refuse what the models do."""

from pathlib import Path

import jsonschema
import pytest
import yaml

from analysis.results.review_kind import PLAN, is_aggregate
from analysis.schemas import MODELS, copy_schemas, schema, schema_comment, schema_file, schema_text
from analysis.yaml_file import _Loader

ROOT = Path(__file__).parents[2]
REVIEWS = [ROOT, *ROOT.glob("examples/*")]
FILES = {
    "protocol": [each / PLAN for each in REVIEWS if not is_aggregate(each)],
    "trial": [
        *ROOT.glob("data/trials/*/trial.yml"),
        *ROOT.glob("examples/*/data/trials/*/trial.yml"),
    ],
    "aggregate_protocol": [each / PLAN for each in REVIEWS if is_aggregate(each)],
}
PAIRS = [(kind, path) for kind, paths in FILES.items() for path in paths]


@pytest.mark.parametrize("kind", MODELS)
def test_committed_schema_is_that_of_the_model(kind):
    assert schema_file(kind).read_text(encoding="utf-8") == schema_text(kind), (
        "The models changed: run `ipdbook schemas`."
    )


def as_json(path):
    """YAML 1.2, as an editor's language server reads it: keys are text."""

    def text_keys(node):
        if isinstance(node, dict):
            return {str(key): text_keys(value) for key, value in node.items()}
        return [text_keys(each) for each in node] if isinstance(node, list) else node

    return text_keys(yaml.load(path.read_text(encoding="utf-8"), _Loader))  # noqa: S506 -- a safe loader


@pytest.mark.parametrize(("kind", "path"), PAIRS, ids=lambda each: str(each)[-40:])
def test_every_file_of_the_project_is_valid_and_names_its_schema(kind, path):
    jsonschema.validate(as_json(path), schema(kind))
    named = path.read_text(encoding="utf-8").splitlines()[0]
    assert named + "\n" == schema_comment(kind, path.parent)
    assert (path.parent / named.split("$schema=")[1]).resolve() == schema_file(kind).resolve()


@pytest.mark.parametrize("kind", MODELS)
def test_a_misspelt_key_is_marked(kind):
    content = as_json(FILES[kind][0]) | {"tilte": "x"}
    with pytest.raises(jsonschema.ValidationError, match="tilte"):
        jsonschema.validate(content, schema(kind))


@pytest.mark.parametrize("kind", MODELS)
def test_every_key_has_a_description(kind):
    made = schema(kind)
    silent = [
        f"{name}.{key}"
        for name, part in {kind: made, **made.get("$defs", {})}.items()
        for key, value in part.get("properties", {}).items()
        if not value.get("description")
    ]
    assert not silent


def test_a_review_elsewhere_has_its_own_copies(tmp_path):
    copied = copy_schemas(tmp_path)
    folder = tmp_path / "data" / "trials" / "smith2001"
    folder.mkdir(parents=True)
    named = schema_comment("trial", folder).strip().split("$schema=")[1]
    assert (folder / named).resolve() in [path.resolve() for path in copied]
    assert not Path(named).is_absolute()

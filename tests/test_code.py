"""The hash of the code behind a result sees every import of ours, however it is written."""

import ast

import pytest

from analysis.code import PACKAGE, _imported, code_behind

FILES = sorted(PACKAGE.rglob("*.py"))


def modules_of(path):
    """List the files of ours that Python's own grammar finds imported in a file."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports are not followed"
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            parts = name.split(".")
            if parts[0] == PACKAGE.name:
                place = PACKAGE.joinpath(*parts[1:])
                found |= {each for each in (place.with_suffix(".py"), place / "__init__.py")
                          if each.is_file()}  # fmt: skip
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_no_import_is_overlooked(path):
    assert modules_of(path) <= _imported(path) | {path}


def test_the_code_behind_the_overall_effects_holds_the_models():
    assert {"models", "results", "trials"} <= code_behind("results.overall").keys()

"""The audit of dependencies says what it knows, and that it knows nothing when it could not ask."""

import json
import re
from pathlib import Path

import pytest
from audit import CLEAN, KNOWN, LOCK, NOT_ASKED, read

ROOT = Path(__file__).parents[1]
SAFE = {"name": "pandas", "version": "3.1.0", "vulns": []}
FLAWED = {
    "name": "numpy",
    "version": "2.0.0",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.0.1"], "aliases": [], "description": "x"}],
}


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        ("", NOT_ASKED, "NOT audited"),
        ("<html>proxy</html>", NOT_ASKED, "NOT audited"),
        (json.dumps({"dependencies": [{"name": "x", "skip_reason": "?"}]}), NOT_ASKED,
         "gave no answer about any package"),
        (json.dumps({"dependencies": [SAFE]}), CLEAN, "No known vulnerability"),
        (json.dumps({"dependencies": [SAFE, FLAWED]}), KNOWN,
         "numpy 2.0.0: PYSEC-1, mended in 2.0.1"),
        (json.dumps({"dependencies": [SAFE, {"name": "x", "skip_reason": "?"}]}), CLEAN,
         "1 of 2 packages of requirements.lock were audited.\nNot audited: x."),
    ],
)  # fmt: skip
def test_what_an_answer_means(answer, code, words):
    found, said = read(answer)
    assert found == code
    assert words in said


def test_every_dependency_is_pinned_and_no_registry_is_named():
    lines = (ROOT / LOCK).read_text(encoding="utf-8").splitlines()
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line) for line in lines)

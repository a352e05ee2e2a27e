"""The workflow that review teams copy: its commands run here, on a new review, as a script."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
WORKFLOW = yaml.safe_load((ROOT / "docs" / "living-review.yml").read_text(encoding="utf-8"))
STEPS = WORKFLOW["jobs"]["review"]["steps"]
INIT = [
    "init", "review", "--title", "Exercise for knee pain", "--treatment", "Exercise",
    "--comparator", "Usual care", "--outcome", "Pain:0-100:worse",
]  # fmt: skip


def test_the_steps_are_those_that_a_team_needs():
    assert WORKFLOW[True] == {"pull_request": None, "push": {"branches": ["main"]}}  # YAML's "on"
    commands = "\n".join(step.get("run", "") for step in STEPS)
    for command in ("check", "build", "render", "share", "changes"):
        assert f"ipdbook {command}" in commands
    uploaded = next(step for step in STEPS if "upload-artifact" in step.get("uses", ""))
    assert "_output/share" in uploaded["with"]["path"]
    assert all("name" in step for step in STEPS if "run" in step)


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A copy of what a package is built from, so that building leaves nothing behind here."""
    copy = tmp_path_factory.mktemp("house") / "ipdbook"
    unwanted = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(ROOT / "analysis", copy / "analysis", ignore=unwanted)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    return copy


def test_its_commands_run_on_a_new_review_with_the_installed_package(house, tmp_path):
    site = tmp_path / "site"
    environment = {
        "PATH": f"{site / 'bin'}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.defpath}",
        "HOME": str(tmp_path),
        "IPDBOOK": str(house),
        "PYTHONPATH": str(site),
        "PIP_TARGET": str(site),
        "PIP_NO_DEPS": "1",
        "PIP_NO_BUILD_ISOLATION": "0",  # pip's spelling of "without isolation"
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "OPENBLAS_NUM_THREADS": "1",
    }

    def run(script, folder):
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", script],
            cwd=folder, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"

    commands = [step["run"] for step in STEPS if "run" in step and "gh pr" not in step["run"]]
    run(commands[0], tmp_path)
    quoted = " ".join(f"'{word}'" for word in INIT)
    run(f"ipdbook {quoted}", tmp_path)
    for command in commands[1:]:
        run(command, tmp_path / "review")
    shared = tmp_path / "review" / "_output" / "share"
    assert (shared / "supplement.html").is_file()
    assert "release" in (tmp_path / "review" / "changes.md").read_text(encoding="utf-8")

"""A small review on disk: three trials that build in a second or two; the browser."""

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import sync_playwright
from small_paper import PAPER, PROTOCOL, SETTINGS, TRIAL, TRIALS, data

# The same examples in every run, so that a change is red only for what it changed; new ones are
# looked for with `pytest -m hypothesis --hypothesis-profile=search`.
NOT_TIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("repeatable", NOT_TIMED, derandomize=True)
settings.register_profile("search", NOT_TIMED, derandomize=False, print_blob=True)
settings.load_profile("repeatable")


@pytest.fixture
def small_review(tmp_path: Path) -> Path:
    """Write the small review and return its folder."""
    project = tmp_path / "review"
    texts = {"data/protocol.yml": PROTOCOL, "_quarto.yml": SETTINGS, "paper.qmd": PAPER}
    for seed, name in enumerate(TRIALS):
        folder = f"data/trials/{name}"
        texts[f"{folder}/trial.yml"] = TRIAL.format(name=name, label=name.capitalize())
        texts[f"{folder}/{name}.csv"] = data(seed)
    for name, text in texts.items():
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return project


@pytest.fixture(scope="session")
def browser():
    """Start the system's Chromium."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()

"""The master dataset is kept, found again, and read anew only when something changed."""

import pandas as pd
import pytest

from analysis.errors import TrialError
from analysis.trials import gather
from analysis.trials.fingerprint import trial_fingerprint
from analysis.trials.master import FRAMES, Master, build_master

ALPHA = "data/trials/alpha"


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_saved_and_loaded_alike(write, tmp_path):
    master = build_master(write())
    master.save(tmp_path / "kept")
    again = Master.load(tmp_path / "kept")
    for name in FRAMES:
        pd.testing.assert_frame_equal(getattr(master, name), getattr(again, name))
    assert again.mappings == master.mappings
    assert again.protocol == master.protocol
    assert (
        again.fingerprints == master.fingerprints == {"alpha": trial_fingerprint(tmp_path / ALPHA)}
    )


def test_same_data_same_bytes(write, tmp_path):
    project = write()
    build_master(project).save(tmp_path / "one")
    build_master(project).save(tmp_path / "two")
    build_master(project).save(tmp_path / "two")  # over an earlier one
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["_build", "data", "one", "two"]


@pytest.mark.parametrize("damage", ["absent", "outcomes.parquet", "master.json"])
def test_incomplete_folder(damage, write, tmp_path):
    folder = tmp_path / "kept"
    build_master(write()).save(folder)
    if damage == "absent":
        folder = tmp_path / "nowhere"
    else:
        (folder / damage).write_bytes(b"{")
    with pytest.raises(TrialError, match="Build the review again"):
        Master.load(folder)


@pytest.fixture
def reads(monkeypatch):
    """Return the trials that were read, not recalled."""
    seen = []
    read = gather.harmonise
    monkeypatch.setattr(
        gather, "harmonise", lambda trial, *rest: seen.append(trial) or read(trial, *rest)
    )
    return seen


def test_an_unchanged_trial_is_not_read_again(write, reads):
    project = write()
    first = build_master(project)
    second = build_master(project)
    assert reads == ["alpha"]
    for name in FRAMES:
        pd.testing.assert_frame_equal(getattr(first, name), getattr(second, name))


@pytest.mark.parametrize(
    ("file", "edit", "again"),
    [
        ("trials/alpha/alpha.csv", ("101,1,30", "101,1,31"), True),
        ("trials/alpha/trial.yml", ("higher: better", "higher: worse"), True),
        ("protocol.yml", ("window: [6, 18]", "window: [6, 17]"), True),
        ("protocol.yml", ("percent: 30", "percent: 31"), True),
        ("protocol.yml", ("title: Small review", "title: A small review"), False),
    ],
)
def test_a_trial_is_read_again_when_it_may_differ(file, edit, again, write, reads):
    project = write()
    build_master(project)
    path = project / "data" / file
    path.write_text(path.read_text().replace(*edit))
    build_master(project)
    assert reads == ["alpha", "alpha"][: 1 + again]


def test_a_damaged_cache_is_read_anew(write, reads):
    project = write()
    build_master(project)
    for path in (project / "_build/trials").rglob("*.parquet"):
        path.write_bytes(b"")
    assert len(build_master(project).participants) == 6
    assert reads == ["alpha", "alpha"]


@pytest.mark.parametrize(
    ("name", "counts"),
    [("alpha.csv", True), ("second.csv", True), ("ATTRIBUTION.md", False), (".DS_Store", False)],
)
def test_fingerprint_covers_the_data_and_not_the_notes(name, counts, write):
    folder = write() / ALPHA
    before = trial_fingerprint(folder)
    (folder / name).write_text("changed")
    assert (trial_fingerprint(folder) != before) == counts


def test_progress(write):
    steps = []
    build_master(write(), progress=lambda *step: steps.append(step))
    assert steps == [("alpha", 0, 1)]

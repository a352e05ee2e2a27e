"""The store survives kills, company, a full disk and damage, and reads only what changed."""

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from killed_builds import files

from analysis import files as writing
from analysis.errors import ResultError, StorageError
from analysis.files import only_one, replaced_folder, write_atomically
from analysis.results import compute as building
from analysis.results.build import build
from analysis.results.review import find_review
from analysis.trials import gather

SCRIPT = Path(__file__).with_name("killed_builds.py")
KILLS = 4
SLEEP = """\
  sleep: {label: Sleep, kind: continuous, unit: points, scale: [0, 100], higher: worse,
    baseline: true, follow_ups: [short]}
modifiers:
"""
ASLEEP = """\
  sleep:
    instrument: {name: NRS, range: [0, 100], higher: worse}
    measurements:
      - {weeks: 0, column: pain0}
      - {weeks: 12, column: pain12}
modifiers:
"""


@pytest.fixture(autouse=True)
def _one_process(monkeypatch):
    monkeypatch.setattr(building, "WORTH_WORKERS", 99)


@pytest.fixture
def reads(monkeypatch):
    """Return the trials that were read, not recalled."""
    seen = []
    read = gather.harmonise
    monkeypatch.setattr(
        gather, "harmonise", lambda trial, *rest: seen.append(trial) or read(trial, *rest)
    )
    return seen


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def copy_of_trial(project, old, new):
    source, target = project / "data/trials" / old, project / "data/trials" / new
    shutil.copytree(source, target)
    (target / f"{old}.csv").rename(target / f"{new}.csv")
    text = (target / "trial.yml").read_text()
    (target / "trial.yml").write_text(text.replace(old, new).replace(old.title(), new.title()))
    return target


def run(*words):
    done = subprocess.run(
        [sys.executable, SCRIPT, *map(str, words)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_killed_at_any_moment_the_next_build_is_as_if_never(small_review, tmp_path):
    whole = shutil.copytree(small_review, tmp_path / "whole")
    seed = int.from_bytes(os.urandom(2))
    told = run("kill", whole, small_review, seed, KILLS)
    assert told.count("when it was killed") == KILLS, f"seed {seed}"
    build(find_review(small_review))
    assert files(small_review) == files(whole), f"seed {seed}"
    assert list((small_review / "_build").rglob(".unfinished-*")) == []


def test_two_builds_at_once(small_review, tmp_path):
    whole = shutil.copytree(small_review, tmp_path / "whole")
    run("twice", small_review)
    build(find_review(whole))
    assert files(small_review) == files(whole)


def test_the_second_process_says_whom_it_waits_for(tmp_path):
    code = "import sys; from analysis.files import only_one\nfrom pathlib import Path\n"
    code += "with only_one(Path(sys.argv[1]), waiting=lambda t: print(t, flush=True)): print('in')"
    with only_one(tmp_path), only_one(tmp_path):
        other = subprocess.Popen(
            [sys.executable, "-c", code, tmp_path], stdout=subprocess.PIPE, text=True
        )
        line = other.stdout.readline()
    assert f"process {os.getpid()}" in line
    assert "waiting until it is done" in line
    assert other.communicate(timeout=60)[0] == "in\n"


def full_after(monkeypatch, writes):
    """Let the disk be full after some files were forced to it."""
    left, real = [writes], os.fsync

    def fsync(handle):
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(handle)

    monkeypatch.setattr(writing.os, "fsync", fsync)


@pytest.mark.parametrize("writes", [0, 12, 20])
def test_a_full_disk_keeps_what_was_there(small_review, monkeypatch, writes):
    build(find_review(small_review))
    before = files(small_review)
    edit(small_review / "data/trials/beta/beta.csv", "0,1,", "0,2,")
    with monkeypatch.context() as full:
        full_after(full, writes)
        with pytest.raises(StorageError, match=r"disk is full.*is as it was.*Free some space"):
            build(find_review(small_review))
    left = files(small_review)
    results = {name for name in before if "/results/" in name}
    assert results <= left.keys()
    assert sum(before[name] == left[name] for name in results) >= len(results) - writes // 2
    assert list((small_review / "_build").rglob(".unfinished-*")) == []
    build(find_review(small_review))
    assert all(each.current for each in find_review(small_review).staleness())


@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_write_on_a_full_disk_leaves_the_last_good_one(tmp_path, monkeypatch, what):
    target = tmp_path / "kept"

    def write(text):
        if what == "file":
            write_atomically(target, text)
        else:
            with replaced_folder(target) as fresh:
                (fresh / "inside").write_text(text)

    write("old")
    full_after(monkeypatch, 0)
    with pytest.raises(StorageError, match="full"):
        write("new")
    assert (target if what == "file" else target / "inside").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_a_place_that_is_not_ours_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"file/result\.json could not be written"):
        write_atomically(tmp_path / "file/result.json", "text")


def test_damage_is_noticed_said_and_mended(small_review, reads):
    build(find_review(small_review))
    whole = files(small_review)
    damaged = small_review / "_build/results/overall-pain-short-any.json"
    content = json.loads(damaged.read_text())
    content["value"]["effect"]["estimate"] += 1
    damaged.write_text(json.dumps(content, indent=1))
    for path in (small_review / "_build/trials/beta").rglob("outcomes.parquet"):
        path.write_bytes(path.read_bytes()[:-1] + b"x")
    (small_review / "_build/contributions/gamma.json").write_text("{")
    reads.clear()
    report = build(find_review(small_review))
    assert report.computed == {"overall-pain-short-any": ("its stored file is damaged",)}
    assert report.read == {"beta": "what was kept is damaged"}
    assert reads == ["beta"]
    assert files(small_review) == whole


def test_a_new_trial_is_the_only_one_read_and_results_without_it_stay(small_review, reads):
    protocol = small_review / "data/protocol.yml"
    edit(protocol, "modifiers:\n", SLEEP)
    edit(protocol, "overall: {outcomes: [pain]", "overall: {outcomes: [pain, sleep]")
    for trial in ("alpha", "beta", "gamma"):
        edit(small_review / f"data/trials/{trial}/trial.yml", "modifiers:\n", ASLEEP)
    build(find_review(small_review))
    without = copy_of_trial(small_review, "alpha", "delta")
    edit(without / "trial.yml", ASLEEP, "modifiers:\n")
    reads.clear()
    review = find_review(small_review)
    assert review.unread() == {"delta": "new"}
    stale = {each.name: each.reasons for each in review.staleness() if not each.current}
    assert set(stale.values()) == {("data or mapping of trial delta is new",)}
    report = build(find_review(small_review))
    assert reads == ["delta"]
    assert report.kept == ("overall-sleep-short-any",)
    assert report.computed.keys() == stale.keys()


def test_a_file_that_changes_while_it_is_read_stops_the_build(small_review, monkeypatch):
    read = gather.harmonise

    def slow(trial, folder, *rest):
        found = read(trial, folder, *rest)
        edit(folder / f"{trial}.csv", "0,1,", "0,2,")
        return found

    monkeypatch.setattr(gather, "harmonise", slow)
    with pytest.raises(ResultError, match=r"alpha, beta, gamma changed while they were read"):
        build(find_review(small_review))
    assert not (small_review / "_build/results").exists()

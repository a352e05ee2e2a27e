"""Planted faults are found by the check meant for them; clean trials raise no alarm."""

from pathlib import Path

import pandas as pd
import pytest
from planted_faults import DATA, FAULTS, plant

from analysis.protocol import read_protocol
from analysis.trials.gather import gather
from analysis.trials.harmonise import harmonise
from analysis.trials.integrity.catalogue import CHECKS, DOMAINS, domain
from analysis.trials.integrity.checked import Severity
from analysis.trials.integrity.judge import judge
from analysis.trials.integrity.report import check_integrity
from analysis.trials.mapping import read_mapping

EXAMPLE = Path(__file__).parents[2] / "examples/periodontal-pregnancy"
KINDS = 20
ORDER = list(Severity)


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    """Gather the 27 demonstration trials."""
    project = tmp_path_factory.mktemp("review")
    (project / "data").symlink_to(DATA)
    return gather(project)


def judged(clean, trial=None, checks=None, mapping=None):
    """Judge all 27 trials together, one of them with other checks."""
    frames = {key: one.checks for key, one in clean.trials.items()} | (
        {trial: checks} if trial else {}
    )
    joined = pd.concat([frame.assign(trial=key) for key, frame in frames.items()])
    mappings = clean.mappings | ({trial: mapping} if trial else {})
    return {one.trial: one for one in judge(joined, mappings)}


@pytest.fixture(scope="module")
def before(clean):
    """Judge the 27 trials without faults."""
    return judged(clean)


def test_there_are_twenty_kinds_of_faults_in_all_domains_but_none_without_a_check():
    assert len(FAULTS) >= KINDS
    found = {check for _, check, _ in FAULTS.values()}
    assert len(found) >= KINDS
    assert found <= set(CHECKS)
    assert {domain(check) for check in found} == set(DOMAINS)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_fault_is_found(fault, clean, before, tmp_path):
    trial, check, least = FAULTS[fault]
    folder = tmp_path / trial
    plant(fault, trial, folder)
    mapping = read_mapping(folder / "trial.yml", trial=trial, shown_as="trial.yml")
    protocol = read_protocol(DATA / "protocol.yml", shown_as="protocol.yml")
    read = harmonise(trial, folder, mapping, protocol)
    assert read.problems == ()
    after = judged(clean, trial, read.checks, mapping)[trial]
    found = [f for f in after.findings if f.check == check]
    assert found, [f.id for f in after.findings]
    assert min(ORDER.index(f.severity) for f in found) <= ORDER.index(Severity(least))
    unspoilt = before[trial].findings
    assert check not in {f.check for f in unspoilt if f.severity != Severity.INFORMATION}


def test_clean_trials_raise_no_alarm(before):
    assert len(before) == 27
    for one in before.values():
        assert [f.id for f in one.findings if f.severity != Severity.INFORMATION] == []


def test_the_real_trial_raises_no_alarm(tmp_path):
    (tmp_path / "data").symlink_to(EXAMPLE / "data")
    (one,) = check_integrity(tmp_path).trials
    assert one.open(Severity.SERIOUS) == ()
    # Michalowicz 2006 against the public data: three figures are close, see SOURCE.txt.
    close = [f for f in one.findings if f.check == "external-published"]
    assert [f.severity for f in close] == [Severity.INFORMATION] * 3
    assert {"internal-skip", "allocation-sites"} <= set(one.made)

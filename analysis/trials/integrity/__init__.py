"""Whether data are what they claim to be: checks by the domains of the IPD Integrity Tool.

A file for each domain holds its checks; `catalogue` lists them all with what each expects; `run`
makes them for one trial; `judge` sets the level over all trials and applies the team's decisions;
`report` prints.

False alarms, by `benchmarks/integrity_false_alarms.py`: in 12 synthetic reviews without faults from
other seeds (324 trials, 9489 tests) no finding was serious; 8 trials had a notable one (6 by
`plausibility-extremes`, 2 by `patterns-terminal-digits`).
"""

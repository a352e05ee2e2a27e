"""Whether data are what they claim to be: checks by the domains of the IPD Integrity Tool.

A file for each domain holds its checks; `catalogue` lists them all with what each expects; `run`
makes them for one trial; `judge` sets the level over all trials and applies the team's decisions;
`report` prints.
"""

"""Write mixed_demo.csv: pain and recovery at short follow-up in the demonstration repository.

Run from the project's root: python tests/reference/mixed_demo.py. The columns are those of
mixed_data.csv: x is pain at baseline and w is age, both centred within the trial.
"""

from pathlib import Path

from analysis.trials.master import build_master

HERE = Path(__file__).parent
KEYS = ["trial", "participant"]


def main() -> None:
    """Join participants and outcomes, centre on the complete rows, and write."""
    master = build_master(HERE.parent.parent)
    short = master.outcomes.query("follow_up == 'short'")
    wide = short.pivot_table(index=KEYS, columns="outcome", values="value").reset_index()
    people = master.participants[[*KEYS, "treat", "pain_baseline", "age"]]
    rows = wide.merge(people, on=KEYS).rename(columns={"pain": "y", "recovery": "e"})
    rows = rows.dropna(subset=["y", "e", "treat", "pain_baseline", "age"])
    by_trial = rows.groupby("trial")
    for new, old in (("x", "pain_baseline"), ("w", "age")):
        rows[new] = (rows[old] - by_trial[old].transform("mean")).round(3)
    rows["trial"] = by_trial.ngroup() + 1
    rows["design"] = "demo"
    rows[["e", "treat"]] = rows[["e", "treat"]].astype(int)
    rows["y"] = rows["y"].round(3)
    columns = ["design", "trial", "y", "e", "treat", "x", "w"]
    rows[columns].to_csv(HERE / "mixed_demo.csv", index=False)


if __name__ == "__main__":
    main()

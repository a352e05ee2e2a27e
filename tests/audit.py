"""Compare the pinned dependencies with the database of known vulnerabilities (`make audit`).

pip-audit ends with the same code whether it found something or could not ask. Here the two differ:
0 nothing known, 1 something known, 3 the database could not be asked, so that nothing is known.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

LOCK = "requirements.lock"
CLEAN, KNOWN, NOT_ASKED = 0, 1, 3
UNREACHED = (
    "The database of vulnerabilities gave no answer about any package: the dependencies were NOT "
    "audited. Run `make audit` where it can be reached."
)


def main() -> int:
    """Ask the database and say what it answered."""
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.json"
        options = ["--requirement", LOCK, "--no-deps", "--disable-pip", "--format", "json"]
        options += ["--output", str(answer), "--progress-spinner", "off"]
        command = [sys.executable, "-m", "pip_audit", *options]
        subprocess.run(command, capture_output=True, check=False)
        code, said = read(answer.read_text(encoding="utf-8") if answer.is_file() else "")
    sys.stdout.write(f"{said}\n")
    return code


def read(answer: str) -> tuple[int, str]:
    """Say what an answer means; an empty one is none."""
    try:
        packages = json.loads(answer)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return NOT_ASKED, UNREACHED
    found = [
        f"{each['name']} {each['version']}: {flaw['id']}"
        + (f", mended in {', '.join(flaw['fix_versions'])}" if flaw.get("fix_versions") else "")
        for each in packages
        for flaw in each.get("vulns", ())
    ]
    skipped = [each["name"] for each in packages if "skip_reason" in each]
    if len(skipped) == len(packages):
        return NOT_ASKED, UNREACHED
    lines = [f"{len(packages) - len(skipped)} of {len(packages)} packages of {LOCK} were audited."]
    lines += [f"Not audited: {', '.join(skipped)}."] if skipped else []
    lines += found or ["No known vulnerability."]
    return (KNOWN if found else CLEAN), "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())

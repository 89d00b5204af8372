"""Asks pip-audit for known weaknesses of the libraries. The data is PyPI's; where only a mirror without it can be reached, that is said,
and ends the program well unless ``--must-reach``."""

import json
import subprocess
import sys
from pathlib import Path

SECONDS = 120


def ask() -> tuple[list[str], int, int]:
    """(weaknesses, how many libraries were looked up, how many there are). Raises ``OSError`` when nobody answers."""
    program = Path(sys.executable).with_name("pip-audit")
    order = [str(program), "--require-hashes", "--disable-pip", "--progress-spinner", "off", "-f", "json", "-r", "requirements.txt"]
    try:
        done = subprocess.run(order, capture_output=True, text=True, timeout=SECONDS, check=False)
        rows = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError) as error:
        raise OSError("no answer that can be read") from error
    looked_up = [row for row in rows if "skip_reason" not in row]
    weak = [f"{row['name']} {row['version']}: {weakness['id']}, mended in {', '.join(weakness['fix_versions']) or 'no version yet'}" for row in looked_up for weakness in row["vulns"]]
    return weak, len(looked_up), len(rows)


def main() -> int:
    """0 when nothing is known, 1 when something is, 2 when nobody could be asked and that was wanted."""
    must_reach = "--must-reach" in sys.argv
    try:
        weak, looked_up, libraries = ask()
    except OSError as error:
        weak, looked_up, libraries = [], 0, 0
        print(f"Known weaknesses: {error}.")
    if weak:
        print("Known weaknesses:", *weak, sep="\n  ")
        return 1
    if not looked_up or looked_up < libraries:
        print(f"Known weaknesses: {looked_up} of {libraries} libraries could be looked up; the index that is reached here has no such data for the others. Run `make audit` where PyPI can be reached.")
        return 2 if must_reach else 0
    print(f"Known weaknesses: none in {libraries} libraries.")
    return 0


if __name__ == "__main__":
    sys.exit(main())

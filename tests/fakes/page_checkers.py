"""What holds the pages to account and comes from npm: axe-core (accessibility) and tsc (types of the scripts).

Fetched once, by the hashes of tests/browser/checkers/package-lock.json, into var/parts. `scripts/test` runs this file
before the tests, so that no test's time is spent on it.
"""

import fcntl
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parents[1] / "browser" / "checkers"
PLACE = HERE.parents[2] / "var" / "parts" / "page-checkers"
FETCHED_WITHIN_S = 240
ABSENT = "no npm on this machine (apt-get install npm): the pages' accessibility and types are not checked"


def page_checkers() -> Path | None:
    """Return the directory node_modules of the checkers, fetched where that is missing; None without npm.

    Raises subprocess.CalledProcessError where npm refuses, TimeoutExpired where it does not come to an end.
    """
    modules = PLACE / "node_modules"
    stamp = PLACE / f"{hashlib.sha256((HERE / 'package-lock.json').read_bytes()).hexdigest()[:32]}.stamp"
    if stamp.exists():
        return modules
    npm = shutil.which("npm")
    if npm is None:
        return None
    PLACE.mkdir(parents=True, exist_ok=True)
    with (PLACE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several test processes may come at once
        if not stamp.exists():
            for name in ("package.json", "package-lock.json"):
                shutil.copyfile(HERE / name, PLACE / name)
            command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
            subprocess.run(command, cwd=PLACE, check=True, timeout=FETCHED_WITHIN_S)
            stamp.touch()
    return modules


if __name__ == "__main__":
    if page_checkers() is None:
        print(ABSENT, file=sys.stderr)

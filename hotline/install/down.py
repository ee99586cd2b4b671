"""`scripts/down`: stop what `scripts/up --detach` started in this home; nothing else is touched."""

import sys

from hotline.errors import HotlineError
from hotline.install.processes import Supervisor, marked_processes
from hotline.install.steps import Steps
from hotline.install.unpack import alone
from hotline.settings import read_settings


def main() -> int:
    """Run the command; returns its exit code."""
    steps = Steps()
    try:
        home = read_settings().home
        if not home.is_dir():
            steps.say(f"nothing runs in {home}")
            return 0
        with alone(home / ".lock", "scripts/up is setting this home up, waiting for it", steps):
            return _down(Supervisor(home), steps)
    except HotlineError as wrong:
        print(f"stopped: {wrong}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; scripts/down goes on from here", file=sys.stderr)
        return 130


def _down(supervisor: Supervisor, steps: Steps) -> int:
    running = marked_processes(supervisor.home)
    if not running:
        steps.say(f"nothing runs in {supervisor.home}")
        return 0
    if supervisor.pid() and not supervisor.is_detached():
        steps.say(f"{supervisor.home} runs in the foreground of a terminal: stop it there with Ctrl-C")
        return 1
    steps.say(f"stopping {len(running)} processes of {supervisor.home}")
    supervisor.stop()
    left = marked_processes(supervisor.home)
    if left:
        steps.say(f"could not be stopped: processes {', '.join(map(str, left))}")
        return 1
    steps.say("stopped; nothing is left running")
    return 0


if __name__ == "__main__":
    sys.exit(main())

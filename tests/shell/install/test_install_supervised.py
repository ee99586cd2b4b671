"""One supervisord owns the programs of a home: it restarts what dies, and leaves nobody behind however it ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hotline.install.processes import Program, Supervisor, marked_processes
from hotline.settings import REPOSITORY

OWNER = """
import os, sys
from pathlib import Path
from hotline.install.processes import Supervisor
child = Supervisor(Path(sys.argv[1])).start(os.environ, detached=False)
child.wait()
"""


def waiting(home: Path, name: str) -> Program:
    """A program that notes its process id and waits, with a child of its own."""
    script = home / f"{name}.sh"
    script.write_text(f"echo $$ >> {home}/{name}.pids\nsleep 1000 &\nwait\n")
    return Program(name, ["sh", str(script)], 1)


def pids(home: Path, name: str) -> list[int]:
    file = home / f"{name}.pids"
    return [int(line) for line in file.read_text().split()] if file.exists() else []


@pytest.fixture
def supervisor(home, wait_until):
    supervisor = Supervisor(home)
    supervisor.write([waiting(home, "first"), waiting(home, "second")])
    supervisor.start(os.environ, detached=True)
    wait_until(lambda: {each.state for each in supervisor.states()} == {"RUNNING"}, "both programs to run")
    yield supervisor
    supervisor.stop()


def test_program_that_dies_is_started_again(supervisor, home, wait_until):
    [first] = pids(home, "first")

    os.kill(first, signal.SIGKILL)

    wait_until(lambda: len(pids(home, "first")) == 2, "a second start")
    assert len(pids(home, "second")) == 1


def test_process_id_is_the_programs_own_and_not_that_of_a_wrapper(supervisor, home):
    assert {each.name: each.pid for each in supervisor.states()} == {
        "first": pids(home, "first")[0],
        "second": pids(home, "second")[0],
    }


def test_stopping_leaves_no_process_and_no_grandchild(supervisor, home):
    assert len(marked_processes(home)) == 5  # supervisord, two programs, a child of each

    supervisor.stop()

    assert marked_processes(home) == []


def test_sigterm_to_supervisord_leaves_no_process(supervisor, home, wait_until):
    os.kill(supervisor.pid(), signal.SIGTERM)

    wait_until(lambda: not marked_processes(home), "every process to end")


def test_killed_supervisord_takes_its_programs_with_it_and_the_rest_is_cleared_by_the_next(
    supervisor, home, wait_until
):
    programs = {pids(home, "first")[0], pids(home, "second")[0]}

    os.kill(supervisor.pid(), signal.SIGKILL)

    wait_until(lambda: not programs & set(marked_processes(home)), "the programs to end with supervisord")
    Supervisor(home).stop_the_left_over()
    assert marked_processes(home) == []


def test_killed_foreground_command_takes_supervisord_with_it(home, wait_until):
    supervisor = Supervisor(home)
    supervisor.write([waiting(home, "only")])
    with subprocess.Popen([sys.executable, "-c", OWNER, str(home)], cwd=REPOSITORY) as owner:
        wait_until(lambda: pids(home, "only"), "the program to run")

        owner.kill()

    wait_until(lambda: not marked_processes(home), "every process to end")


def test_sockets_and_logs_are_private(supervisor, home):
    for name in ("run", "logs", "run/supervisor.sock", "supervisord.conf", "logs/first.log"):
        assert (home / name).stat().st_mode & 0o077 == 0, name


def test_supervisor_that_does_not_run_has_no_process_and_no_states(home):
    assert Supervisor(home).pid() == 0
    assert Supervisor(home).states() == []
    Supervisor(home).stop()


def test_homes_do_not_touch_each_other(supervisor, home, tmp_path):
    Supervisor(tmp_path).stop()

    assert len(marked_processes(home)) == 5

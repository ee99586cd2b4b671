"""scripts/up and scripts/down as commands, with a stand-in for the system they run."""

import os
import pty
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from hotline.install.processes import marked_processes
from hotline.settings import REPOSITORY

STAND_IN = [sys.executable, str(Path(__file__).with_name("stand_in_up.py"))]
DOWN = [sys.executable, "-m", "hotline.install.down"]
OF_A_STAND_IN = 4  # supervisord, the service, the worker, and what the worker waits for
PORTS = ("WEB_PORT", "SIP_PORT", "AMI_PORT", "AGI_PORT", "SIP_AUDIOSOCKET_PORT", "SIP_SIGNALLING_PORT")


def environment_of(home, free_ports):
    ports = {f"HOTLINE_{name}": str(port) for name, port in zip(PORTS, free_ports(len(PORTS)), strict=True)}
    return {
        **os.environ,
        **ports,
        "HOTLINE_HOME": str(home),
        "PYTHONPATH": str(REPOSITORY),
    }


@pytest.fixture
def environment(home, free_ports):
    return environment_of(home, free_ports)


def run(command, environment):
    return subprocess.run(
        command, env=environment, cwd=REPOSITORY, capture_output=True, text=True, timeout=50, check=False
    )


def start(environment):
    return subprocess.Popen(
        STAND_IN, env=environment, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def read_until(stream, words):
    for line in stream:
        if words in line:
            return
    pytest.fail(f"the command ended without saying {words!r}")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 143), (signal.SIGHUP, 129)], ids=str)
def test_foreground_stops_every_child_when_told_to_end(home, environment, number, code):
    with start(environment) as process:
        read_until(process.stdout, "running; Ctrl-C stops everything")
        assert len(marked_processes(home)) > 2

        process.send_signal(number)
        rest = process.stdout.read()

    assert "nothing is left running" in rest
    assert process.returncode == code
    assert marked_processes(home) == []


def test_closing_the_terminal_stops_every_child(home, environment, wait_until):
    terminal, end = pty.openpty()
    process = subprocess.Popen(
        STAND_IN, env=environment, cwd=REPOSITORY, stdin=end, stdout=end, stderr=end, start_new_session=True,
        preexec_fn=lambda: __import__("fcntl").ioctl(0, __import__("termios").TIOCSCTTY, 0),  # noqa: PLW1509
    )  # fmt: skip
    os.close(end)
    said = b""
    while b"Ctrl-C stops everything" not in said:
        said += os.read(terminal, 4096)

    os.close(terminal)

    process.wait(timeout=30)
    wait_until(lambda: not marked_processes(home), "every process to end")


def test_detached_system_stays_until_down_and_a_second_up_only_tells_where_it_is(home, environment, wait_until):
    first = run([*STAND_IN, "--detach"], environment)
    assert first.returncode == 0, first.stderr
    # Ready is when the service is: the worker may only be starting.
    wait_until(lambda: len(marked_processes(home)) == OF_A_STAND_IN, "the stand-ins and what watches them to run")
    before = marked_processes(home)

    second = run([*STAND_IN, "--detach"], environment)

    assert second.returncode == 0
    assert "already running" in second.stdout
    assert f"http://127.0.0.1:{environment['HOTLINE_WEB_PORT']}/" in second.stdout
    assert marked_processes(home) == before

    down = run(DOWN, environment)
    assert (down.returncode, marked_processes(home)) == (0, [])
    again = run(DOWN, environment)
    assert again.returncode == 0
    assert "nothing runs" in again.stdout


def test_down_leaves_a_foreground_system_to_its_terminal(home, environment):
    with start(environment) as process:
        read_until(process.stdout, "running; Ctrl-C stops everything")

        down = run(DOWN, environment)

        assert "stop it there with Ctrl-C" in down.stdout
        assert marked_processes(home)
        process.send_signal(signal.SIGINT)
        process.stdout.read()


def test_busy_port_is_named_with_its_setting_and_its_holder_and_nothing_is_started(home, environment):
    with socket.create_server(("127.0.0.1", int(environment["HOTLINE_AGI_PORT"]))):
        done = run([*STAND_IN, "--detach"], environment)

    assert done.returncode == 1
    assert f"port {environment['HOTLINE_AGI_PORT']}/tcp is taken by" in done.stderr
    assert f"(process {os.getpid()})" in done.stderr
    assert "HOTLINE_AGI_PORT" in done.stderr
    assert marked_processes(home) == []


def test_busy_datagram_port_is_named_too(environment):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", int(environment["HOTLINE_SIP_PORT"])))
        done = run([*STAND_IN, "--detach"], environment)

    assert f"port {environment['HOTLINE_SIP_PORT']}/udp is taken by" in done.stderr
    assert "HOTLINE_SIP_PORT" in done.stderr


def test_port_set_twice_is_named_with_both_settings(environment):
    environment["HOTLINE_AMI_PORT"] = environment["HOTLINE_AGI_PORT"]

    done = run([*STAND_IN, "--detach"], environment)

    assert "HOTLINE_AMI_PORT" in done.stderr
    assert "HOTLINE_AGI_PORT" in done.stderr


def test_too_little_disk_is_told_before_anything_starts(home, environment):
    environment["HOTLINE_RECORDING_MIN_FREE_MB"] = "999999999"

    done = run([*STAND_IN, "--detach"], environment)

    assert done.returncode == 1
    assert "make room" in done.stderr
    assert marked_processes(home) == []


def test_wrong_setting_is_refused_by_name_without_a_stack_trace(environment):
    done = run([*STAND_IN, "--detach"], {**environment, "HOTLINE_WEB_PROT": "1"})

    assert done.returncode == 1
    assert "HOTLINE_WEB_PROT" in done.stderr
    assert "Traceback" not in done.stderr


def test_program_that_keeps_ending_is_told_with_the_end_of_its_log_and_nothing_stays(home, environment):
    done = run([*STAND_IN, "--detach"], {**environment, "STAND_IN_BROKEN": "yes"})

    assert done.returncode == 1
    assert "the reason why it is broken" in done.stderr
    assert str(home / "logs" / "serve.log") in done.stderr
    assert marked_processes(home) == []


def test_first_run_without_demo_data_never_gets_them_later(home, environment):
    run([*STAND_IN, "--detach", "--no-demo"], environment)
    run(DOWN, environment)

    second = run([*STAND_IN, "--detach"], environment)

    assert second.returncode == 0
    assert "demo" not in second.stdout
    assert (home / "begun.json").stat().st_mode & 0o077 == 0


def test_detached_system_has_no_terminal_that_could_take_it_down(home, environment):
    terminal, end = pty.openpty()
    process = subprocess.Popen(
        [*STAND_IN, "--detach"], env=environment, cwd=REPOSITORY, stdin=end, stdout=end, stderr=end,
        start_new_session=True,
        preexec_fn=lambda: __import__("fcntl").ioctl(0, __import__("termios").TIOCSCTTY, 0),  # noqa: PLW1509
    )  # fmt: skip
    os.close(end)
    process.wait(timeout=30)
    os.close(terminal)

    terminals = {Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[4] for pid in marked_processes(home)}
    assert terminals == {"0"}


def test_demo_call_brings_the_system_up_gives_back_the_calls_result_and_leaves_it_up(home, environment):
    failed = run([*STAND_IN, "--demo-call"], {**environment, "STAND_IN_CALL": "7"})
    before = marked_processes(home)
    again = run([*STAND_IN, "--demo-call"], environment)

    assert failed.returncode == 7
    assert before
    assert again.returncode == 0
    assert marked_processes(home) == before


def test_two_homes_run_side_by_side_and_down_stops_only_its_own(home, environment, free_ports, other_home):
    other = environment_of(other_home, free_ports)
    assert run([*STAND_IN, "--detach"], environment).returncode == 0
    assert run([*STAND_IN, "--detach"], other).returncode == 0

    run(DOWN, environment)

    assert marked_processes(home) == []
    assert len(marked_processes(other_home)) > 2

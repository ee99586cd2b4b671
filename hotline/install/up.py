"""`scripts/up`: from whatever this machine is now to a running system; again and again, interrupted or not.

Every step looks at what is there and does what is missing. The set-up of one home is done by one process at a time;
the programs are fetched once for all homes.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from hotline.certificate import read_certificate
from hotline.clock import SystemClock
from hotline.errors import HotlineError
from hotline.install import browser_parts, health
from hotline.install.errors import SetUpFailed
from hotline.install.parts import Parts
from hotline.install.pbx import write_configuration
from hotline.install.ports import check_ports, doors, holder_of, listens
from hotline.install.private_files import write_private
from hotline.install.processes import Supervisor, check_home_length, programs
from hotline.install.recording_key import make_recording_key
from hotline.install.secrets import write_secrets
from hotline.install.steps import Steps
from hotline.install.unpack import alone, fetch
from hotline.settings import REPOSITORY, Settings, read_settings

HEALTHY_WITHIN = 60.0  # seconds
LOOK_EVERY = 0.25
STARTS = 5  # a program that had to be started more often than this while we wait will not come up
BEGUN = "begun.json"  # in HOME once it holds its first data, so that demo data never come into a home in use
SIGN_INS = "demo-sign-ins.toml"


class Interrupted(BaseException):
    """The user, the system or a closing terminal wants us to end."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_code = 128 + number


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    wanted = _parser().parse_args(arguments)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup means what it says
            signal.signal(number, _interrupt)
    os.umask(0o077)  # whatever comes into being in this home is its owner's only
    steps = Steps()
    try:
        return _up(wanted, steps)
    except HotlineError as wrong:
        print(f"stopped: {wrong}", file=sys.stderr)
        return 1
    except Interrupted as interrupted:
        steps.say(f"interrupted ({interrupted}); scripts/up goes on from here")
        return interrupted.exit_code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/up", description="Set up what is missing and run the whole system.")
    parser.add_argument("--detach", action="store_true", help="return once healthy; scripts/down stops it")
    parser.add_argument("--no-demo", action="store_true", help="start with empty books instead of the demo data")
    parser.add_argument(
        "--demo-call", action="store_true", help="then place a call by a recorded resident (implies --detach)"
    )
    return parser


def _interrupt(number: int, _frame: FrameType | None) -> None:
    raise Interrupted(number)


def _up(wanted: argparse.Namespace, steps: Steps) -> int:
    settings = read_settings()
    check_home_length(settings.home)
    try:
        settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as wrong:
        raise SetUpFailed(f"{settings.home} cannot be made ({wrong.strerror}): set HOTLINE_HOME") from wrong
    supervisor = Supervisor(settings.home)
    stays = wanted.detach or wanted.demo_call
    ends_with_us = False
    try:
        with alone(settings.home / ".lock", "another scripts/up is setting this home up, waiting for it", steps):
            if supervisor.pid():
                steps.say(f"already running in {settings.home}")
                child = None
                _wait_until_ready(settings, supervisor, steps)
            else:
                ends_with_us = True
                child, settings = _start(wanted, settings, supervisor, steps)
        print(_welcome(settings), flush=True)
        if stays or child is None:
            ends_with_us = False
            return _hotline("simulate", "demo-call") if wanted.demo_call else 0
        return _stay(child, steps)
    finally:
        if ends_with_us:
            with _undisturbed():
                supervisor.stop()
            steps.say("nothing is left running")


def _start(
    wanted: argparse.Namespace, settings: Settings, supervisor: Supervisor, steps: Steps
) -> tuple[subprocess.Popen[bytes], Settings]:
    """Do what is missing, start everything and wait until it is healthy."""
    if left := supervisor.stop_the_left_over():
        steps.say(f"{len(left)} processes of a former run were still here and were stopped")
    check_ports(doors(settings))
    _check_disk(settings)
    _check_certificate(settings, steps)
    parts = fetch(settings.parts.directory, steps, os.environ)
    settings = _configure(settings, parts, steps)
    _fetch_models(settings, steps)
    browser_parts.make(settings.parts.directory, steps, os.environ)
    steps.say("database: bringing its tables up to date")
    if _hotline("migrate"):
        raise SetUpFailed("the database could not be brought up to date: see the lines above, and `database.url`")
    _first_data(wanted, settings, steps)
    supervisor.write(programs(settings, parts))
    steps.say("starting " + ", ".join(program.name for program in programs(settings, parts)))
    child = supervisor.start(os.environ, detached=wanted.detach or wanted.demo_call)
    _wait_until_ready(settings, supervisor, steps, child)
    return child, settings


def _check_disk(settings: Settings) -> None:
    free, needed = shutil.disk_usage(settings.home).free // 1_000_000, settings.recording.min_free_mb
    if free < needed:
        raise SetUpFailed(
            f"{settings.home} has {free} MB free and recordings need {needed}: make room, set HOTLINE_HOME to"
            " another disk, or lower HOTLINE_RECORDING_MIN_FREE_MB"
        )


def _check_certificate(settings: Settings, steps: Steps) -> None:
    certificate, key = settings.web.certificate_file, settings.web.key_file
    if certificate and key and (warning := read_certificate(certificate, key).warning(SystemClock().now())):
        steps.say(warning)


def _configure(settings: Settings, parts: Parts, steps: Steps) -> Settings:
    if write_secrets(settings):
        steps.say(f"secrets made in {settings.home / 'secrets.toml'} (readable by you only)")
        settings = read_settings()
    if make_recording_key(settings):
        steps.say(
            f"key of the recordings made: {settings.recording_key_file}. Keep a copy elsewhere, apart from the"
            " recordings: whoever loses it loses their sound"
        )
    if write_configuration(settings, parts):
        steps.say(f"the switch's configuration written to {settings.home / 'asterisk' / 'etc'}")
    return settings


def _fetch_models(settings: Settings, steps: Steps) -> None:
    from hotline.install import models  # noqa: PLC0415 - looks for recognisers, which takes a while to load

    models.fetch(settings, steps)


def _first_data(wanted: argparse.Namespace, settings: Settings, steps: Steps) -> None:
    begun = settings.home / BEGUN
    if begun.exists():
        return
    if not wanted.no_demo:
        steps.say("first run: loading the demo centre (scripts/up --no-demo starts empty)")
        if _hotline("demo"):
            raise SetUpFailed("the demo data could not be loaded: see the lines above")
    write_private(begun, json.dumps({"demo": not wanted.no_demo}) + "\n")


def _hotline(*words: str) -> int:
    """Run `python -m hotline …` and return its exit code; it ends with us."""
    with subprocess.Popen([sys.executable, "-m", "hotline", *words], cwd=REPOSITORY) as process:
        try:
            return process.wait()
        except BaseException:
            process.terminate()
            raise


def _wait_until_ready(
    settings: Settings, supervisor: Supervisor, steps: Steps, child: subprocess.Popen[bytes] | None = None
) -> None:
    deadline = steps.elapsed + HEALTHY_WITHIN
    seen: dict[str, set[int]] = {}
    while not (state := _health_of_ours(settings, supervisor)).ready:
        if child is not None and child.poll() is not None:
            said = (settings.home / "logs" / "supervisord.out").read_text(errors="replace").strip()
            raise SetUpFailed(f"supervisord ended at once: {said[-500:] or 'see ' + str(settings.home / 'logs')}")
        if steps.elapsed > deadline:
            sick = [each.name for each in supervisor.states() if each.state != "RUNNING"] or ["serve"]
            waited = f"not ready after {HEALTHY_WITHIN:.0f} s: waiting for {', '.join(state.missing)}"
            raise SetUpFailed(_why_not_ready(waited, sick, supervisor))
        states = supervisor.states()
        for each in states:
            seen.setdefault(each.name, set()).add(each.pid)
        if dying := [name for name, pids in seen.items() if len(pids - {0}) > STARTS]:
            raise SetUpFailed(_why_not_ready(f"{', '.join(dying)} ended {STARTS} times", dying, supervisor))
        waits = [f"{each.name} ({each.state.lower()})" for each in states if each.state != "RUNNING"]
        steps.progress(f"waiting for {', '.join((*state.missing, *waits))}")
        time.sleep(LOOK_EVERY)
    steps.say("healthy")


def _health_of_ours(settings: Settings, supervisor: Supervisor) -> health.Health:
    """Ask our own service: another home that took the port in the same moment would answer as gladly."""
    state = health.ask(settings)
    ours = [each.pid for each in supervisor.states() if each.name == "serve"]
    if state.ready and ours and not any(listens(pid, settings.web.port) for pid in ours):
        holder = holder_of(settings.web.port, datagram=False) or "another program"
        return health.Health(ready=False, missing=(f"port {settings.web.port}, which {holder} has taken",))
    return state


def _why_not_ready(what: str, sick: list[str], supervisor: Supervisor) -> str:
    lines = [what]
    for name in sick:
        lines += [f"--- the end of {supervisor.home / 'logs' / (name + '.log')}:", *supervisor.last_lines(name)]
    lines.append("--- `python -m hotline doctor` tells more")
    return "\n".join(lines)


def _welcome(settings: Settings) -> str:
    sip = settings.sip
    lines = [
        "",
        f"  pages and API   {health.page_address(settings)}/",
        f"  hotline         sip:{sip.hotline_number}@{sip.host}:{sip.port}",
        f"  phones          agents {', '.join(sip.agents)}; supervisor {', '.join(sip.supervisors)}",
        f"                  (registrar {sip.host}:{sip.port}, passwords in {settings.home / 'secrets.toml'})",
        f"  logs            {settings.home / 'logs'}",
    ]
    lines += [f"  sign-in         {text}" for text in _sign_ins(settings)]
    return "\n".join([*lines, ""])


def _sign_ins(settings: Settings) -> Iterator[str]:
    try:
        told = tomllib.loads((settings.home / SIGN_INS).read_text("utf-8"))
    except (OSError, ValueError):
        return
    for each in told.get("sign_in", []):
        who = ", ".join(each[name] for name in ("display_name", "role", "extension") if each.get(name))
        yield f"{each['name']} / {each['password']}  ({who})"


def _stay(child: subprocess.Popen[bytes], steps: Steps) -> int:
    """Stay in the foreground until told to end or until supervisord ends; returns the exit code."""
    try:
        steps.say("running; Ctrl-C stops everything")
        child.wait()
    except Interrupted as interrupted:
        steps.say(f"stopping ({interrupted})")
        return 0 if interrupted.exit_code == 128 + signal.SIGINT else interrupted.exit_code
    steps.say("supervisord has ended by itself")
    return 1


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let a second Ctrl-C not cut short the stopping."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before: list[Callable[[int, FrameType | None], object] | int | None] = [
        signal.signal(number, signal.SIG_IGN) for number in numbers
    ]
    try:
        yield
    finally:
        for number, way in zip(numbers, before, strict=True):
            signal.signal(number, way)


if __name__ == "__main__":
    sys.exit(main())

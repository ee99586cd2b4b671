"""One supervisord owns the programs of one home: starts them, restarts what dies, stops them all.

Each child is started through `setpriv --pdeathsig`, so that it ends even when supervisord is killed without a word.
All carry a mark in their environment, by which what is left of a former run is found and nothing else is ever touched.
"""

import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any
from xmlrpc.client import Error, ServerProxy

from supervisor.xmlrpc import SupervisorTransport

from hotline.install.errors import ConfigurationRefused, SetUpFailed
from hotline.install.parts import Parts
from hotline.install.private_files import make_private_directory, write_private
from hotline.settings import REPOSITORY, Settings

MARK = "RUN_BY_HOTLINE"  # in the environment of every process of ours; its value is the home
DETACHED = "RUN_BY_HOTLINE_DETACHED"
SOCKET_BYTES = 107  # the longest path of a Unix socket
LONGEST_SOCKET = "run/supervisor.sock.4194304"  # supervisord binds this first and then renames it
STOP_WITHIN = 10  # seconds a program has to end by itself
ALL_STOPPED_WITHIN = 60.0
ANSWER_WITHIN = 5.0  # seconds for supervisord to answer a question


@dataclass(frozen=True, slots=True)
class Program:
    """A program supervisord runs; lower priority starts first and stops last."""

    name: str
    command: list[str]
    priority: int


@dataclass(frozen=True, slots=True)
class State:
    """How one program is doing, in supervisord's words (RUNNING, STARTING, BACKOFF…)."""

    name: str
    state: str
    description: str
    pid: int


def programs(settings: Settings, parts: Parts) -> list[Program]:
    """Return what one installation consists of; no Redis of ours where an address is set."""
    # The switch comes first: on a busy machine a page may be late, a caller may not. (nice becomes the program.)
    python = ["nice", "-n", "5", sys.executable, "-m", "hotline"]
    configuration = settings.home / "asterisk" / "etc" / "asterisk.conf"
    return [
        *([] if settings.redis.url else [Program("redis", _redis(settings, parts), 10)]),
        Program("asterisk", [*parts.command("asterisk"), "-f", "-C", str(configuration)], 20),
        Program("serve", [*python, "serve"], 30),
        *(Program(name, [*python, "worker"], 40) for name in worker_names(settings)),
        *([Program("live", [*python, "live"], 50)] if settings.live.legs else []),
    ]


def worker_names(settings: Settings) -> list[str]:
    """Return what the workers are called: worker, worker-2 … (`worker.processes`)."""
    return ["worker", *(f"worker-{number}" for number in range(2, settings.worker.processes + 1))]


def _redis(settings: Settings, parts: Parts) -> list[str]:
    store = make_private_directory(settings.home / "redis")
    words: list[str] = parts.command("redis-server")
    for option, value in {
        "port": "0",
        "unixsocket": str(settings.run_directory / "redis.sock"),
        "unixsocketperm": "600",
        "dir": str(store),
        "appendonly": "yes",
        "save": "",
        "daemonize": "no",
        "set-proc-title": "no",  # it would be written over the environment that carries our mark
    }.items():
        words += [f"--{option}", value]
    return words


def check_home_length(home: Path) -> None:
    """Raise SetUpFailed if the sockets under `home` would have paths longer than the kernel takes."""
    longest = SOCKET_BYTES - len(LONGEST_SOCKET) - 1
    length = len(os.fsencode(home))
    if length > longest:
        raise SetUpFailed(
            f"HOTLINE_HOME {home} is {length} bytes long and may have {longest}, because a socket's path may have"
            f" {SOCKET_BYTES}: choose a shorter directory"
        )


def render_supervisord(home: Path, run: list[Program]) -> str:
    """Return the text of HOME/supervisord.conf. Raises ConfigurationRefused."""
    place = home / "run"
    lines = [
        "; written by scripts/up; changes here are lost",
        "[supervisord]",
        "nodaemon = true",
        "silent = true",
        f"pidfile = {_value(place / 'supervisord.pid')}",
        f"logfile = {_value(home / 'logs' / 'supervisord.log')}",
        "logfile_maxbytes = 10MB",
        "logfile_backups = 5",
        "umask = 077",
        f"childlogdir = {_value(home / 'logs')}",
        *(["user = root"] if os.geteuid() == 0 else []),
        "[unix_http_server]",
        f"file = {_value(place / 'supervisor.sock')}",
        "chmod = 0600",
        "[rpcinterface:supervisor]",
        "supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface",
        "[supervisorctl]",
        f"serverurl = unix://{_value(place / 'supervisor.sock')}",
    ]
    for program in run:
        words = ["setpriv", "--pdeathsig", "TERM", "--", *program.command]
        lines += [
            f"[program:{program.name}]",
            f"command = {_value(shlex.join(words))}",
            f"directory = {_value(REPOSITORY)}",
            f"priority = {program.priority}",
            "autostart = true",
            "autorestart = true",
            "startsecs = 1",
            "startretries = 1000",  # each wait is a second longer than the one before
            "stopsignal = TERM",
            f"stopwaitsecs = {STOP_WITHIN}",
            "stopasgroup = true",
            "killasgroup = true",
            "redirect_stderr = true",
            f"stdout_logfile = {_value(home / 'logs' / (program.name + '.log'))}",
            "stdout_logfile_maxbytes = 10MB",
            "stdout_logfile_backups = 5",
        ]
    return "".join(f"{line}\n" for line in lines)


def _value(value: object) -> str:
    text = str(value)
    if any(sign in text for sign in "\n\r;"):
        raise ConfigurationRefused(f"{text!r} cannot stand in supervisord.conf: choose a path without ';'")
    return text.replace("%", "%%")


class Supervisor:
    """The supervisord of one home, whether it runs or not."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._socket = home / "run" / "supervisor.sock"
        self._configuration = home / "supervisord.conf"
        self._child: subprocess.Popen[bytes] | None = None

    def write(self, run: list[Program]) -> None:
        """Write the configuration and make the directories it names. Raises SetUpFailed."""
        check_home_length(self.home)
        for name in ("run", "logs"):
            make_private_directory(self.home / name)
        write_private(self._configuration, render_supervisord(self.home, run))

    def start(self, environment: Mapping[str, str], *, detached: bool) -> subprocess.Popen[bytes]:
        """Start supervisord in a session of its own: a Ctrl-C or a closing terminal reaches only us, who stop it."""
        mark = {MARK: str(self.home.resolve()), DETACHED: "yes" if detached else "no", "PYTHONUNBUFFERED": "1"}
        command = [sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(self._configuration)]
        if not detached:
            command = ["setpriv", "--pdeathsig", "TERM", "--", *command]
        with (self.home / "logs" / "supervisord.out").open("wb") as out:
            self._child = subprocess.Popen(
                command,
                env={**environment, **mark},
                cwd=REPOSITORY,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                umask=0o077,
            )
        return self._child

    def pid(self) -> int:
        """Return the process id of the running supervisord, 0 if none answers."""
        answer = self._ask("getPID")
        return answer if isinstance(answer, int) else 0

    def is_detached(self) -> bool:
        """Whether the running supervisord was started to stay (`scripts/up --detach`)."""
        return f"{DETACHED}=yes".encode() in _environment(self.pid())

    def states(self) -> list[State]:
        """Return how each program is doing; empty if supervisord does not answer."""
        answer = self._ask("getAllProcessInfo")
        found = answer if isinstance(answer, list) else []
        return [State(each["name"], each["statename"], each["description"], each["pid"]) for each in found]

    def stop(self) -> None:
        """Stop supervisord, its programs and whatever is left of them; returns when none lives."""
        pid = self.pid()
        if pid:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
            # Only for itself: orphans of a program that was killed are not known to it, they are ended below.
            _wait(lambda: pid not in marked_processes(self.home), ALL_STOPPED_WITHIN)
        self.stop_the_left_over()
        if self._child is not None:
            self._child.wait(STOP_WITHIN)

    def stop_the_left_over(self) -> list[int]:
        """End every process that carries this home's mark; returns those that had to be ended."""
        left = marked_processes(self.home)
        for blow in (signal.SIGTERM, signal.SIGKILL):
            for process in marked_processes(self.home):
                with suppress(ProcessLookupError):
                    os.kill(process, blow)
            if _wait(lambda: not marked_processes(self.home), STOP_WITHIN):
                break
        return left

    def last_lines(self, program: str, count: int = 15) -> list[str]:
        """Return the end of a program's log."""
        try:
            text = (self.home / "logs" / f"{program}.log").read_text("utf-8", errors="replace")
        except OSError:
            return []
        return text.splitlines()[-count:]

    def _ask(self, question: str) -> Any:
        transport = SupervisorTransport(None, None, f"unix://{self._socket}")
        before = socket.getdefaulttimeout()
        socket.setdefaulttimeout(ANSWER_WITHIN)  # the transport opens its socket itself and offers no limit
        try:
            with ServerProxy("http://127.0.0.1", transport=transport) as server:
                return getattr(server.supervisor, question)()
        except (OSError, HTTPException, Error):
            return None
        finally:
            socket.setdefaulttimeout(before)


def marked_processes(home: Path) -> list[int]:
    """Return the ids of living processes that this home's set-up started, ourselves never among them."""
    mark = f"{MARK}={home.resolve()}".encode()
    numbers = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [pid for pid in numbers if pid != os.getpid() and mark in _environment(pid)]


def _environment(pid: int) -> list[bytes]:
    if not pid:
        return []
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []


def _wait(holds: Callable[[], bool], limit: float) -> bool:
    """Wait until a condition holds; returns whether that came about within `limit` seconds."""
    for _ in range(int(limit / 0.05)):
        if holds():
            return True
        time.sleep(0.05)
    return holds()

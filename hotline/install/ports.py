"""Are the ports we are set to listen on free; if not, who holds them and which setting changes it."""

import errno
import os
import re
import socket
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hotline.install.errors import PortBusy, SetUpFailed
from hotline.settings import Settings

LISTENING = "0A"  # TCP state in /proc/net/tcp
UNCONNECTED = "07"  # the state of a bound UDP socket there


@dataclass(frozen=True, slots=True)
class Door:
    """A port one of our programs will listen on, and the setting that chooses it."""

    setting: str
    host: str
    port: int
    datagram: bool = False

    @property
    def variable(self) -> str:
        """The environment variable of the setting."""
        return f"HOTLINE_{self.setting.replace('.', '_').upper()}"


def doors(settings: Settings) -> list[Door]:
    """Return every port this installation listens on, but for the range of voice ports."""
    sip = str(settings.sip.host)
    return [
        Door("web.port", str(settings.web.host), settings.web.port),
        Door("sip.port", sip, settings.sip.port, datagram=True),
        Door("ami.port", str(settings.ami.host), settings.ami.port),
        Door("agi.port", str(settings.agi.host), settings.agi.port),
        Door("sip.audiosocket_port", sip, settings.sip.audiosocket_port),
        Door("sip.signalling_port", sip, settings.sip.signalling_port),
    ]


def check_ports(wanted: Iterable[Door]) -> None:
    """Raise PortBusy, naming every busy port with its setting and holder; SetUpFailed if an address is not ours."""
    wanted = list(wanted)
    busy = [*_wanted_twice(wanted), *(text for door in wanted if (text := _why_busy(door)))]
    if busy:
        raise PortBusy("; ".join(busy))


def _wanted_twice(wanted: list[Door]) -> Iterator[str]:
    seen: dict[tuple[int, bool], Door] = {}
    for door in wanted:
        first = seen.setdefault((door.port, door.datagram), door)
        if first is not door:
            yield f"port {door.port} is set twice: by {first.variable} and by {door.variable}"


def _why_busy(door: Door) -> str:
    kind = socket.SOCK_DGRAM if door.datagram else socket.SOCK_STREAM
    family = socket.AF_INET6 if ":" in door.host else socket.AF_INET
    with socket.socket(family, kind) as probe:
        if not door.datagram:  # connections of a former run that are still fading away do not count
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((door.host, door.port))
        except OSError as wrong:
            name = f"port {door.port}/{'udp' if door.datagram else 'tcp'}"
            if wrong.errno == errno.EADDRINUSE:
                holder = holder_of(door.port, datagram=door.datagram) or "another program"
                return f"{name} is taken by {holder}: set {door.variable} to a free one, or stop that program"
            if wrong.errno == errno.EACCES:
                return f"{name} may only be opened by root: set {door.variable} to one above 1023"
            host = door.setting.split(".", maxsplit=1)[0]
            raise SetUpFailed(
                f"{door.host} is not an address of this machine ({wrong.strerror}): set HOTLINE_{host.upper()}_HOST"
            ) from wrong
    return ""


def holder_of(port: int, *, datagram: bool, proc: Path = Path("/proc")) -> str:
    """Return "name (process 123)" of the program listening on a port, as far as we may look; else ''."""
    kind, state = ("udp", UNCONNECTED) if datagram else ("tcp", LISTENING)
    inodes: set[str] = set()
    for table in (proc / "net" / kind, proc / "net" / f"{kind}6"):
        try:
            inodes |= listening_inodes(table.read_text(), port, state)
        except OSError:
            continue
    for process in sorted(proc.glob("[0-9]*")):
        if _holds(process, inodes):
            try:
                return f"{(process / 'comm').read_text().strip()} (process {process.name})"
            except OSError:
                return f"process {process.name}"
    return ""


def listens(pid: int, port: int, proc: Path = Path("/proc")) -> bool:
    """Tell whether this process listens on a TCP port."""
    inodes: set[str] = set()
    for table in (proc / "net" / "tcp", proc / "net" / "tcp6"):
        with suppress(OSError):
            inodes |= listening_inodes(table.read_text(), port, LISTENING)
    return _holds(proc / str(pid), inodes)


def listening_inodes(table: str, port: int, state: str) -> set[str]:
    """Return the socket inodes bound to a port, from the text of /proc/net/tcp or udp."""
    found = set()
    for line in table.splitlines()[1:]:
        fields = line.split()
        if len(fields) > 9 and fields[3] == state and int(fields[1].rsplit(":", 1)[1], 16) == port:
            found.add(fields[9])
    return found


def _holds(process: Path, inodes: set[str]) -> bool:
    if not inodes:
        return False
    try:
        descriptors = list((process / "fd").iterdir())
    except OSError:
        return False
    for descriptor in descriptors:
        try:
            found = re.fullmatch(r"socket:\[(\d+)\]", os.readlink(descriptor))  # noqa: PTH115 - not a path
        except OSError:
            continue
        if found and found.group(1) in inodes:
            return True
    return False

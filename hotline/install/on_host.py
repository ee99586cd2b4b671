"""Which programs this machine already has and the system can use as they are; nothing is started or changed."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from hotline.install.suites import OLDEST_ASTERISK

OLDEST_REDIS = 6
ASTERISK = Path("/usr/sbin/asterisk")
MODULES = ("usr/lib/*/asterisk/modules", "usr/lib/asterisk/modules", "usr/lib64/asterisk/modules")
DOCUMENTATION = ("usr/share/asterisk/documentation", "var/lib/asterisk/documentation")
# Some builds leave these out; without one of them the system does not work.
NEEDED_MODULES = (
    "app_audiosocket", "app_chanspy", "app_mixmonitor", "app_queue", "cel_sqlite3_custom", "chan_pjsip",
    "res_agi", "res_http_websocket", "res_pjsip_endpoint_identifier_ip", "res_srtp",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class HostAsterisk:
    """An Asterisk of the host that is new enough and has every module we need."""

    program: Path
    modules: Path
    documentation: Path


def find_asterisk(program: Path = ASTERISK, filesystem: Path = Path("/")) -> tuple[HostAsterisk | None, str]:
    """Return the host's Asterisk, or None and in words why not."""
    if not program.exists():
        return None, "none is installed"
    major = program_version([str(program), "-V"])
    if major < OLDEST_ASTERISK:
        return None, f"{program} is version {major or 'unknown'}, {OLDEST_ASTERISK} or newer is needed"
    modules = _first(filesystem, MODULES)
    documentation = _first(filesystem, DOCUMENTATION)
    if modules is None or documentation is None:
        return None, f"{program} has its modules or its documentation in a place unknown to us"
    missing = [name for name in NEEDED_MODULES if not (modules / f"{name}.so").exists()]
    if missing:
        return None, f"{program} lacks {', '.join(missing)}"
    return HostAsterisk(program, modules, documentation), ""


def find_redis() -> Path | None:
    """Return the host's redis-server if it is new enough."""
    path = shutil.which("redis-server")
    return Path(path) if path and program_version([path, "--version"]) >= OLDEST_REDIS else None


def find_sipp() -> Path | None:
    """Return the host's SIPp if it came with the key tones it plays."""
    path = shutil.which("sipp")
    return Path(path) if path and Path("/usr/share/sip-tester/dtmf_2833_1.pcap").exists() else None


def program_version(command: list[str]) -> int:
    """Return the main version number a program prints, 0 if it prints none."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.search(r"(?:Asterisk (?:certified/)?|v=)(\d+)", done.stdout)
    return int(found.group(1)) if found else 0


def _first(filesystem: Path, patterns: tuple[str, ...]) -> Path | None:
    return next((path for pattern in patterns for path in sorted(filesystem.glob(pattern))), None)

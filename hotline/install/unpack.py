"""Fetch the switch and its companions and unpack them, once, whole or not at all.

python -m hotline.install.unpack     fetches what is missing
"""

import fcntl
import json
import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from hotline.errors import HotlineError
from hotline.install import on_host
from hotline.install.apt import PrivateApt
from hotline.install.errors import SetUpFailed
from hotline.install.parts import FORMAT, STAMP, Parts
from hotline.install.steps import Steps
from hotline.install.suites import KEYRINGS, Archive, choose_archive, parse_os_release, parse_targets
from hotline.settings import read_settings

NEEDED_BYTES = 1_000_000_000
SOUNDS = ["asterisk-core-sounds-en-wav", "asterisk-moh-opsound-wav"]
PACKAGES = {"asterisk": "asterisk", "redis-server": "redis-server", "sipp": "sip-tester"}


def fetch(directory: Path, steps: Steps, environment: Mapping[str, str]) -> Parts:
    """Bring the programs into `directory` unless they are there; returns where they lie.

    Safe to interrupt and run again: downloads are gone on with, an unfinished tree is never taken for a whole one.
    Raises SetUpFailed with what to do.
    """
    directory = directory.absolute()
    if Parts(directory).ready:
        return Parts(directory)
    directory.mkdir(parents=True, exist_ok=True)
    with alone(directory / ".lock", "another set-up is fetching the switch, waiting for it", steps):
        if not Parts(directory).ready:
            _fetch(directory, steps, environment)
    return Parts(directory)


def _fetch(directory: Path, steps: Steps, environment: Mapping[str, str]) -> None:
    stamp = _what_the_host_has(steps)
    missing = [package for program, package in PACKAGES.items() if program not in stamp["host"]]
    check_room(directory)
    for program in ("apt-get", "dpkg-deb"):
        if shutil.which(program) is None:
            raise SetUpFailed(f"{program} is not on this machine: Debian 12/13 or Ubuntu 24.04 is needed")
    archive = _archive_of_this_machine(environment)
    steps.say(f"the switch, Redis and SIPp are fetched and unpacked into {directory} ({archive.why}; no root needed)")
    apt = PrivateApt(directory / "apt", archive, environment)
    if apt.update(lambda line: steps.progress(f"package lists: {line[:100]}")):
        steps.say("  the mirror is past its own date and was taken as it is; its signatures were checked")
    if "asterisk" in missing:
        apt.require("asterisk")
    _download(apt, [*missing, *SOUNDS], steps)
    packages = sorted(apt.archives.glob("*.deb"))
    unpack(packages, directory / "root", {**stamp, "versions": package_versions(packages)}, steps)
    shutil.rmtree(directory / "apt", ignore_errors=True)  # 150 MB nobody needs again
    steps.say(f"the switch is unpacked ({len(packages)} packages)")


def _what_the_host_has(steps: Steps) -> dict[str, Any]:
    asterisk, why_not = on_host.find_asterisk()
    found = {"redis-server": on_host.find_redis(), "sipp": on_host.find_sipp()}
    host = {program: str(path) for program, path in found.items() if path}
    stamp: dict[str, Any] = {"format": FORMAT, "host": host}
    if asterisk:
        host["asterisk"] = str(asterisk.program)
        stamp |= {"modules": str(asterisk.modules), "documentation": str(asterisk.documentation)}
    else:
        steps.say(f"a private Asterisk is used: on this machine {why_not}")
    for program, path in host.items():
        steps.say(f"this machine's own {program} is used: {path}")
    return stamp


def _archive_of_this_machine(environment: Mapping[str, str]) -> Archive:
    ask = ["apt-get", "indextargets", "Created-By: Packages"]
    # A fresh image has never fetched its lists: then only the bare sources are known, without origin or code name.
    targets = parse_targets(_printed(ask, environment)) or parse_targets(
        _printed([*ask, "--no-release-info"], environment)
    )
    return choose_archive(
        parse_os_release(Path("/etc/os-release").read_text("utf-8")),
        targets,
        _printed(["apt-cache", "policy", "asterisk"], environment),
        frozenset(path for path in KEYRINGS.values() if Path(path).exists()),
    )


def _printed(command: list[str], environment: Mapping[str, str]) -> str:
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=60, env={**environment, "LC_ALL": "C"}
    )
    return done.stdout


def _download(apt: PrivateApt, packages: list[str], steps: Steps) -> None:
    fetched = 0
    total = "?"

    def told(line: str) -> None:
        nonlocal fetched, total
        if size := re.match(r"Need to get ([\d.,/ kMGB]+)", line):
            steps.say(f"  fetching {size.group(1).strip()}")
        elif count := re.search(r"(\d+) newly installed", line):
            total = count.group(1)
        elif line.startswith("Get:"):
            fetched += 1
            steps.progress(f"fetched {fetched} of {total} packages")

    apt.download(packages, told)


def unpack(packages: list[Path], root: Path, stamp: Mapping[str, object], steps: Steps) -> None:
    """Unpack package files side by side into `root`, which appears only when it is whole."""
    fresh, old = root.with_name("root.new"), root.with_name("root.old")
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        fresh.mkdir(parents=True)
        for number, package in enumerate(packages, start=1):
            steps.progress(f"unpacking {number} of {len(packages)}")
            _unpack_one(package, fresh)
        drop_privileged_modes(fresh)
        (fresh / STAMP).write_text(json.dumps(stamp, indent=1, sort_keys=True))
        shutil.rmtree(old, ignore_errors=True)
        if root.exists():
            root.rename(old)
        fresh.rename(root)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def _unpack_one(package: Path, root: Path) -> None:
    done = subprocess.run(
        ["dpkg-deb", "-x", str(package), str(root)], capture_output=True, text=True, check=False, timeout=300
    )
    if done.returncode:
        package.unlink(missing_ok=True)  # a damaged download is fetched again by the next run
        raise SetUpFailed(f"{package.name} could not be unpacked, run again: {done.stderr.strip()[:300]}")


def drop_privileged_modes(root: Path) -> None:
    """Take set-user and set-group bits off: as root we would otherwise leave such programs outside the host's care."""
    for folder, _, names in os.walk(root):
        for name in names:
            path = Path(folder, name)
            mode = path.lstat().st_mode
            if stat.S_ISREG(mode) and mode & (stat.S_ISUID | stat.S_ISGID):
                path.chmod(stat.S_IMODE(mode) & 0o777)


def package_versions(packages: list[Path]) -> dict[str, str]:
    """Return version by name from package file names (`name_version_arch.deb`, colons written %3a)."""
    fields = (package.name.split("_") for package in packages)
    return {name: unquote(version) for name, version, *_ in fields}


def check_room(directory: Path, needed: int = NEEDED_BYTES) -> None:
    """Raise SetUpFailed if fewer than `needed` bytes are free where `directory` is or will be."""
    there = next(path for path in (directory, *directory.parents) if path.exists())
    free = shutil.disk_usage(there).free
    if free < needed:
        raise SetUpFailed(
            f"{directory} needs {needed // 1_000_000} MB and has {free // 1_000_000} MB free:"
            " make room, or set HOTLINE_PARTS_DIRECTORY to another disk"
        )


@contextmanager
def alone(lock: Path, waiting: str, steps: Steps) -> Iterator[None]:
    """Hold a file lock, which the kernel gives back even if we are killed; says so when it has to wait."""
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            steps.say(waiting)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def main() -> int:
    """Fetch what is missing and say so."""
    try:
        fetch(read_settings().parts.directory, Steps(), dict(os.environ))
    except HotlineError as wrong:
        print(f"set-up stopped: {wrong}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; what was fetched is kept, run it again to go on", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())

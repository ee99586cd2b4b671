"""The libraries of the pages are made once, all or none of them; without npm the rest is set up all the same."""

import gzip
import os
from pathlib import Path

import pytest

from hotline.install import browser_parts
from hotline.install.download import Unreachable
from hotline.install.errors import SetUpFailed
from hotline.install.steps import Steps
from hotline.web.bundled import LIBRARIES

NODE = """#!/bin/sh
case "$1" in --version) echo v20.1.0; exit 0 ;; esac
for word; do case "$word" in --outfile=*) echo "export default 1;" > "${word#--outfile=}" ;; esac; done
"""
NPM = """#!/bin/sh
echo run >> "{log}"
while [ $# -gt 0 ]; do case "$1" in --prefix) place="$2" ;; esac; shift; done
for file in {licences}; do mkdir -p "$place/node_modules/${{file%/*}}" && echo free > "$place/node_modules/$file"; done
"""


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with a Node and an npm of its own; what npm did is counted in `npm.log`."""
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.defpath}")
    has(tmp_path, "node", NODE)
    has(tmp_path, "npm", NPM.format(log=tmp_path / "npm.log", licences=" ".join(browser_parts.LICENCES.values())))
    return tmp_path


def has(machine: Path, name: str, script: str) -> None:
    program = machine / "bin" / name
    program.write_text(script)
    program.chmod(0o755)


def make(machine: Path) -> bool:
    return browser_parts.make(machine / "parts", Steps(), dict(os.environ))


def test_libraries_are_made_once_with_their_licences(machine: Path):
    assert make(machine)
    assert make(machine)

    place = machine / "parts" / "browser"
    assert (machine / "npm.log").read_text() == "run\n"
    for library in LIBRARIES:
        assert (place / library).read_text() == "export default 1;\n"
        assert gzip.decompress((place / f"{library}.gz").read_bytes()) == (place / library).read_bytes()
    assert {path.name for path in place.iterdir()} > set(browser_parts.LICENCES)
    assert sorted(path.name for path in (machine / "parts").iterdir()) == [".browser.lock", "browser"]


def test_what_is_made_is_what_pages_are_given(machine: Path):
    make(machine)

    assert {path.name for path in (machine / "parts" / "browser").glob("*.js")} == LIBRARIES


def test_installation_from_before_a_library_is_made_anew_with_it(machine: Path):
    make(machine)
    (machine / "parts" / "browser" / "echarts.js").unlink()

    assert not browser_parts.is_there(machine / "parts")
    assert make(machine)
    assert (machine / "parts" / "browser" / "echarts.js").is_file()


def test_libraries_of_an_older_lock_file_are_made_anew(machine: Path):
    make(machine)
    (machine / "parts" / "browser" / "made-from").write_text("another lock file\n")

    assert not browser_parts.is_there(machine / "parts")
    assert make(machine)
    assert (machine / "npm.log").read_text() == "run\nrun\n"


def test_registry_out_of_reach_is_told_and_stops_nothing(machine: Path, capsys: pytest.CaptureFixture[str]):
    has(machine, "npm", "#!/bin/sh\necho 'npm error code ENOTFOUND'\nexit 1\n")

    assert not make(machine)

    assert "ENOTFOUND" in capsys.readouterr().out
    assert not (machine / "parts" / "browser").exists()


def test_package_that_is_not_the_locked_one_stops_the_set_up(machine: Path):
    has(machine, "npm", "#!/bin/sh\necho 'npm error code EINTEGRITY'\nexit 1\n")

    with pytest.raises(SetUpFailed, match=r"package-lock\.json"):
        make(machine)


def test_machine_without_node_gets_one_for_this_step_by_pip(machine: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(machine / "bin"))
    (machine / "bin" / "npm").unlink()
    asked: list[str] = []

    def out_of_reach(requirement: str, *_: object) -> None:
        asked.append(requirement)
        raise Unreachable("pip: no index")

    monkeypatch.setattr(browser_parts, "pip_download", out_of_reach)

    assert not make(machine)
    [requirement] = asked
    assert requirement.count("--hash=sha256:") == 2

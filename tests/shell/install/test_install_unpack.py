"""The switch is fetched and unpacked whole or not at all, with a real apt and dpkg, from an archive on this disk."""

import hashlib
import io
import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from hotline.install.apt import PrivateApt
from hotline.install.errors import SetUpFailed
from hotline.install.parts import FORMAT, Parts
from hotline.install.steps import Steps
from hotline.install.suites import Archive
from hotline.install.unpack import alone, check_room, fetch, unpack

pytestmark = pytest.mark.skipif(
    not (shutil.which("apt-get") and shutil.which("dpkg-deb")), reason="needs apt-get and dpkg-deb"
)
STAMP = {"format": FORMAT, "host": {}, "versions": {}}


def package(directory: Path, name: str, version: str, depends: str = "") -> Path:
    """Build a real package that holds one program, set-user as some are."""
    tree = directory / f"{name}.tree"
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "usr" / "bin").mkdir(parents=True)
    program = tree / "usr" / "bin" / name
    program.write_text(f"{name} {version}\n")
    program.chmod(0o4755)
    control = f"Package: {name}\nVersion: {version}\nArchitecture: all\nMaintainer: n\nDescription: d\n"
    (tree / "DEBIAN" / "control").write_text(control + (f"Depends: {depends}\n" if depends else ""))
    file = directory / f"{name}_{version}_all.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-b", tree, file], check=True, capture_output=True)
    return file


def archive(directory: Path, packages: list[Path]) -> Archive:
    """Lay out a flat archive apt can read; unsigned, and trusted by the line that names it."""
    stanzas = []
    for file in packages:
        control = subprocess.run(["dpkg-deb", "-f", file], check=True, capture_output=True, text=True).stdout.strip()
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        stanzas.append(f"{control}\nFilename: ./{file.name}\nSize: {file.stat().st_size}\nSHA256: {digest}\n")
    index = "\n".join(stanzas)
    (directory / "Packages").write_text(index)
    digest = hashlib.sha256(index.encode()).hexdigest()
    (directory / "Release").write_text(f"SHA256:\n {digest} {len(index.encode())} Packages\n")
    return Archive((f"deb [trusted=yes] copy:{directory} ./",), "a test")


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    path = tmp_path / "mirror"
    path.mkdir()
    return path


def apt_for(tmp_path: Path, source: Archive) -> PrivateApt:
    return PrivateApt(tmp_path / "apt", source, dict(os.environ))


def told(_line: str) -> None:
    """Nobody listens."""


def steps() -> Steps:
    return Steps(io.StringIO())


def test_package_is_fetched_with_what_it_needs_and_nothing_is_installed(tmp_path, mirror):
    files = [package(mirror, "asterisk", "22.1", depends="libneeded"), package(mirror, "libneeded", "1.0")]
    apt = apt_for(tmp_path, archive(mirror, files))

    assert not apt.update(told)
    apt.require("asterisk")
    apt.download(["asterisk"], told)

    assert sorted(path.name for path in apt.archives.glob("*.deb")) == [
        "asterisk_22.1_all.deb",
        "libneeded_1.0_all.deb",
    ]
    unpack(sorted(apt.archives.glob("*.deb")), tmp_path / "root", STAMP, steps())
    assert (tmp_path / "root" / "usr" / "bin" / "libneeded").exists()
    assert Parts(tmp_path).ready


# Words of apt 2.6; the dates of an unsigned archive are not looked at, so that a real one cannot be had here.
EXPIRED = "E: Release file for http://m/InRelease is expired (invalid since 3d). Updates will not be applied."
EARLY = "E: Release file for http://m/InRelease is not valid yet (invalid for another 3d). Updates will not be applied."


def scripted_apt(tmp_path: Path, says: str) -> PrivateApt:
    """Return an apt that refuses with these words unless it is told not to look at the date."""
    place = tmp_path / "bin"
    place.mkdir()
    script = place / "apt-get"
    script.write_text(
        "#!/bin/sh\n"
        f'echo "$@" >> {place}/calls\n'
        'case "$*" in *Check-Valid-Until=false*) exit 0;; esac\n'
        f'echo "{says}"\n'
        "exit 100\n"
    )
    script.chmod(0o755)
    return PrivateApt(tmp_path / "apt", Archive(("deb http://m x main",), "a test"), {"PATH": f"{place}:/usr/bin:/bin"})


def test_mirror_past_its_date_is_taken_and_that_is_told(tmp_path):
    apt = scripted_apt(tmp_path, EXPIRED)

    assert apt.update(told)

    apt.download(["asterisk"], told)
    first, second, third = (tmp_path / "bin" / "calls").read_text().splitlines()
    assert "Check-Valid-Until" not in first
    assert "Check-Valid-Until=false" in second
    assert "Check-Valid-Until=false" in third
    assert not any("AllowUnauthenticated" in line or "AllowInsecure" in line for line in (first, second, third))


def test_mirror_from_the_future_points_to_the_clock(tmp_path):
    with pytest.raises(SetUpFailed, match="clock right"):
        scripted_apt(tmp_path, EARLY).update(told)

    assert len((tmp_path / "bin" / "calls").read_text().splitlines()) == 1


def test_archive_with_too_old_a_switch_is_refused(tmp_path, mirror):
    apt = apt_for(tmp_path, archive(mirror, [package(mirror, "asterisk", "18.10")]))
    apt.update(told)

    with pytest.raises(SetUpFailed, match="carries asterisk 18, 20 or newer is needed"):
        apt.require("asterisk")


def test_unsigned_archive_is_never_taken(tmp_path, mirror):
    trusted = archive(mirror, [package(mirror, "asterisk", "22.1")])
    apt = apt_for(tmp_path, Archive((trusted.lines[0].replace("[trusted=yes] ", ""),), "a test"))

    with pytest.raises(SetUpFailed, match="signature cannot be checked"):
        apt.update(told)


def test_mirror_that_is_away_is_told_with_what_to_do(tmp_path, mirror):
    apt = apt_for(tmp_path, Archive((f"deb [trusted=yes] copy:{mirror}/away ./",), "a test"))

    with pytest.raises(SetUpFailed, match="no package mirror can be reached"):
        apt.update(told)


def test_unpacking_takes_set_user_bits_off(tmp_path, mirror):
    unpack([package(mirror, "one", "1")], tmp_path / "root", STAMP, steps())

    mode = stat.S_IMODE((tmp_path / "root" / "usr" / "bin" / "one").stat().st_mode)
    assert mode == 0o755


class Interrupts(Steps):
    """A user who presses Ctrl-C at the second package."""

    def progress(self, what: str) -> None:
        if "unpacking 2" in what:
            raise KeyboardInterrupt


def test_interrupted_unpacking_leaves_nothing_half_made(tmp_path, mirror):
    packages = [package(mirror, "one", "1"), package(mirror, "two", "1")]

    with pytest.raises(KeyboardInterrupt):
        unpack(packages, tmp_path / "root", STAMP, Interrupts(io.StringIO()))

    assert [path.name for path in tmp_path.iterdir()] == ["mirror"]


def test_interrupted_renewal_leaves_the_old_tree_in_use(tmp_path, mirror):
    one, two = package(mirror, "one", "1"), package(mirror, "two", "1")
    unpack([one], tmp_path / "root", STAMP, steps())

    with pytest.raises(KeyboardInterrupt):
        unpack([one, two], tmp_path / "root", STAMP, Interrupts(io.StringIO()))

    assert Parts(tmp_path).ready
    assert not (tmp_path / "root.new").exists()


def test_tree_left_by_a_killed_run_is_never_taken_for_a_whole_one(tmp_path, mirror):
    (tmp_path / "root.new" / "usr").mkdir(parents=True)
    (tmp_path / "root.new" / "usr" / "stale").touch()
    assert not Parts(tmp_path).ready

    unpack([package(mirror, "one", "1")], tmp_path / "root", STAMP, steps())

    assert not (tmp_path / "root" / "usr" / "stale").exists()
    assert not (tmp_path / "root.new").exists()


def test_damaged_package_is_thrown_away_so_that_the_next_run_fetches_it(tmp_path, mirror):
    damaged = package(mirror, "one", "1")
    damaged.write_bytes(damaged.read_bytes()[:200])

    with pytest.raises(SetUpFailed, match=r"one_1_all\.deb could not be unpacked, run again"):
        unpack([damaged], tmp_path / "root", STAMP, steps())

    assert not damaged.exists()
    assert not (tmp_path / "root").exists()


def test_whole_tree_is_not_fetched_again_and_nothing_is_said(tmp_path, mirror):
    unpack([package(mirror, "one", "1")], tmp_path / "root", STAMP, steps())
    out = io.StringIO()

    assert fetch(tmp_path, Steps(out), {"PATH": "/nowhere"}).ready

    assert out.getvalue() == ""


def test_machine_without_apt_is_told_which_ones_have_it(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(SetUpFailed, match=r"apt-get is not on this machine: Debian 12/13 or Ubuntu 24\.04"):
        fetch(tmp_path / "parts", steps(), {"PATH": str(tmp_path)})


def test_too_small_a_disk_is_told_with_both_figures(tmp_path):
    with pytest.raises(SetUpFailed, match=r"needs 1000000000 MB and has \d+ MB free"):
        check_room(tmp_path / "not" / "yet" / "there", needed=10**15)


def test_second_set_up_waits_for_the_first_and_says_so(tmp_path):
    out = io.StringIO()
    lock = tmp_path / ".lock"
    other = subprocess.Popen(["flock", str(lock), "sh", "-c", "echo held; read line"],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # fmt: skip
    assert other.stdout
    assert other.stdin
    with other:
        assert other.stdout.readline() == "held\n"

        class Frees(Steps):
            def say(self, what: str) -> None:
                super().say(what)
                other.stdin.close()

        with alone(lock, "another one is at work", Frees(out)):
            pass

    assert "another one is at work" in out.getvalue()

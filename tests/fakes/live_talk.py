"""A browser's socket that listens to live words, recorded Korean for a telephone, and how late each word came."""

import asyncio
import wave
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import soxr

from hotline.accounts.account import Role
from hotline.accounts.service import create_token
from tests.fakes.ear import ALAW
from tests.fakes.site import Site

CLIPS = Path(__file__).parents[3] / "shared" / "speech" / "clips"
KOREAN = CLIPS / "ko_transcribecpp_ko.wav"  # 조금만 생각을 하면서 살면 훨씬 편할 거야
OTHER_KOREAN = CLIPS / "ko_picovoice_leopard_ko.wav"
SAID = (
    "조금만",
    "훨씬",
    "거야",
)  # words of the first clip; Vosk hears some of them every time (its dither makes the rest)
DANGER = f"""[ko]
test = [{", ".join(f'"{word}"' for word in SAID)}]
"""


def spoken(clip: Path, to: Path) -> tuple[Path, float]:
    """Write a clip as the telephone's A-law; returns the file and its seconds."""
    with wave.open(str(clip)) as sound:
        samples = np.frombuffer(sound.readframes(sound.getnframes()), np.int16).astype(np.float32) / 32768
        rate = sound.getframerate()
    samples = soxr.resample(samples, rate, 8000)
    order = np.argsort(ALAW)
    middles = (ALAW[order][1:] + ALAW[order][:-1]) / 2
    to.write_bytes(order[np.searchsorted(middles, samples)].astype(np.uint8).tobytes())
    return to, len(samples) / 8000


@dataclass
class LivePage:
    """What a page was told over the live socket, and when."""

    site: Site
    told: list[tuple[datetime, dict[str, Any]]] = field(default_factory=list)

    async def watch(self) -> None:
        """Listen until cancelled; come again as a page does."""
        token = await create_token(self.site.database, Role.AGENT, "page", clock=self.site.clock)
        headers = {"Authorization": f"Bearer {token}"}
        async with aiohttp.ClientSession(headers=headers) as http:
            while True:
                with suppress(aiohttp.ClientError):
                    async with http.ws_connect(self.site.url("/api/v1/live")) as socket:
                        async for message in socket:
                            self.told.append((self.site.clock.now(), message.json()))
                await asyncio.sleep(0.2)

    def says(self, side: str, call_id: str) -> bool:
        """Tell whether any of the clip's words was shown of this side."""
        return any(word in text for text in self.texts(side, call_id) for word in SAID)

    def of(self, kind: str) -> list[tuple[datetime, dict[str, Any]]]:
        return [(at, message) for at, message in self.told if message["type"] == kind]

    def texts(self, side: str, call_id: str = "") -> list[str]:
        """Return every text that was shown of one side, in order."""
        return [
            turn["text"]
            for _, message in self.of("words")
            if call_id in ("", message["call_id"])
            for turn in message["turns"]
            if turn["side"] == side and turn["text"]
        ]

    def delays(self, side: str | None = None, *, may_change: bool = False) -> Iterator[float]:
        """Yield for each word of a finished turn the seconds from its end in the sound to its first being shown.

        Shown as it stayed; with `may_change`, any word that stood in its place, which the recogniser may mend later.
        """
        shown: dict[tuple[str, str], list[tuple[datetime, list[str]]]] = {}
        finished: dict[tuple[str, str], dict[str, Any]] = {}
        talks = [(at, talk) for at, snapshot in self.of("snapshot") for talk in snapshot["words"]]
        for at, message in sorted([*self.of("words"), *talks], key=lambda one: one[0]):
            for turn in message["turns"]:
                if side in (None, turn["side"]):
                    key = (message["call_id"], turn["key"])
                    shown.setdefault(key, []).append((at, turn["text"].split()))
                    if turn["is_final"] and turn["words"]:
                        finished[key] = turn
        for key, turn in finished.items():
            for place, word in enumerate(turn["words"]):
                first = next(
                    at
                    for at, texts in shown[key]
                    if texts[place : place + 1] == [word["text"]] or (may_change and len(texts) > place)
                )
                yield (first - datetime.fromisoformat(word["until"])).total_seconds()

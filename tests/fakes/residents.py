"""Residents whom a campaign rings: what they say when they lift, as A-law for SIPp; and a dialler without a worker."""

import asyncio
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path

import numpy as np

from hotline.ami.client import AmiClient, LinkState
from hotline.ami.dialler import AsteriskDialler
from hotline.calls.ledger import CallRecord
from hotline.calls.store import call_by_id
from hotline.campaigns.attempt import Errand, attempt_id
from hotline.campaigns.campaign import CampaignKind
from hotline.campaigns.sounds import CampaignSounds
from hotline.phone import PhoneNumber
from hotline.simulate.alaw import RATE, as_alaw, silence
from hotline.simulate.scenario import Say
from hotline.voice.free_texts import FreeTexts
from hotline.voice.shelf import Shelf
from tests.fakes.played import told_of
from tests.fakes.site import Site, ended

NUMBERS = count(1)


def spoken(site: Site, *prompts: str, name: str, seconds: float = 0, then: float = 0.0) -> Say:
    """Let a resident say our prompts: the first `seconds` of them (0: all), and be silent `then`."""
    parts = []
    for prompt in prompts:
        with wave.open(str(site.settings.sounds_directory / f"{prompt}.wav")) as file:
            parts.append(np.frombuffer(file.readframes(file.getnframes()), "<i2"))
    samples = np.concatenate(parts)
    if seconds:
        loud = int(np.flatnonzero(np.abs(samples) > 1000)[0])
        samples = samples[loud : loud + int(seconds * RATE)]
    sound = as_alaw(samples) + silence(then)
    file = site.home / f"{name}.al"
    file.write_bytes(sound)
    return Say(file, len(sound) / RATE)


def short_hello(site: Site) -> Say:
    """喂? and then silence: how people in China lift."""
    return spoken(site, "pieces/hello", name="hello", seconds=0.35, then=1.6)


async def can_be_rung(site: Site, port: int) -> None:
    """Wait until a telephone hears the network: one that is rung before refuses, as a congested network does."""

    async def hears() -> bool:
        return f":{port:04X} " in Path("/proc/net/udp").read_text()

    await site.eventually(hears, limit=30, what="the resident's telephone hears the network")


def errand(site: Site, kind: CampaignKind = CampaignKind.FEE_REMINDER, **more: object) -> Errand:
    """An errand to a resident, with an id of its own."""
    made = Errand(
        id=attempt_id(site.clock.now(), next(NUMBERS)),
        kind=kind,
        number=PhoneNumber("+8613800138501"),
        ring_for=timedelta(seconds=10),
        home="3-2-501",
        salutation="张先生",
        months=("2026-01", "2026-02"),
        fen=123_456,
    )
    return replace(made, **more)  # type: ignore[arg-type]


@asynccontextmanager
async def a_dialler(site: Site, *, port: int | None = None) -> AsyncIterator[AsteriskDialler]:
    """A dialler over an AMI link of its own, as a worker has it."""
    settings = site.settings.ami if port is None else site.settings.ami.model_copy(update={"port": port})
    client = AmiClient(settings, site.clock)
    texts = FreeTexts(site.settings.voice, site.home, site.clock)
    sounds = CampaignSounds(Shelf.of(site.settings), site.home / "campaign-sounds", texts.sound_of)
    keeping = asyncio.create_task(client.run())
    try:
        async with asyncio.timeout(10):
            while client.link.state is not LinkState.UP:
                await asyncio.sleep(0.05)
        yield AsteriskDialler(client, sounds, leaves_word=True)
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)


async def settled(site: Site, attempt: str, *, limit: float = 30) -> CallRecord:
    """Wait until the ledger has the attempt's call, over."""

    async def found() -> CallRecord | None:
        async with site.database.read() as session:
            call = await call_by_id(session, attempt)
        return call if call is not None and ended(call) else None

    try:
        call = await site.eventually(found, limit=limit, what="the attempt's call is in the ledger, over")
    except AssertionError as wrong:
        wrong.add_note(
            f"the event log: {[(row.type, row.linkedid, row.extra) for row in await told_of(site, attempt)]}"
        )
        raise
    assert call is not None
    return call


def wav_sound(path: Path) -> str:
    """Return a file's name as Asterisk plays it."""
    return str(path.with_suffix(""))

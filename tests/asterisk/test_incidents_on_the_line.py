"""What a supervisor says of an incident is what the next callers of the building really hear."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import pytest
import pytest_asyncio

from hotline.accounts.account import Role
from hotline.accounts.service import create_token
from hotline.calls.ledger import CallRecord
from hotline.demo import load_demo
from hotline.incidents.incident import IncidentState
from hotline.incidents.store import find_incident, incidents_page
from hotline.simulate.scenario import Press, Say, Wait, caller
from hotline.voice.own import OwnRecordings
from hotline.voice.shelf import Shelf
from hotline.voice.sound import RATE, as_wav
from tests.fakes.ear import Ear, an_ear, with_ear
from tests.fakes.neighbours import neighbours
from tests.fakes.site import Site, ended

pytestmark = pytest.mark.asyncio(loop_scope="module")

TYPED = "三号楼水管爆裂，工程人员正在抢修。"
# A synthesiser as `pip install piper-tts` would bring one, as far as we use it: its speech is a wandering tone.
PIPER = """
import types
import numpy as np

class SynthesisConfig:
    def __init__(self, length_scale): pass

class PiperVoice:
    config = types.SimpleNamespace(sample_rate=8000, length_scale=1.0)

    @classmethod
    def load(cls, model): return cls()

    def synthesize(self, text, config):
        at = np.arange(8000 * 3) / 8000
        wave = np.sin(2 * np.pi * (300 + 120 * at) * at) * (0.6 + 0.4 * np.sin(2 * np.pi * 1.3 * at))
        yield types.SimpleNamespace(audio_float_array=(0.3 * wave).astype(np.float32))
"""


def with_a_voice(home: Path) -> dict[str, str]:
    """Lay a synthesiser and its voice into a folder; return what the service must be told of them."""
    package = home / "piper"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(PIPER)
    for name in ("piper_tts", "onnxruntime"):
        about = home / f"{name}-1.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: 1.0\n")
    (home / "voice.onnx").write_bytes(b"")
    (home / "voice.onnx.json").write_text('{"language": {"family": "zh"}}')
    return {
        "PYTHONPATH": str(home),
        "HOTLINE_VOICE_ENGINE": "piper",
        "HOTLINE_VOICE_PIPER_MODEL": str(home / "voice.onnx"),
    }


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    voice = with_a_voice(tmp_path_factory.mktemp("voice"))
    site = Site(HOTLINE_INCIDENTS_CALLS="2", **voice)
    await site.set_up()
    await load_demo(site.database, site.settings, site.clock)
    site.start("redis", "asterisk", "serve")
    try:
        await site.ready()
        yield site
    finally:
        await site.stop()


async def says(site: Site, path: str, **words: str) -> dict[str, Any]:
    """Say something of an incident as a supervisor does, over the API."""
    token = await create_token(site.database, Role.SUPERVISOR, "tests", clock=site.clock)
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        aiohttp.ClientSession(headers=headers) as http,
        http.post(site.url(f"/api/v1/incidents/{path}"), json=words) as answer,
    ):
        assert answer.status == 200, await answer.text()
        told: dict[str, Any] = await answer.json()
        return told


async def listens(site: Site, number: str, seconds: float) -> tuple[CallRecord, Ear]:
    """Have a neighbour call, say nothing and listen so long."""
    async with an_ear() as ear:
        dialled = site.settings.sip.hotline_number
        scenario = caller([Wait(seconds)], number=number, dialled=dialled, hangs_up=True)
        await site.telephone("caller").call(with_ear(scenario, ear), limit=90)
        return await site.call_of(number, where=ended), ear


async def test_callers_hear_of_an_incident_once_it_is_confirmed_in_the_words_typed_or_recorded_for_it(
    site: Site,
) -> None:
    numbers = neighbours(3, homes=5)
    async with asyncio.TaskGroup() as both:
        for number in numbers[:2]:
            both.create_task(
                site.calls_in(Say(site.silence(1.5), 1.5), Press("1"), Say(site.silence(11), 11), number=number)
            )

    async def suspected() -> int | None:
        async with site.database.read() as session:
            found = [one for one in await incidents_page(session) if one.building == 3]
        return found[0].id if [one.state for one in found] == [IncidentState.SUSPECTED] else None

    incident = await site.eventually(suspected, limit=20, what="two homes of one building raised a suspicion")
    fixed = site.settings.sounds_directory / "incident-notice.wav"

    call, ear = await listens(site, numbers[2], 14)
    assert (call.look_up, call.incident) == ("known", "")
    assert ear.share_of(fixed) < 0.3, "nobody hears of what is only suspected"

    told = await says(site, f"{incident}/confirm", notice=TYPED)
    assert (told["state"], told["notice"]["plays"], told["notice"]["trouble"]) == ("confirmed", "text", "")
    async with site.database.read() as session:
        kept = await find_incident(session, int(incident or 0))
    assert kept is not None
    typed = Path(f"{kept.notice.sound}.wav")
    call, ear = await listens(site, numbers[3], 14)
    assert call.incident == str(incident)
    assert ear.share_of(typed) > 0.7
    assert ear.share_of(fixed) < 0.3

    at = np.arange(3 * RATE) / RATE
    spoken = site.home / "spoken.wav"
    spoken.write_bytes(as_wav((0.2 * np.sin(2 * np.pi * (900 - 150 * at) * at)).astype(np.float32)))
    shelf = Shelf.of(site.settings)
    OwnRecordings(shelf, site.clock).put("site/burst-pipe", spoken, by="tests")
    told = await says(site, f"{incident}/notice", text=TYPED, recording="site/burst-pipe")
    assert told["notice"]["plays"] == "recording"
    call, ear = await listens(site, numbers[4], 14)
    assert call.incident == str(incident)
    assert ear.share_of(shelf.file_of("site/burst-pipe")) > 0.7
    assert ear.share_of(typed) < 0.3

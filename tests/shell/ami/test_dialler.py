"""An errand is sent once; what surely was not dialled is told apart from what nobody can tell."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hotline.ami.client import AmiClient, LinkState, Rhythm
from hotline.ami.dialler import SOUNDS_WITHIN, AsteriskDialler
from hotline.ami.errors import AmiDown, AmiError, AmiSilent
from hotline.campaigns.attempt import Errand, NotPlaced, attempt_id
from hotline.campaigns.campaign import CampaignKind
from hotline.campaigns.dialling import PLACED_WITHIN, SENT_WITHIN
from hotline.campaigns.sounds import CampaignSounds
from hotline.clock import SystemClock
from hotline.phone import PhoneNumber
from hotline.settings import REPOSITORY
from hotline.voice.errors import NoVoice
from hotline.voice.shelf import Shelf
from hotline.voice.sound import Language, Sound
from tests.fakes.ami_peer import AmiPeer, an_ami_peer, event, says, silence
from tests.fakes.ami_variants import given, settings_for, until

RENDERED = REPOSITORY / "deploy" / "asterisk" / "sounds"
QUEUED = says("Response: Success", "Message: Originate successfully queued")
ERRAND = Errand(
    id=attempt_id(datetime(2026, 11, 24, tzinfo=UTC), 7),
    kind=CampaignKind.FEE_REMINDER,
    number=PhoneNumber("+8613800138501"),
    ring_for=timedelta(seconds=30),
    home="3-2-501",
    salutation="张先生",
    months=("2026-01",),
    fen=123_456,
)


@pytest.fixture
async def peer() -> AsyncIterator[AmiPeer]:
    async with an_ami_peer() as peer:
        yield peer


async def says_nothing(_text: str, _language: Language) -> Sound:
    raise NoVoice("no voice here")


@asynccontextmanager
async def a_dialler(
    peer: AmiPeer,
    folder: Path,
    *,
    is_linked: bool = True,
    speaks: Callable[[str, Language], Awaitable[Sound]] = says_nothing,
) -> AsyncIterator[AsteriskDialler]:
    shelf = Shelf(rendered=RENDERED, own=folder / "own", laid=folder / "laid")
    client = AmiClient(settings_for(peer.port, answer_within=0.5), SystemClock(), Rhythm(back_off=(0.05,)))
    running = asyncio.get_running_loop().create_task(client.run()) if is_linked else None
    try:
        if is_linked:
            given(await until(lambda: client.link.state is LinkState.UP))
        yield AsteriskDialler(client, CampaignSounds(shelf, folder / "joined", speaks), leaves_word=True)
    finally:
        if running is not None:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def test_errand_goes_straight_to_the_trunk_under_its_own_id(peer: AmiPeer, tmp_path: Path) -> None:
    peer.answers["Originate"] = QUEUED
    async with a_dialler(peer, tmp_path) as dialler:
        await dialler.place(ERRAND)

    [sent] = [heard for heard in peer.heard if heard["Action"] == "Originate"]
    assert sent["Channel"] == "PJSIP/13800138501@outside"
    assert sent["ChannelId"] == ERRAND.id
    assert (sent["Context"], sent["Exten"], sent["Async"], sent["Timeout"]) == ("campaign", "fee", "true", "30000")


async def test_errand_unanswered_when_the_link_drops_is_never_sent_again(peer: AmiPeer, tmp_path: Path) -> None:
    peer.answers["Originate"] = silence
    async with a_dialler(peer, tmp_path) as dialler:
        placing = asyncio.create_task(dialler.place(ERRAND))
        given(await peer.has_heard("Originate"))
        peer.drop()
        with pytest.raises(AmiDown) as lost:
            await placing
        assert lost.value.was_sent, "nobody can tell whether it was dialled"
        given(await until(lambda: peer.connections >= 2))
        given(await peer.has_heard("Login", 2))
        await asyncio.sleep(0.2)  # time to do the wrong thing in

    assert peer.names().count("Originate") == 1


async def test_switch_that_does_not_answer_leaves_the_fate_open(peer: AmiPeer, tmp_path: Path) -> None:
    peer.answers["Originate"] = silence
    async with a_dialler(peer, tmp_path) as dialler:
        with pytest.raises(AmiSilent):
            await dialler.place(ERRAND)


async def test_refused_order_was_surely_not_dialled(peer: AmiPeer, tmp_path: Path) -> None:
    peer.answers["Originate"] = says("Response: Error", "Message: Extension does not exist.")
    async with a_dialler(peer, tmp_path) as dialler:
        with pytest.raises(NotPlaced):
            await dialler.place(ERRAND)


async def test_without_a_link_nothing_was_dialled(peer: AmiPeer, tmp_path: Path) -> None:
    async with a_dialler(peer, tmp_path, is_linked=False) as dialler:
        assert not dialler.is_up()
        with pytest.raises(NotPlaced) as outage:
            await dialler.place(ERRAND)
        assert not outage.value.counts, "the target is not to blame"
    async with a_dialler(peer, tmp_path) as dialler:
        assert dialler.is_up()


@pytest.mark.parametrize("wrong", [{"fen": 0}, {"home": "", "salutation": ""}, {"kind": CampaignKind.NOTICE}])
async def test_what_cannot_be_said_never_reaches_the_switch(
    peer: AmiPeer, tmp_path: Path, wrong: dict[str, object]
) -> None:
    async with a_dialler(peer, tmp_path) as dialler:
        with pytest.raises(NotPlaced):
            await dialler.place(replace(ERRAND, **wrong))  # type: ignore[arg-type]

    assert "Originate" not in peer.names()


def channel(uniqueid: str) -> str:
    return event(
        "CoreShowChannel", Channel=f"PJSIP/outside-{uniqueid}", Uniqueid=uniqueid, Linkedid=uniqueid, ChannelState=6
    ).removesuffix("\r\n\r\n")


async def test_living_attempts_are_those_whose_channels_the_switch_lists(peer: AmiPeer, tmp_path: Path) -> None:
    peer.answers["CoreShowChannels"] = says(
        "Response: Success", "EventList: start", "", *channel(ERRAND.id).splitlines(), "",
        *channel("1763947800.5").splitlines(), "", "Event: CoreShowChannelsComplete", "EventList: Complete",
    )  # fmt: skip
    async with a_dialler(peer, tmp_path) as dialler:
        assert await dialler.living() == {ERRAND.id}


async def test_list_that_cannot_be_read_whole_says_nothing_about_who_lives(peer: AmiPeer, tmp_path: Path) -> None:
    peer.answers["CoreShowChannels"] = says(
        "Response: Success", "EventList: start", "", "Event: CoreShowChannel", "Channel: PJSIP/outside-1", "",
        "Event: CoreShowChannelsComplete", "EventList: Complete",
    )  # fmt: skip
    async with a_dialler(peer, tmp_path) as dialler:
        with pytest.raises(AmiError):
            await dialler.living()


async def test_hanging_up_tells_whether_it_lived(peer: AmiPeer, tmp_path: Path) -> None:
    peer.answers["Hangup"] = says("Response: Success", "Message: Channel Hungup")
    async with a_dialler(peer, tmp_path) as dialler:
        assert await dialler.hang_up(ERRAND.id)
        peer.answers["Hangup"] = says("Response: Error", "Message: No such channel")
        assert not await dialler.hang_up(ERRAND.id)


async def test_sounds_that_are_not_ready_in_time_are_no_order_and_no_fault_of_the_targets(
    peer: AmiPeer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def speaks_for_ever(_text: str, _language: Language) -> Sound:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr("hotline.ami.dialler.SOUNDS_WITHIN", 0.05)
    async with a_dialler(peer, tmp_path, speaks=speaks_for_ever) as dialler:
        with pytest.raises(NotPlaced) as slow:
            async with asyncio.timeout(5):
                await dialler.place(replace(ERRAND, kind=CampaignKind.NOTICE, words="明天停水"))

    assert not slow.value.counts
    assert "Originate" not in peer.names()


def test_sounds_have_less_time_than_an_order_may_be_late() -> None:
    assert SOUNDS_WITHIN < SENT_WITHIN < PLACED_WITHIN

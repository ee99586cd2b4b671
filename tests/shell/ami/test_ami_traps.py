"""Every trap of panoramisk's manager, as a rule: plain panoramisk breaks it (strictly expected), ours keeps it."""

import ast
import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import panoramisk
import panoramisk.call_manager
import pytest
from panoramisk.message import Message

import hotline
from hotline.ami.client import AmiClient
from hotline.ami.errors import AmiDown
from hotline.ami.events import Newchannel, read_event
from hotline.clock import SystemClock
from tests.fakes.ami_peer import AmiPeer, an_ami_peer, event, says
from tests.fakes.ami_variants import (
    AmiVariant,
    Ours,
    PlainPanoramisk,
    given,
    is_settled,
    running,
    settings_for,
    until,
)

Variant = Callable[..., AmiVariant]
ORIGINATE = {"Channel": "PJSIP/8001", "ChannelId": "attempt-1", "Async": "true"}


def breaks(raises: type[Exception] = AssertionError) -> pytest.MarkDecorator:
    return pytest.mark.xfail(strict=True, raises=raises, reason="plain panoramisk falls into this trap")


both = pytest.mark.parametrize(
    "variant", [pytest.param(PlainPanoramisk, marks=breaks(), id="plain-panoramisk"), pytest.param(Ours, id="ours")]
)


@pytest.fixture
async def peer() -> AsyncIterator[AmiPeer]:
    async with an_ami_peer() as peer:
        yield peer


def caller_joins(name: str) -> str:
    channel = {"Channel": "PJSIP/carrier-1", "Uniqueid": "1.1", "Linkedid": "1.1", "CallerIDNum": "13800001234"}
    return event("QueueCallerJoin", **channel, CallerIDName=name, Queue="desk", Position=1, Count=1)


@both
async def test_resident_is_rung_once_though_the_link_drops_before_the_answer(variant: Variant, peer: AmiPeer) -> None:
    peer.on_login = event("FullyBooted")
    ami = variant(peer.port)
    async with running(ami, peer):
        asking = asyncio.get_running_loop().create_task(ami.ask("Originate", **ORIGINATE))
        given(await peer.has_heard("Originate"))
        for connection in (2, 3):
            peer.drop()
            given(await peer.has_heard("Login", times=connection))
        await peer.has_heard("Originate", times=2, within=0.5)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)

    assert peer.names().count("Originate") == 1


@both
async def test_acknowledged_originate_comes_to_an_end_though_the_link_drops(variant: Variant, peer: AmiPeer) -> None:
    peer.answers["Originate"] = says("Response: Success", "Message: Originate successfully queued")
    ami = variant(peer.port)
    async with running(ami, peer):
        asking = asyncio.get_running_loop().create_task(is_settled(ami.ask("Originate", **ORIGINATE), within=1.5))
        given(await peer.has_heard("Originate"))
        peer.drop()

        assert await asking


@both
async def test_chinese_name_arrives_whole_when_split_over_two_segments(variant: Variant, peer: AmiPeer) -> None:
    ami = variant(peer.port)
    wire = caller_joins("张伟").encode()
    inside_the_first_character = wire.index("张".encode()) + 1
    async with running(ami, peer):
        ami.feed(wire[:inside_the_first_character])
        ami.feed(wire[inside_the_first_character:])
        await until(lambda: any(ami.names_heard))

        assert "张伟" in ami.names_heard


@both
async def test_half_open_link_is_noticed_and_given_up(variant: Variant, peer: AmiPeer) -> None:
    del peer.answers["Ping"]  # the peer still takes what we write
    ami = variant(peer.port)
    async with running(ami, peer):
        given(await peer.has_heard("Ping"))

        assert await peer.until(lambda each: each.connections > 1, within=1.5)


@both
async def test_reader_that_fails_on_an_event_does_not_cost_us_the_link(variant: Variant, peer: AmiPeer) -> None:
    def fail(*_: object) -> None:
        raise ValueError("a reader's mistake")

    ami = variant(peer.port)
    if isinstance(ami, PlainPanoramisk):
        ami.manager.register_event("Hangup", fail)
    else:
        ami._reading = fail  # type: ignore[attr-defined]
    async with running(ami, peer):
        await peer.send(event("Hangup", Channel="PJSIP/8001-1", Uniqueid="1.2", Cause=16))

        assert not await peer.until(lambda each: each.connections > 1, within=0.4)


@both
async def test_events_are_read_in_the_order_in_which_they_happened(variant: Variant, peer: AmiPeer) -> None:
    async def read(name: str) -> None:
        if name == "first":  # reading it takes long enough for the second to overtake it, if anything can
            await until(lambda: "second" in ami.names_heard, within=0.2)

    ami = variant(peer.port, read)
    async with running(ami, peer):
        await peer.send(caller_joins("first") + caller_joins("second"))
        given(await until(lambda: {"first", "second"} <= set(ami.names_heard)))

    assert [name for name in ami.names_heard if name] == ["first", "second"]


@both
async def test_link_that_was_closed_while_waiting_to_reconnect_stays_closed(variant: Variant, peer: AmiPeer) -> None:
    ami = variant(peer.port)
    async with running(ami, peer):
        peer.drop()
        given(await until(lambda: not ami.is_up))
        await ami.close()
        given(peer.connections == 1)

        assert not await peer.until(lambda each: each.connections > 1, within=0.5)


@breaks(AttributeError)
async def test_plain_panoramisk_asked_before_it_is_connected_says_there_is_no_link() -> None:
    with pytest.raises(AmiDown):
        await panoramisk.Manager(host="127.0.0.1", port=1).send_action({"Action": "Ping"})


async def test_question_asked_before_we_are_connected_says_there_is_no_link() -> None:
    client = AmiClient(settings_for(1), SystemClock())

    with pytest.raises(AmiDown) as down:
        await client.ask(hotline.ami.actions.ping())
    assert not down.value.was_sent


@both
@pytest.mark.parametrize("line_break", ["\r\n", "\n"], ids=["crlf", "lf"])
async def test_line_break_in_a_value_starts_no_header_or_action_of_its_own(
    variant: Variant, peer: AmiPeer, line_break: str
) -> None:
    peer.answers["UserEvent"] = says("Response: Success")
    ami = variant(peer.port)
    value = line_break.join(["王芳", "Channel: /.*/", "", "Action: Hangup", "Channel: /.*/"])
    async with running(ami, peer):
        given(await is_settled(ami.ask("UserEvent", Text=value), within=2))
        await peer.has_heard("Hangup", within=0.3)

    assert "Hangup" not in peer.names()
    assert not any("Channel" in heard for heard in peer.heard)


@both
async def test_agent_added_to_a_queue_is_answered(variant: Variant, peer: AmiPeer) -> None:
    peer.answers["QueueAdd"] = says("Response: Success", "Message: Added interface to queue")
    ami = variant(peer.port)
    async with running(ami, peer):
        assert await is_settled(ami.ask("QueueAdd", Queue="desk", Interface="PJSIP/8001"), within=0.8)


TWO_CALLS_IN_ONE_SECOND = [
    {"event": "Newchannel", "channel": f"PJSIP/carrier-{n}", "channelstate": "4", "uniqueid": f"1763700000.{n}"}
    for n in (1, 2)
]


@breaks()
async def test_plain_panoramisk_keeps_two_calls_of_one_second_apart() -> None:
    calls = panoramisk.CallManager()

    for headers in TWO_CALLS_IN_ONE_SECOND:
        calls.handle_calls(calls, Message(headers))
    assert len(calls.calls_queues) == 2


def test_two_calls_of_one_second_are_kept_apart() -> None:
    events = [read_event(headers) for headers in TWO_CALLS_IN_ONE_SECOND]

    assert [each.linkedid for each in events if isinstance(each, Newchannel)] == ["1763700000.1", "1763700000.2"]


def test_nothing_of_ours_uses_the_call_manager_that_mixes_calls_up() -> None:
    sources = list(Path(hotline.__file__).parent.rglob("*.py"))
    assert sources

    for source in sources:
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            names += [node.attr] if isinstance(node, ast.Attribute) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not any("CallManager" in name or "call_manager" in name for name in names), source

"""The FastAGI server against a scripted switch: many callers, bad input, and an end that leaves nothing open."""

import asyncio
import socket
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from hotline.ivr.agi import MOST_BYTES, AgiChannel, AgiServer
from hotline.ivr.agi_text import AgiCall
from hotline.ivr.errors import AgiPortTaken
from hotline.settings import AgiSettings
from tests.fakes.agi_peer import AgiPeer, a_call, a_connection, header_block, serving


async def greet(channel: AgiChannel) -> None:
    await channel.set_variable("GREETED", "yes")


async def is_greeted(caller: AgiPeer) -> bool:
    await caller.expect("SET VARIABLE GREETED yes", answer="200 result=1")
    return await caller.is_closed()


async def until_closed(server: AgiServer) -> None:
    async with asyncio.timeout(5):
        while server.connections:
            await asyncio.sleep(0.005)


async def test_session_is_given_the_call_and_the_connection_ends_with_it() -> None:
    calls: list[AgiCall] = []

    async def session(channel: AgiChannel) -> None:
        calls.append(channel.call)

    async with serving(session) as server, a_call(server.port, agi_arg_1="zh") as caller:
        assert await caller.is_closed()
        await until_closed(server)

    assert calls[0].caller_name == "张伟"
    assert (calls[0].script, calls[0].arguments) == ("menu", ("zh",))


async def test_header_block_split_in_the_middle_of_a_character_arrives_whole() -> None:
    async with serving(greet) as server, a_connection(server.port) as caller:
        block = header_block()
        for byte in block:
            await caller.send(bytes([byte]))
        assert await is_greeted(caller)


async def test_caller_with_a_64_kib_name_is_served_with_a_short_one() -> None:
    names: list[str] = []

    async def session(channel: AgiChannel) -> None:
        names.append(channel.call.caller_name)

    async with serving(session) as server, a_call(server.port, agi_calleridname="王" * (64 * 1024 // 3)) as caller:
        assert await caller.is_closed()

    assert names == ["王" * 80]


async def test_failing_session_is_logged_and_costs_its_own_caller_only() -> None:
    async def session(channel: AgiChannel) -> None:
        if channel.call.extension == "1":
            raise LookupError("a session's mistake")
        await greet(channel)

    with capture_logs() as logs:
        async with (
            serving(session) as server,
            a_call(server.port) as well,
            a_call(server.port, agi_extension="1") as ill,
        ):
            assert await ill.is_closed()
            assert await is_greeted(well)

    failed = [each for each in logs if each["log_level"] == "error"]
    assert [each["exc_info"] for each in failed] == [True]
    assert "13800001234" not in str(logs)
    assert "张伟" not in str(logs)


async def test_caller_who_hangs_up_is_no_error() -> None:
    with capture_logs() as logs:
        async with serving(greet) as server:
            async with a_call(server.port) as caller:
                await caller.command()
                caller.hang_up()
            await until_closed(server)

    assert {each["log_level"] for each in logs} == {"info"}


async def test_caller_over_the_limit_goes_straight_on_to_people() -> None:
    entered = asyncio.Event()
    may_leave = asyncio.Event()

    async def session(_: AgiChannel) -> None:
        entered.set()
        await may_leave.wait()

    async with serving(session, AgiSettings(sessions=1)) as server:
        async with a_call(server.port) as first, a_call(server.port) as second:
            await asyncio.wait_for(entered.wait(), 2)
            assert await second.is_closed(within=1)
            may_leave.set()
            assert await first.is_closed()
        await until_closed(server)
        async with a_call(server.port) as third:  # the place is free again
            assert await third.is_closed()


async def test_connection_that_never_says_who_calls_is_closed_in_time() -> None:
    async with serving(greet, AgiSettings(answer_within=0.1)) as server, a_connection(server.port) as caller:
        await caller.send("agi_network: yes\n")

        assert await caller.is_closed(within=2)


@pytest.mark.parametrize(
    "block",
    [b"GET / HTTP/1.1\n\n", b"\n\n", b"agi_channel: x\n\n", b"x" * (2 * MOST_BYTES), header_block() * 3000],
    ids=["http", "empty", "no-uniqueid", "endless-line", "many-blocks"],
)
async def test_bytes_that_are_no_call_are_turned_away(block: bytes) -> None:
    entered: list[AgiCall] = []

    async def session(channel: AgiChannel) -> None:
        entered.append(channel.call)

    async with serving(session) as server:
        async with a_connection(server.port) as stranger:
            with suppress(ConnectionError, TimeoutError):
                await asyncio.wait_for(stranger.send(block), 2)
            assert await stranger.is_closed()
        await until_closed(server)

    assert len(entered) == (1 if block.startswith(b"agi_network") else 0)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(max_size=2000), max_size=4))
def test_any_bytes_leave_the_server_standing(chunks: list[bytes]) -> None:
    async def scene() -> bool:
        async with serving(greet) as server:
            async with a_connection(server.port) as stranger:
                for chunk in chunks:
                    await stranger.send(chunk)
            await until_closed(server)
            async with a_call(server.port) as caller:
                return await is_greeted(caller)

    assert asyncio.run(scene())


async def test_stopping_the_service_ends_every_session_at_once() -> None:
    ended: list[bool] = []

    async def session(channel: AgiChannel) -> None:
        try:
            await channel.set_variable("GREETED", "yes")
        finally:
            ended.append(True)

    async with serving(session) as server:
        port = server.port
        caller_connection = a_call(port)
        caller = await caller_connection.__aenter__()
        await caller.command()

    assert ended == [True]
    assert await caller.is_closed()
    await caller_connection.__aexit__(None, None, None)
    with pytest.raises(OSError):
        await asyncio.open_connection("127.0.0.1", port)


async def test_busy_port_is_named_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        with pytest.raises(AgiPortTaken, match=rf"127\.0\.0\.1:{port}.*agi\.port"):
            await AgiServer(AgiSettings(port=port), greet).run()

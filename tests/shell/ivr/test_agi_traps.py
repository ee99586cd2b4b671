"""Every trap of panoramisk's FastAGI, as a rule: plain panoramisk breaks it (strictly expected), ours keeps it."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from panoramisk.fast_agi import Application, Request

import hotline
from hotline.ivr.agi import AgiChannel
from hotline.ivr.errors import CallerGone
from tests.fakes.agi_peer import a_call, a_connection, serving

ROOT = Path(hotline.__file__).parent.parent


def breaks(raises: type[Exception] = AssertionError) -> pytest.MarkDecorator:
    return pytest.mark.xfail(strict=True, raises=raises, reason="plain panoramisk falls into this trap")


@asynccontextmanager
async def server_process(variant: str) -> AsyncIterator[int]:
    """Run a FastAGI server apart, where it can freeze nobody else; yield its port."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.fakes.fastagi_process", variant, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(20):
            port = int(await process.stdout.readline())
        yield port
    finally:
        process.kill()
        await process.wait()


async def is_greeted(port: int) -> bool:
    try:
        async with a_call(port) as caller:
            return (await caller.command(within=2)).startswith("SET VARIABLE GREETED")
    except TimeoutError:
        return False


@pytest.mark.parametrize("variant", [pytest.param("plain", marks=breaks(), id="plain-panoramisk"), "ours"])
async def test_port_scan_does_not_freeze_the_service(variant: str) -> None:
    async with server_process(variant) as port:
        if not await is_greeted(port):
            pytest.fail("the scene of this test could not be set")
        async with a_connection(port):
            pass  # connects, says nothing, closes

        assert await is_greeted(port)


async def plain_command_after(hangup: str | None) -> str:
    """Return what a plain command came to when the switch said this (None: it closed the connection)."""
    outcome: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def session(request: Request) -> None:
        try:
            reply = await request.send_command("WAIT FOR DIGIT 1000")
        except Exception as failed:  # noqa: BLE001 -- which one it is, is the question
            outcome.set_result(type(failed).__name__)
        else:
            outcome.set_result(f"a dict with {reply.get('error')}")

    application = Application(loop=asyncio.get_running_loop())
    application.add_route("menu", session)
    server = await asyncio.start_server(application.handler, "127.0.0.1", 0)
    try:
        return await hang_up_during_a_command(server.sockets[0].getsockname()[1], hangup, outcome)
    finally:
        server.close()


async def our_command_after(hangup: str | None) -> str:
    """Return what our command came to, as `plain_command_after`."""
    outcome: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def session(channel: AgiChannel) -> None:
        try:
            key = await channel.digit(timedelta(seconds=1))
        except Exception as failed:  # noqa: BLE001 -- which one it is, is the question
            outcome.set_result(type(failed).__name__)
        else:
            outcome.set_result(f"the key {key!r}")

    async with serving(session) as server:
        return await hang_up_during_a_command(server.port, hangup, outcome)


async def hang_up_during_a_command(port: int, hangup: str | None, outcome: asyncio.Future[str]) -> str:
    async with a_call(port) as caller:
        await caller.command()
        if hangup is None:
            caller.hang_up()
        else:
            await caller.send(f"{hangup}\n")
        return await asyncio.wait_for(outcome, 2)


HANGUPS = {
    "the word HANGUP": "HANGUP",
    "result -1": "200 result=-1\nHANGUP",  # in this order, seen on Asterisk 22
    "a dead channel": "511 Command Not Permitted on a dead channel or intercept routine",
    "a closed connection": None,
}


@pytest.mark.parametrize(
    "command_after",
    [
        pytest.param(plain_command_after, marks=breaks(), id="plain-panoramisk"),
        pytest.param(our_command_after, id="ours"),
    ],
)
async def test_hang_up_is_one_exception_however_it_shows(command_after) -> None:
    outcomes = {way: await command_after(hangup) for way, hangup in HANGUPS.items()}

    assert len(set(outcomes.values())) == 1


async def test_hang_up_is_caller_gone() -> None:
    assert {await our_command_after(hangup) for hangup in HANGUPS.values()} == {CallerGone.__name__}


def plain_function(_: object) -> None:
    """Somebody forgot `async`."""


@breaks(AttributeError)
async def test_plain_panoramisk_with_a_plain_function_for_a_session_stays_up() -> None:
    Application(loop=asyncio.get_running_loop()).add_route("menu", plain_function)


async def test_plain_function_for_a_session_costs_its_own_caller_only() -> None:
    async with serving(plain_function) as server:
        for _ in range(2):  # the second shows that the server is still there
            async with a_call(server.port) as caller:
                assert await caller.is_closed()

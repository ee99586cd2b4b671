"""What a session says to the switch about one caller, and what it makes of the answers."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from hotline.ivr.agi import MOST_BYTES, AgiChannel
from hotline.ivr.errors import AgiError, AgiRefused, AgiSilent, CallerGone, UnsafeArgument
from hotline.settings import AgiSettings
from tests.fakes.agi_peer import AgiPeer, a_call, serving

Step = Callable[[AgiChannel], Awaitable[Any]]
A_SECOND = timedelta(seconds=1)


async def outcome(step: Step, play_switch: Callable[[AgiPeer], Awaitable[None]], *, answer_within: float = 2) -> Any:
    """Run one step of a session against a switch played by the test; return its value or its exception."""
    came: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    async def session(channel: AgiChannel) -> None:
        try:
            came.set_result(await step(channel))
        except AgiError as failed:
            came.set_result(failed)

    async with serving(session, AgiSettings(answer_within=answer_within)) as server, a_call(server.port) as switch:
        await play_switch(switch)
        return await asyncio.wait_for(came, 5)


def answering(command: str, *lines: str) -> Callable[[AgiPeer], Awaitable[None]]:
    return lambda switch: switch.expect(command, answer="\n".join(lines))


async def in_silence(_: AgiPeer) -> None:
    """Let the switch say nothing."""


@pytest.mark.parametrize(
    ("step", "command", "answer", "value"),
    [
        (lambda c: c.play("zh/menu"), 'STREAM FILE zh/menu ""', "200 result=0 endpos=8000", None),
        (lambda c: c.play("a b"), 'STREAM FILE "a b" ""', "200 result=0 endpos=1", None),
        (lambda c: c.digit(A_SECOND), "WAIT FOR DIGIT 1000", "200 result=57", "9"),
        (lambda c: c.digit(A_SECOND), "WAIT FOR DIGIT 1000", "200 result=0", ""),
        (lambda c: c.digit(timedelta(0)), "WAIT FOR DIGIT 1", "200 result=0", ""),
        (lambda c: c.set_variable("KEY", '说"好"'), 'SET VARIABLE KEY "说\\"好\\""', "200 result=1", None),
        (lambda c: c.set_variable("__KEY", "a\\b"), 'SET VARIABLE __KEY "a\\\\b"', "200 result=1", None),
        (lambda c: c.variable("KEY"), "GET VARIABLE KEY", "200 result=1 (一 (二) x=3)", "一 (二) x=3"),
        (lambda c: c.variable("KEY"), "GET VARIABLE KEY", "200 result=1 (hangup)", "hangup"),
        (lambda c: c.variable("KEY"), "GET VARIABLE KEY", "200 result=1 ()", ""),
        (lambda c: c.variable("KEY"), "GET VARIABLE KEY", "200 result=0", ""),
        (lambda c: c.variable("CHANNEL(linkedid)"), "GET VARIABLE CHANNEL(linkedid)", "200 result=1 (1.2)", "1.2"),
        (lambda c: c.run("Queue", "desk", "", "60"), 'EXEC Queue "desk,,60"', "200 result=0", None),
        (lambda c: c.run("Answer"), 'EXEC Answer ""', "200 result=0", None),
        (lambda c: c.renew_lease(4), "SET VARIABLE TIMEOUT(absolute) 4", "200 result=1", None),
        (lambda c: c.hang_up(), "HANGUP", "200 result=1", None),
    ],
)
async def test_command_is_written_and_its_answer_read(step: Step, command: str, answer: str, value: object) -> None:
    assert await outcome(step, answering(command, answer)) == value


@pytest.mark.parametrize(
    ("sounds", "command"),
    [
        (["menu", "zh/english-key"], 'GOSUB menu-asks start 1 "menu&zh/english-key,2"'),
        ([], 'GOSUB menu-asks start 1 ",2"'),
    ],
)
@pytest.mark.parametrize(("told", "key"), [("200 result=1 (5)", "5"), ("200 result=1 (#)", "#"), ("200 result=0", "")])
async def test_what_is_asked_is_led_by_the_switch_and_its_key_fetched(
    sounds: list[str], command: str, told: str, key: str
) -> None:
    async def switch(peer: AgiPeer) -> None:
        await peer.expect(command, answer="100 result=0 Trying...\n200 result=0 Gosub complete")
        await peer.expect("GET VARIABLE HEARD", answer=told)

    assert await outcome(lambda c: c.ask(sounds, waits=1.5 * A_SECOND, lasts=A_SECOND), switch) == key


async def test_a_sound_that_is_not_there_is_said_so() -> None:
    async def switch(peer: AgiPeer) -> None:
        await peer.expect('GOSUB menu-asks start 1 "nowhere,0"', answer="200 result=0 Gosub complete")
        await peer.expect("GET VARIABLE HEARD", answer="200 result=1 (failed)")

    refused = await outcome(lambda c: c.ask(["nowhere"], waits=0 * A_SECOND, lasts=A_SECOND), switch)
    assert isinstance(refused, AgiRefused)


async def test_progress_lines_are_not_the_answer() -> None:
    switch = answering("WAIT FOR DIGIT 1000", "100 Trying...", "100 result=0 Trying...", "200 result=50")

    assert await outcome(lambda c: c.digit(A_SECOND), switch) == "2"


@pytest.mark.parametrize(
    ("step", "lines"),
    [
        (lambda c: c.digit(A_SECOND), ["510 Invalid or unknown command"]),
        (lambda c: c.digit(A_SECOND), ["520-Invalid command syntax.", "Usage: WAIT", "520 End of proper usage."]),
        (lambda c: c.digit(A_SECOND), ["599 "]),
        (lambda c: c.digit(A_SECOND), ["200 result=nonsense"]),
        (lambda c: c.run("Nonsense"), ["200 result=-2"]),
        (lambda c: c.play("missing"), ["200 result=-1 endpos=0", "200 result=6"]),  # Asterisk 22, with CHANNEL STATUS
        (lambda c: c.play("empty"), ["200 result=0 endpos=0"]),
    ],
    ids=["unknown", "usage", "unheard-of", "no-number", "no-application", "no-prompt", "empty-prompt"],
)
async def test_refused_command_is_said_so_and_the_next_one_works(step: Step, lines: list[str]) -> None:
    async def refused_then_asked(channel: AgiChannel) -> tuple[Exception | None, str]:
        try:
            await step(channel)
        except AgiRefused as refused:
            return refused, await channel.variable("NEXT")
        return None, ""

    async def switch(peer: AgiPeer) -> None:
        await peer.command()
        await peer.send("".join(f"{line}\n" for line in lines))
        if "-1" in lines[0]:
            assert await peer.command() == "CHANNEL STATUS"
        await peer.expect("GET VARIABLE NEXT", answer="200 result=1 (in step)")

    refused, following = await outcome(refused_then_asked, switch)
    assert isinstance(refused, AgiRefused)
    assert following == "in step"


@pytest.mark.parametrize(
    "step",
    [
        lambda c: c.play("a\nHANGUP"),
        lambda c: c.ask(["a,b"], waits=A_SECOND, lasts=A_SECOND),
        lambda c: c.ask(["a", "b&c"], waits=A_SECOND, lasts=A_SECOND),
        lambda c: c.set_variable("KEY", "a\r\nHANGUP"),
        lambda c: c.set_variable("KEY", "a\0b"),
        lambda c: c.set_variable("KEY", "\ud800"),
        lambda c: c.set_variable("KEY", "x" * 3000),
        lambda c: c.set_variable("KEY x", "a"),
        lambda c: c.variable("${SHELL(ls)}"),
        lambda c: c.run("System", "ls\n"),
        lambda c: c.run("Queue", "desk,t"),
    ],
)
async def test_word_that_would_break_out_of_its_command_is_never_sent(step: Step) -> None:
    async def switch(peer: AgiPeer) -> None:
        assert await peer.command() == ""  # the connection ends and nothing was said

    assert isinstance(await outcome(step, switch), UnsafeArgument)


async def test_every_command_after_the_caller_is_gone_says_so_without_asking() -> None:
    async def session(channel: AgiChannel) -> list[type[Exception]]:
        seen: list[type[Exception]] = []
        for step in (channel.digit(A_SECOND), channel.play("zh/menu"), channel.hang_up()):
            try:
                await step
            except CallerGone as gone:
                seen.append(type(gone))
        return seen

    switch = answering("WAIT FOR DIGIT 1000", "HANGUP", "200 result=-1")
    assert await outcome(session, switch) == [CallerGone] * 3


@pytest.mark.parametrize("status", ["HANGUP", "511 Command Not Permitted on a dead channel", "200 result=-1"])
async def test_failed_command_on_a_dead_channel_is_a_caller_who_is_gone(status: str) -> None:
    async def switch(peer: AgiPeer) -> None:
        await peer.expect('STREAM FILE zh/menu ""', answer="200 result=-1 endpos=0")
        await peer.expect("CHANNEL STATUS", answer=status)

    assert isinstance(await outcome(lambda c: c.play("zh/menu"), switch), CallerGone)


async def test_switch_that_does_not_answer_is_silent_not_waited_for() -> None:
    silent = await outcome(lambda c: c.set_variable("KEY", "1"), in_silence, answer_within=0.1)

    assert isinstance(silent, AgiSilent)


async def test_answer_is_waited_for_as_long_as_the_command_itself_takes() -> None:
    async def switch(peer: AgiPeer) -> None:
        await peer.command()
        await asyncio.sleep(0.3)  # longer than answer_within, shorter than the caller was given
        await peer.send("200 result=49\n")

    assert await outcome(lambda c: c.digit(A_SECOND), switch, answer_within=0.1) == "1"


async def test_late_answer_is_never_taken_for_the_next_command() -> None:
    async def session(channel: AgiChannel) -> Any:
        try:
            async with asyncio.timeout(0.05):
                await channel.digit(A_SECOND)
        except TimeoutError:
            return await channel.variable("KEY")

    async def switch(peer: AgiPeer) -> None:
        await peer.command()
        assert await peer.command() == ""

    assert isinstance(await outcome(session, switch), CallerGone)


async def test_endless_reply_line_ends_the_session() -> None:
    async def switch(peer: AgiPeer) -> None:
        await peer.command()
        try:
            await peer.send(b"2" * (3 * MOST_BYTES))
        except ConnectionError:
            return

    assert isinstance(await outcome(lambda c: c.digit(A_SECOND), switch), AgiRefused)


async def test_noise_for_an_answer_ends_the_session() -> None:
    async def switch(peer: AgiPeer) -> None:
        await peer.command()
        await peer.send(b"\xff noise\n" * 1000)

    assert isinstance(await outcome(lambda c: c.digit(A_SECOND), switch), CallerGone)

"""The same few questions put to plain panoramisk and to our client, so that one rule can be tried on both."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Protocol

import panoramisk
import pytest
from pydantic import SecretStr

from hotline.ami.actions import Action
from hotline.ami.client import AmiClient, LinkState, Rhythm
from hotline.ami.errors import UnsafeHeader
from hotline.ami.events import Hangup, QueueCallerJoin
from hotline.clock import SystemClock
from hotline.settings import AmiSettings
from tests.fakes.ami_peer import AmiPeer

PING_EVERY = 0.1
BACK_OFF = 0.1


def given(came: bool) -> None:
    """Stop the test aloud when its scene could not be set: that is no sign of the trap (an AssertionError is)."""
    if not came:
        pytest.fail("the scene of this test could not be set")


async def until(condition: Callable[[], bool], *, within: float = 5.0) -> bool:
    """Wait for something to be so; return whether it came."""
    try:
        async with asyncio.timeout(within):
            while not condition():
                await asyncio.sleep(0.005)
    except TimeoutError:
        return False
    return True


def settings_for(port: int, **changed: Any) -> AmiSettings:
    plain = {"port": port, "secret": SecretStr("s3cret"), "answer_within": 1.0, "ping_every": 1.0}
    return AmiSettings(**{**plain, **changed})


class AmiVariant(Protocol):
    """What the rules about the link are tried on."""

    names_heard: list[str]  # caller names of events, in the order in which the reader was done with them

    async def start(self) -> None: ...
    async def close(self) -> None: ...
    async def stop(self) -> None: ...
    @property
    def is_up(self) -> bool: ...
    def feed(self, data: bytes) -> None: ...
    async def ask(self, name: str, **headers: str) -> None: ...


class PlainPanoramisk:
    """panoramisk as its own documentation shows it."""

    def __init__(self, port: int, reading: Callable[[str], Coroutine[Any, Any, None]] | None = None) -> None:
        self.names_heard: list[str] = []
        self._reading = reading
        self.manager = panoramisk.Manager(
            host="127.0.0.1", port=port, username="hotline", secret="s3cret", reconnect_timeout=0
        )
        self.manager.reconnect_timeout = BACK_OFF
        self.manager.ping_delay = self.manager.ping_interval = PING_EVERY
        if reading is None:
            self.manager.register_event("*", lambda _, event: self.names_heard.append(event.calleridname))
        else:
            self.manager.register_event("*", self._read)

    async def _read(self, _: object, event: Any) -> None:
        assert self._reading is not None
        await self._reading(event.calleridname)
        self.names_heard.append(event.calleridname)

    async def start(self) -> None:
        await self.manager.connect()
        given(await until(lambda: self.manager.authenticated))

    @property
    def is_up(self) -> bool:
        return bool(self.manager._connected)

    async def close(self) -> None:
        self.manager.close()

    async def stop(self) -> None:
        self.manager.connect = lambda: None  # or it would come back after its own close
        self.manager.close()

    def feed(self, data: bytes) -> None:
        self.manager.protocol.data_received(data)

    async def ask(self, name: str, **headers: str) -> None:
        await self.manager.send_action({"Action": name, **headers})


class Ours:
    """hotline's client."""

    def __init__(self, port: int, reading: Callable[[str], Coroutine[Any, Any, None]] | None = None) -> None:
        self.names_heard: list[str] = []
        self._reading = reading
        settings = settings_for(port, ping_every=PING_EVERY)
        self.client = AmiClient(settings, SystemClock(), Rhythm(back_off=(BACK_OFF,)))
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self.client.run()), loop.create_task(self._read())]
        given(await until(lambda: self.is_up))

    @property
    def is_up(self) -> bool:
        return self.client.link.state is LinkState.UP

    async def close(self) -> None:
        await self.stop()

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _read(self) -> None:
        async for item in self.client.events():
            name = item.caller_name if isinstance(item, QueueCallerJoin) else ""
            if self._reading is not None and isinstance(item, QueueCallerJoin | Hangup):
                await self._reading(name)
            self.names_heard.append(name)

    def feed(self, data: bytes) -> None:
        assert self.client._current is not None
        self.client._current.protocol.data_received(data)

    async def ask(self, name: str, **headers: str) -> None:
        try:
            await self.client.ask(Action(name, tuple(headers.items())))
        except UnsafeHeader:
            return  # refused at our own door: that is an answer


@asynccontextmanager
async def running(variant: AmiVariant, peer: AmiPeer) -> AsyncIterator[None]:
    """Keep a variant connected to the peer for the length of the block."""
    await variant.start()
    try:
        yield
    finally:
        await variant.stop()


async def is_settled(work: Coroutine[Any, Any, Any], *, within: float) -> bool:
    """Tell whether this comes to an end, whichever, in time."""
    task = asyncio.get_running_loop().create_task(work)
    done, _ = await asyncio.wait({task}, timeout=within)
    if not done:
        task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return bool(done)

"""A scripted switch on a free port: it says over AMI only what the test tells it to."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

Headers = dict[str, str]
Answer = Callable[[Headers], str | None]  # header lines of the answer without ActionID; None is silence


def says(*lines: str) -> Answer:
    """Answer always with these header lines; an empty line begins the next message."""
    return lambda _: "\r\n".join(lines)


def silence(_: Headers) -> None:
    """Never answer."""


def event(name: str, /, **headers: object) -> str:
    """Return one event as it goes over the wire."""
    return "".join(f"{key}: {value}\r\n" for key, value in {"Event": name, **headers}.items()) + "\r\n"


class AmiPeer:
    """The switch's end: what it heard, and what it answers."""

    def __init__(self) -> None:
        self.port = 0
        self.connections = 0
        self.heard: list[Headers] = []
        self.answers: dict[str, Answer] = {
            "Login": says("Response: Success", "Message: Authentication accepted"),
            "Ping": says("Response: Success", "Ping: Pong"),
        }
        self.on_login = ""  # bytes sent after each accepted sign-in
        self._writers: list[asyncio.StreamWriter] = []
        self._changed = asyncio.Condition()

    @property
    def open_connections(self) -> int:
        return len(self._writers)

    def names(self) -> list[str]:
        """Return the names of the actions heard so far, without pings."""
        return [name for each in self.heard if (name := each.get("Action", "")) != "Ping"]

    async def send(self, text: str | bytes) -> None:
        """Say this on the newest connection."""
        writer = self._writers[-1]
        writer.write(text.encode() if isinstance(text, str) else text)
        await writer.drain()

    def drop(self) -> None:
        """Cut every connection, as a dying switch does."""
        for writer in self._writers:
            writer.transport.abort()

    async def until(self, condition: Callable[["AmiPeer"], bool], *, within: float = 5.0) -> bool:
        """Wait for something to be so; return whether it came."""
        try:
            async with asyncio.timeout(within), self._changed:
                await self._changed.wait_for(lambda: condition(self))
        except TimeoutError:
            return False
        return True

    async def has_heard(self, action: str, times: int = 1, *, within: float = 5.0) -> bool:
        """Wait until an action was heard so often."""
        return await self.until(
            lambda peer: sum(each.get("Action") == action for each in peer.heard) >= times, within=within
        )

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.append(writer)
        try:
            await self._tell()
            writer.write(b"Asterisk Call Manager/11.0.0\r\n")
            while True:
                heard = await self._read_action(reader)
                self.heard.append(heard)
                self._answer(heard, writer)
                await self._tell()
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            self._writers.remove(writer)
            writer.transport.abort()
            await self._tell()

    async def _read_action(self, reader: asyncio.StreamReader) -> Headers:
        """Read one action as Asterisk does: a bare line feed ends a line too, and the first of two headers counts."""
        heard: Headers = {}
        while line := (await reader.readuntil(b"\n")).decode().rstrip("\r\n"):
            name, _, value = line.partition(": ")
            heard.setdefault(name, value)
        return heard

    def _answer(self, heard: Headers, writer: asyncio.StreamWriter) -> None:
        answer = self.answers.get(heard.get("Action", ""), silence)(heard)
        if answer is None:
            return
        for message in answer.split("\r\n\r\n"):
            writer.write(f"{message}\r\nActionID: {heard.get('ActionID', '')}\r\n\r\n".encode())
        if heard.get("Action") == "Login" and "Success" in answer:
            writer.write(self.on_login.encode())

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()


@asynccontextmanager
async def an_ami_peer(port: int = 0) -> AsyncIterator[AmiPeer]:
    """Open a scripted switch; close it with all its connections."""
    peer = AmiPeer()
    server = await asyncio.start_server(peer._serve, "127.0.0.1", port)  # the fake's own tasks end with its connections
    peer.port = server.sockets[0].getsockname()[1]
    try:
        yield peer
    finally:
        server.close()
        peer.drop()
        assert await peer.until(lambda each: not each.open_connections)

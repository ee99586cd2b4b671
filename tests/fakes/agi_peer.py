"""A scripted switch that hands one caller to a FastAGI server: it answers commands as the test tells it to."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from hotline.ivr.agi import AgiChannel, AgiServer
from hotline.settings import AgiSettings

HEADERS = {
    "agi_network": "yes",
    "agi_network_script": "menu",
    "agi_request": "agi://127.0.0.1/menu",
    "agi_channel": "PJSIP/carrier-00000001",
    "agi_language": "zh",
    "agi_uniqueid": "1763700000.1",
    "agi_callerid": "13800001234",
    "agi_calleridname": "张伟",
    "agi_context": "hotline",
    "agi_extension": "96000",
    "agi_priority": "1",
}


def header_block(**changed: str) -> bytes:
    """Return the header block of a call; `name="…"` changes one header."""
    lines = "".join(f"{name}: {value}\n" for name, value in {**HEADERS, **changed}.items())
    return f"{lines}\n".encode()


class AgiPeer:
    """The switch's end of one caller's connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def send(self, text: str | bytes) -> None:
        self._writer.write(text.encode() if isinstance(text, str) else text)
        await self._writer.drain()

    async def command(self, *, within: float = 5.0) -> str:
        """Return the next command; "" when the server closed the connection."""
        async with asyncio.timeout(within):
            return (await self._reader.readline()).decode().rstrip("\n")

    async def expect(self, command: str, *, answer: str) -> None:
        """Hear exactly this command and answer it with these lines."""
        heard = await self.command()
        assert heard == command
        await self.send(f"{answer}\n")

    async def is_closed(self, *, within: float = 5.0) -> bool:
        """Wait for the server to close the connection; return whether it did."""
        try:
            async with asyncio.timeout(within):
                while await self._reader.read(65536):
                    pass
        except TimeoutError:
            return False
        except ConnectionError:
            return True
        return True

    def hang_up(self) -> None:
        """Close the connection, as the switch does when AGIEXITONHANGUP is set."""
        self._writer.close()


@asynccontextmanager
async def a_connection(port: int) -> AsyncIterator[AgiPeer]:
    """Connect and say nothing."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield AgiPeer(reader, writer)
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


@asynccontextmanager
async def a_call(port: int, **changed: str) -> AsyncIterator[AgiPeer]:
    """Connect and hand a caller over."""
    async with a_connection(port) as peer:
        await peer.send(header_block(**changed))
        yield peer


@asynccontextmanager
async def serving(
    session: Callable[[AgiChannel], Awaitable[None]], settings: AgiSettings | None = None
) -> AsyncIterator[AgiServer]:
    """Run our server on a free port for the length of the block."""
    server = AgiServer(settings or AgiSettings(answer_within=2), session, port=0)
    task = asyncio.get_running_loop().create_task(server.run())
    try:
        await asyncio.wait_for(server.listening.wait(), 5)
        yield server
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

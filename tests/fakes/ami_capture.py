"""Capture what a real switch says over AMI in a call story: `python -m tests.fakes.ami_capture [STORY…]`.

Each story is played as `call_capture` plays it. The events that tell of phones are written one a line, beside them the
switch's own list of channels whenever it was quiet for a moment: what the events are folded to must be what is listed.
"""

import asyncio
import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from tests.fakes.call_capture import STORIES, Story, desk_phone, resident
from tests.fakes.site import Site

RECORDED: Final = Path(__file__).parent.parent / "recorded_ami"
TELLING: Final = {
    "newchannel", "newstate", "dialbegin", "dialend", "hangup", "bridgeenter", "bridgeleave", "agentcalled",
    "agentconnect", "agentringnoanswer", "agentcomplete", "coreshowchannel", "rename", "localbridge",
    "queuememberstatus", "queuememberpause", "hold", "unhold", "pickup", "attendedtransfer", "blindtransfer",
}  # fmt: skip
QUIET: Final = 0.25
NOT_TOLD: Final = {"privilege", "language", "accountcode", "sequenceno", "filename"}


async def nobody_lifts_in_time(site: Site) -> None:
    async with desk_phone(site, "8001") as phone, resident(site):
        await (await phone.rings()).over.wait()
        await asyncio.sleep(1)


async def refused_by_the_agent(site: Site) -> None:
    async with desk_phone(site, "8001") as phone, resident(site):
        line = await phone.rings()
        await asyncio.sleep(1)
        line.refuse()
        await asyncio.sleep(2)


async def danger(site: Site) -> None:
    async with desk_phone(site, "8001") as one, desk_phone(site, "8901") as other, resident(site, key="9"):
        line = await one.rings()
        await other.rings()
        await asyncio.sleep(1)
        line.lift()
        await asyncio.sleep(2)


MORE: Final[dict[str, Story]] = {
    story.__name__: story for story in (nobody_lifts_in_time, refused_by_the_agent, danger)
}


class Tap:
    """One AMI connection that writes down what it hears, and asks for a list when it is quiet."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.lines: list[dict[str, object]] = []

    async def run(self) -> None:
        settings = self._site.settings.ami
        reader, writer = await asyncio.open_connection(str(settings.host), settings.port)
        await reader.readline()
        secret = settings.secret.get_secret_value()
        writer.write(f"Action: Login\r\nUsername: {settings.username}\r\nSecret: {secret}\r\n\r\n".encode())
        listed: list[dict[str, str]] = []
        has_news = True
        reading = asyncio.ensure_future(reader.readuntil(b"\r\n\r\n"))
        while True:
            done, _ = await asyncio.wait([reading], timeout=QUIET)
            if not done:
                if has_news:
                    has_news = False
                    writer.write(b"Action: CoreShowChannels\r\nActionID: list\r\n\r\n")
                continue
            block = dict(line.split(": ", 1) for line in reading.result().decode().split("\r\n") if ": " in line)
            reading = asyncio.ensure_future(reader.readuntil(b"\r\n\r\n"))
            name = block.get("Event", "").lower()
            if name == "coreshowchannelscomplete":
                self.lines.append({"listed": listed})
                listed = []
            elif name == "coreshowchannel":
                listed.append(_lean(block))
            elif name in TELLING:
                has_news = True
                self.lines.append({"event": _lean(block)})


def _lean(block: dict[str, str]) -> dict[str, str]:
    names = {name.lower(): value for name, value in block.items()}
    return {
        name: value
        for name, value in names.items()
        if value and name.removeprefix("dest") not in NOT_TOLD | {"actionid"}
    }


async def main(names: list[str]) -> None:
    site = Site()
    RECORDED.mkdir(exist_ok=True)
    stories = STORIES | MORE
    try:
        await site.set_up()
        site.start("redis", "asterisk", "serve")
        await site.ready()
        for name in names or stories:
            tap = Tap(site)
            tapping = asyncio.ensure_future(tap.run())
            await asyncio.sleep(0.5)
            async with asyncio.timeout(120):
                await stories[name](site)
            await asyncio.sleep(2)
            tapping.cancel()
            with suppress(asyncio.CancelledError):
                await tapping
            path = RECORDED / f"{name}.jsonl"
            path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in tap.lines), "utf-8")
            print(path, len(tap.lines), flush=True)
    finally:
        await site.stop()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))

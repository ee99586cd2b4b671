"""Capture call stories from a real Asterisk: `python -m tests.fakes.call_capture [STORY…]` writes tests/recorded.

Each story is one call with demo numbers on a desk of its own; its rows of the event log are written one a line, behind
the record they fold to. What is written is read by a person before it is kept: it is the reference from then on.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from hotline.calls.cel import CelRow, read_page
from hotline.calls.family import join, links
from hotline.calls.ledger import CallRecord, fold
from hotline.calls.rows_store import rows_of_calls
from hotline.calls.state import CallState
from hotline.calls.store import call_by_id
from hotline.calls.story import HOLD, UNHOLD, tell
from hotline.simulate.scenario import gives_up_while_ringing
from tests.fakes.desk_phone import DeskPhone, Line
from tests.fakes.recorded import RECORDED, written
from tests.fakes.site import Site

Story = Callable[[Site], Awaitable[None]]
NUMBER: Final = "13800138501"


def desk_phone(site: Site, extension: str) -> DeskPhone:
    """Return an agent's phone of this desk."""
    password = site.settings.sip.passwords[extension].get_secret_value()
    return DeskPhone(extension, password, switch=site.settings.sip.port)


@asynccontextmanager
async def resident(site: Site, *, key: str = "0", number: str = NUMBER) -> AsyncIterator[Line]:
    """Dial the hotline and press a key; hang up at the end."""
    async with DeskPhone(number, switch=site.settings.sip.port) as phone:
        line = await phone.dial(site.settings.sip.hotline_number)
        if key:
            await asyncio.sleep(1.5)
            await line.press(key)
        yield line
        await line.hang_up()


@asynccontextmanager
async def talk_of_two(site: Site) -> AsyncIterator[tuple[Line, Line, DeskPhone, DeskPhone]]:
    """Give the resident's line, the line of the agent who lifted, that agent's phone and the colleague's."""
    async with desk_phone(site, "8001") as one, desk_phone(site, "8002") as other, resident(site) as caller:
        line = await first(one, other)
        await asyncio.sleep(1)
        yield caller, line, line.phone, (other if line.phone is one else one)


async def first(*phones: DeskPhone) -> Line:
    """Lift at whichever of these phones rings first, and return the line."""
    tasks = [asyncio.ensure_future(phone.rings()) for phone in phones]
    done, left = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in left:
        task.cancel()
    line = done.pop().result()
    await asyncio.sleep(0.3)
    line.lift()
    return line


async def lifts(phone: DeskPhone) -> Line:
    """Lift the next call after half a second of ringing."""
    line = await phone.rings()
    await asyncio.sleep(0.5)
    line.lift()
    await asyncio.sleep(1)
    return line


async def answered(site: Site) -> None:
    async with talk_of_two(site):
        await asyncio.sleep(1)


async def abandoned_in_the_menu(site: Site) -> None:
    async with resident(site, key=""):
        await asyncio.sleep(8)


async def abandoned_while_ringing(site: Site) -> None:
    scenario = gives_up_while_ringing(number=NUMBER, dialled=site.settings.sip.hotline_number, after=0.6)
    await site.telephone("caller").call(scenario, limit=20)


async def abandoned_in_the_queue(site: Site) -> None:
    async with desk_phone(site, "8001") as phone, resident(site):
        await phone.rings()
        await asyncio.sleep(3)


async def blind_transfer_by_keys(site: Site) -> None:
    async with talk_of_two(site) as (_, line, _mine, colleague):
        await hands_over(line, "*1", colleague.extension)
        await lifts(colleague)


async def blind_transfer_by_refer(site: Site) -> None:
    async with talk_of_two(site) as (_, line, _mine, colleague):
        assert await line.refer(colleague.extension) == 202
        await lifts(colleague)
        await line.hang_up()
        await asyncio.sleep(1)


async def hands_over(line: Line, code: str, extension: str) -> None:
    """Press a code and, after the tone, an extension."""
    await line.press(code)
    await asyncio.sleep(0.7)
    await line.press(extension)


async def attended_transfer_by_keys(site: Site) -> None:
    async with talk_of_two(site) as (_, line, _mine, colleague):
        await hands_over(line, "*2", colleague.extension)
        await lifts(colleague)
        await line.hang_up()
        await asyncio.sleep(2)


async def asked_a_colleague_and_came_back(site: Site) -> None:
    async with talk_of_two(site) as (_, line, _mine, colleague):
        await hands_over(line, "*2", colleague.extension)
        second = await lifts(colleague)
        await line.press("*0")
        await second.over.wait()
        await asyncio.sleep(1)


async def handed_over_before_the_colleague_lifted(site: Site) -> None:
    async with talk_of_two(site) as (_, line, _mine, colleague):
        await hands_over(line, "*2", colleague.extension)
        ringing = await colleague.rings()
        await line.hang_up()
        await asyncio.sleep(1)
        ringing.lift()
        await asyncio.sleep(2)


async def handed_over_to_somebody_who_never_lifted(site: Site) -> None:
    async with talk_of_two(site) as (_, line, mine, colleague):
        await hands_over(line, "*2", colleague.extension)
        missed = await colleague.rings()
        await line.hang_up()
        await missed.over.wait()
        await first(mine, colleague)
        await asyncio.sleep(2)


async def asked_a_colleague_who_never_lifted(site: Site) -> None:
    async with talk_of_two(site) as (_, line, _mine, colleague):
        await hands_over(line, "*2", colleague.extension)
        missed = await colleague.rings()
        await missed.over.wait()
        await asyncio.sleep(3)
        assert not line.over.is_set()


async def referred_before_the_colleague_lifted(site: Site) -> None:
    async with talk_of_two(site) as (_, line, mine, colleague):
        asking, dialling = await mine.ring_at(colleague.extension)
        missed = await colleague.rings()
        while ";tag=" not in asking.remote:  # the switch has told that it rings
            await asyncio.sleep(0.02)
        assert await line.refer(colleague.extension, replaces=asking) == 202
        await line.hang_up()
        await missed.over.wait()
        dialling.cancel()
        await first(mine, colleague)
        await asyncio.sleep(2)


async def attended_transfer_by_refer(site: Site) -> None:
    async with talk_of_two(site) as (_, line, mine, colleague):
        await line.hold()
        asking, dialling = await mine.ring_at(colleague.extension)
        await lifts(colleague)
        await dialling
        assert await line.refer(colleague.extension, replaces=asking) == 202
        await asyncio.sleep(2)


async def three_of_them(site: Site) -> None:
    async with talk_of_two(site) as (_, line, _mine, colleague):
        await hands_over(line, "*2", colleague.extension)
        await lifts(colleague)
        await line.press("*3")
        await asyncio.sleep(4)
        await line.hang_up()
        await asyncio.sleep(1)


async def hold(site: Site) -> None:
    async with talk_of_two(site) as (_, line, _mine, _colleague):
        await line.hold()
        await asyncio.sleep(2)
        await line.resume()
        await asyncio.sleep(1)


async def pick_up(site: Site) -> None:
    async with desk_phone(site, "8001") as one, resident(site):
        await one.rings()
        async with desk_phone(site, "8002") as other:
            taken = await other.dial("*8")
            assert taken.lifted.is_set()
            await asyncio.sleep(2)


async def transferred_to_nobody(site: Site) -> None:
    async with talk_of_two(site) as (_, line, mine, colleague):
        assert await line.refer(colleague.extension) == 202
        await line.hang_up()
        missed = await colleague.rings()
        await missed.over.wait()
        await first(mine, colleague)
        await asyncio.sleep(1)


async def transferred_to_somebody_busy(site: Site) -> None:
    async with talk_of_two(site) as (_, line, mine, colleague):
        assert await line.refer(colleague.extension) == 202
        await line.hang_up()
        (await colleague.rings()).refuse()
        await first(mine, colleague)
        await asyncio.sleep(1)


async def transferred_to_an_unknown_extension(site: Site) -> None:
    async with talk_of_two(site) as (_, line, mine, colleague):
        assert await line.refer("8999") == 202
        await line.hang_up()
        await first(mine, colleague)
        await asyncio.sleep(1)


async def message_left(site: Site) -> None:
    async with resident(site) as line:
        await asyncio.sleep(14)
        await line.press("2")
        await asyncio.sleep(12)


async def internal(site: Site) -> None:
    async with desk_phone(site, "8001") as one, desk_phone(site, "8002") as other:
        line, dialling = await one.ring_at("8002")
        await lifts(other)
        await dialling
        await line.hang_up()


STORIES: Final[dict[str, Story]] = {
    story.__name__: story
    for story in (
        answered, abandoned_in_the_menu, abandoned_while_ringing, abandoned_in_the_queue, blind_transfer_by_keys,
        blind_transfer_by_refer, attended_transfer_by_keys, asked_a_colleague_and_came_back,
        handed_over_before_the_colleague_lifted, handed_over_to_somebody_who_never_lifted,
        asked_a_colleague_who_never_lifted, referred_before_the_colleague_lifted, attended_transfer_by_refer,
        three_of_them, hold, pick_up, transferred_to_nobody, transferred_to_somebody_busy,
        transferred_to_an_unknown_extension,
        message_left, internal,
    )
}  # fmt: skip


async def play(site: Site, name: str) -> tuple[list[CallRecord], tuple[CelRow, ...]]:
    """Play one story and return its records and the rows that the switch wrote, its end included."""
    after = _last(site)
    async with asyncio.timeout(120):
        await STORIES[name](site)
    rows: tuple[CelRow, ...] = ()
    for _ in range(100):
        await asyncio.sleep(0.1)
        rows = read_page(site.settings.cel_store, after, limit=2000).rows
        ids = {row.linkedid for row in rows}
        if rows and ids == {row.linkedid for row in rows if row.type == "LINKEDID_END"}:
            break
    call_of = join(links(rows), {})
    calls = sorted({call_of[row.linkedid] for row in rows})
    await site.eventually(lambda: _ledger_has(site, calls), limit=20, what="the ledger has the whole story")
    async with site.database.read() as session:
        told = await rows_of_calls(session, calls)
    held = tuple(row for call in calls for row in told[call] if row.type in {HOLD, UNHOLD})
    rows += tuple(replace(row, position=rows[-1].position + 1 + place) for place, row in enumerate(held))
    return [fold(call, tell(row for row in rows if call_of[row.linkedid] == call)) for call in calls], rows


async def _ledger_has(site: Site, calls: list[str]) -> bool:
    async with site.database.read() as session:
        found = [await call_by_id(session, call) for call in calls]
    return all(call is not None and call.state is CallState.ENDED for call in found)


async def capture(site: Site, name: str) -> Path:
    """Play one story and write its rows and record; return where."""
    records, rows = await play(site, name)
    RECORDED.mkdir(exist_ok=True)
    path = RECORDED / f"{name}.jsonl"
    path.write_text(written(records, rows), encoding="utf-8")
    return path


def _last(site: Site) -> int:
    after = 0
    while (page := read_page(site.settings.cel_store, after, limit=5000)).rows:
        after = page.position
    return after


async def main(names: list[str]) -> None:
    site = Site()
    try:
        await site.set_up()
        site.start()
        await site.ready()
        for name in names or STORIES:
            try:
                print(await capture(site, name), flush=True)
            except Exception as wrong:  # noqa: BLE001  # a capture is looked at by a person
                print(name, type(wrong).__name__, json.dumps(str(wrong))[:600], flush=True)
    finally:
        await site.stop()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))

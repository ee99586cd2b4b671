"""The jobs that dial, thin: ids in, a room's service called. Each may run twice; SQL decides what that means.

A worker has a link to the switch of its own. It dials; what becomes of a call the service reads from the event log.
"""

import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.exc import SQLAlchemyError

from hotline.ami import actions
from hotline.ami.client import AmiClient
from hotline.ami.dialler import AsteriskDialler
from hotline.ami.errors import AmiError
from hotline.ami.events import DeviceState, Hangup, MemberChanged
from hotline.bus import Change, Subject
from hotline.campaigns.attempt import PREFIX
from hotline.campaigns.dialling import Dialling, Row
from hotline.campaigns.lines import Lines
from hotline.campaigns.sounds import CampaignSounds
from hotline.campaigns.sweep import sweep_planned
from hotline.campaigns.tick import Tick
from hotline.centre.service import Stamped
from hotline.clock import Clock
from hotline.database import Database
from hotline.jobs import Jobs
from hotline.settings import Settings
from hotline.voice.free_texts import FreeTexts
from hotline.voice.shelf import Shelf

log = structlog.get_logger()

DIALLING: Final = "dialling"
EVERYBODYS: Final = "service"  # the queue in which a resident waits for a clerk


@dataclass
class DiallingRooms:
    """What the jobs that dial work with; opened once for a worker."""

    database: Database
    jobs: Jobs
    clock: Clock
    client: AmiClient
    lines: Lines
    tick: Tick
    row: Row

    async def free_lines(self) -> None:
        """Free each line as its call ends; what became of the call stands in the switch's event log."""
        async for event in self.client.events():
            if isinstance(event, Hangup) and event.uniqueid.startswith(PREFIX):
                await self.lines.hung_up(event.uniqueid)


@asynccontextmanager
async def opened_dialling(settings: Settings, clock: Clock) -> AsyncIterator[DiallingRooms]:
    """Open what dialling needs; give every connection back."""
    database, jobs, lines = Database(settings.database_url), Jobs(settings.redis_url), Lines(settings.redis_url)
    client = AmiClient(settings.ami, clock)
    zone, area_code = ZoneInfo(settings.centre.time_zone), settings.centre.area_code
    texts = FreeTexts(settings.voice, settings.home, clock)
    sounds = CampaignSounds(Shelf.of(settings), settings.home / "voice-campaigns", texts.sound_of)

    dialler = AsteriskDialler(client, sounds, leaves_word=settings.outbound.leaves_word)

    async def ready_clerks() -> int:
        return await clerks_ready(client)

    try:
        await Stamped(database, settings.centre, clock).ask()  # raises CentreDiffers
        yield DiallingRooms(
            database=database,
            jobs=jobs,
            clock=clock,
            client=client,
            lines=lines,
            tick=Tick(
                database=database,
                clock=clock,
                lines=lines,
                settings=settings.outbound,
                zone=zone,
                area_code=area_code,
                ready_clerks=ready_clerks,
                is_switch_up=dialler.is_up,
            ),
            row=Row(
                Dialling(
                    database=database,
                    clock=clock,
                    lines=lines,
                    dialler=dialler,
                    settings=settings.outbound,
                    zone=zone,
                    worker=f"{socket.gethostname()}:{os.getpid()}",
                    area_code=area_code,
                )
            ),
        )
    finally:
        await lines.close()
        await jobs.close()
        await database.close()


async def clerks_ready(client: AmiClient) -> int:
    """Return how many clerks of everybody's queue could take a resident now; none where the switch cannot be asked."""
    try:
        answer = await client.ask(actions.queue_status(EVERYBODYS))
    except AmiError:
        return 0
    return sum(
        isinstance(event, MemberChanged) and event.state is DeviceState.NOT_IN_USE and not event.paused
        for event in answer.events
    )


async def dial_attempt(context: dict[str, Any], attempt: str) -> None:
    """Let an attempt wait for a line here; it is dialled at most once, however often this job is run."""
    rooms: DiallingRooms = context[DIALLING]
    rooms.row.put(attempt)


async def campaign_tick(context: dict[str, Any]) -> None:
    """Plan what may begin in the next second, and ask for it."""
    rooms: DiallingRooms = context[DIALLING]
    try:
        ticked = await rooms.tick.once()
    except (SQLAlchemyError, OSError) as wrong:
        log.error("a tick failed; the next comes in a second", reason=type(wrong).__name__)
        return
    for attempt in ticked.planned:
        if not await rooms.jobs.dial(attempt):
            break  # Redis is away: the sweep asks again
    for campaign in ticked.changed:
        await rooms.jobs.tell(Change(Subject.CAMPAIGN, str(campaign)))


async def sweep_attempts(context: dict[str, Any]) -> None:
    """Ask again for what was planned and not claimed."""
    rooms: DiallingRooms = context[DIALLING]
    try:
        waiting = await sweep_planned(rooms.database, rooms.clock)
    except (SQLAlchemyError, OSError) as wrong:
        log.error("a sweep failed; the next comes in seconds", reason=type(wrong).__name__)
        return
    for attempt, turn in waiting:
        if not await rooms.jobs.dial(attempt, turn):
            break

"""`python -m hotline agent states`: what every agent decided. What their phones do, only the pages tell."""

import asyncio
from zoneinfo import ZoneInfo

import typer

from hotline.command_line import opened_database
from hotline.queues.commands import agent
from hotline.settings import read_settings

__all__ = ["agent"]


@agent.command("states")
def agent_states() -> None:
    """Tell what every agent decided, since when, and until when at the latest."""
    from hotline.agents.agent import Decided  # noqa: PLC0415
    from hotline.agents.store import decided_now  # noqa: PLC0415

    settings = read_settings()
    zone = ZoneInfo(settings.centre.time_zone)

    async def say() -> dict[str, Decided]:
        async with opened_database(settings) as database, database.read() as session:
            said: dict[str, Decided] = await decided_now(session)
            return said

    known = asyncio.run(say())
    for extension in settings.sip.agents:
        decided = known.get(extension, Decided())
        since = f"since {decided.since.astimezone(zone):%Y-%m-%d %H:%M:%S}" if decided.since else ""
        until = f"until {decided.until.astimezone(zone):%H:%M:%S}" if decided.until else ""
        typer.echo(" ".join(filter(None, [f"{extension}: {decided.stand.value}", decided.reason, since, until])))

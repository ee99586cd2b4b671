"""Read who is at whose side, as supervisors and the agent concerned may see it."""

from hotline.livehelp.help import AT_SIDE, Help
from hotline.web.agents_reading import people_of
from hotline.web.help_shapes import HelpAtSideOut, help_at_side_out
from hotline.web.rooms import WebRooms


async def read_helps(rooms: WebRooms) -> tuple[HelpAtSideOut, ...]:
    """Return all that go on."""
    return await _told(rooms, await _living(rooms))


async def read_helps_of(rooms: WebRooms, extension: str) -> tuple[HelpAtSideOut, ...]:
    """Return who is at this agent's side, once they are there; nobody where the setting keeps that from agents."""
    if rooms.live_help is None or not rooms.live_help.sides.shows_agent:
        return ()
    return await _told(rooms, [one for one in await _living(rooms) if one.agent == extension and one.state in AT_SIDE])


async def _living(rooms: WebRooms) -> list[Help]:
    return [] if rooms.live_help is None else list(await rooms.live_help.sides.all_living())


async def _told(rooms: WebRooms, helps: list[Help]) -> tuple[HelpAtSideOut, ...]:
    async with rooms.database.read() as session:
        people = await people_of(session)
    return tuple(help_at_side_out(one, people, rooms.zone) for one in helps)

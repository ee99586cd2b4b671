"""The board as pages get it: what queues and agents do now, from one truth for agents and supervisors."""

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.accounts.store import accounts
from hotline.agents.agent import AgentNow, Decided, shown_state
from hotline.web.agent_shapes import People, agent_out, help_out
from hotline.web.messages import BoardOut, board_out
from hotline.web.rooms import WebRooms


def agents_now(rooms: WebRooms) -> tuple[AgentNow, ...]:
    """Return every agent as shown; where no states are kept, as their phones are."""
    if rooms.agents is not None:
        return rooms.agents.all_now()
    phones = sorted(rooms.board().agents.items())
    return tuple(AgentNow(extension=extension, state=shown_state(Decided(), phone)) for extension, phone in phones)


async def people_of(session: AsyncSession) -> People:
    """Return what everybody is called."""
    found = await accounts(session)
    names = {account.name: account.display_name or account.name for account in found}
    owners = {account.name: account.extension for account in found if account.extension is not None}
    return People({extension: names[name] for name, extension in owners.items()}, names, owners)


async def read_board(rooms: WebRooms) -> BoardOut:
    """Return the board of now."""
    states = rooms.agents
    async with rooms.database.read() as session:
        people = await people_of(session)
    return board_out(
        rooms.board(),
        tuple(agent_out(agent, people, rooms.zone) for agent in agents_now(rooms)),
        reasons=states.settings.pause_reasons if states else (),
        wishes=help_out(states.wishes, people.extensions, rooms.zone) if states else (),
    )

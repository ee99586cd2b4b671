"""The board as pages get it: what queues and agents do now, from one truth for agents and supervisors."""

from hotline.agents.agent import AgentNow, Decided, shown_state
from hotline.web.agent_shapes import agent_out, help_out
from hotline.web.messages import BoardOut, board_out
from hotline.web.reading import read_agent_names
from hotline.web.rooms import WebRooms


def agents_now(rooms: WebRooms) -> tuple[AgentNow, ...]:
    """Return every agent as shown; where no states are kept, as their phones are."""
    if rooms.agents is not None:
        return rooms.agents.all_now()
    phones = sorted(rooms.board().agents.items())
    return tuple(AgentNow(extension=extension, state=shown_state(Decided(), phone)) for extension, phone in phones)


async def read_board(rooms: WebRooms) -> BoardOut:
    """Return the board of now."""
    names, states = await read_agent_names(rooms), rooms.agents
    return board_out(
        rooms.board(),
        tuple(agent_out(agent, names.get(agent.extension, ""), rooms.zone) for agent in agents_now(rooms)),
        reasons=states.settings.pause_reasons if states else (),
        wishes=help_out(states.wishes, names, rooms.zone) if states else (),
    )

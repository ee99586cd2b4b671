"""A switch for live help, by hand: one talk, supervisors' channels as a test shows them, one caller who waits."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from hotline.livehelp.by_hand import ByHand
from hotline.livehelp.help import Mode
from hotline.livehelp.moving import Moving
from hotline.livehelp.room import HelpRoom
from hotline.livehelp.service import HelpErrand, LiveHelp, Talk
from tests.fakes.web_desk import WebDesk

QUEUES = ("repair", "complaint", "service")


@dataclass
class HelpLineByHand:
    """The switch. `fails` is raised by whatever is asked of it."""

    call: str = "hotline-1795370000.1"
    resident: str = "PJSIP/carrier-0"
    is_talking: bool = True
    absent: str = ""  # the telephone that is not signed in
    asked: list[HelpErrand] = field(default_factory=list)
    turned: list[tuple[str, Mode]] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    lives: dict[str, Mode | None] = field(default_factory=dict)
    held: dict[tuple[str, str], str] = field(default_factory=dict)
    waits: tuple[str, str] | None = ("PJSIP/carrier-0", "repair")
    moved: list[tuple[str, str]] = field(default_factory=list)
    fails: Exception | None = None

    async def has_phone(self, extension: str) -> bool:
        return extension != self.absent

    async def talk_of(self, extension: str) -> Talk | None:
        is_there = extension == "8001" and self.is_talking
        return Talk(agent_id="1.2", agent_channel="PJSIP/8001-0", call=self.call, resident=self.resident) if is_there else None  # fmt: skip # noqa: E501

    async def begin(self, errand: HelpErrand, is_too_late: Callable[[], bool]) -> None:
        self.asked.append(errand)
        self._ask()

    async def turn(self, channel: str, mode: Mode, talk: Talk) -> None:
        self._ask()
        self.turned.append((channel, mode))

    async def end(self, channel: str) -> None:
        self.ended.append(channel)

    async def living(self) -> dict[str, Mode | None]:
        self._ask()
        return self.lives

    async def put(self, family: str, key: str, value: str) -> None:
        self._ask()
        self.held[family, key] = value

    async def drop(self, family: str, key: str) -> None:
        self._ask()
        self.held.pop((family, key), None)

    async def waits_in(self, call_id: str) -> tuple[str, str] | None:
        self._ask()
        return self.waits if call_id == "call" else None

    async def move(self, channel: str, to: str) -> None:
        self._ask()
        self.moved.append((channel, to))

    def _ask(self) -> None:
        if self.fails is not None:
            raise self.fails


def help_room(room: WebDesk, line: HelpLineByHand, *, shows_agent: bool = True) -> HelpRoom:
    """Give a web room live help on this switch."""
    within: dict[str, Any] = {"database": room.database, "bus": room.bus, "clock": room.clock}
    made = HelpRoom(
        sides=LiveHelp(
            line=line, rings_for=timedelta(seconds=20), has_phone=lambda _: True, shows_agent=shows_agent,
            call_of=lambda phone: line.call if phone == "8001" and line.is_talking else "", **within,
        ),
        moving=Moving(room=line, queues=QUEUES, agents=("8001", "8002"), **within),
        by_hand=ByHand(memory=line, queues=QUEUES, scheduled=lambda _now: True, **within),
    )  # fmt: skip
    object.__setattr__(room.rooms, "live_help", made)  # it needs the room's own database
    return made

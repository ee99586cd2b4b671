"""Homes handed to agents in a room without a switch: lines are free, and the switch takes every order."""

from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

from hotline.campaigns.campaign import CampaignKind, CampaignStep
from hotline.campaigns.desk_calls_store import refuse_rung_by_campaign
from hotline.campaigns.handing import Handing
from hotline.campaigns.settling import Settling
from hotline.campaigns.store import add_campaign, take_campaign_step
from hotline.campaigns.targets_store import NewTarget, add_targets
from hotline.desk.outside import Errand
from hotline.desk.outside_acts import OutsideCalls
from hotline.residents.resident import Home
from hotline.residents.store import find_home, set_arrears
from hotline.settings import OutboundSettings, OutsideSettings
from tests.fakes.web_desk import CALLER, WebDesk

ZONE = ZoneInfo("Asia/Shanghai")
SETTINGS = OutboundSettings()


@dataclass
class OrdersTaken:
    """A switch that takes orders and rings nobody."""

    asked: list[Errand] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)

    async def ring(self, errand: Errand, _is_too_late: object) -> None:
        self.asked.append(errand)

    async def living(self) -> frozenset[str]:
        return frozenset()

    async def hang_up(self, channel: str) -> bool:
        self.ended.append(channel)
        return True


class FreeLines:
    """Lines that are always free."""

    async def take(self, attempt: str, *, limit: int, per_second: float) -> timedelta:
        return timedelta(0)

    async def give_back(self, attempt: str) -> None:
        return


@dataclass
class HandedDesk:
    """What hands homes over in a web room."""

    room: WebDesk
    line: OrdersTaken = field(default_factory=OrdersTaken)

    def __post_init__(self) -> None:
        room = self.room
        self.settling = Settling(clock=room.clock, settings=SETTINGS, zone=ZONE)
        self.outside = OutsideCalls(
            database=room.database, bus=room.bus, clock=room.clock, line=self.line, settings=OutsideSettings(), ours=(),
            is_up=lambda: True, has_phone=bool, is_level=lambda: True, link_up_since=room.clock.now,
            refuse_rung=refuse_rung_by_campaign, when_never=self.settling.never_made,
        )  # fmt: skip
        handing = Handing(
            database=room.database, bus=room.bus, clock=room.clock, lines=FreeLines(), outside=self.outside,
            settings=SETTINGS, zone=ZONE,
        )  # fmt: skip
        for name, value in (("handing", handing), ("outside", self.outside)):
            object.__setattr__(room.rooms, name, value)  # they need the room's own database

    async def begins(self, *, by_agent: bool = True, fen: int = 68000) -> int:
        """Let a reminder of 3-2-501 run; return the campaign's id."""
        now = self.room.clock.now()
        async with self.room.database.begin() as session:
            home = await find_home(session, Home(3, 2, 501))
            assert home is not None
            await set_arrears(session, home, ["2026-09", "2026-10"], fen)
            made = await add_campaign(
                session, kind=CampaignKind.FEE_REMINDER, name="十一月催缴", words="", by="boss", at=now,
                by_agent=by_agent,
            )  # fmt: skip
            one = NewTarget(
                household=home.label, home_id=home.id, e164=f"+86{CALLER}", salutation="张先生", fen=fen,
                months=("2026-09", "2026-10"),
            )  # fmt: skip
            await add_targets(session, made.id, [one], at=now)
            await take_campaign_step(session, made.id, CampaignStep.STARTED, who="boss", at=now, needs_approval=False)
        return made.id

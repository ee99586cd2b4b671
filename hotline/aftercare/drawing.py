"""One draw, inside its caller's transaction: take a place, draw it, owe the call where it is drawn."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.accounts.account import Role
from hotline.aftercare.rules import After, Moment, Window, is_drawn
from hotline.aftercare.store import Drawn, add_draw, take_places
from hotline.followups.follow_up import FollowUpKind
from hotline.followups.rules import Debt
from hotline.followups.store import add_follow_up
from hotline.phone import PhoneNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class Whom:
    """Whom a call would reach, and who makes it. `number` is as it was written; neither it nor a home: nobody."""

    number: str = field(default="", repr=False)
    e164: str = field(default="", repr=False)
    home: str = ""
    who: str = field(default="", repr=False)
    text: str = field(default="", repr=False)
    owed_by: Role

    @classmethod
    def of(cls, number: str, *, area_code: str, home: str, who: str, text: str, owed_by: Role) -> "Whom":
        """Return whom this number, as it was written, would reach."""
        read = PhoneNumber.parse(number, area_code=area_code)
        return cls(number=number, e164=read.e164 if read else "", home=home, who=who, text=text, owed_by=owed_by)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """What is drawn: a row of the table and its share (0: never called), the days of the call, and of what it is."""

    after: After
    percent: int
    counted_from: datetime
    window: Window
    moment: Moment
    matter: int | None = None
    entry: int | None = None
    outreach: int | None = None
    home_id: int | None = None
    home: str = ""


async def draw_lot(
    session: AsyncSession, lot: Lot, whom: Whom | None, *, seed: str, at: datetime, place: int | None = None
) -> int | None:
    """Draw; return the follow-up that is owed by it. Without `whom` nobody can be called: not of the sample.

    `place`: one that the caller has taken for it already.
    """
    drawn = Drawn(
        after=lot.after,
        place=None,
        percent=0,
        seed=seed,
        is_drawn=False,
        counted_from=lot.counted_from,
        call_by=None,
        moment=lot.moment,
        matter=lot.matter,
        entry=lot.entry,
        outreach=lot.outreach,
        home_id=lot.home_id,
        home=lot.home,
    )
    if whom is None:
        await add_draw(session, drawn, follow_up=None, at=at)
        return None
    place = place or await take_places(session, lot.after)
    is_called = is_drawn(lot.after, place, lot.percent, seed)
    call_by = lot.window.due if is_called else None
    drawn = replace(drawn, place=place, percent=lot.percent, is_drawn=is_called, call_by=call_by)
    call = await _owe(session, lot, whom, at=at) if is_called else None
    await add_draw(session, drawn, follow_up=call, at=at)
    return call


async def _owe(session: AsyncSession, lot: Lot, whom: Whom, *, at: datetime) -> int:
    call = await add_follow_up(
        session,
        debt=Debt(kind=FollowUpKind.AFTERCARE, at=lot.window.since, due=lot.window.due),
        owed_by=whom.owed_by,
        call_id=None,
        number=whom.number,
        e164=whom.e164,
        home=whom.home,
        who=whom.who,
        at=at,
        text=whom.text,
        request=lot.after.value,
    )
    return call.id

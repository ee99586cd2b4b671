"""What people do in this room: draw the sample, change sheet and plan, review, look, object, answer, calibrate.

Each act is one transaction. What a person may not read is not there for them: `ReviewUnknown`, not a refusal that
would tell that there is something.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.accounts.account import Role
from hotline.accounts.store import find_account, find_extension
from hotline.audit.change import Change
from hotline.audit.store import record
from hotline.bus import Bus, Subject
from hotline.bus import Change as Changed
from hotline.clock import Clock
from hotline.database import Database
from hotline.quality import review_store as reviews
from hotline.quality.calibration import CalibrationRefused
from hotline.quality.calibration_store import (
    Calibration,
    absorb_calibrations,
    add_calibration,
    calibration_by_id,
    calls_to_score_blind,
)
from hotline.quality.review import (
    CallNotReviewed,
    Review,
    ReviewChanged,
    ReviewIncomplete,
    ReviewNotYours,
    ReviewState,
    ReviewStepRefused,
    ReviewUnknown,
    Step,
    Viewer,
    may_see,
    may_take,
)
from hotline.quality.sample_store import (
    absorb_places,
    cases_of_week,
    draw_more,
    open_week,
    places_of_week,
    week_plan,
    weeks_drawn,
    who_talked,
)
from hotline.quality.sampling import Case, Place, Plan, give_places, seed_of, week_of, wrong_places
from hotline.quality.sampling import checked as checked_plan
from hotline.quality.sheet import Item, Points, Sheet, check_points, is_complete, score_tenths
from hotline.quality.sheet import checked as checked_items
from hotline.quality.store import PLAN, SHEET, add_version, newest_plan, newest_sheet, sheet_of

ROOM: Final = "quality"
HEADS: Final = frozenset({Role.SUPERVISOR, Role.ADMIN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A week's sample: the plan and seed it is drawn by, every place, and the calls as they are known now."""

    week: date
    plan: Plan
    seed: str
    places: tuple[Place, ...]
    cases: Mapping[str, Case]

    @property
    def drawn(self) -> dict[str, tuple[str, ...]]:
        """The calls to be listened to, each with the rules that drew it, in the order in which they rang."""
        found: dict[str, tuple[str, ...]] = {}
        for one in self.places:
            if one.is_drawn and one.call_id in self.cases:
                found[one.call_id] = (*found.get(one.call_id, ()), one.stratum)
        return dict(sorted(found.items(), key=lambda pair: (self.cases[pair[0]].rang_at, pair[0])))


class Quality:
    """The acts of this room."""

    def __init__(self, *, database: Database, bus: Bus, clock: Clock, centre_code: str) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock
        self._centre = centre_code

    async def sample(self, week: date) -> Sample:
        """Return a week's sample as far as its calls are over; what is new of them is drawn now."""
        week = week_of(week)
        async with self._database.read() as session:
            cases, bound = await cases_of_week(session, week), await week_plan(session, week)
            places = await places_of_week(session, week)
            _, plan = await newest_plan(session)
        if bound is None and not cases:
            return Sample(week=week, plan=plan, seed=seed_of(self._centre, week), places=(), cases={})
        if bound is None or give_places(cases, *bound, places):
            async with self._database.begin() as session:
                seed = seed_of(self._centre, week)
                bound = await open_week(session, week, plan, seed, self._clock.now())
                await draw_more(session, week, *bound, cases)
                places = await places_of_week(session, week)
        known = {case.call_id: case for case in cases}
        return Sample(week=week, plan=bound[0], seed=bound[1], places=tuple(places), cases=known)

    async def change_sheet(self, items: tuple[Item, ...], *, based_on: int, by: str) -> Sheet:
        """Put a new version of the sheet in force. Raises SheetRefused, SheetChanged."""
        checked_items(items)
        now = self._clock.now()
        async with self._database.begin() as session:
            old = await newest_sheet(session)
            new = Sheet(version=based_on + 1, items=items, by=by, at=now)
            await add_version(session, SHEET, based_on=based_on, content=new.as_values(), by=by, at=now)
            subject, was, became = f"sheet@{new.version}", _weights(old), _weights(new)
            await record(
                session, Change(by=by, room=ROOM, act="changed", subject=subject, before=was, after=became, at=now)
            )
        return new

    async def change_plan(self, plan: Plan, *, based_on: int, by: str) -> int:
        """Draw by this plan from the next week that is begun; return its version. Raises PlanRefused, SheetChanged."""
        checked_plan(plan)
        now = self._clock.now()
        async with self._database.begin() as session:
            _, old = await newest_plan(session)
            values = plan.as_values()
            version = await add_version(session, PLAN, based_on=based_on, content=values, by=by, at=now)
            subject, was = f"plan@{version}", old.as_values()
            await record(
                session, Change(by=by, room=ROOM, act="changed", subject=subject, before=was, after=values, at=now)
            )
        return version

    async def begin(self, viewer: Viewer, call_id: str, agent: str, *, calibration: int = 0) -> Review:
        """Begin a review. Raises CallNotReviewed, ReviewTaken, ReviewNotYours."""
        now = self._clock.now()
        async with self._database.begin() as session:
            sheet = (await newest_sheet(session)).version
            if calibration:
                asked = await calibration_by_id(session, calibration)
                if asked is None or viewer.name not in asked.people:
                    raise ReviewNotYours("somebody else was asked to score this call")
                call_id, agent, sheet = asked.call_id, asked.agent, asked.sheet
            called = await who_talked(session, call_id)
            if called is None or agent not in called[1]:
                raise CallNotReviewed("the call is not over, or this agent did not speak in it")
            account = await find_extension(session, agent) or ""
            if account == viewer.name:
                raise ReviewNotYours("nobody reviews their own call")
            return await reviews.add_review(
                session,
                Review(
                    id=0,
                    call_id=call_id,
                    called_at=called[0],
                    agent=agent,
                    account=account,
                    reviewer=viewer.name,
                    sheet=sheet,
                    calibration=calibration,
                    state=ReviewState.DRAFT,
                    points={},
                    score_tenths=None,
                    remark="",
                    revision=1,
                    began_at=now,
                ),
            )

    async def read(self, session: AsyncSession, viewer: Viewer, number: int, *, is_locked: bool = False) -> Review:
        """Return a review that this person may see. Raises ReviewUnknown."""
        review = await reviews.review_by_id(session, number, is_locked=is_locked)
        if not may_see(viewer, review, is_blind=await self.is_blind(session, viewer, review)):
            raise ReviewUnknown("there is no such review")
        return review

    async def is_blind(self, session: AsyncSession, viewer: Viewer, review: Review) -> bool:
        """Return whether a review is hidden from this person until those who score the call blind have done so."""
        if review.calibration:
            asked = await calibration_by_id(session, review.calibration)
            if asked is None or not asked.is_whole:
                return True
        return viewer.is_head and review.call_id in await calls_to_score_blind(session, viewer.name)

    async def write(self, viewer: Viewer, number: int, points: Points, remark: str, *, revision: int) -> Review:
        """Write a draft's points and remark. Raises ReviewUnknown, ReviewNotYours, ReviewChanged, PointsRefused."""
        async with self._database.begin() as session:
            review = await self._draft(session, viewer, number)
            if review.revision != revision:
                raise ReviewChanged("the review was changed meanwhile, in another window")
            sheet = await sheet_of(session, review.sheet)
            check_points(sheet, points)
            in_order = {one.key: points[one.key] for one in sheet.items if one.key in points}
            await reviews.keep_points(session, number, in_order, score_tenths(sheet, points), remark)
            return await reviews.review_by_id(session, number)

    async def comment(self, viewer: Viewer, number: int, second: float, text: str) -> Review:
        """Write a comment at a second of the recording into a draft."""
        async with self._database.begin() as session:
            await self._draft(session, viewer, number)
            await reviews.add_comment(session, number, second, text)
            return await reviews.review_by_id(session, number)

    async def uncomment(self, viewer: Viewer, number: int, comment: int) -> Review:
        """Take a comment out of a draft."""
        async with self._database.begin() as session:
            await self._draft(session, viewer, number)
            await reviews.remove_comment(session, number, comment)
            return await reviews.review_by_id(session, number)

    async def discard(self, viewer: Viewer, number: int) -> None:
        """Throw a draft of one's own away: the call is open to be reviewed again."""
        async with self._database.begin() as session:
            await self._draft(session, viewer, number)
            await reviews.remove_draft(session, number)

    async def give(self, viewer: Viewer, number: int) -> Review:
        """Give a review to its agent; from then on it stays as it is. Raises ReviewIncomplete."""
        async with self._database.begin() as session:
            review = await self._draft(session, viewer, number)
            if not is_complete(await sheet_of(session, review.sheet), review.points):
                raise ReviewIncomplete("each item is judged or left out, and at least one is judged")
            taken = await self._take(session, viewer, review, Step.GIVEN)
        return self._told(taken)

    async def see(self, viewer: Viewer, number: int) -> Review:
        """Let the agent say: I have seen it."""
        async with self._database.begin() as session:
            review = await self.read(session, viewer, number, is_locked=True)
            taken = await self._take(session, viewer, review, Step.SEEN)
        return self._told(taken)

    async def object_to(self, viewer: Viewer, number: int, text: str) -> Review:
        """Let the agent say what is wrong with it; once."""
        async with self._database.begin() as session:
            review = await self.read(session, viewer, number, is_locked=True)
            taken = await self._take(session, viewer, review, Step.OBJECTED, text)
        return self._told(taken)

    async def answer(self, viewer: Viewer, number: int, text: str, points: Points | None = None) -> Review:
        """Answer an objection; `points` change the score, and what it was stays. Raises PointsRefused."""
        async with self._database.begin() as session:
            review = await self.read(session, viewer, number, is_locked=True)
            if points is not None and dict(points) != dict(review.points):
                sheet = await sheet_of(session, review.sheet)
                check_points(sheet, points)
                if not is_complete(sheet, points):
                    raise ReviewIncomplete("each item is judged or left out, and at least one is judged")
                in_order = {one.key: points[one.key] for one in sheet.items}
                await reviews.change_score(session, number, in_order, score_tenths(sheet, points))
            taken = await self._take(session, viewer, review, Step.ANSWERED, text)
        return self._told(taken)

    async def calibrate(self, by: str, call_id: str, agent: str, people: tuple[str, str]) -> Calibration:
        """Ask two supervisors to score one agent's part of a call blind. Raises CalibrationRefused, CallNotReviewed."""
        now = self._clock.now()
        async with self._database.begin() as session:
            called = await who_talked(session, call_id)
            if called is None or agent not in called[1]:
                raise CallNotReviewed("the call is not over, or this agent did not speak in it")
            known = [await find_account(session, name) for name in people]
            whose = await find_extension(session, agent) or ""
            if people[0] == people[1] or whose in people:
                raise CalibrationRefused("two different people are needed, and neither of them is the agent")
            if any(one is None or one.account.role not in HEADS for one in known):
                raise CalibrationRefused("only supervisors and administrators score calls")
            sheet = (await newest_sheet(session)).version
            new = Calibration(
                id=0, call_id=call_id, called_at=called[0], agent=agent, people=people, sheet=sheet, by=by, at=now
            )
            made = await add_calibration(session, new)
            after = {"agent": agent, "people": list(people)}
            subject = f"calibration {made.id}"
            await record(session, Change(by=by, room=ROOM, act="asked", subject=subject, after=after, at=now))
        self._bus.publish(Changed(Subject.REVIEW))
        return made

    def _told(self, review: Review) -> Review:
        """Let the pages know, after the commit, that somebody has more or less to look at."""
        self._bus.publish(Changed(Subject.REVIEW))
        return review

    async def _draft(self, session: AsyncSession, viewer: Viewer, number: int) -> Review:
        review = await self.read(session, viewer, number, is_locked=True)
        if review.reviewer != viewer.name or not viewer.is_head:
            raise ReviewNotYours("only its author writes a review")
        if review.state is not ReviewState.DRAFT:
            raise ReviewStepRefused("a review that was given stays as it is")
        return review

    async def _take(self, session: AsyncSession, viewer: Viewer, review: Review, step: Step, text: str = "") -> Review:
        if not may_take(viewer, review, step):
            raise ReviewNotYours(f"this review is not yours to be {step.value}")
        await reviews.take_step(session, review.id, step, who=viewer.name, at=self._clock.now(), text=text)
        return await reviews.review_by_id(session, review.id)


async def absorb_quality(session: AsyncSession, young: str, old: str) -> None:
    """Let what this room knows of a part be known of the whole call. May run again."""
    await absorb_places(session, young, old)
    await reviews.absorb_reviews(session, young, old)
    await absorb_calibrations(session, young, old)


async def prove(database: Database) -> list[tuple[date, int, int, list[Place]]]:
    """Draw every place of every week again; return of each how many places and drawn there are, and which disagree."""
    proved = []
    async with database.read() as session:
        for week, seed in await weeks_drawn(session):
            places = await places_of_week(session, week)
            proved.append((week, len(places), sum(one.is_drawn for one in places), wrong_places(places, seed)))
    return proved


def _weights(sheet: Sheet) -> dict[str, object]:
    return {one.name: one.weight for one in sheet.items}

"""Random work of a desk besides calls: matters, debts, drawn call-backs, answers, entries, agents' time, campaigns."""

from datetime import datetime, timedelta
from random import Random
from typing import Final

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.accounts.account import Role
from hotline.aftercare.store import AftercareAnswerTable, AftercareDrawTable
from hotline.agents.agent import Stand
from hotline.agents.store import AgentStateTable
from hotline.campaigns.campaign import CampaignKind
from hotline.campaigns.store import CampaignTable, add_campaign
from hotline.campaigns.targets_store import NewTarget, TargetTable, add_targets
from hotline.dutylog.draft import Draft
from hotline.dutylog.draft_fields import DraftField
from hotline.dutylog.draft_store import DraftFieldTable
from hotline.dutylog.draft_verdicts import Verdict
from hotline.dutylog.entry import Kind
from hotline.dutylog.store import add_entry
from hotline.followups.follow_up import FollowUpKind, FollowUpState
from hotline.followups.store import FollowUpTable
from hotline.residents.resident import Home
from hotline.residents.store import add_home, set_arrears
from tests.fakes.random_calls import AGENTS

HOUR: Final = timedelta(hours=1)
KINDS: Final = (Kind.COMPLAINT, Kind.REPAIR, Kind.ENQUIRY)
MATTERS: Final = ("厨房水管漏水", "水管又漏了，厨房的", "卫生间马桶堵了", "楼上装修太吵", "请尽快处理")
FEES: Final = ("2026-09", "2026-10")


class RandomService:
    """Writes at random within some days from `first` on; what an agent did is in whole seconds."""

    def __init__(self, dice: Random, first: datetime, days: int) -> None:
        self.dice, self.first, self.days = dice, first, days

    def moment(self) -> datetime:
        return self.first + timedelta(seconds=self.dice.randrange(self.days * 86_400))

    async def write(self, session: AsyncSession, *, times: int) -> None:
        """Write `times` of everything, a few campaigns, and the whole time of each agent."""
        for number in range(times):
            await self.write_service(session, number)
            await self._entry(session)
        for agent in AGENTS:
            await self._time_of(session, agent)
        for number in range(3):
            await self._campaign(session, number)

    async def write_service(self, session: AsyncSession, number: int) -> None:
        """Write a debt, and a handled matter with its draw, the `number`th."""
        await self._debt(session, self.dice.choice([*FollowUpKind, *[FollowUpKind.MATTER] * 6]))
        await self._drawn(session, number)

    async def _debt(self, session: AsyncSession, kind: FollowUpKind, *, is_done: bool | None = None) -> FollowUpTable:
        since = self.moment()
        due = since + self.dice.choice((1, 5, 30)) * HOUR if self.dice.random() < 0.9 else None
        states = (FollowUpState.OPEN, FollowUpState.DONE, FollowUpState.DONE, FollowUpState.CANCELLED)
        state = FollowUpState.DONE if is_done else self.dice.choice(states)
        closed = None if state is FollowUpState.OPEN else since + self.dice.choice((0.5, 1, 5, 31, 80)) * HOUR
        row = FollowUpTable(
            kind=kind.value,
            state=state.value,
            owed_by=Role.AGENT.value,
            call_id=None,
            calls=0,
            number="",
            e164="",
            home="1-1-101",
            who="",
            text="",
            request=self.dice.choice(KINDS).value if kind is FollowUpKind.MATTER else "",
            mark=None,
            incident="",
            since=since,
            last_at=since,
            due=due,
            promised=None,
            play_from=None,
            closed_at=closed,
            closing=None,
            changed_at=since,
            escalated_at=None,
        )
        session.add(row)
        await session.flush()
        return row

    async def _drawn(self, session: AsyncSession, number: int) -> None:
        matter = await self._debt(session, FollowUpKind.MATTER, is_done=True)
        is_drawn = self.dice.random() < 0.6
        call = await self._debt(session, FollowUpKind.AFTERCARE) if is_drawn else None
        if call is not None and matter.closed_at is not None and call.closed_at is not None:
            # Also to the moment at which it is just in time.
            call.closed_at = matter.closed_at + self.dice.choice((1, 47, 48, 49, 72, 80)) * HOUR
        session.add(
            AftercareDrawTable(
                matter=matter.id,
                entry=number + 1,
                kind=matter.request,
                place=number + 1 if self.dice.random() < 0.9 else None,
                percent=30,
                seed="s",
                is_drawn=is_drawn,
                follow_up=call.id if call else None,
                call_by=call.due if call else None,
                at=matter.closed_at or matter.since,
            )
        )
        if call is not None and self.dice.random() < 0.7:
            session.add(
                AftercareAnswerTable(
                    follow_up=call.id, is_satisfied=self.dice.random() < 0.7, attitude=4, quality=4,
                    was_charged_wrongly=False, shortcomings="", suggestions="", by="wang", at=self.moment(),
                )
            )  # fmt: skip
        await session.flush()

    async def _entry(self, session: AsyncSession) -> None:
        agent, at = self.dice.choice(AGENTS), self.moment()
        draft = Draft(
            kind=self.dice.choice(KINDS), is_urgent=False, who="", home=self.dice.choice(("3-2-501", "1-1-101", "")),
            matter=self.dice.choice(MATTERS), promised="", agent=agent,
        )  # fmt: skip
        entry = await add_entry(session, call_id=None, draft=draft, written_by="wang", at=at)
        if self.dice.random() < 0.2:
            await add_entry(session, call_id=None, draft=draft, written_by="wang", at=at, corrects=entry.number)
        for field in self.dice.sample(list(DraftField), 3):
            session.add(
                DraftFieldTable(
                    number=entry.number, field=field.value, value="x", origin="menu", certainty="sure", side=None,
                    second=None, phrase="", offered="", verdict=self.dice.choice(list(Verdict)).value, judged_at=at,
                )
            )  # fmt: skip
        await session.flush()

    async def _time_of(self, session: AsyncSession, agent: str) -> None:
        """One stretch after another; a few last for days, one for longer than is counted, the last goes on."""
        at, until = self.first - timedelta(days=9), self.first + timedelta(days=self.days)
        lengths = (HOUR / 12, HOUR, 8 * HOUR, 60 * HOUR, 200 * HOUR)
        while at < until:
            ended = at + self.dice.choice(lengths) + timedelta(seconds=self.dice.randrange(900))
            stand = self.dice.choice((Stand.READY, Stand.WRAP_UP, Stand.PAUSED, Stand.SIGNED_OUT))
            session.add(
                AgentStateTable(
                    extension=agent, stand=stand.value, since=at, until=None, by="", call_id="", then="",
                    ended_at=ended if ended < until else None,
                    reason=self.dice.choice(("meal", "rest")) if stand is Stand.PAUSED else "",
                )
            )  # fmt: skip
            at = ended
        await session.flush()

    async def _campaign(self, session: AsyncSession, number: int) -> None:
        kind = CampaignKind.FEE_REMINDER if number else CampaignKind.SURVEY
        made = await add_campaign(session, kind=kind, name=f"c{number}", words="", by="wang", at=self.first)
        (await session.get_one(CampaignTable, made.id)).started_at = self.moment()
        homes = [await add_home(session, Home(number + 1, 1, 100 + place)) for place in range(9)]
        targets = [
            NewTarget(household=home.label, e164=f"+86138000{number}{place:02}{phone:02}", home_id=home.id,
                      fen=self.dice.choice((0, 5_000, 10_000)), months=FEES)
            for place, home in enumerate(homes)
            for phone in range(self.dice.choice((1, 2)))
        ]  # fmt: skip
        await add_targets(session, made.id, targets, at=self.first)
        for row in (await session.scalars(_targets_of(made.id))).all():
            row.state = self.dice.choice(("waiting", "done", "given-up"))
            row.outcome = self.dice.choice(("", "human", "busy"))
        for home in homes[:6]:
            await set_arrears(session, home, [self.dice.choice((*FEES, "2026-11"))], self.dice.choice((100, 7_000)))
        await session.flush()


def _targets_of(campaign: int) -> Select[tuple[TargetTable]]:
    return select(TargetTable).where(TargetTable.campaign_id == campaign).order_by(TargetTable.id)

"""What people do with campaigns: make, fill, look at, approve, start, pause, resume, stop.

Each act is one transaction with its line in the campaign's history; then whoever looks is told. What was planned and
not yet dialled is withdrawn in the same transaction that pauses or stops.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.bus import Bus, Change, Subject
from hotline.campaigns.attempts_store import planned_of_campaign
from hotline.campaigns.campaign import (
    Campaign,
    CampaignEmpty,
    CampaignError,
    CampaignKind,
    CampaignState,
    CampaignStep,
    check_approval,
)
from hotline.campaigns.campaign import after as campaign_after
from hotline.campaigns.dialling import withdraw
from hotline.campaigns.list_files import ListRow, read_list
from hotline.campaigns.listing import Listed, resolve
from hotline.campaigns.lists_store import campaign_of_list, keep_list, release_lists
from hotline.campaigns.records_store import homes_of_buildings, homes_that_owe, owed_calls, put_arrears
from hotline.campaigns.store import add_campaign, campaign_by_id, take_campaign_step
from hotline.campaigns.targets_store import NewTarget, add_targets, households_on_list, is_nobody_left
from hotline.campaigns.texts import check_words
from hotline.clock import Clock
from hotline.database import Database
from hotline.followups.follow_up import FollowUp, FollowUpKind
from hotline.phone import PhoneNumber
from hotline.residents.files import Problem
from hotline.settings import OutboundSettings

OWED: Final = {
    CampaignKind.SURVEY: FollowUpKind.AFTERCARE,
    CampaignKind.MISSED_RETURN: FollowUpKind.MISSED,
    CampaignKind.CALL_BACK: FollowUpKind.CALL_BACK,
}


class ListDoubled(CampaignError):
    """This very list was taken in before; says for which campaign."""

    error_id = "campaign-list-doubled"

    def __init__(self, campaign: int) -> None:
        super().__init__(f"this very list was taken in before, for campaign {campaign}")
        self.details = {"campaign": campaign}


class NobodyToRing(CampaignError):
    """The rule finds nobody in the records."""

    error_id = "campaign-nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What taking in a list did, or with a dry run would do. With problems the good rows are taken all the same."""

    added: int = 0
    known: int = 0  # stood on the list already
    problems: tuple[Problem, ...] = ()


async def speaks_nothing(_words: str) -> object:
    """Do nothing: where words need no voice made beforehand."""
    return None


class Campaigns:
    """What people may do. `speak` makes the sound of a notice's words, so that a missing voice is said at approval."""

    def __init__(
        self,
        *,
        database: Database,
        bus: Bus,
        clock: Clock,
        settings: OutboundSettings,
        area_code: str = "",
        speak: Callable[[str], Awaitable[object]] = speaks_nothing,
    ) -> None:
        self._database, self._bus, self._clock, self._settings = database, bus, clock, settings
        self._area_code, self._speak = area_code, speak

    @property
    def needs_approval(self) -> bool:
        """Whether a second person approves before anything starts (`outbound.needs_approval`)."""
        return self._settings.needs_approval

    async def make(
        self, kind: CampaignKind, name: str, *, by: str, words: str = "", lines: int = 0, by_agent: bool = False
    ) -> Campaign:
        """Draft a campaign; `by_agent`: agents look at each home and dial it themselves. Raises WordsRefused."""
        check_words(words, kind)
        async with self._database.begin() as session:
            made = await add_campaign(
                session, kind=kind, name=name, words=words, by=by, at=self._clock.now(), lines=lines, by_agent=by_agent
            )
        self._tell(made.id)
        return made

    async def take_in(
        self, campaign_id: int, content: bytes, *, by: str, file: str = "", is_dry_run: bool = False
    ) -> Taken:
        """Put the good rows of a list on a campaign, and say what is wrong with the others.

        Finance's list of who owes is taken over into the records for the homes that it names. Raises CampaignUnknown,
        CampaignStepRefused, FileRefused, ListDoubled.
        """
        async with self._database.read() as session:
            campaign = await campaign_by_id(session, campaign_id)
        reading = await asyncio.to_thread(read_list, content, campaign.kind, area_code=self._area_code)
        sha256 = hashlib.sha256(content).hexdigest()
        async with self._database.read() as session:
            await _refuse_a_list_twice(session, sha256)
            listed = await resolve(session, reading.rows)
            fresh, known = await self._fresh(session, campaign_id, listed)
        if not is_dry_run:
            async with self._database.begin() as session:
                await campaign_by_id(session, campaign_id, is_locked=True)
                await _refuse_a_list_twice(session, sha256)
                if campaign.kind is CampaignKind.FEE_REMINDER:
                    owed = [(one.home_id, one.months, one.fen) for one in listed.targets if one.home_id is not None]
                    await put_arrears(session, owed)
                fresh, known = await self._fill(session, campaign_id, listed, by=by, text=file)
                await keep_list(session, campaign_id, sha256, by=by, at=self._clock.now(), rows=len(reading.rows))
            self._tell(campaign_id)
        problems = sorted([*reading.problems, *listed.problems], key=lambda problem: problem.line)
        return Taken(added=len(fresh), known=known, problems=tuple(problems))

    async def take_from_records(
        self,
        campaign_id: int,
        *,
        by: str,
        from_fen: int = 1,
        buildings: Sequence[int] = (),
        follow_up: FollowUp | None = None,
        is_dry_run: bool = False,
    ) -> Taken:
        """Put on a campaign whom the records name: who owes so much, who lives in these buildings, whom we owe a call.

        `follow_up` is a single wish. Raises CampaignUnknown, CampaignStepRefused, NobodyToRing.
        """
        async with self._database.read() as session:
            kind = (await campaign_by_id(session, campaign_id)).kind
            listed = await self._named_by_records(session, kind, from_fen, buildings, follow_up)
            fresh, known = await self._fresh(session, campaign_id, listed)
        if not listed.targets and not listed.problems:
            raise NobodyToRing("the rule finds nobody in the records")
        if not is_dry_run:
            async with self._database.begin() as session:
                await campaign_by_id(session, campaign_id, is_locked=True)
                if kind in OWED:  # a few, and no call that is owed may have come onto two lists meanwhile
                    listed = await self._named_by_records(session, kind, from_fen, buildings, follow_up)
                fresh, known = await self._fill(session, campaign_id, listed, by=by, text="from the records")
            self._tell(campaign_id)
        return Taken(added=len(fresh), known=known, problems=listed.problems)

    async def approve(self, campaign_id: int, *, by: str) -> Campaign:
        """Approve what is said and who is rung. Raises CampaignNeedsAnother, WordsRefused, VoiceError, too."""
        async with self._database.read() as session:
            campaign = await campaign_by_id(session, campaign_id)
        check_approval(campaign, by, needs_approval=self._settings.needs_approval)
        await self._check_said(campaign)
        return await self._step(campaign_id, CampaignStep.APPROVED, by)

    async def start(self, campaign_id: int, *, by: str) -> Campaign:
        """Let it begin. Raises CampaignUnknown, CampaignStepRefused, CampaignEmpty."""
        async with self._database.read() as session:
            campaign = await campaign_by_id(session, campaign_id)
        if campaign.state is CampaignState.DRAFT and not self._settings.needs_approval:
            await self._check_said(campaign)
        return await self._step(campaign_id, CampaignStep.STARTED, by)

    async def pause(self, campaign_id: int, *, by: str) -> Campaign:
        """Begin no further call until it is resumed; calls under way go on. Raises as `start`."""
        return await self._step(campaign_id, CampaignStep.PAUSED, by)

    async def resume(self, campaign_id: int, *, by: str) -> Campaign:
        """Go on. Raises as `start`."""
        return await self._step(campaign_id, CampaignStep.RESUMED, by)

    async def stop(self, campaign_id: int, *, by: str) -> Campaign:
        """End it at once, for good; nobody who is being spoken with is cut off. Raises as `start`."""
        return await self._step(campaign_id, CampaignStep.STOPPED, by)

    async def _check_said(self, campaign: Campaign) -> None:
        check_words(campaign.words, campaign.kind)
        if campaign.kind is CampaignKind.NOTICE:
            await self._speak(campaign.words)

    async def _step(self, campaign_id: int, step: CampaignStep, by: str) -> Campaign:
        now = self._clock.now()
        async with self._database.begin() as session:
            before = await campaign_by_id(session, campaign_id, is_locked=True)
            campaign = await take_campaign_step(
                session, campaign_id, step, who=by, at=now, needs_approval=self._settings.needs_approval
            )
            if step in {CampaignStep.APPROVED, CampaignStep.STARTED} and await is_nobody_left(session, campaign_id):
                raise CampaignEmpty("nobody stands on this campaign's list: put homes on it first")
            if step in {CampaignStep.PAUSED, CampaignStep.STOPPED}:
                for row in await planned_of_campaign(session, campaign_id):
                    await withdraw(session, row, why=f"campaign-{campaign.state.value}", at=now)
            if step is CampaignStep.STOPPED and before.started_at is None:
                await release_lists(session, campaign_id)
        self._tell(campaign_id)
        return campaign

    async def _named_by_records(
        self,
        session: AsyncSession,
        kind: CampaignKind,
        from_fen: int,
        buildings: Sequence[int],
        follow_up: FollowUp | None,
    ) -> Listed:
        if kind in OWED:
            owed = [follow_up] if follow_up else await owed_calls(session, OWED[kind], self._clock.now())
            return await self._listed_of(session, owed)
        if kind is CampaignKind.NOTICE:
            homes = await homes_of_buildings(session, buildings)
            return await resolve(session, [ListRow(line=0, home=home) for home in homes])
        owing = await homes_that_owe(session, from_fen, buildings)
        return await resolve(
            session, [ListRow(line=0, home=home, months=months, fen=fen) for home, months, fen in owing]
        )

    async def _fresh(self, session: AsyncSession, campaign_id: int, listed: Listed) -> tuple[list[NewTarget], int]:
        """Return who is not on the list yet, and how many are. Raises CampaignStepRefused where nobody may come on."""
        campaign_after((await campaign_by_id(session, campaign_id)).state, CampaignStep.IMPORTED)
        there = await households_on_list(session, campaign_id, [one.e164 for one in listed.targets])
        fresh = [one for one in listed.targets if (one.household, one.e164) not in there]
        return fresh, len(listed.targets) - len(fresh)

    async def _fill(
        self, session: AsyncSession, campaign_id: int, listed: Listed, *, by: str, text: str
    ) -> tuple[list[NewTarget], int]:
        fresh, known = await self._fresh(session, campaign_id, listed)
        if fresh:
            now = self._clock.now()
            await add_targets(session, campaign_id, fresh, at=now)
            said = f"{text}: {len(fresh)}" if text else str(len(fresh))
            await take_campaign_step(
                session, campaign_id, CampaignStep.IMPORTED, who=by, at=now, needs_approval=True, text=said
            )
        return fresh, known

    async def _listed_of(self, session: AsyncSession, owed: Sequence[FollowUp]) -> Listed:
        """Return what the desk owes as targets: by home where one is known, else by the number that called."""
        targets: list[NewTarget] = []
        problems: list[Problem] = []
        for one in owed:
            number = PhoneNumber.parse(one.number, area_code=self._area_code)
            if number is None or not number.is_private_line:
                problems.append(Problem(one.id, "numbers", "号码无法自动拨打", "the number cannot be rung"))
                continue
            targets.append(
                NewTarget(
                    household=one.home or number.e164,
                    e164=number.e164,
                    salutation=one.who,
                    follow_up_id=one.id,
                    line=one.id,
                )
            )
        once = {(one.household, one.e164): one for one in reversed(targets)}
        return Listed(tuple(reversed(once.values())), tuple(problems))

    def _tell(self, campaign_id: int) -> None:
        self._bus.publish(Change(Subject.CAMPAIGN, str(campaign_id)))


async def _refuse_a_list_twice(session: AsyncSession, sha256: str) -> None:
    if (other := await campaign_of_list(session, sha256)) is not None:
        raise ListDoubled(other)

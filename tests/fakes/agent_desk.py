"""An agent's desk for the browser: a web room, calls at the phone by hand, and agents' states as they are kept."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from playwright.async_api import Page, expect

from hotline.accounts.account import Role
from hotline.agents.offers import Offers
from hotline.agents.service import AgentStates
from hotline.bus import Change, Subject
from hotline.calls.ledger import Ring
from hotline.calls.state import CallState, Outcome
from hotline.calls.talks import Talk
from hotline.followups.follow_up import FollowUpKind
from hotline.followups.rules import Debt
from hotline.followups.store import add_follow_up
from hotline.live.talk import LiveTurn, SpokenWord, Talks
from hotline.queues.board import AgentState
from hotline.residents.notes_store import add_note
from hotline.residents.resident import Home, MatterKind
from hotline.residents.store import add_matter, find_home, set_arrears
from hotline.settings import AgentsSettings
from hotline.transcribe.transcript import Side
from tests.fakes.offered import OffersByHand
from tests.fakes.web_desk import CALLER, PASSWORD, MorningClock, WebDesk, web_desk

CUT_OFF = (Path(__file__).parent / "cut_off.js").read_text(encoding="utf-8")


@dataclass
class AgentDesk:
    """A running room and what its agent's phone does."""

    room: WebDesk
    offers: OffersByHand
    states: AgentStates
    talks: Talks
    pages: list[Page] = field(default_factory=list)

    async def sign_in(self, page: Page, name: str = "xiaowang") -> None:
        """Sign in by the form and come out at an agent's page."""
        self.pages.append(page)
        await page.goto(f"{self.room.origin}/agent")
        await page.get_by_label("用户名").fill(name)
        await page.get_by_label("密码").fill(PASSWORD)
        await page.get_by_role("button", name="登录").click()
        await expect(page.locator("#freshness")).to_have_text("实时")
        await expect(page.locator("#my-state")).not_to_be_empty()  # the page's own script has drawn, and hears keys

    async def fill_records(self) -> None:
        """Write down what is known of the caller's home, and what is owed to it."""
        room, now = self.room, self.room.clock.now()
        for days, words in ((2, "厨房水管漏水，已派维修"), (9, "咨询停车费")):
            await room.finished_call(f"old-{days}", start=now - timedelta(days=days))
            await room.draft(f"old-{days}", matter=words)
        async with room.database.begin() as session:
            home = await find_home(session, Home(3, 2, 501))
            assert home is not None
            assert home.id is not None
            await add_matter(
                session, home, MatterKind.REPAIR, "厨房水管漏水，等配件", opened=now - timedelta(days=2),
                promised=now - timedelta(hours=3),
            )  # fmt: skip
            await set_arrears(session, home, ["2026-09", "2026-10"], 68000)
            await add_note(session, home.id, "听力不好，请慢慢说", by="xiaowang", at=now - timedelta(days=40))
            await add_follow_up(
                session, debt=Debt(kind=FollowUpKind.CALL_BACK, at=now - timedelta(hours=1), due=now),
                owed_by=Role.AGENT, call_id="old-2", number=CALLER, e164="+8613800138501", home="3-2-501", who="张先生",
                at=now,
            )  # fmt: skip

    async def ring(self, call_id: str = "c-1", **more: Any) -> None:
        """Let a resident's call ring at 8001."""
        now = self.room.clock.now()
        at = [now - timedelta(seconds=s) for s in (20, 18, 9, 1)]
        values: dict[str, Any] = {
            "ring_start": at[0], "switch_answer": at[1], "menu_path": ("1",), "request": "repair", "queue": "repair",
            "queued_at": at[2], "state": CallState.WAITING, "rings": (Ring(agent="8001", leg="x", began=at[3]),),
        }  # fmt: skip
        await self.room.goes_on(call_id, **(values | more))
        self.offers.ring("8001", call_id, now, CALLER)
        self.phone(AgentState.RINGING)

    async def lift(self, call_id: str = "c-1", **drafted: Any) -> None:
        """Lift 8001; a draft of the call is drawn."""
        now = self.room.clock.now()
        self.offers.answer("8001", call_id, now)
        await self.room.goes_on(
            call_id, state=CallState.TALKING, human_answer=now, agent="8001", recording=f"2026/11/21/{call_id}",
            recording_start=now, rings=(Ring(agent="8001", leg="x", began=now, ended=now, was_answered=True),),
            talks=(Talk(agent="8001", leg="x", began=now),),
        )  # fmt: skip
        await self.room.draft(call_id, **({"matter": ""} | drafted))
        self.phone(AgentState.TALKING)

    async def hang_up(self, call_id: str = "c-1") -> None:
        """Let the talk end, the resident first."""
        now, call = self.room.clock.now(), self.room.calls[call_id]
        self.offers.end("8001", call_id)
        self.phone(AgentState.READY)
        await self.states.talk_over("8001", call_id, now)
        await self.room.goes_on(
            call_id, state=CallState.ENDED, ended_at=now, ended_by_caller=True, outcome=Outcome.ANSWERED,
            talks=(Talk(agent="8001", leg="x", began=call.human_answer or now, ended=now),),
        )  # fmt: skip

    def say(
        self, text: str, *, side: Side = Side.CALLER, number: int = 0, call_id: str = "c-1", ago: float = 0
    ) -> None:
        """Let a side's words be heard live."""
        at = self.room.clock.now() - timedelta(seconds=ago)
        words = tuple(
            SpokenWord(text=letter, until=at + timedelta(seconds=0.2 * place), confidence=0.9)
            for place, letter in enumerate(text, start=1)
        )
        self.talks.take(
            LiveTurn(
                call_id=call_id, leg=side.value, side=side, number=number, at=at, text=text, is_final=True, words=words
            )
        )
        self.room.bus.publish(Change(Subject.WORDS, call_id))

    def phone(self, state: AgentState) -> None:
        """Let the switch say what 8001 does."""
        self.room.agents(a8001=state, a8002=AgentState.READY)


@asynccontextmanager
async def agent_desk(home: Path, **changes: Any) -> AsyncIterator[AgentDesk]:
    """Give a desk whose phone 8001 is registered."""
    offers, talks = OffersByHand(), Talks()
    async with web_desk(home, clock=MorningClock(), offers=offers, talks=talks, **changes) as room:
        offers.bus = room.bus
        states = AgentStates(
            database=room.database, bus=room.bus, clock=room.clock, agents=("8001", "8002"), settings=AgentsSettings(),
            offers=cast("Offers", offers), board=lambda: room.board,
        )  # fmt: skip
        object.__setattr__(room.rooms, "agents", states)  # it needs the room's own database
        desk = AgentDesk(room, offers, states, talks)
        desk.phone(AgentState.READY)
        try:
            yield desk
        finally:
            for page in desk.pages:  # a page that still asks when the room closes would complain
                if not page.is_closed():
                    await page.goto("about:blank")

"""Callers who hang up at any point, press anything, have no number or a monstrous name."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from hotline.calls.state import CallState, Outcome
from hotline.calls.store import calls_page
from hotline.dutylog.draft import TURNED_AWAY
from hotline.dutylog.store import entries_of
from hotline.followups.follow_up import FollowUpKind
from hotline.simulate.scenario import Press, Say, Wait, gives_up_while_ringing
from tests.fakes.site import Site

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def ended(site: Site, number: str):
    return await site.call_of(number, where=lambda call: call.state is CallState.ENDED)


async def test_a_caller_who_gives_up_while_it_rings_is_in_the_ledger(site: Site) -> None:
    scenario = gives_up_while_ringing(number="13900000001", dialled="96000", after=0.3)

    await site.telephone("caller").call(scenario, limit=20)

    call = await ended(site, "13900000001")
    assert (call.outcome, call.switch_answer, call.rings_heard) == (Outcome.ABANDONED_RINGING, None, 1)


@pytest.mark.parametrize(
    ("number", "after", "outcome"),
    [
        ("13900000002", 1.0, Outcome.ABANDONED_ANNOUNCEMENT),
        ("13900000003", 13.0, Outcome.ABANDONED_MENU),
    ],
)
async def test_a_caller_who_hangs_up_is_abandoned_where_they_were(
    site: Site, number: str, after: float, outcome: Outcome
) -> None:
    await site.calls_in(Say(site.silence(after), after), number=number)

    assert (await ended(site, number)).outcome is outcome


async def test_a_caller_who_waits_in_vain_is_abandoned_in_the_queue_and_the_call_is_owed(site: Site) -> None:
    await site.calls_in(Say(site.silence(12), 12), Press("1"), Wait(6), number="13900000004")

    call = await ended(site, "13900000004")
    assert (call.outcome, call.queue, call.human_answer) == (Outcome.ABANDONED_QUEUE, "service", None)


async def test_an_agent_who_does_not_lift_is_a_ring_without_answer_once_and_the_next_agent_rings(site: Site) -> None:
    silent = await site.sign_in_phone("8001")

    async def second_agent() -> None:
        await site.call_of("13900000005", where=lambda call: bool(call.rings))  # the first phone rings: only now is
        lifting = await site.sign_in_phone("8002")  # there a second one
        await site.agent_answers(lifting, Wait(1), hangs_up=True)

    async with asyncio.TaskGroup() as all_three:
        all_three.create_task(site.agent_does_not_answer(silent))
        all_three.create_task(second_agent())
        all_three.create_task(
            site.calls_in(Say(site.silence(10), 10), Press("0"), number="13900000005", hangs_up=False, limit=120)
        )
    await site.sign_phone(silent, "8001", lasts=0)

    call = await ended(site, "13900000005")
    assert (call.outcome, call.agent) == (Outcome.ANSWERED, "8002")
    [missed] = [ring for ring in call.rings if not ring.was_answered]
    assert missed.agent == "8001"
    assert missed.ended is not None
    assert 13 <= (missed.ended - missed.began).total_seconds() <= 17, "an agent's phone rings three rings, 15 s"


async def let_in(site: Site, count: int) -> list[str]:
    """Wait until so many callers are let in; return their channels."""

    async def so_many() -> list[str]:
        said = await asyncio.to_thread(site.console, "group show channels")
        found = re.findall(r"^(PJSIP/carrier-\S+)\s+carrier\s+calls", said, re.MULTILINE)
        return found if len(found) == count else []

    return await site.eventually(so_many, limit=30, what=f"{count} callers are let in")


@asynccontextmanager
async def full_house(site: Site, *numbers: str) -> AsyncIterator[None]:
    """Let in two callers, with these numbers, and no more; both stay to the end."""
    site.console("dialplan set global MOST_CALLS 2")
    try:
        async with asyncio.TaskGroup() as stay:
            for number in numbers:
                stay.create_task(site.calls_in(number=number, hangs_up=False, limit=150))
            for number in numbers:
                await site.call_of(number, where=lambda call: call.switch_answer is not None)
            await let_in(site, 2)
            try:
                yield
            finally:
                site.console("channel request hangup all")
    finally:
        site.console(f"dialplan set global MOST_CALLS {site.settings.answering.most_calls}")


async def test_callers_beyond_the_most_are_lifted_at_once_told_so_and_owed_a_call_and_nine_still_helps(
    site: Site,
) -> None:
    security = await site.sign_in_phone("8701")
    async with full_house(site, "13900000061", "13900000062"), asyncio.TaskGroup() as all_four:
        third = all_four.create_task(site.calls_in(number="13900000063", hangs_up=False))
        all_four.create_task(
            site.calls_in(number="anonymous", dialled=site.settings.sip.outbound_number, hangs_up=False)
        )
        all_four.create_task(site.agent_answers(security, Wait(11), hangs_up=True))
        all_four.create_task(
            site.calls_in(Say(site.silence(2), 2), Press("9"), number="13900000064", hangs_up=False, limit=120)
        )
    await site.sign_phone(security, "8701", lasts=0)

    away, withheld, danger = [await ended(site, number) for number in ("13900000063", "anonymous", "13900000064")]
    assert not any(message.line.startswith("SIP/2.0 180") for message in third.result()), "lifted at once: no ringing"
    assert any(message.line.startswith("BYE") for message in third.result()), "the switch ends it"
    assert (away.outcome, away.recording, away.menu_path, away.oddities) == (Outcome.TURNED_AWAY, "", (), ())
    [owed] = await site.owed(away.id)
    assert owed.kind is FollowUpKind.MISSED
    async with site.database.read() as session:
        [entry] = await entries_of(session, away.id)
    assert entry.matter == TURNED_AWAY
    assert (withheld.outcome, withheld.talk_steps) == (Outcome.TURNED_AWAY, ("RINGS_BACK",))
    assert len(await site.owed(withheld.id)) == 1, "who shows no number is written down, too"
    assert (danger.outcome, danger.agent, danger.is_emergency) == (Outcome.ANSWERED, "8701", True)


async def test_as_soon_as_one_leaves_the_next_caller_is_let_in(site: Site) -> None:
    async with full_house(site, "13900000065", "13900000066"):
        first, _ = await let_in(site, 2)
        site.console(f"channel request hangup {first}")
        await let_in(site, 1)
        await site.calls_in(Say(site.silence(2), 2), number="13900000067")

    assert (await ended(site, "13900000067")).outcome is Outcome.ABANDONED_ANNOUNCEMENT


async def test_garbage_on_the_keys_never_keeps_a_caller_from_people(site: Site) -> None:
    phone = await site.sign_in_phone("8002")
    async with asyncio.TaskGroup() as both:
        both.create_task(site.agent_answers(phone, Wait(1), hangs_up=True))
        both.create_task(
            site.calls_in(
                Say(site.silence(12), 12), *[Press(key) for key in "#75*8"], number="13900000006", hangs_up=False
            )
        )

    call = await ended(site, "13900000006")
    assert call.outcome is Outcome.ANSWERED


@pytest.mark.parametrize(
    ("number", "name"),
    [
        ("anonymous", ""),
        ("13900000007", "x" * 60_000),
        ("13900000008", "张伟\\\\'; DROP TABLE call; --"),
        ("13900000009", "${SHELL(touch OWNED)}"),
        ("+8613900000010", "\t ; 张"),
        ("139%ff%fe0011", "张三丰"),
    ],
)
async def test_a_caller_with_no_number_or_a_monstrous_name_is_answered_like_any_other(
    site: Site, number: str, name: str
) -> None:
    owned = site.home / "owned"
    heard = await site.calls_in(Wait(1), number=number, name=name.replace("OWNED", str(owned)))

    assert any(message.line.startswith("SIP/2.0 200") for message in heard)

    async def told() -> bool:
        async with site.database.read() as session:
            [call, *_] = await calls_page(session, limit=1)
        return call.state is CallState.ENDED and abs((call.ring_start or began) - began) < timedelta(seconds=30)

    began = site.clock.now()
    await site.eventually(told, limit=30, what="the call is in the ledger, ended")
    assert not owned.exists()


async def test_a_number_nobody_announced_is_let_in_by_the_front_door(site: Site) -> None:
    for dialled in ("+8675596000", "12345"):
        await site.calls_in(Wait(1), number=f"1390000003{len(dialled) % 10}", dialled=dialled)

        assert (await ended(site, f"1390000003{len(dialled) % 10}")).ring_start is not None


async def test_nothing_of_a_callers_number_or_name_stands_in_any_log(site: Site) -> None:
    logs = [*(site.home / "logs").iterdir(), *(site.home / "asterisk" / "log").rglob("*")]
    texts = {path.name: path.read_bytes() for path in logs if path.is_file() and not path.name.startswith("master.db")}
    assert "serve.log" in texts

    telling = [
        name
        for name, text in texts.items()
        for secret in (b"1390000", "张".encode(), b"DROP TABLE", b"xxxxxxxx", b"%ff")
        if secret in text
    ]

    assert telling == []


async def test_after_all_of_them_the_service_is_still_ready(site: Site) -> None:
    await site.ready(limit=5)

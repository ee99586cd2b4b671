"""Homes handed to agents over HTTP, and what a pop says of the campaign that called."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from hotline.audit.store import AuditTable
from hotline.campaigns.attempt import Outcome
from hotline.campaigns.attempts_store import AttemptTable, plan_attempt
from hotline.campaigns.household_marks_store import put_mark
from hotline.campaigns.line_doubt_store import begin_pause, keep_doubtful
from hotline.campaigns.may_call import Mark
from hotline.campaigns.targets_store import targets_page
from tests.fakes.handed import HandedDesk
from tests.fakes.web_desk import CALLER

BILL = {"is_bill": True, "months": "2026年9月至10月", "amount": "680.00"}


async def asked(client, address, body=None, status=200):
    answer = await (client.get(address) if body is None else client.post(address, json=body))
    assert answer.status == status, await answer.text()
    return await answer.json()


def bill(pop):
    return {name: pop["campaign"][name] for name in BILL}


async def test_agent_takes_a_home_sees_the_bill_and_dials_it_once(desk):
    async with desk() as room:
        hands = HandedDesk(room)
        campaign = await hands.begins()
        agent = await room.signed_in()

        before = await asked(agent, "/api/v1/handed")
        taken = await asked(agent, "/api/v1/handed", {})
        card = taken["card"]
        made = [await asked(agent, f"/api/v1/handed/{card['id']}/dial", {}, 202) for _ in range(2)]
        pop = await asked(agent, "/api/v1/handed")
        async with room.database.begin() as session:
            await put_mark(session, Mark.SAYS_PAID, household="3-2-501", at=room.clock.now(), by="key")
        boss = await room.signed_in("boss")
        await room.goes_on(made[0]["channel"], direction="outbound")
        offered = await asked(boss, f"/api/v1/calls/{made[0]['channel']}/pop")

        assert (before["card"], before["campaigns"], before["waiting"]) == (None, 1, 1)
        assert bill(card["pop"]) == BILL
        assert card["pop"]["campaign"]["pays"]
        assert (card["pop"]["campaign"]["how"], card["pop"]["home"]["label"]) == ("to-dial", "3-2-501")
        assert card["pop"]["number"] == "138****8501"
        assert made[0] == made[1]
        assert len(hands.line.asked) == 1
        assert (pop["card"], pop["waiting"]) == (None, 0)
        assert (offered["campaign"]["how"], offered["campaign"]["campaign"]) == ("ours", campaign)
        assert [mark["mark"] for mark in offered["household_marks"]] == ["says-paid"]


async def test_home_is_skipped_put_off_and_put_back_by_whoever_has_it_alone(desk):
    async with desk() as room:
        campaign = await HandedDesk(room).begins()
        agent, boss = await room.signed_in(), await room.signed_in("boss")
        first = (await asked(agent, "/api/v1/handed", {}))["card"]["id"]

        other = await asked(boss, f"/api/v1/handed/{first}/skip", {"reason": "已联系"}, 409)
        await asked(agent, f"/api/v1/handed/{first}/put-back", {})
        second = (await asked(agent, "/api/v1/handed", {}))["card"]["id"]
        too_late = {"at": (room.clock.now() + timedelta(days=31)).isoformat()}
        refused = await asked(agent, f"/api/v1/handed/{second}/later", too_late, 422)
        await asked(
            agent, f"/api/v1/handed/{second}/later", {"at": (room.clock.now() + timedelta(hours=1)).isoformat()}
        )
        nobody = await asked(agent, "/api/v1/handed", {})
        await asked(agent, f"/api/v1/handed/{second}/skip", {"reason": "已联系"}, 409)

        assert (other["error"]["id"], refused["error"]["id"]) == ("handed-unknown", "later-refused")
        assert (nobody["card"], nobody["why"]) == (None, "nobody")
        async with room.database.read() as session:
            (target,) = await targets_page(session, campaign)
        assert (target.state, target.reasons) == ("waiting", ["too-early"])


async def test_second_of_dialling_says_why_a_home_may_not_be_called(desk):
    async with desk() as room:
        hands = HandedDesk(room)
        await hands.begins()
        agent = await room.signed_in()
        card = (await asked(agent, "/api/v1/handed", {}))["card"]["id"]
        async with room.database.begin() as session:
            await put_mark(session, Mark.HARDSHIP, household="3-2-501", at=room.clock.now(), by="boss")

        told = await asked(agent, f"/api/v1/handed/{card}/dial", {}, 409)

        assert (told["error"]["id"], told["error"]["details"]) == ("home-not-to-be-called", {"reasons": ["hardship"]})
        assert hands.line.asked == []


@pytest.mark.parametrize(
    ("steps", "ago", "how"),
    [(("RINGS_BACK",), 1, "rings-back"), ((), 1, "lately"), ((), 25, None)],
)
async def test_pop_of_who_rings_after_our_call_shows_the_bill_we_called_about(desk, steps, ago, how):
    async with desk() as room:
        campaign = await HandedDesk(room).begins(by_agent=False)
        now = room.clock.now()
        async with room.database.begin() as session:
            (target,) = await targets_page(session, campaign)
            await plan_attempt(
                session, "attempt-1.1", campaign_id=campaign, target_id=target.id, household=target.household,
                e164=target.e164, at=now,
            )  # fmt: skip
            values = {"disturbed_at": now - timedelta(hours=ago), "state": "settled", "outcome": "no-answer"}
            await session.execute(update(AttemptTable).values(**values))
        boss = await room.signed_in("boss")
        await room.goes_on("c-1", caller_number=CALLER, talk_steps=steps)
        await room.goes_on("attempt-1.1", caller_number=CALLER, direction="outbound")

        pop = await asked(boss, "/api/v1/calls/c-1/pop")
        ours = await asked(boss, "/api/v1/calls/attempt-1.1/pop")

        assert (pop["campaign"] and pop["campaign"]["how"]) == how
        assert how is None or bill(pop) == BILL
        assert how is None or [one["outcome"] for one in pop["campaign"]["tried"]] == ["no-answer"]
        assert (bill(ours), ours["campaign"]["how"]) == (BILL, "ours")


async def test_attempt_that_nobody_can_tell_of_is_shown_with_what_is_known_until_somebody_decides(desk):
    async with desk() as room:
        hands = HandedDesk(room)
        campaign = await hands.begins(by_agent=False)
        now = room.clock.now()
        async with room.database.begin() as session:
            (target,) = await targets_page(session, campaign)
            await plan_attempt(
                session, "attempt-1.1", campaign_id=campaign, target_id=target.id, household=target.household,
                e164=target.e164, at=now,
            )  # fmt: skip
            values = {"claimed_at": now, "disturbed_at": now, "state": "unknown", "worker": "w-1", "why": "no-witness"}
            await session.execute(update(AttemptTable).values(**values))
        await room.finished_call("c-9", start=now + timedelta(minutes=5))
        boss, agent = await room.signed_in("boss"), await room.signed_in()
        key = {"key": "key-00000001", "number": CALLER}

        blocked = await asked(agent, "/api/v1/outside-calls", key, 409)
        shown = await asked(boss, "/api/v1/undecided-attempts")
        await asked(agent, "/api/v1/undecided-attempts", status=403)
        await asked(boss, f"/api/v1/campaigns/{campaign}/attempts/attempt-1.1/decide", {"rang": False})
        after = await asked(boss, "/api/v1/undecided-attempts")
        await asked(agent, "/api/v1/outside-calls", key, 202)

        assert (blocked["error"]["id"], blocked["error"]["details"]) == ("home-undecided", {"campaign": campaign})
        (one,) = shown["attempts"]
        assert (one["home"], one["number"], one["campaign_name"]) == ("3-2-501", "138****8501", "十一月催缴")
        assert (one["worker"], one["why"], shown["count"]) == ("w-1", "no-witness", 1)
        assert [call["id"] for call in one["calls"]] == ["c-9"]
        assert (after["attempts"], after["count"]) == ([], 0)


async def test_machine_key_is_for_who_dialled_and_frees_them_without_a_wrap_up(desk):
    async with desk() as room:
        hands = HandedDesk(room)
        await hands.begins()
        agent, boss = await room.signed_in(), await room.signed_in("boss")
        card = (await asked(agent, "/api/v1/handed", {}))["card"]
        channel = (await asked(agent, f"/api/v1/handed/{card['id']}/dial", {}, 202))["channel"]

        others = await asked(boss, f"/api/v1/calls/{channel}/machine", {}, 409)
        await asked(agent, f"/api/v1/calls/{channel}/machine", {})

        assert others["error"]["id"] == "handed-unknown"
        assert hands.line.ended == [channel]
        async with room.database.read() as session:
            (attempt,) = await session.scalars(select(AttemptTable))
            assert attempt.heard_machine


async def test_supervisor_sees_why_dialling_pauses_and_lets_it_go_on(desk):
    async with desk() as room:
        hands = HandedDesk(room)
        campaign = await hands.begins(by_agent=False)
        now = room.clock.now()
        async with room.database.begin() as session:
            await plan_attempt(
                session, "attempt-1.1", campaign_id=campaign, target_id=1, household="3-2-501", e164="+8613800138501",
                at=now,
            )  # fmt: skip
            pause = await begin_pause(
                session, campaign=campaign, at=now, mostly=Outcome.INVALID, bad=6, of=6, probe_due=now
            )
            await keep_doubtful(session, pause.id, "attempt-1.1", 1, at=now)
        agent, boss = await room.signed_in(), await room.signed_in("boss")

        hidden = await agent.get("/api/v1/dial-pauses")
        (seen,) = (await asked(boss, "/api/v1/dial-pauses"))["pauses"]
        over = await asked(boss, f"/api/v1/dial-pauses/{seen['id']}/end", {"numbers_are_dead": False})
        again = await asked(boss, f"/api/v1/dial-pauses/{seen['id']}/end", {"numbers_are_dead": False}, 404)

        assert hidden.status == 403
        assert (seen["campaign"], seen["mostly"], seen["bad"], seen["count"]) == (campaign, "invalid", 6, 1)
        assert [(one["home"], one["number"]) for one in seen["doubtful"]] == [("3-2-501", "138****8501")]
        assert over == {"pauses": []}
        assert again["error"]["id"] == "dial-pause-unknown"
        async with room.database.read() as session:
            (kept,) = (await session.scalars(select(AuditTable).where(AuditTable.room == "campaigns"))).all()
        assert (kept.done_by, kept.subject) == ("boss", f"pause {seen['id']}")

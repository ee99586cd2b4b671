"""The pop: the moment a call is offered, to that agent alone, everything known; and what an agent may do with it."""

import asyncio
import json

import pytest

from hotline.accounts.account import Role
from hotline.bus import Change, Subject
from hotline.calls.ledger import Ring
from hotline.calls.state import CallState, Outcome
from hotline.followups.follow_up import FollowUpKind
from hotline.followups.rules import Debt
from hotline.followups.store import add_follow_up
from hotline.phone import PhoneNumber
from hotline.residents.resident import Home, Title
from hotline.residents.store import add_home, add_resident, find_home, known_caller
from hotline.web import hub as hub_module
from hotline.web import live, pops
from hotline.web.store import accesses_of
from tests.fakes.offered import OffersByHand
from tests.fakes.web_desk import CALLER, told

LIVE = "/api/v1/live"
SECOND = "13800138599"


@pytest.fixture
def offers():
    return OffersByHand()


@pytest.fixture
def open_desk(desk, offers):
    def opened(**changes):
        return desk(offers=offers, **changes)

    return opened


def begin(room, offers):
    offers.bus = room.bus
    return offers


async def another_home(room, *, name="李娜", number=CALLER):
    async with room.database.begin() as session:
        stored = await add_home(session, Home(7, 1, 902))
        person = await add_resident(session, stored, name, title=Title.MS, numbers=[PhoneNumber.parse(number)])
    return stored, person


def rung(call_agent="8001", **more):
    return {"rings": (Ring(agent=call_agent, leg="x", began=more.pop("at"), ended=None),)} | more


async def test_offer_reaches_the_sockets_of_its_extension_alone_with_the_pop_and_numbers_masked(open_desk, offers):
    async with open_desk() as room:
        begin(room, offers)
        await room.goes_on(state=CallState.WAITING, request="repair", menu_path=("1",))
        agent, second_tab, boss = await room.signed_in(), await room.signed_in(), await room.signed_in("boss")
        async with agent.ws_connect(LIVE) as one, second_tab.ws_connect(LIVE) as two, boss.ws_connect(LIVE) as other:
            for socket in (one, two, other):
                assert (await told(socket, "snapshot"))["offers"] == []
            offers.ring("8001", "c-1", room.clock.now(), CALLER)
            first, second = await told(one, "offer"), await told(two, "offer")
            offers.ring("8901", "c-2", room.clock.now(), CALLER)
            not_theirs = await told(other, "offer")

            assert first == second
            assert first["offer"] == {
                "call_id": "c-1", "extension": "8001", "began": "2026-11-21T09:40:12+08:00", "answered": None,
                "state": "ringing", "is_emergency": False, "is_ours": False,
            }  # fmt: skip
            pop = first["pop"]
            assert (pop["verdict"], pop["salutation"], pop["home"]["label"]) == ("known", "张先生", "3-2-501")
            assert (pop["number"], pop["people"][0]["numbers"][0]["number"]) == ("138****8501", "138****8501")
            assert (pop["way"]["request"], pop["way"]["menu_path"]) == ("repair", ["1"])
            assert CALLER not in json.dumps(first)
            assert not_theirs["offer"]["call_id"] == "c-2"


async def test_same_pop_stands_in_the_snapshot_after_a_reload_and_after_the_phone_was_lifted(open_desk, offers):
    async with open_desk() as room:
        begin(room, offers)
        await room.goes_on()
        agent = await room.signed_in()
        async with agent.ws_connect(LIVE) as socket:
            await told(socket, "snapshot")
            offers.ring("8001", "c-1", room.clock.now(), CALLER)
            ringing = await told(socket, "offer")
            offers.answer("8001", "c-1", room.clock.now())
            answered = await told(socket, "offer")
        async with agent.ws_connect(LIVE) as again:
            (kept,) = (await told(again, "snapshot"))["offers"]
            offers.end("8001", "c-1")
            gone = await told(again, "offer")
        async with agent.ws_connect(LIVE) as after:
            assert (await told(after, "snapshot"))["offers"] == []

        assert [ringing["offer"]["state"], answered["offer"]["state"]] == ["ringing", "answered"]
        assert kept == {"offer": answered["offer"], "pop": answered["pop"]}
        assert (gone["offer"]["state"], gone["pop"]) == ("over", None)


async def test_offer_nobody_lifted_is_withdrawn(open_desk, offers):
    async with open_desk() as room:
        begin(room, offers)
        agent = await room.signed_in()
        async with agent.ws_connect(LIVE) as socket:
            await told(socket, "snapshot")
            offers.ring("8001", "c-1", room.clock.now(), CALLER)
            await told(socket, "offer")
            offers.end("8001", "c-1")

            assert (await told(socket, "offer"))["offer"]["state"] == "withdrawn"


async def test_call_that_the_ledger_has_not_read_of_is_popped_by_the_offers_number_and_again_once_it_is_read(
    open_desk, offers
):
    async with open_desk() as room:
        begin(room, offers)
        agent = await room.signed_in()
        async with agent.ws_connect(LIVE) as socket:
            await told(socket, "snapshot")
            offers.ring("8001", "c-1", room.clock.now(), CALLER, is_emergency=True)
            first = await told(socket, "offer")
            await room.goes_on(request="special-help")
            second = await told(socket, "offer")

            assert (first["pop"]["salutation"], first["pop"]["way"]) == ("张先生", None)
            assert first["pop"]["is_emergency"] is True
            assert second["pop"]["way"]["request"] == "special-help"


async def test_offer_does_not_wait_for_the_pace_that_draws_bursts_together(open_desk, offers, monkeypatch):
    monkeypatch.setattr(hub_module, "PACE_S", 60.0)
    async with open_desk() as room:
        begin(room, offers)
        agent = await room.signed_in()
        async with agent.ws_connect(LIVE) as socket:
            await told(socket, "snapshot")
            for place in range(3):  # the pace holds from the first of these on
                await room.goes_on(oddities=(f"{place}",))
            for place in range(5):
                offers.ring("8001", f"c-{place}", room.clock.now(), CALLER)
                assert (await told(socket, "offer"))["offer"]["call_id"] == f"c-{place}"


async def test_one_call_that_rings_many_phones_is_read_once(open_desk, offers, monkeypatch):
    reads = []
    real = pops.whole_pop

    async def counted(rooms, session, call_id, **more):
        reads.append(call_id)
        return await real(rooms, session, call_id, **more)

    monkeypatch.setattr(pops, "whole_pop", counted)
    async with open_desk() as room:
        begin(room, offers)
        await room.goes_on()
        agent, boss = await room.signed_in(), await room.signed_in("boss")
        async with agent.ws_connect(LIVE) as one, boss.ws_connect(LIVE) as other:
            for socket in (one, other):
                await told(socket, "snapshot")
            for extension in ("8001", "8901", "8002", "8003"):
                offers.ring(extension, "c-1", room.clock.now(), CALLER)
            for socket in (one, other):
                await told(socket, "offer")

            assert reads == ["c-1"]


async def test_pop_of_a_caller_who_waits_is_there_before_a_phone_rings_and_is_read_again_when_it_grew_old(
    open_desk, offers, monkeypatch
):
    reads = asyncio.Queue()
    real = pops.whole_pop

    async def counted(rooms, session, call_id, **more):
        pop = await real(rooms, session, call_id, **more)
        reads.put_nowait(call_id)
        return pop

    monkeypatch.setattr(pops, "whole_pop", counted)
    async with open_desk() as room:
        begin(room, offers)
        agent = await room.signed_in()
        async with agent.ws_connect(LIVE) as socket:
            await told(socket, "snapshot")
            await room.goes_on(state=CallState.WAITING, request="repair")
            async with asyncio.timeout(5):
                assert await reads.get() == "c-1"
            offers.ring("8001", "c-1", room.clock.now(), CALLER)
            at_once = await told(socket, "offer")
            assert reads.empty()
            await another_home(room)
            room.clock.turn(pops.FRESH_S)
            offers.answer("8001", "c-1", room.clock.now())
            as_it_was, as_it_is = await told(socket, "offer"), await told(socket, "offer")

            assert (at_once["pop"]["salutation"], at_once["pop"]["way"]["request"]) == ("张先生", "repair")
            assert as_it_was["pop"] == at_once["pop"]
            assert (as_it_is["pop"]["verdict"], len(as_it_is["pop"]["candidates"])) == ("choose", 2)


async def test_call_handed_over_takes_its_pop_along_with_the_home_that_was_chosen(open_desk, offers):
    async with open_desk() as room:
        begin(room, offers)
        other, _ = await another_home(room)
        await room.goes_on(state=CallState.TALKING, agent="8001", human_answer=room.clock.now())
        agent, boss = await room.signed_in(), await room.signed_in("boss")
        offers.ring("8001", "c-1", room.clock.now(), CALLER)
        await agent.post("/api/v1/calls/c-1/home", json={"home_id": other.id})
        async with boss.ws_connect(LIVE) as socket:
            await told(socket, "snapshot")
            offers.ring("8901", "c-1", room.clock.now(), CALLER)
            pop = (await told(socket, "offer"))["pop"]

            assert (pop["salutation"], pop["chosen_by"]) == ("李女士", "xiaowang")


async def test_database_that_cannot_be_read_leaves_the_offer_without_its_pop_and_the_next_one_has_it(open_desk, offers):
    async with open_desk() as room:
        begin(room, offers)
        agent = await room.signed_in()
        async with agent.ws_connect(LIVE) as socket:
            await told(socket, "snapshot")
            async with room.database.engine.begin() as connection:
                await connection.exec_driver_sql("ALTER TABLE resident RENAME TO away")
            offers.ring("8001", "c-1", room.clock.now(), CALLER)
            without = await told(socket, "offer")
            async with room.database.engine.begin() as connection:
                await connection.exec_driver_sql("ALTER TABLE away RENAME TO resident")
            offers.answer("8001", "c-1", room.clock.now())

            assert (without["offer"]["state"], without["pop"]) == ("ringing", None)
            assert (await told(socket, "offer"))["pop"]["salutation"] == "张先生"


async def test_slow_browser_of_the_same_person_does_not_hold_up_the_other_and_is_shown_out(
    open_desk, offers, monkeypatch
):
    monkeypatch.setattr(live, "SEND_WITHIN_S", 0.5)
    async with open_desk() as room:
        begin(room, offers)
        slow, quick = await room.signed_in(), await room.signed_in()
        async with quick.ws_connect(LIVE) as listening:
            stuck = await slow.ws_connect(LIVE)
            stuck._response.connection.transport.pause_reading()
            await told(listening, "snapshot")
            place = 0
            async with asyncio.timeout(20):
                while room.hub.viewers == 2:
                    place += 1
                    await room.goes_on(oddities=("x" * 500_000, f"{place}"))
                    offers.ring("8001", f"o-{place}", room.clock.now(), CALLER)
                    assert (await told(listening, "offer"))["offer"]["call_id"] == f"o-{place}"

            assert not listening.closed


async def test_tab_that_slept_through_ten_thousand_events_is_shown_out_and_comes_back_to_a_right_snapshot(
    open_desk, offers, monkeypatch
):
    monkeypatch.setattr(live, "SEND_WITHIN_S", 0.5)
    async with open_desk() as room:
        begin(room, offers)
        agent = await room.signed_in()
        async with agent.ws_connect(LIVE, max_msg_size=0) as awake:
            asleep = await agent.ws_connect(LIVE)
            for socket in (asleep, awake):
                await told(socket, "snapshot")
            asleep._response.connection.transport.pause_reading()
            await room.goes_on(state=CallState.WAITING, oddities=("x" * 12_000_000,))  # what lies between is full now
            await told(awake, "call")
            await room.goes_on(oddities=())
            for place in range(10_000):
                room.bus.publish(Change(Subject.CALL, "c-1"))
                if place % 250 == 249:
                    await told(
                        awake, "call"
                    )  # the bus holds a thousand; who falls behind there starts again, all of them
                if place % 50 == 25:  # more than the outbox of one browser holds, each told at once
                    offers.ring("8001", "c-1", room.clock.now(), CALLER)
                    await told(awake, "offer")
                    offers.end("8001", "c-1")
                    await told(awake, "offer")
            offers.ring("8001", "c-9", room.clock.now(), CALLER)
            await room.goes_on(state=CallState.TALKING)
            async with asyncio.timeout(10):
                while room.hub.viewers > 1:
                    await asyncio.sleep(0.01)
            async with agent.ws_connect(LIVE) as again:
                snapshot = await told(again, "snapshot")

            assert not awake.closed
            assert [offered["offer"]["call_id"] for offered in snapshot["offers"]] == ["c-9"]
            assert {call["id"]: call["state"] for call in snapshot["calls"]} == {"c-1": "talking"}


async def test_agent_gets_calls_of_their_own_and_no_others(open_desk, offers):
    async with open_desk() as room:
        begin(room, offers)
        now = room.clock.now()
        await room.goes_on("offered", state=CallState.WAITING)
        await room.finished_call("talked")
        await room.finished_call("anothers", agent="8002", rings=())
        await room.finished_call("anothers-rung", agent="8002", **rung("8002", at=now))
        agent, boss, machine = await room.signed_in(), await room.signed_in("boss"), await room.machine(Role.AGENT)
        offers.ring("8001", "offered", now, CALLER)
        offers.ring("8001", "not-read-yet", now, SECOND)
        offers.ring("8002", "anothers", now, CALLER)
        asked = {
            call_id: (await agent.get(f"/api/v1/calls/{call_id}/pop")).status
            for call_id in ("offered", "talked", "not-read-yet", "anothers", "anothers-rung", "nobodys")
        }
        refused = await (await agent.get("/api/v1/calls/anothers/pop")).json()
        log = [what for _, _, what, _, _ in await logged(room, "anothers")]

        assert asked == {
            "offered": 200, "talked": 200, "not-read-yet": 200, "anothers": 403, "anothers-rung": 403, "nobodys": 404,
        }  # fmt: skip
        assert refused["error"]["id"] == "pop-not-yours"
        assert log == ["pop-refused"]
        assert (await boss.get("/api/v1/calls/anothers/pop")).status == 200
        assert (await machine.get("/api/v1/calls/anothers/pop")).status == 403
        for address, body in (("home", {"home_id": 1}), ("mark", {"mark": "wrong-number"})):
            assert (await agent.post(f"/api/v1/calls/anothers/{address}", json=body)).status == 403


async def logged(room, call_id):
    async with room.database.read() as session:
        return await accesses_of(session, call_id)


async def test_call_that_is_to_be_called_back_is_anybodys_until_somebody_takes_it(open_desk, offers):
    async with open_desk() as room:
        begin(room, offers)
        await room.finished_call("missed", agent="", rings=(), human_answer=None, outcome=Outcome.ABANDONED_QUEUE)
        boss, agent = await room.signed_in("boss"), await room.signed_in()
        before = (await agent.get("/api/v1/calls/missed/pop")).status
        async with room.database.begin() as session:
            owed = await add_follow_up(
                session, debt=Debt(kind=FollowUpKind.MISSED, at=room.clock.now(), due=room.clock.now()),
                owed_by=Role.AGENT, call_id="missed", number=CALLER, e164="+8613800138501", home="", who="",
                at=room.clock.now(),
            )  # fmt: skip
        open_to_all = await agent.get("/api/v1/calls/missed/pop")
        await boss.post(f"/api/v1/follow-ups/{owed.id}/take", json={})

        assert (before, open_to_all.status) == (403, 200)
        assert [one["kind"] for one in (await open_to_all.json())["owed"]] == ["missed"]
        assert (await agent.get("/api/v1/calls/missed/pop")).status == 403


async def test_stranger_and_foreign_page_get_no_pop_and_change_nothing(open_desk, offers):
    async with open_desk() as room:
        begin(room, offers)
        await room.finished_call()
        signed_in = await room.signed_in()
        cookie = next(iter(signed_in.cookie_jar))
        foreign = room.client(Cookie=f"{cookie.key}={cookie.value}", Origin="https://elsewhere.example")

        assert (await room.client().get("/api/v1/calls/c-1/pop")).status == 401
        assert (await foreign.get("/api/v1/calls/c-1/pop")).status == 403
        for address in ("calls/c-1/home", "calls/c-1/mark", "residents", "residents/1/numbers", "homes/1/notes"):
            assert (await foreign.post(f"/api/v1/{address}", json={})).status == 403
            assert (await room.client(Origin=room.origin).post(f"/api/v1/{address}", json={})).status == 401


async def test_home_chosen_on_one_tab_is_chosen_on_the_other_on_the_calls_page_and_in_the_draft(open_desk, offers):
    async with open_desk() as room:
        begin(room, offers)
        other, _ = await another_home(room)
        await room.goes_on(state=CallState.TALKING, agent="8001", human_answer=room.clock.now())
        agent = await room.signed_in()
        async with agent.ws_connect(LIVE) as second_tab:
            await told(second_tab, "snapshot")
            offers.ring("8001", "c-1", room.clock.now(), CALLER)
            pop = (await told(second_tab, "offer"))["pop"]
            chosen = await (await agent.post("/api/v1/calls/c-1/home", json={"home_id": other.id})).json()
            beside = (await told(second_tab, "offer"))["pop"]
            call = await (await agent.get("/api/v1/calls/c-1")).json()
            page = await (await agent.get("/api/v1/calls")).json()

            assert (pop["verdict"], pop["salutation"], pop["home"]) == ("choose", "", None)
            assert [(one["home"], one["salutation"]) for one in pop["candidates"]] == [
                ("3-2-501", "张先生"), ("7-1-902", "李女士"),
            ]  # fmt: skip
            assert (chosen["verdict"], chosen["salutation"], chosen["chosen_by"]) == ("chosen", "李女士", "xiaowang")
            assert len(chosen["candidates"]) == 2
            assert beside == chosen
            assert call["resident"] == {"name": "李女士", "home": "7-1-902", "is_elderly_alone": False}
            assert page["calls"][0]["resident"] == call["resident"]
            (entry,) = call["duty_log"]
            assert (entry["who"], entry["home"]) == ("李女士", "7-1-902")
            assert next(one for one in entry["drafted"] if one["field"] == "home")["origin"] == "agent"
            assert (await agent.post("/api/v1/calls/c-1/home", json={"home_id": 999_999})).status == 404
            assert (await agent.post("/api/v1/calls/c-1/home", json={"home_id": 0})).status == 422


async def test_unknown_caller_is_found_and_their_number_added_or_written_down_anew(open_desk, offers):
    async with open_desk() as room:
        begin(room, offers)
        await room.goes_on("c-1", caller_number=SECOND)
        await room.goes_on("c-2", caller_number="13800138588")
        agent = await room.signed_in()
        for call_id in ("c-1", "c-2"):
            offers.ring("8001", call_id, room.clock.now())
        before = await (await agent.get("/api/v1/calls/c-1/pop")).json()
        found = {
            asked: [
                one["name"]
                for one in (await (await agent.get("/api/v1/residents", params={"q": asked})).json())["residents"]
            ]
            for asked in ("张伟", "3-2-501", CALLER, "无此人")
        }
        person = (await (await agent.get("/api/v1/residents", params={"q": "张伟"})).json())["residents"][0]
        added = await agent.post(f"/api/v1/residents/{person['resident_id']}/numbers", json={"call_id": "c-1"})
        after = await (await agent.get("/api/v1/calls/c-1/pop")).json()
        made = await agent.post(
            "/api/v1/residents",
            json={
                "home": "3-2-501",
                "name": "<script>王</script>",
                "title": "女士",
                "relation": "tenant",
                "call_id": "c-2",
            },
        )
        new = await (await agent.get("/api/v1/calls/c-2/pop")).json()
        doubled = await agent.post("/api/v1/residents", json={"home": "3-2-501", "name": "张伟"})
        unknown = await agent.post("/api/v1/residents", json={"home": "9-9-901", "name": "张伟"})
        async with room.database.read() as session:
            known = await known_caller(session, PhoneNumber.parse(SECOND))

        assert (before["verdict"], before["home"], before["people"]) == ("unknown", None, [])
        assert found == {"张伟": ["张伟"], "3-2-501": ["张伟"], CALLER: ["张伟"], "无此人": []}
        assert (added.status, (await added.json())["numbers"]) == (201, ["138****8501", "138****8599"])
        assert (after["verdict"], after["salutation"], after["home"]["label"]) == ("chosen", "张先生", "3-2-501")
        assert known.resident.name == "张伟"
        assert made.status == 201
        assert (new["people"][0]["name"], new["people"][0]["is_caller"]) == ("<script>王</script>", True)
        assert (doubled.status, (await doubled.json())["error"]["id"]) == (409, "resident-doubled")
        assert (unknown.status, (await unknown.json())["error"]["id"]) == (404, "home-unknown")
        assert [(what, side) for _, _, what, side, _ in await logged(room, "c-1")][:1] == [("pop", "")]
        assert ("resident", f"number of resident {person['resident_id']}") in {
            (what, side) for _, _, what, side, _ in await logged(room, "c-1")
        }
        assert [what for _, _, what, _, _ in await logged(room, "")].count("search") >= 5


async def test_number_of_a_resident_is_shown_whole_with_a_reason_that_is_written_down(open_desk, offers):
    async with open_desk() as room:
        begin(room, offers)
        agent = await room.signed_in()
        no_reason = await agent.post("/api/v1/residents/1/reveal", json={"number": "138****8501"})
        shown = await agent.post("/api/v1/residents/1/reveal", json={"number": "138****8501", "reason": "回拨"})
        wrong = await agent.post("/api/v1/residents/1/reveal", json={"number": "138****0000", "reason": "回拨"})

        assert (no_reason.status, shown.status, wrong.status) == (422, 200, 404)
        assert (await shown.json()) == {"numbers": [CALLER]}
        assert [(who, what, side, why) for _, who, what, side, why in await logged(room, "")] == [
            ("xiaowang", "number", "resident 1", "回拨")
        ]


async def test_notes_and_marks_stand_in_the_pop_and_notes_are_taken_back(open_desk, offers):
    async with open_desk() as room:
        begin(room, offers)
        await room.finished_call()
        agent = await room.signed_in()
        async with room.database.read() as session:
            home = await find_home(session, Home(3, 2, 501))
        text = "<img src=x onerror=alert(1)> 独居老人，请多响几声"
        note = await (await agent.post(f"/api/v1/homes/{home.id}/notes", json={"text": text, "call_id": "c-1"})).json()
        await agent.post("/api/v1/calls/c-1/mark", json={"mark": "do-not-call", "reason": "不要打来"})
        marked = await (await agent.get("/api/v1/calls/c-1/pop")).json()
        await agent.post("/api/v1/calls/c-1/mark", json={"mark": "do-not-call", "holds": False})
        gone = await agent.post(f"/api/v1/homes/{home.id}/notes/{note['id']}/take-back", json={})
        again = await agent.post(f"/api/v1/homes/{home.id}/notes/{note['id']}/take-back", json={})
        after = await (await agent.get("/api/v1/calls/c-1/pop")).json()

        assert [(one["text"], one["by"], one["by_name"]) for one in marked["notes"]] == [(text, "xiaowang", "王敏")]
        assert note["by_name"] == "王敏"
        assert (marked["marks"], marked["people"][0]["numbers"][0]["marks"]) == (["do-not-call"], ["do-not-call"])
        assert (after["notes"], after["marks"]) == ([], [])
        assert (gone.status, await gone.json(), again.status) == (200, {"notes": []}, 404)
        for body in ({"text": ""}, {"text": "x" * 501}, {"text": "a\x00b"}, {"text": "x", "more": 1}):
            assert (await agent.post(f"/api/v1/homes/{home.id}/notes", json=body)).status == 422
        for wrong in ("0", "999999", "x", "9" * 30):
            assert (await agent.post(f"/api/v1/homes/{wrong}/notes", json={"text": "x"})).status == 404

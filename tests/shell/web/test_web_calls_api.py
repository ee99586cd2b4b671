"""The ledger over HTTP: pages of calls, one call whole, numbers masked until revealed, sound that is logged."""

from datetime import timedelta

import pytest

from hotline.accounts.account import Role
from hotline.calls.state import CallState, Outcome
from hotline.phone import PhoneNumber
from hotline.recordings.recording import RecordingState
from hotline.transcribe.transcript import Side
from hotline.web import store
from hotline.web.store import Access, accesses_of
from tests.fakes.web_desk import CALLER


async def test_call_is_told_whole_with_both_clocks_its_sound_its_words_and_its_entry(desk):
    async with desk() as room:
        await room.finished_call()
        await room.recorded()
        await room.transcribing()
        await room.transcribed("c-1", (Side.CALLER, 2.5, "厨房漏水了", 0.9), (Side.AGENT, 5.0, "马上安排", 0.3))
        client = await room.signed_in()

        call = await (await client.get("/api/v1/calls/c-1")).json()

        assert call["answer_seconds"] == 1.0
        assert call["human_seconds"] == 33.0
        assert (call["rings_heard"], call["is_within_three_rings"]) == (1, True)
        assert call["ring_start"] == "2026-11-21T09:37:12+08:00"
        assert call["resident"] == {"name": "张先生", "home": "3-2-501", "is_elderly_alone": False}
        assert call["menu_path"] == ["1"]
        assert [part["kind"] for part in call["timeline"]] == ["ringing", "announcement", "menu", "queue", "talk"]
        assert call["recording"] == {
            "state": "finished", "seconds": 86.0, "sides": ["caller", "agent"],
            "form": "", "oddities": [], "is_held": False,
        }  # fmt: skip
        assert [(turn["side"], turn["text"], turn["is_unsure"]) for turn in call["transcript"]["turns"]] == [
            ("caller", "厨房漏水了", False),
            ("agent", "马上安排", True),
        ]
        assert call["transcript"]["turns"][0]["at"] == "2026-11-21T09:37:23.500000+08:00"
        assert call["duty_log"][0]["matter"] == "厨房漏水了"


@pytest.mark.parametrize("name", ["xiaowang", "boss"])
async def test_person_sees_numbers_masked(desk, name):
    async with desk() as room:
        await room.finished_call()
        client = await room.signed_in(name)

        answers = [await (await client.get(path)).text() for path in ("/api/v1/calls", "/api/v1/calls/c-1", "/calls")]

        assert all("138****8501" in answer for answer in answers)
        assert not any(CALLER in answer for answer in answers)


@pytest.mark.parametrize(
    ("role", "number"), [(Role.AGENT, "138****8501"), (Role.SUPERVISOR, CALLER), (Role.ADMIN, CALLER)]
)
async def test_machine_sees_whole_numbers_only_with_a_supervisors_rank(desk, role, number):
    async with desk() as room:
        await room.finished_call()
        client = await room.machine(role)

        page = await (await client.get("/api/v1/calls")).json()

        assert page["calls"][0]["number"] == number


async def test_revealed_number_is_in_the_access_log_with_who_and_why(desk):
    async with desk() as room:
        await room.finished_call()
        client = await room.signed_in()

        answer = await client.post("/api/v1/calls/c-1/reveal", json={"reason": "回电"})

        assert await answer.json() == {"number": CALLER}
        async with room.database.read() as session:
            assert await accesses_of(session, "c-1") == [(room.clock.now(), "xiaowang", Access.NUMBER, "", "回电")]


async def test_number_is_not_revealed_without_a_reason(desk):
    async with desk() as room:
        await room.finished_call()
        client = await room.signed_in()

        answer = await client.post("/api/v1/calls/c-1/reveal", json={"reason": "  "})

        assert answer.status == 422
        assert "reason" in (await answer.json())["error"]["details"]["fields"]
        async with room.database.read() as session:
            assert await accesses_of(session, "c-1") == []


@pytest.mark.parametrize("path", ["/api/v1/calls", "/calls"])
async def test_person_who_looks_for_a_number_is_in_the_access_log_without_the_number(desk, path):
    async with desk() as room:
        await room.finished_call()
        client = await room.signed_in()

        await client.get(path, params={"number": CALLER})
        await client.get(path, params={"limit": "5"} if "api" in path else {})

        async with room.database.read() as session:
            assert await accesses_of(session, "") == [(room.clock.now(), "xiaowang", Access.SEARCH, "", "138****8501")]


@pytest.mark.parametrize("path", ["/api/v1/calls", "/calls"])
async def test_person_may_look_for_ten_numbers_a_minute(desk, path):
    async with desk() as room:
        client, other = await room.signed_in(), await room.signed_in("boss")
        for last in range(10):
            assert (await client.get(path, params={"number": f"1380013850{last}"})).status == 200

        refused = await client.get(path, params={"number": CALLER})

        assert refused.status == 429
        assert ("too-many-searches" if "api" in path else "查找号码过于频繁") in await refused.text()
        async with room.database.read() as session:
            assert len(await accesses_of(session, "")) == 10
        assert (await client.get(path)).status == 200
        assert (await other.get(path, params={"number": CALLER})).status == 200
        room.clock.turn(60)
        assert (await client.get(path, params={"number": CALLER})).status == 200


async def test_machine_may_look_for_as_many_numbers_as_it_needs(desk):
    async with desk() as room:
        client = await room.machine(Role.SUPERVISOR)
        for _ in range(12):
            assert (await client.get("/api/v1/calls", params={"number": CALLER})).status == 200


@pytest.mark.parametrize("reason", ["回\x00电", "回\n电", "回\ud800电"], ids=ascii)
async def test_reason_that_is_no_line_of_text_is_refused(desk, reason):
    async with desk() as room:
        await room.finished_call()
        client = await room.signed_in()

        assert (await client.post("/api/v1/calls/c-1/reveal", json={"reason": reason})).status == 422


async def test_calls_page_by_cursor_without_gap_or_double(desk):
    async with desk() as room:
        for place in range(5):
            await room.finished_call(f"c-{place}", start=room.clock.now() - timedelta(minutes=10 * (place + 1)))
        client = await room.signed_in()
        seen, cursor = [], ""
        while cursor is not None:
            page = await (await client.get("/api/v1/calls", params={"limit": "2", "cursor": cursor})).json()
            seen += [call["id"] for call in page["calls"]]
            cursor = page["next_cursor"]

        assert seen == ["c-0", "c-1", "c-2", "c-3", "c-4"]


async def test_calls_are_found_by_time_and_by_number_however_it_is_written(desk):
    async with desk() as room:
        now = room.clock.now()
        await room.finished_call("old", start=now - timedelta(days=2))
        await room.finished_call("other", start=now - timedelta(hours=1), caller_number="13912345678")
        await room.finished_call("new", start=now - timedelta(minutes=5))
        client = await room.signed_in()

        async def ids(**query):
            page = await (await client.get("/api/v1/calls", params=query)).json()
            return [call["id"] for call in page["calls"]]

        assert await ids(since="2026-11-21T00:00:00+08:00") == ["new", "other"]
        assert await ids(until="2026-11-21T00:00:00+08:00") == ["old"]
        assert await ids(number="+86 138 0013 8501") == ["new", "old"]
        assert await ids(number="13912345678") == ["other"]


@pytest.mark.parametrize("written", sorted(PhoneNumber("+8613800138501").written_forms))
async def test_call_is_found_in_whatever_form_the_carrier_sent_its_number(desk, written):
    async with desk() as room:
        await room.finished_call("plain", start=room.clock.now() - timedelta(hours=1))
        await room.finished_call("as sent", caller_number=written)
        client = await room.signed_in()

        page = await (await client.get("/api/v1/calls", params={"number": "138 0013 8501"})).json()

        assert [call["id"] for call in page["calls"]] == ["as sent", "plain"]


@pytest.mark.parametrize(
    "query",
    [
        {"since": "yesterday"},
        {"since": "2026-11-21T00:00:00"},
        {"until": "9999-12-31T23:59:59+00:00"},
        {"limit": "0"},
        {"limit": "1000000"},
        {"number": "1" * 41},
        {"cursor": "x" * 100},
        {"cursor": "c\x00"},
        {"number": "138\x00"},
        {"colour": "red"},
    ],
    ids=str,
)
async def test_wrong_query_is_refused_by_name_and_not_repeated(desk, query):
    async with desk() as room:
        client = await room.signed_in()

        answer = await client.get("/api/v1/calls", params=query)

        error = (await answer.json())["error"]
        assert answer.status == 422
        assert error["id"] == "input-refused"
        assert list(error["details"]["fields"]) == list(query)
        assert "x" * 100 not in str(error)


@pytest.mark.parametrize("query", [{"cursor": "x" * 100}, {"cursor": "c\x00"}, {"number": "138\x00"}], ids=ascii)
async def test_filter_that_no_call_can_match_is_refused_on_the_page_too(desk, query):
    async with desk() as room:
        client = await room.signed_in()

        assert (await client.get("/calls", params=query)).status == 422


@pytest.mark.parametrize("sign", ["%00", "%1b", "%7f"])
async def test_id_with_a_control_character_is_not_asked_of_the_database(desk, monkeypatch, sign):
    async def asked(*_args, **_values):
        raise AssertionError("PostgreSQL would fail here")

    monkeypatch.setattr(store, "call_by_id", asked)
    async with desk() as room:
        client = await room.signed_in()

        answer = await client.get(f"/api/v1/calls/c{sign}")

        assert (answer.status, (await answer.json())["error"]["id"]) == (404, "call-unknown")


@pytest.mark.parametrize("path", ["", "/recording"])
async def test_unknown_call_is_404_with_its_id(desk, path):
    async with desk() as room:
        client = await room.signed_in()

        answer = await client.get(f"/api/v1/calls/none{path}")

        assert answer.status == 404
        assert (await answer.json())["error"]["id"] == "call-unknown"


async def test_playback_is_logged_once_however_many_pieces_the_player_fetches(desk):
    async with desk() as room:
        await room.finished_call()
        await room.recorded()
        client = await room.signed_in()
        address = "/api/v1/calls/c-1/recording?side=agent"

        whole = await client.get(address)
        piece = await client.get(address, headers={"Range": "bytes=100-199"})

        assert whole.headers["Content-Type"] == "audio/wav"
        assert (await whole.read())[:4] == b"RIFF"
        assert (piece.status, len(await piece.read())) == (206, 100)
        async with room.database.read() as session:
            accesses = await accesses_of(session, "c-1")
            assert [(who, what, side) for _, who, what, side, _ in accesses] == [
                ("xiaowang", Access.RECORDING, "agent")
            ]


async def test_piece_from_the_middle_is_logged_when_nobody_fetched_the_beginning(desk):
    async with desk() as room:
        await room.finished_call()
        await room.recorded()
        client = await room.signed_in()

        await client.get("/api/v1/calls/c-1/recording", headers={"Range": "bytes=100-199"})

        async with room.database.read() as session:
            assert len(await accesses_of(session, "c-1")) == 1


@pytest.mark.parametrize("state", [RecordingState.PENDING, RecordingState.EMPTY, RecordingState.MISSING])
async def test_recording_that_cannot_be_played_says_so(desk, state):
    async with desk() as room:
        await room.finished_call()
        await room.recorded(state=state)
        client = await room.signed_in()

        answer = await client.get("/api/v1/calls/c-1/recording")

        assert answer.status == 404
        assert (await answer.json())["error"]["id"] == "recording-not-there"
        assert (await (await client.get("/api/v1/calls/c-1")).json())["recording"]["sides"] == []


async def test_recording_whose_name_leads_out_of_its_directory_is_not_given(desk):
    async with desk() as room:
        await room.finished_call(recording="../../outside")
        await room.recorded()
        client = await room.signed_in()

        assert (await client.get("/api/v1/calls/c-1/recording")).status == 404


async def test_withheld_and_unreadable_numbers_stay_on_the_safe_side(desk):
    async with desk() as room:
        await room.goes_on("c-1", caller_number="")
        await room.goes_on("c-2", caller_number="<script>alert(1)</script>" + "9" * 60)
        client = await room.signed_in()

        assert (await (await client.get("/api/v1/calls/c-1")).json())["number"] == ""
        assert (await (await client.get("/api/v1/calls/c-2")).json())["number"] == "****99"
        assert "<script>alert" not in await (await client.get("/calls")).text()


async def test_report_prints_its_formula_and_no_calls_is_no_data(desk):
    async with desk() as room:
        client = await room.signed_in("boss")

        report = await (await client.get("/api/v1/reports/answer-times")).json()

        assert report["total"]["offered"] == 0
        assert report["total"]["three_rings_share"] is None
        assert report["total"]["service_level"] is None
        assert report["total"]["human_seconds"] == {"p50": None, "p90": None, "p99": None}
        assert "÷" in report["total"]["service_level_formula"]
        assert report["since"] == "2026-11-21T00:00:00+08:00"


async def test_report_of_days_counts_each_day_apart(desk):
    async with desk() as room:
        now = room.clock.now()
        await room.finished_call("a", start=now - timedelta(days=1))
        await room.finished_call("b")
        await room.goes_on(
            "c",
            ring_start=now - timedelta(seconds=60),
            ended_at=now - timedelta(seconds=40),
            state=CallState.ENDED,
            outcome=Outcome.ABANDONED_RINGING,
        )
        client = await room.machine(Role.AGENT)

        answer = await client.get(
            "/api/v1/reports/answer-times", params={"from": "2026-11-20", "to": "2026-11-21", "by": "day"}
        )

        report = await answer.json()
        assert report["total"]["offered"] == 3
        assert report["total"]["three_rings_share"] == round(2 / 3, 4)
        assert [(bucket["start"][:10], bucket["figures"]["offered"]) for bucket in report["buckets"]] == [
            ("2026-11-20", 1),
            ("2026-11-21", 2),
        ]


@pytest.mark.parametrize(
    "days", [("2026-11-21", "2026-11-20"), ("2020-01-01", "2026-11-21"), ("0001-01-01", "0001-01-01"), ("x", "")]
)
async def test_report_of_impossible_days_is_refused(desk, days):
    async with desk() as room:
        client = await room.signed_in()

        answer = await client.get("/api/v1/reports/answer-times", params={"from": days[0], "to": days[1]})

        assert answer.status == 422


@pytest.mark.parametrize("state", ["refused", "removed"])
async def test_sound_that_the_caller_refused_is_never_given_though_its_file_is_still_there(desk, state):
    async with desk() as room:
        await room.finished_call(recording_refused=True)
        await room.recorded(state=RecordingState(state))
        client = await room.signed_in()

        call = await (await client.get("/api/v1/calls/c-1")).json()
        sound = await client.get("/api/v1/calls/c-1/recording?side=caller")

        assert (call["recording"]["sides"], sound.status) == ([], 404)


async def test_message_left_after_a_refusal_is_heard_and_what_was_refused_is_not(desk):
    async with desk() as room:
        await room.finished_call(recording_refused=True, recording="2026/11/21/c-1", message_at=room.clock.now())
        await room.recorded(state=RecordingState.REFUSED)
        await room.goes_on(recording="2026/11/21/c-1-message", recording_start=room.clock.now())
        await room.recorded()
        message = room.rooms.recordings_directory / "2026/11/21/c-1-message.caller.wav"
        message.write_bytes(message.read_bytes()[:1000])  # not as long as the other
        client = await room.signed_in()

        call = await (await client.get("/api/v1/calls/c-1")).json()
        sound = await client.get("/api/v1/calls/c-1/recording?side=caller")

        assert call["recording"]["sides"] == ["caller", "agent"]
        assert (sound.status, len(await sound.read())) == (200, 1000)

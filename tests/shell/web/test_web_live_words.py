"""What is said reaches every page as it is said; a word of danger turns each red while the call lasts."""

import asyncio
import json
from datetime import timedelta
from typing import Any

from hotline.bus import Change, Subject
from hotline.calls.state import CallState, Outcome
from hotline.live.store import AlertWord, keep_alert_word
from hotline.live.talk import LiveTurn, SpokenWord
from hotline.transcribe.transcript import Side
from tests.fakes.web_desk import MORNING, told

LIVE = "/api/v1/live"


def turn(text: str, *, number: int = 0, is_final: bool = False, side: Side = Side.CALLER) -> LiveTurn:
    at = MORNING + timedelta(seconds=number)
    words = (SpokenWord(text=text, until=at + timedelta(seconds=1), confidence=0.75),) if is_final else ()
    return LiveTurn(
        call_id="c-1", leg="l-1", side=side, number=number, at=at, text=text, is_final=is_final, words=words
    )


def says(room: Any, *turns: LiveTurn) -> None:
    for one in turns:
        room.rooms.talks.take(one)
    room.bus.publish(Change(Subject.WORDS, "c-1"))


async def test_words_are_told_as_they_are_said_with_their_side_and_time(desk: Any) -> None:
    async with desk() as room:
        client = await room.signed_in()
        async with client.ws_connect(LIVE) as socket:
            assert (await told(socket, "snapshot"))["words"] == []
            says(room, turn("我家"))
            first = await told(socket, "words")
            says(room, turn("我家漏水了", is_final=True), turn("哪一栋", number=1, side=Side.AGENT))
            second = await told(socket, "words")

    [only] = first["turns"]
    assert (first["call_id"], first["is_gone"]) == ("c-1", False)
    assert (only["side"], only["text"], only["is_final"], only["at"]) == (
        "caller", "我家", False, "2026-11-21T09:40:12+08:00",
    )  # fmt: skip
    assert [(one["side"], one["text"]) for one in second["turns"]] == [("caller", "我家漏水了"), ("agent", "哪一栋")]
    assert second["turns"][0]["words"] == [
        {"text": "我家漏水了", "until": "2026-11-21T09:40:13+08:00", "confidence": 0.75}
    ]


async def test_a_page_that_comes_late_gets_the_whole_talk_and_one_that_is_there_the_newest_turns(desk: Any) -> None:
    async with desk() as room:
        client = await room.signed_in()
        async with client.ws_connect(LIVE) as socket:
            await told(socket, "snapshot")
            says(room, *(turn(f"第{number}句", number=number, is_final=True) for number in range(20)))
            newest = await told(socket, "words")
        async with client.ws_connect(LIVE) as socket:
            [talk] = (await told(socket, "snapshot"))["words"]

    assert [one["text"] for one in newest["turns"]] == [f"第{number}句" for number in range(14, 20)]
    assert (talk["call_id"], len(talk["turns"])) == ("c-1", 20)


async def test_words_that_are_over_are_taken_off_every_page(desk: Any) -> None:
    async with desk() as room:
        client = await room.signed_in()
        says(room, turn("我家"))
        async with client.ws_connect(LIVE) as socket:
            await told(socket, "snapshot")
            room.rooms.talks.shut("c-1")
            room.bus.publish(Change(Subject.WORDS, "c-1"))
            gone = await told(socket, "words")

    assert (gone["is_gone"], gone["turns"]) == (True, [])


async def test_word_of_danger_is_red_on_every_page_until_the_call_is_over_and_stays_with_the_call(desk: Any) -> None:
    async with desk() as room:
        client, boss = await room.signed_in(), await room.signed_in("boss")
        async with client.ws_connect(LIVE) as here, boss.ws_connect(LIVE) as there:
            for socket in (here, there):
                await told(socket, "snapshot")
            await room.goes_on(state=CallState.TALKING, human_answer=room.clock.now(), agent="8001")
            async with room.database.begin() as session:
                await keep_alert_word(session, AlertWord(call_id="c-1", word="着火", side=Side.CALLER, at=MORNING))
            room.bus.publish(Change(Subject.ALERT_WORD, "c-1"))
            for socket in (here, there):
                alert = (await told(socket, "alert"))["alert"]
                assert alert["state"] == "danger"
                assert alert["call"]["number"] == "138****8501"
                assert [(one["word"], one["side"]) for one in alert["danger"]] == [("着火", "caller")]
        async with client.ws_connect(LIVE) as socket:
            [standing] = (await told(socket, "snapshot"))["alerts"]
            assert standing["state"] == "danger"
            await room.goes_on(state=CallState.ENDED, ended_at=room.clock.now(), outcome=Outcome.ANSWERED)
            async with asyncio.timeout(5):
                while (await told(socket, "alert"))["alert"]["state"] != "over":
                    pass
        async with client.ws_connect(LIVE) as socket:
            assert (await told(socket, "snapshot"))["alerts"] == []
        whole = json.loads(await (await client.get("/api/v1/calls/c-1")).text())

    assert [one["word"] for one in whole["alert_words"]] == ["着火"]

"""Set phrases over HTTP: agents read, supervisors write, the second of two writers is told; what a talk told so far."""

from datetime import timedelta

from hotline.accounts.account import Role
from hotline.calls.state import CallState
from hotline.live.talk import LiveTurn, SpokenWord, Talks
from hotline.transcribe.transcript import Side


async def test_agent_reads_the_phrases_and_may_not_write_them(desk):
    async with desk() as room:
        client = await room.signed_in()
        told = await (await client.get("/api/v1/phrases")).json()

        assert list(told["sets"])[:2] == ["greeting", "repair"]
        assert told["checks"]["place"]["drafted"] == "home"
        said = {"version": told["version"], "checks": told["checks"], "sets": told["sets"]}
        answer = await client.put("/api/v1/phrases", json=said)
        assert (answer.status, (await answer.json())["error"]["id"]) == (403, "role-may-not")


async def test_supervisor_writes_and_the_second_editor_is_told(desk):
    async with desk() as room:
        one, other = await room.signed_in("boss"), await room.signed_in("root")
        told = await (await one.get("/api/v1/phrases")).json()
        said = {"version": told["version"], "checks": told["checks"], "sets": told["sets"]}
        said["sets"]["closing"]["phrases"] = ["<script>再见</script>"]

        written = await one.put("/api/v1/phrases", json=said)
        late = await other.put("/api/v1/phrases", json=said)

        assert written.status == 200
        assert (late.status, (await late.json())["error"]["id"]) == (409, "phrases-changed")
        agent = await room.signed_in()
        now = await (await agent.get("/api/v1/phrases")).json()
        assert now["sets"]["closing"]["phrases"] == ["<script>再见</script>"]
        assert now["is_own"]


async def test_wrong_phrases_are_refused_with_their_place(desk):
    async with desk() as room:
        boss = await room.signed_in("boss")
        told = await (await boss.get("/api/v1/phrases")).json()
        said = {"version": told["version"], "checks": told["checks"], "sets": told["sets"]}
        said["sets"]["closing"]["phrases"] = ["{home", "x" * 161]

        answer = await boss.put("/api/v1/phrases", json=said)

        error = (await answer.json())["error"]
        assert (answer.status, error["id"]) == (422, "phrase-file-refused")
        assert "sets.closing.phrases" in error["details"]["faults"][0]


async def test_what_is_said_live_is_drafted_at_once_places_found_by_their_sound(desk):
    talks = Talks()
    async with desk(talks=talks) as room:
        now = room.clock.now()
        await room.goes_on(state=CallState.TALKING, human_answer=now, agent="8001", caller_number="", request="repair")
        for number, text in enumerate(("我是三动二单元五零一的", "厨房漏水了")):
            at = now + timedelta(seconds=4 * number)
            words = tuple(
                SpokenWord(text=letter, until=at + timedelta(seconds=0.2 * place), confidence=0.9)
                for place, letter in enumerate(text, start=1)
            )
            talks.take(
                LiveTurn(
                    call_id="c-1",
                    leg="a",
                    side=Side.CALLER,
                    number=number,
                    at=at,
                    text=text,
                    is_final=True,
                    words=words,
                )
            )
        client = await room.signed_in()

        heard = await (await client.get("/api/v1/calls/c-1/heard")).json()

        fields = {one["field"]: one for one in heard["drafted"]}
        assert (heard["home"], heard["kind"]) == ("3-2-501", "repair")
        assert "漏水" in fields["symptom"]["value"]


async def test_nothing_is_told_of_a_call_that_is_not_there(desk):
    async with desk() as room:
        machine = await room.machine(Role.SUPERVISOR)

        assert (await machine.get("/api/v1/calls/none/heard")).status == 404

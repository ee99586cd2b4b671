"""What the switch's list of channels tells of talks, of supervisors at agents' sides, and of callers who wait."""

from datetime import timedelta
from typing import Any

from hotline.ami.actions import originate, when_gone
from hotline.ami.events import ChannelListed
from hotline.ami.live_help import helps_among, talk_among, waiting_among
from hotline.livehelp.help import Mode

RESIDENT = "PJSIP/carrier-00000001"
AGENT = "PJSIP/8001-00000002"
HELP = "help-1795370820.1"


def channel(name: str, uniqueid: str, **more: Any) -> ChannelListed:
    values: dict[str, Any] = {
        "linkedid": "c-1", "state": 6, "caller_number": "", "caller_name": "", "context": "", "extension": "",
        "application": "",
    } | more  # fmt: skip
    return ChannelListed(channel=name, uniqueid=uniqueid, **values)


TALK = [channel(RESIDENT, "c-1", bridge="b"), channel(AGENT, "c-2", bridge="b")]


def helper(mode: str, **more: Any) -> ChannelListed:
    return channel("PJSIP/8901-00000003", HELP, linkedid=HELP, context="live-help", extension=mode, **more)


def test_talk_is_the_agents_and_the_residents_also_while_a_supervisor_is_in_it() -> None:
    alone, with_third = talk_among("8001", TALK), talk_among("8001", [*TALK, helper("barge", bridge="b")])

    assert alone is not None
    assert (alone.agent_id, alone.agent_channel, alone.resident, alone.call) == ("c-2", AGENT, RESIDENT, "c-1")
    assert with_third == alone


def test_agent_who_rings_or_is_in_no_bridge_is_in_no_talk() -> None:
    assert talk_among("8001", [channel(AGENT, "c-2", state=5)]) is None
    assert talk_among("8001", [channel(AGENT, "c-2")]) is None
    assert talk_among("800", TALK) is None


def test_colleagues_among_themselves_have_nobody_to_be_taken_over() -> None:
    talk = talk_among("8001", [channel(AGENT, "c-2", bridge="b"), channel("PJSIP/8002-1", "c-3", bridge="b")])

    assert talk is not None
    assert talk.resident == ""


def test_supervisor_in_a_bridge_has_stepped_in_or_taken_over_and_before_is_on_the_way() -> None:
    shown = {
        (mode, bridge): helps_among([helper(mode, bridge=bridge)])[HELP]
        for mode in ("listen", "whisper", "barge", "take")
        for bridge in ("", "b")
    }

    assert shown["listen", ""] is Mode.LISTEN
    assert shown["whisper", ""] is Mode.WHISPER
    assert (shown["barge", ""], shown["barge", "b"]) == (None, Mode.BARGE)
    assert (shown["take", ""], shown["take", "b"]) == (None, Mode.TAKE)
    assert helps_among([helper("listen", state=5)]) == {HELP: None}
    assert helps_among(TALK) == {}


def test_only_a_resident_in_a_queue_waits() -> None:
    waits = {"context": "waiting-room", "extension": "repair", "application": "Queue"}

    assert waiting_among("c-1", [channel(RESIDENT, "c-1", **waits)]) == (RESIDENT, "repair")
    assert waiting_among("c-2", [channel(RESIDENT, "c-1", **waits)]) is None
    assert waiting_among("c-1", [channel(RESIDENT, "c-1", **waits, bridge="b")]) is None
    assert waiting_among("c-1", [channel("Local/keep@kept-place-1;1", "c-1", **waits)]) is None
    assert waiting_among("c-1", [channel(RESIDENT, "c-1", **(waits | {"context": "emergency"}))]) is None


def test_telephone_is_told_what_its_call_is_about() -> None:
    action = originate(
        "PJSIP/8901", channel_id=HELP, context="live-help", extension="listen", ring_for=timedelta(seconds=20),
        told={"X-Call": "c-1", "X-Answer": "now"},
    )  # fmt: skip

    said = [value for name, value in action.headers if name == "Variable"]
    assert said == ["PJSIP_HEADER(add,X-Call)=c-1", "PJSIP_HEADER(add,X-Answer)=now"]
    assert ("Value", "resident-left,s,1") in when_gone(RESIDENT, "resident-left").headers

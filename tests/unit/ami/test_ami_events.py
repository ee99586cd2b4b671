"""Header blocks become events: typed, cut to length; malformed and unknown ones are said so, never raised."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.ami.events import (
    _READERS,
    AgentCalled,
    AgentComplete,
    AgentConnect,
    AgentRingNoAnswer,
    AmiEvent,
    ChannelListed,
    DeviceState,
    FullyBooted,
    Hangup,
    Held,
    Malformed,
    MemberChanged,
    MixMonitorStop,
    Newchannel,
    Newstate,
    Other,
    QueueCallerAbandon,
    QueueCallerJoin,
    QueueCallerLeave,
    QueueEntry,
    read_event,
)

LEG = {"channel": "PJSIP/carrier-1", "uniqueid": "1.1", "linkedid": "1.0"}
CALLER = {"calleridnum": "13800001234", "calleridname": "张伟"}
QUEUE = {"queue": "desk", "position": "1", "count": "2"}
PHONE = {"interface": "PJSIP/8001", "membername": "李娜", "destchannel": "PJSIP/8001-2", "destuniqueid": "1.2"}
MEMBER = {"queue": "desk", "interface": "PJSIP/8001", "membername": "李娜", "status": "6", "paused": "0", "incall": "0"}

ON_AGENT = {
    **LEG, "queue": "desk", "interface": "PJSIP/8001", "name": "李娜",
    "agent_channel": "PJSIP/8001-2", "agent_uniqueid": "1.2",
}  # fmt: skip
WHO = {"caller_number": "13800001234", "caller_name": "张伟"}
WHERE = {"context": "hotline", "extension": "96000"}
SEEN_MEMBER = MemberChanged(
    queue="desk", interface="PJSIP/8001", name="李娜", state=DeviceState.RINGING, paused=False, pause_reason="",
    in_call=False, is_removed=False,
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "headers", "event"),
    [
        ("QueueCallerJoin", LEG | CALLER | QUEUE, QueueCallerJoin(**LEG, **WHO, queue="desk", position=1, waiting=2)),
        ("QueueCallerLeave", LEG | QUEUE, QueueCallerLeave(**LEG, queue="desk", waiting=2)),
        ("QueueCallerAbandon", LEG | QUEUE | {"holdtime": "54"}, QueueCallerAbandon(**LEG, queue="desk", waited=54)),
        (
            "QueueEntry",
            LEG | CALLER | QUEUE | {"wait": "7"},
            QueueEntry(**WHO, queue="desk", position=1, channel=LEG["channel"], uniqueid="1.1", waited=7),
        ),
        ("QueueMemberStatus", MEMBER, SEEN_MEMBER),
        ("QueueMemberAdded", MEMBER, SEEN_MEMBER),
        ("QueueMemberPause", MEMBER, SEEN_MEMBER),
        (
            "QueueMember",
            {"queue": "desk", "location": "PJSIP/8001", "name": "李娜", "status": "6", "paused": "0", "incall": "0"},
            SEEN_MEMBER,
        ),
        ("AgentCalled", LEG | QUEUE | PHONE, AgentCalled(**ON_AGENT)),
        (
            "AgentConnect",
            LEG | QUEUE | PHONE | {"holdtime": "9", "ringtime": "4"},
            AgentConnect(**ON_AGENT, waited=9, rang=4),
        ),
        ("AgentRingNoAnswer", LEG | QUEUE | PHONE | {"ringtime": "15000"}, AgentRingNoAnswer(**ON_AGENT, rang=15000)),
        (
            "AgentComplete",
            LEG | QUEUE | PHONE | {"talktime": "61", "reason": "caller"},
            AgentComplete(**ON_AGENT, talked=61, ended_by="caller"),
        ),
        (
            "Newchannel",
            LEG | CALLER | {"channelstate": "4", "context": "hotline", "exten": "96000"},
            Newchannel(**LEG, **WHO, **WHERE, state=4),
        ),
        ("Newstate", LEG | CALLER | {"channelstate": "6"}, Newstate(**LEG, state=6, caller_number="13800001234")),
        (
            "CoreShowChannel",
            LEG | CALLER | {"channelstate": "6", "context": "hotline", "exten": "96000", "application": "Queue"},
            ChannelListed(**LEG, **WHO, **WHERE, state=6, application="Queue"),
        ),
        ("Hangup", LEG | {"cause": "16", "cause-txt": "Normal Clearing"}, Hangup(**LEG, cause=16)),
        ("MixMonitorStop", LEG, MixMonitorStop(**LEG)),
        ("Hold", {**LEG, "musicclass": "default"}, Held(**LEG, is_over=False)),
        ("Unhold", LEG, Held(**LEG, is_over=True)),
        ("FullyBooted", {"status": "Fully Booted"}, FullyBooted()),
        ("RTCPSent", LEG, Other("RTCPSent")),
        ("", {}, Other("")),
    ],
)
def test_block_is_read_as_its_event(name: str, headers: dict[str, str], event: AmiEvent) -> None:
    assert read_event({"event": name, **headers}) == event


def test_member_taken_out_of_a_queue_is_marked_so() -> None:
    event = read_event({"event": "QueueMemberRemoved", **MEMBER})

    assert isinstance(event, MemberChanged)
    assert event.is_removed


def test_member_in_pause_has_its_reason() -> None:
    event = read_event({"event": "QueueMemberPause", **MEMBER, "paused": "1", "pausedreason": "午饭"})

    assert isinstance(event, MemberChanged)
    assert (event.paused, event.pause_reason) == (True, "午饭")


def test_state_of_a_phone_that_we_do_not_know_is_unknown() -> None:
    event = read_event({"event": "QueueMemberStatus", **MEMBER, "status": "77"})

    assert isinstance(event, MemberChanged)
    assert event.state is DeviceState.UNKNOWN


@pytest.mark.parametrize("nobody", ["<unknown>", ""])
def test_withheld_number_is_empty(nobody: str) -> None:
    event = read_event({"event": "Newstate", **LEG, "channelstate": "4", "calleridnum": nobody})

    assert isinstance(event, Newstate)
    assert event.caller_number == ""


def test_leg_without_a_linkedid_is_its_own_call() -> None:
    event = read_event({"event": "Hangup", "channel": "PJSIP/1", "uniqueid": "1.1", "cause": "16"})

    assert isinstance(event, Hangup)
    assert event.linkedid == "1.1"


def test_name_of_64_kib_is_cut() -> None:
    event = read_event({"event": "QueueCallerJoin", **LEG, **QUEUE, "calleridname": "王" * 65536})

    assert isinstance(event, QueueCallerJoin)
    assert event.caller_name == "王" * 256


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"event": "Hangup", "channel": "c", "cause": "16"}, "no uniqueid"),
        ({"event": "Hangup", **LEG}, "no cause"),
        ({"event": "Hangup", **LEG, "cause": "-1"}, "cause is not a number"),
        ({"event": "Hangup", **LEG, "cause": "１６"}, "cause is not a number"),
        ({"event": "Hangup", **LEG, "cause": "9" * 5000}, "cause is not a number"),
    ],
)
def test_block_that_lacks_what_its_event_needs_is_malformed(headers: dict[str, str], reason: str) -> None:
    assert read_event(headers) == Malformed("Hangup", reason)


NAMES = st.sampled_from([*_READERS, "QueueMemberRinginuse"])
HEADERS = st.sampled_from(
    [*LEG, *CALLER, *QUEUE, *PHONE, *MEMBER, "holdtime", "ringtime", "cause", "wait", "channelstate"]
)


@given(NAMES, st.dictionaries(HEADERS, st.text(max_size=5) | st.integers().map(str)))
def test_no_block_raises(name: str, headers: dict[str, str]) -> None:
    read_event({**headers, "event": name})


def test_member_listed_by_the_switch_has_its_penalty_and_whether_it_stands_in_the_switchs_files() -> None:
    headers = {"event": "QueueMember", **MEMBER, "location": "PJSIP/8001", "penalty": "2", "membership": "static"}

    event = read_event(headers)

    assert isinstance(event, MemberChanged)
    assert (event.penalty, event.is_static) == (2, True)


def test_member_whose_penalty_cannot_be_read_is_malformed() -> None:
    assert isinstance(read_event({"event": "QueueMemberAdded", **MEMBER, "penalty": "-1"}), Malformed)

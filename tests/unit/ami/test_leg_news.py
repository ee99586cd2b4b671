"""What AMI's events tell of a channel, and what they do not."""

from datetime import timedelta

import pytest

from hotline.agents.legs import LegGone, LegUnanswered
from hotline.ami.events import ChannelListed, read_event
from hotline.ami.leg_news import leg_listed, leg_news

LEG = {"channel": "PJSIP/8001-0000000a", "uniqueid": "x-1.2", "linkedid": "x-1.1"}
DEST = {f"dest{name}": value for name, value in LEG.items()}
CALLER = {"channel": "PJSIP/carrier-00000009", "uniqueid": "x-1.1", "linkedid": "x-1.1"}


def news(name: str, **headers: str):
    return leg_news(read_event({"event": name, **headers}))


def test_new_channel_that_is_down_is_made_to_ring_somebody() -> None:
    assert news("Newchannel", **LEG, channelstate="0").is_called is True
    assert news("Newchannel", **LEG, channelstate="4").is_called is None


def test_lifted_channel_is_up_and_says_whom_it_is_rung_for() -> None:
    told = news("Newstate", **LEG, channelstate="6", connectedlinenum="13800138501")

    assert (told.is_up, told.other) == (True, "13800138501")
    assert news("Newstate", **LEG, channelstate="5").is_up is None


def test_dialling_tells_of_the_channel_that_is_rung_and_from_where() -> None:
    told = news("DialBegin", **CALLER, **DEST, calleridnum="13800138501", context="emergency")

    assert (told.uniqueid, told.other, told.rung_from, told.is_called) == ("x-1.2", "13800138501", "emergency", True)


def test_channel_that_nobody_lifted_is_told_and_every_other_end_of_dialling_is_not() -> None:
    assert news("DialEnd", **CALLER, **DEST, dialstatus="NOANSWER") == LegUnanswered(uniqueid="x-1.2")
    assert news("DialEnd", **CALLER, **DEST, dialstatus="CANCEL") is None


def test_bridges_are_entered_and_left() -> None:
    assert news("BridgeEnter", **LEG, bridgeuniqueid="b-1").bridge == "b-1"
    assert news("BridgeLeave", **LEG, bridgeuniqueid="b-1").left == "b-1"


@pytest.mark.parametrize(("cause", "was_refused"), [("16", False), ("17", True), ("21", True), ("26", False)])
def test_phone_that_says_busy_or_no_was_refused_by_somebody(cause: str, was_refused: bool) -> None:
    assert news("Hangup", **LEG, cause=cause) == LegGone(uniqueid="x-1.2", was_refused=was_refused)


def test_queue_tells_which_phone_it_rings() -> None:
    told = news("AgentCalled", **CALLER, **DEST, queue="repair", interface="PJSIP/8001")

    assert (told.uniqueid, told.queue, told.is_called) == ("x-1.2", "repair", True)
    assert news("AgentCalled", **CALLER, queue="repair", interface="PJSIP/8001") is None


def test_stream_of_live_words_is_nobodys_telephone() -> None:
    stream = {"channel": "AudioSocket/127.0.0.1:9092-1", "uniqueid": "live-1", "linkedid": "live-1"}
    listed = read_event({"event": "CoreShowChannel", **stream, "channelstate": "6"})

    assert news("Newchannel", **stream, channelstate="0") is None
    assert isinstance(listed, ChannelListed)
    assert leg_listed(listed) is None


def test_what_is_not_about_a_channel_tells_nothing() -> None:
    assert news("FullyBooted") is None
    assert news("Newchannel", uniqueid="x") is None  # malformed
    assert news("Hold", **LEG) is None


@pytest.mark.parametrize(
    ("state", "application", "is_up", "is_called"),
    [("5", "AppQueue", False, True), ("6", "AppQueue", True, True), ("6", "Dial", True, False), ("0", "", False, True)],
)
def test_list_tells_all_there_is_to_know_of_a_channel(
    state: str, application: str, is_up: bool, is_called: bool
) -> None:
    listed = read_event({
        "event": "CoreShowChannel", **LEG, "channelstate": state, "application": application, "duration": "01:02:03",
        "connectedlinenum": "13800138501", "context": "from-agents", "bridgeid": "b-1",
    })  # fmt: skip
    assert isinstance(listed, ChannelListed)

    told = leg_listed(listed)

    assert told is not None
    assert (told.is_up, told.is_called, told.bridge) == (is_up, is_called, "b-1")
    assert told.up_for == timedelta(hours=1, minutes=2, seconds=3)


@pytest.mark.parametrize("duration", ["", "an hour", "1:2"])
def test_length_that_makes_no_sense_is_none(duration: str) -> None:
    listed = read_event({"event": "CoreShowChannel", **LEG, "channelstate": "6", "duration": duration})

    assert isinstance(listed, ChannelListed)
    assert listed.seconds == 0

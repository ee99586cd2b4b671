"""What we ask of the switch: each action's headers, and the one door that lets no value start an action of its own."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.ami import actions
from hotline.ami.actions import Action
from hotline.ami.errors import UnsafeHeader


def originate(**changed: object) -> Action:
    plain: dict[str, object] = {
        "channel_id": "attempt-1", "context": "callback", "extension": "s", "ring_for": timedelta(seconds=30),
    }  # fmt: skip
    return actions.originate("PJSIP/8001", **{**plain, **changed})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("action", "name", "headers"),
    [
        (actions.ping(), "Ping", {}),
        (actions.set_global("HOTLINE_LEASE", "17"), "Setvar", {"Variable": "HOTLINE_LEASE", "Value": "17"}),
        (actions.queue_status(), "QueueStatus", {}),
        (actions.queue_status("desk"), "QueueStatus", {"Queue": "desk"}),
        (actions.queue_remove("desk", "PJSIP/8001"), "QueueRemove", {"Queue": "desk", "Interface": "PJSIP/8001"}),
        (
            actions.queue_add("desk", "PJSIP/8001", name="李娜"),
            "QueueAdd",
            {"Queue": "desk", "Interface": "PJSIP/8001", "Penalty": "0", "Paused": "false", "MemberName": "李娜"},
        ),
        (
            actions.queue_pause("PJSIP/8001", paused=True, queue="desk", reason="wrap-up"),
            "QueuePause",
            {"Interface": "PJSIP/8001", "Paused": "true", "Queue": "desk", "Reason": "wrap-up"},
        ),
        (actions.queue_pause("PJSIP/8001", paused=False), "QueuePause", {"Interface": "PJSIP/8001", "Paused": "false"}),
        (
            actions.queue_penalty("desk", "PJSIP/8001", 3),
            "QueuePenalty",
            {"Interface": "PJSIP/8001", "Penalty": "3", "Queue": "desk"},
        ),
        (
            actions.database_put("duty", "1/rings_for", "20"),
            "DBPut",
            {"Family": "duty", "Key": "1/rings_for", "Val": "20"},
        ),
        (actions.database_drop("duty", "4"), "DBDelTree", {"Family": "duty", "Key": "4"}),
        (actions.hangup("PJSIP/8001-1"), "Hangup", {"Channel": "PJSIP/8001-1", "Cause": "16"}),
        (actions.core_show_channels(), "CoreShowChannels", {}),
    ],
)
def test_action_has_its_headers(action: Action, name: str, headers: dict[str, str]) -> None:
    assert (action.name, dict(action.headers)) == (name, headers)


def test_originate_is_queued_under_our_own_channel_id() -> None:
    headers = originate(caller_id="96001", variables={"ATTEMPT": "1", "__KIND": "回访"}).headers

    assert ("ChannelId", "attempt-1") in headers
    assert ("Async", "true") in headers
    assert ("Timeout", "30000") in headers
    assert ("CallerID", "96001") in headers
    assert [value for name, value in headers if name == "Variable"] == ["ATTEMPT=1", "__KIND=回访"]


def test_originate_tells_a_phone_of_the_house_which_call_it_is() -> None:
    assert ("Variable", "PJSIP_HEADER(add,X-Call)=outside-1.1") in originate(
        channel_id="outside-1.1", tells_call=True
    ).headers


def test_originate_without_a_channel_id_is_refused() -> None:
    with pytest.raises(UnsafeHeader):
        originate(channel_id="")


@pytest.mark.parametrize("value", ["a,b=c", 'a"b', "a\\b", "a'b"])
def test_variable_that_would_be_read_as_two_is_refused(value: str) -> None:
    with pytest.raises(UnsafeHeader):
        originate(variables={"NOTE": value})


UNSAFE = ["a\r\nb", "a\nb", "a\rb", "a\0b", "\ud800", "\r\n\r\nAction: Hangup"]


@pytest.mark.parametrize("value", UNSAFE)
@pytest.mark.parametrize(
    "build",
    [
        Action,
        lambda value: Action("X", ((value, "y"),)),
        lambda value: actions.log_in("hotline", value),
        lambda value: actions.set_global("KEY", value),
        lambda value: actions.set_global(value, "x"),
        actions.queue_status,
        lambda value: actions.queue_add("desk", value),
        lambda value: actions.queue_add("desk", "PJSIP/8001", name=value),
        lambda value: actions.queue_remove(value, "PJSIP/8001"),
        lambda value: actions.queue_pause("PJSIP/8001", paused=True, reason=value),
        actions.hangup,
        lambda value: actions.database_put("duty", "1/number", value),
        lambda value: actions.database_put("duty", value, "8001"),
        lambda value: actions.database_drop(value, "4"),
        lambda value: originate(extension=value),
        lambda value: originate(caller_id=value),
        lambda value: originate(variables={"NOTE": value}),
        lambda value: originate(variables={value: "x"}),
    ],
)
def test_value_that_would_break_out_of_its_header_is_refused(build: Callable[[str], Action], value: str) -> None:
    with pytest.raises(UnsafeHeader) as refused:
        build(value)

    assert not set("\r\n\0") & set(str(refused.value))  # the message itself may stand in a log


@given(st.text(), st.text())
def test_any_action_that_is_built_is_as_many_lines_as_headers(name: str, value: str) -> None:
    try:
        action = Action("UserEvent", ((name, value),))
    except UnsafeHeader:
        return

    lines = "".join(f"{header}: {text}\r\n" for header, text in action.headers).encode()
    assert lines.count(b"\n") == lines.count(b"\r") == 1


def test_action_id_is_ours_to_give() -> None:
    with pytest.raises(UnsafeHeader):
        Action("Ping", (("ActionID", "somebody else's"),))

"""What we ask of the switch, as checked header blocks.

Pure. Every action passes `Action.__post_init__`, the one door: no value can end its header and start an action
of its own.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from hotline.ami.errors import UnsafeHeader

_UNSAFE: Final = re.compile("[\r\n\0\ud800-\udfff]")  # lone surrogates cannot be sent as UTF-8
_HEADER: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_DATABASE: Final = re.compile(r"[a-z][a-z_-]*(/[a-z0-9_-]+)+")
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SEPARATES: Final = re.compile(r"[,\"'\\]")  # Asterisk splits one Variable header at commas and reads quotes


@dataclass(frozen=True, slots=True)
class Action:
    """One action: its name and its headers in order (a name may repeat).

    Raises UnsafeHeader if a name or value holds CR, LF, NUL or a lone surrogate.
    """

    name: str
    headers: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        for header, value in (("Action", self.name), *self.headers):
            if not _HEADER.fullmatch(header) or header.lower() == "actionid" or _UNSAFE.search(value):
                raise UnsafeHeader(repr(self.name), repr(header))


def ping() -> Action:
    """Ask for a sign of life."""
    return Action("Ping")


def log_in(username: str, secret: str) -> Action:
    """Sign in and hear events."""
    return Action("Login", (("Username", username), ("Secret", secret), ("Events", "on")))


def set_global(name: str, value: str) -> Action:
    """Set a global variable of the dialplan."""
    return Action("Setvar", (("Variable", _variable("Setvar", name)), ("Value", value)))


def set_variable(channel: str, name: str, value: str) -> Action:
    """Set a variable of one channel."""
    return Action("Setvar", (("Channel", channel), ("Variable", _variable("Setvar", name)), ("Value", value)))


def device_state(extension: str) -> Action:
    """Ask how a telephone of the house is; `value` of the answer: UNAVAILABLE where it is not signed in."""
    if not extension.isdecimal():
        raise UnsafeHeader("Getvar", "Variable")
    return Action("Getvar", (("Variable", f"DEVICE_STATE(PJSIP/{extension})"),))


def is_on_hold(channel: str) -> Action:
    """Ask whether a channel was put on hold by whom it speaks with; the answer's Value is 1 or 0."""
    return Action("Getvar", (("Channel", channel), ("Variable", "CHANNEL(onhold)")))


def when_gone(channel: str, context: str) -> Action:
    """Let the dialplan's `context` be run as this channel ends, whatever ends it."""
    place = f"{_variable('Setvar', context.replace('-', '_')).replace('_', '-')},s,1"
    return Action("Setvar", (("Channel", channel), ("Variable", "CHANNEL(hangup_handler_push)"), ("Value", place)))


def queue_status(queue: str = "") -> Action:
    """Ask for the members and waiting callers of a queue, or of all."""
    return Action("QueueStatus", (("Queue", queue),) if queue else ())


def queue_add(queue: str, interface: str, *, name: str = "", penalty: int = 0, paused: bool = False) -> Action:
    """Let an agent's phone take calls of a queue; `name` is shown as the member's name."""
    headers = (("Queue", queue), ("Interface", interface), ("Penalty", str(penalty)), ("Paused", _yes(paused)))
    return Action("QueueAdd", (*headers, ("MemberName", name)) if name else headers)


def queue_remove(queue: str, interface: str) -> Action:
    """Take an agent's phone out of a queue."""
    return Action("QueueRemove", (("Queue", queue), ("Interface", interface)))


def queue_pause(interface: str, *, paused: bool, queue: str = "", reason: str = "") -> Action:
    """Pause an agent's phone or end its pause, in one queue or in all."""
    headers = [("Interface", interface), ("Paused", _yes(paused))]
    headers += [("Queue", queue)] if queue else []
    headers += [("Reason", reason)] if reason else []
    return Action("QueuePause", tuple(headers))


def queue_penalty(queue: str, interface: str, penalty: int) -> Action:
    """Say how late an agent's phone is tried in a queue: phones of a lower penalty ring first."""
    return Action("QueuePenalty", (("Interface", interface), ("Penalty", str(penalty)), ("Queue", queue)))


def database_put(family: str, key: str, value: str) -> Action:
    """Keep a value in the switch's own database, which survives us and the switch's restart."""
    return Action("DBPut", (*_place("DBPut", family, key), ("Val", value)))


def database_drop(family: str, key: str) -> Action:
    """Drop what stands at this key and below it; the switch refuses when nothing stands there."""
    return Action("DBDelTree", _place("DBDelTree", family, key))


def hangup(channel: str, *, cause: int = 16) -> Action:
    """End one channel; `cause` is Q.850 (16: normal clearing)."""
    return Action("Hangup", (("Channel", channel), ("Cause", str(cause))))


def redirect(channel: str, context: str, extension: str) -> Action:
    """Lead a channel on at another place of the dialplan; whom it was bridged with is left behind."""
    return Action("Redirect", (("Channel", channel), ("Context", context), ("Exten", extension), ("Priority", "1")))


def core_show_channels() -> Action:
    """Ask for every channel that is up."""
    return Action("CoreShowChannels")


def originate(
    channel: str,
    *,
    channel_id: str,
    context: str,
    extension: str,
    ring_for: timedelta,
    caller_id: str = "",
    variables: Mapping[str, str] | None = None,
    tells_call: bool = False,
    told: Mapping[str, str] | None = None,
) -> Action:
    """Ring `channel` and lead it to `extension` when it is lifted.

    `channel_id` becomes the channel's unique id: the switch refuses a second call with it while the first lives, and
    by it an attempt is found again after an outage. Acknowledged when queued; later events tell what came of it.
    `tells_call`: the telephone, one of the house, is told which call it is (X-Call; see [to-phone] in the dialplan);
    `told` is what else its INVITE says, header by header.
    Raises UnsafeHeader if a variable's name or value would be read as more than one variable.
    """
    if not channel_id:
        raise UnsafeHeader("Originate", "ChannelId")
    headers = [
        ("Channel", channel),
        ("ChannelId", channel_id),
        ("Context", context),
        ("Exten", extension),
        ("Priority", "1"),
        ("Timeout", str(int(ring_for.total_seconds() * 1000))),
        ("Async", "true"),
    ]
    headers += [("CallerID", caller_id)] if caller_id else []
    for name, value in (variables or {}).items():
        if _SEPARATES.search(value):
            raise UnsafeHeader("Originate", f"Variable {name!r}")
        headers.append(("Variable", f"{_variable('Originate', name)}={value}"))
    for header, value in (({"X-Call": channel_id} if tells_call else {}) | dict(told or {})).items():
        if not _HEADER.fullmatch(header) or _SEPARATES.search(value):
            raise UnsafeHeader("Originate", repr(header))
        headers.append(("Variable", f"PJSIP_HEADER(add,{header})={value}"))
    return Action("Originate", tuple(headers))


def originate_into(channel: str, *, channel_id: str, application: str, data: str, within: timedelta) -> Action:
    """Make `channel` and run one application on it, as soon as it is up; see `originate`."""
    return Action(
        "Originate",
        (
            ("Channel", channel),
            ("ChannelId", channel_id),
            ("Application", application),
            ("Data", data),
            ("Timeout", str(int(within.total_seconds() * 1000))),
            ("Async", "true"),
        ),
    )


def _variable(action: str, name: str) -> str:
    if not _VARIABLE.fullmatch(name):
        raise UnsafeHeader(action, "Variable")
    return name


def _place(action: str, family: str, key: str) -> tuple[tuple[str, str], ...]:
    if not _DATABASE.fullmatch(f"{family}/{key}"):
        raise UnsafeHeader(action, "Key")
    return ("Family", family), ("Key", key)


def _yes(value: bool) -> str:
    return "true" if value else "false"

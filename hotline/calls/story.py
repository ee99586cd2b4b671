"""Tell a call's story: rows of Asterisk's event log in, call events out.

Pure. Comes after `cel`, before `ledger`. Channels and linkedids become a call and its legs: the caller's leg is the
channel whose unique id is the linkedid; an agent's leg is a channel of a telephone extension. What the dialplan and the
menu want told they say themselves, as user events (deploy/asterisk/extensions.conf.j2).
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from hotline.calls.cel import CelRow
from hotline.calls.events import (
    AgentAnswered,
    AgentLeft,
    AgentMissed,
    AgentRang,
    CallEnded,
    CallQueued,
    CallStarted,
    Event,
    MenuChosen,
    MenuEntered,
    NoticeGiven,
    QueueLeft,
    RecordingStarted,
    ServiceMissed,
    SwitchAnswered,
    SwitchLost,
)

SWITCH_LOST: Final = "SWITCH_LOST"  # a row of our own, written when the switch came back without the call
_AGENT_CHANNEL: Final = re.compile(r"PJSIP/(\d{3,6})-[0-9a-f]+")
_DIRECTION: Final = {"from-carrier": "inbound", "from-agents": "internal"}


@dataclass
class _Leg:
    """What is known of one channel so far."""

    agent: str = ""
    bridges: set[str] = field(default_factory=set)
    has_talked: bool = False
    is_gone: bool = False


def tell(rows: Iterable[CelRow]) -> list[Event]:
    """Return what happened to one call, in order. `rows` are all rows of one linkedid, oldest first."""
    return list(_Story().tell(rows))


class _Story:
    def __init__(self) -> None:
        self._legs: dict[str, _Leg] = {}
        self._cause = 0
        self._hung_up_by_caller = False

    def tell(self, rows: Iterable[CelRow]) -> Iterator[Event]:
        told = list(rows)
        has_ended = any(row.type == "LINKEDID_END" for row in told)
        for row in told:
            if row.type == SWITCH_LOST and has_ended:
                continue  # the switch had it after all, and told its end
            yield from self._row(row)

    def _row(self, row: CelRow) -> Iterator[Event]:
        is_caller = row.uniqueid == row.linkedid
        match row.type:
            case "CHAN_START":
                yield from self._channel_started(row, is_caller=is_caller)
            case "ANSWER" if is_caller:
                yield SwitchAnswered(at=row.at)
            case "BRIDGE_ENTER":
                yield from self._entered_bridge(row)
            case "BRIDGE_EXIT":
                self._leg(row).bridges.discard(_extra(row, "bridge_id"))
            case "HANGUP":
                yield from self._hung_up(row, is_caller=is_caller)
            case "LINKEDID_END":
                yield CallEnded(at=row.at, cause=self._cause, by_caller=self._hung_up_by_caller)
            case _:
                yield from _said_by_dialplan(row)

    def _leg(self, row: CelRow) -> _Leg:
        return self._legs.setdefault(row.uniqueid, _Leg())

    def _channel_started(self, row: CelRow, *, is_caller: bool) -> Iterator[Event]:
        leg = self._leg(row)
        if is_caller:
            yield CallStarted(
                at=row.at,
                direction=_DIRECTION.get(row.context, "inbound"),
                caller_number=row.caller_number,
                caller_name=row.caller_name,
                dialled=row.extension,
            )
        elif found := _AGENT_CHANNEL.fullmatch(row.channel):
            leg.agent = found[1]
            yield AgentRang(at=row.at, agent=leg.agent, leg=row.uniqueid)

    def _entered_bridge(self, row: CelRow) -> Iterator[Event]:
        bridge = _extra(row, "bridge_id")
        self._leg(row).bridges.add(bridge)
        inside = [(uniqueid, leg) for uniqueid, leg in self._legs.items() if bridge in leg.bridges]
        if not any(uniqueid == row.linkedid for uniqueid, _ in inside):
            return
        for uniqueid, leg in inside:
            if leg.agent and not leg.has_talked:
                leg.has_talked = True
                yield AgentAnswered(at=row.at, agent=leg.agent, leg=uniqueid)

    def _hung_up(self, row: CelRow, *, is_caller: bool) -> Iterator[Event]:
        leg = self._leg(row)
        leg.is_gone = True
        if is_caller:
            cause = _extra(row, "hangupcause")
            self._cause = int(cause) if cause.isdecimal() else 0
            self._hung_up_by_caller = _extra(row, "hangupsource") == row.channel
        elif leg.agent and not leg.has_talked:
            yield AgentMissed(at=row.at, agent=leg.agent, leg=row.uniqueid)
        elif leg.agent and not self._legs.get(row.linkedid, _Leg()).is_gone:
            yield AgentLeft(at=row.at, agent=leg.agent, leg=row.uniqueid)


def _said_by_dialplan(row: CelRow) -> Iterator[Event]:
    at: datetime = row.at
    said = _extra(row, "extra")
    match row.type:
        case "NOTICE":
            yield NoticeGiven(at=at, version=said)
        case "RECORDING":
            yield RecordingStarted(at=at, name=said)
        case "MENU":
            yield MenuEntered(at=at)
        case "MENU_CHOICE":
            yield MenuChosen(at=at, digit=said)
        case "WITHOUT_SERVICE":
            yield ServiceMissed(at=at, reason=said)
        case "QUEUE":
            yield CallQueued(at=at, queue=said)
        case "QUEUE_LEFT":
            yield QueueLeft(at=at)
        case "SWITCH_LOST":  # SWITCH_LOST: a pattern must be written out
            yield SwitchLost(at=at)


def _extra(row: CelRow, name: str) -> str:
    """Return one value of the row's JSON extras; "" where it is absent or the JSON is broken."""
    try:
        extras = json.loads(row.extra)
    except ValueError:
        return ""
    return str(extras.get(name, "")) if isinstance(extras, dict) else ""

"""Tell a call's story: rows of Asterisk's event log in, call events out.

Pure. Comes after `cel`, before `ledger`. Channels and linkedids become a call and its legs: the caller's leg is the
channel whose unique id is the linkedid; an agent's leg is a channel of a telephone extension. What the dialplan and the
menu want told they say themselves, as user events (deploy/asterisk/extensions.conf.j2).
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from hotline.calls.cel import CelRow
from hotline.calls.events import (
    AgentAnswered,
    AgentLeft,
    AgentLifted,
    AgentMissed,
    AgentRang,
    CallBackWished,
    CallEnded,
    CallerLookedUp,
    CallerServed,
    CallQueued,
    CallReturned,
    CallStarted,
    DutyRang,
    EmergencyRaised,
    Event,
    IncidentJoined,
    IncidentTold,
    LanguageChosen,
    MenuChosen,
    MenuEntered,
    MessageBegun,
    NoticeGiven,
    QueueLeft,
    RecordingRefused,
    RecordingStarted,
    RequestNamed,
    SatisfactionGiven,
    ServiceMissed,
    SwitchAnswered,
    SwitchLost,
)

SWITCH_LOST: Final = "SWITCH_LOST"  # a row of our own, written when the switch came back without the call
_AGENT_CHANNEL: Final = re.compile(r"PJSIP/(\d{3,6})-[0-9a-f]+")
_LOCAL_CHANNEL: Final = re.compile(r"(Local/.+-[0-9a-f]+);[12]")
_OUTSIDE_CHANNEL: Final = re.compile(r"PJSIP/outside-[0-9a-f]+")
OUTSIDE: Final = "outside"  # an outside telephone that no duty was named for
# Whose call it is, by the context it began in (pjsip.conf.j2); what begins anywhere else is the house's own.
_DIRECTION: Final = {"from-carrier": "inbound", "kept-place": "outbound"}


@dataclass
class _Leg:
    """What is known of one channel so far."""

    agent: str = ""  # the agent's extension, or the duty whose telephone outside this is
    is_resident: bool = False  # of a call of ours: the one who is called back
    line: str = ""  # of a Local channel: the name that its two ends share
    bridges: set[str] = field(default_factory=set)
    has_talked: bool = False
    is_gone: bool = False


def tell(rows: Iterable[CelRow]) -> list[Event]:
    """Return what happened to one call, in order. `rows` are all rows of one linkedid, oldest first."""
    return list(_Story().tell(rows))


class _Story:
    def __init__(self) -> None:
        self._legs: dict[str, _Leg] = {}
        self._duty = ""
        self._is_returning = False
        self._lifted: tuple[str, str] | None = None  # in a call of ours: the agent and leg that are there
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
                yield from self._said_by_dialplan(row)

    def _leg(self, row: CelRow) -> _Leg:
        return self._legs.setdefault(row.uniqueid, _Leg())

    def _channel_started(self, row: CelRow, *, is_caller: bool) -> Iterator[Event]:
        leg = self._leg(row)
        if found := _LOCAL_CHANNEL.fullmatch(row.channel):
            leg.line = found[1]
        if is_caller:
            yield CallStarted(
                at=row.at,
                direction=_DIRECTION.get(row.context, "internal"),
                caller_number=row.caller_number,
                caller_name=row.caller_name,
                dialled=row.extension,
            )
        elif self._is_returning and _OUTSIDE_CHANNEL.fullmatch(row.channel):
            leg.is_resident = True
        elif agent := self._agent_of(row.channel):
            leg.agent = agent
            yield AgentRang(at=row.at, agent=leg.agent, leg=row.uniqueid)

    def _agent_of(self, channel: str) -> str:
        if found := _AGENT_CHANNEL.fullmatch(channel):
            return found[1]
        return (self._duty or OUTSIDE) if _OUTSIDE_CHANNEL.fullmatch(channel) else ""

    def _entered_bridge(self, row: CelRow) -> Iterator[Event]:
        bridge = _extra(row, "bridge_id")
        self._leg(row).bridges.add(bridge)
        inside = [(uniqueid, leg) for uniqueid, leg in self._legs.items() if bridge in leg.bridges]
        if self._is_returning:
            yield from self._entered_bridge_of_ours(row.at, inside)
        else:
            heard = self._heard_by(row.linkedid)
            for uniqueid, leg in self._legs.items():
                if uniqueid in heard and leg.agent and not leg.has_talked:
                    leg.has_talked = True
                    yield AgentAnswered(at=row.at, agent=leg.agent, leg=uniqueid)

    def _heard_by(self, caller: str) -> set[str]:
        """Return the channels the caller can hear: in one bridge, or through the two ends of a Local channel."""
        heard = {caller}
        while True:
            bridges = set().union(*(leg.bridges for uniqueid, leg in self._legs.items() if uniqueid in heard))
            lines = {leg.line for uniqueid, leg in self._legs.items() if uniqueid in heard and leg.line}
            more = {
                uniqueid for uniqueid, leg in self._legs.items() if leg.bridges & bridges or leg.line in lines
            } - heard
            if not more:
                return heard
            heard |= more

    def _entered_bridge_of_ours(self, at: datetime, inside: list[tuple[str, _Leg]]) -> Iterator[Event]:
        """The agent lifts first and meets a placeholder; the human voice is the resident's, later."""
        for uniqueid, leg in inside:
            if leg.agent and not leg.has_talked and len(inside) > 1:
                leg.has_talked = True
                self._lifted = (leg.agent, uniqueid)
                yield AgentLifted(at=at, agent=leg.agent, leg=uniqueid)
            elif leg.is_resident and not leg.has_talked and len(inside) > 1 and self._lifted:
                leg.has_talked = True
                yield AgentAnswered(at=at, agent=self._lifted[0], leg=self._lifted[1])

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

    def _said_by_dialplan(self, row: CelRow) -> Iterator[Event]:
        said = _extra(row, "extra")
        if row.type == "DUTY_RING":
            self._duty = said
        if row.type == "RETURNS":
            self._is_returning = True
            yield CallReturned(at=row.at, call=said, number=row.caller_number)
        if row.type in _SAID and (row.type != "SATISFACTION" or _MARK.fullmatch(said)):
            yield _SAID[row.type](row.at, said)


_SAID: Final[dict[str, Callable[[datetime, str], Event]]] = {
    "NOTICE": lambda at, said: NoticeGiven(at=at, version=said),
    "REFUSED": lambda at, _: RecordingRefused(at=at),
    "RECORDING": lambda at, said: RecordingStarted(at=at, name=said),
    "LOOKUP": lambda at, said: CallerLookedUp(at=at, result=said),
    "LANGUAGE": lambda at, said: LanguageChosen(at=at, language=said),
    "MENU": lambda at, said: MenuEntered(at=at, menu=said),
    "MENU_CHOICE": lambda at, said: MenuChosen(at=at, digit=said),
    "REQUEST": lambda at, said: RequestNamed(at=at, request=said),
    "SERVED": lambda at, _: CallerServed(at=at),
    "WITHOUT_SERVICE": lambda at, said: ServiceMissed(at=at, reason=said),
    "QUEUE": lambda at, said: CallQueued(at=at, queue=said),
    "QUEUE_LEFT": lambda at, _: QueueLeft(at=at),
    "EMERGENCY": lambda at, _: EmergencyRaised(at=at),
    "DUTY_RING": lambda at, said: DutyRang(at=at, duty=said),
    "CALL_BACK": lambda at, _: CallBackWished(at=at),
    "MESSAGE": lambda at, _: MessageBegun(at=at),
    "INCIDENT": lambda at, said: IncidentTold(at=at, incident=said),
    "INCIDENT_JOINED": lambda at, said: IncidentJoined(at=at, incident=said),
    "SATISFACTION": lambda at, said: SatisfactionGiven(at=at, mark=int(said)),
    SWITCH_LOST: lambda at, _: SwitchLost(at=at),
}
_MARK: Final = re.compile(r"[1-5]")


def _extra(row: CelRow, name: str) -> str:
    """Return one value of the row's JSON extras; "" where it is absent or the JSON is broken."""
    try:
        extras = json.loads(row.extra)
    except ValueError:
        return ""
    return str(extras.get(name, "")) if isinstance(extras, dict) else ""

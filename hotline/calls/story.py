"""Tell a call's story: rows of Asterisk's event log in, call events out.

Pure. Comes after `family`, before `ledger`. Channels and linkedids become a call and its legs: the caller's leg is the
channel whose unique id is the call's id; an agent's leg is a channel of a telephone extension. Who hears the caller is
told by the bridges. What the dialplan and the menu want told they say themselves, as user events (`said`).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from hotline.calls.cel import HELP, CelRow
from hotline.calls.events import (
    AgentAnswered,
    AgentConsulted,
    AgentLeft,
    AgentLifted,
    AgentMissed,
    AgentParted,
    AgentRang,
    CallEnded,
    CallHeld,
    CallResumed,
    CallReturned,
    CallStarted,
    EmergencyMarked,
    Event,
    ResidentAnswered,
    ResidentDialled,
    RowsMissing,
    SwitchAnswered,
    Transferred,
)
from hotline.calls.family import age, extra
from hotline.calls.ours import AGENT_FIRST, is_ours, number_called
from hotline.calls.said import SWITCH_LOST, said_by_dialplan
from hotline.calls.talks import STEPPED_IN, TAKEN_OVER, TAKEN_UP

HOLD: Final = "HOLD"  # rows of our own, written down as AMI tells them: CEL has no word for it
UNHOLD: Final = "UNHOLD"
MARKED: Final = "EMERGENCY_MARKED"  # and what people say of a call that goes on
OWN: Final = frozenset({HOLD, UNHOLD, MARKED})
_AGENT_CHANNEL: Final = re.compile(r"PJSIP/(\d{3,6})-[0-9a-f]+")
_LOCAL_CHANNEL: Final = re.compile(r"(Local/(.+?)@.+-[0-9a-f]+);[12]")
_OUTSIDE_CHANNEL: Final = re.compile(r"PJSIP/outside-[0-9a-f]+")
_CARRIER_CHANNEL: Final = re.compile(r"PJSIP/carrier-[0-9a-f]+")
_TAKER: Final = re.compile(rf"(\d{{3,6}}) ({HELP}[\d.]+)")
OUTSIDE: Final = "outside"  # an outside telephone that no duty was named for
# Whose call it is, by the context it began in (pjsip.conf.j2) or, where we call, by its id; what begins anywhere else
# is the house's own.
_DIRECTION: Final = {"from-carrier": "inbound", "kept-place": "outbound"}


@dataclass
class _Leg:
    """What is known of one channel so far."""

    agent: str = ""  # the agent's extension, or the duty whose telephone outside this is
    is_resident: bool = False  # of a call of ours: the one who is called
    line: str = ""  # of a Local channel: the name that its two ends share
    wants: str = ""  # of a Local channel, and of one that an agent dialled: the extension
    bridges: set[str] = field(default_factory=set)
    how: str = ""  # the talk will have begun so
    is_ringing: bool = False
    has_talked: bool = False  # in a call of ours: counted already
    is_talking: bool = False  # a talk with the caller is open
    is_asking: bool = False  # and the caller waits, because the agent is in another bridge
    silent_since: datetime | None = None  # the caller does not hear them, and it is not known yet why
    is_gone: bool = False


def tell(rows: Iterable[CelRow]) -> list[Event]:
    """Return what happened to one call, in order. `rows` are all rows of one family, as they were written."""
    once: dict[tuple[object, ...], CelRow] = {}
    for row in rows:
        once.setdefault(_told(row), row)  # a row written twice is one
    told = list(once.values())
    switch = [row for row in told if row.type not in OWN]
    if not switch:
        return []
    call_id = min((row.linkedid for row in switch), key=age)
    first = min((row.uniqueid for row in switch if _is_residents(row)), key=age, default=call_id)
    story = _Story(call_id, first, _caller_of(first, switch), number_called(first, switch))
    return list(story.tell(_in_time(switch, [row for row in told if row.type in OWN]), switch))


def _told(row: CelRow) -> tuple[object, ...]:
    return row.at, row.type, row.uniqueid, row.linkedid, row.extra


def _is_residents(row: CelRow) -> bool:
    """Whose call it is, is not always who was first: an agent may have dialled before."""
    is_first = row.type == "CHAN_START" and row.uniqueid == row.linkedid
    return is_first and (row.context in _DIRECTION or is_ours(row.uniqueid))


def _caller_of(first: str, switch: list[CelRow]) -> str:
    """Where an agent is rung first, the resident is the first who is rung outside; "" while nobody is."""
    if not first.startswith(AGENT_FIRST):
        return first
    rung = (row.uniqueid for row in switch if row.type == "CHAN_START" and _OUTSIDE_CHANNEL.fullmatch(row.channel))
    return next(rung, "")


def _in_time(switch: list[CelRow], holds: list[CelRow]) -> Iterator[CelRow]:
    """Yield the switch's rows as written, and each hold before the first that came after it."""
    waiting = sorted(holds, key=lambda row: row.at)
    for row in switch:
        while waiting and waiting[0].at <= row.at:
            yield waiting.pop(0)
        yield row
    yield from waiting


class _Story:
    def __init__(self, call_id: str, first: str, caller: str, called: str) -> None:
        self._id = call_id
        self._first = first  # the leg that the call began with
        self._call = caller  # the leg of the caller, or of the resident whom we call
        self._called = called  # the number, in a call of ours
        self._legs: dict[str, _Leg] = {caller: _Leg(is_resident=is_ours(first))}
        self._duty = ""
        self._taken_up_by = ""  # the agent whose page was reloaded in the talk, and is rung for it again
        self._taker = ("", "")  # the leg of a supervisor who is taking the talk over, and the one that is led to them
        self._is_returning = False
        self._lifted: tuple[str, str] | None = None  # in a call of ours: the agent and leg that are there
        self._cause = 0
        self._hung_up_by_caller = False
        self._is_over = False

    def tell(self, rows: Iterable[CelRow], switch: list[CelRow]) -> Iterator[Event]:
        has_ended = any(row.type == "LINKEDID_END" and row.linkedid == self._id for row in switch)
        begin = next((row for row in switch if self._begins(row)), None)
        if begin is None:
            yield from self._began_unseen(next((row for row in switch if row.uniqueid == self._first), switch[0]))
        else:
            yield from self._row(begin)  # first, wherever it stands
        for row in rows:
            if row is begin or (row.type == SWITCH_LOST and has_ended):
                continue  # a switch that had it after all told its end
            if not self._is_over or row.type in OWN:
                yield from self._row(row)

    def _begins(self, row: CelRow) -> bool:
        return row.type == "CHAN_START" and row.uniqueid == self._first

    def _began_unseen(self, row: CelRow) -> Iterator[Event]:
        """A call is never lost because its first row is: what the others tell of it must do."""
        yield self._started(row, "inbound" if _CARRIER_CHANNEL.fullmatch(row.channel) else "")
        if self._first != self._call and (agent := self._agent_of(row.channel)):
            self._leg(row).agent, self._leg(row).is_ringing = agent, True
            yield AgentRang(at=row.at, agent=agent, leg=row.uniqueid)
        yield RowsMissing(at=row.at, what="the beginning")

    def _row(self, row: CelRow) -> Iterator[Event]:
        is_caller = row.uniqueid == self._call
        match row.type:
            case "CHAN_START":
                yield from self._channel_started(row, is_caller=is_caller)
            case "ANSWER":
                yield from self._answered(row, is_caller=is_caller)
            case "BRIDGE_ENTER":
                yield from self._entered_bridge(row)
            case "BRIDGE_EXIT":
                self._leg(row).bridges.discard(extra(row, "bridge_id"))
                self._listen(row.at)
                yield from self._stepped_back(row)
            case "HANGUP":
                yield from self._hung_up(row, is_caller=is_caller)
            case "BLINDTRANSFER" | "ATTENDEDTRANSFER" | "PICKUP":
                yield from self._passed_on(row)
            case "LINKEDID_END" if row.linkedid == self._id:
                self._is_over = True
                yield CallEnded(at=row.at, cause=self._cause, by_caller=self._hung_up_by_caller)
            case "EMERGENCY_MARKED":
                yield EmergencyMarked(at=row.at, by=extra(row, "extra"))
            case "HOLD" | "UNHOLD":
                if (leg := self._legs.get(row.uniqueid)) and leg.agent:
                    yield (CallHeld if row.type == HOLD else CallResumed)(at=row.at, agent=leg.agent, leg=row.uniqueid)
            case _ if row.linkedid in {
                self._id,
                self._call,
            }:  # what a younger family said before it joined was said to others
                yield from self._said(row)

    def _leg(self, row: CelRow) -> _Leg:
        return self._legs.setdefault(row.uniqueid, _Leg())

    def _channel_started(self, row: CelRow, *, is_caller: bool) -> Iterator[Event]:
        leg = self._leg(row)
        if found := _LOCAL_CHANNEL.fullmatch(row.channel):
            leg.line, leg.wants = found[1], found[2]
        if row.uniqueid == self._first:
            yield self._started(row)
        elif self._is_returning and _OUTSIDE_CHANNEL.fullmatch(row.channel):
            leg.is_resident = True
        if leg.is_resident:
            yield ResidentDialled(at=row.at, leg=row.uniqueid)
        elif is_caller:
            return
        elif agent := self._agent_of(row.channel):
            leg.agent = agent
            if row.uniqueid == row.linkedid != self._first:  # the agent dials: to ask a colleague, to pick up
                leg.wants = row.extension
                return
            if agent == self._taken_up_by:  # no ring of its own: the talk goes on
                leg.how = TAKEN_UP
                return
            leg.is_ringing = True
            yield AgentRang(at=row.at, agent=leg.agent, leg=row.uniqueid)

    def _agent_of(self, channel: str) -> str:
        if found := _AGENT_CHANNEL.fullmatch(channel):
            return found[1]
        return (self._duty or OUTSIDE) if _OUTSIDE_CHANNEL.fullmatch(channel) else ""

    def _answered(self, row: CelRow, *, is_caller: bool) -> Iterator[Event]:
        leg = self._leg(row)
        if is_caller and self._first == self._call:
            yield SwitchAnswered(at=row.at)
        if leg.is_resident:
            yield ResidentAnswered(at=row.at)
        elif row.uniqueid == self._first != self._call and leg.is_ringing:
            leg.is_ringing = False
            yield AgentLifted(at=row.at, agent=leg.agent, leg=row.uniqueid)

    def _entered_bridge(self, row: CelRow) -> Iterator[Event]:
        bridge, own = extra(row, "bridge_id"), self._leg(row)
        own.bridges.add(bridge)
        if row.uniqueid.startswith(HELP) and not own.agent:  # a supervisor steps in, as a third
            own.agent, own.how = self._agent_of(row.channel), STEPPED_IN
        if row.uniqueid == self._taker[1]:  # the supervisor waits in it already
            self._legs[self._taker[0]].bridges.add(bridge)
            self._taker = ("", "")
        inside = [(uniqueid, leg) for uniqueid, leg in self._legs.items() if bridge in leg.bridges]
        if self._is_returning and not any(leg.is_resident and leg.has_talked for leg in self._legs.values()):
            yield from self._entered_bridge_of_ours(row.at, inside)
            return
        heard = self._heard_by(self._call)
        for uniqueid, leg in self._legs.items():
            if not leg.agent or uniqueid == self._call or leg.is_gone:
                continue
            if uniqueid in heard:
                yield from self._heard(row.at, uniqueid, leg)
            elif leg.bridges:
                yield from self._elsewhere(row, uniqueid, leg)

    def _stepped_back(self, row: CelRow) -> Iterator[Event]:
        """A supervisor who had stepped in is out of the talk; one who took it over may only be asking somebody."""
        leg = self._leg(row)
        if row.uniqueid.startswith(HELP) and leg.is_talking and leg.how != TAKEN_OVER:
            leg.is_talking, leg.silent_since = False, None
            yield self._gone(row.at, row.uniqueid, leg)

    def _heard(self, at: datetime, uniqueid: str, leg: _Leg) -> Iterator[Event]:
        leg.silent_since, leg.is_ringing = None, False
        if leg.is_asking:
            leg.is_asking = False
            yield CallResumed(at=at, agent=leg.agent, leg=uniqueid)
        elif not leg.is_talking:
            leg.is_talking, self._taken_up_by = True, ""
            yield AgentAnswered(at=at, agent=leg.agent, leg=uniqueid, how=leg.how)

    def _elsewhere(self, row: CelRow, uniqueid: str, leg: _Leg) -> Iterator[Event]:
        """In a bridge without the caller: asking a colleague, or the colleague who is asked."""
        if leg.is_talking and not leg.is_asking and row.uniqueid == uniqueid:
            at, leg.is_asking, leg.silent_since = leg.silent_since or row.at, True, None
            yield CallHeld(at=at, agent=leg.agent, leg=uniqueid)
        elif leg.is_ringing and self._others(uniqueid):
            leg.is_ringing = False
            yield AgentConsulted(at=row.at, agent=leg.agent, leg=uniqueid)

    def _others(self, uniqueid: str) -> list[_Leg]:
        heard = self._heard_by(uniqueid) - {uniqueid}
        return [leg for other, leg in self._legs.items() if other in heard and leg.agent]

    def _listen(self, at: datetime) -> None:
        """Note who is not heard any more; whether they left, ask somebody or are only being moved is told later."""
        heard = self._heard_by(self._call)
        for uniqueid, leg in self._legs.items():
            if leg.is_talking and not leg.is_asking and uniqueid not in heard and leg.silent_since is None:
                leg.silent_since = at

    def _heard_by(self, one: str) -> set[str]:
        """Return the channels that this one can hear: in one bridge, or through the two ends of a Local channel."""
        heard = {one}
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
                leg.has_talked, leg.is_ringing = True, False
                self._lifted = (leg.agent, uniqueid)
                yield AgentLifted(at=at, agent=leg.agent, leg=uniqueid)
            elif leg.is_resident and not leg.has_talked and len(inside) > 1 and self._lifted:
                leg.has_talked = self._legs[self._lifted[1]].is_talking = True
                yield AgentAnswered(at=at, agent=self._lifted[0], leg=self._lifted[1])

    def _hung_up(self, row: CelRow, *, is_caller: bool) -> Iterator[Event]:
        leg = self._leg(row)
        was_talking, at = leg.is_talking or leg.has_talked, (leg.silent_since or row.at)
        leg.is_gone, leg.is_talking = True, False
        leg.bridges.clear()
        self._listen(row.at)
        # In a call of ours the resident's leg tells the end, wherever there is one.
        if leg.is_resident or (row.uniqueid == self._first and not any(one.is_resident for one in self._rung())):
            cause = extra(row, "hangupcause")
            self._cause = int(cause) if cause.isdecimal() else 0
            self._hung_up_by_caller = extra(row, "hangupsource") == row.channel
        if is_caller or leg.is_resident:
            return
        if leg.is_ringing:
            leg.is_ringing = False
            yield AgentMissed(at=row.at, agent=leg.agent, leg=row.uniqueid)
        elif leg.agent and was_talking and not self._legs[self._call].is_gone:
            yield self._gone(at, row.uniqueid, leg)

    def _gone(self, at: datetime, uniqueid: str, leg: _Leg) -> Event:
        others = any(other.is_talking for other in self._legs.values())
        return (AgentParted if others else AgentLeft)(at=at, agent=leg.agent, leg=uniqueid)

    def _passed_on(self, row: CelRow) -> Iterator[Event]:
        leg = self._leg(row)
        if row.type == "PICKUP":
            yield from self._picked_up(row, leg)
            return
        is_blind = row.type == "BLINDTRANSFER"
        to = extra(row, "extension") if is_blind else self._handed_to(row, leg)
        yield Transferred(at=row.at, kind="blind" if is_blind else "attended", by=leg.agent, to=to)
        if leg.is_talking and (is_blind or not leg.bridges):  # the channel may end later, when the other one is there
            leg.is_talking, leg.is_asking, leg.silent_since = False, False, None
            yield self._gone(row.at, row.uniqueid, leg)

    def _handed_to(self, row: CelRow, by: _Leg) -> str:
        target = extra(row, "transfer_target_channel_uniqueid")
        name = extra(row, "transfer_target_channel_name")
        if found := _AGENT_CHANNEL.fullmatch(name):
            return found[1]
        lines = [leg for leg in self._others(target) if leg.agent != by.agent] if target else []
        if lines:
            return lines[0].agent
        local, asking = _LOCAL_CHANNEL.fullmatch(name), self._legs.get(extra(row, "channel2_uniqueid"), _Leg())
        if local or asking.wants:
            return local[2] if local else asking.wants  # whom the second line was ringing
        # The switch names nobody ("N/A") where the line was with the caller before it could look.
        there = (leg.agent for leg in self._others(self._call) if leg.agent != by.agent)
        return next(there, "")

    def _picked_up(self, row: CelRow, leg: _Leg) -> Iterator[Event]:
        """Another phone takes the caller whom this one rang for."""
        if leg.is_ringing:
            leg.is_ringing = False
            yield AgentMissed(at=row.at, agent=leg.agent, leg=row.uniqueid)
        taker = self._legs.setdefault(extra(row, "pickup_channel_uniqueid"), _Leg())
        taker.how = "picked-up"
        taker.agent = taker.agent or self._agent_of(extra(row, "pickup_channel"))

    def _said(self, row: CelRow) -> Iterator[Event]:
        said, self._taker = extra(row, "extra"), ("", "")
        if row.type == "TAKEN_OVER" and (found := _TAKER.fullmatch(said)):
            self._taker = (found[2], row.uniqueid)
            self._legs[found[2]] = _Leg(agent=found[1], how=TAKEN_OVER)  # one who had stepped in has stepped back
        if row.type == "DUTY_RING":
            self._duty = said
        if row.type == "TAKE_UP":
            self._taken_up_by = said
        if row.type == "RETURNS":
            self._is_returning = not self._first.startswith(AGENT_FIRST)
            yield CallReturned(at=row.at, call=said, number=row.caller_number)
        if (event := said_by_dialplan(row.type, row.at, said)) is not None:
            yield event

    def _rung(self) -> Iterator[_Leg]:
        return (leg for uniqueid, leg in self._legs.items() if uniqueid)

    def _started(self, row: CelRow, direction: str = "") -> CallStarted:
        is_of_ours = is_ours(self._first)
        return CallStarted(
            at=row.at,
            direction="outbound" if is_of_ours else direction or _DIRECTION.get(row.context, "internal"),
            caller_number=self._called if is_of_ours else row.caller_number,
            caller_name="" if is_of_ours else row.caller_name,
            dialled="" if is_of_ours else row.extension,
        )

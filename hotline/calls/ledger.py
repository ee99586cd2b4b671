"""Fold a call's events into its ledger record.

Pure: the same events give the same record, however often they are folded. Comes after `story`, before `store`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from hotline.calls import talks
from hotline.calls.cadence import rings_heard
from hotline.calls.events import (
    AgentAnswered,
    AgentConsulted,
    AgentLeft,
    AgentLifted,
    AgentMissed,
    AgentParted,
    AgentRang,
    CallBackWished,
    CallEnded,
    CallerLookedUp,
    CallerMoved,
    CallerServed,
    CallHeld,
    CallQueued,
    CallResumed,
    CallReturned,
    CallStarted,
    EmergencyMarked,
    EmergencyRaised,
    Event,
    IncidentJoined,
    IncidentTold,
    LanguageChosen,
    MenuChosen,
    MenuEntered,
    MessageBegun,
    NoticeGiven,
    RecordingRefused,
    RecordingStarted,
    RequestNamed,
    ResidentAnswered,
    ResidentDialled,
    RowsMissing,
    SatisfactionGiven,
    ServiceMissed,
    SwitchAnswered,
    SwitchLost,
    TalkStep,
    Transferred,
    TransferReturned,
)
from hotline.calls.ours import unreached
from hotline.calls.state import ABANDONED, LEAVING_UNANSWERED, NEXT, CallState, Outcome
from hotline.calls.talks import Talk, Transfer

SHORT_ABANDON: Final = timedelta(seconds=3)  # 秒挂; the default of the setting
STOPPED_BY_MOVE: Final = timedelta(milliseconds=500)  # from the phones' last ring to the word that the caller was moved


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """One ringing of one agent's phone; `ended` is None while it rings.

    `was_withdrawn`: it stopped because a supervisor led the caller elsewhere.
    """

    agent: str
    leg: str
    began: datetime
    ended: datetime | None = None
    was_answered: bool = False
    was_withdrawn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """One call, as the ledger has it. Moments are the switch's; None means it has not happened."""

    id: str
    state: CallState = CallState.NEW
    direction: str = "inbound"
    caller_number: str = ""  # as the network gave it; "" is withheld; of a call of ours: whom we called
    caller_name: str = ""
    dialled: str = ""
    ring_start: datetime | None = None
    switch_answer: datetime | None = None
    notice_version: str = ""
    recording: str = ""
    recording_start: datetime | None = None
    recording_refused: bool = False
    refused_recordings: tuple[str, ...] = ()  # begun before the caller refused: to be removed; known to the fold only
    look_up: str = ""  # what asking who calls came to: known, unknown, late, failed; "" is: not asked
    language: str = "zh"
    menu_entered_at: datetime | None = None
    menu_path: tuple[str, ...] = ()
    request: str = ""  # the kind of request that the keys name: repair, complaint … (dutylog.entry.Kind)
    without_service: str = ""  # why the dialplan went on alone: absent, silent, failed; "" is: it did not
    queue: str = ""
    queued_at: datetime | None = None
    is_emergency: bool = False
    call_back_at: datetime | None = None  # when the caller wished to be called back
    message_at: datetime | None = None  # when the caller began to leave a message
    incident: str = ""  # the incident the caller was told of
    joined_incident: bool = False
    is_served_by_menu: bool = False  # the caller's question was answered without a person
    satisfaction: int | None = None  # 1 bad … 5 good
    returns: str = ""  # the id of the call that this one returns
    # Of a call of ours: the resident's channel, when it was rung, when it was lifted (by whomever or whatever).
    resident_leg: str = ""
    resident_dialled: datetime | None = None
    resident_answered: datetime | None = None
    talk_steps: tuple[str, ...] = ()  # of a campaign's call: what was heard and told, in order: "AMD HUMAN", "KEY 1"
    rings: tuple[Ring, ...] = ()
    agent: str = ""
    human_answer: datetime | None = None
    talk_ended: datetime | None = None  # the agent left before the caller did; no other took the talk up again
    talks: tuple[Talk, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    ended_at: datetime | None = None
    hangup_cause: int = 0
    ended_by_caller: bool | None = None
    outcome: Outcome | None = None
    is_short_abandon: bool = False  # 秒挂: gone so soon that nobody counts as having let them wait
    oddities: tuple[str, ...] = ()

    @property
    def answer_wait(self) -> timedelta | None:
        """The first clock: ring start to the switch's answer."""
        return _between(self.ring_start, self.switch_answer)

    @property
    def human_wait(self) -> timedelta | None:
        """The second clock: ring start to a human voice."""
        return _between(self.ring_start, self.human_answer)

    @property
    def queue_wait(self) -> timedelta | None:
        """From joining the queue to a human voice, or to the end when nobody answered."""
        return _between(self.queued_at, self.human_answer or self.ended_at)

    @property
    def talk_time(self) -> timedelta | None:
        """From a human voice until the agent left or the call ended: the question after the talk is no talk."""
        return _between(self.human_answer, self.talk_ended or self.ended_at)

    @property
    def answered_by(self) -> str:
        """The agent whose voice was the first; "" while there was none."""
        return self.talks[0].agent if self.talks else ""

    @property
    def held_time(self) -> timedelta | None:
        """How long the caller was on hold, by all agents together; None before a human voice."""
        return sum((talk.held for talk in self.talks), timedelta(0)) if self.human_answer else None

    @property
    def rings_heard(self) -> int | None:
        """Rings the caller heard before the switch lifted, or before giving up; None while ringing."""
        wait = _between(self.ring_start, self.switch_answer or self.ended_at)
        return None if wait is None else rings_heard(wait)


def fold(call_id: str, events: Iterable[Event], *, short_abandon: timedelta = SHORT_ABANDON) -> CallRecord:
    """Return the record that these events, in order, make; who gave up sooner than `short_abandon` is marked."""
    call = CallRecord(id=call_id)
    for event in events:
        call = advance(call, event)
    if call.outcome in ABANDONED and call.ring_start and call.ended_at:
        return replace(call, is_short_abandon=call.ended_at - call.ring_start < short_abandon)
    return call


def advance(call: CallRecord, event: Event) -> CallRecord:
    """Return the call after one more event."""
    state = NEXT.get((call.state, type(event)))
    if state is None:
        return replace(call, oddities=(*call.oddities, f"{type(event).__name__} while {call.state}"))
    learns = LEARNS.get(type(event))
    return replace(call, state=state, **(learns(call, event) if learns else {}))


# What the record takes from each event; an event that is not here only moves the state.
LEARNS: Final[dict[type[Event], Callable[[CallRecord, Any], dict[str, Any]]]] = {
    CallStarted: lambda _, event: {
        "ring_start": event.at,
        "direction": event.direction,
        "caller_number": event.caller_number,
        "caller_name": event.caller_name,
        "dialled": event.dialled,
    },
    SwitchAnswered: lambda call, event: {"switch_answer": call.switch_answer or event.at},
    NoticeGiven: lambda _, event: {"notice_version": event.version},
    RecordingStarted: lambda _, event: {"recording": event.name, "recording_start": event.at},
    RecordingRefused: lambda call, _: {
        "recording_refused": True,
        "refused_recordings": (*call.refused_recordings, *filter(None, [call.recording])),
        "recording": "",
        "recording_start": None,
    },
    CallerLookedUp: lambda _, event: {"look_up": event.result},
    LanguageChosen: lambda _, event: {"language": event.language},
    MenuEntered: lambda call, event: {"menu_entered_at": call.menu_entered_at or event.at},
    MenuChosen: lambda call, event: {"menu_path": (*call.menu_path, event.digit)},
    RequestNamed: lambda _, event: {"request": event.request},
    CallerServed: lambda _, __: {"is_served_by_menu": True},
    ServiceMissed: lambda _, event: {"without_service": event.reason},
    CallQueued: lambda call, event: {"queue": event.queue, "queued_at": call.queued_at or event.at},
    EmergencyRaised: lambda _, __: {"is_emergency": True},
    EmergencyMarked: lambda _, __: {"is_emergency": True},
    CallBackWished: lambda _, event: {"call_back_at": event.at},
    MessageBegun: lambda call, event: {"message_at": call.message_at or event.at},
    IncidentTold: lambda _, event: {"incident": event.incident},
    IncidentJoined: lambda _, event: {"incident": event.incident, "joined_incident": True},
    SatisfactionGiven: lambda _, event: {"satisfaction": event.mark},
    CallReturned: lambda _, event: {
        "returns": event.call,
        "direction": "outbound",
        "caller_number": event.number,
    },
    ResidentDialled: lambda call, event: {
        "resident_leg": call.resident_leg or event.leg,
        "resident_dialled": call.resident_dialled or event.at,
    },
    ResidentAnswered: lambda call, event: {"resident_answered": call.resident_answered or event.at},
    TalkStep: lambda call, event: {"talk_steps": (*call.talk_steps, f"{event.what} {event.value}".strip())},
    AgentRang: lambda call, event: {"rings": (*call.rings, Ring(agent=event.agent, leg=event.leg, began=event.at))},
    AgentMissed: lambda call, event: {"rings": _ring_over(call, event.leg, event.at, was_answered=False)},
    AgentLifted: lambda call, event: {
        "agent": event.agent,
        "rings": _ring_over(call, event.leg, event.at, was_answered=True),
    },
    AgentAnswered: lambda call, event: {
        "agent": call.agent if event.how == talks.STEPPED_IN else event.agent,
        "human_answer": call.human_answer or event.at,
        "talk_ended": None,
        "rings": _ring_over(call, event.leg, event.at, was_answered=True),
        **_both(talks.began(call.talks, call.transfers, agent=event.agent, leg=event.leg, at=event.at, how=event.how)),
    },
    CallerMoved: lambda call, event: {"rings": _withdrawn(call, event.at)},
    AgentConsulted: lambda call, event: {"rings": _ring_over(call, event.leg, event.at, was_answered=True)},
    AgentLeft: lambda call, event: {
        "talk_ended": event.at,
        **_both(talks.left(call.talks, call.transfers, leg=event.leg, at=event.at)),
    },
    AgentParted: lambda call, event: _both(talks.left(call.talks, call.transfers, leg=event.leg, at=event.at)),
    CallHeld: lambda call, event: {"talks": talks.held(call.talks, leg=event.leg, at=event.at)},
    CallResumed: lambda call, event: {"talks": talks.resumed(call.talks, leg=event.leg, at=event.at)},
    Transferred: lambda call, event: _both(
        talks.handed_over(call.talks, call.transfers, kind=event.kind, by=event.by, to=event.to, at=event.at)
    ),
    TransferReturned: lambda call, _: {"transfers": talks.returned(call.transfers)},
    RowsMissing: lambda call, event: {"oddities": (*call.oddities, f"rows missing: {event.what}")},
    CallEnded: lambda call, event: {
        "ended_at": event.at,
        "hangup_cause": event.cause,
        "ended_by_caller": event.by_caller,
        "outcome": Outcome.ANSWERED if call.human_answer else _unanswered(call, event.cause),
        **_both(talks.all_over(call.talks, call.transfers, event.at)),
    },
    SwitchLost: lambda call, event: {
        "ended_at": event.at,
        "outcome": Outcome.ANSWERED if call.human_answer else Outcome.SWITCH_LOST,
        **_both(talks.all_over(call.talks, call.transfers, event.at)),
    },
}


def _both(known: tuple[tuple[Talk, ...], tuple[Transfer, ...]]) -> dict[str, Any]:
    return {"talks": known[0], "transfers": known[1]}


def _unanswered(call: CallRecord, cause: int) -> Outcome:
    """What the caller left with us counts; else who ever waited for people was abandoned there, wherever they were."""
    if call.message_at:
        return Outcome.MESSAGE_LEFT
    if call.call_back_at:
        return Outcome.CALL_BACK_WISHED
    if call.joined_incident:
        return Outcome.INCIDENT_JOINED
    if call.direction == "outbound" and (ours := _of_ours(call, cause)):
        return ours
    if call.queued_at or call.is_emergency:
        return Outcome.ABANDONED_QUEUE
    return Outcome.SERVED_BY_MENU if call.is_served_by_menu else LEAVING_UNANSWERED[call.state]


def _of_ours(call: CallRecord, cause: int) -> Outcome | None:
    """How a call of ours ended without a talk; None where it ended as a caller's does: waiting for an agent."""
    if call.resident_dialled is None:
        return None if call.queued_at else Outcome.NOT_DIALLED
    if call.resident_answered is None:
        return unreached(cause)
    if call.queued_at:  # the agent came first and nobody pressed a key; or the resident did, and waited
        return Outcome.NO_ANSWER if call.queued_at < call.resident_answered else None
    return Outcome.REFUSED if call.state is CallState.CALLING else Outcome.REACHED


def _ring_over(call: CallRecord, leg: str, at: datetime, *, was_answered: bool) -> tuple[Ring, ...]:
    return tuple(
        replace(ring, ended=at, was_answered=was_answered) if ring.leg == leg and ring.ended is None else ring
        for ring in call.rings
    )


def _withdrawn(call: CallRecord, at: datetime) -> tuple[Ring, ...]:
    """The switch stops the phones first and leads the caller on then: they rang still, or have just stopped."""
    return tuple(
        replace(ring, was_withdrawn=True)
        if not ring.was_answered and (ring.ended is None or at - ring.ended <= STOPPED_BY_MOVE)
        else ring
        for ring in call.rings
    )


def _between(start: datetime | None, end: datetime | None) -> timedelta | None:
    return None if start is None or end is None else end - start

"""What an agent decided to do, by one table of transitions; and what is shown of them, with what their phone does.

Pure. What people decide is kept in rows (`store.py`); what phones do is the switch's board. Neither overrules the
other: `shown_state` is made of both, for the agent and for the supervisor alike.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Final

from hotline.errors import HotlineError
from hotline.queues.board import AgentState as PhoneState

SIGNED_IN: Final = "signed-in"  # reasons of our own: in, but has not pressed ready yet
NO_ANSWER: Final = "no-answer"
PAGE_GONE: Final = "page-gone"
PRESSED: Final = "pressed"
OWN_REASONS: Final = frozenset({SIGNED_IN, NO_ANSWER, PAGE_GONE, PRESSED, "signed-out", "wrap-up"})


class AgentError(HotlineError):
    """What an agent's state does not allow. `details` are facts for the caller."""

    error_id: ClassVar[str] = "agent-error"


class AgentUnknown(AgentError):
    """The extension is no agent's."""

    error_id = "agent-unknown"


class AgentStepRefused(AgentError):
    """The state does not allow this step: there is no wrap-up to end, or no more time to be had."""

    error_id = "agent-step-refused"


class PauseReasonUnknown(AgentError):
    """The reason of a pause is none of the setting's."""

    error_id = "pause-reason-unknown"


class NotInThisCall(AgentError):
    """The agent does not talk in this call now."""

    error_id = "not-in-this-call"


class Stand(StrEnum):
    """What was decided, by the agent, a supervisor, or by us."""

    PHONE_ONLY = "phone-only"  # nobody signed in for this phone: it rings as the switch's own files say
    SIGNED_OUT = "signed-out"
    READY = "ready"
    WRAP_UP = "wrap-up"
    PAUSED = "paused"


class ShownState(StrEnum):
    """What agent and supervisor see."""

    SIGNED_OUT = "signed-out"
    READY = "ready"
    RINGING = "ringing"
    DIALLING = "dialling"  # a call of theirs: their own phone is rung first
    CALLING = "calling"  # a call of theirs: they lifted, and the resident is rung or hears the notice
    TALKING = "talking"
    WRAP_UP = "wrap-up"
    PAUSED = "paused"
    NO_PHONE = "no-phone"  # ready, but no phone is registered: nothing can ring


class Step(StrEnum):
    """What may be done to a stand."""

    SIGN_IN = "sign-in"
    SIGN_OUT = "sign-out"
    READY = "ready"
    WAKE = "wake"  # a supervisor's ready: of who is not signed in the phone alone
    PAUSE = "pause"
    TALK_OVER = "talk-over"
    WRAP_UP_OVER = "wrap-up-over"
    RANG_OUT = "rang-out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """An agent's stand, since when, by whom (an account's name; "" is the system).

    `until` is the limit of a wrap-up, `call_id` its call, `then` the reason of the pause that follows it ("" is ready).
    """

    stand: Stand = Stand.PHONE_ONLY
    reason: str = ""
    since: datetime | None = None
    until: datetime | None = None
    by: str = ""
    call_id: str = ""
    then: str = ""

    @property
    def is_signed_in(self) -> bool:
        """Whether this rests on a page that somebody has open."""
        return self.stand in {Stand.READY, Stand.WRAP_UP, Stand.PAUSED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Did:
    """A step, when and by whom; `reason` of a pause or a sign-out, `call_id` and `until` of a talk that is over."""

    step: Step
    at: datetime
    by: str = ""
    reason: str = ""
    call_id: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentNow:
    """An agent as shown to everybody: what, why, since when, until when at the latest, in which call, and then what.

    `by` is the account that decided what is shown or follows; "" is the system, or the switch alone.
    """

    extension: str
    state: ShownState
    reason: str = ""
    since: datetime | None = None
    until: datetime | None = None
    call_id: str = ""
    then: str = ""
    by: str = ""


# What is not here changes nothing: two tabs may press, and the switch may say a thing twice.
NEXT: Final[dict[tuple[Stand, Step], Stand]] = {
    (Stand.PHONE_ONLY, Step.SIGN_IN): Stand.PAUSED,
    (Stand.SIGNED_OUT, Step.SIGN_IN): Stand.PAUSED,
    **{(stand, Step.SIGN_OUT): Stand.SIGNED_OUT for stand in Stand if stand is not Stand.SIGNED_OUT},
    **{(stand, Step.READY): Stand.READY for stand in Stand if stand is not Stand.READY},
    (Stand.SIGNED_OUT, Step.WAKE): Stand.PHONE_ONLY,
    (Stand.WRAP_UP, Step.WAKE): Stand.READY,
    (Stand.PAUSED, Step.WAKE): Stand.READY,
    **{(stand, Step.PAUSE): Stand.PAUSED for stand in Stand},
    (Stand.READY, Step.TALK_OVER): Stand.WRAP_UP,
    (Stand.WRAP_UP, Step.TALK_OVER): Stand.WRAP_UP,
    (Stand.PAUSED, Step.TALK_OVER): Stand.WRAP_UP,
    (Stand.WRAP_UP, Step.WRAP_UP_OVER): Stand.READY,
    (Stand.READY, Step.RANG_OUT): Stand.PAUSED,
}


def advance(now: Decided, did: Did) -> Decided | None:
    """Return the stand after a step; None where it changes nothing."""
    stand = NEXT.get((now.stand, did.step))
    if stand is None or (now.stand is stand is Stand.PAUSED and now.reason == did.reason):
        return None
    new = Decided(stand=stand, since=did.at, by=did.by, reason=_reason(did, stand))
    if did.step is Step.TALK_OVER:
        then = {Stand.PAUSED: now.reason, Stand.WRAP_UP: now.then}.get(now.stand, "")
        # Whose phone did not answer is there after all: they have just talked.
        then = "" if then == NO_ANSWER else then
        return replace(new, call_id=did.call_id, until=did.until, then=then, by=now.by if then else did.by)
    if did.step is Step.WRAP_UP_OVER and now.then:
        return replace(new, stand=Stand.PAUSED, reason=now.then, by=now.by or did.by)  # who said that it follows
    return new


def _reason(did: Did, stand: Stand) -> str:
    if stand not in {Stand.PAUSED, Stand.SIGNED_OUT}:
        return ""
    return did.reason or {Step.SIGN_IN: SIGNED_IN, Step.RANG_OUT: NO_ANSWER}.get(did.step, PRESSED)


def with_more_time(now: Decided, *, more: timedelta, most: timedelta) -> Decided:
    """Return the wrap-up with a later end, `most` after its beginning at the latest.

    Raises AgentStepRefused where there is none, or no more time to be had.
    """
    if now.stand is not Stand.WRAP_UP or now.until is None or now.since is None:
        raise AgentStepRefused("there is no wrap-up that could take longer")
    until = min(now.until + more, now.since + most)
    if until <= now.until:
        raise AgentStepRefused("this wrap-up has all the time that may be had")
    return replace(now, until=until)


def shown_state(decided: Decided, phone: PhoneState | None) -> ShownState:
    """Return what is shown of an agent who decided so, and whose phone does this (None: the switch has none)."""
    if phone in {PhoneState.TALKING, PhoneState.RINGING}:
        return ShownState(phone.value)
    if decided.stand is Stand.PHONE_ONLY:  # the switch alone says what it is
        return ShownState((phone or PhoneState.SIGNED_OUT).value)
    if decided.stand is Stand.READY and phone in {None, PhoneState.SIGNED_OUT}:
        return ShownState.NO_PHONE
    return ShownState(decided.stand.value)


def pause_wanted(decided: Decided) -> tuple[bool, str] | None:
    """Return whether the queues may not ring this agent, and why; None where nothing was ever said of it."""
    if decided.since is None:
        return None
    if decided.stand in {Stand.READY, Stand.PHONE_ONLY}:
        return False, ""
    return True, decided.reason if decided.stand is Stand.PAUSED else decided.stand.value


def late_wrap_up(now: Decided, *, talk_ended: datetime, seen: datetime, limit: timedelta, grace: timedelta) -> bool:
    """Tell whether a talk that the ledger has ended is still to be wrapped up: nobody told us, or we were not there.

    Only within the limit of a wrap-up, only of who was ready (or paused) before it ended and has decided nothing since;
    `grace` is the time in which the switch itself tells it.
    """
    if now.stand not in {Stand.READY, Stand.PAUSED} or now.since is None:
        return False
    return now.since < talk_ended - grace and talk_ended + grace <= seen < talk_ended + limit

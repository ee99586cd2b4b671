"""What the dialplan says aloud (user events of the event log), and which call event each is. Pure.

The table stands in docs/decisions/2026-11-22-who-reaches-whom.md; deploy/asterisk/extensions*.conf.j2 says them.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Final

from hotline.calls.events import (
    CallBackWished,
    CallerLookedUp,
    CallerMoved,
    CallerServed,
    CallerTurnedAway,
    CallQueued,
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
    SwitchLost,
    TalkStep,
    TransferReturned,
)

SWITCH_LOST: Final = "SWITCH_LOST"  # a row of our own, written when the switch came back without the call
# What the talk of a campaign says (extensions_campaigns.conf), and the values that make sense.
TALK: Final[dict[str, re.Pattern[str]]] = {
    "AMD": re.compile(r"HUMAN|MACHINE|NOTSURE|FAX"),
    "CONFIRMED": re.compile(""),
    "WRONG_PERSON": re.compile(""),
    "TOLD": re.compile(""),
    "KEY": re.compile(r"[0-9]"),
    "SURVEY": re.compile(r"[a-z]{3,20}:[1-5]"),
    "LATER": re.compile(r"[1-4]?"),
    "RINGS_BACK": re.compile(""),  # a caller dialled the number that we show (extensions.conf)
}
_MARK: Final = re.compile(r"[1-5]")
_SAID: Final[dict[str, Callable[[datetime, str], Event]]] = {
    "FULL_HOUSE": lambda at, _: CallerTurnedAway(at=at),
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
    "MOVED": lambda at, _: CallerMoved(at=at),
    "EMERGENCY": lambda at, _: EmergencyRaised(at=at),
    "DUTY_RING": lambda at, said: DutyRang(at=at, duty=said),
    "CALL_BACK": lambda at, _: CallBackWished(at=at),
    "MESSAGE": lambda at, _: MessageBegun(at=at),
    "INCIDENT": lambda at, said: IncidentTold(at=at, incident=said),
    "INCIDENT_JOINED": lambda at, said: IncidentJoined(at=at, incident=said),
    "SATISFACTION": lambda at, said: SatisfactionGiven(at=at, mark=int(said)),
    "TRANSFER_BACK": lambda at, _: TransferReturned(at=at),
    SWITCH_LOST: lambda at, _: SwitchLost(at=at),
}


def said_by_dialplan(name: str, at: datetime, said: str) -> Event | None:
    """Return the event of a user event, or None where it is none of ours or its value makes no sense."""
    if name in TALK:
        return TalkStep(at=at, what=name, value=said) if TALK[name].fullmatch(said) else None
    if name not in _SAID or (name == "SATISFACTION" and not _MARK.fullmatch(said)):
        return None
    return _SAID[name](at, said)

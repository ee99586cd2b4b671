"""What a message says of a call, an entry, a follow-up. Pure.

Numbers are masked and nobody's words are in it, unless the receiver's setting says otherwise.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from hotline.calls.ledger import CallRecord
from hotline.dutylog.entry import DutyEntry
from hotline.followups.follow_up import FollowUp
from hotline.phone import PhoneNumber
from hotline.webhooks.event import EventKind, Receiver


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """Whose desk tells: the centre's code and name, and in which zone its clock stands."""

    centre: str
    centre_name: str
    zone: tzinfo
    area_code: str = ""

    def body(self, kind: EventKind, subject: str, at: datetime, said: Mapping[str, Any]) -> str:
        """Return a message as JSON. `id` is the same at every try: a receiver may get a message twice."""
        message = {
            "id": f"{kind.value}-{subject}",
            "event": kind.value,
            "at": self.local(at),
            "centre": {"code": self.centre, "name": self.centre_name},
            **said,
        }
        return json.dumps(message, ensure_ascii=False)

    def local(self, at: datetime | None) -> str | None:
        """Return a moment with the centre's offset."""
        return None if at is None else at.astimezone(self.zone).isoformat()

    def number(self, number: str, receiver: Receiver) -> str:
        """Return a number as this receiver gets it; "" is withheld."""
        if receiver.has_full_numbers or not number:
            return number
        read = PhoneNumber.parse(number, area_code=self.area_code)
        return read.masked if read else f"****{number[-2:]}"

    def of_call(self, kind: EventKind, call: CallRecord, receiver: Receiver) -> dict[str, Any]:
        """Return what is said of a call: with each event what can be known by then, also when it is told late."""
        is_ours = call.direction == "outbound"
        said: dict[str, Any] = {
            "id": call.id,
            "direction": call.direction,
            "number": self.number(call.caller_number, receiver),
            "dialled": self.number(call.dialled, receiver) if is_ours else call.dialled,
            "ring_start": self.local(call.ring_start),
        }
        if kind is not EventKind.CALL_STARTED:
            said |= {
                "is_emergency": call.is_emergency,
                "request": call.request,
                "queue": call.queue,
                "agent": call.agent,
                "switch_answer": self.local(call.switch_answer),
                "human_answer": self.local(call.human_answer),
            }
        if kind is EventKind.CALL_ENDED:
            said |= {
                "ended_at": self.local(call.ended_at),
                "outcome": call.outcome.value if call.outcome else None,
                "joined_to": None,
            }
        return {"call": said}

    def of_joined(self, young: str, old: str) -> dict[str, Any]:
        """Return what is said of a call that turned out to be part of an older one: from here on that one is told."""
        return {"call": {"id": young, "joined_to": old}}

    def of_entry(self, entry: DutyEntry, receiver: Receiver) -> dict[str, Any]:
        """Return what is said of a confirmed entry or a correction."""
        said: dict[str, Any] = {
            "number": entry.number,
            "page": entry.page,
            "call_id": entry.call_id,
            "corrects": entry.corrects,
            "kind": entry.kind.value,
            "is_urgent": entry.is_urgent,
            "source": entry.source.value,
            "home": entry.home,
            "agent": entry.agent,
            "written_by": entry.written_by,
            "written_at": self.local(entry.written_at),
        }
        if receiver.has_words:
            said |= {
                "who": entry.who,
                "matter": entry.matter,
                "promised": entry.promised,
                "result": entry.result,
            }
        return {"entry": said}

    def of_follow_up(self, owed: FollowUp, receiver: Receiver) -> dict[str, Any]:
        """Return what is said of something that is owed and due."""
        said: dict[str, Any] = {
            "id": owed.id,
            "kind": owed.kind.value,
            "owed_by": owed.owed_by.value,
            "call_id": owed.call_id,
            "calls": owed.calls,
            "number": self.number(owed.number, receiver),
            "home": owed.home,
            "since": self.local(owed.since),
            "due": self.local(owed.due),
        }
        if receiver.has_words:
            said |= {"who": owed.who, "text": owed.text}
        return {"follow_up": said}

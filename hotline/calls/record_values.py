"""The parts of a call as plain JSON values, and back: rings, talks with their holds, transfers. Pure."""

from datetime import datetime
from typing import Any

from hotline.calls.ledger import Ring
from hotline.calls.talks import Hold, Talk, Transfer


def ring_values(ring: Ring) -> dict[str, Any]:
    """Return a ring as JSON values."""
    return {
        "agent": ring.agent,
        "leg": ring.leg,
        "began": ring.began.isoformat(),
        "ended": _iso(ring.ended),
        "was_answered": ring.was_answered,
        **({"was_withdrawn": True} if ring.was_withdrawn else {}),
    }


def ring_of(values: dict[str, Any]) -> Ring:
    """Return the ring of these values."""
    return Ring(
        agent=values["agent"],
        leg=values["leg"],
        began=datetime.fromisoformat(values["began"]),
        ended=_moment(values["ended"]),
        was_answered=values["was_answered"],
        was_withdrawn=values.get("was_withdrawn", False),
    )


def talk_values(talk: Talk) -> dict[str, Any]:
    """Return a talk as JSON values."""
    return {
        "agent": talk.agent,
        "leg": talk.leg,
        "began": talk.began.isoformat(),
        "ended": _iso(talk.ended),
        "how": talk.how,
        "holds": [{"began": hold.began.isoformat(), "ended": _iso(hold.ended)} for hold in talk.holds],
    }


def talk_of(values: dict[str, Any]) -> Talk:
    """Return the talk of these values."""
    return Talk(
        agent=values["agent"],
        leg=values["leg"],
        began=datetime.fromisoformat(values["began"]),
        ended=_moment(values["ended"]),
        how=values["how"],
        holds=tuple(
            Hold(began=datetime.fromisoformat(hold["began"]), ended=_moment(hold["ended"])) for hold in values["holds"]
        ),
    )


def transfer_values(transfer: Transfer) -> dict[str, Any]:
    """Return a transfer as JSON values."""
    return {
        "kind": transfer.kind,
        "by": transfer.by,
        "to": transfer.to,
        "at": transfer.at.isoformat(),
        "result": transfer.result,
    }


def transfer_of(values: dict[str, Any]) -> Transfer:
    """Return the transfer of these values."""
    return Transfer(
        kind=values["kind"],
        by=values["by"],
        to=values["to"],
        at=datetime.fromisoformat(values["at"]),
        result=values["result"],
    )


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None

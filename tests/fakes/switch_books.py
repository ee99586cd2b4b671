"""What happened in a call, told by others than us: SIPp's log of the wire, the switch's queue_log and CDR.

Read with nothing of hotline's own reckoning, so that the figures of reports may be held against them.
"""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from hotline.simulate.sipp import Heard
from tests.fakes.site import Site

# cdr_csv: accountcode, src, dst, dcontext, clid, channel, dstchannel, lastapp, lastdata, start, answer, end, duration,
# billsec, disposition, amaflags, uniqueid, userfield
_CDR_CHANNEL, _CDR_START, _CDR_ANSWER, _CDR_END, _CDR_ID = 5, 9, 10, 11, 16


@dataclass(frozen=True, slots=True, kw_only=True)
class OnTheWire:
    """A call as the two telephones saw it, by SIPp's clock; `human` is when an agent's telephone was lifted."""

    number: str
    dialled: datetime
    lifted: datetime | None
    human: datetime | None
    ended: datetime
    left_by_caller: bool

    @property
    def seconds_to_switch(self) -> float | None:
        return (self.lifted - self.dialled).total_seconds() if self.lifted else None

    @property
    def seconds_to_human(self) -> float | None:
        return (self.human - self.dialled).total_seconds() if self.human else None

    @property
    def seconds(self) -> float:
        """How long it was from first to last."""
        return (self.ended - self.dialled).total_seconds()


def on_the_wire(number: str, heard: list[Heard], lifted_at: dict[str, datetime]) -> OnTheWire:
    """Read a caller's log; `lifted_at` says when an agent lifted for which caller."""
    over = next(one for one in heard if one.line.startswith(("BYE", "CANCEL")))
    return OnTheWire(
        number=number,
        dialled=heard[0].at,
        lifted=next((one.at for one in heard if _is_answer(one)), None),
        human=lifted_at.get(number),
        ended=over.at,
        left_by_caller=over.was_sent,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Talked:
    """A talk as one telephone of ours had it: with which number, for how long, lifted when by its own clock."""

    number: str
    seconds: float
    lifted: datetime | None = None


def talk_of_agent(heard: list[Heard]) -> Talked | None:
    """Read the log of one call at an agent's telephone; None where it was not lifted."""
    lifted = next((one.at for one in heard if one.was_sent and _is_answer(one)), None)
    number = re.search(r"sip:(\d+)@", next((one.header("From") for one in heard if one.line.startswith("INVITE")), ""))
    over = next((one.at for one in heard if one.line.startswith("BYE")), None)
    if lifted is None or number is None or over is None:
        return None
    return Talked(number=number[1], lifted=lifted, seconds=(over - lifted).total_seconds())


def lifted_by_agents(logs: Iterable[list[Heard]]) -> dict[str, datetime]:
    """Return when an agent's telephone lifted, by the caller's number, from the logs of agents' telephones."""
    found: dict[str, datetime] = {}
    for heard in logs:
        asked = next((one for one in heard if one.line.startswith("INVITE")), None)
        lifted = next((one.at for one in heard if one.was_sent and _is_answer(one)), None)
        if asked is not None and lifted is not None and (number := re.search(r"sip:(\d+)@", asked.header("From"))):
            found[number[1]] = lifted
    return found


@dataclass(slots=True)
class QueueStory:
    """What queue_log says of one call; moments in seconds since 1970."""

    entered: float = 0
    queue: str = ""
    agent: str = ""
    connected: float | None = None
    completed: float | None = None  # or handed over
    abandoned: float | None = None
    rang_out: list[str] = field(default_factory=list)


def read_queue_log(path: Path) -> dict[str, QueueStory]:
    """Return the story of every call in queue_log, by its unique id."""
    found: dict[str, QueueStory] = {}
    for line in path.read_text().splitlines():
        at, call, queue, agent, event, *_ = line.split("|")
        if event == "ENTERQUEUE":
            found.setdefault(call, QueueStory(queue=queue)).entered = float(at)
        elif event == "CONNECT":
            found[call].connected, found[call].agent = float(at), agent.removeprefix("PJSIP/")
        elif event in {"COMPLETEAGENT", "COMPLETECALLER", "BLINDTRANSFER"}:
            found[call].completed = float(at)
        elif event == "ABANDON":
            found[call].abandoned = float(at)
        elif event == "RINGNOANSWER":
            found[call].rang_out.append(agent)
    return found


@dataclass(frozen=True, slots=True)
class DetailRecord:
    """A call's CDR: whole seconds; `answered` is the switch's own answer."""

    started: datetime
    answered: datetime | None
    ended: datetime
    is_from_carrier: bool


def read_cdr(path: Path) -> dict[str, DetailRecord]:
    """Return one record a call from Master.csv: a call has a row for every telephone that it rang."""
    found: dict[str, DetailRecord] = {}
    for row in csv.reader(path.read_text().splitlines()):
        answered = _moment(row[_CDR_ANSWER]) if row[_CDR_ANSWER] else None
        is_in = row[_CDR_CHANNEL].startswith("PJSIP/carrier-")
        one = DetailRecord(_moment(row[_CDR_START]), answered, _moment(row[_CDR_END]), is_in)
        if (known := found.get(row[_CDR_ID])) is not None:
            answers = [at for at in (known.answered, one.answered) if at]
            one = DetailRecord(
                min(known.started, one.started), min(answers, default=None), max(known.ended, one.ended), is_in
            )
        found[row[_CDR_ID]] = one
    return found


def keep_books(site: Site) -> None:
    """Switch queue_log and CDR on, as a doubting administrator would; before the switch starts."""
    etc = site.home / "asterisk" / "etc"
    for name, was, now in (
        ("logger.conf", "queue_log = no", "queue_log = yes"),
        ("modules.conf", "noload = cdr_csv.so\n", ""),
    ):
        text = (etc / name).read_text()
        assert was in text
        (etc / name).write_text(text.replace(was, now))
    (etc / "cdr.conf").write_text(
        "[general]\nenable = yes\nunanswered = yes\n[csv]\nusegmtime = yes\nloguniqueid = yes\n"
    )
    (site.home / "asterisk" / "log" / "cdr-csv").mkdir(parents=True, exist_ok=True)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _is_answer(message: Heard) -> bool:
    return message.line.startswith("SIP/2.0 200") and "INVITE" in message.header("CSeq")

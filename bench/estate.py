"""What stands beside the calls of two years, from a fixed seed: entries, matters, draws, answers, desk time, campaigns.

An estate of 10,000 homes, few or many calls: three of ten calls are written down; of what is written two thirds are
matters, and what is handled has its draw. Agents decide forty times a day. Rows are yielded table by table in batches;
columns that nothing here says are filled with what their type has for empty.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import JSON, Boolean, Date, DateTime, Float, Integer, Table

from hotline.aftercare.rules import rules
from hotline.database import Base, UtcDateTime
from hotline.tables import ALL_TABLES

assert ALL_TABLES
Rows = Iterator[tuple[Table, list[tuple[Any, ...]]]]
BATCH: Final = 20_000
HOMES: Final = 10_000
BUILDINGS: Final = 200
KINDS: Final = (
    "repair", "repair", "repair", "complaint", "paid-service", "enquiry", "general-help", "enquiry", "enquiry",
)  # fmt: skip
MATTERS: Final = (
    "厨房水管漏水", "卫生间下水道堵了", "客厅空调不制冷", "楼道路灯不亮", "单元门门禁打不开", "楼上装修噪音太吵",
    "隔壁电钻扰民", "地下车库道闸坏了", "阳台渗水", "电梯停了", "垃圾没有清走", "师傅来晚了", "热水器没有热水",
    "墙皮脱落", "想问物业费怎么交", "预约油烟机清洗", "停车费发票怎么开", "大堂对讲机不通", "水表读数不对",
    "卧室暖气不热",
)  # fmt: skip
DECISIONS: Final = 40  # of an agent in a day
REASONS: Final = ("rest", "meal", "training")
CAMPAIGN_HOMES: Final = 3_000
OWING: Final = 1_500


class Writer:
    """Collects rows and gives them out in batches; the order of tables is that of what refers to what."""

    def __init__(self) -> None:
        self._rows: dict[Table, list[tuple[Any, ...]]] = {}

    def add(self, name: str, /, **said: Any) -> None:
        """Add a row to a table."""
        table = Base.metadata.tables[name]
        self._rows.setdefault(table, []).append(
            tuple(said[column.name] if column.name in said else _empty(column) for column in table.columns)
        )

    def full(self, *, least: int = BATCH) -> Rows:
        """Give out what is collected, where it is a batch."""
        if sum(map(len, self._rows.values())) < least:
            return
        for table in Base.metadata.sorted_tables:
            if rows := self._rows.pop(table, None):
                yield table, rows


def _empty(column: Any) -> Any:
    if column.nullable:
        return None
    match column.type:
        case JSON():
            return []
        case Boolean():
            return False
        case Integer() | Float():
            return 0
        case Date():
            return date(2026, 1, 1)
        case DateTime() | UtcDateTime():
            return datetime(2026, 1, 1, tzinfo=UTC)
        case _:
            return ""


def home_of(number: int) -> tuple[int, int, int]:
    """Return building, unit and room of the estate's n-th home."""
    building, rest = number % BUILDINGS + 1, number // BUILDINGS
    return building, rest % 2 + 1, (rest // 2 + 1) * 100 + 1


def estate(calls: int, agents: Sequence[str], first: datetime, last: datetime) -> Rows:
    """Yield everything that stands beside this many calls between two moments."""
    dice, writer = random.Random(66), Writer()
    for number in range(HOMES):
        building, unit, room = home_of(number)
        writer.add("home", id=number + 1, building=building, unit=unit, room=room)
    for number in range(OWING):
        writer.add("arrears", home_id=number + 1, months=["2026-09"], fen=dice.randrange(20_000, 200_000))
    yield from writer.full(least=1)
    yield from _written(writer, dice, calls, agents, first, last)
    yield from _desk_time(writer, dice, agents, first, last)
    yield from _campaigns(writer, dice, first, last)
    yield from writer.full(least=1)


def _written(
    writer: Writer, dice: random.Random, calls: int, agents: Sequence[str], first: datetime, last: datetime
) -> Rows:
    """Entries, what follows from them, and calls that are owed."""
    table = {kind.value: rule for kind, rule in rules(others=10).items()}
    places: dict[str, int] = {}
    entry, debt, span = 0, 0, last - first
    for number in range(calls):
        at, call_id = first + span * (number / calls), f"hotline-{number:08}"
        if at.date() == last.date():
            human = at + timedelta(seconds=4 + dice.expovariate(1 / 8))
            writer.add(
                "call", id=call_id, state="ended", direction="inbound", caller_number=f"138{number:08}", ring_start=at,
                switch_answer=at + timedelta(seconds=1), queue="service", queued_at=at + timedelta(seconds=3),
                agent=dice.choice(agents), human_answer=human, talk_ended=human + timedelta(minutes=2),
                ended_at=human + timedelta(minutes=2), outcome="answered",
            )  # fmt: skip
        if dice.random() < 0.06:
            debt += 1
            due, closed = at + timedelta(hours=1), at + timedelta(minutes=dice.expovariate(1 / 25))
            writer.add(
                "follow_up", id=debt, kind="missed", state="done", owed_by="agent", call_id=call_id, calls=1,
                since=at, last_at=at, due=due, closed_at=closed, changed_at=closed,
            )  # fmt: skip
        if number % 10 >= 3:
            continue
        entry += 1
        kind, agent = dice.choice(KINDS), dice.choice(agents)
        home = "-".join(map(str, home_of(dice.randrange(HOMES))))
        writer.add(
            "duty_entry", number=entry, state="confirmed", call_id=call_id, draft_of=call_id, kind=kind, home=home,
            matter=dice.choice(MATTERS), agent=agent, written_at=at, written_by=agent, source="call", centre="01",
            day=at.date(), chain_position=entry,
        )  # fmt: skip
        if entry % 3 == 0:
            for field in ("matter", "home"):
                verdict = "changed" if dice.random() < 0.2 else "accepted"
                writer.add("draft_field", number=entry, field=field, verdict=verdict, judged_at=at)
        if kind in {"enquiry", "general-help"}:
            continue
        debt += 1
        is_done = at < last - timedelta(days=5) or dice.random() < 0.5
        closed = at + timedelta(hours=dice.expovariate(1 / 14))
        writer.add(
            "follow_up", id=debt, kind="matter", state="done" if is_done else "open", owed_by="agent", call_id=call_id,
            calls=1, home=home, text="水管漏水", request=kind, since=at, last_at=at, due=at + timedelta(days=1),
            closed_at=closed if is_done else None, changed_at=closed,
        )  # fmt: skip
        matter = debt
        writer.add("duty_matter", entry=entry, follow_up=matter)
        if is_done:
            places[kind] = places.get(kind, 0) + 1
            is_drawn = dice.random() * 100 < table[kind].percent
            if is_drawn:
                debt += 1
                called = closed + timedelta(hours=dice.expovariate(1 / 30))
                writer.add(
                    "follow_up", id=debt, kind="aftercare", state="done", owed_by="agent", calls=1, home=home,
                    since=closed, last_at=closed, due=closed + table[kind].within, closed_at=called, changed_at=called,
                )  # fmt: skip
                if dice.random() < 0.8:
                    writer.add(
                        "aftercare_answer", follow_up=debt, is_satisfied=dice.random() < 0.95, attitude=5, quality=5,
                        at=called,
                    )  # fmt: skip
            writer.add(
                "aftercare_draw", id=places[kind] + 10_000_000 * sorted(set(KINDS)).index(kind), matter=matter,
                moment="handled", entry=entry, kind=kind, place=places[kind], percent=table[kind].percent,
                is_drawn=is_drawn, follow_up=debt if is_drawn else None, at=closed,
                call_by=closed + table[kind].within if is_drawn else None,
            )  # fmt: skip
        yield from writer.full()


def _desk_time(writer: Writer, dice: random.Random, agents: Sequence[str], first: datetime, last: datetime) -> Rows:
    """Every decision of every agent, from nine in the morning on."""
    number, day = 0, first
    while day < last:
        for agent in agents:
            at = day.replace(hour=9, minute=0, second=0, microsecond=0)
            for decision in range(DECISIONS):
                number += 1
                stand = ("ready", "wrap-up", "ready", "wrap-up", "ready", "paused")[decision % 6]
                ended = at + timedelta(seconds=dice.expovariate(1 / 700))
                writer.add(
                    "agent_state", id=number, extension=agent, stand=stand, since=at, ended_at=ended, by=agent,
                    reason=dice.choice(REASONS) if stand == "paused" else "",
                )  # fmt: skip
                at = ended
            yield from writer.full()
        day += timedelta(days=1)


def _campaigns(writer: Writer, dice: random.Random, first: datetime, last: datetime) -> Rows:
    """A reminder of fees each month."""
    number, target, at = 0, 0, first + timedelta(days=5)
    while at < last:
        number += 1
        state = "running" if at > last - timedelta(days=30) else "finished"
        writer.add(
            "campaign", id=number, kind="fee-reminder", name=f"催缴 {at:%Y-%m}", state=state, lines=2, made_by="boss",
            made_at=at, approved_by="boss2", started_at=at, ended_at=at + timedelta(days=1),
        )  # fmt: skip
        for home in dice.sample(range(HOMES), CAMPAIGN_HOMES):
            target += 1
            writer.add(
                "target", id=target, campaign_id=number, household="-".join(map(str, home_of(home))), home_id=home + 1,
                e164=f"+8613{target:09}", months=["2026-09"], fen=dice.randrange(20_000, 200_000), state="done",
                outcome=dice.choice(("human", "no-answer", "busy")), not_before=at, changed_at=at,
            )  # fmt: skip
        yield from writer.full()
        at += timedelta(days=30)

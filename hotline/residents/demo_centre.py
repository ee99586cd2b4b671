"""An invented centre: nine buildings, about two hundred households, the same people every time. Pure.

The homes and callers of the demo dialogues are among them. The dates lie around the given moment.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from hotline.phone import PhoneNumber
from hotline.residents.resident import Home, MatterKind, Relation, Title, month_after

DEMO_CALLER: Final = PhoneNumber("+8613800138501")  # 张先生 of 3-2-501, who calls in the demo
SEED: Final = 20261121
BUILDINGS: Final = 9
HOMES_A_BUILDING: Final = 22
REPAIRS: Final = 30
DEBTORS: Final = 40

SURNAMES: Final = "王李张刘陈杨黄赵周吴徐孙马胡朱郭何罗高林郑梁谢唐许冯宋韩邓彭"
GIVEN: Final[Mapping[Title, tuple[str, ...]]] = {
    Title.MR: ("伟", "强", "磊", "军", "勇", "杰", "涛", "明", "志远", "建平", "国华", "文博", "浩然", "俊峰", "海波"),
    Title.MS: ("芳", "娜", "敏", "静", "丽", "艳", "娟", "霞", "秀英", "桂兰", "晓燕", "雨欣", "佳怡", "慧玲", "思颖"),
}
TROUBLES: Final = (
    "厨房下水道堵塞", "卫生间水龙头滴水", "客厅顶灯不亮", "入户门锁打不开", "阳台窗户关不严", "对讲机没有声音",
    "卫生间天花板渗水", "电表跳闸", "空调外机支架松动", "马桶水箱漏水", "楼道感应灯不亮", "厨房水管接头漏水",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPerson:
    """One invented person."""

    name: str
    title: Title
    relation: Relation = Relation.OWNER
    numbers: tuple[PhoneNumber, ...] = ()
    is_elderly_alone: bool = False
    language: str = "zh"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoMatter:
    """One invented matter."""

    kind: MatterKind
    text: str
    opened: datetime
    promised: datetime | None = None
    finished: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoHousehold:
    """One invented household."""

    home: Home
    people: tuple[DemoPerson, ...]
    matters: tuple[DemoMatter, ...] = ()
    months: tuple[str, ...] = ()
    fen: int = 0
    greets_by_name: bool = False


def demo_centre(now: datetime) -> tuple[DemoHousehold, ...]:
    """Return every household of the demo centre, by home, the same for the same moment."""
    chance = random.Random(SEED)  # noqa: S311 - the same people everywhere, nothing secret
    told = {household.home: household for household in _households_of_the_dialogues(now)}
    taken = {number.e164 for household in told.values() for person in household.people for number in person.numbers}
    numbers = _unused_numbers(chance, taken)
    homes = dict(told)
    for building in range(1, BUILDINGS + 1):
        free = [home for home in _homes_of(building) if home not in told]
        wanted = HOMES_A_BUILDING - sum(home.building == building for home in told)
        for home in chance.sample(free, wanted):
            homes[home] = DemoHousehold(home=home, people=_family(chance, numbers))
    others = sorted(set(homes) - set(told))
    _let_one_number_have_two_homes(homes, others)
    for home in chance.sample(others, REPAIRS - 1):
        homes[home] = replace(homes[home], matters=(_open_repair(chance, now),))
    for home in chance.sample(others, DEBTORS - 2):
        months = _last_months(now, chance.randint(1, 8))
        homes[home] = replace(homes[home], months=months, fen=len(months) * chance.randrange(18_000, 42_000, 5))
    return tuple(homes[home] for home in sorted(homes))


def _households_of_the_dialogues(now: datetime) -> Iterator[DemoHousehold]:
    """Give the homes that the recorded residents name, with what the agents in the recordings know of them."""

    def person(name: str, title: Title, tail: int, relation: Relation = Relation.OWNER) -> DemoPerson:
        return DemoPerson(name=name, title=title, relation=relation, numbers=(_number(tail),))

    mended = DemoMatter(
        kind=MatterKind.REPAIR,
        text="卫生间水管漏水,已更换接头",
        opened=now - timedelta(days=3),
        promised=now - timedelta(days=2, hours=6),
        finished=now - timedelta(days=2, hours=5),
    )
    window = DemoMatter(
        kind=MatterKind.REPAIR,
        text="阳台窗户关不严",
        opened=now - timedelta(days=1),
        promised=now + timedelta(days=1),
    )
    noise = DemoMatter(
        kind=MatterKind.COMPLAINT,
        text="楼上 2-3-902 午间装修噪声",
        opened=now - timedelta(days=2),
        promised=now + timedelta(hours=6),
    )
    year = now.year if now.month > 6 else now.year - 1
    yield DemoHousehold(
        home=Home(3, 2, 501),
        people=(
            DemoPerson(name="张建华", title=Title.MR, numbers=(DEMO_CALLER,)),
            person("刘芳", Title.MS, 8502, Relation.FAMILY),
        ),
        matters=(mended, window),
        months=_last_months(now, 2),
        fen=61_250,
        greets_by_name=True,
    )
    yield DemoHousehold(home=Home(7, 1, 1002), people=(person("周敏", Title.MS, 7110),))
    yield DemoHousehold(home=Home(5, 1, 1203), people=(person("王丽华", Title.MS, 5112),), greets_by_name=True)
    yield DemoHousehold(home=Home(2, 3, 802), people=(person("赵志强", Title.MR, 2380),), matters=(noise,))
    yield DemoHousehold(home=Home(2, 3, 902), people=(person("孙浩", Title.MR, 2390, Relation.TENANT),))
    yield DemoHousehold(
        home=Home(1, 1, 301),
        people=(person("李建国", Title.MR, 1130),),
        months=tuple(f"{year}-{month:02}" for month in range(1, 7)),
        fen=123_456,
        greets_by_name=True,
    )
    yield DemoHousehold(home=Home(6, 2, 1501), people=(person("吴俊", Title.MR, 8000),))
    yield DemoHousehold(
        home=Home(8, 1, 102),
        people=(person("郑凯", Title.MR, 8110), person("何秀英", Title.MS, 8111, Relation.FAMILY)),
    )


def _number(tail: int) -> PhoneNumber:
    return PhoneNumber(f"+861380013{tail:04}")


def _unused_numbers(chance: random.Random, taken: set[str]) -> Iterator[PhoneNumber]:
    for tail in chance.sample(range(10_000), 10_000):
        number = _number(tail)
        if number.e164 not in taken:
            yield number


def _homes_of(building: int) -> Iterator[Home]:
    for unit in (1, 2, 3):
        for floor in range(1, 19):
            for door in (1, 2, 3, 4):
                yield Home(building, unit, floor * 100 + door)


def _family(chance: random.Random, numbers: Iterator[PhoneNumber]) -> tuple[DemoPerson, ...]:
    """Return one to three people with one to four numbers between them."""
    if chance.random() < 0.08:
        old = _somebody(chance, Relation.OWNER, (next(numbers),))
        return (replace(old, is_elderly_alone=True),)
    kind = Relation.TENANT if chance.random() < 0.2 else Relation.OWNER
    first = _somebody(chance, kind, tuple(next(numbers) for _ in range(chance.choice((1, 1, 2)))))
    first = replace(first, language=chance.choices(("zh", "yue", "en"), (90, 8, 2))[0])
    family = {first.name: first}
    for _ in range(chance.choice((0, 1, 1, 2))):
        other = _somebody(chance, Relation.FAMILY, (next(numbers),))
        family.setdefault(other.name, other)
    return tuple(family.values())


def _somebody(chance: random.Random, relation: Relation, numbers: tuple[PhoneNumber, ...]) -> DemoPerson:
    title = chance.choice((Title.MR, Title.MS))
    name = chance.choice(SURNAMES) + chance.choice(GIVEN[title])
    return DemoPerson(name=name, title=title, relation=relation, numbers=numbers)


def _let_one_number_have_two_homes(homes: dict[Home, DemoHousehold], others: list[Home]) -> None:
    """Let three owners have a second home, so that a number alone does not always say where."""
    for first, second in zip(others[10::60], others[40::60], strict=False):
        owner = homes[first].people[0]
        homes[second] = replace(homes[second], people=(replace(owner, is_elderly_alone=False),))


def _open_repair(chance: random.Random, now: datetime) -> DemoMatter:
    opened = now - timedelta(minutes=chance.randrange(30, 5 * 24 * 60))
    promised = opened + timedelta(hours=chance.choice((2, 4, 24, 72)))
    return DemoMatter(kind=MatterKind.REPAIR, text=chance.choice(TROUBLES), opened=opened, promised=promised)


def _last_months(now: datetime, how_many: int) -> tuple[str, ...]:
    first = now.year * 12 + now.month - 1 - how_many
    month, months = f"{first // 12}-{first % 12 + 1:02}", []
    for _ in range(how_many):
        months.append(month)
        month = month_after(month)
    return tuple(months)

"""How Mandarin reads what changes from call to call, and the pieces it is spoken from. Pure.

A reading is a row of phrases; hotline/voice/pieces.py finds the pieces of each phrase. Units are chosen to sound whole
when joined: 一千, 二百, 三十, 四元, not single syllables.
"""

import re
from collections.abc import Sequence
from datetime import date, time
from itertools import product
from typing import Final

import cn2an

FIGURES: Final = "零一二三四五六七八九"
PERIODS: Final = ((6, "凌晨"), (12, "上午"), (13, "中午"), (18, "下午"), (24, "晚上"))  # until that hour
NEAR_DAYS: Final = {-2: "前天", -1: "昨天", 0: "今天", 1: "明天", 2: "后天"}
UNITS: Final = {
    "people": "位", "minutes": "分钟", "hours": "小时", "days": "天", "matters": "件", "seconds": "秒",
}  # fmt: skip
KINDS: Final = {
    "repair": "报修", "complaint": "投诉", "booking": "预约", "enquiry": "咨询", "paid-service": "有偿服务",
    "general-help": "求助", "special-help": "紧急求助", "call-back": "回电", "message": "留言",
}  # fmt: skip
# The hundred commonest surnames, after the Ministry of Public Security's yearly reports; the order means nothing here.
SURNAMES: Final = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓冯韩曹曾彭肖蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅钟姜"
    "崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江闫薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严赖覃洪武莫孔"
)
SAME_SOUND: Final = {"萧": "肖", "阎": "闫", "丘": "邱", "付": "傅"}  # other ways to write a surname of the hundred
TITLES: Final = {"先生": "mr", "女士": "ms"}
# Where a synthesiser takes the commoner reading of a surname: a character that sounds as the surname does.
SPELT_FOR_VOICE: Final = {"曾": "增", "任": "仁", "覃": "秦"}
_PHRASES: Final = {
    "hello": "您好", "you": "您", "your": "您的", "of": "的", "to": "至", "and": "和", "in-all": "共",
    "owed": "您未缴的物业费是", "expected": "预计", "done-by": "前完成",
}  # fmt: skip


def texts() -> dict[str, str]:
    """Return every piece: its name (the sound's, without folder) and what it says."""
    found = {f"n-{n}": number(n) for n in (*range(20), *range(20, 100, 10), *range(100, 1000, 100))}
    found |= {f"n-{n}": number(n) for n in (*range(1000, 10_000, 1000), *range(10_000, 100_000, 10_000))}
    found |= {"two": "两", "ten-more": "一十", "hundred": "百", "thousand": "千", "wan": "万", "phone-1": "幺"}
    found |= {f"yuan-{n}": f"{number(n)}元" for n in (*range(20), *range(20, 100, 10), *range(100, 1000, 100))}
    found |= {f"yuan-{n}": f"{number(n)}元" for n in (*range(1000, 10_000, 1000), *range(10_000, 100_000, 10_000))}
    found |= {"yuan": "元", "yuan-two": "两元", "yuan-ten-more": "一十元", "yuan-wan": "万元"}
    for n in range(1, 10):
        found |= {f"jiao-{n}": f"{FIGURES[n]}角", f"fen-{n}": f"{FIGURES[n]}分", f"fen-0{n}": f"零{FIGURES[n]}分"}
    found |= {f"year-{n}": f"{spelt(str(n))}年" for n in range(2024, 2040)} | {"year": "年"}
    found |= {f"month-{n}": f"{number(n)}月" for n in range(1, 13)}
    found |= {f"to-month-{n}": f"至{number(n)}月" for n in range(1, 13)}
    found |= {f"day-{n}": f"{number(n)}日" for n in range(1, 32)}
    found |= {f"of-day-{n}": f"{number(n)}日的" for n in range(1, 32)}
    found |= {f"near-{n + 2}": word for n, word in NEAR_DAYS.items()}
    found |= {f"of-near-{n + 2}": f"{word}的" for n, word in NEAR_DAYS.items()}
    found |= {f"building-{n}": f"{number(n)}栋" for n in range(1, 16)} | {"building": "栋"}
    found |= {f"unit-{n}": f"{number(n)}单元" for n in range(1, 9)} | {"unit": "单元"}
    found |= {f"floor-{n}": spelt(str(n)) for n in range(10, 34)}
    found |= {f"room-{n}": f"{FIGURES[n]}室" for n in range(10)} | {
        f"room-0{n}": f"零{FIGURES[n]}室" for n in range(1, 9)
    }
    found |= {"room": "室"}
    found |= {f"period-{until}": word for until, word in PERIODS}
    found |= {f"hour-{n}": f"{_hour(n)}点" for n in range(13)} | {f"half-{n}": f"{_hour(n)}点半" for n in range(13)}
    found |= {f"minute-{n}": f"{number(n)}分" for n in (*range(10, 20), 20, 30, 40, 50)}
    counted = [*product(("people", "matters", "days"), range(1, 11)), *product(("hours",), range(1, 13))]
    counted += [*product(("minutes",), (*range(1, 20), 20, 30, 40, 50, 60))]
    found |= {f"{unit}-{n}": count(n, unit)[0] for unit, n in counted}
    found |= dict(UNITS) | {f"kind-{kind}": word for kind, word in KINDS.items()} | _PHRASES
    for surname, (title, name) in product(SURNAMES, TITLES.items()):
        found[f"{name}-{ord(surname):x}"] = surname + title
    return found


def number(value: int) -> str:
    """Read a number, 0 to 99,999,999: 1234 is 一千二百三十四, 2000 is 两千."""
    read = str(cn2an.an2cn(value, "low"))
    return re.sub("^二万", "两万", read.replace("二千", "两千"))


def spelt(figures: str, *, one: str = "一") -> str:
    """Read figures one by one: 501 is 五零一."""
    return "".join(one if figure == "1" else FIGURES[int(figure)] for figure in figures)


def amount(fen: int) -> tuple[str, ...]:
    """Read money: 123456 fen are 一千二百三十四元五角六分; 1203 fen are 十二元零三分."""
    yuan, rest = divmod(fen, 100)
    jiao, single = divmod(rest, 10)
    read: list[str] = []
    if yuan or not rest:
        read.append("两元" if yuan == 2 else f"{number(yuan)}元")
    if jiao:
        read.append(f"{FIGURES[jiao]}角")
    if single:
        read.append(f"{'零' if yuan and not jiao else ''}{FIGURES[single]}分")
    return tuple(read)


def count(value: int, unit: str) -> tuple[str, ...]:
    """Read a count with its measure word: 两分钟, 三位."""
    return (("两" if value == 2 else number(value)) + UNITS[unit],)


def day(value: date, today: date, *, of: bool = False) -> tuple[str, ...]:
    """Read a day: 昨天 where it is near, else 十二月五日, with the year where it is another; `of` adds 的."""
    after = "的" if of else ""
    if near := NEAR_DAYS.get((value - today).days):
        return (near + after,)
    years = () if value.year == today.year else (_year(value.year),)
    return (*years, f"{number(value.month)}月", f"{number(value.day)}日{after}")


def months(spans: Sequence[tuple[date, date]]) -> tuple[str, ...]:
    """Read spans of months: 二零二六年 一月 至六月 和 八月; a year is said where it changes."""
    read: list[str] = []
    said = 0
    for place, (first, last) in enumerate(spans, 1):
        if 1 < place == len(spans):
            read.append("和")
        if first.year != said:
            read.append(_year(first.year))
        read.append(f"{number(first.month)}月")
        if first.year != last.year:
            read += ["至", _year(last.year), f"{number(last.month)}月"]
        elif first != last:
            read.append(f"至{number(last.month)}月")
        said = last.year
    return tuple(read)


def room(building: int, unit: int, room: int) -> tuple[str, ...]:
    """Read a home: 三栋 二单元 五 零一室."""
    figures = spelt(str(room))
    floor, door = figures[:-2], figures[-2:]
    return (f"{number(building)}栋", f"{number(unit)}单元", *((floor,) if floor else ()), f"{door}室")


def time_of_day(value: time) -> tuple[str, ...]:
    """Read a time to the minute: 下午 三点半, 上午 十点 零五分."""
    period = next(word for until, word in PERIODS if value.hour < until)
    hour = _hour(value.hour - 12 if value.hour > 12 else value.hour)
    if value.minute == 30:
        return period, f"{hour}点半"
    if value.minute == 0:
        return period, f"{hour}点"
    return period, f"{hour}点", f"{'零' if value.minute < 10 else ''}{number(value.minute)}分"


def addressed(surname: str, title: str) -> tuple[str, ...]:
    """Read 张先生; nothing for a surname outside the hundred or an unknown title."""
    surname = SAME_SOUND.get(surname, surname)
    known = len(surname) == 1 and surname in SURNAMES and title in TITLES
    return (surname + title,) if known else ()


def _year(value: int) -> str:
    return f"{spelt(str(value))}年"


def _hour(value: int) -> str:
    return "两" if value == 2 else number(value)

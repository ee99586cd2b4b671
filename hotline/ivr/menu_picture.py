"""Draw a menu plan: what a caller may press, and where it leads, as SVG (Chinese) or as Mermaid text. Pure.

The layout is our own: a plan is nearly a tree, every key stands in its row and what it leads to beside it, so nothing
has to cross. Menus go from left to right in the order they are met; a way back to a menu drawn already is named, not
drawn. A general layouter (Graphviz) is a program of its own and draws keys as a fan of crossing lines.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from itertools import groupby
from typing import Final

from hotline.dutylog.entry import KIND_IN_CHINESE
from hotline.hours import DAYS, Spans, WeeklyHours
from hotline.ivr.menu import KEYS, Choice, Menu, MenuPlan, Target, To

QUEUES_IN_CHINESE: Final = {"service": "人工坐席", "repair": "报修坐席", "complaint": "投诉坐席", "english": "英语坐席"}
PLACES_IN_CHINESE: Final = {
    To.EMERGENCY: "紧急值守",
    To.DUTY: "值班室 → 手机 → 经理",
    To.MESSAGE: "留言",
    To.PROGRESS: "播报进度",
    To.ARREARS: "核对后播报欠费",
    To.GOODBYE: "道别挂机",
}
DAYS_IN_CHINESE: Final = dict(zip(DAYS, "一二三四五六日", strict=True))
ORDER: Final = "1234567890*#"  # as the keys lie on a telephone, line by line, zero after nine as people say it
INK: Final = {  # of what a choice leads to: text, ground
    To.QUEUE: ("#1d4f8c", "#e2edfa"),
    To.EMERGENCY: ("#b42318", "#fde4e1"),
    To.DUTY: ("#5b3590", "#eee6f9"),
    To.MESSAGE: ("#8a5a00", "#fcf0d2"),
    To.PROGRESS: ("#0b6b63", "#dcf4f0"),
    To.ARREARS: ("#0b6b63", "#dcf4f0"),
    To.GOODBYE: ("#4a5563", "#e7ebf0"),
    To.MENU: ("#3f6212", "#eaf4d9"),
}
FONT: Final = "'Noto Sans CJK SC','Source Han Sans SC','PingFang SC','Microsoft YaHei',sans-serif"
TEXT, MUTED, LINE = "#1c2733", "#66727f", "#9aa7b4"
MARGIN, TOP = 36, 128
DOOR_WIDTH, CARD_WIDTH = 216, 250
HEADER, ROW, PILL = 58, 38, 28
ARROW, GUTTER, BETWEEN = 34, 64, 34


@dataclass(slots=True)
class _Sheet:
    """What is drawn so far, and how far down each column is filled."""

    marks: list[str] = field(default_factory=list)
    filled: dict[int, float] = field(default_factory=dict)
    right: float = 0
    placed: set[str] = field(default_factory=set)


def as_svg(plan: MenuPlan) -> str:
    """Return the picture of a plan; the same plan gives the same text."""
    sheet, left = _Sheet(), float(MARGIN)
    sheet.placed |= {plan.open_menu, plan.closed_menu}  # each has an entrance of its own
    for name, title, lines in _doors(plan):
        menu = plan.menus[name]
        top = max([TOP, *sheet.filled.values()])
        middle = top + HEADER / 2
        _door(sheet, left, middle, title, lines)
        _arrow(sheet, left + DOOR_WIDTH, middle, left + DOOR_WIDTH + GUTTER, middle)
        _card(sheet, plan, menu, column=0, left=left + DOOR_WIDTH + GUTTER, top=top)
    width, height = sheet.right + MARGIN, max(sheet.filled.values()) + 8
    spoken = "　".join(
        language.label + (f"（一律由{_queue(language.queue)}接听）" if language.queue else "")
        for language in plan.languages.values()
    )
    size = f'width="{width:.0f}" height="{height:.0f}"'
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" {size} role="img"',
        f'  font-family="{FONT}" aria-label="电话菜单">',
        "<!-- drawn by: python -m hotline ivr graph -->",
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">',
        f'<path d="M0,0.5 L7.5,4 L0,7.5 z" fill="{LINE}"/></marker></defs>',
        f'<rect {size} fill="#f5f7fa"/>',
        _words(MARGIN, 56, "电话菜单", size=26, weight=700),
        _words(MARGIN, 86, f"版本 {plan.version}　语言 {spoken}　任何时候按键都立即生效", size=14, ink=MUTED),
    ]
    return "\n".join([*head, *sheet.marks, "</svg>", ""])


def _doors(plan: MenuPlan) -> Iterator[tuple[str, str, list[str]]]:
    """Yield the menus calls begin in, with the title and the lines that say when."""
    hours = hours_in_chinese(plan.hours)
    if plan.open_menu == plan.closed_menu:
        yield plan.open_menu, "☎ 任何时间来电", ["开放时间与其余时间相同"]
    else:
        yield plan.open_menu, "☎ 开放时间来电", hours
        yield plan.closed_menu, "☎ 其余时间来电", ["不在开放时间内"]


def _door(sheet: _Sheet, left: float, middle: float, title: str, lines: list[str]) -> None:
    height = 50 + 22 * len(lines)
    top = middle - HEADER / 2
    sheet.marks += [
        _box(left, top, DOOR_WIDTH, height, fill="#24425f"),
        _words(left + 18, top + 29, title, ink="#ffffff", weight=700),
        *(_words(left + 18, top + 54 + 22 * n, line, size=13.5, ink="#d7e3ef") for n, line in enumerate(lines)),
    ]
    sheet.filled[-1] = max(sheet.filled.get(-1, 0), top + height + BETWEEN)


@dataclass(frozen=True, slots=True)
class _Row:
    """One way out of a menu: `place` and `note` are written beside it, `draws` is a menu to be drawn there."""

    key: str
    choice: Choice
    middle: float
    place: str = ""
    note: str = ""
    draws: str = ""

    @property
    def pill(self) -> float:
        return round(_width(self.place, 14) + 28) if self.place else 0

    @property
    def length(self) -> float:
        return self.pill + (round(_width(self.note, 12.5)) + 14 if self.note else 0)


def _card(sheet: _Sheet, plan: MenuPlan, menu: Menu, *, column: int, left: float, top: float) -> None:
    """Draw one menu and, right of it, everything it leads to that is not drawn yet."""
    sheet.placed.add(menu.name)
    ways = sorted(menu.ways(), key=lambda way: ORDER.index(way[0]) if way[0] else len(KEYS))
    rows = [_row(sheet, plan, way, top + HEADER + 4 + ROW * (n + 0.5)) for n, way in enumerate(ways)]
    height, edge = HEADER + ROW * len(rows) + 8, left + CARD_WIDTH
    sheet.filled[column] = top + height + BETWEEN
    sheet.right = max(sheet.right, edge)
    _face(sheet, menu, left, top, height)
    beyond = edge + ARROW + max(row.length for row in rows) + GUTTER
    for row in rows:
        _key(sheet, left, row.middle, row.key, row.choice)
        if row.place:
            _arrow(sheet, edge, row.middle, edge + ARROW, row.middle)
            _pill(sheet, row, edge + ARROW)
    for row in rows:
        if row.draws:
            place = max(row.middle - HEADER / 2, sheet.filled.get(column + 1, TOP))
            begin = edge + (ARROW + row.length if row.place else 0)
            _arrow(sheet, begin, row.middle, beyond, place + HEADER / 2)
            _card(sheet, plan, plan.menus[row.draws], column=column + 1, left=beyond, top=place)


def _row(sheet: _Sheet, plan: MenuPlan, way: tuple[str, Choice], middle: float) -> _Row:
    """Say what stands beside a key; a menu drawn elsewhere is named with an arrow back."""
    key, choice = way
    onward = choice.to.name if choice.to.to is To.MENU else choice.then
    is_new = bool(onward) and onward not in sheet.placed
    sheet.placed |= {onward} if is_new else set()
    draws = onward if is_new else ""
    if choice.to.to is To.MENU:
        spoken = f"（{plan.languages[choice.language].label}）" if choice.language else ""
        return _Row(key, choice, middle, "" if is_new else f"↩ {plan.menus[onward].label}{spoken}", draws=draws)
    place = _queue(choice.to.name) if choice.to.to is To.QUEUE else PLACES_IN_CHINESE[choice.to.to]
    is_told = choice.request is not None and choice.to.to is not To.EMERGENCY
    notes = [f"记为{KIND_IN_CHINESE[choice.request]}"] if choice.request and is_told else []
    notes += [f"↩ {plan.menus[onward].label}"] if onward and not is_new else []
    return _Row(key, choice, middle, place, "　".join(notes), draws)


def _face(sheet: _Sheet, menu: Menu, left: float, top: float, height: float) -> None:
    repeats = "" if "*" in menu.choices else "　* 重听"
    times = f"等 {menu.waits.total_seconds():g} 秒　至多 {menu.asks} 遍{repeats}"
    across, down = CARD_WIDTH - 24, HEADER - 12
    round_top = f"M{left:g},{top + HEADER:g} v-{down} q0,-12 12,-12 h{across} q12,0 12,12 v{down} z"
    sheet.marks += [
        _box(left, top, CARD_WIDTH, height, fill="#ffffff"),
        f'<path d="{round_top}" fill="#e4eaf1"/>',
        _words(left + 16, top + 25, menu.label, size=17, weight=700),
        _words(left + CARD_WIDTH - 14, top + 25, menu.name, size=12.5, ink=MUTED, anchor="end"),
        _words(left + 16, top + 46, times, size=12.5, ink=MUTED),
        _box(left, top, CARD_WIDTH, height, fill="none", stroke="#cfd8e1"),
    ]


def _key(sheet: _Sheet, left: float, middle: float, key: str, choice: Choice) -> None:
    ink = INK[To.EMERGENCY][0] if choice.to.to is To.EMERGENCY else TEXT
    if key:
        sheet.marks.append(_box(left + 16, middle - 13, 30, 26, radius=7, fill="#ffffff", stroke=ink))
        sheet.marks.append(_words(left + 31, middle + 5.5, key, weight=700, anchor="middle", ink=ink))
    else:
        sheet.marks.append(_words(left + 31, middle + 5, "—", anchor="middle", ink=MUTED))
    sheet.marks.append(_words(left + 60, middle + 5.5, choice.label, ink=ink if key else MUTED))


def _pill(sheet: _Sheet, row: _Row, left: float) -> None:
    """Draw what a choice leads to."""
    ink, ground = INK[row.choice.to.to]
    sheet.marks += [
        _box(left, row.middle - PILL / 2, row.pill, PILL, radius=PILL / 2, fill=ground),
        _words(left + row.pill / 2, row.middle + 5, row.place, size=14, ink=ink, weight=500, anchor="middle"),
    ]
    if row.note:
        sheet.marks.append(_words(left + row.pill + 8, row.middle + 4.5, row.note, size=12.5, ink=MUTED))
    sheet.right = max(sheet.right, left + row.length)


def _queue(name: str) -> str:
    return QUEUES_IN_CHINESE.get(name, f"队列 {name}")


def _arrow(sheet: _Sheet, x: float, y: float, to_x: float, to_y: float) -> None:
    """Draw a line that stays level until it is past everything in its row, then bends to where it leads."""
    bend, end = max(x, to_x - GUTTER), to_x - 3
    way = f"H{end:g}" if y == to_y else f"H{bend:g} C{end - 16:g},{y:g} {bend + 16:g},{to_y:g} {end:g},{to_y:g}"
    sheet.marks.append(
        f'<path d="M{x:g},{y:g} {way}" fill="none" stroke="{LINE}" stroke-width="1.6" marker-end="url(#tip)"/>'
    )


def _box(
    x: float, y: float, width: float, height: float, *, fill: str, stroke: str = "none", radius: float = 12
) -> str:
    place = f'x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="{radius:g}"'
    return f'<rect {place} fill="{fill}" stroke="{stroke}" stroke-width="1.2"/>'


def _words(
    x: float, y: float, text: str, *, size: float = 15, ink: str = TEXT, weight: int = 400, anchor: str = "start"
) -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" fill="{ink}" font-weight="{weight}" text-anchor="{anchor}">'
        f"{escape(text)}</text>"
    )


def _width(text: str, size: float) -> float:
    """Estimate the width of a text: a Chinese character is as wide as high."""
    return sum(size if ord(sign) > 0x2000 else size * (0.25 if sign == " " else 0.56) for sign in text)


def hours_in_chinese(hours: WeeklyHours) -> list[str]:
    """Return the hours as lines: days that are alike together, then holidays, then how many days are otherwise."""
    lines = []
    for spans, days in groupby(zip(DAYS, hours.week, strict=True), key=lambda day: day[1]):
        names = [DAYS_IN_CHINESE[day] for day, _ in days]
        named = "每天" if len(names) == 7 else f"周{names[0]}" + (f"至周{names[-1]}" if len(names) > 1 else "")
        first, *others = _spans_in_chinese(spans)
        lines += [f"{named} {first}", *(f"{'　' * len(named)} {span}" for span in others)]
    if hours.holidays is None:
        lines.append("法定节假日照常")
    elif hours.holidays:
        lines.append(f"法定节假日 {'、'.join(_spans_in_chinese(hours.holidays))}")
    else:
        lines.append("法定节假日休息，调休上班")
    if hours.exceptions:
        lines.append(f"另有 {len(hours.exceptions)} 天例外")
    return lines


def _spans_in_chinese(spans: Spans) -> list[str]:
    return [str(span).replace("-", "–") for span in spans] or ["休息"]


def as_mermaid(plan: MenuPlan) -> str:
    """Return the plan as a Mermaid flow chart, for pages that draw those themselves."""
    lines, ends = ["flowchart LR"], dict[str, str]()
    for number, (name, title, when) in enumerate(_doors(plan)):
        lines.append(f'  door{number}(["{_quoted(title)}<br/>{_quoted("；".join(when))}"]) --> {_id(name)}')
    for menu in plan.menus.values():
        lines.append(f'  {_id(menu.name)}["{_quoted(menu.label)}"]')
        for key, choice in sorted(menu.ways(), key=lambda way: ORDER.index(way[0]) if way[0] else len(KEYS)):
            end = _id(choice.to.name) if choice.to.to is To.MENU else f"{_end(choice.to)}"
            if choice.to.to is not To.MENU:
                ends[end] = _queue(choice.to.name) if choice.to.to is To.QUEUE else PLACES_IN_CHINESE[choice.to.to]
            lines.append(f'  {_id(menu.name)} -- "{_quoted(f"{key} {choice.label}".strip())}" --> {end}')
            if choice.then:
                lines.append(f"  {end} --> {_id(choice.then)}")
    lines += [f'  {end}(["{_quoted(label)}"])' for end, label in sorted(ends.items())]
    return "\n".join(dict.fromkeys(lines)) + "\n"


def _id(menu: str) -> str:
    return "menu_" + menu.replace("-", "_")


def _end(target: Target) -> str:
    return "to_" + str(target).replace(":", "_").replace("-", "_")


def _quoted(text: str) -> str:
    return escape(text).replace("*", "#42;")

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest

from hotline.hours import WeeklyHours, parse_spans
from hotline.ivr.menu import Choice, MenuPlan, Target, To
from hotline.ivr.menu_file import read_menu_file
from hotline.ivr.menu_picture import as_mermaid, as_svg, hours_in_chinese
from hotline.ivr.menu_rules import Known
from hotline.settings import SHIPPED_MENUS

ROOT = Path(__file__).parents[3]
PLAN = read_menu_file(SHIPPED_MENUS, Known(frozenset({"service", "repair", "complaint", "english"})))
DAILY = (parse_spans("09:00-18:00"),) * 7


def words(svg: str) -> list[str]:
    return [text.text or "" for text in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def boxes(svg: str, width: int) -> list[tuple[float, float, float, float]]:
    found = []
    for box in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}rect"):
        x, y, across, down = (float(box.get(name, "0")) for name in ("x", "y", "width", "height"))
        if across == width and box.get("fill") != "none":
            found.append((x, y, x + across, y + down))
    return found


def with_choice(plan: MenuPlan, menu: str, key: str, choice: Choice) -> MenuPlan:
    changed = replace(plan.menus[menu], choices={**plan.menus[menu].choices, key: choice})
    return replace(plan, menus={**plan.menus, menu: changed})


def test_the_picture_of_the_repository_is_what_the_tool_draws() -> None:
    drawn = (ROOT / "docs/pictures/menu.svg").read_text(encoding="utf-8")

    assert drawn == as_svg(PLAN), "run: python -m hotline ivr graph deploy/menus.toml -o docs/pictures/menu.svg"


def test_every_key_label_and_menu_is_in_the_picture() -> None:
    said = words(as_svg(PLAN))

    for menu in PLAN.menus.values():
        assert menu.label in said
        for key, choice in menu.ways():
            assert choice.label in said
            assert not key or key in said


def test_each_menu_is_drawn_once_however_many_ways_lead_to_it() -> None:
    plan = with_choice(PLAN, "closed", "3", Choice(label="费用", to=Target(To.MENU, "fees")))
    plan = with_choice(plan, "main", "5", Choice(label="夜间", to=Target(To.MENU, "closed")))

    svg = as_svg(plan)

    assert len(boxes(svg, 250)) == len(plan.menus)
    assert "↩ 咨询与费用" in words(svg)
    assert "↩ 非工作时间" in words(svg)


def test_no_menu_is_drawn_over_another_nor_outside_the_picture() -> None:
    plan, several = PLAN, dict(PLAN.menus)
    for number in range(4):
        name = f"more-{number}"
        several[name] = replace(PLAN.menus["fees"], name=name, choices={"9": PLAN.menus["main"].choices["9"]})
        plan = with_choice(replace(plan, menus={**plan.menus, name: several[name]}), "main", "5671"[number],
                           Choice(label="更多", to=Target(To.MENU, name)))  # fmt: skip

    svg = as_svg(plan)

    cards = boxes(svg, 250)
    assert len(cards) == 8
    for one in cards:
        others = [other for other in cards if other != one]
        assert not [o for o in others if one[0] < o[2] and o[0] < one[2] and one[1] < o[3] and o[1] < one[3]]
    root = ElementTree.fromstring(svg)
    assert all(card[2] <= float(root.get("width", 0)) and card[3] <= float(root.get("height", 0)) for card in cards)


def test_a_label_cannot_break_out_of_the_picture() -> None:
    plan = with_choice(PLAN, "main", "5", Choice(label='<b>"&', to=Target(To.QUEUE, "garden")))

    assert '<b>"&' in words(as_svg(plan))
    assert "队列 garden" in words(as_svg(plan))
    assert "<b>" not in as_mermaid(plan)


def test_one_menu_for_all_hours_has_one_entrance() -> None:
    said = words(
        as_svg(replace(PLAN, closed_menu="main", menus={k: v for k, v in PLAN.menus.items() if k != "closed"}))
    )

    assert "☎ 任何时间来电" in said
    assert "☎ 其余时间来电" not in said


def test_the_mermaid_text_has_an_arrow_for_every_key() -> None:
    lines = as_mermaid(PLAN).splitlines()

    assert lines[0] == "flowchart LR"
    assert '  menu_main -- "1 报修" --> to_queue_repair' in lines
    assert "  to_arrears --> menu_after_enquiry" in lines
    arrows = [line for line in lines if re.match(r"  menu_\w+ -- ", line)]
    assert len(arrows) == sum(len(menu.choices) + 1 for menu in PLAN.menus.values())


@pytest.mark.parametrize(
    ("hours", "lines"),
    [
        (WeeklyHours(week=DAILY), ["每天 09:00–18:00", "法定节假日照常"]),
        (
            WeeklyHours(week=(*DAILY[:5], (), ()), holidays=()),
            ["周一至周五 09:00–18:00", "周六至周日 休息", "法定节假日休息，调休上班"],
        ),
        (
            WeeklyHours(week=(*DAILY[:6], parse_spans("08:00-12:00,14:00-16:00")), holidays=parse_spans("10:00-16:00"),
                        exceptions={date(2027, 2, 16): ()}),
            ["周一至周六 09:00–18:00", "周日 08:00–12:00", "　　 14:00–16:00", "法定节假日 10:00–16:00",
             "另有 1 天例外"],
        ),
    ],
)  # fmt: skip
def test_hours_are_told_as_people_tell_them(hours: WeeklyHours, lines: list[str]) -> None:
    assert hours_in_chinese(hours) == lines

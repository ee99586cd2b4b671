"""Say in Chinese what is wrong with a menu text. Pure: the reason as the reader gives it in, the same in Chinese out.

The reader (`ivr/menu_form.py`, `menu_rules.py`, `hours.py`) and pydantic speak English, for the log and the command
line. Each of their sentences has a row here; a test holds the rows against every sentence there is. What has none comes
back as it is.
"""

import re
from collections.abc import Callable
from typing import Final

Row = tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]

_DAYS: Final = dict(zip(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "一二三四五六日", strict=True))


def _rows(*pairs: tuple[str, str | Callable[[re.Match[str]], str]]) -> tuple[Row, ...]:
    return tuple((re.compile(pattern, re.DOTALL), said) for pattern, said in pairs)


def _days(found: re.Match[str]) -> str:
    days = "、".join(f"周{_DAYS.get(day, day)}" for day in found[1].split(", "))
    return f"缺少{days}的时间：逐日写明，或写 every_day"


_SENTENCES: Final = _rows(
    # what is not there
    (r"there is no menu '(.*)'; there are (.*)", r"没有名为“\1”的菜单；已有：\2"),
    (r"there is no menu '(.*)'", r"没有名为“\1”的菜单"),
    (
        r"there is no queue '(.*)'; there are (.*) \(setting queues\.skills\)",
        r"没有队列“\1”；已有：\2（设置 queues.skills）",
    ),
    (r"there are no sounds in this language", "这种语言没有任何提示音"),
    (r"there is no language '(.*)'; add \[languages\.(.*)\]", r"没有语言“\1”；请添加 [languages.\2]"),
    (r"there is no sound of the prompt '(.*)' in (.*)", r"提示音“\1”没有声音（语言：\2）；请先在“提示音”页录制"),
    (r"nobody reaches this menu: .*", "没有任何按键或入口通向这个菜单"),
    # ways that must not be
    (
        r"only after progress or arrears a caller hears a menu: (.*) takes them away",
        r"只有播报进度或欠费之后才能再听菜单：\1 会把来电带走",
    ),
    (r"key 9 is missing: .*", "缺少 9 键：每个菜单的 9 键都必须是紧急求助（emergency）"),
    (r"key 9 must be emergency in every menu, not (.*)", r"每个菜单的 9 键都必须通向紧急求助（emergency），不能是 \1"),
    (r"key 0 must lead to a person, not (.*)", r"0 键必须通向人工或留言，不能是 \1"),
    (
        r"a silent caller never gets out: (.*); lead silence to a person",
        r"不按键的来电会一直绕圈：\1；请把不按键引向人工",
    ),
    (
        r"silence ends with (.*); it must end with a person, the message box or goodbye",
        r"不按键最后到了 \1；必须到人工、留言或道别为止",
    ),
    (
        r"a caller who cannot press keys would never reach anybody: .*",
        "不能按键的来电将永远找不到人：请把不按键引向人工",
    ),
    # names and kinds of values
    (r"'to' is missing: where does this key lead\?", "缺少 to：这个键通向哪里？"),
    (r"'to' is missing: where is a silent caller led\?", "缺少 to：不按键的来电引向哪里？"),
    (r"((?:\w{3}, )*\w{3}) missing: name each day's hours, or every_day", _days),
    (r"this name is unknown here; known are (.*)", r"这里没有这个名称；可用：\1"),
    (r"'(.*)' cannot be a name: .*", r"“\1”不能作名称：请用小写字母、数字和连字符，以字母开头"),
    (r"'(.*)' cannot be the id of a prompt: .*", r"“\1”不能作提示音编号：请用小写字母、数字和连字符"),
    (r"'(.*)' is no language: .*", r"“\1”不是语言：请写两个小写字母，如 zh 或 en"),
    (r"'(.*)' is no key for a choice: .*", r"“\1”不是可选的按键：请用 0 到 9 或 *；# 在每个菜单里都表示不同意录音"),
    (r"is missing", "缺少这一项"),
    (r"must be a table of names", "必须是一组“名称 = 值”"),
    (r"must be a list in brackets", "必须是方括号里的列表"),
    (r"must be text in quotes: \"09:00-18:00\" or \"closed\"", '必须是引号里的文字，如 "09:00-18:00" 或 "closed"'),
    (r"must be text in quotes", "必须是引号里的文字"),
    (r"must not be empty", "不能为空"),
    (r"must be greater than or equal to (.*)", r"不能小于 \1"),
    (r"must be less than or equal to (.*)", r"不能大于 \1"),
    (r"must be a valid integer.*", "必须是整数"),
    (r"must be a valid number.*", "必须是数字"),
    (r"must be a finite number.*", "必须是有限的数字"),
    (r"must be a valid string.*", "必须是文字"),
    (r"must be ('.*')", lambda found: f"只能是 {found[1].replace(' or ', '、').replace(', ', '、')} 之一"),
    (r"String should have at most (\d+) characters?", r"最多 \1 个字"),
    (r"String should have at least (\d+) characters?", r"至少 \1 个字"),
    (r"Tuple should have at most (\d+) items? after validation, not .*", r"最多 \1 项"),
    (r"Dictionary should have at least 1 item after validation, not 0", "至少要有一项"),
    (r"'(.*)' is nowhere a caller can be led: write one of (.*)", r"来电不能被引到“\1”；可写：\2"),
    (r"'(.*)': write (\w+):NAME", r"“\1”应写成 \2:名称"),
    (r"'(.*)': (\w+) has no name", r"“\1”：\2 后面不带名称"),
    # hours
    (r"'(.*)' is no day: write 2027-02-16", r"“\1”不是日期：请写成 2027-02-16"),
    (r"'(.*)' is no span of hours: .*", r"“\1”不是时间段：请写 09:00-18:00，几段之间用逗号，全天休息写 closed"),
    (r"'(.*)' names a time that no day has", r"“\1”里有一天中不存在的时间"),
    (r"'(.*)' ends as it begins: .*", r"“\1”首尾相同：全天请写 00:00-24:00，休息请写 closed"),
    (r"(.*) and (.*) overlap or touch: write them as one", r"\1 与 \2 重叠或相接：请合成一段"),
    (r"the desk is closed on every day of the week", "一周七天都不开放"),
    (
        r"(\w+)'s (.*) reaches into (\w+)'s (.*)",
        lambda found: (
            f"周{_DAYS.get(found[1], found[1])}的 {found[2]} 伸进了周{_DAYS.get(found[3], found[3])}的 {found[4]}"
        ),
    ),
    (r"it has over (\d+) KiB", r"全文超过 \1 KiB"),
    # TOML
    (r"'(.*)' stands twice", r"“\1”写了两次"),
    (r"this table stands twice", "这个表写了两次"),
    (r"is no TOML: Invalid value", "写法不对：等号右边不是 TOML 的值（文字要加引号）"),
    (r"is no TOML: Expected '=' after a key in a key/value pair", "写法不对：名称后面缺少等号"),
    (r"is no TOML: Expected newline or end of document after a statement", "写法不对：一行只能写一项"),
    (r"is no TOML: Unclosed inline table", "写法不对：花括号没有收尾"),
    (r"is no TOML: Unclosed array", "写法不对：方括号没有收尾"),
    (r"is no TOML: (?:Unterminated string|Illegal character '\\n')", "写法不对：引号没有收尾"),
    (r"is no TOML: Invalid statement", "写法不对：这一行不是“名称 = 值”，也不是 [表]"),
    (r"is no TOML: Invalid initial character for a key part", "写法不对：名称的写法不对（特殊符号要加引号）"),
    (r"is no TOML: Expected ']' at the end of a table declaration", "写法不对：表名后面缺少 ]"),
    (r"is no TOML: (.*)", r"不是 TOML 的写法（\1）"),
)


def reason_in_chinese(reason: str) -> str:
    """Return a reason in Chinese, or as it is where nobody has said it before."""
    for pattern, said in _SENTENCES:
        found = pattern.fullmatch(reason)
        if found:
            return found.expand(said) if isinstance(said, str) else said(found)
    return reason

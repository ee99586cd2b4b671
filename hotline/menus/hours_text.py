"""Write other hours into the text of the menus; every other byte, comments too, stays as it was. Pure.

`tomlkit` keeps what it does not change. Only names whose hours are others are written: a value that says the same in
its own way ("09:00 - 18:00") is left alone. What was written is read again and compared before anybody gets it.
"""

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, Final

import tomlkit
from tomlkit.container import Container
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import InlineTable, Item, Table

from hotline.errors import HotlineError
from hotline.hours import CLOSED, DAYS, WeeklyHours, parse_spans
from hotline.ivr.menu_form import AS_WEEKDAY, read_hours
from hotline.menus.hours_asked import spans_text

HOURS: Final = "hours"
EXCEPTIONS: Final = "exceptions"
EVERY_DAY: Final = "every_day"

Edits = dict[str, str | None]
"""By name the text to be written; None: the name goes."""


class HoursNotWritable(HotlineError):
    """The text of the menus has its hours in a form that is changed by hand only, on the page of menus."""

    error_id = "hours-not-writable"

    def __init__(self) -> None:
        super().__init__("the hours in the menus' text cannot be changed by the form: change the text")


def with_hours(text: str, hours: WeeklyHours) -> str:
    """Return the text of good menus with these hours. Raises HoursNotWritable; the same text where nothing differs."""
    before = tomllib.loads(text)
    whole = text if text.endswith("\n") else text + "\n"  # or what is added would join the last line
    try:
        document = tomlkit.parse(whole)
        said = before[HOURS]
        _edit(list(_tables(document, HOURS)), {**_week(said, hours), **_holidays(said, hours)})
        _edit_exceptions(document, _exceptions(said, hours))
        written = tomlkit.dumps(document)
        after = tomllib.loads(written)
        if _rest(after) == _rest(before) and read_hours(after[HOURS]) == read_hours(dict(_plain(hours))):
            return text if written == whole else written
    except (TOMLKitError, ValueError, LookupError, TypeError, AttributeError) as wrong:
        raise HoursNotWritable from wrong
    raise HoursNotWritable


def carried(text: str, was: WeeklyHours, hours: WeeklyHours) -> str:
    """Return a text that has the hours of before with the new ones; any other, and one that is no TOML, as it is."""
    try:
        return with_hours(text, hours) if read_hours(tomllib.loads(text)[HOURS]) == was else text
    except (HoursNotWritable, ValueError, LookupError, RecursionError):
        return text


def _week(said: Mapping[str, Any], hours: WeeklyHours) -> Edits:
    wanted = dict(zip(DAYS, hours.week, strict=True))
    differs = {
        day: spans for day, spans in wanted.items() if parse_spans(said.get(day, said.get(EVERY_DAY, CLOSED))) != spans
    }
    if not differs or EVERY_DAY not in said:
        return {day: spans_text(spans) for day, spans in differs.items()}
    if len(set(hours.week)) == 1:
        edits: Edits = {day: None for day in DAYS if day in said}
        if parse_spans(said[EVERY_DAY]) != hours.week[0]:
            edits[EVERY_DAY] = spans_text(hours.week[0])
        return edits
    every = parse_spans(said[EVERY_DAY])
    return {day: None if spans == every else spans_text(spans) for day, spans in differs.items()}


def _holidays(said: Mapping[str, Any], hours: WeeklyHours) -> Edits:
    text = said.get("holidays", AS_WEEKDAY)
    if (None if text == AS_WEEKDAY else parse_spans(text)) == hours.holidays:
        return {}
    return {"holidays": AS_WEEKDAY if hours.holidays is None else spans_text(hours.holidays)}


def _exceptions(said: Mapping[str, Any], hours: WeeklyHours) -> Edits:
    there = said.get(EXCEPTIONS, {})
    wanted = {day.isoformat(): spans for day, spans in sorted(hours.exceptions.items())}
    gone: Edits = {day: None for day in there if day not in wanted}
    return gone | {
        day: spans_text(spans) for day, spans in wanted.items() if day not in there or parse_spans(there[day]) != spans
    }


def _edit_exceptions(document: Container, edits: Edits) -> None:
    hours = list(_tables(document, HOURS))
    places = [place for table in hours for place in _tables(table.value, EXCEPTIONS)]
    if places or not edits:
        _edit(places, edits)
        return
    table = tomlkit.table()
    for day, text in edits.items():
        table.append(day, text)
    table.trivia.indent = "\n"
    _insert(_own(hours), EXCEPTIONS, table)


def _edit(places: list[Any], edits: Edits) -> None:
    """Write into the tables of one name (a text may have it in parts), what is there first: what is new moves it."""
    new: dict[str, str] = {}
    for name, text in edits.items():
        place = next((place for place in places if name in place), None)
        if text is None:
            if place is not None:
                place.remove(name)
        elif place is None:
            new[name] = text
        else:
            place[name] = text
    for name, text in new.items():
        _insert(_own(places), name, tomlkit.string(text))


def _own(places: list[Any]) -> Any:
    """Return the table that has its own heading; what stands in [a.b] alone has none for [a]."""
    for place in places:
        if not (isinstance(place, Table) and place.is_super_table()):
            return place
    raise LookupError


def _insert(table: Any, name: str, value: Item) -> None:
    """Put a name behind the last one of a table, before the empty lines and comments that lead to the next table."""
    if isinstance(table, InlineTable):
        table[name] = value
        return
    body = table.value.body
    last = max((n for n, (key, one) in enumerate(body) if key is not None and not isinstance(one, Table)), default=-1)
    body.insert(last + 1, (tomlkit.key(name), value))


def _tables(container: Container, name: str) -> Iterator[Any]:
    for key, item in container.body:
        if key is not None and key.key == name and isinstance(item, Table | InlineTable):
            yield item


def _rest(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != HOURS}


def _plain(hours: WeeklyHours) -> Iterator[tuple[str, Any]]:
    yield from zip(DAYS, map(spans_text, hours.week), strict=True)
    yield "holidays", AS_WEEKDAY if hours.holidays is None else spans_text(hours.holidays)
    yield EXCEPTIONS, {day.isoformat(): spans_text(spans) for day, spans in hours.exceptions.items()}

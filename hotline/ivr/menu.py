"""What a caller may choose, and where each choice leads. Pure: a key in, the next step out.

A `MenuPlan` is a whole checked menu file (menu_form reads it, menu_rules checks it). A session walks one caller:
`plan.menu_at` is where they begin, `begin` and `after` lead through one menu, `lead_on` from it to the next menu or
out. A caller who presses nothing goes to people after one hearing, one who presses wrong keys after `asks`; nobody is
kept in menus.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Self

from hotline.dutylog.entry import Kind
from hotline.hours import WeeklyHours, is_open

REPEAT_KEY: Final = "*"
PEOPLE_KEY: Final = "0"
EMERGENCY_KEY: Final = "9"
KEYS: Final = "0123456789*#"  # any key interrupts a prompt: a wrong one is answered at once, too
MOST_MENUS: Final = 9  # heard in one call; who wants a tenth is led on as a silent caller is


class To(StrEnum):
    """Where a choice may lead. `queue` and `menu` have a name: `queue:repair`."""

    QUEUE = "queue"
    MENU = "menu"
    EMERGENCY = "emergency"
    DUTY = "duty"
    MESSAGE = "message"
    PROGRESS = "progress"
    ARREARS = "arrears"
    GOODBYE = "goodbye"


NAMED: Final = frozenset({To.QUEUE, To.MENU})
PEOPLE: Final = frozenset({To.QUEUE, To.EMERGENCY, To.DUTY})
TELLING: Final = frozenset({To.PROGRESS, To.ARREARS})  # the menu tells something, and the caller goes on


@dataclass(frozen=True, slots=True)
class Target:
    """Where a choice leads, with the name of the queue or menu."""

    to: To
    name: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `queue:repair`, `menu:fees` or `emergency`. Raises ValueError, in clear words."""
        kind, colon, name = text.partition(":")
        if kind not in frozenset(To):  # a plain `in To` raises before Python 3.12
            known = ", ".join(f"{to}:NAME" if to in NAMED else to for to in To)
            raise ValueError(f"'{text}' is nowhere a caller can be led: write one of {known}")
        if bool(name) != (To(kind) in NAMED) or bool(colon) != bool(name):
            raise ValueError(f"'{text}': write {kind}:NAME" if To(kind) in NAMED else f"'{text}': {kind} has no name")
        return cls(To(kind), name)

    def __str__(self) -> str:
        return f"{self.to}:{self.name}" if self.name else str(self.to)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a key, or silence, does.

    `prompt` is said once it is chosen ("" for none), `request` is the kind of request the call is taken for, `language`
    the one spoken from here on, `then` the menu heard after something was told (progress, arrears).
    """

    label: str
    to: Target
    prompt: str = ""
    request: Kind | None = None
    priority: int = 0
    language: str = ""
    then: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """A menu: what it says, what may be pressed, how long it waits for a key, how often it asks."""

    name: str
    label: str
    prompts: tuple[str, ...]
    choices: Mapping[str, Choice]
    when_silent: Choice
    invalid: str = "invalid-choice"
    waits: timedelta = timedelta(seconds=4)
    asks: int = 2

    def ways(self) -> Iterator[tuple[str, Choice]]:
        """Yield each key with its choice, and "" with that of silence."""
        yield from self.choices.items()
        yield "", self.when_silent


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """A language callers may choose. With a `queue`, who speaks it waits there, whatever they chose."""

    label: str
    queue: str = ""
    leaves_out: frozenset[str] = frozenset()  # prompts not said in it


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuPlan:
    """A whole menu file. The first language is the one every call begins in."""

    version: str
    hours: WeeklyHours
    open_menu: str
    closed_menu: str
    languages: Mapping[str, Language]
    menus: Mapping[str, Menu]

    @property
    def first_language(self) -> str:
        return next(iter(self.languages))

    def menu_at(self, now: datetime, language: str = "") -> Menu:
        """Return where a caller begins at this moment, given in the centre's time zone."""
        return self.menu(self.open_menu if is_open(self.hours, now) else self.closed_menu, language)

    def by_hand(self, *, was_open: bool, is_open: bool) -> Self:
        """Return the plan of a house that somebody opened or closed before its time (hotline/livehelp/by_hand.py)."""
        if was_open == is_open:
            return self
        return replace(self, closed_menu=self.open_menu) if is_open else replace(self, open_menu=self.closed_menu)

    def menu(self, name: str, language: str = "") -> Menu:
        """Return a menu as a caller of this language meets it; an unknown language is the first. Raises KeyError."""
        menu, chosen = self.menus[name], language if language in self.languages else self.first_language
        spoken = self.languages[chosen]
        return replace(
            menu,
            prompts=tuple(prompt for prompt in menu.prompts if prompt not in spoken.leaves_out),
            choices=MappingProxyType(
                {key: _in(spoken, choice) for key, choice in menu.choices.items() if choice.language != chosen}
            ),
            when_silent=_in(spoken, menu.when_silent),
        )

    def prompts(self, language: str = "") -> frozenset[str]:
        """Return every prompt that may be played to a caller of this language."""
        menus = [self.menu(name, language) for name in self.menus]
        said = {choice.prompt for menu in menus for _, choice in menu.ways()} - {""}
        return frozenset(said.union(*({*menu.prompts, menu.invalid} for menu in menus)))


def _in(spoken: Language, choice: Choice) -> Choice:
    if spoken.queue and choice.to.to is To.QUEUE:
        return replace(choice, to=Target(To.QUEUE, spoken.queue))
    return choice


@dataclass(frozen=True, slots=True)
class Ask:
    """Play these prompts, then wait for a key. `asked` counts the times so far."""

    prompts: tuple[str, ...]
    asked: int


@dataclass(frozen=True, slots=True)
class Lead:
    """Lead the caller on; `key` is what was pressed, "" for a caller who pressed nothing that leads anywhere."""

    key: str
    choice: Choice


def begin(menu: Menu) -> Ask:
    """Return the first step."""
    return Ask(menu.prompts, asked=1)


def after(menu: Menu, step: Ask, key: str) -> Ask | Lead:
    """Return the step that follows a key, or the silence "", at this step."""
    if key in menu.choices:
        return Lead(key, menu.choices[key])
    if not key or step.asked >= menu.asks:
        return Lead("", menu.when_silent)
    if key == REPEAT_KEY:
        return Ask(menu.prompts, asked=step.asked + 1)
    return Ask((menu.invalid, *menu.prompts), asked=step.asked + 1)


def lead_on(plan: MenuPlan, choice: Choice, *, language: str, heard: int) -> Menu | Choice:
    """Return the menu that a choice leads to, in the caller's language, or the choice that leads out of all menus.

    `heard` counts the menus this caller heard. Who has heard too many follows silence from menu to menu to its end,
    which every checked plan has.
    """
    while choice.to.to is To.MENU:
        menu = plan.menu(choice.to.name, choice.language or language)
        if heard < MOST_MENUS:
            return menu
        choice = menu.when_silent
    return choice

"""What a caller may choose, and where each choice leads. Pure: a key in, the next step out.

A caller who presses nothing goes to people after one hearing, one who presses wrong keys after two: nobody is kept in a
menu. The emergency key is named first: somebody trapped does not wait for the end of a list.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Final

REPEAT_KEY: Final = "*"
KEYS: Final = "0123456789*#"  # any key interrupts a prompt: a wrong one is answered at once, too


@dataclass(frozen=True, slots=True)
class Choice:
    """Where a key leads: the prompt that says so, and the queue."""

    prompt: str
    queue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """A menu: what it says, what may be pressed, how long it waits, how often it asks."""

    prompt: str
    prompt_invalid: str
    choices: Mapping[str, Choice]
    when_silent: Choice
    waits: timedelta = timedelta(seconds=4)
    asks: int = 2


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
    return Ask((menu.prompt,), asked=1)


def after(menu: Menu, step: Ask, key: str) -> Ask | Lead:
    """Return the step that follows a key, or the silence "", at this step."""
    if key in menu.choices:
        return Lead(key, menu.choices[key])
    if not key or step.asked >= menu.asks:
        return Lead("", menu.when_silent)
    if key == REPEAT_KEY:
        return Ask((menu.prompt,), asked=step.asked + 1)
    return Ask((menu.prompt_invalid, menu.prompt), asked=step.asked + 1)


# The demo plan of the outer contract: 1 repair, 2 complaint, 3 enquiry and fees, 4 progress, 0 people, 9 emergency.
MAIN_MENU: Final = Menu(
    prompt="menu",
    prompt_invalid="invalid-choice",
    choices=MappingProxyType(
        {
            "1": Choice("chosen-repair", "service"),
            "2": Choice("chosen-complaint", "service"),
            "3": Choice("chosen-enquiry", "service"),
            "4": Choice("progress-unavailable", "service"),
            "0": Choice("chosen-people", "service"),
            "9": Choice("emergency", "emergency"),
        }
    ),
    when_silent=Choice("connecting", "service"),
)


def prompts_of(menu: Menu) -> set[str]:
    """Return every prompt the menu may play."""
    said = {choice.prompt for choice in (*menu.choices.values(), menu.when_silent)}
    return said | {menu.prompt, menu.prompt_invalid}

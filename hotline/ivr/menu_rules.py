"""What must hold of a whole menu plan before a caller meets it. Pure: a plan in, what is wrong with it out.

Each rule keeps one promise of the desk: nobody is led to something that is not there, nobody goes round in circles
without an end, danger is always one key away, and silence, which is all a rotary telephone has, ends with a person.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from hotline.ivr.menu import EMERGENCY_KEY, PEOPLE, PEOPLE_KEY, TELLING, Choice, Menu, MenuPlan, To

ENDS: Final = PEOPLE | {To.MESSAGE, To.GOODBYE}
Place = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What a plan may name: the switch's queues, and by language the prompts there are sounds of.

    A language that is not among them has no sounds. With `prompts` None, prompts are not checked.
    """

    queues: frozenset[str]
    prompts: Mapping[str, Collection[str]] | None = field(default=None)


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing wrong with a plan, and where in the file it stands."""

    place: Place
    reason: str


def wrongs(plan: MenuPlan, known: Known) -> list[Wrong]:
    """Return everything that is wrong with a plan; nothing for a good one."""
    names, keys = list(_names(plan, known)), list(_keys(plan))
    if any(wrong.place[-1] in {"to", "then", "open", "closed"} for wrong in names):
        return [*names, *keys]  # the ways cannot be followed while some lead nowhere
    return [*names, *keys, *_ways(plan), *_unreached(plan)]


def _names(plan: MenuPlan, known: Known) -> Iterator[Wrong]:
    for when, name in (("open", plan.open_menu), ("closed", plan.closed_menu)):
        if name not in plan.menus:
            yield Wrong(("entrance", when), f"there is no menu '{name}'")
    for code, language in plan.languages.items():
        if language.queue and language.queue not in known.queues:
            yield Wrong(("languages", code, "queue"), _no_queue(language.queue, known))
        if known.prompts is not None and code not in known.prompts:
            yield Wrong(("languages", code), "there are no sounds in this language")
    for menu in plan.menus.values():
        place = ("menus", menu.name)
        for prompt in menu.prompts:
            yield from _prompt(plan, known, (*place, "prompts"), prompt)
        yield from _prompt(plan, known, (*place, "invalid"), menu.invalid)
        for key, choice in menu.ways():
            yield from _choice(plan, known, (*place, *_way(key)), choice)


def _choice(plan: MenuPlan, known: Known, place: Place, choice: Choice) -> Iterator[Wrong]:
    target = choice.to
    if target.to is To.MENU and target.name not in plan.menus:
        yield Wrong((*place, "to"), f"there is no menu '{target.name}'; there are {_listed(plan.menus)}")
    if target.to is To.QUEUE and target.name not in known.queues:
        yield Wrong((*place, "to"), _no_queue(target.name, known))
    if choice.language and choice.language not in plan.languages:
        yield Wrong(
            (*place, "language"), f"there is no language '{choice.language}'; add [languages.{choice.language}]"
        )
    if choice.then and target.to not in TELLING:
        yield Wrong((*place, "then"), f"only after progress or arrears a caller hears a menu: {target} takes them away")
    elif choice.then and choice.then not in plan.menus:
        yield Wrong((*place, "then"), f"there is no menu '{choice.then}'; there are {_listed(plan.menus)}")
    if choice.prompt:
        yield from _prompt(plan, known, (*place, "prompt"), choice.prompt)


def _prompt(plan: MenuPlan, known: Known, place: Place, prompt: str) -> Iterator[Wrong]:
    sounds = known.prompts or {}
    silent_in = [
        code
        for code, language in plan.languages.items()
        if code in sounds and prompt not in sounds[code] and prompt not in language.leaves_out
    ]
    if silent_in:
        yield Wrong(place, f"there is no sound of the prompt '{prompt}' in {', '.join(silent_in)}")


def _ways(plan: MenuPlan) -> Iterator[Wrong]:
    told: set[frozenset[str]] = set()  # rings of menus that were named already
    for menu in plan.menus.values():
        yield from _silence(plan, menu, told)


def _keys(plan: MenuPlan) -> Iterator[Wrong]:
    for menu in plan.menus.values():
        place = ("menus", menu.name)
        danger, people = menu.choices.get(EMERGENCY_KEY), menu.choices.get(PEOPLE_KEY)
        if danger is None:
            yield Wrong((*place, "choices"), "key 9 is missing: it must be the emergency in every menu")
        elif danger.to.to is not To.EMERGENCY:
            yield Wrong(
                (*place, "choices", EMERGENCY_KEY, "to"), f"key 9 must be emergency in every menu, not {danger.to}"
            )
        if people is not None and people.to.to not in PEOPLE | {To.MESSAGE}:
            yield Wrong((*place, "choices", PEOPLE_KEY, "to"), f"key 0 must lead to a person, not {people.to}")


def _silence(plan: MenuPlan, menu: Menu, told: set[frozenset[str]]) -> Iterator[Wrong]:
    """Follow a caller who never presses a key."""
    place, passed, at = ("menus", menu.name, "when_silent", "to"), [menu.name], menu
    while at.when_silent.to.to is To.MENU:
        at = plan.menus[at.when_silent.to.name]
        passed.append(at.name)
        if passed.count(at.name) > 1:
            ring = frozenset(passed[passed.index(at.name) :])
            if ring in told:
                return
            told.add(ring)
            yield Wrong(place, f"a silent caller never gets out: {' → '.join(passed)}; lead silence to a person")
            return
    end = at.when_silent.to
    if end.to not in ENDS:
        yield Wrong(place, f"silence ends with {end}; it must end with a person, the message box or goodbye")
    elif end.to is To.GOODBYE and menu.name in {plan.open_menu, plan.closed_menu}:
        yield Wrong(place, "a caller who cannot press keys would never reach anybody: lead silence to a person")


def _unreached(plan: MenuPlan) -> Iterator[Wrong]:
    reached, waiting = set[str](), [plan.open_menu, plan.closed_menu]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += [choice.to.name for _, choice in plan.menus[name].ways() if choice.to.to is To.MENU]
            waiting += [choice.then for _, choice in plan.menus[name].ways() if choice.then]
    for name in plan.menus:
        if name not in reached:
            yield Wrong(("menus", name), "nobody reaches this menu: no key and no entrance leads to it")


def _way(key: str) -> Place:
    return ("choices", key) if key else ("when_silent",)


def _no_queue(name: str, known: Known) -> str:
    return f"there is no queue '{name}'; there are {_listed(known.queues)} (setting queues.skills)"


def _listed(names: Collection[str]) -> str:
    return ", ".join(sorted(names))

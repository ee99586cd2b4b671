"""Walk one caller through the menu: who calls, what is known of them, what they choose, and where to.

Every step has a lease: what a key may cut short is led by the switch, which then gives us the lease again; before any
other step we renew it by the step's own length and a little more. Whatever goes wrong here, the lease ends or the
connection closes, and the dialplan leads the caller to people: never to silence.
"""

import asyncio
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol, cast
from zoneinfo import ZoneInfo

import structlog

from hotline.campaigns.campaign import CampaignKind
from hotline.errors import HotlineError
from hotline.incidents.incident import FIXED_SENTENCE, Incident
from hotline.ivr import enquiry
from hotline.ivr.agi import AT_ONCE, AgiChannel
from hotline.ivr.enquiry import CollectDigits, Enquiry, Place, Proof, Topic
from hotline.ivr.facts import CallerFacts
from hotline.ivr.menu import KEYS, MOST_MENUS, Ask, Choice, Lead, Menu, MenuPlan, Target, To, after, begin, lead_on
from hotline.ivr.speech import SayName, Speech, Spoken
from hotline.queues.membership import EVERYBODY
from hotline.residents.resident import Home
from hotline.voice.sound import Language, Sound

log = structlog.get_logger()

QUEUE: Final = "HOTLINE_QUEUE"  # these are read by the dialplan when we are done
CASE_AGENT: Final = "HOTLINE_AGENT"
PRIORITY: Final = "HOTLINE_PRIORITY"
REFUSED: Final = "REFUSED"
RINGS_BACK: Final = "rings-back"  # the dialplan's word for a caller who dialled the number that we show
REFUSE_KEY: Final = "#"
ALONE_IS_WORTH: Final = 1  # a step of priority for an old person living alone: ten minutes of waiting
INCIDENT_WAITS: Final = timedelta(seconds=3)
TO_PEOPLE: Final = Choice(label="", to=Target(To.QUEUE, EVERYBODY))
TO_EMERGENCY: Final = Choice(label="", to=Target(To.EMERGENCY))
TO_GOODBYE: Final = Choice(label="", to=Target(To.GOODBYE))
TOPICS: Final = {To.PROGRESS: Topic.PROGRESS, To.ARREARS: Topic.ARREARS}


class LookUp(Protocol):
    """Who calls; never raises, never late (ivr.caller)."""

    async def look_up(self, number_text: str, *, rings_back: bool = False) -> CallerFacts: ...


class Proves(Protocol):
    """Whether digits prove a home; never raises, never late (ivr.proof)."""

    async def check(self, home: Home, digits: str) -> Proof: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuRooms:
    """What leading a caller takes."""

    plan: Callable[[], MenuPlan]
    now: Callable[[], datetime]
    zone: ZoneInfo
    speech: Speech
    caller: LookUp
    proof: Proves
    lease: int


class MenuSession:
    """Leads callers; one object serves them all. Who began with one plan ends with it."""

    def __init__(self, rooms: MenuRooms) -> None:
        self._rooms = rooms

    async def __call__(self, channel: AgiChannel) -> None:
        """Lead one caller from the first word to where they want to go."""
        rings_back = channel.call.arguments[1:] == (RINGS_BACK,)
        facts = await self._rooms.caller.look_up(channel.call.caller_number, rings_back=rings_back)
        plan = self._rooms.plan()
        caller = _Caller(channel, self._rooms, plan, facts)
        await caller.tell("LOOKUP", facts.result)
        choice = await caller.walk(_key_pressed_before(channel))
        if choice is not None:
            await caller.leave(choice)


class _Caller:
    """One caller on their way."""

    def __init__(self, channel: AgiChannel, rooms: MenuRooms, plan: MenuPlan, facts: CallerFacts) -> None:
        self._channel, self._rooms, self._plan, self._facts = channel, rooms, plan, facts
        self._language = plan.first_language
        self._priority = ALONE_IS_WORTH if facts.is_elderly_alone else 0
        self._has_refused = False
        self._is_proven = False

    async def walk(self, key: str) -> Choice | None:
        """Lead the caller; return where to, or None when all was said and they may hang up."""
        await self._speak_in(self._facts.language)
        if self._facts.rung_for is not None and not key:
            key = await self._say((_why_we_called(self._facts.rung_for),))
        if key not in {"0", "9"} and self._facts.incident is not None:
            key, is_over = await self._tell_of(self._facts.incident, key)
            if is_over:
                return None
        menu = self._plan.menu_at(self._now(), self._language)
        if not key:
            key, onward = await self._welcome(menu)
            if isinstance(onward, Choice):
                return onward
            menu = onward
        return await self._menus(menu, key)

    async def leave(self, choice: Choice) -> None:
        """Tell the dialplan where to, then the caller: one whose session dies in between is still led right."""
        await self._renew(0)
        await self._set(PRIORITY, str(min(9, self._priority + choice.priority)))
        await self._set(CASE_AGENT, self._facts.case_agent)
        target = choice.to
        await self._set(QUEUE, target.name if target.to is To.QUEUE else str(target.to))
        if choice.prompt:
            await self._say((choice.prompt,), keys="")
        log.info("caller led on", uniqueid=self._channel.call.uniqueid, to=str(target))

    async def tell(self, event: str, value: str = "") -> None:
        """Tell the ledger."""
        await self._renew(0)
        await self._channel.run("CELGenUserEvent", event, value)

    # --- what a known caller hears first

    async def _welcome(self, menu: Menu) -> tuple[str, Menu | Choice]:
        """Greet by name and tell of an open matter; return a key pressed for the menu, and where to go on."""
        if self._facts.surname and (key := await self._say((SayName(self._facts.surname, self._facts.title),))):
            return key, menu
        asked = self._enquiry(Topic.PROGRESS)
        offered = enquiry.offer(asked)
        if offered is None:
            return "", menu
        led = await self._enquire(asked, offered)
        told = next((choice for _, choice in menu.ways() if choice.to.to is To.PROGRESS), TO_PEOPLE)
        return led.key, self._after_telling(led, told, menu)

    async def _tell_of(self, incident: Incident, key: str) -> tuple[str, bool]:
        """Tell of an incident in the caller's building; return a key for the menu, and whether all is said."""
        await self.tell("INCIDENT", str(incident.id))
        own = incident.notice.prompt(self._language)
        # A sound that is there no more is no reason to say nothing.
        has_own = bool(await asyncio.to_thread(self._sounds, (own,)))
        pressed = await self._say((own if has_own else FIXED_SENTENCE,))
        if not pressed:
            pressed = await self._asked(("incident-keys",), INCIDENT_WAITS)
        if pressed == "1":
            await self.tell("INCIDENT_JOINED", str(incident.id))
            await self._say(("incident-joined",), keys="")
            await self._channel.hang_up()
            return "", True
        return (key if pressed in {"", "2"} else pressed), False

    # --- menus

    async def _menus(self, menu: Menu, key: str) -> Choice:
        heard = 1
        while True:
            lead = await self._through(menu, key)
            key = ""
            await self.tell("MENU_CHOICE", lead.key)
            choice = lead.choice
            if choice.request:
                await self.tell("REQUEST", choice.request)
            await self._speak_in(choice.language or self._language)
            onward = lead_on(self._plan, choice, language=self._language, heard=heard)
            if isinstance(onward, Menu) and choice.prompt:
                key = await self._say((choice.prompt,))
            if isinstance(onward, Choice) and onward.to.to in TOPICS and heard < MOST_MENUS:
                asked = self._enquiry(TOPICS[onward.to.to])
                led = await self._enquire(asked, enquiry.begin(asked))
                key, onward = led.key, self._after_telling(led, onward, menu)
            if isinstance(onward, Choice):
                return TO_PEOPLE if onward.to.to in TOPICS else onward
            menu, heard = onward, heard + 1
            await self.tell("MENU", menu.name)

    def _after_telling(self, led: enquiry.Lead, choice: Choice, menu: Menu) -> Menu | Choice:
        """Return where to after a dialogue that this choice led into from this menu."""
        match led.to:
            case Place.MENU:
                return menu
            case Place.EMERGENCY:
                return TO_EMERGENCY
            case Place.ON:
                return self._plan.menu(choice.then, self._language) if choice.then else TO_GOODBYE
            case _:
                return TO_PEOPLE

    async def _through(self, menu: Menu, key: str) -> Lead:
        """Lead the caller through one menu; `key` was pressed before it was said."""
        step: Ask | Lead = begin(menu)
        if key and key != REFUSE_KEY:
            step = after(menu, begin(menu), key)
        while isinstance(step, Ask):
            step = after(menu, step, await self._asked(step.prompts, menu.waits))
        return step

    # --- progress and arrears

    def _enquiry(self, topic: Topic) -> Enquiry:
        return Enquiry(
            topic=topic, facts=self._facts, now=self._now(), zone=self._rooms.zone, is_proven=self._is_proven
        )

    async def _enquire(self, asked: Enquiry, step: enquiry.Step) -> enquiry.Lead:
        while not isinstance(step, enquiry.Lead):
            if isinstance(step, CollectDigits):
                heard = await self._proved(asked, await self._digits(step))
            else:
                heard = await self._asked(step.sayings, step.waits)
            step = enquiry.after(asked, step, heard)
        self._is_proven = self._is_proven or step.is_proven
        if step.to is not Place.ON:
            await self._say(step.sayings, keys="")
            return step
        key = await self._say(step.sayings)
        await self.tell("SERVED")  # heard to the end, or cut short by a key: who hung up in it was not served
        return replace(step, key=key)

    async def _digits(self, step: CollectDigits) -> str:
        digits = await self._say(step.sayings)
        while len(digits) < step.most and not digits.endswith(("#", "*")):
            wait = step.wait_after(digits)
            await self._renew(wait.total_seconds())
            key = await self._channel.digit(wait)
            if not key:
                break
            digits += key
        return digits

    async def _proved(self, asked: Enquiry, pressed: str) -> str:
        digits = pressed if pressed == "*" else pressed.rstrip("#*")
        home = asked.facts.home
        if enquiry.needs_no_proof(digits) or home is None:
            return digits
        await self._renew(self._rooms.lease)
        return await self._rooms.proof.check(home, digits)

    # --- the line

    async def _asked(self, sayings: Iterable[Spoken], waits: timedelta) -> str:
        """Say it and wait for a key; # refuses the recording, once, and the question is put again."""
        sayings = tuple(sayings)
        while True:
            key = await self._hear(sayings, waits=waits)
            if not await self._is_refusal(key):
                return key

    async def _say(self, sayings: Iterable[Spoken], *, keys: str = KEYS) -> str:
        """Say it; return the key that cut it short. The one that refuses the recording is taken, the rest left out."""
        key = await self._hear(sayings, keys=keys)
        return "" if await self._is_refusal(key) else key

    async def _is_refusal(self, key: str) -> bool:
        """Take the key that refuses the recording, once; after that it is a key like any other."""
        if key != REFUSE_KEY or self._has_refused:
            return False
        self._has_refused = True
        await self.tell("REFUSED")
        await self._set(REFUSED, "yes")
        await self._hear(("recording-refused",), keys="")
        return True

    async def _hear(self, sayings: Iterable[Spoken], *, keys: str = KEYS, waits: timedelta = AT_ONCE) -> str:
        """Say it, and wait so long for a key; whatever a key may cut short is led by the switch alone."""
        sounds = await asyncio.to_thread(self._sounds, tuple(sayings))
        if keys and (sounds or waits):
            lasts = timedelta(seconds=sum(sound.seconds for sound in sounds))
            return await self._channel.ask([sound.name for sound in sounds], waits=waits, lasts=lasts)
        for sound in sounds:
            await self._renew(sound.seconds)
            await self._channel.play(sound.name, lasts=timedelta(seconds=sound.seconds))
        return ""

    def _sounds(self, sayings: tuple[Spoken, ...]) -> list[Sound]:
        """Return what there is to play: a sentence that cannot be put together is left out, aloud, not the call."""
        found: list[Sound] = []
        for saying in sayings:
            try:
                sound = self._rooms.speech.sound(saying, cast(Language, self._language))
            except (HotlineError, OSError, ValueError) as wrong:
                log.error("a sentence could not be said", reason=type(wrong).__name__)
                continue
            found += [sound] if sound else []
        return found

    async def _speak_in(self, language: str) -> None:
        if language == self._language or language not in self._plan.languages:
            return
        self._language = language
        await self._set("CHANNEL(language)", language)
        await self.tell("LANGUAGE", language)

    def _now(self) -> datetime:
        return self._rooms.now()

    async def _set(self, name: str, value: str) -> None:
        await self._channel.set_variable(name, value)

    async def _renew(self, seconds: float) -> None:
        await self._channel.renew_lease(math.ceil(seconds) + self._rooms.lease)


def _why_we_called(kind: CampaignKind) -> str:
    return "out-rings-back" if kind is CampaignKind.FEE_REMINDER else "out-rings-back-other"


def _key_pressed_before(channel: AgiChannel) -> str:
    """Return the key the caller pressed in the greeting, which the dialplan hands over."""
    given = channel.call.arguments[0] if channel.call.arguments else ""
    return given if len(given) == 1 and given in KEYS else ""

"""The API of the staff: people, their rank, phone and skills, tokens of machines; for administrators.

Each act holds at once, also for whoever is signed in, and has its line in the audit (hotline/accounts/staff.py).
"""

from datetime import datetime, timedelta, tzinfo
from typing import Final

from aiohttp import web

from hotline.accounts.account import Account, AccountState
from hotline.accounts.scopes import SCOPES
from hotline.accounts.store import KnownToken
from hotline.livehelp.help import HelpState
from hotline.queues.membership import EVERYBODY, Skill
from hotline.web.answers import as_json
from hotline.web.errors import AddressUnknown
from hotline.web.identity import ADMINS, HEADS
from hotline.web.inlets import body_of, number_of_path
from hotline.web.keys import IDENTITY, ROOMS
from hotline.web.render import page
from hotline.web.routes import Route
from hotline.web.staff_room import StaffRoom
from hotline.web.staff_shapes import (
    DoneOut,
    NewPersonIn,
    NewTokenOut,
    PasswordOut,
    PersonIn,
    PersonOut,
    SkillsIn,
    StaffOut,
    StateIn,
    TokenIn,
    TokenOut,
    TokensOut,
)


def staff_room(request: web.Request) -> StaffRoom:
    """Return the room of staff. Raises AddressUnknown where there is none."""
    room = request.app[ROOMS].staff
    if room is None:
        raise AddressUnknown("this desk keeps no staff")
    return room


async def show_staff(request: web.Request) -> web.StreamResponse:
    """Give the page of staff; it fills itself from the API."""
    return page(request, "staff.html")


async def list_people(request: web.Request) -> web.StreamResponse:
    """Answer with everybody."""
    room = staff_room(request)
    skills = await room.skills_said()
    people = tuple(_person(one, room, skills) for one in await room.people.people())
    return as_json(StaffOut(people=people, phones=room.phones, skills=room.skills))


async def add_person(request: web.Request) -> web.StreamResponse:
    """Make an account; answer with its first password. Raises AccountRefused."""
    wanted = await body_of(request, NewPersonIn)
    password = await staff_room(request).people.add(
        wanted.name,
        wanted.role,
        extension=wanted.extension,
        display_name=wanted.display_name,
        by=request[IDENTITY].name,
    )
    return as_json(PasswordOut(name=wanted.name.strip().lower(), password=password), status=201)


async def change_person(request: web.Request) -> web.StreamResponse:
    """Let somebody have this rank, phone and name. Raises AccountUnknown, AccountRefused, LastAdmin."""
    room, name, wanted = staff_room(request), request.match_info["name"], await body_of(request, PersonIn)
    known = {one.name: one.extension for one in await room.people.people()}
    account = await room.people.change(
        name,
        role=wanted.role,
        extension=wanted.extension,
        display_name=wanted.display_name or name,
        by=request[IDENTITY].name,
    )
    before = known.get(account.name)
    if before and before != account.extension:
        await _leaves_phone(request, before)
    await _leaves_sides(request, account)
    return as_json(_person(account, room, await room.skills_said()))


async def set_state(request: web.Request) -> web.StreamResponse:
    """Block somebody, let them in again, or note that they left. Raises AccountUnknown, LastAdmin."""
    room, name, wanted = staff_room(request), request.match_info["name"], await body_of(request, StateIn)
    known = {one.name: one.extension for one in await room.people.people()}
    account = await room.people.set_state(name, wanted.state, by=request[IDENTITY].name)
    if wanted.state is not AccountState.ACTIVE and (phone := known.get(account.name)):
        await _leaves_phone(request, phone)
    await _leaves_sides(request, account)
    return as_json(_person(account, room, await room.skills_said()))


async def make_password(request: web.Request) -> web.StreamResponse:
    """Make up another password; the person's sessions end. Raises AccountUnknown."""
    name = request.match_info["name"]
    password = await staff_room(request).people.reset_password(name, by=request[IDENTITY].name)
    return as_json(PasswordOut(name=name, password=password))


async def set_skills(request: web.Request) -> web.StreamResponse:
    """Say which skills an agent has. Raises SkillsRefused."""
    wanted = await body_of(request, SkillsIn)
    await staff_room(request).assign(request.match_info["extension"], wanted.skills, by=request[IDENTITY].name)
    return as_json(DoneOut())


async def list_tokens(request: web.Request) -> web.StreamResponse:
    """Answer with every token; none of them can be read again."""
    zone = request.app[ROOMS].zone
    tokens = tuple(_token(one, zone) for one in await staff_room(request).people.tokens())
    return as_json(TokensOut(tokens=tokens, scopes=SCOPES))


async def make_token(request: web.Request) -> web.StreamResponse:
    """Make a token; answer with it, this once. Raises AccountRefused."""
    room, wanted = staff_room(request), await body_of(request, TokenIn)
    expires = room.clock.now() + timedelta(days=wanted.days) if wanted.days else None
    token = await room.people.make_token(
        wanted.role, wanted.label, scopes=wanted.scopes, expires=expires, by=request[IDENTITY].name
    )
    return as_json(NewTokenOut(token=token), status=201)


async def revoke_token(request: web.Request) -> web.StreamResponse:
    """Let a token open nothing from now on. Raises AccountUnknown."""
    await staff_room(request).people.revoke_token(number_of_path(request), by=request[IDENTITY].name)
    return as_json(DoneOut())


async def _leaves_phone(request: web.Request, extension: str) -> None:
    """Let no more calls come to a phone whose agent may not, or no longer, answer there; a talk goes on."""
    agents = request.app[ROOMS].agents
    if agents is not None:
        await agents.sign_out(extension, by=request[IDENTITY].name)


async def _leaves_sides(request: web.Request, account: Account) -> None:
    """Let nobody who may no longer help stay at an agent's side; a caller who was taken over is not cut off."""
    help_room = request.app[ROOMS].live_help
    if help_room is None or (account.role in HEADS and account.state is AccountState.ACTIVE):
        return
    for one in await help_room.sides.all_living():
        if one.by == account.name and one.state is not HelpState.TAKEN:
            await help_room.sides.end(one.id, by=one.by)


def _person(account: Account, room: StaffRoom, said: dict[str, tuple[Skill, ...]]) -> PersonOut:
    phone = account.extension or ""
    skills = said.get(phone) if phone in room.agents else None
    return PersonOut(
        name=account.name,
        display_name=account.display_name,
        role=account.role,
        extension=phone,
        state=account.state,
        must_change=account.must_change,
        is_agent=phone in room.agents,
        skills=None
        if skills is None
        else tuple(
            f"{each.queue}:{each.penalty}" if each.penalty else each.queue for each in skills if each.queue != EVERYBODY
        ),
    )


def _token(token: KnownToken, zone: tzinfo) -> TokenOut:
    def local(at: datetime | None) -> datetime | None:
        return None if at is None else at.astimezone(zone)

    return TokenOut(
        id=token.id,
        role=token.role,
        label=token.label,
        scopes=tuple(sorted(token.scopes)),
        created=token.created.astimezone(zone),
        made_by=token.made_by,
        last_used=local(token.last_used),
        expires=local(token.expires),
        revoked=local(token.revoked),
    )


STAFF_ROUTES: Final = (
    Route(method="GET", path="/staff", act=show_staff, roles=ADMINS, summary="The staff", media="text/html"),
    Route(
        method="GET",
        path="/api/v1/staff",
        act=list_people,
        roles=ADMINS,
        summary="Everybody who may sign in, the phones of the house and the skills",
        answer=StaffOut,
    ),
    Route(
        method="POST",
        path="/api/v1/staff",
        act=add_person,
        roles=ADMINS,
        summary="Make an account; its first password is told once and opens nothing but its change",
        body=NewPersonIn,
        answer=PasswordOut,
        status=201,
    ),
    Route(
        method="PUT",
        path="/api/v1/staff/{name}",
        act=change_person,
        roles=ADMINS,
        summary="Somebody's rank, phone and shown name; it holds at once",
        body=PersonIn,
        answer=PersonOut,
    ),
    Route(
        method="POST",
        path="/api/v1/staff/{name}/state",
        act=set_state,
        roles=ADMINS,
        summary="Block somebody, let them in again, or note that they left; their sessions end",
        body=StateIn,
        answer=PersonOut,
    ),
    Route(
        method="POST",
        path="/api/v1/staff/{name}/password",
        act=make_password,
        roles=ADMINS,
        summary="Make up another password, told once; the person's sessions end",
        answer=PasswordOut,
    ),
    Route(
        method="PUT",
        path="/api/v1/staff/skills/{extension}",
        act=set_skills,
        roles=ADMINS,
        summary="Which skills an agent has; null: every one",
        body=SkillsIn,
        answer=DoneOut,
    ),
    Route(
        method="GET",
        path="/api/v1/tokens",
        act=list_tokens,
        roles=ADMINS,
        summary="Every token, and the scopes there are",
        answer=TokensOut,
    ),
    Route(
        method="POST",
        path="/api/v1/tokens",
        act=make_token,
        roles=ADMINS,
        summary="Make a token for a machine, told once; without scopes it has its role's rights",
        body=TokenIn,
        answer=NewTokenOut,
        status=201,
    ),
    Route(
        method="POST",
        path="/api/v1/tokens/{id}/revoke",
        act=revoke_token,
        roles=ADMINS,
        summary="Take a token back; its live sockets close",
        answer=DoneOut,
    ),
)

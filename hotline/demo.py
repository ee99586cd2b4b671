"""Load the demo centre on the first run: the invented households of `residents.demo_centre` and four sign-ins."""

import re
import secrets
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from hotline.accounts.account import Account, Role
from hotline.accounts.passwords import Passwords
from hotline.accounts.store import add_account, count_accounts
from hotline.clock import Clock
from hotline.database import Database
from hotline.install.private_files import write_private
from hotline.residents import store
from hotline.residents.demo_centre import demo_centre
from hotline.settings import SHIPPED_MENUS, Settings

WORKING_DAY: Final = re.compile(r"^every_day = .*$", re.MULTILINE)
SIGN_INS: Final = "demo-sign-ins.toml"
STAFF: Final = (("linjing", "林静"), ("chenxiaodong", "陈晓东"))
HEADS: Final = (("zhouying", "周颖"), ("hejianguo", "何建国"))  # two: who made a campaign may not approve it


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """An account and the password with which the demo is looked at."""

    account: Account
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSignIns:
    """The sign-ins, where they are written down, and whether this run made them."""

    path: Path
    sign_ins: tuple[SignIn, ...]
    is_new: bool


async def load_demo(
    database: Database, settings: Settings, clock: Clock, *, passwords: Passwords | None = None
) -> DemoSignIns:
    """Fill an empty database with the demo centre; leave any other as it is.

    The sign-ins stand in HOME/demo-sign-ins.toml (mode 0600); in a database in use, those of an earlier run are
    returned, none if there was none. Raises SetUpFailed when that file cannot be written; then nothing is stored.
    """
    path = settings.home / SIGN_INS
    passwords = passwords or Passwords()
    sign_ins = tuple(SignIn(account=account, password=secrets.token_urlsafe(9)) for account in _staff(settings))
    if not await _is_empty(database):
        return DemoSignIns(path=path, sign_ins=read_sign_ins(path), is_new=False)
    hashes = [await passwords.hash(sign_in.password) for sign_in in sign_ins]
    async with database.begin() as session:
        for household in demo_centre(clock.now()):
            home = await store.add_home(session, household.home, greets_by_name=household.greets_by_name)
            for person in household.people:
                await store.add_resident(
                    session,
                    home,
                    person.name,
                    title=person.title,
                    relation=person.relation,
                    numbers=person.numbers,
                    is_elderly_alone=person.is_elderly_alone,
                    language=person.language,
                )
            for matter in household.matters:
                await store.add_matter(
                    session,
                    home,
                    matter.kind,
                    matter.text,
                    opened=matter.opened,
                    promised=matter.promised,
                    finished=matter.finished,
                )
            await store.set_arrears(session, home, household.months, household.fen)
        for sign_in, password_hash in zip(sign_ins, hashes, strict=True):
            await add_account(session, sign_in.account, password_hash)
        write_demo_menus(settings)
        # Before the commit: a password that is stored but written down nowhere would be lost.
        write_private(path, _as_toml(sign_ins))
    return DemoSignIns(path=path, sign_ins=sign_ins, is_new=True)


def write_demo_menus(settings: Settings) -> None:
    """Leave the demo centre its own menus, where it has none: open day and night, so that the demo works at any hour.

    A real centre's hours stand in deploy/menus.toml and are the site's to change.
    """
    own = settings.home / "menus.toml"
    if not own.exists():
        shipped = SHIPPED_MENUS.read_text("utf-8")
        write_private(own, WORKING_DAY.sub('every_day = "00:00-24:00"  # the demo centre never closes', shipped))


def read_sign_ins(path: Path) -> tuple[SignIn, ...]:
    """Return the sign-ins of an earlier run; none if the file is not there or cannot be understood."""
    try:
        told = tomllib.loads(path.read_text("utf-8"))
        return tuple(_sign_in(**each) for each in told["sign_in"])
    except (OSError, ValueError, KeyError, TypeError):
        return ()


def _sign_in(name: str, password: str, role: str, extension: str, display_name: str) -> SignIn:
    account = Account(name=name, role=Role(role), extension=extension or None, display_name=display_name)
    return SignIn(account=account, password=password)


def _staff(settings: Settings) -> list[Account]:
    staff = [
        Account(name=name, role=Role.AGENT, extension=phone, display_name=shown)
        for (name, shown), phone in zip(STAFF, settings.sip.agents, strict=False)
    ]
    phones = settings.sip.supervisors
    return staff + [
        Account(
            name=name,
            role=Role.SUPERVISOR,
            extension=phones[place] if place < len(phones) else None,
            display_name=shown,
        )
        for place, (name, shown) in enumerate(HEADS)
    ]


async def _is_empty(database: Database) -> bool:
    async with database.read() as session:
        return not (await store.counts(session)).homes and not await count_accounts(session)


def _as_toml(sign_ins: tuple[SignIn, ...]) -> str:
    # Every value is our own: letters, digits, dashes and Chinese characters, so plain quotes are enough.
    tables = (
        f'[[sign_in]]\nname = "{each.account.name}"\npassword = "{each.password}"\nrole = "{each.account.role}"\n'
        f'extension = "{each.account.extension or ""}"\ndisplay_name = "{each.account.display_name}"\n'
        for each in sign_ins
    )
    return "# The sign-ins of the demo centre, made at the first run.\n\n" + "\n".join(tables)

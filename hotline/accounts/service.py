"""Let people sign in and machines ask; make accounts and tokens for the command line."""

import asyncio
import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

import structlog

from hotline.accounts import store
from hotline.accounts.account import (
    EXTENSION,
    LONGEST_PASSWORD,
    SHORTEST_PASSWORD,
    Account,
    AccountRefused,
    AccountState,
    AccountUnknown,
    PasswordRefused,
    Role,
    SignInRefused,
    TokenRefused,
    TooManyTries,
    account_name,
    password_fault,
)
from hotline.accounts.passwords import Passwords
from hotline.accounts.scopes import unknown_scopes
from hotline.accounts.tries import TRIES_BY_ADDRESS, TRIES_BY_NAME, Tries
from hotline.audit.change import COMMAND_LINE, Change
from hotline.audit.store import record
from hotline.clock import Clock, SystemClock
from hotline.database import Database

CHECK_WITHIN_S: Final = 10.0  # a turn at the hasher; longer means a flood
TOKEN_USE_NOTED_EVERY: Final = timedelta(minutes=1)  # not one write for each request
LONGEST_TOKEN: Final = 100
STAFF: Final = "staff"  # the room of the audit

log = structlog.get_logger()


class Accounts:
    """Who may come in. Five failures with a name, or fifty from an address, in five minutes: the next has to wait."""

    def __init__(self, database: Database, clock: Clock, *, passwords: Passwords | None = None) -> None:
        self._database, self._clock = database, clock
        self._passwords = passwords or Passwords()
        self._by_name, self._by_address = Tries(limit=TRIES_BY_NAME), Tries(limit=TRIES_BY_ADDRESS)

    async def sign_in(self, name: str, password: str, address: str = "") -> Account:
        """Return the account of this name and password.

        Raises SignInRefused (the same, and as slowly, for an unknown name) and TooManyTries.
        """
        known = account_name(name)
        names, addresses = [known] if known else [], [address[:64]] if address else []
        now = self._clock.monotonic()
        if wait := max(self._by_name.wait(names, now), self._by_address.wait(addresses, now)):
            log.warning("sign-in held back after failures", wait_s=wait)
            raise TooManyTries(wait)
        self._by_name.count(names, now)
        self._by_address.count(addresses, now)
        stored = await self._checked(known, password)
        if stored is None:
            log.info("sign-in refused")
            raise SignInRefused
        for one in names:
            self._by_name.forgive(one)
        for source in addresses:
            self._by_address.forgive(source, now)
        if self._passwords.is_outdated(stored.password_hash):
            await self._store_anew(stored.account.name, password)
        log.info("signed in", role=stored.account.role.value)
        return stored.account

    async def sign_out(self, name: str) -> None:
        """End every session of this account, wherever its cookies have got to; without such an account, nothing."""
        known = account_name(name)
        if known is not None:
            async with self._database.begin() as session:
                await store.raise_session_number(session, known)
            log.info("signed out")

    async def set_password(self, name: str, new: str, *, present: str | None, address: str = "") -> Account:
        """Set another password and end the account's sessions; returns the account as it is then.

        The present one is asked for again, with the limits of a sign-in; `present` None holds only where the password
        was made up by somebody else. Raises PasswordRefused, TooManyTries.
        """
        known = account_name(name) or ""
        async with self._database.read() as session:
            stored = await store.find_account(session, known)
        if stored is None:
            raise PasswordRefused("current")
        if present is not None or not stored.account.must_change:
            try:
                await self.sign_in(known, present or "", address)
            except SignInRefused:
                raise PasswordRefused("current") from None
        fault = password_fault(new, known)
        if not fault and await self._checked(known, new) is not None:
            fault = "same"
        if fault:
            raise PasswordRefused(fault)
        async with asyncio.timeout(CHECK_WITHIN_S):
            password_hash = await self._passwords.hash(new)
        async with self._database.begin() as session:
            await store.change_password(session, known, password_hash, must_change=False)
            changed = await store.find_account(session, known)
            await record(session, Change(by=known, room=STAFF, act="password-set", subject=known, at=self._clock.now()))
        if changed is None:
            raise PasswordRefused("current")
        log.info("password set", role=changed.account.role.value)
        return changed.account

    async def choose_language(self, name: str, language: str) -> None:
        """Keep what the pages speak to this person; without such an account, nothing."""
        async with self._database.begin() as session:
            await store.set_language(session, name, language)

    async def authorise(self, token: str) -> store.KnownToken:
        """Return the token of the machine that has it: what it may do. Raises TokenRefused."""
        if not 0 < len(token) <= LONGEST_TOKEN:
            raise TokenRefused
        async with self._database.read() as session:
            known = await store.find_token(session, digest_of(token))
        now = self._clock.now()
        if known is None or not known.is_valid(now):
            raise TokenRefused
        if known.last_used is None or now - known.last_used >= TOKEN_USE_NOTED_EVERY:
            async with self._database.begin() as session:
                await store.note_token_use(session, known.id, now)
        return known

    async def find(self, name: str) -> Account | None:
        """Return the account of this name if it still may come in: for a session that outlived a change."""
        known = account_name(name)
        if known is None:
            return None
        async with self._database.read() as session:
            stored = await store.find_account(session, known)
        return stored.account if stored is not None and stored.account.state is AccountState.ACTIVE else None

    async def _checked(self, known: str | None, password: str) -> store.StoredAccount | None:
        stored = None
        if known is not None:
            async with self._database.read() as session:
                stored = await store.find_account(session, known)
            if stored is not None and stored.account.state is not AccountState.ACTIVE:
                stored = None  # refused as, and as slowly as, an unknown name
        try:
            async with asyncio.timeout(CHECK_WITHIN_S):
                right = await self._passwords.is_right(
                    password[:LONGEST_PASSWORD], None if stored is None else stored.password_hash
                )
        except TimeoutError:
            raise TooManyTries(int(CHECK_WITHIN_S)) from None
        return stored if right and len(password) <= LONGEST_PASSWORD else None

    async def _store_anew(self, name: str, password: str) -> None:
        async with asyncio.timeout(CHECK_WITHIN_S):
            stronger = await self._passwords.hash(password)
        async with self._database.begin() as session:
            await store.set_password_hash(session, name, stronger)


async def add_user(
    database: Database,
    name: str,
    role: Role,
    extension: str | None = None,
    password: str | None = None,
    *,
    display_name: str = "",
    passwords: Passwords | None = None,
    by: str = COMMAND_LINE,
    clock: Clock | None = None,
) -> str:
    """Make an account and return its password: the one given, or a made-up one that opens nothing but its change.

    Raises AccountRefused.
    """
    known = account_name(name)
    if known is None:
        raise AccountRefused("a name has 1 to 32 letters a-z, digits, dots, dashes or underscores", "name")
    check_shown(display_name, extension)
    must_change = password is None
    password = secrets.token_urlsafe(12) if password is None else password
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise AccountRefused(f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")
    account = Account(name=known, role=role, extension=extension, display_name=display_name, must_change=must_change)
    password_hash = await (passwords or Passwords()).hash(password)
    async with database.begin() as session:
        if await store.find_account(session, known) is not None:
            raise AccountRefused("an account of this name exists", "name")
        if extension is not None and await store.find_extension(session, extension) is not None:
            raise AccountRefused("another account has this extension", "extension")
        await store.add_account(session, account, password_hash)
        at = (clock or SystemClock()).now()
        await record(session, Change(by=by, room=STAFF, act="added", subject=known, after=told(account), at=at))
    return password


def check_shown(display_name: str, extension: str | None) -> None:
    """Refuse a name or an extension that nobody can have. Raises AccountRefused."""
    if extension is not None and not EXTENSION.fullmatch(extension):
        raise AccountRefused("an extension has 3 to 6 digits", "extension")
    if len(display_name) > 40 or not display_name.isprintable():
        raise AccountRefused("a display name has at most 40 characters and no control characters", "display_name")


def told(account: Account) -> dict[str, str]:
    """Return an account as the audit has it."""
    return {
        "role": account.role.value,
        "extension": account.extension or "",
        "display_name": account.display_name,
        "state": account.state.value,
    }


async def reset_password(
    database: Database,
    name: str,
    *,
    passwords: Passwords | None = None,
    by: str = COMMAND_LINE,
    clock: Clock | None = None,
) -> str:
    """Make up another password for an account and return it; its sessions end. Raises AccountUnknown."""
    known, password = account_name(name), secrets.token_urlsafe(12)
    password_hash = await (passwords or Passwords()).hash(password)
    async with database.begin() as session:
        if known is None or await store.find_account(session, known) is None:
            raise AccountUnknown("there is no account of this name")
        await store.change_password(session, known, password_hash, must_change=True)
        at = (clock or SystemClock()).now()
        await record(session, Change(by=by, room=STAFF, act="password-reset", subject=known, at=at))
    return password


async def create_token(
    database: Database,
    role: Role,
    label: str,
    *,
    clock: Clock,
    scopes: Collection[str] = (),
    expires: datetime | None = None,
    by: str = COMMAND_LINE,
) -> str:
    """Make a token for a machine and return its text, which is shown once and kept nowhere.

    Without scopes it has its role's rights. Raises AccountRefused.
    """
    if not 0 < len(label) <= 80 or not label.isprintable():
        raise AccountRefused("a token needs a label of at most 80 characters that says what it is for", "label")
    if unknown := unknown_scopes(scopes):
        raise AccountRefused(f"there is no scope {', '.join(unknown)[:80]}", "scopes")
    now = clock.now()
    if expires is not None and expires <= now:
        raise AccountRefused("a token ends in the future", "expires")
    token = secrets.token_urlsafe(32)
    made = store.KnownToken(
        id=0, role=role, label=label, created=now, scopes=frozenset(scopes), expires=expires, made_by=by,
        digest=digest_of(token),
    )  # fmt: skip
    async with database.begin() as session:
        number = await store.add_token(session, made)
        await record(
            session,
            Change(by=by, room=STAFF, act="token-made", subject=f"token {number}", after=told_token(made), at=now),
        )
    return token


async def revoke_token(database: Database, number: int, *, clock: Clock, by: str = COMMAND_LINE) -> store.KnownToken:
    """Let a token open nothing from now on; return it as it was. Raises AccountUnknown."""
    async with database.begin() as session:
        known = await store.token_of(session, number)
        if known is None or known.revoked is not None:
            raise AccountUnknown("there is no such token, or it is revoked")
        await store.revoke_token(session, number, clock.now())
        await record(
            session,
            Change(
                by=by,
                room=STAFF,
                act="token-revoked",
                subject=f"token {number}",
                before=told_token(known),
                at=clock.now(),
            ),
        )
    return known


def told_token(token: store.KnownToken) -> dict[str, object]:
    """Return a token as the audit has it: nothing that opens anything."""
    return {
        "role": token.role.value,
        "label": token.label,
        "scopes": sorted(token.scopes),
        "expires": token.expires.isoformat(timespec="minutes") if token.expires else "",
    }


def name_of_token(digest: str) -> str:
    """Return what a token is called where its use is logged: enough to tell tokens apart, and it opens nothing."""
    return f"token:{digest[:8]}"


def digest_of(token: str) -> str:
    """Return what is stored of a token. It has 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()

"""Tables and queries of accounts and tokens. A token itself is never stored, only its SHA-256."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import CheckConstraint, String, Text, UniqueConstraint, false, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.accounts.account import Account, AccountState, Role
from hotline.database import Base

ROLES = "role IN ('agent', 'supervisor', 'admin', 'wall')"


class AccountRow(Base):
    """Somebody who may sign in."""

    __tablename__ = "account"
    __table_args__ = (CheckConstraint(ROLES, name="role_known"), UniqueConstraint("extension"))

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    role: Mapped[str] = mapped_column(String(16))
    extension: Mapped[str | None] = mapped_column(String(6))
    display_name: Mapped[str] = mapped_column(String(40))
    password_hash: Mapped[str] = mapped_column(Text)
    session_number: Mapped[int] = mapped_column(default=0)
    must_change: Mapped[bool] = mapped_column(default=False, server_default=false())
    language: Mapped[str] = mapped_column(String(2), default="", server_default="")
    state: Mapped[str] = mapped_column(String(10), default="active", server_default="active")


class TokenRow(Base):
    """What a machine may do."""

    __tablename__ = "token"
    __table_args__ = (CheckConstraint(ROLES, name="role_known"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[str] = mapped_column(String(16))
    label: Mapped[str] = mapped_column(String(80))
    created: Mapped[datetime]
    last_used: Mapped[datetime | None]
    revoked: Mapped[datetime | None]
    scopes: Mapped[str] = mapped_column(Text, default="", server_default="")  # with blanks between; none: the role's
    expires: Mapped[datetime | None]
    made_by: Mapped[str] = mapped_column(String(64), default="", server_default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownToken:
    """A token that is stored: what it may do, and when it was last used. Without scopes it has its role's rights."""

    id: int
    role: Role
    label: str
    created: datetime
    last_used: datetime | None = None
    revoked: datetime | None = None
    scopes: frozenset[str] = frozenset()
    expires: datetime | None = None
    made_by: str = ""
    digest: str = field(default="", repr=False)

    def is_valid(self, now: datetime) -> bool:
        """Return whether it opens anything now."""
        return self.revoked is None and (self.expires is None or now < self.expires)


@dataclass(frozen=True, slots=True)
class StoredAccount:
    """An account with the hash of its password."""

    account: Account
    password_hash: str = field(repr=False)


async def find_account(session: AsyncSession, name: str) -> StoredAccount | None:
    """Return the account of this stored name, or None."""
    row = await session.get(AccountRow, name)
    if row is None:
        return None
    return StoredAccount(_account(row), row.password_hash)


async def find_extension(session: AsyncSession, extension: str) -> str | None:
    """Return the name of the account that answers on this extension, or None."""
    name: str | None = await session.scalar(select(AccountRow.name).where(AccountRow.extension == extension))
    return name


async def accounts(session: AsyncSession) -> tuple[Account, ...]:
    """Return every account, by name."""
    rows = await session.scalars(select(AccountRow).order_by(AccountRow.name))
    return tuple(_account(row) for row in rows)


async def count_accounts(session: AsyncSession) -> int:
    """Return how many may sign in."""
    return await session.scalar(select(func.count()).select_from(AccountRow)) or 0


async def add_account(session: AsyncSession, account: Account, password_hash: str) -> None:
    """Store a new account."""
    session.add(
        AccountRow(
            name=account.name,
            role=account.role,
            extension=account.extension,
            display_name=account.display_name,
            password_hash=password_hash,
            must_change=account.must_change,
        )
    )
    await session.flush()


async def set_password_hash(session: AsyncSession, name: str, password_hash: str) -> None:
    """Store another hash for an account."""
    await session.execute(update(AccountRow).where(AccountRow.name == name).values(password_hash=password_hash))


async def change_password(session: AsyncSession, name: str, password_hash: str, *, must_change: bool) -> None:
    """Store another password's hash and end every session the account has."""
    await session.execute(
        update(AccountRow)
        .where(AccountRow.name == name)
        .values(password_hash=password_hash, must_change=must_change, session_number=AccountRow.session_number + 1)
    )


async def set_language(session: AsyncSession, name: str, language: str) -> None:
    """Keep what the pages speak to this person."""
    await session.execute(update(AccountRow).where(AccountRow.name == name).values(language=language))


async def raise_session_number(session: AsyncSession, name: str) -> None:
    """End every session the account has."""
    raised = AccountRow.session_number + 1
    await session.execute(update(AccountRow).where(AccountRow.name == name).values(session_number=raised))


async def active_admins(session: AsyncSession) -> frozenset[str]:
    """Return who may set up; nobody's rank is changed by another transaction until this one ends."""
    rows = await session.scalars(
        select(AccountRow)
        .where(AccountRow.role == Role.ADMIN, AccountRow.state == AccountState.ACTIVE)
        .order_by(AccountRow.name)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return frozenset(row.name for row in rows)


async def change_account(session: AsyncSession, account: Account, *, ends_sessions: bool) -> None:
    """Store who somebody is and may be: rank, phone, shown name, state."""
    changed: dict[str, object] = {
        "role": account.role,
        "extension": account.extension,
        "display_name": account.display_name,
        "state": account.state,
    }
    if ends_sessions:
        changed["session_number"] = AccountRow.session_number + 1
    await session.execute(update(AccountRow).where(AccountRow.name == account.name).values(changed))


async def add_token(session: AsyncSession, token: KnownToken) -> int:
    """Store a new token by its digest; return its number."""
    row = TokenRow(
        digest=token.digest,
        role=token.role,
        label=token.label,
        created=token.created,
        last_used=None,
        revoked=None,
        scopes=" ".join(sorted(token.scopes)),
        expires=token.expires,
        made_by=token.made_by,
    )
    session.add(row)
    await session.flush()
    return row.id


async def find_token(session: AsyncSession, digest: str) -> KnownToken | None:
    """Return the token with this digest, revoked or not, or None."""
    row = await session.scalar(select(TokenRow).where(TokenRow.digest == digest))
    return None if row is None else _token(row)


async def token_of(session: AsyncSession, token_id: int) -> KnownToken | None:
    """Return the token of this number, or None."""
    row = await session.get(TokenRow, token_id, populate_existing=True)
    return None if row is None else _token(row)


async def tokens(session: AsyncSession) -> tuple[KnownToken, ...]:
    """Return every token, the oldest first."""
    return tuple(_token(row) for row in await session.scalars(select(TokenRow).order_by(TokenRow.id)))


async def note_token_use(session: AsyncSession, token_id: int, at: datetime) -> None:
    """Keep when a token was last used."""
    await session.execute(update(TokenRow).where(TokenRow.id == token_id).values(last_used=at))


async def revoke_token(session: AsyncSession, token_id: int, at: datetime) -> None:
    """Refuse a token from now on."""
    await session.execute(update(TokenRow).where(TokenRow.id == token_id).values(revoked=at))


def _account(row: AccountRow) -> Account:
    return Account(
        name=row.name,
        role=Role(row.role),
        extension=row.extension,
        display_name=row.display_name,
        session_number=row.session_number,
        must_change=row.must_change,
        language=row.language,
        state=AccountState(row.state),
    )


def _token(row: TokenRow) -> KnownToken:
    return KnownToken(
        id=row.id,
        role=Role(row.role),
        label=row.label,
        created=row.created,
        last_used=row.last_used,
        revoked=row.revoked,
        scopes=frozenset(row.scopes.split()),
        expires=row.expires,
        made_by=row.made_by,
        digest=row.digest,
    )

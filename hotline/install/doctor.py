"""Examine an installation: what is in order, what is not, and what to do about it. Looks only; changes nothing."""

import asyncio
import shutil
import sqlite3
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from redis.asyncio import Redis
from redis.exceptions import RedisError

from hotline.centre.stamp import CentreDiffers
from hotline.certificate import CertificateRefused, read_certificate
from hotline.clock import SystemClock
from hotline.errors import HotlineError
from hotline.hours import warnings_of
from hotline.install import browser_parts
from hotline.install.errors import PortBusy
from hotline.install.models import is_there
from hotline.install.parts import Parts
from hotline.install.ports import check_ports, doors
from hotline.install.processes import Supervisor
from hotline.install.secrets import FILE
from hotline.ivr.menu_file import MenuFileRefused, known_to, read_menu_file
from hotline.settings import Settings, TranscribeSettings
from hotline.transcribe.engines import choose_engine
from hotline.transcribe.errors import NoModel
from hotline.transcribe.lock import locked_models
from hotline.voice.prompts import PromptError, read_all_prompts
from hotline.voice.shelf import Shelf

Verdict = Literal["ok", "warn", "fail"]
WITHIN = 5.0  # seconds for any one answer
START = "scripts/up"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: how it is, and what to do if it is not well."""

    name: str
    verdict: Verdict
    what: str
    to_do: str = ""


def examine(settings: Settings) -> list[Finding]:
    """Look at everything the system stands on. Takes a few seconds at most; raises nothing that was foreseen."""
    return asyncio.run(_examine(settings))


async def _examine(settings: Settings) -> list[Finding]:
    looks: list[Callable[[Settings], Finding]] = [
        _python, _parts, _browser_phone, _charts, _models, _live_words, _ports, _https, _disk, _secrets, _prompts,
        _menus, _cel_store,
    ]  # fmt: skip
    asks: list[Callable[[Settings], Awaitable[Finding]]] = [_database, _centre, _redis, _ami]
    return [*(look(settings) for look in looks), *[await ask(settings) for ask in asks]]


def _python(_settings: Settings) -> Finding:
    return Finding("python", "ok", f"Python {'.'.join(map(str, sys.version_info[:3]))} in {sys.prefix}")


def _parts(settings: Settings) -> Finding:
    parts = Parts(settings.parts.directory)
    if not parts.ready:
        return Finding("parts", "fail", f"the switch is not in {parts.root}", "run scripts/setup")
    return Finding("parts", "ok", f"Asterisk {parts.versions.get('asterisk', 'of this machine')}")


def _browser_phone(settings: Settings) -> Finding:
    phones = settings.sip.browser_phones
    if not phones:
        return Finding("browser phone", "ok", "not needed: every telephone stands on a desk")
    if not browser_parts.is_there(settings.parts.directory):
        what = f"its library is not there: the pages of {', '.join(phones)} are no telephones"
        return Finding("browser phone", "warn", what, f"let npm reach its registry and run {START}")
    return Finding("browser phone", "ok", f"for {', '.join(phones)}, at port {settings.sip.signalling_port}")


def _charts(settings: Settings) -> Finding:
    if not browser_parts.is_there(settings.parts.directory):
        what = "their library is not there: pages show tables instead"
        return Finding("charts", "warn", what, f"let npm reach its registry and run {START}")
    return Finding("charts", "ok", "pages draw them")


def _models(settings: Settings) -> Finding:
    place = settings.parts.models
    if settings.transcribe.model and (place / settings.transcribe.model).is_dir():
        return Finding("models", "ok", settings.transcribe.model)
    names = [model.name for model in locked_models() if model.purpose == "calls" and is_there(model.name, place)]
    if not names:
        return Finding("models", "warn", f"no speech model in {place}: calls are not written down", f"run {START}")
    return Finding("models", "ok", ", ".join(names))


def _live_words(settings: Settings) -> Finding:
    live = settings.live
    if not live.legs:
        return Finding("live words", "ok", "off: live.legs is 0")
    wanted = TranscribeSettings(engine="vosk", model=live.model, threads=live.threads)
    try:
        model = choose_engine(wanted, settings.parts.models).model
    except NoModel as missing:
        what = "no Vosk model: no words while they are said, and no alarm at a word of danger"
        return Finding("live words", "warn", what, str(missing))
    return Finding("live words", "ok", model)


def _ports(settings: Settings) -> Finding:
    if Supervisor(settings.home).pid():
        return Finding("ports", "ok", "held by this running system")
    try:
        check_ports(doors(settings))
    except PortBusy as busy:
        return Finding("ports", "fail", str(busy), "set the port named to a free one")
    except HotlineError as wrong:
        return Finding("ports", "fail", str(wrong), "set the address named to one of this machine")
    return Finding("ports", "ok", "free")


def _https(settings: Settings) -> Finding:
    certificate_file, key_file = settings.web.certificate_file, settings.web.key_file
    if certificate_file is None or key_file is None:
        if settings.web.host.is_loopback:
            return Finding("https", "ok", "not needed: the pages are for this machine only")
        what = "other machines get the pages unencrypted, and their browsers give no microphone to a phone"
        return Finding("https", "warn", what, "docs/browser-access.md says how to make a certificate")
    try:
        certificate = read_certificate(certificate_file, key_file)
    except CertificateRefused as wrong:
        return Finding("https", "fail", str(wrong), "docs/browser-access.md says how to make one")
    now, to_do = SystemClock().now(), "docs/browser-access.md says how to renew it"
    if warning := certificate.warning(now):
        return Finding("https", "warn", warning, to_do)
    if key_file.stat().st_mode & 0o077:
        return Finding("https", "warn", f"others can read {key_file}", f"chmod 600 {key_file}")
    what = f"{certificate_file} for {', '.join(certificate.names)}, {certificate.days_left(now)} days left"
    return Finding("https", "ok", what)


def _disk(settings: Settings) -> Finding:
    there = next(path for path in (settings.home, *settings.home.parents) if path.exists())
    free, needed = shutil.disk_usage(there).free // 1_000_000, settings.recording.min_free_mb
    if needed <= free < settings.recording.warn_free_mb:
        to_do = "make room before recordings need it; every page says so, too"
        return Finding("disk", "warn", f"{free} MB free", to_do)
    if free >= needed:
        return Finding("disk", "ok", f"{free} MB free")
    to_do = "make room, or lower HOTLINE_RECORDING_MIN_FREE_MB"
    return Finding("disk", "fail", f"{free} MB free, recordings need {needed}", to_do)


def _secrets(settings: Settings) -> Finding:
    path = settings.home / FILE
    if not path.exists():
        return Finding("secrets", "fail", f"{path} is missing", f"run {START}")
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        return Finding("secrets", "fail", f"{path} has mode {mode:o}: others can read it", f"chmod 600 {path}")
    ours = {"ami.secret": settings.ami.secret, "web.session_key": settings.web.session_key}
    empty = [name for name, value in ours.items() if not value.get_secret_value()]
    phones = settings.sip.phones
    empty += [f"sip.passwords.{phone}" for phone in phones if phone not in settings.sip.passwords]
    if empty:
        return Finding("secrets", "fail", f"missing: {', '.join(empty)}", f"run {START}")
    return Finding("secrets", "ok", f"{path}, mode {mode:o}")


def _prompts(settings: Settings) -> Finding:
    try:
        prompts = read_all_prompts(settings.sounds_directory)
    except PromptError as wrong:
        return Finding("prompts", "fail", str(wrong), "restore deploy/asterisk/sounds/zh from the repository")
    every = [prompt for spoken in prompts.values() for prompt in spoken]
    seconds = sum(prompt.seconds for prompt in every)
    return Finding("prompts", "ok", f"{len(every)} in {' and '.join(prompts)}, {seconds:.0f} s")


def _menus(settings: Settings) -> Finding:
    file = settings.menus_file
    try:
        plan = read_menu_file(file, known_to(Shelf.of(settings), settings.queues.skills))
    except MenuFileRefused as wrong:
        return Finding("menus", "fail", str(wrong), f"mend it; python -m hotline ivr check {file} says more")
    today = SystemClock().now().astimezone(ZoneInfo(settings.centre.time_zone)).date()
    if warnings := warnings_of(plan.hours, today):
        return Finding("menus", "warn", "; ".join(warnings), "docs/menus.md says what to do")
    return Finding("menus", "ok", f"{file}, {len(plan.menus)} menus")


def _cel_store(settings: Settings) -> Finding:
    path = settings.cel_store
    if not path.exists():
        return Finding("call diary", "fail", f"{path} is missing", f"run {START}")
    try:
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=WITHIN)
        try:
            mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
            connection.execute("SELECT id FROM source").fetchone()
        finally:
            connection.close()
    except sqlite3.Error as wrong:
        return Finding("call diary", "fail", f"{path}: {wrong}", "move the file away while stopped, then scripts/up")
    if mode != "wal":
        to_do = f"while stopped: sqlite3 {path} 'PRAGMA journal_mode=WAL'"
        return Finding("call diary", "fail", f"{path} is in {mode} mode: calls can be lost", to_do)
    return Finding("call diary", "ok", f"{path}, write-ahead log")


async def _database(settings: Settings) -> Finding:
    from alembic.config import Config  # noqa: PLC0415 - only a doctor looks at versions
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    from hotline.database import Database  # noqa: PLC0415

    file = settings.database_url.removeprefix("sqlite+aiosqlite:///")
    if file != settings.database_url and not Path(file).exists():
        return Finding("database", "fail", f"{file} is missing", "run python -m hotline migrate")
    database = Database(settings.database_url)
    try:
        async with asyncio.timeout(WITHIN), database.engine.connect() as connection:
            here = await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_heads())
        configuration = Config()
        configuration.set_main_option("script_location", str(Path(__file__).parent.parent / "migrations"))
        wanted = ScriptDirectory.from_config(configuration).get_heads()
    except Exception as wrong:  # noqa: BLE001 - an edge: each driver has errors of its own, all mean the same to the reader
        said = str(wrong).splitlines()[0] if str(wrong) else type(wrong).__name__
        return Finding("database", "fail", f"not reachable: {said}", "check database.url and that its server runs")
    finally:
        await database.close()
    if set(here) != set(wanted):
        return Finding("database", "fail", "its tables are not up to date", "run python -m hotline migrate")
    return Finding("database", "ok", "reachable, tables up to date")


async def _centre(settings: Settings) -> Finding:
    from hotline.centre.service import check_stamp  # noqa: PLC0415 - as above
    from hotline.database import Database  # noqa: PLC0415

    file = settings.database_url.removeprefix("sqlite+aiosqlite:///")
    if file != settings.database_url and not Path(file).exists():
        return Finding("centre", "warn", "no database yet: nothing is stamped", "run python -m hotline migrate")
    database = Database(settings.database_url)
    try:
        async with asyncio.timeout(WITHIN):
            stamp = await check_stamp(database, settings.centre)
    except CentreDiffers as wrong:
        return Finding("centre", "fail", str(wrong), "docs/centres.md says which of them to choose")
    except Exception as wrong:  # noqa: BLE001 - an edge, as for the database
        return Finding("centre", "fail", f"cannot be read: {type(wrong).__name__}", "see the line of the database")
    finally:
        await database.close()
    if stamp is None:
        return Finding("centre", "warn", "the database has no stamp yet", "run python -m hotline migrate")
    return Finding("centre", "ok", f"{stamp.code}, {stamp.name}: stamped {stamp.at:%Y-%m-%d}, id {stamp.id}")


async def _redis(settings: Settings) -> Finding:
    client = Redis.from_url(settings.redis_url, socket_connect_timeout=WITHIN, socket_timeout=WITHIN)
    try:
        await client.ping()
    except (RedisError, OSError) as wrong:
        return Finding("redis", "fail", f"does not answer: {wrong}", f"run {START}, or check redis.url")
    finally:
        await client.aclose()
    return Finding("redis", "ok", "answers")


async def _ami(settings: Settings) -> Finding:
    """Log in to the switch by hand: a greeting line, one action, one answer, and out again."""
    where = f"{settings.ami.host}:{settings.ami.port}"
    try:
        async with asyncio.timeout(WITHIN):
            reader, writer = await asyncio.open_connection(str(settings.ami.host), settings.ami.port)
            try:
                greeting = await reader.readline()
                secret = settings.ami.secret.get_secret_value()
                writer.write(
                    f"Action: Login\r\nUsername: {settings.ami.username}\r\nSecret: {secret}\r\nEvents: off\r\n\r\n"
                    "Action: Logoff\r\n\r\n".encode()
                )
                await writer.drain()
                answer = await reader.readuntil(b"\r\n\r\n")
            finally:
                writer.close()
                with suppress(ConnectionError):
                    await writer.wait_closed()
    except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as wrong:
        said = str(wrong) or type(wrong).__name__
        return Finding("switch", "fail", f"no manager at {where}: {said}", f"run {START}, or check ami.port")
    if b"Response: Success" not in answer:
        to_do = f"take ami.secret out of hotline.toml and the environment, scripts/down, {START}"
        return Finding("switch", "fail", f"{where} refuses our name or secret", to_do)
    return Finding("switch", "ok", greeting.decode("ascii", "replace").strip())

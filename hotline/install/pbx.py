"""From the settings to the switch's own files under HOME/asterisk.

The templates are deploy/asterisk/*.conf.j2. Every value passes one door on its way into a line: nothing that would end
the line, begin a comment or be evaluated by the dialplan gets through.
"""

import re
import sqlite3
import tomllib
from pathlib import Path
from traceback import walk_tb
from types import TracebackType
from typing import Any
from uuid import uuid4

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError
from pydantic import SecretStr

from hotline.install.errors import ConfigurationRefused, SetUpFailed
from hotline.install.parts import Parts
from hotline.install.private_files import make_private_directory, write_private
from hotline.settings import REPOSITORY, Settings
from hotline.voice.prompts import prompt_ids
from hotline.voice.shelf import LANGUAGES, Shelf

TEMPLATES = REPOSITORY / "deploy" / "asterisk"
DIRECTORIES = ("etc", "lib", "lib/keys", "spool", "run", "log", "data", "cache")
BREAKS_OUT = re.compile(r"[\x00-\x1f\x7f;]|\$[{\[]")
# Paths stand inside dialplan arguments, so they are held to plain characters.
UNFIT_FOR_A_PATH = re.compile(r"[\s,;&|(){}\[\]<>$'\"`\\*?#!=%]")


def write_configuration(settings: Settings, parts: Parts, templates: Path = TEMPLATES, **more: object) -> bool:
    """Bring HOME/asterisk up to date with the settings; returns whether a configuration file changed.

    A file is replaced only if it says something else, and removed if its template is gone. `more` are further names
    for the templates. Raises ConfigurationRefused, SetUpFailed.
    """
    for name, path in (("HOTLINE_HOME", settings.home), ("recording.directory", settings.recordings_directory)):
        if UNFIT_FOR_A_PATH.search(str(path)):
            raise ConfigurationRefused(f"{name} is {path}: the switch cannot work with spaces or signs in that path")
    rendered = render(settings, parts, templates, **more)
    place = make_private_directory(settings.home / "asterisk")
    for name in DIRECTORIES:
        make_private_directory(place / name)
    settings.recordings_directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    make_private_directory(place / "data" / "sounds")
    for language in LANGUAGES:  # where prompts spoken into a supervisor's telephone arrive
        make_private_directory(settings.home / "prompts")
        make_private_directory(settings.home / "prompts" / "incoming")
        make_private_directory(settings.home / "prompts" / "incoming" / language)
    Shelf.of(settings).lay_out(parts.english_sounds)
    _point(place / "data" / "moh", parts.music)
    for language in LANGUAGES:
        said_in_danger = make_private_directory(place / "data" / f"moh-emergency-{language}")
        _point(said_in_danger / "emergency.wav", place / "data" / "sounds" / language / "emergency.wav")
    _point(place / "data" / "documentation", parts.documentation)
    make_cel_store(settings.cel_store)
    changed = [write_private(place / "etc" / name, text) for name, text in rendered.items()]
    stale = [path for path in (place / "etc").glob("*.conf") if path.name not in rendered]
    for path in stale:
        path.unlink()
    return any(changed) or bool(stale)


def render(settings: Settings, parts: Parts, templates: Path = TEMPLATES, **more: object) -> dict[str, str]:
    """Return every configuration file by name. Raises ConfigurationRefused, SetUpFailed."""
    environment = Environment(
        loader=FileSystemLoader(templates),
        undefined=StrictUndefined,
        finalize=_through_the_door,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - these are not web pages; the door above is what checks
    )
    environment.filters["secret"] = _revealed
    context: dict[str, Any] = {
        "settings": settings,
        "home": settings.home,
        "parts": parts,
        "modules": parts.modules,
        "data": settings.home / "asterisk" / "data",
        "recordings": settings.recordings_directory,
        "agents": settings.sip.agents,
        "hotline_number": settings.sip.hotline_number,
        "prompt_ids": prompt_ids(settings.sounds_directory),
        "notice_version": _notice_version(settings.sounds_directory / "prompts.toml"),
        **more,
    }
    names = sorted(path.name for path in templates.glob("*.conf.j2"))
    if not names:
        raise SetUpFailed(f"no configuration templates in {templates}: the clone is incomplete")
    return {name.removesuffix(".j2"): _rendered(environment, name, context) for name in names}


def _notice_version(prompts: Path) -> str:
    try:
        return str(tomllib.loads(prompts.read_text("utf-8"))["notice_version"])
    except (OSError, ValueError, KeyError) as wrong:
        raise SetUpFailed(f"{prompts} does not tell the recording notice's version: the clone is incomplete") from wrong


def _rendered(environment: Environment, name: str, context: dict[str, Any]) -> str:
    try:
        return environment.get_template(name).render(context)
    except ConfigurationRefused as wrong:
        line = _line_in_template(wrong.__traceback__, name)
        source = (environment.loader.get_source(environment, name)[0] if environment.loader else "").splitlines()
        text = source[line - 1].strip() if 0 < line <= len(source) else ""
        raise ConfigurationRefused(f"{name}, line {line} ({text}): {wrong}") from None
    except TemplateError as wrong:
        raise SetUpFailed(f"{name}: {wrong}") from wrong
    except KeyError as wrong:
        raise SetUpFailed(f"{name} asks for {wrong}, which the settings do not hold") from wrong


def _through_the_door(value: object) -> object:
    if isinstance(value, SecretStr):
        raise ConfigurationRefused("a secret must be revealed on purpose, by `| secret`")
    if BREAKS_OUT.search(str(value)):
        raise ConfigurationRefused("the value of this setting holds a line break, ';', '${' or a control character")
    return value


def _revealed(value: SecretStr) -> str:
    text = value.get_secret_value()
    if not text:
        raise ConfigurationRefused("this secret is empty: run scripts/up, which makes it")
    return text


def _line_in_template(traceback: TracebackType | None, name: str) -> int:
    lines = [line for frame, line in walk_tb(traceback) if frame.f_code.co_filename.endswith(name)]
    return lines[-1] if lines else 0


def _point(link: Path, target: Path) -> None:
    """Make or turn a symbolic link; a directory someone put there instead is left alone."""
    if link.is_symlink():
        if link.readlink() == target:
            return
        link.unlink()
    if not link.exists():
        link.symlink_to(target)


def make_cel_store(path: Path) -> None:
    """Make the SQLite file Asterisk writes its event log into, in WAL mode and with an id of its own, once.

    In the default journal mode a reader makes Asterisk lose rows; see docs/decisions/2026-11-21-how-a-call-flows.md.
    """
    if path.exists():
        return
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    fresh.chmod(0o600)
    connection = sqlite3.connect(fresh)
    try:
        with connection:
            connection.execute("CREATE TABLE source (id TEXT NOT NULL)")
            connection.execute("INSERT INTO source (id) VALUES (?)", (str(uuid4()),))
        connection.execute("PRAGMA journal_mode=WAL")
    finally:
        connection.close()
    fresh.rename(path)

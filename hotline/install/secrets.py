"""The random secrets of one home: made once, kept for good, readable by their owner only."""

import json
import tomllib
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from cryptography.fernet import Fernet

from hotline.install.errors import SetUpFailed
from hotline.install.private_files import write_private
from hotline.settings import Settings

FILE = "secrets.toml"
SECRET_BYTES = 24
ABOUT = (
    "# Made by scripts/up. A line taken out is made anew at the next start; settings in hotline.toml are stronger.\n"
)


def write_secrets(settings: Settings) -> bool:
    """Write what is missing in HOME/secrets.toml; what stands there stays. Returns whether anything was added.

    Raises SetUpFailed.
    """
    path = settings.home / FILE
    values = read_secrets(path)
    added = False
    for section, name, fresh in _wanted(settings):
        place = values.setdefault(section[0], {})
        for step in section[1:]:
            place = place.setdefault(step, {})
        if not place.get(name):
            place[name] = fresh
            added = True
    if added or not path.exists():
        write_private(path, ABOUT + as_toml(values))
    elif path.stat().st_mode & 0o077:
        path.chmod(0o600)
    return added


def read_secrets(path: Path) -> dict[str, Any]:
    """Return what the file holds; empty if there is none. Raises SetUpFailed if it cannot be understood."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as wrong:
        raise SetUpFailed(f"{path} cannot be read: {wrong}; mend it, or remove it to have new secrets made") from wrong


def _wanted(settings: Settings) -> list[tuple[tuple[str, ...], str, str]]:
    phones = settings.sip.phones
    return [
        (("ami",), "secret", token_urlsafe(SECRET_BYTES)),
        (("web",), "session_key", Fernet.generate_key().decode()),
        *((("sip", "passwords"), phone, token_urlsafe(SECRET_BYTES)) for phone in phones),
    ]


def as_toml(values: dict[str, Any], inside: tuple[str, ...] = ()) -> str:
    """Write nested tables of text, numbers, truth values and lists as TOML. Raises SetUpFailed for anything else."""
    plain = {name: value for name, value in values.items() if not isinstance(value, dict)}
    tables = {name: value for name, value in values.items() if isinstance(value, dict)}
    lines = [f"[{'.'.join(map(json.dumps, inside))}]"] if inside and plain else []
    for name, value in plain.items():
        if not isinstance(value, str | int | float | list):
            raise SetUpFailed(f"{FILE}: {'.'.join((*inside, name))} is of a kind that has no place among secrets")
        lines.append(f"{json.dumps(name)} = {json.dumps(value, ensure_ascii=False)}")
    text = "".join(f"{line}\n" for line in lines)
    return text + "".join(as_toml(table, (*inside, name)) for name, table in tables.items())

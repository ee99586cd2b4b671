"""The root of every error this project raises on purpose.

Each room derives its own family. `error_id` is stable: it stands in HTTP answers, in logs and in
docs/errors.md. The message says what is wrong and what to do; it never holds a person's number, name or words.
"""

from typing import ClassVar


class HotlineError(Exception):
    """Something went wrong that we foresaw."""

    error_id: ClassVar[str] = "hotline-error"


class SettingsRefused(HotlineError):
    """A setting is unknown, missing or wrong; names the setting and the file or variable it came from."""

    error_id = "settings-refused"

"""The settings of what the house shares with other programs: who is told what, and files that are brought in."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator

from hotline.settings.sections import Section

EventName = Literal["call.started", "call.answered", "call.ended", "entry.written", "entry.corrected", "follow-up.due"]
ReceiverName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")]


class ReceiverSettings(Section):
    """One program that is told: `[webhooks.receivers.NAME]`."""

    url: Annotated[str, Field(pattern=r"^https?://[^\s]{1,500}$")]
    """Where messages are sent as JSON."""
    secret: SecretStr
    """Signs what is sent (HMAC-SHA256); at least 16 characters. Keep it in secrets.toml."""
    events: Annotated[tuple[EventName, ...], Field(min_length=1)]
    """What it is told of."""
    full_numbers: bool = False
    """Whether telephone numbers are sent whole; else masked (138****8501)."""
    words: bool = False
    """Whether residents' names and what was written of their matters are sent."""

    @field_validator("secret")
    @classmethod
    def _is_long(cls, secret: SecretStr) -> SecretStr:
        if len(secret.get_secret_value()) < 16:
            raise ValueError("must have at least 16 characters")
        return secret


class WebhooksSettings(Section):
    """Other programs that are told of calls, entries and deadlines by signed messages (docs/integrations.md)."""

    receivers: Mapping[ReceiverName, ReceiverSettings] = Field(default_factory=dict, max_length=20)
    """Who is told of what: a table each, `[webhooks.receivers.NAME]` with `url`, `secret`, `events`, and if wished `full_numbers`, `words`."""  # noqa: E501  # stands in the page of settings as one row


class ImportsSettings(Section):
    """Files of residents, homes, numbers and unpaid fees that are brought in on the page."""

    largest_mb: Annotated[int, Field(ge=1, le=100)] = 20
    """The largest file that is taken; a larger one is refused while it still arrives."""
    kept_days: Annotated[int, Field(ge=1, le=365)] = 30
    """How long the list of what was brought in, with each file's bad rows, is kept; the file itself goes at once."""

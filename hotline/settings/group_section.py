"""The settings of a group's service: which centres it looks into, and by what key."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, SecretStr, model_validator

from hotline.errors import SettingsRefused
from hotline.settings.sections import Section

CentreId = Annotated[str, Field(pattern=r"^[0-9A-Za-z]{1,8}$")]
Address = Annotated[str, Field(pattern=r"^https?://[^\s/?#@]{1,200}/?$")]
Seconds = Annotated[float, Field(gt=0, le=600)]
SHORTEST_TOKEN = 16


class CentreOfGroup(Section):
    """One centre as the group reaches it: `[group.centres.02]`, where 02 is the `centre.code` of that centre."""

    name: Annotated[str, Field(min_length=1, max_length=40)]
    """What the group calls it."""
    url: Address
    """Where its service answers: https://east.example:8080."""
    page: Annotated[str, Field(pattern=r"^(https?://[^\s/?#@]{1,200}/?)?$")] = ""
    """Where browsers reach its pages, if that is another address; empty: the same."""
    token: SecretStr = SecretStr("")
    """A token of that centre. Keep it in secrets.toml, in `token_file`, or in HOTLINE_GROUP_TOKENS."""
    token_file: Path | None = None
    """A file that holds the token and nothing else."""
    ca_file: Path | None = None
    """The certificate (PEM) by which that centre is trusted, where it is none that everybody trusts."""


class GroupSettings(Section):
    """The centres that this service shows beside one another; without any it is no group's."""

    centres: Mapping[CentreId, CentreOfGroup] = Field(default_factory=dict)
    """A table each: `[group.centres.02]` with `name`, `url`, and if need be `page`, `token_file`, `ca_file`."""
    tokens: tuple[SecretStr, ...] = Field(default=(), repr=False)
    """Tokens of centres, each as `02=…`; stronger than what stands with the centre."""
    connect_within: Seconds = 5.0
    """Longest wait for a centre to be reached."""
    answer_within: Seconds = 10.0
    """Longest wait for a centre's answer to a question."""
    silent_after: Seconds = 30.0
    """A centre that says nothing for so long is no longer heard; it says something each ten seconds."""
    longest_pause: Seconds = 60.0
    """The pause before a centre is tried again grows from half a second to this."""
    at_once: Annotated[int, Field(ge=1, le=100)] = 8
    """How many centres are asked at one time for a report."""

    @model_validator(mode="after")
    def _tokens_have_centres(self) -> Self:
        for pair in self.tokens:
            centre, sign, token = pair.get_secret_value().partition("=")
            if not (sign and token) or centre not in self.centres:
                raise ValueError("tokens: each is written 02=TOKEN, and 02 stands among group.centres")
        return self

    def token_of(self, centre: str) -> SecretStr:
        """Return the token for a centre of the group; reads its file. Raises SettingsRefused where there is none."""
        given = (pair.get_secret_value().partition("=") for pair in self.tokens)
        found = next((token for name, _, token in given if name == centre), "")
        one = self.centres[centre]
        if not found and one.token_file is not None:
            try:
                found = one.token_file.read_text(encoding="ascii")
            except (OSError, UnicodeDecodeError):
                raise SettingsRefused(f"group.centres.{centre}.token_file cannot be read") from None
        found = (found or one.token.get_secret_value()).strip()
        if len(found) < SHORTEST_TOKEN or not (found.isascii() and found.isprintable()):
            raise SettingsRefused(
                f"group.centres.{centre} has no token: make one there (token create), and put it into secrets.toml,"
                f" token_file or HOTLINE_GROUP_TOKENS"
            )
        return SecretStr(found)

"""The settings of alerts by rule: each with its threshold, and the ways out."""

from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from hotline.settings.sections import Section

Rule = Literal[
    "wait", "three-rings", "nobody-ready", "no-answer", "disk", "link", "backlog", "full-house", "dialling"
]  # fmt: skip
Address = Annotated[str, Field(pattern=r"^[^\s@,<>\"]{1,64}@[^\s@,<>\"]{1,190}$")]


class AlertsSettings(Section):
    """What supervisors are warned of, on the screen and by the ways out. A threshold of 0 turns its rule off."""

    wait_over: Annotated[float, Field(ge=0, le=3600)] = 15.0
    """Seconds for which a caller may wait for a person."""
    three_rings_below: Annotated[float, Field(ge=0, le=1)] = 0.9
    """The share of the last half hour's calls that must be lifted within three rings; 0.9 is 90 % …"""
    three_rings_calls: Annotated[int, Field(ge=1, le=1000)] = 5
    """… once there were so many calls."""
    nobody_ready_for: Annotated[float, Field(ge=0, le=3600)] = 60.0
    """Seconds for which, in opening hours, no agent may be ready."""
    no_answer: bool = True
    """Whether an agent who was paused after `agents.no_answers` calls in a row that rang out is told of."""
    disk_below_mb: Annotated[int, Field(ge=0)] = 5000
    """Megabytes that must be free on the disk of the recordings."""
    link_down_for: Annotated[float, Field(ge=0, le=3600)] = 15.0
    """Seconds for which the switch may not be heard."""
    backlog_over: Annotated[int, Field(ge=0)] = 50
    """Recordings that may wait to be written down."""
    turned_away: Annotated[int, Field(ge=0)] = 1
    """Callers turned away within ten minutes, because too many called, of whom it is told."""
    duty_numbers: tuple[Annotated[str, Field(pattern=r"^[0-9]{3,15}$")], ...] = ()
    """Telephones that are called about an alert, one after the other, until somebody presses 1; up to six digits are an
    extension. Empty: none."""
    duty_rules: tuple[Rule, ...] = ("nobody-ready", "disk", "link", "full-house", "dialling")
    """The alerts of which is told by telephone."""
    duty_rounds: Annotated[int, Field(ge=1, le=5)] = 2
    """How often each of them is called about one alert, two minutes between two rounds."""
    duty_ring_for: Annotated[int, Field(ge=10, le=60)] = 25
    """Seconds for which each rings."""
    webhook_url: Annotated[str, Field(pattern=r"^(https?://[^\s]{1,500})?$")] = ""
    """Where each alert and its end is sent as JSON; empty: nowhere."""
    webhook_secret: SecretStr = SecretStr("")
    """Signs what is sent (HMAC-SHA256); at least 16 characters. Keep it in secrets.toml or the environment."""
    mail_to: tuple[Address, ...] = ()
    """Who is written to of each alert and its end; empty: nobody."""
    mail_from: Address = "hotline@localhost"
    """The sender of these letters."""
    smtp_host: str = "127.0.0.1"
    """The mail server."""
    smtp_port: Annotated[int, Field(ge=1, le=65535)] = 587
    """Its port."""
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    """How the line to the mail server is kept private; none only on this machine."""
    smtp_user: str = ""
    """The name at the mail server; empty: none is asked for."""
    smtp_password: SecretStr = SecretStr("")
    """The password at the mail server. Keep it in secrets.toml or the environment."""

    @field_validator("webhook_secret")
    @classmethod
    def _is_long(cls, secret: SecretStr) -> SecretStr:
        if 0 < len(secret.get_secret_value()) < 16:
            raise ValueError("must have at least 16 characters")
        return secret

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.webhook_url and not self.webhook_secret.get_secret_value():
            raise ValueError("webhook_url wants a webhook_secret: what is not signed cannot be believed")
        if self.smtp_security == "none" and self.smtp_host not in {"127.0.0.1", "::1", "localhost"}:
            raise ValueError("smtp_security = none is for a mail server of this machine alone")
        return self

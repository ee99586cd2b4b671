"""Alerts by rule as pages and programs get them. Pure."""

from collections.abc import Mapping
from datetime import datetime, tzinfo

from pydantic import Field

from hotline.alerts.alert import Alert, AlertState, Rule
from hotline.web.shapes import Shape
from hotline.web.telling import local


class RuleAlertOut(Shape):
    """An alert by rule."""

    id: int
    rule: Rule
    subject: str = Field(description="the extension of an agent, where the rule is about one")
    name: str = Field(description="the agent's name")
    state: AlertState
    value: float = Field(description="seconds, a share, MB or a count, as the rule has it; when it was raised")
    raised_at: datetime
    acknowledged_by: str = Field(description="who took note, by name")
    acknowledged_at: datetime | None
    ended_at: datetime | None


class RuleAlertsOut(Shape):
    """The alerts that stand, and those that ended last."""

    standing: tuple[RuleAlertOut, ...]
    ended: tuple[RuleAlertOut, ...]


def rule_alert_out(alert: Alert, names: Mapping[str, str], zone: tzinfo) -> RuleAlertOut:
    """Return an alert as it goes out; `names` is what each extension's agent is called."""
    return RuleAlertOut(
        id=alert.id,
        rule=alert.rule,
        subject=alert.subject,
        name=names.get(alert.subject, ""),
        state=alert.state,
        value=alert.value,
        raised_at=alert.raised_at.astimezone(zone),
        acknowledged_by=alert.acknowledged_name,
        acknowledged_at=local(alert.acknowledged_at, zone),
        ended_at=local(alert.ended_at, zone),
    )

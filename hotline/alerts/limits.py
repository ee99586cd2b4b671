"""The thresholds of the rules from the settings, where 0 turns a rule off."""

from datetime import timedelta

from hotline.alerts.rules import Limits
from hotline.settings import AlertsSettings


def limits_of(settings: AlertsSettings) -> Limits:
    """Return the thresholds."""

    def time(seconds: float) -> timedelta | None:
        return timedelta(seconds=seconds) if seconds else None

    return Limits(
        wait_over=time(settings.wait_over),
        three_rings_below=settings.three_rings_below or None,
        three_rings_calls=settings.three_rings_calls,
        nobody_ready_for=time(settings.nobody_ready_for),
        no_answer=settings.no_answer,
        disk_below_mb=settings.disk_below_mb or None,
        link_down_for=time(settings.link_down_for),
        backlog_over=settings.backlog_over or None,
        turned_away=settings.turned_away or None,
    )

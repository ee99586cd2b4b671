"""The settings of calling out, as the rules that `may_call` judges by."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from hotline.campaigns.may_call import CallingRules
from hotline.hours import WeeklyHours, parse_spans
from hotline.settings import OutboundSettings


def rules_of(settings: OutboundSettings, zone: ZoneInfo) -> CallingRules:
    """Return the site's rules."""
    week = (parse_spans(settings.windows),) * 7
    return CallingRules(
        hours=WeeklyHours(week=week, holidays=parse_spans(settings.holiday_windows)),
        hours_of_notices=WeeklyHours(week=week),
        zone=zone,
        per_day=settings.per_day,
        per_week=settings.per_week,
        per_month=settings.per_month,
        gap=timedelta(minutes=settings.gap),
    )

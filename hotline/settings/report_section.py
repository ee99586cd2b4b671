"""The settings of reports that are posted by themselves."""

from typing import Annotated

from pydantic import Field

from hotline.settings.alert_section import Address
from hotline.settings.sections import Section


class ReportsSettings(Section):
    """Reports sent by e-mail once their month, week or quarter is over; the mail server is that of `[alerts]`."""

    mail_to: tuple[Address, ...] = ()
    """Who is sent the reports, as PDF and workbook; empty: nobody. They name homes: only to who may know them."""
    monthly: bool = True
    """Whether the month's report is sent, on the first of the next month …"""
    weekly: bool = False
    """… and the week's, on Monday …"""
    quarterly: bool = False
    """… and the quarter's analysis, on the first of January, April, July and October."""
    mail_hour: Annotated[int, Field(ge=0, le=23)] = 8
    """From which hour of that day on, at the centre."""

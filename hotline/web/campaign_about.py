"""The shapes of what a campaign's call is about, for the pop and for the agent who is about to dial. Pure."""

from datetime import datetime, tzinfo

from pydantic import Field

from hotline.campaigns.about_store import About, How
from hotline.campaigns.campaign import CampaignKind
from hotline.residents.resident import period_in_words
from hotline.web.shapes import Shape


class TriedOut(Shape):
    """An earlier call of this campaign to this home."""

    at: datetime
    outcome: str
    said: tuple[str, ...]
    by: str = Field(description="the agent who dialled; empty: the switch did")


class AboutOut(Shape):
    """Why we called, or call, this home: the bill as the records have it now, or the matter."""

    campaign: int
    kind: CampaignKind
    name: str
    how: How
    home: str
    is_bill: bool
    months: str = Field(description="in words; empty: nothing is owed")
    amount: str = Field(description="yuan: 123.45; empty where it is no bill")
    pays: str = Field(description="the ways to pay, in the house's words")
    matter: str
    tried: tuple[TriedOut, ...]


def about_out(about: About, zone: tzinfo, *, pays: str) -> AboutOut:
    """Return what a call is about as it goes out."""
    return AboutOut(
        campaign=about.campaign.id,
        kind=about.campaign.kind,
        name=about.campaign.name,
        how=about.how,
        home=about.home,
        is_bill=about.is_bill,
        months=period_in_words(about.months) if about.months else "",
        amount=f"{about.fen // 100}.{about.fen % 100:02}" if about.is_bill else "",
        pays=pays if about.is_bill else "",
        matter=about.matter,
        tried=tuple(
            TriedOut(at=one.at.astimezone(zone), outcome=one.outcome, said=one.said, by=one.by) for one in about.tried
        ),
    )

"""Read campaigns for the pages: what stands in SQL, as it goes out."""

from hotline.campaigns.campaign import CampaignUnknown
from hotline.campaigns.store import campaign_by_id
from hotline.campaigns.targets_store import target_counts
from hotline.web.campaign_shapes import CampaignOut, campaign_out
from hotline.web.rooms import WebRooms


async def read_campaign(rooms: WebRooms, campaign_id: int) -> CampaignOut | None:
    """Return a campaign with its progress, or None where there is none."""
    async with rooms.database.read() as session:
        try:
            one = await campaign_by_id(session, campaign_id)
        except CampaignUnknown:
            return None
        return campaign_out(one, await target_counts(session, campaign_id), rooms.zone)

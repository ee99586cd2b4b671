"""What each room does when two calls turn out to be one: what it knows of the part is known of the whole call.

Wired for `app`; the ledger calls them in this order, within its transaction.
"""

from zoneinfo import ZoneInfo

from hotline.agents.store import absorb_agent_calls
from hotline.calls.service import Absorber
from hotline.campaigns.settling import Settling
from hotline.clock import Clock
from hotline.desk.notes_store import absorb_notes
from hotline.desk.outside_store import absorb_outside_calls
from hotline.desk.wrap_up_store import absorb_wrap_ups
from hotline.dutylog.service import DutyLog
from hotline.followups.absorbing_store import Absorber as AbsorbsDebts
from hotline.incidents.absorbing_store import absorb_incident_calls
from hotline.live.store import absorb_alert_words
from hotline.livehelp.store import absorb_help
from hotline.quality.service import absorb_quality
from hotline.recordings.absorbing_store import absorb_recordings
from hotline.reports.follow_store import absorb_facts_by
from hotline.residents.choice_store import absorb_choices
from hotline.settings import CentreSettings
from hotline.transcribe.absorbing_store import absorb_transcripts
from hotline.web.store import absorb_acknowledgement
from hotline.webhooks.service import Webhooks


def absorbers(
    centre: CentreSettings, clock: Clock, *, duty_log: DutyLog, settling: Settling, webhooks: Webhooks
) -> list[Absorber]:
    """Return them, each room's own, in the order in which they are asked."""
    return [
        absorb_recordings,
        absorb_transcripts,
        duty_log.absorb,
        AbsorbsDebts(clock).absorb,
        absorb_incident_calls,
        absorb_choices,
        absorb_notes,
        absorb_outside_calls,
        settling.absorb,
        absorb_wrap_ups,
        absorb_agent_calls,
        absorb_alert_words,
        webhooks.absorb,
        absorb_acknowledgement,
        absorb_quality,
        absorb_help,
        absorb_facts_by(centre.area_code, ZoneInfo(centre.time_zone)),  # after the entries have moved
    ]

"""Every table of the database, named in one place so that migrations and tests see them all."""

from hotline.accounts import grants_store as centre_grants
from hotline.accounts import store as accounts
from hotline.aftercare import outreach_store as outreaches
from hotline.aftercare import service_days_store as service_days
from hotline.aftercare import share_store as aftercare_share
from hotline.aftercare import store as aftercare
from hotline.agents import store as agents
from hotline.alerts import gaps_store as link_gaps
from hotline.alerts import ring_store as alert_rings
from hotline.alerts import store as alerts
from hotline.audit import store as audit
from hotline.calls import store as calls
from hotline.campaigns import attempts_store as attempts
from hotline.campaigns import handed_store as handed_targets
from hotline.campaigns import household_marks_store as household_marks
from hotline.campaigns import line_doubt_store as line_doubts
from hotline.campaigns import lists_store as imported_lists
from hotline.campaigns import store as campaigns
from hotline.campaigns import targets_store as targets
from hotline.centre import store as centre_stamp
from hotline.database import Base
from hotline.desk import notes_store as call_notes
from hotline.desk import outside_store as outside_calls
from hotline.desk import page_phone_store as page_keys
from hotline.desk import wrap_up_store as wrap_ups
from hotline.dutylog import dispatch_store as dispatches
from hotline.dutylog import matters_store as matters
from hotline.dutylog import store as dutylog
from hotline.followups import store as followups
from hotline.imports import store as imports
from hotline.incidents import store as incidents
from hotline.live import store as live
from hotline.livehelp import by_hand_store as by_hand
from hotline.livehelp import store as live_help
from hotline.menus import store as menus
from hotline.notices import store as building_notices
from hotline.prompts import store as prompts
from hotline.quality import store as quality
from hotline.queues import store as queues
from hotline.recordings import removal_store as removals
from hotline.recordings import store as recordings
from hotline.reports import letters_store as report_letters
from hotline.reports import matter_store as report_matters
from hotline.reports import store as reports
from hotline.residents import choice_store as choices
from hotline.residents import marks_store as marks
from hotline.residents import notes_store as notes
from hotline.residents import pin_store as pins
from hotline.residents import store as residents
from hotline.retention import days_store as retention_days
from hotline.roster import store as roster
from hotline.search import store as search
from hotline.shifts import store as shifts
from hotline.transcribe import store as transcribe
from hotline.web import store as web
from hotline.webhooks import store as webhooks

ROOMS = (
    accounts,
    aftercare,
    aftercare_share,
    agents,
    alert_rings,
    alerts,
    attempts,
    audit,
    call_notes,
    building_notices,
    by_hand,
    calls,
    campaigns,
    centre_grants,
    centre_stamp,
    choices,
    dispatches,
    dutylog,
    followups,
    handed_targets,
    household_marks,
    imported_lists,
    imports,
    incidents,
    line_doubts,
    link_gaps,
    live,
    live_help,
    marks,
    matters,
    menus,
    notes,
    outreaches,
    outside_calls,
    page_keys,
    pins,
    prompts,
    quality,
    queues,
    recordings,
    removals,
    report_letters,
    reports,
    report_matters,
    residents,
    retention_days,
    roster,
    search,
    service_days,
    shifts,
    targets,
    transcribe,
    web,
    webhooks,
    wrap_ups,
)
ALL_TABLES = frozenset(Base.metadata.tables)

"""Read each section of the wall: what happened from the ledger's calls, agents from the board, the rest from SQL."""

from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import Final

from hotline.alerts.gaps_store import gaps_since
from hotline.alerts.store import alert_by_id, ended_alerts, standing_alerts
from hotline.calls.ledger import CallRecord
from hotline.calls.state import CallState
from hotline.calls.today import Today
from hotline.campaigns.campaign import CampaignState
from hotline.campaigns.store import campaigns_page
from hotline.campaigns.target import TargetState
from hotline.campaigns.targets_store import target_counts_of
from hotline.followups.follow_up import CALLS_OWED, FollowUpState
from hotline.followups.reading_store import count_calls_owed, count_open, follow_ups_page
from hotline.web.agent_shapes import AgentOut
from hotline.web.agents_reading import read_board
from hotline.web.alert_shapes import RuleAlertOut, RuleAlertsOut, rule_alert_out
from hotline.web.figures import buckets, figures
from hotline.web.reading import read_alerts
from hotline.web.rooms import WebRooms
from hotline.web.shapes import AlertOut
from hotline.web.store import account_names, agent_names
from hotline.web.telling import local, masked
from hotline.web.wall_shapes import (
    CallsNowOut,
    DebtOut,
    DebtsOut,
    EmergencyOut,
    GapOut,
    HourOut,
    LinkOut,
    WallCampaignOut,
    WallTodayOut,
)

DEBTS_SHOWN: Final = 12
CAMPAIGNS_SHOWN: Final = 4
CAMPAIGNS_LOOKED_AT: Final = 30
NOT_YET: Final = frozenset({CallState.NEW, CallState.RINGING, CallState.ANSWERED})
GOES_ON: Final = frozenset({CampaignState.RUNNING, CampaignState.PAUSED})
OVER: Final = frozenset({TargetState.DONE, TargetState.GIVEN_UP, TargetState.SUPPRESSED})


def waits_since(call: CallRecord) -> datetime | None:
    """Return since when this caller waits for a person: in a queue, or from the first ring in an emergency."""
    if call.state is not CallState.WAITING or call.direction != "inbound":
        return None
    return call.queued_at or call.ring_start


def calls_now(going_on: Iterable[CallRecord], zone: tzinfo, *, is_current: bool) -> CallsNowOut:
    """Return the residents' calls that go on; nulls where the switch cannot be heard."""
    if not is_current:
        return CallsNowOut(ringing=None, in_menu=None, waiting=None, longest_since=None, talking=None)
    inbound = [call for call in going_on if call.direction == "inbound"]
    waiting = [since for call in inbound if (since := waits_since(call))]
    return CallsNowOut(
        ringing=sum(call.state in NOT_YET for call in inbound),
        in_menu=sum(call.state is CallState.IN_MENU for call in inbound),
        waiting=len(waiting),
        longest_since=local(min(waiting, default=None), zone),
        talking=sum(call.state is CallState.TALKING for call in inbound),
    )


def today_out(today: Today, rooms: WebRooms) -> WallTodayOut:
    """Return today's figures, in all and by hour."""
    now, begun = rooms.clock.now(), today.begun
    return WallTodayOut(
        figures=figures(begun, now),
        hours=tuple(
            HourOut(
                start=one.start,
                offered=one.figures.offered,
                answered=one.figures.answered,
                abandoned=one.figures.abandoned,
                three_rings_share=one.figures.three_rings_share,
            )
            for one in buckets(begun, "hour", rooms.zone, now)
        ),
    )


async def read_agents(rooms: WebRooms) -> tuple[AgentOut, ...]:
    """Return every agent with state and since when; none while the switch cannot be heard."""
    board = await read_board(rooms)
    return board.agents if board.is_current else ()


async def read_link(rooms: WebRooms) -> LinkOut:
    """Return whether the switch is heard, and when today it was not."""
    midnight = rooms.midnight()
    async with rooms.database.read() as session:
        gaps = await gaps_since(session, midnight)
    return LinkOut(
        is_current=rooms.board().is_current,
        since=local(rooms.link_down_since(), rooms.zone),
        is_level=rooms.is_level(),
        gaps=tuple(
            GapOut(began=max(gap.began, midnight).astimezone(rooms.zone), ended=local(gap.ended, rooms.zone))
            for gap in gaps
        ),
    )


async def read_debts(rooms: WebRooms) -> DebtsOut:
    """Return who still must be called back, and how much is owed in all."""
    now = rooms.clock.now()
    async with rooms.database.read() as session:
        calls = await follow_ups_page(session, states=[FollowUpState.OPEN], kinds=CALLS_OWED, limit=DEBTS_SHOWN)
        calls_open = await count_calls_owed(session)
        still_open, overdue = await count_open(session, now)
        names = await account_names(session)
    return DebtsOut(
        calls=tuple(
            DebtOut(
                id=one.id,
                kind=one.kind,
                number=masked(one.number),
                home=one.home,
                since=one.since.astimezone(rooms.zone),
                due=local(one.due, rooms.zone),
                is_overdue=one.is_overdue(now),
                taken_by_name=names.get(one.taken_by, one.taken_by),
                calls=one.calls,
            )
            for one in calls
        ),
        calls_open=calls_open,
        open=still_open,
        overdue=overdue,
    )


async def read_campaigns(rooms: WebRooms) -> tuple[WallCampaignOut, ...]:
    """Return the campaigns that go on or are paused, the newest first."""
    async with rooms.database.read() as session:
        newest = await campaigns_page(session, limit=CAMPAIGNS_LOOKED_AT)
        going = [one for one in newest if one.state in GOES_ON][:CAMPAIGNS_SHOWN]
        counts = await target_counts_of(session, [one.id for one in going])
    return tuple(
        WallCampaignOut(
            id=one.id,
            kind=one.kind,
            name=one.name,
            state=one.state,
            targets=sum(counts[one.id].values()),
            done=sum(n for (state, _), n in counts[one.id].items() if state in OVER),
            reached=sum(n for (_, outcome), n in counts[one.id].items() if outcome == "human"),
        )
        for one in going
    )


async def read_emergencies(rooms: WebRooms) -> tuple[EmergencyOut, ...]:
    """Return the calls in danger, oldest first, without a name."""
    return tuple(emergency_out(alert) for alert in await read_alerts(rooms, is_masked=True))


def emergency_out(alert: AlertOut) -> EmergencyOut:
    """Return a call in danger as a wall may show it."""
    call = alert.call
    return EmergencyOut(
        id=call.id,
        state=alert.state,
        home=call.resident.home if call.resident else "",
        number=call.number,
        since=call.ring_start,
        agent=call.agent,
    )


async def read_rule_alerts(rooms: WebRooms) -> tuple[RuleAlertOut, ...]:
    """Return the alerts by rule that stand, oldest first."""
    async with rooms.database.read() as session:
        names = await agent_names(session)
        return tuple(rule_alert_out(alert, names, rooms.zone) for alert in await standing_alerts(session))


async def read_rule_alert(rooms: WebRooms, alert_id: int) -> RuleAlertOut:
    """Return one alert by rule. Raises AlertUnknown."""
    async with rooms.database.read() as session:
        return rule_alert_out(await alert_by_id(session, alert_id), await agent_names(session), rooms.zone)


async def read_all_rule_alerts(rooms: WebRooms) -> RuleAlertsOut:
    """Return the alerts by rule that stand, and those that ended last."""
    async with rooms.database.read() as session:
        names = await agent_names(session)
        standing, ended = await standing_alerts(session), await ended_alerts(session)
    return RuleAlertsOut(
        standing=tuple(rule_alert_out(alert, names, rooms.zone) for alert in standing),
        ended=tuple(rule_alert_out(alert, names, rooms.zone) for alert in ended),
    )

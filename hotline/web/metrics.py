"""The figures for Prometheus. Every label has a value from a short list; nothing in it is a person's.

Counters of calls begin again at the centre's midnight, which Prometheus reads as a reset.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from aiohttp import web
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from hotline.agents.agent import ShownState
from hotline.alerts.alert import Rule
from hotline.alerts.store import standing_alerts, waiting_by_way
from hotline.calls.cadence import rings_heard
from hotline.calls.ledger import CallRecord
from hotline.calls.state import CallState, Outcome
from hotline.campaigns.counts_store import ended_attempts_by_outcome, living_attempts_by_state
from hotline.followups.reading_store import count_calls_owed, count_open
from hotline.imports.job import OPEN
from hotline.imports.store import imports_by_state
from hotline.outbox.pauses import Delivered
from hotline.web.agents_reading import agents_now
from hotline.web.api_transcripts import read_backlog
from hotline.web.figures import figures
from hotline.web.health import dependencies_of
from hotline.web.identity import EVERYONE
from hotline.web.keys import HUB, LAG, ROOMS
from hotline.web.loop_lag import LoopLag
from hotline.web.reading import read_records
from hotline.web.rooms import WebRooms
from hotline.web.routes import Route
from hotline.web.wall_reading import waits_since

BOUNDS_S: Final = (1.0, 2.0, 5.0, 11.0, 15.0, 20.0, 30.0, 60.0, 120.0, 300.0)  # 11 s is three rings, 15 s GB/T 33358
RINGS: Final = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0)
DIRECTIONS: Final = ("inbound", "outbound", "internal")


async def metrics(request: web.Request) -> web.StreamResponse:
    """Answer with the figures of today's calls, from the ledger, and of the moment."""
    rooms = request.app[ROOMS]
    told = [
        *await _calls(rooms),
        *_board(rooms, request.app[HUB].viewers),
        *await _writing(rooms),
        *_recordings(rooms),
        *_night(rooms),
        *await _kept(rooms),
        *await _standing_on(rooms),
        *_loop(request.app[LAG]),
    ]
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Told(told))
    ProcessCollector(registry=registry)
    return web.Response(body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})


class _Told(Collector):
    """Figures that were read before: the library asks without waiting."""

    def __init__(self, told: list[Metric]) -> None:
        self._told = told

    def collect(self) -> list[Metric]:
        return self._told


async def _calls(rooms: WebRooms) -> list[Metric]:
    now = rooms.clock.now()
    if rooms.today is not None:
        today = await rooms.today.read()
        begun, going_on = today.begun, today.going_on
    else:
        begun = await read_records(rooms, rooms.midnight(), now)
        going_on = [call for call in begun if call.state is not CallState.ENDED]
    counted = figures(begun, now)
    waits = [since for call in going_on if (since := waits_since(call)) is not None]
    return [
        _counter("hotline_calls", "Calls of today that ended, by outcome", "outcome", _by(Outcome, begun, "outcome")),
        _counter("hotline_calls_begun", "Calls of today", "direction", _by_direction(begun)),
        _counter("hotline_calls_offered", "Calls of today that are counted for the three rings", None, counted.offered),
        _counter(
            "hotline_calls_within_three_rings",
            "Of them, lifted within three rings (11 s)",
            None,
            counted.within_three_rings,
        ),
        _gauge(
            "hotline_open_calls",
            "Calls that have not ended",
            "state",
            {
                state.value: sum(call.state is state for call in going_on)
                for state in CallState
                if state is not CallState.ENDED
            },
        ),
        _histogram("hotline_answer_wait_seconds", "Ring start to the switch's answer", _seconds(begun, "answer_wait")),
        _histogram("hotline_human_wait_seconds", "Ring start to a human voice", _seconds(begun, "human_wait")),
        _histogram(
            "hotline_queue_wait_seconds",
            "Joining the queue to a person, or the end",
            _seconds(begun, "queue_wait"),
        ),
        _histogram(
            "hotline_rings_heard",
            "Rings that callers heard before the switch answered; the aim is three",
            [float(rings_heard(call.answer_wait)) for call in _inbound(begun) if call.answer_wait is not None],
            bounds=RINGS,
        ),
        _gauge(
            "hotline_longest_wait_seconds",
            "How long the caller waits for a person who waits longest",
            None,
            max(((now - since).total_seconds() for since in waits), default=0.0),
        ),
    ]


def _board(rooms: WebRooms, viewers: int) -> list[Metric]:
    board, agents = rooms.board(), agents_now(rooms)
    shown = {state.value: sum(agent.state is state for agent in agents) for state in ShownState}
    return [
        _gauge("hotline_agents", "Agents by the state that is shown", "state", shown),
        _gauge("hotline_waiting_callers", "Callers in queues", None, len(board.waiting)),
        _gauge("hotline_switch_link_up", "1 while the switch is heard", None, board.is_current),
        _gauge("hotline_ledger_level", "1 while the ledger has read all the switch wrote", None, rooms.is_level()),
        _gauge("hotline_live_viewers", "Open live sockets", None, viewers),
    ]


async def _writing(rooms: WebRooms) -> list[Metric]:
    found = await read_backlog(rooms)
    told = "Recordings waiting and being written down; done and failed today"
    states = {state: getattr(found, state) for state in ("waiting", "running", "done", "failed")}
    urgent = "Waiting recordings of emergencies"
    return [
        _gauge("hotline_transcripts", told, "state", states),
        _gauge("hotline_transcripts_waiting_emergencies", urgent, None, found.emergencies),
    ]


def _recordings(rooms: WebRooms) -> list[Metric]:
    """How much room there is for recordings, and what the last look at them found; nothing before the first look."""
    disk, checked, told = rooms.disk(), rooms.checked(), list[Metric]()
    if disk is not None:
        free = disk.free_mb * 1_000_000
        told.append(_gauge("hotline_recordings_disk_free_bytes", "Free for recordings", None, free))
    if checked is not None:
        faults = {fault.value: count for fault, count in checked.counts.items()}
        meaning = "Recordings' files at fault at the last look"
        told.append(_gauge("hotline_recording_faults", meaning, "fault", faults))
    return told


def _night(rooms: WebRooms) -> list[Metric]:
    """Possible double rings of the day before; nothing before they were counted."""
    night = rooms.calling_out.night() if rooms.calling_out else None
    if night is None:
        return []
    told = "Possible double rings of campaigns on the day before, from the event log; the aim is 0"
    rung = "Calls that campaigns began on the day before, from the event log"
    return [
        _gauge("hotline_possible_double_rings", told, None, night.doubles),
        _gauge("hotline_campaign_calls_of_yesterday", rung, None, night.rung),
    ]


async def _kept(rooms: WebRooms) -> list[Metric]:
    """What SQL has of alerts, of what is owed, of campaigns, of messages that wait, of files that are brought in."""
    async with rooms.database.read() as session:
        alerts = await standing_alerts(session)
        owed, overdue = await count_open(session, rooms.clock.now())
        calls_owed = await count_calls_owed(session)
        living, ended = (
            await living_attempts_by_state(session),
            await ended_attempts_by_outcome(session, rooms.midnight()),
        )
        ways, files = await waiting_by_way(session), await imports_by_state(session)
    ways_out = {way: ways.get(way, 0) for way in ("webhook", "mail", *ways)}
    return [
        _gauge(
            "hotline_alerts_standing",
            "Alerts by rule that stand",
            "rule",
            {rule.value: sum(one.rule is rule for one in alerts) for rule in Rule},
        ),
        _gauge("hotline_follow_ups_open", "Follow-ups that are not done", None, owed),
        _gauge("hotline_follow_ups_overdue", "Of them, past their deadline", None, overdue),
        _gauge("hotline_calls_owed", "Callers who reached nobody and must still be called", None, calls_owed),
        _gauge("hotline_campaign_attempts_living", "Campaign dials under way", "state", _values(living)),
        _counter("hotline_campaign_attempts", "Campaign dials of today that ended", "outcome", _values(ended)),
        _gauge("hotline_alert_messages_waiting", "Messages about alerts that wait to be sent", "way", ways_out),
        _gauge(
            "hotline_imports", "Files that are brought in and not finished", "state",
            {state.value: files.get(state, 0) for state in sorted(OPEN)},
        ),
        *await _told_to_others(rooms, rooms.clock.now()),
    ]  # fmt: skip


async def _told_to_others(rooms: WebRooms, now: datetime) -> list[Metric]:
    """Messages to receivers: their names are settings, twenty at most."""
    states = await rooms.webhooks.states() if rooms.webhooks else []
    messages = GaugeMetricFamily(
        "hotline_webhook_messages", "Messages to other programs, of seven days", labels=["receiver", "state"]
    )
    oldest = GaugeMetricFamily(
        "hotline_webhook_oldest_waiting_seconds", "Since when the oldest message waits", labels=["receiver"]
    )
    for one in states:
        name = one.receiver.name
        for state, count in (
            (Delivered.WAITING, one.waiting), (Delivered.SENT, one.sent), (Delivered.GIVEN_UP, one.given_up),
        ):  # fmt: skip
            messages.add_metric([name, state.value], count)
        waits = (now - one.oldest_waiting).total_seconds() if one.oldest_waiting else 0.0
        oldest.add_metric([name], waits)
    return [messages, oldest]


async def _standing_on(rooms: WebRooms) -> list[Metric]:
    found = await dependencies_of(rooms)
    told = {one.name: one.is_ready for one in found}
    return [_gauge("hotline_dependency_up", "1 while it is there: database, redis, asterisk …", "name", told)]


def _loop(lag: LoopLag) -> list[Metric]:
    told = "How late the event loop woke, looked at four times a second"
    return [HistogramMetricFamily("hotline_event_loop_lag_seconds", told, buckets=lag.buckets, sum_value=lag.total)]


def _by(kinds: type[Outcome], calls: Iterable[CallRecord], name: str) -> dict[str, int]:
    known = [getattr(call, name) for call in calls]
    return {kind.value: known.count(kind) for kind in kinds}


def _by_direction(calls: Iterable[CallRecord]) -> dict[str, int]:
    known = [call.direction for call in calls]
    return {direction: known.count(direction) for direction in DIRECTIONS}


def _inbound(calls: Iterable[CallRecord]) -> list[CallRecord]:
    return [call for call in calls if call.direction == "inbound"]


def _seconds(calls: Iterable[CallRecord], name: str) -> list[float]:
    waits = [getattr(call, name) for call in calls]
    return [wait.total_seconds() for wait in waits if wait is not None]


def _values(counts: Mapping[Any, int]) -> dict[str, int]:
    return {str(kind): count for kind, count in counts.items()}


def _gauge(name: str, meaning: str, label: str | None, value: float | Mapping[str, float]) -> GaugeMetricFamily:
    if not isinstance(value, Mapping):
        return GaugeMetricFamily(name, meaning, value=value)
    family = GaugeMetricFamily(name, meaning, labels=[label or "of"])
    for kind, count in value.items():
        family.add_metric([kind], count)
    return family


def _counter(name: str, meaning: str, label: str | None, value: float | Mapping[str, float]) -> CounterMetricFamily:
    if not isinstance(value, Mapping):
        return CounterMetricFamily(name, meaning, value=value)
    family = CounterMetricFamily(name, meaning, labels=[label or "of"])
    for kind, count in value.items():
        family.add_metric([kind], count)
    return family


def _histogram(
    name: str, meaning: str, waits: list[float], bounds: tuple[float, ...] = BOUNDS_S
) -> HistogramMetricFamily:
    buckets = [(str(bound), float(sum(wait <= bound for wait in waits))) for bound in bounds]
    return HistogramMetricFamily(name, meaning, buckets=[*buckets, ("+Inf", float(len(waits)))], sum_value=sum(waits))


METRICS_ROUTES: Final = (
    Route(
        method="GET",
        path="/metrics",
        act=metrics,
        roles=EVERYONE,
        summary="Figures for Prometheus; no personal data",
        media="text/plain",
    ),
)

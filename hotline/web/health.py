"""Whether the service lives, whether it can work, and its figures for Prometheus."""

import asyncio
from typing import Final, Literal

from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from hotline.agents.agent import AgentNow, ShownState
from hotline.calls.ledger import CallRecord
from hotline.calls.state import CallState, Outcome
from hotline.campaigns.nightly import Night
from hotline.queues.board import QueueBoard
from hotline.recordings.checks import Checked
from hotline.recordings.disk import Disk
from hotline.transcribe.backlog_store import Backlog
from hotline.web.agents_reading import agents_now
from hotline.web.answers import as_json
from hotline.web.api_transcripts import read_backlog
from hotline.web.identity import EVERYONE
from hotline.web.keys import HUB, ROOMS
from hotline.web.reading import read_records
from hotline.web.rooms import Dependency, WebRooms
from hotline.web.routes import Route
from hotline.web.shapes import Shape

READY_WITHIN_S: Final = 5.0
BOUNDS_S: Final = (1.0, 2.0, 5.0, 11.0, 15.0, 20.0, 30.0, 60.0, 120.0, 300.0)  # 11 s is three rings, 15 s GB/T 33358


class DependencyOut(Shape):
    """One thing the service stands on."""

    name: str
    is_ready: bool
    detail: str


class HealthOut(Shape):
    """Whether the service can do its work, and what is missing."""

    status: Literal["ok", "not-ready"]
    dependencies: tuple[DependencyOut, ...] = ()


async def alive(_request: web.Request) -> web.StreamResponse:
    """Answer that the loop turns; asks nobody."""
    return as_json(HealthOut(status="ok"))


async def ready(request: web.Request) -> web.StreamResponse:
    """Answer with each dependency's state; 503 while one is missing."""
    found = await _dependencies(request.app[ROOMS])
    is_ready = all(one.is_ready for one in found)
    health = HealthOut(
        status="ok" if is_ready else "not-ready",
        dependencies=tuple(DependencyOut(name=one.name, is_ready=one.is_ready, detail=one.detail) for one in found),
    )
    return as_json(health, status=200 if is_ready else 503)


async def metrics(request: web.Request) -> web.StreamResponse:
    """Answer with the figures of today's calls, from the ledger, and of the moment, from the board."""
    rooms = request.app[ROOMS]
    calls = await read_records(rooms, rooms.midnight(), rooms.clock.now())
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(calls, rooms.board(), agents_now(rooms), request.app[HUB].viewers))
    registry.register(_Writing(await read_backlog(rooms)))
    registry.register(_RecordingFigures(rooms.disk(), rooms.checked()))
    registry.register(_NightFigures(rooms.calling_out.night() if rooms.calling_out else None))
    return web.Response(body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})


class _Figures(Collector):
    """What Prometheus is given. Counters begin again at the centre's midnight, which Prometheus reads as a reset."""

    def __init__(self, calls: list[CallRecord], board: QueueBoard, agents: tuple[AgentNow, ...], viewers: int) -> None:
        self._calls, self._board, self._agents, self._viewers = calls, board, agents, viewers

    def collect(self) -> list[Metric]:
        outcomes = CounterMetricFamily("hotline_calls", "Calls of today that ended, by outcome", labels=["outcome"])
        for outcome in Outcome:
            outcomes.add_metric([outcome.value], sum(call.outcome is outcome for call in self._calls))
        running = GaugeMetricFamily("hotline_open_calls", "Calls of today that have not ended", labels=["state"])
        for state in CallState:
            if state is not CallState.ENDED:
                running.add_metric([state.value], sum(call.state is state for call in self._calls))
        agents = GaugeMetricFamily("hotline_agents", "Agents by the state that is shown", labels=["state"])
        for shown in ShownState:
            agents.add_metric([shown.value], sum(agent.state is shown for agent in self._agents))
        return [
            outcomes,
            running,
            _histogram(
                "hotline_answer_wait_seconds",
                "Ring start to the switch's answer",
                [call.answer_wait.total_seconds() for call in self._calls if call.answer_wait is not None],
            ),
            _histogram(
                "hotline_human_wait_seconds",
                "Ring start to a human voice",
                [call.human_wait.total_seconds() for call in self._calls if call.human_wait is not None],
            ),
            agents,
            GaugeMetricFamily("hotline_waiting_callers", "Callers in queues", value=len(self._board.waiting)),
            GaugeMetricFamily("hotline_switch_link_up", "1 while the switch is heard", value=self._board.is_current),
            GaugeMetricFamily("hotline_live_viewers", "Open live sockets", value=self._viewers),
        ]


class _RecordingFigures(Collector):
    """How much room there is for recordings, and what the last look at them found; nothing before the first look."""

    def __init__(self, disk: Disk | None, checked: Checked | None) -> None:
        self._disk, self._checked = disk, checked

    def collect(self) -> list[Metric]:
        figures: list[Metric] = []
        if self._disk is not None:
            free = self._disk.free_mb * 1_000_000
            figures.append(GaugeMetricFamily("hotline_recordings_disk_free_bytes", "Free for recordings", value=free))
        if self._checked is not None:
            faults = GaugeMetricFamily(
                "hotline_recording_faults", "Recordings' files at fault at the last look", labels=["fault"]
            )
            for fault, count in self._checked.counts.items():
                faults.add_metric([fault.value], count)
            figures.append(faults)
        return figures


class _NightFigures(Collector):
    """Possible double rings of the day before; nothing before they were counted."""

    def __init__(self, night: Night | None) -> None:
        self._night = night

    def collect(self) -> list[Metric]:
        if self._night is None:
            return []
        told = "Possible double rings of campaigns on the day before, from the event log; the aim is 0"
        rung = "Calls that campaigns began on the day before, from the event log"
        return [
            GaugeMetricFamily("hotline_possible_double_rings", told, value=self._night.doubles),
            GaugeMetricFamily("hotline_campaign_calls_of_yesterday", rung, value=self._night.rung),
        ]


class _Writing(Collector):
    """How far the writing down of recordings has come, for Prometheus."""

    def __init__(self, found: Backlog) -> None:
        self._found = found

    def collect(self) -> list[Metric]:
        counted = GaugeMetricFamily(
            "hotline_transcripts", "Recordings waiting and being written down; done and failed today", labels=["state"]
        )
        for state in ("waiting", "running", "done", "failed"):
            counted.add_metric([state], getattr(self._found, state))
        urgent = GaugeMetricFamily(
            "hotline_transcripts_waiting_emergencies",
            "Waiting recordings of emergencies",
            value=self._found.emergencies,
        )
        return [counted, urgent]


def _histogram(name: str, meaning: str, waits: list[float]) -> HistogramMetricFamily:
    buckets = [(str(bound), float(sum(wait <= bound for wait in waits))) for bound in BOUNDS_S]
    return HistogramMetricFamily(name, meaning, buckets=[*buckets, ("+Inf", float(len(waits)))], sum_value=sum(waits))


async def _dependencies(rooms: WebRooms) -> list[Dependency]:
    try:
        async with asyncio.timeout(READY_WITHIN_S):
            return await rooms.readiness()
    except TimeoutError:
        return [Dependency("readiness", is_ready=False, detail=f"no answer within {READY_WITHIN_S:g} s")]


HEALTH_ROUTES: Final = (
    Route(
        method="GET", path="/healthz", act=alive, roles=EVERYONE, summary="Whether the service lives", answer=HealthOut
    ),
    Route(
        method="GET",
        path="/readyz",
        act=ready,
        roles=EVERYONE,
        summary="Whether the service can work, dependency by dependency; 503 while it cannot",
        answer=HealthOut,
    ),
    Route(
        method="GET",
        path="/metrics",
        act=metrics,
        roles=EVERYONE,
        summary="Figures for Prometheus; no personal data",
        media="text/plain",
    ),
)

"""What Prometheus is given: all that the dashboard and the rules ask for, few labels, nobody's number or name."""

import json
import re
from datetime import date
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from hotline.campaigns.nightly import Night
from hotline.recordings.checks import Checked
from hotline.recordings.disk import Disk, DiskState
from hotline.settings import CentreSettings, ReceiverSettings, WebhooksSettings
from hotline.web.keys import LAG
from hotline.web.loop_lag import BOUNDS_S, LoopLag
from hotline.web.rooms import CHINA, Dependency
from hotline.web.webhook import ReceiverWay
from hotline.webhooks.service import Webhooks
from tests.fakes.web_desk import CALLER, PASSWORD, WebDesk, web_desk

DEPLOY = Path(__file__).parents[3] / "deploy"
OURS = re.compile(r"\b(hotline_[a-z_]+|process_[a-z_]+)\b")
LABELS = {
    "outcome", "direction", "state", "le", "fault", "rule", "way", "receiver", "name",
}  # fmt: skip


async def whole_desk(room: WebDesk) -> None:
    """Let the desk have everything of which a figure is told."""
    receiver = ReceiverSettings(url="http://127.0.0.1:1/", secret=SecretStr(PASSWORD), events=("call.ended",))
    webhooks = Webhooks(
        settings=WebhooksSettings(receivers={"crm": receiver}), centre=CentreSettings(), zone=CHINA,
        database=room.database, clock=room.clock, way_to=lambda one: ReceiverWay(one, room.clock),
    )  # fmt: skip
    webhooks.follow()
    room.dependencies.append(Dependency("redis", is_ready=False))
    for name, value in (
        ("webhooks", webhooks),
        ("disk", lambda: Disk(state=DiskState.LOW, free_mb=7, call_hours=1)),
        ("checked", lambda: Checked(0, 0, ())),
    ):
        object.__setattr__(room.rooms, name, value)
    night = Night(day=date(2026, 11, 20), rung=3, doubles=0)
    object.__setattr__(room.rooms.calling_out, "night", lambda: night)
    room.app[LAG].note(0.03)
    await room.finished_call()
    await room.goes_on("c-2")
    room.clock.turn(1)


async def told(room: WebDesk) -> str:
    answer = await room.client().get("/metrics")
    assert answer.status == 200
    return await answer.text()


async def test_every_figure_of_the_dashboard_and_of_the_rules_is_given(tmp_path: Path) -> None:
    async with web_desk(tmp_path) as room:
        await whole_desk(room)
        text = await told(room)

    given = {sample.name for family in text_string_to_metric_families(text) for sample in family.samples}
    wanted: set[str] = set()
    dashboard = json.loads((DEPLOY / "grafana" / "hotline.json").read_text(encoding="utf-8"))
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            wanted |= set(OURS.findall(target["expr"]))
    rules = (DEPLOY / "prometheus" / "hotline.rules.yml").read_text(encoding="utf-8")
    for line in re.findall(r"expr: (.*)", rules):
        wanted |= set(OURS.findall(line))
    assert len(wanted) > 25
    assert wanted - given == set()


async def test_labels_are_few_and_nothing_is_anybodys(tmp_path: Path) -> None:
    async with web_desk(tmp_path) as room:
        await whole_desk(room)
        text = await told(room)

    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    assert {label for sample in samples if sample.name.startswith("hotline_") for label in sample.labels} <= LABELS
    assert len(samples) < 400
    for secret in (CALLER, CALLER[-8:], "8001", "王敏", "张伟", "3-2-501", "c-1", PASSWORD, "127.0.0.1"):
        assert secret not in text
    values = {(sample.name, *sample.labels.values()): sample.value for sample in samples}
    assert values["hotline_calls_total", "answered"] == 1
    assert values["hotline_open_calls", "ringing"] == 1
    assert values["hotline_rings_heard_bucket", "1.0"] == 1
    assert values["hotline_webhook_messages", "crm", "waiting"] == 1
    assert values["hotline_dependency_up", "redis"] == 0
    assert values["hotline_event_loop_lag_seconds_bucket", "0.05"] == 1


def test_a_loop_that_is_held_up_is_counted_by_how_long() -> None:
    lag = LoopLag()
    for late in (-0.1, 0.002, 0.3, 9.0):
        lag.note(late)

    buckets = dict(lag.buckets)
    assert (buckets["0.005"], buckets["0.5"], buckets[str(BOUNDS_S[-1])], buckets["+Inf"]) == (2, 3, 3, 4)
    assert lag.total == pytest.approx(9.302)

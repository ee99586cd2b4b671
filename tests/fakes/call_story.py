"""Tell a call as Asterisk would write it down: `CallStory().rings().lifted()…rows` are event-log rows.

Its shape was taken from captures of a real Asterisk 22 (tests/recorded); test_call_story.py holds it against them.
"""

import json
from datetime import UTC, datetime, timedelta

from hotline.calls.cel import CelRow
from hotline.calls.ledger import CallRecord, fold
from hotline.calls.story import tell

START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
CALL = "hotline-1795251600.0"
CALLER = "PJSIP/carrier-00000000"


class CallStory:
    """One call, told step by step; each step may let time pass first."""

    def __init__(self, *, call: str = CALL, start: datetime = START, number: str = "13800138501") -> None:
        self.call = call
        self.now = start
        self.rows: list[CelRow] = []
        self._number = number
        self._legs: dict[str, str] = {}

    @property
    def record(self) -> CallRecord:
        return fold(self.call, tell(self.rows))

    def waits(self, seconds: float) -> "CallStory":
        self.now += timedelta(seconds=seconds)
        return self

    def rings(self, *, context: str = "from-carrier", dialled: str = "96000") -> "CallStory":
        return self._row("CHAN_START", context=context, extension=dialled)

    def lifted(self, after: float = 1.0) -> "CallStory":
        return self.waits(after)._row("ANSWER", application="Answer")

    def announced(self) -> "CallStory":
        return self.said("NOTICE", "2026-11").said("RECORDING", f"2026/11/21/{self.call}")

    def enters_menu(self) -> "CallStory":
        return self.said("MENU", "main")

    def presses(self, key: str, after: float = 2.0) -> "CallStory":
        return self.waits(after).said("MENU_CHOICE", key)

    def queues(self, queue: str = "service") -> "CallStory":
        return self.said("QUEUE", queue)

    def said(self, name: str, value: str) -> "CallStory":
        return self._row(name, extra={"extra": value})

    def agent_rings(self, agent: str = "8001", after: float = 0.1) -> "CallStory":
        self.waits(after)
        leg = f"{self.call}.{agent}.{len(self.rows)}"
        self._legs[agent] = leg
        return self._row("CHAN_START", leg=leg, channel=f"PJSIP/{agent}-0000000a", context="from-agents", number=agent)

    def agent_answers(self, agent: str = "8001", after: float = 2.0) -> "CallStory":
        self.waits(after)
        leg, channel, bridge = self._legs[agent], f"PJSIP/{agent}-0000000a", {"bridge_id": f"b-{agent}"}
        self._row("ANSWER", leg=leg, channel=channel)
        self._row("BRIDGE_ENTER", leg=leg, channel=channel, extra=bridge)
        return self._row("BRIDGE_ENTER", extra=bridge)

    def agent_stops_ringing(self, agent: str = "8001", after: float = 15.0) -> "CallStory":
        return self.waits(after)._agent_gone(agent)

    def agent_hangs_up(self, agent: str = "8001", after: float = 30.0) -> "CallStory":
        return self.agent_leaves(agent, after)._over(source=f"PJSIP/{agent}-0000000a")

    def agent_leaves(self, agent: str = "8001", after: float = 30.0) -> "CallStory":
        """The agent hangs up and the caller is still led on."""
        self.waits(after)
        self._row("BRIDGE_EXIT", leg=self._legs[agent], channel=f"PJSIP/{agent}-0000000a", extra=self._bridge(agent))
        self._row("BRIDGE_EXIT", extra=self._bridge(agent))
        return self._agent_gone(agent)

    def hangs_up(self, after: float = 0.0, *, talking_to: str = "") -> "CallStory":
        self.waits(after)
        if talking_to:
            self._row("BRIDGE_EXIT", extra=self._bridge(talking_to))
            self._agent_gone(talking_to)
        return self._over(source=CALLER)

    def lost_with_the_switch(self) -> "CallStory":
        return self._row("SWITCH_LOST")

    def _over(self, *, source: str) -> "CallStory":
        self._row("HANGUP", extra={"hangupcause": 16, "hangupsource": source, "dialstatus": ""})
        return self._row("LINKEDID_END")

    def _agent_gone(self, agent: str) -> "CallStory":
        leg, channel = self._legs[agent], f"PJSIP/{agent}-0000000a"
        hung_up = {"hangupcause": 16, "hangupsource": "", "dialstatus": ""}
        return self._row("HANGUP", leg=leg, channel=channel, extra=hung_up)

    def _bridge(self, agent: str) -> dict[str, str]:
        return {"bridge_id": f"b-{agent}"}

    def _row(
        self,
        kind: str,
        *,
        leg: str = "",
        channel: str = CALLER,
        extra: dict | None = None,
        number: str = "",
        **more: str,
    ) -> "CallStory":
        self.rows.append(
            CelRow(
                position=len(self.rows) + 1,
                type=kind,
                at=self.now,
                linkedid=self.call,
                uniqueid=leg or self.call,
                channel=channel,
                caller_number=number or self._number,
                extra=json.dumps(extra) if extra else "",
                **more,
            )
        )
        return self

"""Possible double rings of yesterday stand on the page of campaigns and in the metrics, counted once a day."""

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from hotline.campaigns.nightly import Night, Nightly
from hotline.settings import OutboundSettings


async def test_day_before_is_counted_after_midnight_and_told(desk):
    async with desk() as room:
        boss = await room.signed_in("boss")
        nightly = Nightly(
            database=room.database, clock=room.clock, settings=OutboundSettings(), zone=ZoneInfo("Asia/Shanghai")
        )
        object.__setattr__(room.rooms.calling_out, "night", lambda: nightly.last)  # as the service wires it
        assert (await (await boss.get("/api/v1/campaigns")).json())["night"] is None
        assert "hotline_possible_double_rings" not in await (await boss.get("/metrics")).text()

        first = await nightly.once()
        assert await nightly.once() is first
        nightly.last = replace(first, rung=7, doubles=1)

        shown = (await (await boss.get("/api/v1/campaigns")).json())["night"]
        assert shown == {"day": first.day.isoformat(), "rung": 7, "doubles": 1}
        assert "hotline_possible_double_rings 1.0" in await (await boss.get("/metrics")).text()
        room.clock.turn(timedelta(days=1).total_seconds())
        assert await nightly.once() == Night(day=first.day + timedelta(days=1), rung=0, doubles=0)
        assert isinstance(first.day, date)

"""Another program that is told of what happens: it checks what it gets, is away at first, trips, and loses its line."""

import hashlib
import hmac
import json
from collections import Counter
from typing import Any

from aiohttp import web

from hotline.clock import Clock, SystemClock


class Ear:
    """A receiver over HTTP. Of the numbers in `trips_over` the first message is refused once, then taken unanswered."""

    def __init__(self, port: int, secret: str, *, trips_over: tuple[str, ...] = (), clock: Clock | None = None) -> None:
        self.port, self._secret, self._trips_over, self._clock = port, secret, trips_over, clock or SystemClock()
        self.bodies: list[dict[str, Any]] = []  # all that were taken, also twice
        self.refused = 0
        self.forged = 0
        self._tries: Counter[str] = Counter()
        self._runner: web.AppRunner | None = None

    @property
    def settings(self) -> str:
        """What the settings file says of it."""
        return (
            f'[webhooks.receivers.crm]\nurl = "http://127.0.0.1:{self.port}/told"\nsecret = "{self._secret}"\n'
            'events = ["call.started", "call.answered", "call.ended", "entry.written", "follow-up.due"]\n'
        )

    @property
    def told(self) -> list[dict[str, Any]]:
        """What was told, each once, in the order in which it was first heard."""
        known: dict[str, dict[str, Any]] = {}
        for body in self.bodies:
            known.setdefault(body["id"], body)
        return list(known.values())

    def events_of(self, call_id: str) -> list[str]:
        """Return what was told of a call, in that order."""
        return [one["event"] for one in self.told if one.get("call", {}).get("id") == call_id]

    async def open(self) -> None:
        """Begin to listen."""
        app = web.Application()
        app.router.add_post("/told", self._take)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()

    async def close(self) -> None:
        """Go away."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.StreamResponse:
        content = await request.read()
        if not self._is_ours(content, request.headers.get("X-Hotline-Signature", "")):
            self.forged += 1
            return web.Response(status=401)
        body = json.loads(content)
        self._tries[body["id"]] += 1
        trips = body["event"] == "call.started" and body["call"]["number"].endswith(self._trips_over)
        if trips and self._tries[body["id"]] == 1:
            self.refused += 1
            return web.Response(status=500)
        self.bodies.append(body)
        if trips and self._tries[body["id"]] == 2 and request.transport is not None:
            request.transport.abort()  # taken, and the line breaks before anybody hears so
        return web.Response(status=204)

    def _is_ours(self, content: bytes, header: str) -> bool:
        said = dict(part.split("=", 1) for part in header.split(",") if "=" in part)
        proof = hmac.new(self._secret.encode(), said.get("t", "").encode() + b"." + content, hashlib.sha256).hexdigest()
        is_new = abs(self._clock.now().timestamp() - int(said.get("t") or 0)) < 300
        return hmac.compare_digest(proof, said.get("v1", "")) and is_new

"""What every answer has in common: the shape of errors, headers that protect, limits, health, figures."""

import asyncio
import json
import re
from contextlib import asynccontextmanager
from importlib import import_module

import pytest
from aiohttp.test_utils import make_mocked_request, unused_port

from hotline.accounts.account import TooManyTries
from hotline.errors import HotlineError
from hotline.queues.board import AgentState
from hotline.settings import WebSettings
from hotline.web import answers, server
from hotline.web.errors import PortBusy
from hotline.web.rooms import Dependency
from hotline.web.server import ALL_ROUTES, CONTENT_POLICY, serve


def families(error: type[HotlineError]) -> list[type[HotlineError]]:
    """Return this error and all that derive from it, of whatever room has been imported."""
    return [error, *(deeper for below in error.__subclasses__() for deeper in families(below))]


@pytest.mark.parametrize("family", families(HotlineError), ids=lambda family: family.__name__)
def test_every_error_has_a_stable_id_and_the_one_shape(family):
    wrong = family.__new__(family)
    Exception.__init__(wrong, "what is wrong")
    wrong.path, wrong.why = "leg.wav", "is wrong"  # of which some make their own sentence

    answer = answers.answer(make_mocked_request("GET", "/api/v1/calls"), wrong)

    assert 400 <= answer.status < 600
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", family.error_id)
    assert json.loads(answer.text) == {"error": {"id": family.error_id, "message": str(wrong), "details": {}}}


def test_every_status_belongs_to_an_error_that_exists():
    import_module("hotline.voice.errors")  # the one that no page of ours imports
    assert set(answers.STATUS) <= {family.error_id for family in families(HotlineError)}


def test_family_without_a_status_of_its_own_has_its_parents():
    class MoreTries(TooManyTries):
        error_id = "more-tries"

    assert answers.status_of(MoreTries(3)) == 429


@pytest.mark.parametrize(
    ("method", "path", "status", "error_id"),
    [
        ("GET", "/api/v1/nothing", 404, "address-unknown"),
        ("DELETE", "/api/v1/calls", 405, "method-not-offered"),
        ("POST", "/healthz", 405, "method-not-offered"),
        ("GET", "/api/v1/calls/%00", 404, "call-unknown"),
        ("GET", "/api/v1/calls/" + "x" * 3000, 404, "call-unknown"),
    ],
)
async def test_unknown_addresses_and_methods_have_the_shape_of_errors_too(desk, method, path, status, error_id):
    async with desk() as room:
        client = await room.signed_in()

        answer = await client.request(method, path)

        error = (await answer.json())["error"]
        assert (answer.status, error["id"]) == (status, error_id)
        assert set(error) == {"id", "message", "details"}


async def test_unknown_page_is_a_page_in_chinese(desk):
    async with desk() as room:
        client = await room.signed_in()

        answer = await client.get("/nothing")

        assert answer.status == 404
        assert "没有这个页面" in await answer.text()


async def test_what_nobody_foresaw_is_an_error_without_a_stack_trace(desk):
    def broken() -> None:
        raise RuntimeError("13800138501 is in this text")

    async with desk(board=broken) as room:
        answer = await room.client().get("/metrics")

        text = await answer.text()
        assert answer.status == 500
        assert "Traceback" not in text
        assert "13800138501" not in text
        assert (await answer.json())["error"]["id"] == "unforeseen"


@pytest.mark.parametrize("path", ["/", "/sign-in", "/api/v1/calls", "/nothing", "/static/desk.js", "/healthz"])
async def test_every_answer_carries_the_headers_that_protect(desk, path):
    async with desk() as room:
        client = await room.signed_in()

        answer = await client.get(path)

        assert answer.headers["Content-Security-Policy"] == CONTENT_POLICY
        assert "unsafe" not in CONTENT_POLICY
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Cache-Control"] == ("no-cache" if "static" in path else "no-store")


async def test_pages_hold_no_script_or_style_of_their_own(desk):
    async with desk() as room:
        await room.finished_call()
        await room.draft()
        client = await room.signed_in()
        for path in ("/", "/calls", "/calls/c-1", "/duty-log", "/nothing"):
            page = await (await client.get(path)).text()

            assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=|https?://", page)


@pytest.mark.parametrize("name", ["../server.py", "%2e%2e%2fserver.py", "words.py", ".", "nothing.js"])
async def test_only_the_files_of_the_pages_are_given(desk, name):
    async with desk() as room:
        assert (await room.client().get(f"/static/{name}")).status == 404


async def test_body_that_is_too_long_is_refused(desk):
    async with desk() as room:
        client = await room.signed_in()

        answer = await client.post("/api/v1/duty-log", data=b"x" * 70_000)

        assert answer.status == 413
        assert (await answer.json())["error"]["id"] == "body-too-large"


async def test_openapi_describes_every_address_of_the_api_and_resolves(desk):
    async with desk() as room:
        client = await room.signed_in()

        document = await (await client.get("/api/v1/openapi.json")).json()

        wanted = {route.path for route in ALL_ROUTES if route.path.startswith("/api/")}
        assert wanted <= set(document["paths"])
        references = set(re.findall(r"#/components/schemas/(\w+)", str(document)))
        assert references <= set(document["components"]["schemas"])
        assert document["paths"]["/healthz"]["get"]["security"] == []


async def test_service_is_ready_only_when_everything_it_stands_on_is(desk):
    async with desk() as room:
        client = room.client()
        room.dependencies += [Dependency("database", is_ready=True)]
        assert (await client.get("/readyz")).status == 200

        room.dependencies += [Dependency("redis", is_ready=False, detail="no answer")]

        answer = await client.get("/readyz")
        assert answer.status == 503
        assert (await answer.json())["dependencies"][1] == {"name": "redis", "is_ready": False, "detail": "no answer"}
        assert (await client.get("/healthz")).status == 200


async def test_prometheus_reads_todays_calls_and_the_link(desk):
    async with desk() as room:
        await room.finished_call()
        room.agents(a8001=AgentState.READY)

        text = await (await room.client().get("/metrics")).text()

        assert 'hotline_calls_total{outcome="answered"} 1.0' in text
        assert 'hotline_answer_wait_seconds_bucket{le="11.0"} 1.0' in text
        assert "hotline_human_wait_seconds_sum 33.0" in text
        assert 'hotline_agents{state="ready"} 1.0' in text
        assert "hotline_switch_link_up 1.0" in text


async def test_busy_port_is_said_with_what_to_do(desk):
    async with desk() as room:
        taken = room.server.port

        with pytest.raises(PortBusy, match="HOTLINE_WEB_PORT"):
            await serve(room.rooms, WebSettings(port=taken))


@asynccontextmanager
async def serving(room):
    """Serve as in earnest, and give the port."""
    port = unused_port()
    failure = None
    async with asyncio.TaskGroup() as group:
        task = group.create_task(serve(room.rooms, WebSettings(port=port)))
        async with asyncio.timeout(5):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    break
                except OSError:
                    await asyncio.sleep(0.01)
        writer.close()
        try:
            yield port
        except Exception as raised:  # noqa: BLE001  # raised below as it is, not in a group
            failure = raised
        task.cancel()
    if failure:
        raise failure


async def test_service_serves_until_it_is_told_to_stop(desk):
    async with desk() as room:
        client = room.client()
        async with serving(room) as port:
            answer = await client.get(f"http://127.0.0.1:{port}/healthz")

            assert answer.status == 200
        with pytest.raises(OSError, match="Cannot connect"):
            await client.get(f"http://127.0.0.1:{port}/healthz")


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=x", b"--x\r\nbroken"),
        ("application/x-www-form-urlencoded; charset=nonsense", b"name=x"),
        ("application/x-www-form-urlencoded", b"name=%ff%fe&password=\xff"),
        ("application/x-www-form-urlencoded", b"&".join(b"f%d=1" % n for n in range(5000))),
    ],
)
async def test_form_that_is_no_form_is_never_an_error_of_ours(desk, kind, body):
    async with desk() as room:
        client = room.client(Origin=room.origin)

        answer = await client.post("/sign-in", data=body, headers={"Content-Type": kind})

        assert 400 <= answer.status < 500, await answer.text()


async def test_form_that_is_not_packed_as_it_says_is_a_bad_request(desk):
    async with desk() as room:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Content-Encoding": "gzip"}

        answer = await room.client(Origin=room.origin).post("/sign-in", data=b"name=x", headers=headers)

        assert answer.status == 400


async def reads_until_closed(port: int, sent: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    try:
        async with asyncio.timeout(5):
            return await reader.read()
    finally:
        writer.close()


async def test_client_that_never_ends_its_headers_is_let_go(desk, monkeypatch):
    monkeypatch.setattr(server, "IDLE_S", 0.3)
    async with desk() as room, serving(room) as port:
        assert await reads_until_closed(port, b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ") == b""


async def test_client_that_never_ends_its_body_is_told_so(desk, monkeypatch):
    monkeypatch.setattr(server, "ANSWER_WITHIN_S", 0.3)
    async with desk() as room, serving(room) as port:
        head = (
            f"POST /sign-in HTTP/1.1\r\nHost: x:{port}\r\nOrigin: http://x:{port}\r\nConnection: close\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 50\r\n\r\nname=x"
        )

        told = await reads_until_closed(port, head.encode())

        assert b" 408 " in told
        assert b"request-too-slow" in told


async def test_header_that_is_too_long_is_refused(desk):
    async with desk() as room, serving(room) as port:
        told = await reads_until_closed(port, b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 70_000 + b"\r\n\r\n")

        assert re.match(rb"HTTP/1\.[01] 4\d\d ", told)
        assert b"Traceback" not in told


async def test_what_is_no_http_gets_no_stack_trace(desk):
    async with desk() as room, serving(room) as port:
        told = await reads_until_closed(port, b"\x16\x03\x01 hello\r\n\r\n")

        assert told.startswith(b"HTTP/1.")
        assert b"Traceback" not in told

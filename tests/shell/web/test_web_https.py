"""The pages for other machines: https with the centre's own certificate, and two homes on one host."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import ClientConnectorCertificateError, ClientSession, CookieJar, TCPConnector
from aiohttp.test_utils import unused_port
from pydantic import SecretStr

from hotline.certificate import CertificateRefused
from hotline.clock import SystemClock
from hotline.install import health
from hotline.settings import WebSettings, read_settings
from hotline.web.https import HttpsDoor
from hotline.web.server import serve
from tests.fakes.own_certificate import OwnCertificate, make_certificate
from tests.fakes.web_desk import PASSWORD, SESSION_KEY, WebDesk, web_desk


@asynccontextmanager
async def served(room: WebDesk, made: OwnCertificate) -> AsyncIterator[str]:
    """Serve the room over https with this certificate; gives its address."""
    settings = WebSettings(
        port=unused_port(),
        session_key=SecretStr(SESSION_KEY),
        certificate_file=made.certificate_file,
        key_file=made.key_file,
    )
    service = asyncio.create_task(serve(replace(room.rooms, settings=settings, is_secure=True), settings))
    try:
        async with asyncio.timeout(10):
            while not service.done():
                try:
                    _reader, writer = await asyncio.open_connection("127.0.0.1", settings.port)
                except OSError:
                    await asyncio.sleep(0.02)
                else:
                    writer.close()
                    break
        yield f"https://localhost:{settings.port}"
    finally:
        service.cancel()
        await asyncio.wait([service])
    assert service.cancelled(), service.exception()


def trusting(made: OwnCertificate) -> TCPConnector:
    """Return the connections of a browser in which the certificate was made a trusted one."""
    return TCPConnector(ssl=ssl.create_default_context(cafile=str(made.certificate_file)))


async def test_person_signs_in_and_watches_over_https(desk, tmp_path):
    made = make_certificate(tmp_path / "tls")
    async with desk() as room, served(room, made) as origin:
        jar = CookieJar(unsafe=True)
        async with ClientSession(
            origin, headers={"Origin": origin}, connector=trusting(made), cookie_jar=jar
        ) as client:
            sent = {"name": "xiaowang", "password": PASSWORD}
            answer = await client.post("/sign-in", data=sent, allow_redirects=False)

            assert answer.status == 303
            assert answer.headers["Set-Cookie"].startswith("__Host-hotline-")
            assert "Secure" in answer.headers["Set-Cookie"]
            assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
            assert (await client.get("/api/v1/me")).status == 200
            async with client.ws_connect("/api/v1/live") as socket:
                assert (await socket.receive_json(timeout=5))["type"] == "snapshot"


async def test_set_up_sees_a_service_over_https_even_when_its_certificate_has_ended(desk, tmp_path):
    made = make_certificate(tmp_path / "tls", names=("desk.lan",), ends=SystemClock().now() - timedelta(hours=1))
    async with desk() as room, served(room, made) as origin:
        variables = {
            "HOTLINE_HOME": str(tmp_path),
            "HOTLINE_WEB_PORT": origin.rsplit(":", maxsplit=1)[1],
            "HOTLINE_WEB_CERTIFICATE_FILE": str(made.certificate_file),
            "HOTLINE_WEB_KEY_FILE": str(made.key_file),
        }

        assert (await asyncio.to_thread(health.ask, read_settings(variables))).ready


async def test_browser_that_does_not_trust_the_certificate_gets_nothing(desk, tmp_path):
    made, another = make_certificate(tmp_path / "tls"), make_certificate(tmp_path / "another")
    async with (
        desk() as room,
        served(room, made) as origin,
        ClientSession(origin, connector=trusting(another)) as client,
    ):
        with pytest.raises(ClientConnectorCertificateError):
            await client.get("/sign-in")


async def test_service_does_not_start_with_a_key_that_does_not_fit(desk, tmp_path):
    made, another = make_certificate(tmp_path / "tls"), make_certificate(tmp_path / "another")
    settings = WebSettings(
        port=unused_port(),
        session_key=SecretStr(SESSION_KEY),
        certificate_file=made.certificate_file,
        key_file=another.key_file,
    )
    async with desk() as room:
        with pytest.raises(CertificateRefused, match="is not the key"):
            await serve(room.rooms, settings)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
async def test_renewed_certificate_is_served_without_a_stop(tmp_path, host):
    made = make_certificate(tmp_path)
    door = await asyncio.to_thread(HttpsDoor, made.certificate_file, made.key_file, SystemClock())

    async def say_nothing(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with await asyncio.start_server(say_nothing, "127.0.0.1", 0, ssl=door.context) as server:
        port = server.sockets[0].getsockname()[1]
        before = await certificate_at(host, port)
        make_certificate(tmp_path, ends=SystemClock().now() + timedelta(days=5))
        await asyncio.to_thread(door.look)
        after = await certificate_at(host, port)
        made.key_file.write_text("half a file")
        await asyncio.to_thread(door.look)
        broken = await certificate_at(host, port)

    assert before != after
    assert broken == after


async def certificate_at(host: str, port: int) -> bytes | None:
    """Return the certificate that is shown to a browser asking for this host."""
    anyone = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anyone.check_hostname, anyone.verify_mode = False, ssl.CERT_NONE
    _reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=anyone, server_hostname=host)
    shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    return shown


async def test_signing_in_at_one_home_leaves_the_other_of_the_same_host_signed_in(tmp_path: Path):
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    key = SecretStr("b3RoZXJvdGhlcm90aGVyb3RoZXJvdGhlcm90aGVyMTI=")
    async with (
        web_desk(tmp_path / "one") as one,
        web_desk(tmp_path / "other", settings=WebSettings(session_key=key)) as other,
        ClientSession(cookie_jar=CookieJar(unsafe=True)) as browser,  # one jar, whatever the port is
    ):
        for room in (one, other):
            sent = {"name": "xiaowang", "password": PASSWORD}
            await browser.post(f"{room.origin}/sign-in", data=sent, headers={"Origin": room.origin})

        answers = [(await browser.get(f"{room.origin}/api/v1/me")).status for room in (one, other)]

    assert answers == [200, 200]

"""A caller who speaks SIP by hand: messages instead of calls, dialling into the dialplan, sending people elsewhere."""

import asyncio
import socket

import pytest

from hotline.calls.state import CallState, Outcome
from hotline.calls.store import calls_page
from hotline.recordings.recording import RecordingState
from hotline.recordings.store import recording_of
from hotline.simulate.scenario import Press, Say, Wait, caller
from hotline.simulate.sipp import TelephoneFailed, free_port
from tests.fakes.site import Site, ended

pytestmark = pytest.mark.asyncio(loop_scope="module")


def ask(site: Site, request: str) -> str:
    """Send one SIP request by hand; return the first line of the answer."""
    port = free_port()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.1", port))
        line.settimeout(5)
        line.sendto(request.replace("PORT", str(port)).encode(), ("127.0.0.1", site.settings.sip.port))
        return line.recv(65_536).decode("utf-8", "replace").split("\r\n")[0]


async def all_calls(site: Site) -> list[str]:
    async with site.database.read() as session:
        return [call.id for call in await calls_page(session)]


async def test_a_message_is_no_call_and_rings_nobody(site: Site) -> None:
    before = await all_calls(site)
    request = (
        "MESSAGE sip:96000@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:PORT;branch=z9hG4bK-m1\r\n"
        "From: <sip:13900000001@127.0.0.1>;tag=m1\r\nTo: <sip:96000@127.0.0.1>\r\nCall-ID: m1@127.0.0.1\r\n"
        "CSeq: 1 MESSAGE\r\nMax-Forwards: 70\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nring"
    )

    answer = await asyncio.to_thread(ask, site, request)

    assert not answer.startswith("SIP/2.0 2"), answer
    await asyncio.to_thread(ask, site, request.replace("MESSAGE", "OPTIONS").replace("m1", "m2"))  # and time to show
    assert await all_calls(site) == before
    assert "0 active channels" in site.console("core show channels")


@pytest.mark.parametrize("dialled", ["T", "h", "i", "s"])
async def test_nobody_dials_into_the_dialplan_past_the_notice(site: Site, dialled: str) -> None:
    with pytest.raises(TelephoneFailed, match=r"SIP/2.0 4(04|84)"):
        await site.calls_in(Wait(1), number="13900000002", dialled=dialled)


async def test_a_caller_cannot_send_the_agent_elsewhere_and_the_recording_stays_whole(site: Site) -> None:
    phone = await site.sign_in_phone("8001")
    number = "13900000003"
    scenario = caller(
        [Say(site.silence(10), 10), Press("1"), Wait(14)], number=number, dialled="96000", hangs_up=True,
    )  # fmt: skip
    refer = f"""<send retrans="500"><![CDATA[
REFER sip:96000@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:{number}@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:96000@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 2 REFER
Contact: <sip:{number}@[local_ip]:[local_port]>
Refer-To: <sip:96000@[remote_ip]:[remote_port]>
Max-Forwards: 70
Content-Length: 0

]]></send><recv response="603"/>"""
    head, bye, tail = scenario.rpartition('<send retrans="500"><![CDATA[\nBYE')
    hostile = head + refer + bye.replace("2 BYE", "3 BYE") + tail.replace("CSeq: 2 BYE", "CSeq: 3 BYE")
    async with asyncio.TaskGroup() as both:
        both.create_task(site.agent_answers(phone, Say(site.silence(2), 2)))
        both.create_task(site.telephone("hostile").call(hostile, limit=60))

    call = await site.call_of(number, where=ended)
    assert (call.outcome, call.state, call.oddities) == (Outcome.ANSWERED, CallState.ENDED, ())

    async def settled() -> bool:
        async with site.database.read() as session:
            found = await recording_of(session, call.id, site.settings.recordings_directory)
        return found is not None and found.state is RecordingState.FINISHED and found.seconds > 2  # from the queue on

    await site.eventually(settled, limit=20, what="the recording is whole")


async def test_a_recordings_directory_that_cannot_be_written_is_not_ready(site: Site) -> None:
    import aiohttp

    directory = site.settings.recordings_directory
    moved = directory.with_name("moved")
    directory.rename(moved)
    try:
        async with aiohttp.ClientSession() as http, http.get(site.url("/readyz")) as answer:
            said = await answer.json()
    finally:
        moved.rename(directory)

    assert answer.status == 503
    assert [each["name"] for each in said["dependencies"] if not each["is_ready"]] == ["recordings"]

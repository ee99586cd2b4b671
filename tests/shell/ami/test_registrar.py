"""A telephone's sign-in is taken back in SIP: signed, asked again where a datagram was lost, and never for ever."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from hotline.ami import registrar
from hotline.ami.errors import AmiRefused, AmiSilent
from hotline.ami.registrar import SwitchRegistrar

CHALLENGE = (
    "SIP/2.0 401 Unauthorized\r\n{cseq}\r\n"
    'WWW-Authenticate: Digest realm="asterisk",nonce="1/ab",opaque="op",algorithm=MD5,qop="auth"\r\n\r\n'
)


class Peer(asyncio.DatagramProtocol):
    """Answers each request as `answers` says; "" is silence."""

    def __init__(self, answers: Callable[[int, str], str]) -> None:
        self.heard: list[str] = []
        self._answers = answers

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: object) -> None:
        request = data.decode()
        self.heard.append(request)
        cseq = next(line for line in request.split("\r\n") if line.startswith("CSeq"))
        for one in self._answers(len(self.heard), request).split("|"):
            if one:
                self.transport.sendto(one.format(cseq=cseq).encode(), addr)  # type: ignore[attr-defined]


@asynccontextmanager
async def peer(answers: Callable[[int, str], str]) -> AsyncIterator[tuple[Peer, SwitchRegistrar]]:
    transport, heard = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Peer(answers), local_addr=("127.0.0.1", 0)
    )
    try:
        yield heard, SwitchRegistrar("127.0.0.1", transport.get_extra_info("sockname")[1])
    finally:
        transport.close()


async def test_every_address_is_taken_back_with_the_password_of_that_moment() -> None:
    def answers(_count: int, request: str) -> str:
        return "SIP/2.0 200 OK\r\n{cseq}\r\n\r\n" if "Authorization" in request else CHALLENGE

    async with peer(answers) as (heard, switch):
        await switch.sign_out("8001", "own")

    first, signed = heard.heard
    assert "Authorization" not in first
    assert "\r\nContact: *\r\n" in signed
    assert "\r\nExpires: 0\r\n" in signed
    said = dict(re.findall(r'(\w+)="?([^",\r]*)"?', signed.partition("Authorization: Digest ")[2].partition("\r\n")[0]))
    who, what = (hashlib.md5(text.encode()).hexdigest() for text in ("8001:asterisk:own", f"REGISTER:{said['uri']}"))
    proof = hashlib.md5(f"{who}:1/ab:{said['nc']}:{said['cnonce']}:auth:{what}".encode()).hexdigest()
    assert (said["response"], said["opaque"], said["username"]) == (proof, "op", "8001")


async def test_datagram_that_was_lost_is_sent_again_and_a_provisional_word_is_no_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(registrar, "ANSWER_WITHIN", 0.3)

    def answers(count: int, _request: str) -> str:
        return "" if count == 1 else "SIP/2.0 100 Trying\r\n{cseq}\r\n\r\n|SIP/2.0 200 OK\r\n{cseq}\r\n\r\n"

    async with peer(answers) as (heard, switch):
        await switch.sign_out("8001", "own")

    assert len(heard.heard) == 2


async def test_switch_that_says_nothing_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registrar, "ANSWER_WITHIN", 0.05)

    async with peer(lambda _count, _request: "") as (heard, switch):
        with pytest.raises(AmiSilent):
            await switch.sign_out("8001", "own")

    assert len(heard.heard) == registrar.TRIES


async def test_password_that_is_not_taken_is_an_error_and_asked_once() -> None:
    async with peer(lambda _count, _request: CHALLENGE) as (heard, switch):
        with pytest.raises(AmiRefused, match="401"):
            await switch.sign_out("8001", "own")

    assert len(heard.heard) == 2

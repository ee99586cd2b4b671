"""End a telephone's sign-in at the switch: the one thing that AMI has no action for, so it is said in SIP.

Implements `hotline.desk.page_phones.Registrar`. A REGISTER that takes every address back (RFC 3261 §10.2.2), signed
with the password that the switch has for the extension at that moment (RFC 2617).
"""

import asyncio
import hashlib
import re
import secrets
from typing import Final

from hotline.ami.errors import AmiRefused, AmiSilent

ACTION: Final = "REGISTER"
ANSWER_WITHIN: Final = 2.0
TRIES: Final = 3  # a datagram may be lost
OK: Final = 200
CHALLENGE: Final = 401


class SwitchRegistrar:
    """The registrar at `host`:`port`, UDP."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port

    async def sign_out(self, extension: str, password: str) -> None:
        """End whatever sign-in this extension has. Raises AmiRefused, AmiSilent, OSError."""
        loop = asyncio.get_running_loop()
        transport, heard = await loop.create_datagram_endpoint(_Answers, remote_addr=(self._host, self._port))
        try:
            address, port = transport.get_extra_info("sockname")[:2]
            call = f"{secrets.token_hex(8)}@{address}", f"{address}:{port}"
            answer = await self._ask(transport, heard, _request(extension, self._where, call, 1))
            if _status(answer) == CHALLENGE:
                signed = _signed(answer, extension, password, f"sip:{self._where}")
                answer = await self._ask(transport, heard, _request(extension, self._where, call, 2, signed))
            if _status(answer) != OK:
                raise AmiRefused(ACTION, f"status {_status(answer)}")
        finally:
            transport.close()

    @property
    def _where(self) -> str:
        return f"{self._host}:{self._port}"

    async def _ask(self, transport: asyncio.DatagramTransport, heard: "_Answers", request: str) -> str:
        wanted = re.search(r"CSeq: (\d+)", request)
        for _ in range(TRIES):
            transport.sendto(request.encode())
            try:
                async with asyncio.timeout(ANSWER_WITHIN):
                    while True:
                        answer = await heard.answers.get()
                        if _status(answer) >= OK and wanted and f"CSeq: {wanted[1]} " in answer:
                            return answer
            except TimeoutError:
                continue
        raise AmiSilent(ACTION, TRIES * ANSWER_WITHIN)


class _Answers(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.answers: asyncio.Queue[str] = asyncio.Queue(16)

    def datagram_received(self, data: bytes, addr: object) -> None:  # the socket hears the switch alone
        if not self.answers.full():
            self.answers.put_nowait(data.decode("utf-8", "replace"))


def _request(extension: str, where: str, call: tuple[str, str], number: int, *more: str) -> str:
    lines = [
        f"REGISTER sip:{where} SIP/2.0",
        f"Via: SIP/2.0/UDP {call[1]};rport;branch=z9hG4bK{secrets.token_hex(8)}",
        f"From: <sip:{extension}@{where}>;tag={call[0][:8]}",
        f"To: <sip:{extension}@{where}>",
        f"Call-ID: {call[0]}",
        f"CSeq: {number} REGISTER",
        "Contact: *",
        "Expires: 0",
        "Max-Forwards: 70",
        *more,
        "Content-Length: 0",
    ]
    return "\r\n".join([*lines, "", ""])


def _status(answer: str) -> int:
    found = re.match(r"SIP/2\.0 (\d{3})", answer)
    return int(found[1]) if found else 0


def _signed(challenge: str, extension: str, password: str, uri: str) -> str:
    """Return the line that answers the switch's digest challenge, with MD5 as telephones do."""
    asked = next((line for line in challenge.split("\r\n") if re.match(r"(?i)www-authenticate:.*digest", line)), "")
    told = dict(re.findall(r'(\w+)="?([^",]*)"?', asked))
    counter, own = "00000001", secrets.token_hex(8)
    who = _md5(f"{extension}:{told.get('realm', '')}:{password}")
    proof = _md5(f"{who}:{told.get('nonce', '')}:{counter}:{own}:auth:{_md5(f'REGISTER:{uri}')}")
    values = {"username": extension, "realm": told.get("realm", ""), "nonce": told.get("nonce", ""), "uri": uri}
    values |= {"response": proof, "cnonce": own} | ({"opaque": told["opaque"]} if "opaque" in told else {})
    said = ", ".join(f'{name}="{value}"' for name, value in values.items())
    return f"Authorization: Digest {said}, algorithm=MD5, qop=auth, nc={counter}"


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

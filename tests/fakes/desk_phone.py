"""An agent's desk phone with several lines, spoken SIP by us: lifts, holds, asks, hands over by keys or by REFER.

SIPp is one line and one script; a phone that asks a colleague first has two lines at once, and the second is named in
the REFER of the first. Sound is A-law silence with key presses beside it (RFC 4733).
"""

import asyncio
import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from tests.fakes.phone_sound import KEYS, LOOPBACK, PhoneSound

WITHIN: Final = 20.0  # seconds for an answer of the switch


@dataclass
class Message:
    """One SIP message."""

    line: str
    headers: list[tuple[str, str]]
    body: str = ""

    @classmethod
    def parse(cls, data: bytes) -> "Message":
        head, _, body = data.decode("utf-8", "replace").partition("\r\n\r\n")
        line, *rest = head.split("\r\n")
        return cls(
            line, [(name.strip(), value.strip()) for name, _, value in (one.partition(":") for one in rest)], body
        )

    def get(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def every(self, name: str) -> list[tuple[str, str]]:
        return [(key, value) for key, value in self.headers if key.lower() == name.lower()]

    @property
    def status(self) -> int:
        return int(self.line.split()[1]) if self.line.startswith("SIP/2.0") else 0

    @property
    def method(self) -> str:
        return self.get("CSeq").split()[-1]

    def encode(self) -> bytes:
        lines = [self.line, *(f"{name}: {value}" for name, value in self.headers)]
        body = self.body.encode()
        return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


@dataclass
class Line:
    """One call on the phone."""

    phone: "DeskPhone"
    call_id: str
    local: str = ""  # From or To with our tag
    remote: str = ""
    target: str = ""  # where requests go
    cseq: int = 1
    invite: Message | None = None  # of a call that rings here
    lifted: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    told: list[str] = field(default_factory=list)  # what NOTIFY said of our REFER
    sound: PhoneSound | None = None
    is_held: bool = False

    def lift(self) -> None:
        """Answer the call that rings."""
        assert self.invite is not None
        self.phone.send(self.phone.answer(self.invite, "200 OK", self, sdp=self.sdp()))
        self._talk(self.invite.body)
        self.lifted.set()

    def refuse(self) -> None:
        """Say busy."""
        assert self.invite is not None
        self.phone.send(self.phone.answer(self.invite, "486 Busy Here", self))
        self.over.set()

    async def hang_up(self) -> None:
        if not self.over.is_set():
            self.end()
            await self.phone.ask(self.request("BYE"), self)

    async def hold(self) -> None:
        """Put the other side on hold, as the phone's own key does."""
        await self._again("sendonly")

    async def resume(self) -> None:
        await self._again("sendrecv")

    async def refer(self, to: str, *, replaces: "Line | None" = None) -> int:
        """Hand the other side over, blind or (`replaces`) to whom the other line speaks with; return the answer."""
        target = f"<sip:{to}@{LOOPBACK}:{self.phone.switch}>"
        if replaces is not None:
            tags = [_tag(replaces.remote), _tag(replaces.local)]
            value = f"{replaces.call_id};to-tag={tags[0]};from-tag={tags[1]}"
            escaped = value.replace(";", "%3B").replace("=", "%3D").replace("@", "%40")
            target = f"<sip:{to}@{LOOPBACK}:{self.phone.switch}?Replaces={escaped}>"
        request = self.request(
            "REFER", ("Refer-To", target), ("Referred-By", f"<sip:{self.phone.extension}@{LOOPBACK}>")
        )
        return (await self.phone.ask(request, self)).status

    async def press(self, keys: str) -> None:
        """Press keys, told beside the sound."""
        assert self.sound is not None
        for key in keys:
            await self.sound.press(KEYS[key])

    def request(self, method: str, *more: tuple[str, str], body: str = "") -> Message:
        self.cseq += 1
        headers = [
            ("Via", f"SIP/2.0/UDP {LOOPBACK}:{self.phone.port};rport;branch=z9hG4bK{secrets.token_hex(8)}"),
            ("From", self.local), ("To", self.remote), ("Call-ID", self.call_id), ("CSeq", f"{self.cseq} {method}"),
            ("Contact", self.phone.contact), ("Max-Forwards", "70"), *more,
        ]  # fmt: skip
        return Message(f"{method} {self.target} SIP/2.0", headers, body)

    def sdp(self, direction: str = "sendrecv") -> str:
        self.sound = self.sound or PhoneSound()
        return "\r\n".join([
            "v=0", f"o=- 1 {self.cseq} IN IP4 {LOOPBACK}", "s=-", f"c=IN IP4 {LOOPBACK}", "t=0 0",
            f"m=audio {self.sound.port} RTP/AVP 8 101", "a=rtpmap:8 PCMA/8000", "a=rtpmap:101 telephone-event/8000",
            "a=fmtp:101 0-16", "a=ptime:20", f"a={direction}", "",
        ])  # fmt: skip

    async def _again(self, direction: str) -> None:
        body = self.sdp(direction)
        answer = await self.phone.ask(self.request("INVITE", ("Content-Type", "application/sdp"), body=body), self)
        assert answer.status == 200, answer.line
        self.ack(answer)

    def ack(self, answer: Message) -> None:
        cseq = answer.get("CSeq").split()[0]
        request = self.request("ACK")
        self.cseq -= 1
        headers = [(name, f"{cseq} ACK" if name == "CSeq" else value) for name, value in request.headers]
        self.phone.send(Message(request.line, headers))

    def _talk(self, sdp: str) -> None:
        found = re.search(r"^m=audio (\d+)", sdp, re.MULTILINE)
        if found and self.sound:
            self.sound.to(int(found[1]))

    def answered(self, answer: Message) -> None:
        self.remote = answer.get("To")
        self.target = _address(answer.get("Contact")) or self.target
        self._talk(answer.body)
        self.lifted.set()

    def end(self) -> None:
        self.over.set()
        if self.sound:
            self.sound.close()


class DeskPhone:
    """`async with DeskPhone("8001", password, switch=port) as phone:` is registered and rings.

    Without a password it is a telephone outside: it dials by the carrier, and is rung where it stands `at` the trunk.
    """

    def __init__(self, extension: str, password: str = "", *, switch: int, at: int = 0) -> None:
        self.extension, self.switch, self.port = extension, switch, at
        self._password = password
        self._lines: dict[str, Line] = {}
        self._ringing: asyncio.Queue[Line] = asyncio.Queue()
        self._waiting: dict[tuple[str, str], asyncio.Queue[Message]] = {}
        self._register_id = secrets.token_hex(8)
        self._cseq = 0
        self._transport: asyncio.DatagramTransport

    async def __aenter__(self) -> "DeskPhone":
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(
            lambda: _Ear(self._hear), local_addr=(LOOPBACK, self.port)
        )
        self.port = self._transport.get_extra_info("sockname")[1]
        try:
            if self._password:
                await self.register(600)
        except BaseException:
            self.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        for line in self._lines.values():
            line.end()
        if self._password:
            await self.register(0)
        self.close()

    def close(self) -> None:
        """Be gone without a word to the switch."""
        self._transport.close()

    @property
    def contact(self) -> str:
        return f"<sip:{self.extension}@{LOOPBACK}:{self.port}>"

    async def rings(self, *, within: float = 60) -> Line:
        """Return the next call that rings here."""
        async with asyncio.timeout(within):
            return await self._ringing.get()

    def has_rung(self) -> bool:
        return not self._ringing.empty()

    async def dial(self, number: str) -> Line:
        """Call somebody; the line is lifted when they are."""
        line = Line(self, secrets.token_hex(8))
        line.local = f"<sip:{self.extension}@{LOOPBACK}>;tag={secrets.token_hex(4)}"
        line.remote = line.target = f"sip:{number}@{LOOPBACK}:{self.switch}"
        line.remote = f"<{line.target}>"
        self._lines[line.call_id] = line
        invite = line.request("INVITE", ("Content-Type", "application/sdp"), body=line.sdp())
        answer = await self._authorised(invite, line)
        if answer.status == 200:
            line.answered(answer)
            line.ack(answer)
        else:
            line.end()
        return line

    async def ring_at(self, number: str) -> tuple[Line, "asyncio.Task[Line]"]:
        """Call somebody and return at once with the line, and the task that ends when it is lifted or refused."""
        before = set(self._lines)
        task = asyncio.get_running_loop().create_task(self.dial(number))
        while not (new := set(self._lines) - before):
            await asyncio.sleep(0.01)
        return self._lines[new.pop()], task

    def send(self, message: Message) -> None:
        self._transport.sendto(message.encode(), (LOOPBACK, self.switch))

    async def ask(self, request: Message, line: Line | None = None) -> Message:
        """Send a request and return its last answer."""
        key = (request.get("Call-ID"), request.get("CSeq"))
        box = self._waiting[key] = asyncio.Queue()
        self.send(request)
        try:
            while True:
                async with asyncio.timeout(60 if request.method == "INVITE" else WITHIN):
                    answer = await box.get()
                if line is not None and answer.method == "INVITE" and 100 < answer.status < 200:
                    line.remote = answer.get("To")
                if answer.status >= 200:
                    return answer
        finally:
            self._waiting.pop(key, None)

    def answer(self, request: Message, status: str, line: Line | None = None, *, sdp: str = "") -> Message:
        to = line.local if line and line.local else request.get("To")
        headers = [
            *request.every("Via"), *request.every("Record-Route"), ("From", request.get("From")), ("To", to),
            ("Call-ID", request.get("Call-ID")), ("CSeq", request.get("CSeq")), ("Contact", self.contact),
        ]  # fmt: skip
        if sdp:
            headers.append(("Content-Type", "application/sdp"))
        return Message(f"SIP/2.0 {status}", headers, sdp)

    async def register(self, lasts: int) -> None:
        """Sign in at the switch for so many seconds; 0 signs out."""
        self._cseq += 1
        who = f"<sip:{self.extension}@{LOOPBACK}>"
        headers = [
            ("Via", f"SIP/2.0/UDP {LOOPBACK}:{self.port};rport;branch=z9hG4bK{secrets.token_hex(8)}"),
            ("From", f"{who};tag={secrets.token_hex(4)}"), ("To", who), ("Call-ID", self._register_id),
            ("CSeq", f"{self._cseq} REGISTER"), ("Contact", self.contact), ("Max-Forwards", "70"),
            ("Expires", str(lasts)),
        ]  # fmt: skip
        answer = await self._authorised(Message(f"REGISTER sip:{LOOPBACK}:{self.switch} SIP/2.0", headers))
        self._cseq += 1
        assert answer.status == 200, answer.line

    async def _authorised(self, request: Message, line: Line | None = None) -> Message:
        answer = await self.ask(request, line)
        if answer.status != 401:
            return answer
        if line is not None:
            line.remote = line.remote.partition(";tag=")[0]
            self.send(_ack_of_refusal(request, answer))
            line.cseq += 1
        challenge = dict(re.findall(r'(\w+)="?([^",]*)"?', answer.get("WWW-Authenticate")))
        method, uri = request.line.split()[:2]
        parts = f"{self.extension}:{challenge['realm']}:{self._password}", f"{method}:{uri}"
        ours, theirs = (hashlib.md5(part.encode()).hexdigest() for part in parts)
        response = hashlib.md5(f"{ours}:{challenge['nonce']}:00000001:abc:auth:{theirs}".encode()).hexdigest()
        said = (
            f'Digest username="{self.extension}", realm="{challenge["realm"]}", nonce="{challenge["nonce"]}", '
            f'uri="{uri}", response="{response}", algorithm=MD5, qop=auth, nc=00000001, cnonce="abc"'
        )
        if challenge.get("opaque"):
            said += f', opaque="{challenge["opaque"]}"'
        number = int(request.get("CSeq").split()[0]) + 1
        changed = {
            "CSeq": f"{number} {method}",
            "Via": f"SIP/2.0/UDP {LOOPBACK}:{self.port};rport;branch=z9hG4bK{secrets.token_hex(8)}",
        }
        headers = [(name, changed.get(name, value)) for name, value in request.headers]
        return await self.ask(Message(request.line, [*headers, ("Authorization", said)], request.body), line)

    def _hear(self, data: bytes) -> None:
        message = Message.parse(data)
        if message.status:
            box = self._waiting.get((message.get("Call-ID"), message.get("CSeq")))
            if box is not None:
                box.put_nowait(message)
            return
        line = self._lines.get(message.get("Call-ID"))
        replies: dict[str, Callable[[], None]] = {
            "INVITE": lambda: self._invited(message, line),
            "ACK": lambda: None,
            "BYE": lambda: self._ended(message, line),
            "CANCEL": lambda: self._cancelled(message, line),
        }
        reply = replies.get(message.method)
        if reply is not None:
            reply()
            return
        if message.method == "NOTIFY" and line is not None:
            line.told.append(message.body.strip())
        self.send(self.answer(message, "200 OK", line))

    def _invited(self, message: Message, line: Line | None) -> None:
        if line is not None:
            if line.lifted.is_set():  # the switch tells whom we now speak with
                self.send(self.answer(message, "200 OK", line, sdp=line.sdp()))
            return
        line = Line(self, message.get("Call-ID"), invite=message)
        line.local = f"{message.get('To')};tag={secrets.token_hex(4)}"
        line.remote, line.target = message.get("From"), _address(message.get("Contact"))
        self._lines[line.call_id] = line
        self.send(self.answer(message, "180 Ringing", line))
        self._ringing.put_nowait(line)

    def _ended(self, message: Message, line: Line | None) -> None:
        self.send(self.answer(message, "200 OK", line))
        if line is not None:
            line.end()

    def _cancelled(self, message: Message, line: Line | None) -> None:
        self.send(self.answer(message, "200 OK", line))
        if line is not None and line.invite is not None and not line.over.is_set():
            self.send(self.answer(line.invite, "487 Request Terminated", line))
            line.end()


class _Ear(asyncio.DatagramProtocol):
    def __init__(self, hear: Callable[[bytes], None]) -> None:
        self._hear = hear

    def datagram_received(self, data: bytes, addr: object) -> None:
        self._hear(data)


def _ack_of_refusal(request: Message, answer: Message) -> Message:
    headers = [
        *request.every("Via")[:1], ("From", request.get("From")), ("To", answer.get("To")),
        ("Call-ID", request.get("Call-ID")), ("CSeq", f"{request.get('CSeq').split()[0]} ACK"), ("Max-Forwards", "70"),
    ]  # fmt: skip
    return Message(f"ACK {request.line.split()[1]} SIP/2.0", headers)


def _tag(address: str) -> str:
    found = re.search(r";tag=([^;>]+)", address)
    assert found is not None, address
    return found[1]


def _address(header: str) -> str:
    found = re.search(r"<([^>]+)>", header)
    return found[1] if found else header.partition(";")[0].strip()

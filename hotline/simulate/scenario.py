"""What a simulated caller or agent does, written as a SIPp scenario. Pure: steps in, XML out."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

STAYS: Final = 0.5  # seconds
KEYS: Final = frozenset("0123456789*#")
TONES: Final = Path(__file__).parent / "speech"  # key-1.al …: the two tones of a key, 0.25 s and a pause
_KEY_NAME: Final = {"*": "star", "#": "pound"}
_MEDIA: Final = """Content-Type: application/sdp
Content-Length: [len]

v=0
o=- 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [auto_media_port] RTP/AVP 8
a=rtpmap:8 PCMA/8000
a=ptime:20
a=sendrecv
"""
_OK: Final = "SIP/2.0 200 OK\n[last_Via:]\n[last_From:]\n[last_To:]\n[last_Call-ID:]\n[last_CSeq:]\nContent-Length: 0\n"
# What a line adds that tells keys beside the sound (RFC 4733); SIPp then sends them through a raw socket, as root only.
_TELLS_KEYS: Final = """a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-16
"""


@dataclass(frozen=True, slots=True)
class Wait:
    """Say nothing for so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class WaitBetween:
    """Say nothing for a while, in seconds, that is another one in each call."""

    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Press:
    """Press one key."""

    key: str


@dataclass(frozen=True, slots=True)
class Say:
    """Play a raw A-law file once, and go on when it is over."""

    sound: Path
    seconds: float


Step = Wait | WaitBetween | Press | Say


def caller(
    steps: Iterable[Step],
    *,
    number: str,
    dialled: str,
    name: str = "",
    hangs_up: bool,
    may_be_left: bool = False,
    rfc4733: Path | None = None,
    patience: float = 60,
) -> str:
    """Return the scenario of a caller who dials, does the steps once answered, and then hangs up or waits to be left.

    Keys are pressed as tones in the sound, which any user may send; with `rfc4733`, the folder of SIPp's key press
    recordings, they are told beside the sound, for which SIPp must be root. `patience` is how long, in seconds, they
    wait for an answer and for the other side to hang up. With `may_be_left` the other side may hang up at any moment.
    """
    display = f'"{name}" ' if name else ""
    media = _MEDIA if rfc4733 is None else _MEDIA.replace("RTP/AVP 8", "RTP/AVP 8 101") + _TELLS_KEYS
    invite = f"""INVITE sip:{dialled}@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: {display}<sip:{number}@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:{dialled}@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:{number}@[local_ip]:[local_port]>
Max-Forwards: 70
{media}"""
    ending = _bye(dialled, number, display) if hangs_up else _left(patience)
    if may_be_left:  # from wherever the caller is then: label 1
        ending += f'<nop next="2"/><label id="1"/>{_send(_OK)}<label id="2"/><nop/>'
    return _scenario(
        _send(invite, retransmit=True),
        '<recv response="100" optional="true"/>',
        '<recv response="180" optional="true"/>',
        '<recv response="183" optional="true"/>',
        *(['<recv request="BYE" optional="global" next="1"/>'] if may_be_left else []),  # at any moment from here on
        f'<recv response="200" rtd="true" timeout="{_ms(patience)}"/>',
        _send(_within_dialogue("ACK", dialled, number, display, cseq="1 ACK")),
        *(_step(step, rfc4733) for step in steps),
        ending,
    )


def gives_up_while_ringing(
    *, number: str, dialled: str, after: float | WaitBetween, may_be_lifted: bool = False
) -> str:
    """Return the scenario of a caller who hangs up before anybody lifts, `after` so many seconds of ringing.

    With `may_be_lifted` a call may be lifted without ringing, and is hung up then: one step more before the CANCEL,
    which names the INVITE by how many steps ago it was sent.
    """
    invite = f"""INVITE sip:{dialled}@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:{number}@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:{dialled}@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:{number}@[local_ip]:[local_port]>
Max-Forwards: 70
{_MEDIA}"""
    cancel = f"""CANCEL sip:{dialled}@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch-{4 + may_be_lifted}]
From: <sip:{number}@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:{dialled}@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 CANCEL
Max-Forwards: 70
Content-Length: 0
"""
    return _scenario(
        _send(invite, retransmit=True),
        '<recv response="100" optional="true"/>',
        *(['<recv response="200" optional="true" next="1"/>'] if may_be_lifted else []),
        '<recv response="180"/>',
        _step(after if isinstance(after, WaitBetween) else Wait(after), None),
        _send(cancel),
        '<recv response="200"/>',
        '<recv response="487"/>',
        _send(
            _within_dialogue("ACK", dialled, number, "", cseq="1 ACK").replace(
                "[branch]", f"[branch-{7 + may_be_lifted}]"
            )
        ),
        *(_lifted_at_once(dialled, number) if may_be_lifted else []),
    )


def registration(*, extension: str, contact_port: int, password: str, lasts: int = 600) -> str:
    """Return the scenario that registers an agent's phone for `lasts` seconds (0: signs it out)."""

    def register(cseq: int, credentials: str) -> str:
        return f"""REGISTER sip:[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:{extension}@[remote_ip]>;tag=[call_number]
To: <sip:{extension}@[remote_ip]>
Call-ID: [call_id]
CSeq: {cseq} REGISTER
Contact: <sip:{extension}@[local_ip]:{contact_port}>
Max-Forwards: 70
Expires: {lasts}
{credentials}Content-Length: 0
"""

    credentials = f"[authentication username={extension} password={password}]\n"
    return _scenario(
        _send(register(1, ""), retransmit=True),
        '<recv response="401" auth="true"/>',
        _send(register(2, credentials), retransmit=True),
        '<recv response="200"/>',
        # The switch asks a new phone at once whether it is there (OPTIONS); one that is silent is not rung for half a
        # minute. So the phone stays to be asked.
        *([f'<pause milliseconds="{_ms(STAYS)}"/>'] if lasts else []),
    )


def agent(steps: Iterable[Step], *, rings_for: float, hangs_up: bool, patience: float = 120) -> str:
    """Return the scenario of an agent's phone: it rings, is lifted after `rings_for` seconds, does the steps."""
    answer = f"""SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:];tag=[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port]>
{_MEDIA}"""
    bye = """BYE [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
[$2];tag=[call_number]
[$1]
Call-ID: [call_id]
CSeq: 1 BYE
Max-Forwards: 70
Content-Length: 0
"""
    remember = (
        "<action>"
        '<ereg regexp=".*" header="From:" search_in="hdr" assign_to="3"/>'
        '<ereg regexp=".*" header="To:" search_in="hdr" assign_to="4"/>'
        '<assignstr assign_to="1" value="To:[$3]"/><assignstr assign_to="2" value="From:[$4]"/>'
        "</action>"
    )
    return _scenario(
        f'<recv request="INVITE" rrs="true" timeout="{_ms(patience)}">{remember if hangs_up else ""}</recv>',
        _send(_response("180 Ringing")),
        f'<pause milliseconds="{_ms(rings_for)}"/>',
        _send(answer, retransmit=True),
        '<recv request="ACK"/>',
        *(_step(step, None) for step in steps),
        _send(bye, retransmit=True) + '<recv response="200"/>' if hangs_up else _left(patience),
    )


def agent_who_does_not_answer(*, patience: float = 120) -> str:
    """Return the scenario of a phone that rings until the switch gives up."""
    return _scenario(
        f'<recv request="INVITE" timeout="{_ms(patience)}"/>',
        _send(_response("180 Ringing")),
        f'<recv request="CANCEL" timeout="{_ms(patience)}"/>',
        _send(_OK),
        _send(
            "SIP/2.0 487 Request Terminated\n[last_Via:]\n[last_From:]\n[last_To:]\n[last_Call-ID:]\n"
            "CSeq: 1 INVITE\nContent-Length: 0\n"
        ),
        '<recv request="ACK"/>',
    )


def telephone_that_is_not_lifted(status: str, *, rings_for: float = 0.3, patience: float = 60) -> str:
    """Return the scenario of a telephone outside that ends a call with this answer, "486 Busy Here", unlifted."""
    return _scenario(
        f'<recv request="INVITE" timeout="{_ms(patience)}"/>',
        _send(_response("180 Ringing")),
        f'<pause milliseconds="{_ms(rings_for)}"/>',
        _send(_response(status), retransmit=True),
        '<recv request="ACK"/>',
    )


def _step(step: Step, rfc4733: Path | None) -> str:
    match step:
        case Wait(seconds):
            return f'<pause milliseconds="{_ms(seconds)}"/>'
        case WaitBetween(least, most):
            return f'<pause distribution="uniform" min="{_ms(least)}" max="{_ms(most)}"/>'
        case Say(sound, seconds):
            return _action(f'rtp_stream="{sound},1,8,PCMA/8000"') + f'<pause milliseconds="{_ms(seconds)}"/>'
        case Press(key):
            if key not in KEYS:
                raise ValueError(f"{key!r} is not a key of a telephone")
            name = _KEY_NAME.get(key, key)
            if rfc4733 is None:
                return _step(Say(TONES / f"key-{name}.al", 0.4), None)
            pcap = rfc4733 / f"dtmf_2833_{name}.pcap"
            return _action(f'play_pcap_audio="{pcap}"') + '<pause milliseconds="400"/>'


def _bye(dialled: str, number: str, display: str) -> str:
    return _send(_within_dialogue("BYE", dialled, number, display, cseq="2 BYE"), retransmit=True) + (
        '<recv response="200"/>'
    )


def _lifted_at_once(dialled: str, number: str) -> list[str]:
    ack = _send(_within_dialogue("ACK", dialled, number, "", cseq="1 ACK"))
    return ['<nop next="2"/>', '<label id="1"/>', ack, _bye(dialled, number, ""), '<label id="2"/>', "<nop/>"]


def _left(patience: float) -> str:
    return f'<recv request="BYE" timeout="{_ms(patience)}"/>' + _send(_OK)


def _within_dialogue(method: str, dialled: str, number: str, display: str, *, cseq: str) -> str:
    return f"""{method} sip:{dialled}@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: {display}<sip:{number}@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:{dialled}@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: {cseq}
Contact: <sip:{number}@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Length: 0
"""


def _response(status: str) -> str:
    return f"""SIP/2.0 {status}
[last_Via:]
[last_From:]
[last_To:];tag=[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port]>
Content-Length: 0
"""


def _send(message: str, *, retransmit: bool = False) -> str:
    again = ' retrans="500"' if retransmit else ""
    return f"<send{again}><![CDATA[\n{message}\n]]></send>"


def _action(what: str) -> str:
    return f"<nop><action><exec {escape(what)}/></action></nop>"


def _scenario(*parts: str) -> str:
    body = "\n".join(parts)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="hotline">\n{body}\n</scenario>\n'


def _ms(seconds: float) -> int:
    return round(seconds * 1000)

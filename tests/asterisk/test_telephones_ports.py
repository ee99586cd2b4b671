"""A telephone whose port somebody holds for a moment makes its call all the same."""

import asyncio
import socket
from pathlib import Path

import pytest

from hotline.install.parts import Parts
from hotline.settings import read_settings
from hotline.simulate.sipp import LOOPBACK, PORT_IS_TAKEN, Telephone, TelephoneFailed, free_port

SAYS_ONE_THING = """<?xml version="1.0" encoding="UTF-8"?>
<scenario name="one message">
  <send><![CDATA[
OPTIONS sip:nobody@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
Max-Forwards: 70
From: <sip:one@[local_ip]>;tag=[call_number]
To: <sip:nobody@[remote_ip]>
Call-ID: [call_id]
CSeq: 1 OPTIONS
Content-Length: 0

]]></send>
</scenario>
"""


def telephone(directory: Path, switch: int) -> Telephone:
    parts = Parts(read_settings({"HOTLINE_HOME": "/nonexistent"}).parts.directory)
    return Telephone(parts.command("sipp"), switch_port=switch, directory=directory, name="one")


async def test_call_is_made_when_the_port_is_free_again_and_fails_by_name_when_it_never_is(tmp_path: Path) -> None:
    phone = telephone(tmp_path, free_port())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as somebody:
        somebody.bind((LOOPBACK, phone.port))
        with pytest.raises(TelephoneFailed, match=PORT_IS_TAKEN):
            await phone.call(SAYS_ONE_THING, limit=5)
        [errors] = tmp_path.glob("*.errors")
        errors.unlink()
        calling = asyncio.create_task(phone.call(SAYS_ONE_THING, limit=5))
        while not errors.exists() or PORT_IS_TAKEN not in errors.read_text():
            assert not calling.done()
            await asyncio.sleep(0.01)
    [said] = await calling

    assert said.line.startswith("OPTIONS sip:nobody@")

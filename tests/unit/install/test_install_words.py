"""What set-up reads out of other programs' words: apt's complaints, the kernel's tables, the readiness answer."""

import os
import socket
from pathlib import Path

import pytest

from hotline.install.apt import explain
from hotline.install.health import not_ready
from hotline.install.ports import LISTENING, UNCONNECTED, listening_inodes, listens
from hotline.install.unpack import package_versions


@pytest.mark.parametrize(
    ("line", "to_do"),
    [
        ("E: Failed to fetch http://m/x  Could not resolve 'm'", "check the network"),
        ("E: Release file for http://m/x is not valid yet (invalid for another 3d)", "clock right"),
        ("W: GPG error: http://m x InRelease: NO_PUBKEY 6ED0E7B82643E131", "keyring package"),
        ("E: Write error - write (28: No space left on device)", "disk is full"),
        ("E: Something else went wrong", "Something else went wrong"),
    ],
)
def test_complaint_of_apt_is_told_with_what_to_do(line, to_do):
    assert to_do in explain(f"Reading package lists...\n{line}\n")


def test_silent_apt_is_explained_too():
    assert "apt said nothing" in explain("")


TABLE = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1
   1: 0100007F:1F90 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 222 1
   2: 0100007F:13C4 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 333 2
"""


def test_only_the_listener_of_a_port_holds_it_and_not_its_connections():
    assert listening_inodes(TABLE, 8080, LISTENING) == {"111"}
    assert listening_inodes(TABLE, 5060, UNCONNECTED) == {"333"}
    assert listening_inodes(TABLE, 8081, LISTENING) == set()


def test_what_is_not_ready_is_named_with_its_detail():
    body = b"""{"status": "not-ready", "dependencies": [
        {"name": "database", "is_ready": true, "detail": ""},
        {"name": "switch", "is_ready": false, "detail": "no answer"},
        {"name": "redis", "is_ready": false, "detail": ""}]}"""

    assert not_ready(body) == ("switch: no answer", "redis")


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"dependencies": 3}', b'{"dependencies": [{}]}'])
def test_answer_that_is_not_ours_names_nothing(body):
    assert not_ready(body) == ()


def test_versions_are_read_from_package_file_names():
    assert package_versions([Path("asterisk_1%3a22.10.1+dfsg-1_amd64.deb")]) == {"asterisk": "1:22.10.1+dfsg-1"}


def test_a_process_that_listens_is_told_from_one_that_does_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]

        assert listens(os.getpid(), port)
        assert not listens(1 if os.getpid() != 1 else 2, port)
    assert not listens(os.getpid(), port)

"""What the dialplan may not say of a resident whose agent's page is lost."""

import re
from pathlib import Path

PHONE = Path(__file__).parents[3] / "deploy/asterisk/extensions_phone.conf.j2"


def test_resident_who_never_waited_is_not_said_to_wait_in_a_queue_that_may_be_closed() -> None:
    found = re.search(r"^\[page-lost\]\n(.*?)^\[", PHONE.read_text(), re.MULTILINE | re.DOTALL)
    assert found is not None
    assert "Set(SINCE=${EPOCH})" in found[1], "their wait begins anew"
    assert "Set(WAITING_IN" not in found[1], "[waiting-room] itself judges whether their queue is closed to them"

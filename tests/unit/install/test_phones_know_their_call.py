"""Whatever rings a phone of the house tells it which call it is; a page that does not know leaves them in silence."""

import re

import pytest

from hotline.settings import REPOSITORY

PLANS = sorted((REPOSITORY / "deploy" / "asterisk").glob("extensions*.conf.j2"))
RINGS = re.compile(r"\b(?:Queue\([^,)]+|Dial\([^\n]*PJSIP/\{\{ phone \}\}[^\n]*),[^\n]*")


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.name)
def test_every_queue_and_every_phone_that_is_dialled_is_told_its_call(plan):
    silent = [
        line
        for line in plan.read_text("utf-8").splitlines()
        if not line.lstrip().startswith(";") and RINGS.search(line) and "b(to-phone^" not in line
    ]

    assert silent == []

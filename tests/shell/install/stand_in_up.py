"""`scripts/up` with a stand-in for the system itself: a program that says it is ready, and one that only waits.

    python stand_in_up.py [--detach …]

What is real: settings, locks, port check, supervisord, signals, the readiness wait. What is not: parts,
models, libraries of the pages, data.
"""

import os
import sys
from pathlib import Path
from unittest.mock import patch

from hotline.install import up
from hotline.install.processes import Program

STAND_INS = {
    "serve": [sys.executable, str(Path(__file__).with_name("stand_in_service.py"))],
    "worker": ["sh", str(Path(__file__).with_name("stand_in_worker.sh"))],
}


def programs(settings, _parts):
    return [
        Program("serve", [*STAND_INS["serve"], str(settings.web.port)], 1),
        Program("worker", STAND_INS["worker"], 2),
    ]


def hotline(*words):
    return int(os.environ.get("STAND_IN_CALL", "0")) if words[0] == "simulate" else 0


def keep_settings(settings, *_):
    return settings


with (
    patch.object(up, "programs", programs),
    patch.object(up, "fetch"),
    patch.object(up, "_configure", keep_settings),
    patch.object(up, "_fetch_models"),
    patch.object(up.browser_parts, "make"),
    patch.object(up, "STARTS", 1),
    patch.object(up, "_hotline", hotline),
):
    sys.exit(up.main(sys.argv[1:]))

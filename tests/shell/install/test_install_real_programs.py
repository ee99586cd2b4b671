"""The real switch and Redis, started by us from the real templates, seen by the doctor, and gone afterwards."""

import os
import stat

import pytest

from hotline.install import doctor
from hotline.install.parts import Parts
from hotline.install.pbx import write_configuration
from hotline.install.processes import Supervisor, marked_processes, programs
from hotline.install.secrets import write_secrets
from hotline.settings import read_settings


@pytest.mark.asterisk
def test_switch_and_redis_of_one_home_run_private_and_leave_nothing_behind(home, free_ports, monkeypatch, wait_until):
    names = ("SIP_PORT", "AMI_PORT", "AGI_PORT", "SIP_AUDIOSOCKET_PORT", "SIP_SIGNALLING_PORT", "WEB_PORT")
    for name, port in zip(names, free_ports(len(names)), strict=True):
        monkeypatch.setenv(f"HOTLINE_{name}", str(port))
    monkeypatch.setenv("HOTLINE_HOME", str(home))
    settings = read_settings()
    parts = Parts(settings.parts.directory)
    if not parts.ready:
        pytest.skip("the switch is not unpacked here: run scripts/setup")
    write_secrets(settings)
    settings = read_settings()
    write_configuration(settings, parts)
    supervisor = Supervisor(home)
    supervisor.write([each for each in programs(settings, parts) if each.name in {"redis", "asterisk"}])
    supervisor.start(os.environ, detached=True)

    def well() -> bool:
        verdicts = {each.name: each.verdict for each in doctor.examine(settings)}
        return verdicts["redis"] == verdicts["switch"] == verdicts["ports"] == "ok"

    wait_until(well, "the switch and Redis to answer")
    assert stat.S_IMODE((home / "run" / "redis.sock").stat().st_mode) == 0o600
    supervisor.stop()

    assert marked_processes(home) == []
    assert (home / "redis" / "appendonlydir").is_dir()

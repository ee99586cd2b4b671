"""What supervisord is told, and the programs it is told to run."""

import configparser
import json
import shlex
from pathlib import Path

import pytest

from hotline.install.errors import ConfigurationRefused, SetUpFailed
from hotline.install.parts import FORMAT, STAMP, Parts
from hotline.install.processes import Program, check_home_length, programs, render_supervisord
from hotline.settings import read_settings


def unpacked(directory: Path, libraries: str, loader: str, **stamp: object) -> Parts:
    root = directory / "root"
    for name in (loader, "usr/sbin/asterisk", "usr/bin/redis-server", "usr/bin/sipp"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    (root / libraries / "pulseaudio").mkdir(parents=True, exist_ok=True)
    (root / STAMP).write_text(json.dumps({"format": FORMAT, "host": {}, "versions": {}} | stamp))
    return Parts(directory)


def parsed(text: str) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(inline_comment_prefixes=(" ;",))
    parser.read_string(text)
    return parser


@pytest.mark.parametrize(
    ("libraries", "loader"),
    [
        ("usr/lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"),
        ("usr/lib/aarch64-linux-gnu", "usr/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1"),
        ("lib/x86_64-linux-gnu", "lib64/ld-linux-x86-64.so.2"),
        ("lib/aarch64-linux-gnu", "lib/ld-linux-aarch64.so.1"),
    ],
)
def test_unpacked_program_runs_through_the_loader_it_came_with(tmp_path, libraries, loader):
    root = tmp_path / "root"
    parts = unpacked(tmp_path, libraries, loader)

    assert parts.command("asterisk") == [
        str(root / loader),
        "--library-path",
        f"{root / libraries}:{root / libraries / 'pulseaudio'}",
        str(root / "usr/sbin/asterisk"),
    ]


def test_program_of_the_host_is_run_as_it_is_and_missed_when_it_goes(tmp_path):
    own = tmp_path / "asterisk"
    own.touch()
    parts = unpacked(tmp_path, "lib", "lib/ld-x", host={"asterisk": str(own)}, modules="/m", documentation="/d")

    assert parts.command("asterisk") == [str(own)]
    assert parts.modules == Path("/m")
    assert parts.ready
    own.unlink()
    assert not Parts(tmp_path).ready


def test_parts_without_a_stamp_or_of_another_format_are_not_ready(tmp_path):
    assert not Parts(tmp_path / "none").ready
    assert not unpacked(tmp_path, "lib", "lib/ld-x", format=FORMAT - 1).ready
    with pytest.raises(SetUpFailed, match="run scripts/setup"):
        Parts(tmp_path / "none").command("sipp")


def test_redis_of_ours_listens_on_no_port(tmp_path):
    parts = unpacked(tmp_path, "lib", "lib/ld-x")
    settings = read_settings({"HOTLINE_HOME": str(tmp_path / "h")})

    run = {program.name: program.command for program in programs(settings, parts)}

    words = run["redis"]
    assert words[words.index("--port") + 1] == "0"
    assert words[words.index("--unixsocketperm") + 1] == "600"
    assert list(run) == ["redis", "asterisk", "serve", "worker", "live"]


def test_redis_elsewhere_is_not_started_here(tmp_path):
    parts = unpacked(tmp_path, "lib", "lib/ld-x")
    settings = read_settings({"HOTLINE_HOME": str(tmp_path / "h"), "HOTLINE_REDIS_URL": "redis://elsewhere/0"})

    assert [program.name for program in programs(settings, parts)] == ["asterisk", "serve", "worker", "live"]


def test_children_die_with_a_killed_supervisor_and_their_words_survive_quoting(tmp_path):
    program = Program("asterisk", ["/opt/a b/asterisk", "50%", "it's"], 20)

    section = parsed(render_supervisord(tmp_path, [program]))["program:asterisk"]

    words = shlex.split(section["command"].replace("%%", "%"))
    assert words == ["setpriv", "--pdeathsig", "TERM", "--", *program.command]
    assert section["killasgroup"] == "true"


def test_value_that_would_begin_a_comment_is_refused(tmp_path):
    with pytest.raises(ConfigurationRefused, match="';'"):
        render_supervisord(tmp_path, [Program("x", ["/opt/a ;b"], 1)])


def test_home_too_long_for_a_socket_is_refused_with_both_lengths():
    check_home_length(Path("/" + "h" * 78))
    with pytest.raises(SetUpFailed, match=r"is 80 bytes long and may have 79.*shorter"):
        check_home_length(Path("/" + "h" * 79))

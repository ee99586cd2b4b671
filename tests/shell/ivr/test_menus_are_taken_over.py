"""The menu file on a real disk: changed, spoilt, taken away and put back while the service runs."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from hotline.ivr import menu_file
from hotline.ivr.menu_file import MOST_BYTES, MenuFileRefused, Menus, read_menu_file
from hotline.ivr.menu_rules import Known
from hotline.settings import SHIPPED_MENUS

KNOWN = Known(frozenset({"service", "repair", "complaint", "english"}))
TEXT = SHIPPED_MENUS.read_text(encoding="utf-8")
WRONG = TEXT.replace("queue:repair", "queue:repairs")


def versioned(version: str) -> str:
    return TEXT.replace('version = "2026-11-22"', f'version = "{version}"')


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "menus.toml"
    path.write_text(versioned("one"), encoding="utf-8")
    return path


@pytest.fixture
def menus(file: Path) -> Menus:
    return Menus(lambda: file, lambda: KNOWN)


async def test_a_good_new_file_is_taken_over_and_a_call_in_progress_keeps_its_own(menus: Menus, file: Path) -> None:
    in_progress = menus.plan
    file.write_text(versioned("two"), encoding="utf-8")

    assert await menus.refresh()
    assert menus.plan.version == "two"
    assert in_progress.version == "one"


async def test_a_wrong_file_changes_nothing_and_is_told_once_with_its_line(menus: Menus, file: Path) -> None:
    file.write_text(WRONG, encoding="utf-8")

    with capture_logs() as logs:
        assert not await menus.refresh()
        assert not await menus.refresh()

    assert menus.plan.version == "one"
    assert len(logs) == 1
    assert "menus.main.choices.1.to: there is no queue 'repairs'" in logs[0]["reason"]
    assert "there is no queue 'repairs'" in menus.trouble


async def test_a_file_put_right_again_ends_the_trouble_though_it_is_the_old_one(menus: Menus, file: Path) -> None:
    file.write_text(WRONG, encoding="utf-8")
    await menus.refresh()
    file.write_text(versioned("one"), encoding="utf-8")

    assert await menus.refresh()
    assert menus.trouble == ""


async def test_a_file_that_was_only_touched_is_not_taken_over_again(menus: Menus, file: Path) -> None:
    os.utime(file, (1, 1))

    with capture_logs() as logs:
        assert not await menus.refresh()

    assert logs == []


async def test_a_file_that_vanished_changes_nothing_and_is_told_once(menus: Menus, file: Path) -> None:
    file.unlink()

    with capture_logs() as logs:
        await menus.refresh()
        await menus.refresh()

    assert menus.plan.version == "one"
    assert [line["log_level"] for line in logs] == ["error"]


async def test_a_disk_that_fails_while_the_prompts_are_listed_changes_nothing(file: Path) -> None:
    lists = iter([KNOWN])

    def known() -> Known:
        for one in lists:
            return one
        raise OSError(5, "Input/output error")

    menus = Menus(lambda: file, known)
    file.write_text(versioned("two"), encoding="utf-8")

    assert not await menus.refresh()
    assert menus.plan.version == "one"
    assert "Input/output error" in menus.trouble


async def test_a_good_file_is_taken_over_once_the_disk_answers_again(file: Path) -> None:
    ails = False

    def known() -> Known:
        if ails:
            raise OSError(5, "Input/output error")
        return KNOWN

    menus = Menus(lambda: file, known)
    file.write_text(versioned("two"), encoding="utf-8")
    ails = True
    with capture_logs() as logs:
        assert not await menus.refresh()
        assert not await menus.refresh()
    ails = False

    assert await menus.refresh()
    assert (menus.plan.version, menus.trouble) == ("two", "")
    assert len(logs) == 1


async def test_a_file_that_could_not_be_read_for_a_moment_is_read_later(
    menus: Menus, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise OSError(5, "Input/output error")

    file.write_text(versioned("two"), encoding="utf-8")
    with monkeypatch.context() as disk:
        disk.setattr(Path, "open", fails)
        assert not await menus.refresh()
        assert "Input/output error" in menus.trouble

    assert await menus.refresh()
    assert (menus.plan.version, menus.trouble) == ("two", "")


async def test_a_prompt_recorded_later_makes_the_waiting_file_good(file: Path) -> None:
    recorded = frozenset({"site/lift", *read_menu_file(SHIPPED_MENUS, KNOWN).prompts()})
    prompts = {"zh": recorded - {"site/lift"}, "en": recorded}
    menus = Menus(lambda: file, lambda: Known(KNOWN.queues, dict(prompts)))
    file.write_text(versioned("two").replace('prompt = "chosen-repair"', 'prompt = "site/lift"'), encoding="utf-8")
    assert not await menus.refresh()
    assert "site/lift" in menus.trouble

    prompts["zh"] = recorded

    assert await menus.refresh()
    assert (menus.plan.version, menus.trouble) == ("two", "")


async def test_an_editor_that_puts_a_new_file_in_its_place_is_noticed(menus: Menus, file: Path, tmp_path: Path) -> None:
    status = file.stat()
    new = tmp_path / "new.toml"
    new.write_text(versioned("two"), encoding="utf-8")
    os.utime(new, ns=(status.st_atime_ns, status.st_mtime_ns))  # as old and as long as the one before
    new.replace(file)

    assert await menus.refresh()
    assert menus.plan.version == "two"


async def test_a_site_s_own_file_is_found_when_it_appears(file: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    menus = Menus(lambda: own if own.is_file() else file, lambda: KNOWN)
    own.write_text(versioned("own"), encoding="utf-8")

    assert await menus.refresh()
    assert menus.plan.version == "own"


async def test_the_running_service_takes_a_new_file_over_by_itself(
    menus: Menus, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(menu_file, "LOOK_EVERY", 0.01)

    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        looking = tasks.create_task(menus.run())
        file.write_text(versioned("two"), encoding="utf-8")
        while menus.plan.version != "two":
            await asyncio.sleep(0.01)
        looking.cancel()

    assert menus.plan.version == "two"


def test_a_start_with_a_wrong_file_falls_back_to_the_shipped_menus_aloud(file: Path) -> None:
    file.write_text(WRONG, encoding="utf-8")

    with capture_logs() as logs:
        menus = Menus(lambda: file, lambda: KNOWN, shipped=SHIPPED_MENUS)

    assert menus.plan == read_menu_file(SHIPPED_MENUS, KNOWN)
    assert "refused" in menus.trouble
    assert [line["log_level"] for line in logs] == ["error"]


def test_a_start_without_any_good_file_is_refused(file: Path) -> None:
    file.write_text(WRONG, encoding="utf-8")

    with pytest.raises(MenuFileRefused, match="there is no queue 'repairs'"):
        Menus(lambda: file, lambda: KNOWN)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda path: path.unlink(), "cannot be read: No such file"),
        (lambda path: path.write_bytes(b"version = 1\n# \xff"), "line 2: is not UTF-8"),
        (lambda path: path.write_bytes(b"#" * (MOST_BYTES + 1)), "it has over 64 KiB"),
    ],
)
def test_a_file_that_is_no_text_is_refused_and_says_why(
    file: Path, spoil: Callable[[Path], object], reason: str
) -> None:
    spoil(file)

    with pytest.raises(MenuFileRefused, match=reason):
        read_menu_file(file, KNOWN)


@pytest.mark.parametrize("written", [TEXT.encode("utf-8-sig"), TEXT.replace("\n", "\r\n").encode()])
def test_a_file_saved_on_windows_is_read(file: Path, written: bytes) -> None:
    file.write_bytes(written)

    assert read_menu_file(file, KNOWN) == read_menu_file(SHIPPED_MENUS, KNOWN)

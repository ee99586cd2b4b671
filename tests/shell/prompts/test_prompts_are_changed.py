"""Prompts changed by supervisors: texts, files, the voice, the telephone, the way back; each is audited."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.audit.store import Wanted, changes
from hotline.database import Database
from hotline.prompts import service
from hotline.prompts.prompt import Fit, PromptTextChanged
from hotline.prompts.service import PromptSeen
from hotline.voice.errors import OwnRecordingRefused, SoundUnknown, TextRefused
from tests.fakes.clock_by_hand import ClockByHand
from tests.fakes.prompt_site import GREETING, PromptSite, prompt_site
from tests.fakes.voice_shelf import write_sound


@pytest.fixture
def clock() -> ClockByHand:
    return ClockByHand()


@pytest.fixture
def site(tmp_path: Path, database: Database, clock: ClockByHand) -> PromptSite:
    return prompt_site(tmp_path, database, clock)


async def seen(site: PromptSite, prompt_id: str = "greeting", language: Any = "zh") -> PromptSeen:
    return next(one for one in await site.desk.all(language) if one.id == prompt_id)


async def audited(database: Database) -> list[tuple[str, str, str]]:
    async with database.read() as session:
        found = await changes(session, Wanted(room="prompts"), limit=20)
    return [(kept.change.by, kept.change.act, kept.change.subject) for kept in reversed(found)]


async def test_each_prompt_is_listed_with_its_text_its_sound_and_its_number(site: PromptSite) -> None:
    greeting, goodbye = await site.desk.all("zh")
    english = await seen(site, "goodbye", "en")

    assert (greeting.id, greeting.text, greeting.fit, greeting.number) == ("greeting", GREETING, Fit.FITS, "*77001")
    assert (goodbye.seconds, goodbye.is_own, goodbye.former) == (1.0, False, ())
    assert (english.fit, english.seconds, english.number) == (Fit.MISSING, None, "*78002"), "Mandarin is no English"


async def test_a_text_changed_without_its_sound_makes_the_sound_old(site: PromptSite, database: Database) -> None:
    await site.desk.set_text("zh", "greeting", "新年好。", edition=0, by="boss")

    found = await seen(site)
    assert (found.text, found.shipped, found.edition, found.fit) == ("新年好。", GREETING, 1, Fit.OLD)
    assert await audited(database) == [("boss", "text-changed", "zh/greeting")]


async def test_the_second_to_change_a_text_is_given_the_text_of_the_first(site: PromptSite) -> None:
    await site.desk.set_text("zh", "greeting", "新年好。", edition=0, by="boss")

    for edition in (0, 7):
        with pytest.raises(PromptTextChanged) as refused:
            await site.desk.set_text("zh", "greeting", "春节好。", edition=edition, by="root")
        assert (refused.value.details["text"], refused.value.details["by"]) == ("新年好。", "boss")
    await site.desk.set_text("zh", "greeting", "春节好。", edition=1, by="root")
    assert (await seen(site)).text == "春节好。"


async def test_a_spoken_text_is_what_callers_hear_and_fits_its_text(site: PromptSite, database: Database) -> None:
    tried = await site.desk.try_out("zh", "新年好。")
    assert (await seen(site)).fit is Fit.FITS, "to listen changes nothing"
    assert (await site.desk.tried(Path(tried.name).name)).is_file()

    await site.desk.speak("zh", "greeting", "新年好。", edition=0, by="boss")

    found = await seen(site)
    assert (found.text, found.fit, found.is_own) == ("新年好。", Fit.FITS, True)
    assert found.kept is not None
    assert (found.kept.by, found.kept.way) == ("boss", "spoken")
    assert await audited(database) == [("boss", "spoken", "zh/greeting")]


async def test_an_uploaded_file_wins_and_the_one_before_comes_back(
    site: PromptSite, database: Database, tmp_path: Path
) -> None:
    for seconds in (2, 3):
        await site.desk.upload("zh", "greeting", write_sound(tmp_path / "new.wav", seconds), by="boss")
    assert site.shelf.sound("greeting").seconds == pytest.approx(3.3, abs=0.1)

    await site.desk.back("zh", "greeting", to_rendered=False, by="root")
    assert site.shelf.sound("greeting").seconds == pytest.approx(2.3, abs=0.1)
    former = await site.desk.file_of("zh", "greeting", 1)
    assert former.is_file()

    await site.desk.back("zh", "greeting", to_rendered=True, by="root")
    assert not site.shelf.is_own("greeting")
    assert [act for _, act, _ in await audited(database)] == [
        "uploaded", "uploaded", "back-to-former", "back-to-rendered",
    ]  # fmt: skip
    with pytest.raises(OwnRecordingRefused):
        await site.desk.back("zh", "greeting", to_rendered=True, by="root")


async def test_what_cannot_be_played_is_refused_with_its_fault_and_nothing_is_written_down(
    site: PromptSite, database: Database, tmp_path: Path
) -> None:
    with pytest.raises(OwnRecordingRefused) as silent:
        await site.desk.upload("zh", "greeting", write_sound(tmp_path / "s.wav", 2, level=0.001), by="boss")
    with pytest.raises(SoundUnknown):
        await site.desk.upload("zh", "no-such-prompt", write_sound(tmp_path / "t.wav", 2), by="boss")
    with pytest.raises(TextRefused):
        await site.desk.set_text("zh", "greeting", "……", edition=0, by="boss")

    assert silent.value.fault == "silent"
    assert (await seen(site)).is_own is False
    assert await audited(database) == []


async def test_a_sound_whose_audit_cannot_be_written_goes_back(
    site: PromptSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await site.desk.upload("zh", "greeting", write_sound(tmp_path / "a.wav", 2), by="boss")

    async def dies(_session: AsyncSession, _change: object) -> int:
        raise OperationalError("commit", None, Exception("gone"))

    with monkeypatch.context() as broken:
        broken.setattr(service, "record", dies)
        for prompt_id in ("greeting", "goodbye"):
            with pytest.raises(OperationalError):
                await site.desk.upload("zh", prompt_id, write_sound(tmp_path / "b.wav", 4), by="boss")

    assert site.shelf.sound("greeting").seconds == pytest.approx(2.3, abs=0.1)
    assert not site.shelf.is_own("goodbye")


async def test_what_is_recorded_by_telephone_is_audited_and_fits_the_text_of_now(
    site: PromptSite, database: Database
) -> None:
    await site.desk.set_text("zh", "greeting", "新年好。", edition=0, by="boss")
    incoming = site.home / "prompts" / "incoming" / "zh"
    write_sound(incoming / "greeting.wav", 2)
    assert (await seen(site)).phone.is_recording

    (incoming / "greeting.done").write_text("8901", "utf-8")
    for phoned in site.desk.phoned.take_in_phoned():
        await site.desk._phoned_in(phoned)

    found = await seen(site)
    assert (found.fit, found.is_own, found.phone.is_recording) == (Fit.FITS, True, False)
    assert (await audited(database))[-1] == ("8901", "recorded", "zh/greeting")


async def test_what_was_refused_by_telephone_is_told_with_its_fault(site: PromptSite, database: Database) -> None:
    incoming = site.home / "prompts" / "incoming" / "zh"
    write_sound(incoming / "greeting.wav", 2, level=0.0001)
    (incoming / "greeting.done").write_text("8901", "utf-8")

    for phoned in site.desk.phoned.take_in_phoned():
        await site.desk._phoned_in(phoned)

    assert (await seen(site)).phone.refused == "silent"
    assert await audited(database) == []


async def test_a_prompt_of_the_sites_own_is_made_by_its_first_sound(site: PromptSite) -> None:
    await site.desk.speak("zh", "site/water", "明天停水。", edition=0, by="boss")

    found = await seen(site, "site/water")
    assert (found.text, found.fit, found.number) == ("明天停水。", Fit.FITS, "")

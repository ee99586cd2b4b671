"""What an errand plays: made from pieces in no time, proved to be there; what cannot be said is not dialled."""

import shutil
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hotline.campaigns.attempt import Errand, NotPlaced, attempt_id
from hotline.campaigns.campaign import CampaignKind
from hotline.campaigns.sounds import CampaignSounds, whom
from hotline.phone import PhoneNumber
from hotline.settings import REPOSITORY
from hotline.voice.errors import NoVoice
from hotline.voice.pieces import text_of
from hotline.voice.shelf import Shelf
from hotline.voice.sound import Sound, telephone_seconds

RENDERED = REPOSITORY / "deploy" / "asterisk" / "sounds"
WORDS = "明天上午停水"
ERRAND = Errand(
    id=attempt_id(datetime(2026, 11, 24, tzinfo=UTC), 1),
    kind=CampaignKind.FEE_REMINDER,
    number=PhoneNumber("+8613800138501"),
    ring_for=timedelta(seconds=30),
    home="3-2-501",
    salutation="张先生",
    months=("2026-01", "2026-02"),
    fen=123_456,
)


@pytest.fixture
def sounds(tmp_path: Path) -> CampaignSounds:
    shelf = Shelf(rendered=RENDERED, own=tmp_path / "own", laid=tmp_path / "laid")

    async def speaks(text: str, _language: str) -> Sound:
        if text != WORDS:
            raise NoVoice("no voice in this test")
        shutil.copy(RENDERED / "zh" / "closed.wav", tmp_path / "water-off.wav")
        return Sound(str(tmp_path / "water-off"), 3.0)

    return CampaignSounds(shelf, tmp_path / "joined", speaks)


def errand(**more: Any) -> Errand:
    return replace(ERRAND, **more)


@pytest.mark.parametrize(
    ("home", "salutation", "asked"),
    [
        ("3-2-501", "张先生", "三栋二单元五零一室的张先生"),
        ("3-2-501", "李女士", "三栋二单元五零一室的李女士"),
        ("3-2-501", "", "三栋二单元五零一室"),
        ("3-2-501", "爨先生", "三栋二单元五零一室"),  # a rare surname
        ("", "张先生", "张先生"),
    ],
)
def test_person_is_asked_for_by_home_and_name_as_far_as_they_are_known(home: str, salutation: str, asked: str) -> None:
    parts = whom(errand(home=home, salutation=salutation), "zh")

    assert text_of((part for part in parts if part != "out-owner"), "zh") == asked
    assert ("out-owner" in parts) == (asked.endswith("室"))


async def test_without_home_and_name_nobody_could_be_asked_for_and_nothing_is_dialled(sounds: CampaignSounds) -> None:
    with pytest.raises(NotPlaced, match="nobody could be asked for"):
        await sounds.make(errand(home="", salutation=""))


async def test_amount_and_months_stand_in_the_body_never_in_the_question(sounds: CampaignSounds) -> None:
    one, other = await sounds.make(errand()), await sounds.make(errand(fen=99_900))

    assert one.kind == "fee"
    assert one.ask == other.ask, "the question knows nothing of the bill"
    assert one.body != other.body
    assert one.body.endswith("&arrears-how")
    assert (telephone_seconds(Path(f"{one.ask}.wav")) or 0) > 5


@pytest.mark.parametrize(
    ("kind", "talk", "ask"),
    [
        (CampaignKind.NOTICE, "notice", ""),
        (CampaignKind.MISSED_RETURN, "missed", "out-missed"),
        (CampaignKind.CALL_BACK, "wish", "returned-greeting"),
    ],
)
async def test_each_kind_has_its_talk(
    sounds: CampaignSounds, tmp_path: Path, kind: CampaignKind, talk: str, ask: str
) -> None:
    made = await sounds.make(errand(kind=kind, words=WORDS))

    body = str(tmp_path / "water-off") if kind is CampaignKind.NOTICE else ""
    assert (made.kind, made.ask, made.body) == (talk, ask, body)


@pytest.mark.parametrize("words", ["", "没有人念过的话", "site/never-recorded", "site/../../etc/passwd"])
async def test_words_without_a_sound_are_not_dialled(sounds: CampaignSounds, words: str) -> None:
    with pytest.raises(NotPlaced) as refused:
        await sounds.make(errand(kind=CampaignKind.NOTICE, words=words))

    assert not words or words not in str(refused.value), "what is private stays out of the error"


@pytest.mark.parametrize("fen", [0, -100, 10**12])
async def test_bill_of_nothing_or_beyond_words_is_not_dialled(sounds: CampaignSounds, fen: int) -> None:
    with pytest.raises(NotPlaced):
        await sounds.make(errand(fen=fen))


async def test_english_speakers_are_asked_in_english(sounds: CampaignSounds) -> None:
    made = await sounds.make(errand(language="en"))

    assert made.language == "en"
    assert text_of(whom(errand(), "en"), "en") == "building three unit two room five oh one"


async def test_sounds_of_an_errand_are_made_in_less_than_fifty_milliseconds(sounds: CampaignSounds) -> None:
    await sounds.make(errand())  # files come into the cache
    took = []
    for fen in range(100_001, 100_021):
        began = time.perf_counter()
        await sounds.make(errand(fen=fen))
        took.append(time.perf_counter() - began)

    assert sorted(took)[len(took) // 2] < 0.05

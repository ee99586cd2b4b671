"""No threat in any text; a notice may name what it is about, and no money."""

import tomllib
from pathlib import Path

import pytest

from hotline.campaigns.campaign import CampaignKind
from hotline.campaigns.texts import WordsRefused, check_words, problems_of

PROMPTS = Path(__file__).parents[3] / "deploy" / "asterisk" / "sounds" / "zh" / "prompts.toml"
FEE, NOTICE = CampaignKind.FEE_REMINDER, CampaignKind.NOTICE


@pytest.mark.parametrize(
    "words",
    [
        "再不交费就停水", "将对您停止供电", "停 水 停 电", "断您家的电", "断水断电处理", "关闸", "掐电", "停您家水",
        "您家的水会停", "暖气将停", "切断燃气", "停氣", "We will cut off your water", "power will be disconnected",
        "shut off the gas",
        "否则后果自负", "我们将起诉您", "法院见", "律师函", "列入黑名单", "影响征信", "最后一次警告", "or else",
        "停用您的门禁",
    ],
)  # fmt: skip
def test_threat_is_refused_however_it_is_written(words: str) -> None:
    assert problems_of(words, FEE)
    with pytest.raises(WordsRefused):
        check_words(words, FEE)


@pytest.mark.parametrize(
    "words",
    ["", "请您在方便的时候缴纳物业费,谢谢。", "可以在前台或手机上缴费", "小区水系清洗,请关好窗", "如有疑问请联系我们"],
)
def test_polite_words_pass(words: str) -> None:
    assert problems_of(words, FEE) == ()


def test_notice_may_say_that_the_water_is_off_on_thursday() -> None:
    check_words("因检修管道,周四上午九点至十一点三栋停水,请提前储水。", NOTICE)


@pytest.mark.parametrize(
    "words", ["欠费的业主周四停水", "物业费未交,停电一天", "请缴费,周四停水", "周四停水,否则后果自负"]
)
def test_notice_says_nothing_of_money_and_threatens_nobody(words: str) -> None:
    with pytest.raises(WordsRefused):
        check_words(words, NOTICE)


@pytest.mark.parametrize("words", ["", "  ", "停水" * 200, "请看 http://x.y 的 <b>通知</b>"])
def test_notice_is_short_readable_and_not_empty(words: str) -> None:
    with pytest.raises(WordsRefused):
        check_words(words, NOTICE)


def test_none_of_our_own_prompts_for_calling_out_threatens() -> None:
    prompts = tomllib.loads(PROMPTS.read_text("utf-8"))["prompts"]
    ours = {name: text for name, text in prompts.items() if name.startswith("out-") or name == "arrears-how"}

    assert len(ours) > 20
    assert {name: found for name, text in ours.items() if (found := problems_of(text, FEE))} == {}

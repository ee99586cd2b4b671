"""What is said: checked before anybody hears it, and shown word for word before a campaign starts. Pure.

A reminder informs and asks; it never threatens [W]. Naming the cutting off of water, power, heat or gas to whoever owes
is forbidden (Civil Code art. 944). A notice that the water will be off on Thursday is another thing: it may name that,
and nothing of money.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from hotline.campaigns.attempt import Errand
from hotline.campaigns.campaign import CampaignError, CampaignKind
from hotline.campaigns.sounds import whom
from hotline.voice import pieces

LONGEST: Final = 300  # characters: a minute of speech
_CUTS: Final = "停|断|斷|掐|切断|切斷|中断|中斷|关|關|关闭|拉|限|剪|封"
_GOODS: Final = "水|电|電|暖|气|氣|燃气|煤气|天然气|热水|供水|供电|供暖|供气|供热|用水|用电|水电|水电气|暖气|闸"
_CUTTING: Final = re.compile(
    rf"({_CUTS})(?:止|掉|了|您|你|贵|户|家|的|其|住|开|除|用){{0,4}}({_GOODS})"
    rf"|({_GOODS})(?:也|将|会|要|就|被|都|给|一律|全部){{0,3}}({_CUTS})"
    r"|(cutt?(ing)?|shutt?(ing)?|switch(ing)?|turn(ing)?)\s*off|disconnect|without (water|power|heat|gas)",
    re.IGNORECASE,
)
_THREAT: Final = re.compile(
    r"否则|不然|后果|自负|自行承担|起诉|诉讼|法院|律师|报警|强制|黑名单|征信|失信|曝光|锁门|封门|电梯卡|"
    r"限制(出入|进出|使用)|停用(您|你|门禁)|上门催|罚款|最后(一次)?(通牒|警告|机会)|严惩|追究|"
    r"lawyer|lawsuit|\bsue\b|court|police|blacklist|or else|consequence|penalt|last warning",
    re.IGNORECASE,
)
_MONEY: Final = re.compile(
    r"欠|缴|交(?:清|费|纳|付|钱|款)|物业费|费用|催|拖|逾期|滞纳|款|账单|arrear|unpaid|\bpay|\bfee|\bbill", re.IGNORECASE
)
_BETWEEN: Final = re.compile(r"[\s\W_]+")
_MAY_BE_SIGNS: Final = re.compile(r"[^\w\s，。、；：！？,.;:!?()（）《》“”\"'\-—~～/%°·]")


class WordsRefused(CampaignError):
    """What a campaign is to say holds a threat, names a cutting off, or is too long; says which words."""

    error_id = "campaign-words-refused"

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("these words are not said to residents: " + "; ".join(problems))
        self.details = {"problems": list(problems)}


def problems_of(words: str, kind: CampaignKind) -> tuple[str, ...]:
    """Return everything that forbids these words for this kind, in Chinese; they are found however they are spaced."""
    plain = unicodedata.normalize("NFKC", words)
    joined, spaced = _BETWEEN.sub("", plain), _BETWEEN.sub(" ", plain)  # 停 水 is 停水
    found: list[str] = []
    if len(words) > LONGEST:
        found.append(f"超过 {LONGEST} 字")
    if _MAY_BE_SIGNS.search(plain):
        found.append("含有读不出来的符号")
    threats = {match[0] for text in (joined, spaced) for match in _THREAT.finditer(text)}
    cuts = {match[0] for text in (joined, spaced) for match in _CUTTING.finditer(text)}
    found += [f"带有威胁：{threat}" for threat in sorted(threats)]
    if kind is CampaignKind.NOTICE:
        found += [f"通知里不谈费用：{match}" for match in sorted({match[0] for match in _MONEY.finditer(joined)})]
    else:
        found += [f"提到停水停电停暖停气：{cut}" for cut in sorted(cuts)]
    return tuple(found)


def check_words(words: str, kind: CampaignKind) -> None:
    """Raise WordsRefused where these words may not be said; a notice needs some."""
    problems = problems_of(words, kind)
    if kind is CampaignKind.NOTICE and not words.strip():
        problems = ("通知的内容不能为空", *problems)
    if problems:
        raise WordsRefused(problems)


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a resident hears, word for word: the question who they are, and what is told once they said so."""

    ask: str
    told: str


def spoken(errand: Errand, prompts: Mapping[str, str]) -> Spoken:
    """Return what this errand says; `prompts` are the texts of the fixed sounds. Raises NotPlaced, ValueError."""

    def text(*ids: str) -> str:
        return "".join(prompts[one] if one in prompts else pieces.text_of([one], "zh") for one in ids)

    match errand.kind:
        case CampaignKind.FEE_REMINDER:
            owed = pieces.arrears(errand.months, Decimal(errand.fen) / 100, "zh")
            told = f"{pieces.text_of(owed, 'zh')}。{text('arrears-how', 'out-fee-keys')}"
            return Spoken(text("out-ask", *whom(errand, "zh"), "out-ask-keys"), told)
        case CampaignKind.SURVEY:
            questions = [f"out-survey-{one}" for one in ("attitude", "quality", "charges", "satisfied", "wish")]
            told = text("out-survey", *questions)
            return Spoken(text("out-ask", *whom(errand, "zh"), "out-ask-keys"), told)
        case CampaignKind.NOTICE:
            return Spoken("", f"{text('out-notice')}{errand.words}{text('out-notice-keys')}")
        case CampaignKind.MISSED_RETURN:
            return Spoken(text("out-missed"), text("chosen-people"))
        case CampaignKind.CALL_BACK:
            return Spoken(text("returned-greeting"), text("chosen-people"))

"""Find surnames again by sound: 章先生 where a 张 lives here, and the caller's own name. Pure.

Beside `mending`. A surname is mended only where it is said as one (before a title, after 姓), and only to one that a
resident of the centre has; a name that anybody may have is left, unless the caller's own has that sound.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from hotline.transcribe.edits import Edit
from hotline.transcribe.mending import CHINESE, EXACT
from hotline.transcribe.sounds import distance, syllables
from hotline.transcribe.word_list import WordList

_TITLE: Final = re.compile("先生|女士|小姐|阿姨|太太")  # those of residents; 叫师傅 names nobody
_SURNAME_IS: Final = re.compile("(?:我|业主|户主|本人|免贵|他|她)姓")
NO_SURNAME: Final = frozenset(
    "位名个各诸男女老大小两几的了是有叫让请给和跟对向这那到在找问我你您他她"
)  # 这位先生, 请女士
COMMON_SURNAMES: Final = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚"
    "卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)


def name_mending(text: str, words: WordList) -> list[Edit]:
    """Return which names in a turn's text are to be put, none of them overlapping."""
    spoken = syllables(text)
    whole = list(_whole_names(text, spoken, words))
    taken = {place for edit in whole for place in range(edit.start, edit.end)}
    places = {found.start() - 1 for found in _TITLE.finditer(text)} | {
        found.end() for found in _SURNAME_IS.finditer(text)
    }
    surnames = [
        Edit(start=at, end=at + 1, text=meant, is_mended=True, likeness=EXACT)
        for at in sorted(places - taken)
        if 0 <= at < len(text) and CHINESE.match(text[at]) and (meant := _surname_meant(text[at], spoken[at], words))
    ]
    return [*whole, *surnames]


def _whole_names(text: str, spoken: Sequence[str], words: WordList) -> Iterator[Edit]:
    """Yield the caller's own name, which is known by the number; first names of others are no word of the list."""
    for name in words.caller_names:
        own, length = syllables(name), len(name)
        for at in range(len(text) - length + 1) if length > 2 and CHINESE.fullmatch(name) else ():
            if text[at : at + length] != name and distance(own, spoken[at : at + length]) == 0:
                yield Edit(start=at, end=at + length, text=name, is_mended=True, likeness=EXACT)
                return


def _surname_meant(heard: str, spoken: str, words: WordList) -> str:
    if heard in NO_SURNAME or heard in words.surnames or heard in words.caller_surnames:
        return ""
    own = [name for name in words.caller_surnames if syllables(name) == (spoken,)]
    if len(own) == 1:
        return own[0]
    alike = [name for name in words.surnames if len(name) == 1 and syllables(name) == (spoken,)]
    return alike[0] if len(alike) == 1 and heard not in COMMON_SURNAMES else ""

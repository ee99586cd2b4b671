"""Punctuation as it is read: of one script, and for an engine that gives none, by pauses and particles. Pure.

Whisper mixes marks of several scripts in one sentence; Vosk gives words alone. A pause is a comma, or a full stop
after 了, 吧 and the like; a turn that asks ends with a question mark. Plain rules, for reading only: nothing is looked
up by them.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from hotline.transcribe.transcript import Word

COMMA_AFTER: Final = timedelta(seconds=0.3)
STOP_AFTER: Final = timedelta(seconds=0.6)
_IS_CHINESE: Final = re.compile(r"[\u3400-\u9fff]$")
_CHINESE: Final = re.compile(r"[\u3400-\u9fff]")
_ANY: Final = re.compile(r"[，。？！；：、﹑､,.?!;:]")
_MARKS: Final = {",": "，", "?": "？", "!": "！", ";": "；", ":": "：", "﹑": "，", "､": "，", "、": "、", ".": "。"}
_MARK_AT_END: Final = re.compile(r"[,?!;:﹑､.]$")
_OPEN_END: Final = re.compile(r"[，、]$")  # a turn does not end with a comma
_ENDS: Final = re.compile(r"(?:了|吧|的|啊|呀|谢谢|再见|好|行|可以)$")
_ASKS: Final = re.compile(r"(?:吗|呢|么|没有|是不是|行不行|好不好|可不可以|能不能)$")
_QUESTION: Final = re.compile(r"请问|什么|怎么|哪|几[栋个点号层楼室]|多少|为什么|谁|是不是|能不能|可不可以|有没有")


def punctuated(words: Sequence[Word]) -> tuple[Word, ...]:
    """Return a turn's words with Chinese marks: those they have, or else marks hung on those before a pause.

    What is not Chinese stays as it is.
    """
    if any(_ANY.search(word.text) for word in words):
        return _in_one_script(words)
    if not words or not _IS_CHINESE.search(words[-1].text):
        return tuple(words)
    result: list[Word] = []
    clause = ""
    for place, word in enumerate(words):
        clause += word.text
        following = words[place + 1] if place + 1 < len(words) else None
        mark = _mark(clause, None if following is None else following.start - word.end)
        result.append(replace(word, text=word.text + mark) if mark else word)
        if mark:
            clause = ""
    return tuple(result)


def bare(text: str) -> str:
    """Return a text without its marks and spaces."""
    return _ANY.sub("", text).replace(" ", "")


def _in_one_script(words: Sequence[Word]) -> tuple[Word, ...]:
    if not any(_CHINESE.search(word.text) for word in words):
        return tuple(words)
    last = len(words) - 1
    return tuple(
        replace(word, text=_MARK_AT_END.sub(lambda found: _MARKS[found[0]], word.text))
        if place != last
        else replace(word, text=_OPEN_END.sub("。", _MARK_AT_END.sub(lambda found: _MARKS[found[0]], word.text)))
        for place, word in enumerate(words)
    )


def _mark(clause: str, pause: timedelta | None) -> str:
    if pause is not None and (pause < COMMA_AFTER or not _IS_CHINESE.search(clause)):
        return ""
    if _ASKS.search(clause) or (pause is None and _QUESTION.search(clause)):
        return "？"
    return "。" if pause is None or (pause >= STOP_AFTER and _ENDS.search(clause)) else "，"

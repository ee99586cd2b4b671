"""What packing costs and saves: bytes and processor seconds of WAV, FLAC and Opus, and of encryption and settling.

    .venv/bin/python bench/recordings.py [--speech ../shared/speech/dialogues] [--rounds 3]

Processor time is this process's own; the sound is both sides of every dialogue, at 8 kHz and 16 bits.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from hotline.recordings.legs import Leg, fingerprint_of, measure, open_leg
from hotline.recordings.packing import Packed, pack
from hotline.recordings.recording import Form
from hotline.recordings.sealing import SealedFile, seal

KEY = bytes(range(32))
HOUR = 3600.0


def processor_seconds(act: Callable[[], object]) -> float:
    began = time.process_time()
    act()
    return time.process_time() - began


def read_whole(path: Path) -> None:
    with Packed(path) as packed:
        for _ in packed.frames_of():
            pass


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--speech", type=Path, default=Path(__file__).parents[2] / "shared" / "speech" / "dialogues")
    parser.add_argument("--rounds", type=int, default=3)
    wanted = parser.parse_args()
    talks: list[tuple[str, Leg, Leg]] = [
        (
            path.name.removesuffix(".caller.wav"),
            open_leg(path),
            open_leg(Path(str(path).replace(".caller.", ".agent."))),
        )
        for path in sorted(wanted.speech.glob("*.caller.wav"))
    ]
    if not talks:
        sys.exit(f"no dialogues in {wanted.speech}")
    sound = sum(caller.seconds for _, caller, _ in talks)
    wav = sum(leg.path.stat().st_size for _, *legs in talks for leg in legs)
    print(f"{len(talks)} talks, {sound:.0f} s of both sides, WAV {wav:,} bytes")
    with tempfile.TemporaryDirectory() as place:
        for form in (Form.FLAC, Form.OPUS):
            files = [Path(place) / f"{name}.{form.value}" for name, _, _ in talks]

            def pack_all(files: list[Path] = files, form: Form = form) -> None:
                for (_, caller, agent), file in zip(talks, files, strict=True):
                    pack(caller, agent, file, form)

            packing = min(processor_seconds(pack_all) for _ in range(wanted.rounds))
            reading = min(processor_seconds(lambda files=files: [read_whole(file) for file in files]) for _ in range(3))
            size = sum(file.stat().st_size for file in files)
            print(
                f"{form.value}: {size:,} bytes ({size / wav:.1%}), {size / sound * 60 / 1000:.0f} kB a minute, "
                f"packed and proved {packing / sound * HOUR:.1f} CPU s an hour, read {reading / sound * HOUR:.1f}"
            )
        flac = [Path(place) / f"{name}.{Form.FLAC.value}" for name, _, _ in talks]
        sealing = min(
            processor_seconds(lambda: [seal(file, file.with_suffix(".sealed"), KEY) for file in flac])
            for _ in range(wanted.rounds)
        )

        def unseal() -> None:
            for file in flac:
                with SealedFile(file.with_suffix(".sealed"), KEY) as sealed:
                    sealed.read()

        unsealing = processor_seconds(unseal)
        print(f"encrypted {sealing / sound * HOUR:.2f} CPU s an hour, decrypted {unsealing / sound * HOUR:.2f}")
    settling = processor_seconds(lambda: [measure(caller.path, agent.path) for _, caller, agent in talks])
    hashing = processor_seconds(lambda: [fingerprint_of([caller.path, agent.path]) for _, caller, agent in talks])
    print(f"settled {settling / sound * HOUR:.2f} CPU s an hour, of it the fingerprint {hashing / sound * HOUR:.2f}")


if __name__ == "__main__":
    main()

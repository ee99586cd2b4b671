"""The door for recordings: what a person recorded becomes a sound fit for callers, or is refused with a reason.

FFmpeg (PyAV) reads whatever a computer or a mobile telephone writes. Blocking; a minute of sound takes well under a
second.
"""

from itertools import chain
from pathlib import Path
from typing import Final

import av
import av.error
import numpy as np

from hotline.voice.errors import OwnRecordingRefused
from hotline.voice.sound import RATE, Samples, at_telephone_rate, for_telephone, frames_with_speech, speech_level

SHORTEST: Final = 0.3  # seconds of words
LONGEST: Final = 60.0
LARGEST: Final = 50_000_000  # bytes: a minute of studio sound in stereo is 35 MB
SILENT: Final = 10 ** (-50 / 20)  # speech below this is a microphone that was not on
# A playlist would make FFmpeg open other files or addresses: only files that are sound themselves are looked at.
_NO_OTHER_FILE: Final = {
    "protocol_whitelist": "file",
    "format_whitelist": "wav,w64,aiff,au,caf,flac,mp3,ogg,aac,amr,mov,matroska",
}
_LEAST_SPEECH: Final = 0.1  # seconds that hold sound; a click has less


def read_recording(file: Path) -> Samples:
    """Return a recording as 8 kHz sound at the prompts' level, silence at its ends cut off.

    Raises OwnRecordingRefused: not there, too large, not a sound, too long, silent, or too short.
    """
    try:
        size = file.stat().st_size
        if not file.is_file():
            raise OwnRecordingRefused(file, "is not a file")
    except OSError as wrong:
        raise OwnRecordingRefused(file, f"cannot be read ({wrong.strerror})") from wrong
    if not size:
        raise OwnRecordingRefused(file, "is empty: nothing was recorded", "empty")
    if size > LARGEST:
        raise OwnRecordingRefused(file, f"has {size // 1_000_000} MB: a prompt is a minute at most", "large")
    if _was_cut(file, size):
        raise OwnRecordingRefused(file, "is broken: its end is missing", "broken")
    raw = at_telephone_rate(*_decoded(file))
    if speech_level(raw) < SILENT:
        raise OwnRecordingRefused(file, "is silent: was the microphone on?", "silent")
    words = for_telephone(raw, RATE)
    if np.count_nonzero(frames_with_speech(words)) < _LEAST_SPEECH * 100 or len(raw) < SHORTEST * RATE:
        raise OwnRecordingRefused(file, f"holds less than {SHORTEST} s of sound", "short")
    return words


def _was_cut(file: Path, size: int) -> bool:
    """Tell whether a WAV file is shorter than it says; a writer that died may have left 0, which says nothing."""
    with file.open("rb") as opened:
        head = opened.read(8)
    return head[:4] == b"RIFF" and size < int.from_bytes(head[4:], "little") + 8 < 2**32


def _decoded(file: Path) -> tuple[Samples, int]:
    """Return the samples of a file, all channels mixed to one, and their rate."""
    pieces: list[Samples] = []
    length = 0
    try:
        with av.open(str(file), options=_NO_OTHER_FILE, metadata_errors="ignore") as opened:
            if not opened.streams.audio:
                raise OwnRecordingRefused(file, "holds no sound", "format")
            rate = opened.streams.audio[0].rate
            mixed = av.AudioResampler(format="flt", layout="mono", rate=rate)
            for frame in chain(opened.decode(audio=0), [None]):
                for part in mixed.resample(frame):
                    pieces.append(np.asarray(part.to_ndarray(), np.float32).ravel())
                    length += len(pieces[-1])
                if length > LONGEST * rate:
                    raise OwnRecordingRefused(file, f"is longer than {LONGEST:.0f} s", "long")
    except (av.error.FFmpegError, ValueError) as wrong:
        raise OwnRecordingRefused(file, "is broken, or no sound file that we know: save it as WAV", "format") from wrong
    samples = np.concatenate(pieces) if pieces else np.zeros(0, np.float32)
    return np.nan_to_num(samples, posinf=1.0, neginf=-1.0), rate

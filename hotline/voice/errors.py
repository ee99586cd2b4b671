"""What can go wrong between a wish to say something and its sound. Each message names what to do.

None holds the words that were to be said. Those of a synthesiser cross from its process to ours as plain text.
"""

from pathlib import Path

from hotline.errors import HotlineError


class VoiceError(HotlineError):
    """Something cannot be said."""

    error_id = "voice-error"


class SoundUnknown(VoiceError):
    """No rendered prompt and no recording has this id."""

    error_id = "sound-unknown"

    def __init__(self, sound: str) -> None:
        super().__init__(f"there is no sound {sound}: `prompt list` names all; own ones begin with site/")
        self.sound = sound


class OwnRecordingRefused(VoiceError):
    """An uploaded or phoned-in recording cannot be played to callers as it is; what wins now stays."""

    error_id = "own-recording-refused"

    def __init__(self, file: Path, why: str, fault: str = "other") -> None:
        super().__init__(f"{file.name} {why}")
        self.file, self.why, self.fault = file, why, fault
        self.details = {"fault": fault}


class TextRefused(VoiceError):
    """A free text is empty, too long, or holds nothing that can be said."""

    error_id = "text-refused"


class NoVoice(VoiceError):
    """No engine speaks this language here: none is set, it is not installed, or its voice is missing."""

    error_id = "no-voice"


class VoiceFailed(VoiceError):
    """The engine is there and did not speak this text: it died, ran out of memory, or has too much to do."""

    error_id = "voice-failed"


class VoiceTooSlow(VoiceFailed):
    """The engine was not done in time; its process was ended."""

    error_id = "voice-too-slow"

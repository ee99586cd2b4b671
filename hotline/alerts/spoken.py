"""How an alert sounds on the telephone: the site's own recordings where there are any, else its text, spoken."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from hotline.alerts.alert import Alert
from hotline.alerts.duty_phone import AlertUnspoken
from hotline.voice.errors import SoundUnknown, VoiceError
from hotline.voice.shelf import SITE_OWN, Shelf
from hotline.voice.sound import Sound

KEYS: Final = f"{SITE_OWN}alert-keys"
NOTED: Final = f"{SITE_OWN}alert-noted"
ASKS: Final = "物业热线告警。{text}。知悉请按一。"
THANKS: Final = "已记下，谢谢。"


class AlertSounds:
    """Gives the sounds of an alert. `speak_text` is `FreeTexts.sound_of`."""

    def __init__(self, shelf: Shelf, speak_text: Callable[[str], Awaitable[Sound]]) -> None:
        self._shelf, self._speak_text = shelf, speak_text

    async def __call__(self, alert: Alert, text: str) -> tuple[str, str]:
        """Return what is said with the key that is asked for, and what is said once it was pressed.

        Raises AlertUnspoken, which names the recordings that would do.
        """
        own = f"{SITE_OWN}alert-{alert.rule.value}"
        try:
            if await self._is_there(own) and await self._is_there(KEYS):
                asks = f"{own}&{KEYS}"
            else:
                asks = (await self._speak_text(ASKS.format(text=text))).name
            thanks = NOTED if await self._is_there(NOTED) else (await self._speak_text(THANKS)).name
        except VoiceError as wrong:
            raise AlertUnspoken(
                f"record {own}, {KEYS} and {NOTED}, or install a voice (docs/voice.md): {wrong.error_id}"
            ) from wrong
        return asks, thanks

    async def _is_there(self, prompt: str) -> bool:
        try:
            await asyncio.to_thread(self._shelf.sound, prompt)
        except SoundUnknown:
            return False
        return True

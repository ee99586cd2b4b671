"""Make a conversation readable with the word list of the site: load, decide in `readable`, give back."""

import asyncio
from dataclasses import replace

from hotline.calls.ledger import CallRecord
from hotline.database import Database
from hotline.phone import PhoneNumber
from hotline.settings import TranscribeSettings
from hotline.transcribe.readable import Wishes, readable
from hotline.transcribe.transcript import Transcript
from hotline.transcribe.word_list_store import site_words


class SiteReading:
    """Makes transcripts readable for one site."""

    def __init__(self, database: Database, settings: TranscribeSettings, *, area_code: str) -> None:
        self._database = database
        self._own_words = settings.words
        self._wishes = Wishes(mends=settings.mending, writes_digits=settings.digits)
        self._area_code = area_code

    async def read(self, transcript: Transcript, call: CallRecord | None) -> Transcript:
        """Return the transcript as it is to be read; `call` tells whose number it was."""
        caller = PhoneNumber.parse(call.caller_number, area_code=self._area_code) if call else None
        async with self._database.read() as session:
            words = await site_words(session, caller, self._own_words)
        turns = await asyncio.to_thread(readable, transcript.turns, words, self._wishes)
        return replace(transcript, turns=turns)

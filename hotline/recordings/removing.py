"""Remove a recording so that it is certain and proved: hash, remove, write the proof. The machine may stop between.

What is being removed has a state of its own (refused, expiring) that no page plays; it is taken up again until the
proof is written, and the hash of what was there waits in the row meanwhile.
"""

import asyncio
from pathlib import Path
from typing import Final

from sqlalchemy.exc import IntegrityError

from hotline.clock import Clock
from hotline.database import Database
from hotline.recordings.files import every_file, remove_files
from hotline.recordings.legs import fingerprint_of
from hotline.recordings.recording import Recording
from hotline.recordings.removal import Removed
from hotline.recordings.removal_store import prove_removal
from hotline.recordings.store import note_fingerprint, note_removed, recording_by_name

TRIES: Final = 5  # two processes may want the chain's next link at once


async def remove_with_proof(
    recording: Recording, *, klass: str, rule: str, directory: Path, database: Database, clock: Clock
) -> bool:
    """Remove every file of a recording that is refused or expiring; False where that was done before.

    Raises OSError where a file cannot be removed; it stays to be removed.
    """
    files = every_file(directory, recording.name)
    if await asyncio.to_thread(_is_any_there, files):
        fingerprint = await asyncio.to_thread(fingerprint_of, files)
        async with database.begin() as session:
            await note_fingerprint(session, recording.name, fingerprint)
        await asyncio.to_thread(remove_files, files)
    for chance in range(TRIES):
        try:
            async with database.begin() as session:
                if not await note_removed(session, recording.name):
                    return False
                now = await recording_by_name(session, recording.name, directory)
                was = now.sha256 if now else ""
                proof = Removed(
                    kind="recording", what=recording.name, klass=klass, rule=rule, at=clock.now(), sha256=was
                )
                await prove_removal(session, proof)
        except IntegrityError:
            if chance == TRIES - 1:
                raise
        else:
            return True
    return False


def _is_any_there(files: list[Path]) -> bool:
    return any(path.exists() for path in files)

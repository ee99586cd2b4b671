"""Pack recordings whose words are there, and finish what a crash interrupted. Runs in the worker.

Between any two lines the machine may stop. The order is: write beside, prove, put on disk, rename, commit, remove the
originals, commit. Before the commit the WAV files are the recording, after it the packed file is; what is left over
then is known by `originals_left`, and removed here the next time. One process works at a time: the directory is locked.
"""

import asyncio
import errno
import fcntl
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final, Protocol

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.database import Database
from hotline.recordings.errors import KeyMissing, NotPackable
from hotline.recordings.files import (
    PART,
    SIDES,
    every_file,
    files_of,
    packed_file,
    remove_files,
    settle_directory,
    side_file,
)
from hotline.recordings.legs import fingerprint_of, open_leg
from hotline.recordings.packing import pack
from hotline.recordings.recording import IS_WHOLE, Form, Recording
from hotline.recordings.sealing import SealedFile, read_key, seal
from hotline.recordings.store import (
    note_originals_gone,
    note_packed,
    recording_by_name,
    with_originals_left,
)
from hotline.settings import RecordingSettings

log = structlog.get_logger()

AT_ONCE: Final = 50  # recordings of one round
LOCK: Final = ".lock"
DISK_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


class Ready(Protocol):
    """Says which recordings may be packed: names, oldest first; with `name` only whether that one still may."""

    async def __call__(self, session: AsyncSession, limit: int, name: str | None = None) -> Sequence[str]: ...


class Packer:
    """Packs recordings. `ready` says which may be packed."""

    def __init__(
        self, *, directory: Path, key_file: Path, settings: RecordingSettings, database: Database, ready: Ready
    ) -> None:
        self._directory = directory
        self._key_file = key_file
        self._database = database
        self._ready = ready
        self._form = {"none": Form.SIDES, "flac": Form.FLAC, "opus": Form.OPUS}[settings.pack]
        self._encrypts = settings.encrypt

    async def round(self, limit: int = AT_ONCE) -> int:
        """Finish what was begun, pack what is ready, and return how many were packed; 0 where another is at it."""
        async with alone_with(self._directory) as is_alone:
            if not is_alone:
                return 0
            await self._finish()
            return await self._pack_ready(limit) if self._form.is_packed else 0

    async def _finish(self) -> None:
        async with self._database.read() as session:
            left = await with_originals_left(session, self._directory)
        for recording in left:
            await self._remove_originals(recording)

    async def _pack_ready(self, limit: int) -> int:
        packed = 0
        tried: set[str] = set()
        try:
            # What is not there now stands before all others, and may not keep them out: so more are asked for.
            while packed < limit and (found := await self._to_pack(limit, tried)):
                key = await asyncio.to_thread(read_key, self._key_file) if self._encrypts else None
                for recording in found[: limit - packed]:
                    tried.add(recording.name)
                    packed += await self._pack(recording, key)
        except KeyMissing as missing:
            log.error("recordings are not packed: their key is missing", what_to_do=str(missing))
        except OSError as wrong:
            if wrong.errno not in DISK_FULL:
                raise
            log.error("recordings are not packed: the disk is full")  # the readiness says it, too
        return packed

    async def _to_pack(self, limit: int, tried: set[str]) -> list[Recording]:
        async with self._database.read() as session:
            names = await self._ready(session, limit + len(tried))
            found = [await recording_by_name(session, name, self._directory) for name in names if name not in tried]
        return [recording for recording in found if recording is not None]

    async def _pack(self, recording: Recording, key: bytes | None) -> bool:
        try:
            sha256 = await asyncio.to_thread(self._write, recording, key)
        except NotPackable as wrong:
            log.error("recording stays unpacked", linkedid=recording.call_id, reason=str(wrong))
            async with self._database.begin() as session:
                await note_packed(session, recording.name, Form.KEPT, is_encrypted=False, sha256="")
            return False
        except OSError as wrong:  # a disk that is away comes back: nothing is written of it
            if wrong.errno in DISK_FULL:
                raise
            log.error("recording cannot be packed now", linkedid=recording.call_id, reason=type(wrong).__name__)
            return False
        async with self._database.begin() as session:
            # Asked again under the lock: somebody may have begun to write its words down anew, from the WAV files.
            is_ours = bool(await self._ready(session, 1, recording.name)) and await note_packed(
                session, recording.name, self._form, is_encrypted=key is not None, sha256=sha256
            )
            now = await recording_by_name(session, recording.name, self._directory)
        if not is_ours:
            await asyncio.to_thread(remove_files, self._not_the_recordings(recording.name, now))
            return False
        assert now is not None  # noqa: S101 - it was changed a moment ago
        await self._remove_originals(now)
        log.info("recording packed", linkedid=recording.call_id, form=self._form.value, encrypted=key is not None)
        return True

    def _not_the_recordings(self, name: str, now: Recording | None) -> list[Path]:
        """Return the files that may not stay: of a recording refused or removed meanwhile that is all of them."""
        if now is None or now.state not in IS_WHOLE:
            return every_file(self._directory, name)
        keep = files_of(self._directory, name, now.form, is_encrypted=now.is_encrypted)
        originals = [side_file(self._directory, name, side) for side in SIDES]
        return [path for path in every_file(self._directory, name) if path not in keep and path not in originals]

    def _write(self, recording: Recording, key: bytes | None) -> str:
        """Write the packed file under its name, proved and on the disk; return its hash.

        Raises NotPackable, or OSError where a file is not there or the disk fails.
        """
        name = recording.name
        plain = packed_file(self._directory, name, self._form, is_encrypted=False)
        part = plain.with_name(plain.name + PART)
        final = packed_file(self._directory, name, self._form, is_encrypted=key is not None)
        sealed_part = final.with_name(final.name + PART)
        caller, agent = (open_leg(side_file(self._directory, name, side)) for side in SIDES)
        _see_sides([caller.path, agent.path], recording.sha256)
        try:
            pack(caller, agent, part, self._form)
            if key is not None:
                seal(part, sealed_part, key)
                _prove_sealed(part, sealed_part, key)
                remove_files([part])
            sha256 = fingerprint_of([sealed_part])
            sealed_part.rename(final)
            settle_directory(final.parent)
        except BaseException:
            for left in {part, sealed_part}:
                left.unlink(missing_ok=True)
            raise
        return sha256

    async def _remove_originals(self, recording: Recording) -> None:
        """Remove the WAV files of a packed recording, but never before the packed file is seen there whole."""
        if recording.state in IS_WHOLE:
            packed = packed_file(self._directory, recording.name, recording.form, is_encrypted=recording.is_encrypted)
            if await asyncio.to_thread(fingerprint_of, [packed]) != recording.sha256:
                log.error("packed recording is damaged; its originals are kept", linkedid=recording.call_id)
                return
        originals = [side_file(self._directory, recording.name, side) for side in SIDES]
        await asyncio.to_thread(remove_files, originals)
        async with self._database.begin() as session:
            await note_originals_gone(session, recording.name)


def _see_sides(paths: list[Path], sha256: str) -> None:
    """Raise OSError where a side cannot be read now, or is not there and was when the recording was settled."""
    missing = []
    for path in paths:
        try:
            with path.open("rb") as file:
                file.read(1)
        except FileNotFoundError:
            missing.append(path)
    if missing and fingerprint_of(paths) != sha256:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), missing[0].name)


def _prove_sealed(plain: Path, sealed: Path, key: bytes) -> None:
    with SealedFile(sealed, key) as file, plain.open("rb") as wanted:
        while block := wanted.read(1 << 20):
            if file.read(len(block)) != block:
                raise NotPackable(f"{sealed.name}: the encrypted sound is not the packed one")


@asynccontextmanager
async def alone_with(directory: Path) -> AsyncIterator[bool]:
    """Give True where no other process packs or removes in this directory now; the lock ends with the process."""
    with _locked(directory) as is_alone:
        yield is_alone


@contextmanager
def _locked(directory: Path) -> Iterator[bool]:
    if not directory.is_dir():
        yield False
        return
    with (directory / LOCK).open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True

"""Answer with sound, whole or the stretch that a player asks for (HTTP ranges, RFC 9110)."""

import asyncio
from typing import Final

from aiohttp import web

from hotline.recordings.sounds import FileSound, Sound

PIECE: Final = 64 * 1024  # bytes read at one time: one block of an encrypted recording


async def send_sound(request: web.Request, sound: Sound) -> web.StreamResponse:
    """Send the sound, or with a Range header that part of it (206); a stretch beyond its end is refused (416)."""
    if isinstance(sound, FileSound):  # the system sends a plain file by itself
        return web.FileResponse(sound.path, headers={"Content-Type": sound.media})
    start, end, is_part = 0, sound.size, "Range" in request.headers
    if is_part:
        try:
            wanted = request.http_range
        except ValueError:
            return _beyond(sound)
        start = wanted.start or 0
        if start < 0:  # the last so many bytes
            start = max(0, sound.size + start)
        end = min(sound.size, sound.size if wanted.stop is None else wanted.stop)
        if start >= end:
            return _beyond(sound)
    first = await asyncio.to_thread(sound.read, start, min(PIECE, end - start))  # what cannot be read fails as an error
    answer = web.StreamResponse(
        status=206 if is_part else 200, headers={"Content-Type": sound.media, "Accept-Ranges": "bytes"}
    )
    if is_part:
        answer.headers["Content-Range"] = f"bytes {start}-{end - 1}/{sound.size}"
    answer.content_length = end - start
    await answer.prepare(request)
    await answer.write(first)
    for at in range(start + PIECE, end, PIECE):
        await answer.write(await asyncio.to_thread(sound.read, at, min(PIECE, end - at)))
    await answer.write_eof()
    return answer


def _beyond(sound: Sound) -> web.Response:
    return web.Response(status=416, headers={"Content-Range": f"bytes */{sound.size}"})

"""Wait for aiosqlite's threads: one whose connection was given up in the middle ends by itself, a little later.

A test that ends sooner would be blamed for what such a thread says to a loop that is closed.
"""

import asyncio
import threading

from hotline.database import Database


async def sqlite_threads_are_over(database: Database) -> None:
    """Close every connection and return once no thread of aiosqlite is left; fails after 15 s."""
    await database.close()
    async with asyncio.timeout(15):  # they sleep on a lock for up to 5 s
        while any("_connection_worker_thread" in thread.name for thread in threading.enumerate()):
            await asyncio.sleep(0.01)

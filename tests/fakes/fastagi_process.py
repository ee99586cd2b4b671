"""`python -m tests.fakes.fastagi_process plain|ours`: a FastAGI server in a process of its own, for what freezes one.

Prints its port; sets the variable GREETED for every caller.
"""

import asyncio
import sys

from panoramisk.fast_agi import Application, Request

from hotline.ivr.agi import AgiChannel, AgiServer
from hotline.settings import AgiSettings


async def greet_plainly(request: Request) -> None:
    await request.send_command('SET VARIABLE GREETED "yes"')


async def greet(channel: AgiChannel) -> None:
    await channel.set_variable("GREETED", "yes")


async def serve_plain() -> None:
    application = Application(loop=asyncio.get_running_loop())
    application.add_route("menu", greet_plainly)
    server = await asyncio.start_server(application.handler, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def serve_ours() -> None:
    server = AgiServer(AgiSettings(), greet, port=0)
    async with asyncio.TaskGroup() as group:
        group.create_task(server.run())
        await server.listening.wait()
        print(server.port, flush=True)


asyncio.run(serve_plain() if sys.argv[1] == "plain" else serve_ours())

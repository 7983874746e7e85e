"""The event loops that everything runs on."""

import asyncio
import importlib.util

NAMES = ["asyncio", *(["uvloop"] if importlib.util.find_spec("uvloop") else [])]


def new(name: str) -> asyncio.AbstractEventLoop:
    if name == "uvloop":
        import uvloop

        return uvloop.new_event_loop()
    return asyncio.new_event_loop()


def close(loop: asyncio.AbstractEventLoop) -> None:
    """Ends what is still running on the loop, then the loop."""
    rest = asyncio.all_tasks(loop)
    for task in rest:
        task.cancel()
    if rest:
        loop.run_until_complete(asyncio.gather(*rest, return_exceptions=True))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()

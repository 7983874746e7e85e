"""A proxy in front of the tests' server that is slow: each packet is held back a moment, and answers come in parts."""

import asyncio
import threading
from urllib.parse import urlsplit, urlunsplit

MOMENT = 0.002


class Late:
    """Runs in a thread of its own. ``url`` leads through it."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._server = (parts.hostname, parts.port or 5432)
        self._loop = asyncio.new_event_loop()
        self._listener = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        port = self._listener.sockets[0].getsockname()[1]
        user = f"{parts.username}@" if parts.username else ""
        self.url = urlunsplit(parts._replace(netloc=f"{user}127.0.0.1:{port}"))
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()

    async def _serve(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        server, to_server = await asyncio.open_connection(*self._server)
        await asyncio.gather(pass_on(client, to_server, 1), pass_on(server, to_client, 3))

    def close(self) -> None:
        async def end() -> None:
            rest = asyncio.all_tasks() - {asyncio.current_task()}
            for task in rest:
                task.cancel()
            await asyncio.gather(*rest, return_exceptions=True)

        self._listener.close()
        asyncio.run_coroutine_threadsafe(end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def pass_on(source: asyncio.StreamReader, to: asyncio.StreamWriter, parts: int) -> None:
    try:
        while data := await source.read(65536):
            length = -(-len(data) // parts)
            for start in range(0, len(data), length):
                await asyncio.sleep(MOMENT)
                to.write(data[start : start + length])
                await to.drain()
    except ConnectionError:
        pass  # one side has left, which the other is told
    finally:
        to.close()

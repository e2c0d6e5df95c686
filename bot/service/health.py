"""The health port: `/healthz` and `/readyz` for supervisors, `/metrics` for Prometheus. It shows no secret."""

import asyncio
import errno
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import cast

from aiohttp import web
from aiohttp.http import HttpProcessingError

from bot.errors import BotError, SettingsError
from bot.gateway.connection import Probe
from bot.metrics import CONTENT_TYPE
from bot.service.settings import Address

LONGEST = 5.0
"""Most seconds that a connection lasts. Each request has a connection of its own."""

MOST = 32
"""Most connections at once. One more closes the oldest, which has had enough time for an answer."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_log = logging.getLogger(__name__)
# A client that sends no HTTP gets an error as its answer, and cannot fill the diagnostic log.
_log.addFilter(lambda record: not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError)))


@asynccontextmanager
async def serving(
    address: Address, why_not_live: Probe, why_not_ready: Probe, metrics: Callable[[], str]
) -> AsyncIterator[None]:
    """Answer on ``address`` for the time of the block. Raises BotError if it is in use, SettingsError if it is none."""
    application = web.Application()
    application.router.add_get("/healthz", _probe_handler(why_not_live, "live"))
    application.router.add_get("/readyz", _probe_handler(why_not_ready, "ready"))
    application.router.add_get("/metrics", _metrics_handler(metrics))
    application.on_response_prepare.append(_close_after)
    runner = web.AppRunner(application, logger=_log, access_log=None)
    await runner.setup()
    server = cast("web.Server", runner.server)
    loop = asyncio.get_running_loop()

    def connected() -> asyncio.Protocol:
        connection = server()
        for oldest in server.connections[: 1 - MOST]:
            oldest.force_close()
        loop.call_later(LONGEST, connection.force_close)  # the library waits for ever for a request's end
        return connection

    try:
        listening = await _listen(connected, address)
        try:
            yield
        finally:
            listening.close()
    finally:
        await runner.cleanup()


async def _listen(connected: Callable[[], asyncio.Protocol], address: Address) -> asyncio.Server:
    try:
        return await asyncio.get_running_loop().create_server(connected, address.host, address.port, backlog=MOST)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:  # the port may be free soon, so the setting is not wrong
            raise BotError(f"HEALTH_PORT: {address} is in use; stop what uses it, or choose another port") from None
        why = os.strerror(error.errno) if error.errno else error
        raise SettingsError(f"HEALTH_PORT: cannot listen on {address} ({why})") from None


async def _close_after(_request: web.Request, response: web.StreamResponse) -> None:
    response.force_close()


def _probe_handler(probe: Probe, good: str) -> Handler:
    async def handle(_request: web.Request) -> web.StreamResponse:
        if why := probe():
            return web.Response(status=503, text=f"not {good}: {why}\n")
        return web.Response(text=f"{good}\n")

    return handle


def _metrics_handler(metrics: Callable[[], str]) -> Handler:
    async def handle(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=metrics().encode(), headers={"Content-Type": CONTENT_TYPE})

    return handle

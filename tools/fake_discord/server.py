"""What all HTTP requests have in common: tokens, refusals, the failures that a test asked for, and reading the body."""

import asyncio
import itertools
import json
import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from aiohttp import web

from tools.fake_discord.actors import ATTACHMENT_LIMIT, Upload
from tools.fake_discord.replies import ApiError, Failure, Request, reply, reset
from tools.fake_discord.state import API, State

PAYLOAD: web.RequestKey[Any] = web.RequestKey("payload")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Route = tuple[str, str, Handler]
"""A method, a path, and what takes such requests."""


class Server:
    """Serves routes under the rules that hold for all of them."""

    def __init__(self, state: State, routes: Iterable[Route], tell_news: Callable[[], Awaitable[None]]) -> None:
        self.state = state
        self.tell_news = tell_news
        self.application = web.Application(middlewares=[self._middleware], client_max_size=26 * 2**20)
        for method, path, handler in routes:
            self.application.router.add_route(method, path, handler)
        self.application.router.add_route("*", "/{rest:.+}", nothing_here)

    @web.middleware
    async def _middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path == "/":
            return await handler(request)
        failure = self._next_failure(request)
        if failure is None:
            return await self._respond(request, handler)
        response = await self._respond(request, handler) if failure.after_effect else None
        if isinstance(failure.how, float):
            await asyncio.sleep(failure.how)
            return response or await self._respond(request, handler)
        status = 0 if failure.how == "reset" else int(failure.how)
        if exchange := self.state.exchanges.get(request.match_info.get("token", "")):
            exchange.connection = None
        self.state.requests.append(Request(request.method, below_api(request), None, status))
        if failure.how != "reset":
            return failure.response()
        await request.read()
        reset(request.transport)
        return web.Response()

    def _next_failure(self, request: web.Request) -> Failure | None:
        for failure in self.state.failures:
            if failure.method == request.method and failure.path.search(below_api(request)):
                failure.times -= 1
                if not failure.times:
                    self.state.failures.remove(failure)
                return failure
        return None

    async def _respond(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        response: web.StreamResponse
        try:
            self._check_token(request)
            response = await handler(request)
            await self.tell_news()
        except ApiError as error:
            path = re.sub(r"(/(webhooks|interactions)/\d+/)[^/]+", r"\1…", below_api(request))
            if error.fault:
                self.state.faults += [f"{request.method} {path}: {line}" for line in error.lines()]
            response = reply(error.body(), status=error.status)
        payload = request.get(PAYLOAD)
        self.state.requests.append(Request(request.method, below_api(request), payload, response.status))
        return response

    def _check_token(self, request: web.Request) -> None:
        # Interactions and files need none: whoever knows their address may.
        open_to_all = ("/interactions/", "/webhooks/", "/attachments/")
        if below_api(request).startswith(open_to_all):
            return
        if request.headers.get("Authorization") != f"Bot {self.state.token}":
            raise ApiError(401, 0, "401: Unauthorized", fault=False)


async def nothing_here(_: web.Request) -> web.StreamResponse:
    raise ApiError(404, 0, "404: Not Found")


def below_api(request: web.Request) -> str:
    return request.path.removeprefix(API)


async def read(request: web.Request) -> tuple[Any, list[Upload]]:
    """The payload and the files of a request, in either of its two forms."""
    uploads = []
    if request.content_type == "multipart/form-data":
        form = await request.post()
        text = str(form.get("payload_json", "{}"))
        for index in itertools.count():
            part = form.get(f"files[{index}]")
            if not isinstance(part, web.FileField):
                break
            uploads.append(Upload(part.filename, part.file.read(), part.content_type))
    else:
        text = await request.text()
    try:
        request[PAYLOAD] = json.loads(text)
    except ValueError:
        raise ApiError(400, 50109, "The request body contains invalid JSON.") from None
    if any(len(upload.data) > ATTACHMENT_LIMIT for upload in uploads):
        raise ApiError(413, 40005, "Request entity too large")
    return request[PAYLOAD], uploads

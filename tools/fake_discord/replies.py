"""HTTP replies and refusals, and the failures that a test asked for."""

import asyncio
import json
import re
import socket
import struct
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from aiohttp import web

from tools.fake_discord.rules import Json, Violation


class ApiError(Exception):
    """A refusal of Discord."""

    def __init__(
        self,
        status: int,
        code: int,
        message: str,
        violations: Iterable[Violation] = (),
        *,
        fault: bool = True,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.violations = list(violations)
        self.fault = fault

    def body(self) -> Json:
        body: Json = {"message": str(self), "code": self.code}
        if self.violations:
            body["errors"] = {}
        for violation in self.violations:
            node = body["errors"]
            for key in violation.path:
                node = node.setdefault(str(key), {})
            node.setdefault("_errors", []).append({"code": violation.code, "message": violation.message})
        return body

    def lines(self) -> list[str]:
        return [str(each) for each in self.violations] or [f"{self.code} {self}"]


def unknown_message() -> ApiError:
    return ApiError(404, 10008, "Unknown Message")


def unknown_interaction() -> ApiError:
    return ApiError(404, 10062, "Unknown interaction")


def refuse(violations: Sequence[Violation]) -> None:
    if violations:
        raise ApiError(400, 50035, "Invalid Form Body", violations)


def reply(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    # discord.py takes for JSON only what has this very type, without a charset.
    headers = {"Content-Type": "application/json", **(headers or {})}
    return web.Response(body=json.dumps(body).encode(), status=status, headers=headers)


def reset(transport: asyncio.BaseTransport | None) -> None:
    """Cut a connection so that the other side reads "connection reset by peer"."""
    if not isinstance(transport, asyncio.WriteTransport):
        return
    with suppress(OSError):
        # To linger for no time at all is to send RST in place of FIN.
        plug = transport.get_extra_info("socket")
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


@dataclass
class Failure:
    method: str
    path: re.Pattern[str]
    how: int | float | Literal["reset"]
    times: int
    after_effect: bool
    retry_after: float

    def response(self) -> web.Response:
        if self.how != 429:
            elsewhere = {"Location": "/elsewhere"} if 300 <= int(self.how) < 400 else {}
            body = {"message": f"{self.how}: made to fail", "code": 0}
            return reply(body, status=int(self.how), headers=elsewhere)
        headers = {
            "Retry-After": str(max(1, round(self.retry_after))),
            "X-RateLimit-Limit": "5",
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset": str(time.time() + self.retry_after),
            "X-RateLimit-Reset-After": str(self.retry_after),
            "X-RateLimit-Bucket": "stand-in",
            "X-RateLimit-Scope": "user",
            # discord.py takes a 429 without it for a ban by the proxy in front of Discord.
            "Via": "1.1 stand-in",
        }
        body = {"message": "You are being rate limited.", "retry_after": self.retry_after, "global": False}
        return reply(body, status=429, headers=headers)


@dataclass(frozen=True)
class Request:
    """What was asked over HTTP, and the status it was answered with (0: the connection was reset)."""

    method: str
    path: str
    payload: Any
    status: int

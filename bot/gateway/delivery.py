"""Delivers each response once and in time, although connections break and Discord answers with errors.

The library alone does not: after a connection reset it tries again only on macOS and Windows, and after a 500 it waits
1 second and then 3, while Discord takes a first response for 3 seconds only.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, cast

import aiohttp
import discord
from discord.http import Route
from discord.webhook.async_ import AsyncWebhookAdapter

FIRST_PAUSE = 0.1
"""Seconds before the second attempt; each further pause is twice as long, up to the longest."""

_TOO_LATE = 10062
_ALREADY_ACKNOWLEDGED = 40060
_AUTOCOMPLETE = 8

_BY_ANOTHER = "another process that has the same token has answered it; stop one of them, or give it a token of its own"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and for how long something is sent again. Times are in seconds."""

    within: float
    """No attempt begins later than this after the first."""
    attempt: float
    """How long one attempt may take."""
    attempt_with_files: float
    longest_pause: float
    repeatable: bool
    """Whether it may be sent again when nobody knows whether it has arrived."""


FIRST_RESPONSE = RetryPolicy(within=3, attempt=1.2, attempt_with_files=2, longest_pause=0.8, repeatable=True)
"""Discord takes one first response for each interaction and refuses a second one, so members see it once."""

CHANGE = RetryPolicy(within=60, attempt=15, attempt_with_files=60, longest_pause=8, repeatable=True)
"""An edit that is done twice has the same result. Discord takes it until 15 minutes after the interaction."""

FOLLOW_UP = RetryPolicy(within=60, attempt=15, attempt_with_files=60, longest_pause=8, repeatable=False)
"""A follow-up that is sent twice is shown twice, so it is sent again only if Discord has certainly not taken it."""

MESSAGE = RetryPolicy(within=60, attempt=30, attempt_with_files=60, longest_pause=8, repeatable=True)
"""A message in a channel that is sent twice with the same nonce is shown once. An attempt may take long, because the
library waits within it until the channel takes another message."""


class UndeliveredError(Exception):
    """What was sent has not arrived, as far as we know. The diagnostic log says so already."""


class _BusyError(Exception):
    """Discord has answered with 429 or 5xx: it cannot take the request now."""

    def __init__(self, status: int, retry_after: float) -> None:
        super().__init__(f"Discord answered with status {status}")
        self.refused = status == 429
        self.retry_after = retry_after


class RetryingAdapter(AsyncWebhookAdapter):
    """Sends again, by the policy of what is sent, until Discord has accepted it.

    Raises UndeliveredError, after one line in the diagnostic log, if it has not; DiscordException as the library does.
    ``answered`` is called with an interaction's id once its first response has arrived; ``undelivered`` counts what has
    not.

    The library sends every response, edit and follow-up by this undocumented class. Since 2.0. When it goes, wrap the
    methods of `InteractionResponse`; docs/decisions/20-what-may-be-sent-again.md says what that loses.
    """

    def __init__(self, answered: Callable[[int], None]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.undelivered = 0
        self._answered = answered

    async def request(self, route: Route, session: aiohttp.ClientSession, **how: Any) -> Any:
        first = _policy_of(route) is FIRST_RESPONSE
        if first:
            how["params"] = None  # the library asks for the sent message, which nobody reads
        try:
            taken = await self._send_until_accepted(route, session, how)
        except UndeliveredError:
            self.undelivered += 1
            if (how.get("payload") or {}).get("type") == _AUTOCOMPLETE:
                return _accepted(route)  # the member types on, so nobody has to be told
            raise
        if not first:
            return taken
        self._answered(cast("int", route.webhook_id))
        return _accepted(route)

    # The library's own methods have dozens of options, which all pass through here.
    async def _send_until_accepted(self, route: Route, session: aiohttp.ClientSession, how: dict[str, Any]) -> Any:
        policy = _policy_of(route)
        deadline = asyncio.get_running_loop().time() + policy.within
        may_have_arrived, pause = False, FIRST_PAUSE
        while True:
            if session.closed:
                raise _undelivered(route, "the bot has stopped")
            wait = pause
            try:
                return await self._attempt(policy, route, session, how)
            except discord.HTTPException as error:
                if policy is FIRST_RESPONSE and error.code == _ALREADY_ACKNOWLEDGED:
                    if may_have_arrived:
                        return _accepted(route)
                    raise _undelivered(route, _BY_ANOTHER) from error
                if policy is FIRST_RESPONSE and error.code == _TOO_LATE:
                    raise _undelivered(route, "it came too late for Discord") from error
                raise
            except (aiohttp.ClientError, OSError, _BusyError) as error:
                refused = error.refused if isinstance(error, _BusyError) else _never_sent(error)
                may_have_arrived |= not refused
                wait = max(pause, error.retry_after) if isinstance(error, _BusyError) else pause
                # The full text of this error would show the address, and the token in it.
                text = error.message if isinstance(error, aiohttp.ClientResponseError) else str(error)
                problem = text or type(error).__name__
            if may_have_arrived and not policy.repeatable:
                raise _undelivered(route, f"{problem}; it may have arrived all the same")
            if asyncio.get_running_loop().time() + wait >= deadline:
                raise _undelivered(route, problem)
            _log.info("%s was not taken, trying again in %.1f s: %s", _name(route), wait, problem)
            await asyncio.sleep(wait)
            pause = min(2 * pause, policy.longest_pause)

    async def _attempt(
        self, policy: RetryPolicy, route: Route, session: aiohttp.ClientSession, how: dict[str, Any]
    ) -> Any:
        files = how.get("files") or ()
        for file in files:
            file.reset(seek=True)
        async with asyncio.timeout(policy.attempt_with_files if files else policy.attempt):
            return await super().request(route, session=cast("aiohttp.ClientSession", _Session(session)), **how)


class _Session:
    """Stands in for a session of aiohttp, and raises before the library sees an answer after which it would retry."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    def request(self, method: str, url: str, **how: Any) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        return self._session.request(method, url, raise_for_status=_raise_if_busy, **how)


async def _raise_if_busy(response: aiohttp.ClientResponse) -> None:
    if response.status == 429 or response.status >= 500:
        response.release()  # nobody reads it, and its connection serves the next attempt
        raise _BusyError(response.status, _retry_after(response))


def _retry_after(response: aiohttp.ClientResponse) -> float:
    """Return the seconds that Discord asks us to wait, 0 if the answer names none."""
    for header in ("X-RateLimit-Reset-After", "Retry-After"):
        try:
            return max(0.0, float(response.headers[header]))
        except (KeyError, ValueError):  # Retry-After may also be a date
            continue
    return 0.0


def _never_sent(error: Exception) -> bool:
    return isinstance(error, aiohttp.ClientConnectorError)


def _policy_of(route: Route) -> RetryPolicy:
    if route.path.startswith("/interactions/"):
        return FIRST_RESPONSE
    return FOLLOW_UP if route.method == "POST" else CHANGE


def _name(route: Route) -> str:
    """Return what is sent in words, because its address contains a token."""
    if route.path.startswith("/interactions/"):
        return f"the response to interaction {route.webhook_id}"
    return "a follow-up" if route.method == "POST" else "the change of a response"


def _accepted(route: Route) -> Any:
    """Return what the library reads of Discord's answer, for a response whose answer was lost."""
    return {"interaction": {"id": str(route.webhook_id)}}


def _undelivered(route: Route, why: str) -> UndeliveredError:
    """Log that something was not delivered, and return the error to raise."""
    _log.error("undelivered: %s: %s", _name(route), why)
    return UndeliveredError(why)

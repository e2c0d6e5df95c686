"""Delivering what interactions are answered with although connections break and Discord falters: once, and in time.

The library tries again after a reset only where the reset has the error number of macOS or Windows, and after an error
of Discord's only when the 3 seconds for a first response are nearly over.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
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
    """How something is delivered, in seconds."""

    within: float
    """No attempt begins later than this."""
    attempt: float
    """How long one attempt may take before it is given up for another."""
    attempt_with_files: float
    longest_pause: float
    repeatable: bool
    """Whether it may be sent again although it may have arrived."""


FIRST_RESPONSE = RetryPolicy(within=3, attempt=1.2, attempt_with_files=2, longest_pause=0.8, repeatable=True)
"""Discord takes one for each interaction and refuses another, so that one sent twice is shown once."""

CHANGE = RetryPolicy(within=60, attempt=15, attempt_with_files=60, longest_pause=8, repeatable=True)
"""An edit: done twice, it is the same. It may come as late as 15 minutes after the interaction."""

FOLLOW_UP = RetryPolicy(within=60, attempt=15, attempt_with_files=60, longest_pause=8, repeatable=False)
"""Sent twice it would be shown twice, so it is tried again only if Discord did not take it."""


class UndeliveredError(Exception):
    """What was sent has not arrived, as far as is known; the diagnostic log says so already."""


class _BusyError(Exception):
    """Discord cannot do it now."""

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
            how["params"] = None  # the library asks for the message in return, which nobody reads
        try:
            taken = await self._send_until_accepted(route, session, how)
        except UndeliveredError:
            self.undelivered += 1
            if (how.get("payload") or {}).get("type") == _AUTOCOMPLETE:
                return _accepted(route)  # nothing comes after it, and nobody is to be told
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
                # Of a response that makes no sense the text would show the address, and a token in it.
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
    """A session of aiohttp, as far as the library uses it here, that does not leave it to the library when to retry."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    @asynccontextmanager
    async def request(self, method: str, url: str, **how: Any) -> AsyncIterator[aiohttp.ClientResponse]:
        async with self._session.request(method, url, **how) as response:
            if response.status == 429 or response.status >= 500:
                raise _BusyError(response.status, _retry_after(response))
            yield response


def _retry_after(response: aiohttp.ClientResponse) -> float:
    """Return the seconds that Discord asks to wait; 0 if it, or a proxy in front of it, names none."""
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
    """Return what is sent in words: its address would show a token."""
    if route.path.startswith("/interactions/"):
        return f"the response to interaction {route.webhook_id}"
    return "a follow-up" if route.method == "POST" else "the change of a response"


def _accepted(route: Route) -> Any:
    """Return what the library needs of Discord's answer, where a later attempt learns that an earlier one arrived."""
    return {"interaction": {"id": str(route.webhook_id)}}


def _undelivered(route: Route, why: str) -> UndeliveredError:
    """Say so in the log, and return what is to be raised."""
    _log.error("undelivered: %s: %s", _name(route), why)
    return UndeliveredError(why)

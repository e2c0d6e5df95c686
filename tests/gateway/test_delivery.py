"""Every interaction is answered once and in time although connections break, or the log says that it was not."""

import asyncio
import io
import logging
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

import aiohttp
import discord
import pytest
from aiohttp import web
from aiohttp.client_reqrep import ConnectionKey
from discord.http import Route

from bot.errors import RequestError
from bot.gateway.delivery import FIRST_RESPONSE, RetryingAdapter, UndeliveredError
from tests.admins import ADMIN, FILES, attached, rows, settled
from tools.fake_discord import Exchange, FakeDiscord, User, until
from tools.fake_discord.rules import displayed_text
from tools.running import Running

Acts = dict[str, Callable[[], Awaitable[Exchange]]]

CALLBACK = "/callback$"
SOMEBODY = User(1_000_000_000_000_000_077, "somebody")


pytestmark = pytest.mark.briefs(FILES)


async def acts_of_every_kind(fake: FakeDiscord, **where: Any) -> Acts:
    """Return one interaction of every kind, ready to be done."""
    public = await fake.slash("brief", {"query": "dogs"})
    private = await fake.message_command("Brief this", "cats")
    form = await fake.slash("briefs edit", {"brief": "cats", "as_yaml": True}, **ADMIN)
    text = FILES["cats.yaml"].replace("purr", "hiss")
    return {
        "/brief": partial(fake.slash, "brief", {"query": "cats"}, **where),
        "autocomplete": partial(fake.autocomplete, "brief", "query", "ca", **where),
        "Brief this": partial(fake.message_command, "Brief this", "cats", **where),
        "show": partial(fake.press, public, "Related …", ["cats"], **{"user": SOMEBODY, **where}),
        "wrong": partial(fake.press, public, "Not what I asked", **where),
        "share": partial(fake.press, private, "Share here", **where),
        "form": partial(fake.slash, "briefs edit", {"brief": "dogs"}, **{**ADMIN, **where}),
        "form sent": partial(fake.submit, form, {"text": text}, **{**ADMIN, **where}),
        "deferred": partial(fake.slash, "briefs export", **{**ADMIN, **where}),
        "with a file": partial(fake.slash, "privacy show", **where),
    }


LOOKUPS = ("/brief", "Brief this", "show")
"""Those of them that are logged; two others prepare them."""


@dataclass(frozen=True)
class Trouble:
    """What befalls the first responses of all interactions, ``times`` for each."""

    how: int | float | Literal["reset"]
    times: int = 1
    after_effect: bool = False
    retry_after: float = 0.1

    def befall(self, fake: FakeDiscord, interactions: int) -> None:
        times = self.times * interactions
        fake.fail_next("POST", CALLBACK, self.how, times, after_effect=self.after_effect, retry_after=self.retry_after)


OVERCOME = {
    "reset": Trouble("reset"),
    "reset three times, each after the effect if there is one": Trouble("reset", 3, after_effect=True),
    "500 after the effect": Trouble(500, after_effect=True),
    "429 for 0.1 s": Trouble(429),
    "slow by 1 s": Trouble(1.0),
    "silent for 4 s": Trouble(4.0),
}
"""The soak has more of them."""


@pytest.mark.parametrize("trouble", OVERCOME.values(), ids=OVERCOME.keys())
async def test_whatever_befalls_a_response_it_arrives_once_within_3_seconds(
    fake: FakeDiscord, bot: Running, caplog: pytest.LogCaptureFixture, trouble: Trouble
) -> None:
    await overcome(fake, bot, trouble)
    assert errors(caplog) == []


async def overcome(fake: FakeDiscord, bot: Running, trouble: Trouble) -> list[float]:
    """Have every kind of interaction answered once although there is trouble; return how many seconds each took."""
    acts = await acts_of_every_kind(fake)
    logged = len(rows(bot, "lookups"))
    before = len(fake.messages)
    trouble.befall(fake, len(acts))
    shown = dict(zip(acts, await asyncio.gather(*(act() for act in acts.values())), strict=True))
    await settled(shown["form sent"])
    await until(lambda: not bot.client.in_flight.number, 9)
    assert [name for name, each in shown.items() if (each.elapsed or 9) > 3] == []
    for name in ("/brief", "Brief this", "show"):
        assert "animals" in shown[name].text, name
    (shared,) = shown.pop("share").followups
    assert "animals" in displayed_text(shared)
    assert "Cats" in [each["name"] for each in shown["autocomplete"].choices]
    assert shown["wrong"].modal
    assert shown["form"].modal
    assert b'"query"' in (await attached(fake, shown["with a file"]))["your-data.json"]
    assert (await attached(fake, shown["deferred"])).popitem()[1].startswith(b"PK")
    assert len(fake.messages) - before == len(acts) - 3  # neither autocomplete nor a form is a message
    assert all(not each.followups for each in shown.values())
    asked = [row["interaction_id"] for row in rows(bot, "lookups")][logged:]
    assert sorted(asked) == sorted(int(shown[name].id) for name in LOOKUPS)
    return [each.elapsed or 0 for each in shown.values()]


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the diagnostic log complains of, the stand-in's own lines aside."""
    ours = (each for each in caplog.records if not each.name.startswith("aiohttp"))
    return [each.getMessage() for each in ours if each.levelno >= logging.ERROR or each.exc_info]


LOST = {"500 for ever": Trouble(500, 100), "429 for 10 s": Trouble(429, 100, retry_after=10)}


@pytest.mark.parametrize("trouble", LOST.values(), ids=LOST.keys())
async def test_a_response_that_cannot_arrive_is_one_line_in_the_log_and_its_lookup_is_kept(
    fake: FakeDiscord, bot: Running, caplog: pytest.LogCaptureFixture, trouble: Trouble
) -> None:
    await lose(fake, bot, caplog, trouble)


async def lose(fake: FakeDiscord, bot: Running, caplog: pytest.LogCaptureFixture, trouble: Trouble) -> None:
    """Have no interaction of any kind answered, and each of them logged as that, once."""
    acts = await acts_of_every_kind(fake, within=0.1, expect_answer=False)
    trouble.befall(fake, len(acts))
    shown = dict(zip(acts, await asyncio.gather(*(act() for act in acts.values())), strict=True))
    await until(lambda: not bot.client.in_flight.number, FIRST_RESPONSE.within + 2 * FIRST_RESPONSE.attempt)
    assert all(each.callback is None for each in shown.values())
    lines = [re.sub(r": [^:]*$", "", line) for line in errors(caplog)]
    assert sorted(lines) == sorted(f"undelivered: the response to interaction {each.id}" for each in shown.values())
    assert {row["interaction_id"] for row in rows(bot, "lookups")} >= {int(shown[name].id) for name in LOOKUPS}


async def test_what_comes_too_late_for_discord_is_one_line_in_the_log(
    fake: FakeDiscord, bot: Running, caplog: pytest.LogCaptureFixture
) -> None:
    acts = await acts_of_every_kind(fake, within=0.1, expect_answer=False)
    fake.answer_within = -1
    shown = await asyncio.gather(*(act() for act in acts.values()))
    await until(lambda: not bot.client.in_flight.number)
    expected = (f"undelivered: the response to interaction {each.id}: it came too late for Discord" for each in shown)
    assert sorted(errors(caplog)) == sorted(expected)
    assert len(fake.faults) == len(acts)
    fake.faults.clear()


async def test_a_discord_that_refuses_connections_for_a_second_is_asked_again(
    fake: FakeDiscord, bot: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    monkeypatch.setattr(Route, "BASE", f"http://127.0.0.1:{port}/api/v10")
    asked = asyncio.create_task(fake.slash("brief", {"query": "cats"}))
    await asyncio.sleep(1)
    assert not asked.done()
    await web.TCPSite(fake.runner, "127.0.0.1", port).start()
    assert "purr" in (await asked).text


CUTS = {
    "before the answer": b"",
    "in the middle of its head": b"HTTP/1.1 200 OK\r\nContent-",
    "in the middle of its body": b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{",
}


@pytest.mark.parametrize("answer", CUTS.values(), ids=CUTS.keys())
async def test_an_answer_of_discord_that_is_cut_off_is_no_answer(
    fake: FakeDiscord,
    bot: Running,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    answer: bytes,
) -> None:
    requests = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Cut the first two answers off."""
        nonlocal requests
        requests += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer if requests < 3 else b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        monkeypatch.setattr(Route, "BASE", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/api/v10")
        await fake.autocomplete("brief", "query", "ca", within=0, expect_answer=False)
        await until(lambda: requests == 3)
    assert errors(caplog) == []


async def test_changes_of_a_response_survive_what_first_responses_do_and_a_longer_outage(
    fake: FakeDiscord, bot: Running
) -> None:
    fake.fail_next("PATCH", "@original", "reset", after_effect=True)
    fake.fail_next("PATCH", "@original", 500, 3)
    shown = await fake.slash("briefs export", **ADMIN)
    await shown.until(lambda it: len(it.responses) > 2, 10)
    assert (await attached(fake, shown)).popitem()[1].startswith(b"PK")
    assert not shown.followups


async def test_a_refusal_in_place_of_what_is_awaited_survives_a_reset_and_is_shown_once(
    fake: FakeDiscord, bot: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: object) -> bytes:
        raise RequestError("Not today.")

    monkeypatch.setattr("bot.commands.admin.reporting_desk.zipped", refuse)
    fake.fail_next("PATCH", "@original", "reset", after_effect=True)
    shown = await fake.slash("briefs export", **ADMIN)
    await shown.until(lambda it: len(it.responses) > 2)
    assert (shown.text, shown.ephemeral, shown.followups) == ("Not today.", True, [])


# The adapter alone, against a session that does what it is told


@dataclass
class Answer:
    """What Discord answers, as far as the library looks at it."""

    status: int
    body: str = "{}"
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/json", "Via": "1.1 stand-in"})
    reason: str = "as told"

    async def text(self, encoding: str) -> str:
        return self.body

    def release(self) -> None:
        """Let others have the connection."""


class Told:
    """A session in which each request ends as the next of ``ends``; the last one goes on for ever."""

    closed = False

    def __init__(self, *ends: Answer | Exception) -> None:
        self.ends: Sequence[Answer | Exception] = ends
        self.requests = 0

    @asynccontextmanager
    async def request(self, method: str, url: str, **how: Any) -> AsyncIterator[Any]:
        end = self.ends[min(self.requests, len(self.ends) - 1)]
        self.requests += 1
        if isinstance(end, Exception):
            raise end
        await how["raise_for_status"](end)
        yield end


@pytest.fixture
def instantly(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let pauses take no time, and note their lengths."""
    pauses: list[float] = []
    sleep = asyncio.sleep

    async def skip(seconds: float) -> None:
        pauses.append(seconds)
        await sleep(0)

    monkeypatch.setattr("bot.gateway.delivery.asyncio.sleep", skip)
    return pauses


ROUTES = {
    "first": Route("POST", "/interactions/{webhook_id}/{webhook_token}/callback", webhook_id=1, webhook_token="canary"),
    "change": Route(
        "PATCH", "/webhooks/{webhook_id}/{webhook_token}/messages/@original", webhook_id=1, webhook_token="canary"
    ),
    "follow-up": Route("POST", "/webhooks/{webhook_id}/{webhook_token}", webhook_id=1, webhook_token="canary"),
}

KEY = ConnectionKey("discord.example", 443, True, True, None, None, None)
NOT_SENT: dict[str, Answer | Exception] = {
    "refused": aiohttp.ClientConnectorError(KEY, ConnectionRefusedError(111, "refused")),
    "no such name": aiohttp.ClientConnectorDNSError(KEY, OSError(-2, "unknown")),
    "no handshake": aiohttp.ClientConnectorSSLError(KEY, OSError(1, "[SSL] handshake failure")),
    "rate limited": Answer(429, '{"retry_after": 0.1}'),
}
MAY_HAVE_ARRIVED: dict[str, Answer | Exception] = {
    "reset": aiohttp.ClientOSError(104, "Connection reset by peer"),
    "TLS": aiohttp.ClientOSError(1, "[SSL: APPLICATION_DATA_AFTER_CLOSE_NOTIFY] application data after close notify"),
    "bare reset": ConnectionResetError(104, "Connection reset by peer"),
    "disconnected": aiohttp.ServerDisconnectedError(),
    "cut off": aiohttp.ClientPayloadError("Response payload is not completed"),
    "silent": TimeoutError(),
    "500": Answer(500),
    "502": Answer(502, "<html>", {"content-type": "text/html"}),
}


async def send(session: Any, manner: str, **how: Any) -> Any:
    adapter = RetryingAdapter(lambda _: None)
    return await adapter.request(ROUTES[manner], session, **(how or {"payload": {"type": 4}}))


@pytest.mark.usefixtures("instantly")
@pytest.mark.parametrize("manner", ROUTES)
@pytest.mark.parametrize("trouble", [*NOT_SENT, *MAY_HAVE_ARRIVED])
async def test_what_is_safe_to_send_again_is_sent_again_and_nothing_else(manner: str, trouble: str) -> None:
    session = Told(NOT_SENT.get(trouble) or MAY_HAVE_ARRIVED[trouble], Answer(200, '{"sent": "again"}'))
    if manner == "follow-up" and trouble in MAY_HAVE_ARRIVED:
        with pytest.raises(UndeliveredError, match="may have arrived all the same"):
            await send(session, manner)
        assert session.requests == 1
    else:
        assert await send(session, manner) == ({"interaction": {"id": "1"}} if manner == "first" else {"sent": "again"})
        assert session.requests == 2


@pytest.mark.usefixtures("instantly")
@pytest.mark.parametrize("trouble", [*NOT_SENT, *MAY_HAVE_ARRIVED])
async def test_that_a_response_is_there_already_is_good_news_only_if_it_may_be_ours(trouble: str) -> None:
    there_already = Answer(400, '{"code": 40060, "message": "already acknowledged"}')
    session = Told(NOT_SENT.get(trouble) or MAY_HAVE_ARRIVED[trouble], there_already)
    if trouble in MAY_HAVE_ARRIVED:
        assert await send(session, "first") == {"interaction": {"id": "1"}}
    else:
        with pytest.raises(UndeliveredError, match="another process that has the same token has answered it"):
            await send(session, "first")


async def test_what_would_be_sent_after_the_bot_has_stopped_is_said_to_be_undelivered(
    caplog: pytest.LogCaptureFixture,
) -> None:
    session = Told(Answer(200))
    session.closed = True
    with pytest.raises(UndeliveredError):
        await send(session, "first")
    assert errors(caplog) == ["undelivered: the response to interaction 1: the bot has stopped"]


@pytest.mark.parametrize("status", [400, 401, 403, 404])
@pytest.mark.parametrize("manner", ROUTES)
async def test_what_discord_refuses_for_good_is_not_sent_again(manner: str, status: int) -> None:
    session = Told(Answer(status))
    with pytest.raises(discord.HTTPException):
        await send(session, manner)
    assert session.requests == 1


RETRY_AFTER = [
    ({"Retry-After": "1"}, [1.0]),
    ({"Retry-After": "1", "X-RateLimit-Reset-After": "0.4"}, [0.4]),
    ({"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, [0.1]),
    ({}, [0.1]),
    ({"Retry-After": "-5"}, [0.1]),
]


@pytest.mark.parametrize(("headers", "expected"), RETRY_AFTER, ids=str)
async def test_the_pause_is_what_discord_asks_for(
    instantly: list[float], headers: dict[str, str], expected: list[float]
) -> None:
    await send(Told(Answer(429, headers={"content-type": "application/json", **headers}), Answer(200)), "first")
    assert instantly == expected


async def test_nobody_waits_for_a_discord_that_asks_to_wait_longer_than_it_would_itself(
    instantly: list[float],
) -> None:
    session = Told(Answer(429, headers={"content-type": "application/json", "Retry-After": "10"}))
    with pytest.raises(UndeliveredError):
        await send(session, "first")
    assert (session.requests, instantly) == (1, [])


async def test_a_file_is_sent_from_its_beginning_each_time() -> None:
    file = discord.File(io.BytesIO(b"all of it"), "it.txt")
    read = []

    class Reading(Told):
        def request(self, method: str, url: str, **how: Any) -> Any:
            read.append(file.fp.read())
            return super().request(method, url, **how)

    session: Any = Reading(aiohttp.ServerDisconnectedError(), aiohttp.ServerDisconnectedError(), Answer(200))
    await send(session, "first", files=[file], multipart=[{"name": "x", "value": "y"}])
    assert read == [b"all of it"] * 3


@pytest.mark.usefixtures("instantly")
@pytest.mark.parametrize("manner", ROUTES)
async def test_no_line_of_the_log_shows_an_interactions_token(manner: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "bot")
    with pytest.raises(UndeliveredError):
        await send(Told(aiohttp.ClientOSError(104, "reset"), Answer(429, headers={"Retry-After": "99"})), manner)
    assert "undelivered" in caplog.text
    assert "canary" not in caplog.text

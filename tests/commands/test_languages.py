"""Every text that members read of us is translated, and fits where it stands although translations are longer.

The briefs here are Korean, and each of our own texts is put between brackets. Whatever is in Latin letters outside of
brackets is a text that nobody can translate.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from discord import app_commands

from bot.answering.answer import Unsure
from bot.answering.wording import opening
from bot.briefs.card import card_of
from bot.briefs.card_text import card_length
from bot.catalogues.catalogue import Catalogue, Catalogues
from bot.catalogues.shipped import shipped
from bot.commands import privacy
from bot.commands.layout import MOST_TEXT, card_layout, closest_layout, shared_layout
from bot.errors import LogError, RequestError
from bot.gateway.admission import NOT_STARTED, STARTING, TOO_FAST
from tests.admins import ADMIN, announce, form, press, settled, with_button
from tests.brief_files import a_brief, base_of, brief_text, judging, write
from tests.catalogues.made import translated
from tests.conftest import Start, starter
from tools.fake_discord import FakeDiscord, Json, Upload, User, components_of, until
from tools.running import Running

SHIPS: dict[str, Any] = {
    "title": "배",
    "aliases": ["함선"],
    "questions": ["배가 왜 떠났나?"],
    "summary": "배가 **항구**를 떠났다.",
    "status": "disputed",
    "expires": "2024-11",
    "facts": [
        {"text": "배가 두 척이다.", "by": "국정원", "on": "2024-10-18", "source": 1, "quote": "두 척의 배"},
        {"text": "배가 크다.", "source": 2},
        {"text": "배가 빠르다."},
    ],
    "image": {"url": "https://example.org/a.png", "alt": "항구의 배", "credit": "사진가"},
    "corrections": [{"on": "2024-10", "text": "숫자가 틀렸다."}],
    "sources": [
        {
            "name": "신문",
            "url": "https://example.org/b",
            "published": "2024-10-18",
            "archived": "https://example.org/c",
        },
        {"name": "방송"},
    ],
    "related": ["cats"],
}
FILES = {
    "ships.yaml": brief_text(**SHIPS),
    "cats.yaml": brief_text(title="고양이", summary="고양이는 운다.", status="reference", sources=[{"name": "책"}]),
    "old.yaml": brief_text(title="낡은 글", summary="낡은 글이다.", sources=[{"name": "책"}], replaced_by="ships"),
}
SOMEBODY = User(1_000_000_000_000_000_077, "somebody")


def pseudo(text: str) -> str:
    """Return a text between brackets and 40% longer, as a translation may be."""
    if text == ",":
        return text
    if text.startswith("January "):
        return " ".join(f"⟦{month}⟧" for month in text.split())
    return f"⟦{text}{'ö' * (len(text) * 2 // 5)}⟧"


def of_nobody(text: str) -> str:
    """Return what of a text is in Latin letters, and neither in brackets nor an address, a mention, a time or code.

    A text that was too long for its place is cut, and has no bracket at its end. The id of a brief, and the place of a
    mistake in a file, are in Latin letters in every language.
    """
    text = re.sub(r"\b(ships|cats|old)(\.yaml)?(:\d+:\d+: \w+)?:?", "", text)
    before = ""
    while text != before:
        before, text = text, re.sub("⟦[^⟦⟧]*(?:⟧|…$)", "", text)
    return " ".join(re.findall("[A-Za-z]{2,}", re.sub(r"https?://\S+|<[@#t][^>]*>|`+[^`]*`+|UTC", "", text)))


def shown_texts(part: Any) -> Iterator[str]:
    """Yield each text that Discord shows of a payload."""
    if isinstance(part, list):
        for each in part:
            yield from shown_texts(each)
    elif isinstance(part, dict):
        for key, value in part.items():
            if key in ("content", "label", "placeholder", "title", "description") and isinstance(value, str):
                yield value
            else:
                yield from shown_texts(value)


@pytest.fixture
async def start(fake: FakeDiscord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Start]:
    """Start a bot whose only language is the one in brackets, and see in the end what it has said."""
    monkeypatch.setattr("bot.service.assembly.shipped", lambda: Catalogues([translated("en", pseudo)]))
    async with starter(fake, write(tmp_path / "briefs", FILES)) as start:
        yield start
    sent = [each.payload for each in fake.requests if re.match("/(interactions|webhooks|channels)/", each.path)]
    texts = [text for payload in sent for text in shown_texts(payload)]
    assert texts
    assert {of_nobody(text) for text in texts} == {""}


async def changed(bot: Running, **keys: Any) -> None:
    """Save the brief of the ships anew, so that its card is older than the change."""
    await asyncio.sleep(0.05)  # the clock of a file system is up to 10 ms behind, and the card would be the newer one
    (bot.folder / "ships.yaml").write_text(brief_text(**SHIPS | keys))
    await bot.keeper.reload()


async def test_a_card_and_all_that_can_be_pressed_on_it(fake: FakeDiscord, bot: Running) -> None:
    card = await fake.slash("brief", {"query": "배"})
    assert not card.ephemeral
    await fake.press(card, re.compile("^still:"))
    await fake.press(card, re.compile("^related:"), ["cats"])
    opened = await fake.press(card, re.compile("^wrong:"))
    for kind in ("wrong", "outdated"):
        await fake.submit(opened, {"kind": kind, "text": "틀렸다", "link": ""})
    await fake.press(card, re.compile("^wrong:"), user=SOMEBODY)
    await fake.slash("brief", {"query": "낡은 글"})
    later: list[dict[str, Any]] = [
        {"aliases": []},
        {"summary": "배가 돌아왔다.", "facts": [], "status": "confirmed", "as_of": "2024-11"},
    ]
    for keys in later:
        await changed(bot, **keys)
        await settled(await fake.press(card, re.compile("^still:")))


async def test_what_is_offered_and_a_miss(fake: FakeDiscord, bot: Running) -> None:
    base = bot.desk.matcher.base
    for thresholds in (
        {"answer": 2, "show": 0, "offer": 0, "suggest": 0},
        {"answer": 2, "show": 2, "offer": 0, "suggest": 0},
        {"answer": 2, "show": 2, "offer": 2, "suggest": 0},
        {"answer": 2, "suggest": 2, "offer": 0},
        {"answer": 2, "suggest": 2, "offer": 2},
    ):
        bot.desk.use(judging(base, **thresholds), {})
        offered = await fake.slash("brief", {"query": "배와 고양이"})
        assert offered.ephemeral
        if any(label.startswith("⟦No") for label in offered.labels):
            await fake.press(offered, re.compile("^⟦No"))
    await fake.slash("brief", {"query": "hello"})


async def test_brief_this_and_sharing(fake: FakeDiscord, bot: Running) -> None:
    await fake.message_command("Brief this", "!")
    bot.desk.use(judging(bot.desk.matcher.base, answer=2, show=0, offer=0, suggest=0), {})
    shown = await fake.message_command("Brief this", "배")
    await fake.press(shown, re.compile("^all:"))
    shared = await fake.press(shown, re.compile("^share:"))
    await shared.until(lambda it: it.followups)
    opened = await fake.press(shown, re.compile("^wrong:"))
    thanked = await fake.submit(opened, {"kind": "wrong", "text": "", "link": ""})
    await fake.press(thanked, re.compile("^ask:"))
    bot.desk.use(judging(bot.desk.matcher.base, answer=2, suggest=2, offer=2), {})
    missed = await fake.message_command("Brief this", "사과가 빨갛다")
    await fake.press(missed, re.compile("^ask:"))


async def test_privacy(fake: FakeDiscord, bot: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    await settled(await fake.slash("privacy show"))
    await fake.slash("brief", {"query": "배"})
    monkeypatch.setattr(privacy, "parts", partial(privacy.parts, largest=1))
    monkeypatch.setattr(privacy, "MOST_PARTS", 2)
    for _ in range(3):
        await fake.slash("brief", {"query": "배"})
    shown = await fake.slash("privacy show")
    await shown.until(lambda it: it.followups)
    for button in ("privacy:keep", "privacy:forget"):
        await settled(await fake.press(await fake.slash("privacy forget"), button))


async def test_what_cannot_be_done(fake: FakeDiscord, bot: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    for command in ("briefs list", "briefs misses", "briefs home"):
        await fake.slash(command)
    for action in ("brief:gone", "share:gone", "still:gone", "ask:1", "wrong:1", "nothing:1"):
        await fake.press(await with_button(fake, action), action)
    for error in (
        RequestError(STARTING), RequestError(NOT_STARTED), RequestError(TOO_FAST), LogError("사유"), ValueError("사유"),
        app_commands.CommandNotFound("brief", []),
    ):  # fmt: skip
        monkeypatch.setattr(bot.client.admission, "admit", failing(error))
        assert (await fake.slash("brief", {"query": "배"})).ephemeral


def failing(error: Exception) -> Callable[..., Awaitable[None]]:
    async def admit(*_: object) -> None:
        raise error

    return admit


async def test_announcements(fake: FakeDiscord, bot: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.commands.admin.announcing.MOST", 1)
    channel = fake.guilds[0].channel
    await settled(await announce(fake, channel, **ADMIN))
    write(bot.folder, {name: text.replace("다", "다 ") for name, text in FILES.items()})
    await bot.keeper.reload()
    await until(lambda: len([each for each in fake.messages.values() if each["channel_id"] == str(channel)]) > 2)
    await settled(await announce(fake, None, **ADMIN))


@pytest.mark.parametrize("catalogue", list(shipped()), ids=lambda catalogue: catalogue.language)
def test_the_largest_card_fits_in_every_language_with_what_stands_around_it(catalogue: Catalogue) -> None:
    facts = [{"text": f"{n}" + "다" * 280, "by": "국정원", "on": "2024-10-18", "source": 1} for n in range(9)]
    room = 3900 - card_length(a_brief(**SHIPS | {"facts": facts}))
    brief = a_brief(**SHIPS | {"facts": facts, "summary": SHIPS["summary"] + "다" * room})
    card = card_of(brief, base_of(brief), date.max, datetime.max.replace(tzinfo=UTC), brief, catalogue)
    unsure = Unsure((), brief)
    closest = closest_layout(card, opening(unsure, "", noted=True, catalogue=catalogue), [brief, brief])
    for view in (card_layout(card), closest, shared_layout(card, 2**63, None)):
        assert view.content_length() <= MOST_TEXT


async def test_what_admins_see_of_the_base_and_of_a_change(fake: FakeDiscord, bot: Running) -> None:
    await changed(bot, expires="2099-01", summary="배가 떠났다.")  # warnings about files are English
    for command in ("help", "list", "reload", "home"):
        await settled(await fake.slash(f"briefs {command}", **ADMIN))
    for brief in ("ships", "cats"):
        await settled(await fake.slash("briefs show", {"brief": brief}, **ADMIN))
    await settled(await fake.slash("briefs alias", {"brief": "cats", "words": "야옹이"}, **ADMIN))
    await settled(await fake.slash("briefs history", {"brief": "cats"}, **ADMIN))
    for command in ("undo", "remove"):
        proposed = await fake.slash(f"briefs {command}", {"brief": "cats"}, **ADMIN)
        await settled(proposed)
        await settled(await fake.press(proposed, re.compile("^briefs apply:")))
    await settled(await fake.slash("briefs undo", {"brief": "nothing"}, **ADMIN))


async def test_what_admins_write_into_and_what_is_wrong_with_it(fake: FakeDiscord, bot: Running) -> None:
    typed = {"title": "개", "summary": "개는 짖는다.", "facts": "", "sources": "책", "phrases": "강아지"}
    opened = await fake.slash("briefs add", **ADMIN)
    for wrong in ({"title": "배"}, {"facts": "가" * 301}, {"sources": "책, 2024-02-30"}, {"phrases": "!"}, {}):
        shown = await fake.submit(opened, typed | wrong)
        await settled(shown)
    await press(fake, shown, re.compile("^briefs keepdraft:"))
    await fake.press(shown, re.compile("^briefs drafts:"))
    await fake.slash("briefs add", {"as_yaml": True}, **ADMIN)
    await fake.slash("briefs edit", {"brief": "cats"}, **ADMIN)
    opened = await fake.slash("briefs edit", {"brief": "ships", "as_yaml": True}, **ADMIN)
    await settled(await fake.submit(opened, {"text": form(opened)["text"].replace("배가 크다", "배가 **아주**크다")}))
    await settled(await fake.slash("briefs translate", {"brief": "cats", "language": "ko"}, **ADMIN))
    await settled(await fake.slash("briefs language", {"language": "ko"}, **ADMIN))
    for words in ("함선", "고양이", ","):
        await settled(await fake.slash("briefs alias", {"brief": "cats", "words": words}, **ADMIN))


def is_for(component: Json, action: str) -> bool:
    return str(component.get("custom_id", "")).startswith(f"briefs {action}:")


async def test_what_admins_see_of_unanswered_questions(fake: FakeDiscord, bot: Running) -> None:
    bot.keeper.build = partial(judging, answer=2, suggest=2)
    bot.keeper.matcher = bot.keeper.build(bot.desk.matcher.base)
    bot.desk.use(bot.keeper.matcher, {})
    for user in (SOMEBODY, User(1_000_000_000_000_000_078, "somebody else")):
        for query in ("배 고양이", "고양이 배", "사과"):
            await fake.slash("brief", {"query": query}, user=user, locale="ko")
    card = await fake.slash("brief", {"query": "배"})
    opened = await fake.press(card, re.compile("^wrong:"))
    await fake.submit(opened, {"kind": "outdated", "text": "낡았다", "link": ""})
    shown = await fake.slash("briefs misses", **ADMIN)
    await settled(shown)
    for action in ("keep", "reopen", "ignore", "ignored", "misses", "write", "choose", "alias", "unalias"):
        first = [each["custom_id"] for each in components_of(shown.message) if is_for(each, action)][:1]
        assert first, (action, shown.labels)
        pressed = await fake.press(shown, first[0], ["cats"] if action == "alias" else [])
        if action != "write":
            await settled(pressed)
    await settled(await fake.slash("briefs misses", {"days": 1}, **ADMIN))
    await settled(await fake.slash("briefs stats", **ADMIN))
    await settled(await fake.slash("briefs export", **ADMIN))
    await settled(await fake.slash("briefs export", {"claim_review": "https://example.org"}, **ADMIN))


async def test_what_admins_see_of_drafts_and_files(fake: FakeDiscord, bot: Running) -> None:
    article = Upload("기사.txt", "김정은은 “배가 떠났다”고 말했다. 배 14척이 항구를 떠났다.".encode())
    for file in (article, Upload("기사.txt", b"\xff"), Upload("기사.png", b"")):
        shown = await fake.slash("briefs draft", {"file": file}, **ADMIN)
        await settled(shown)
        if file is article:
            await press(fake, shown, re.compile("^briefs keepdrafts:"))
    listed = await fake.slash("briefs drafts", **ADMIN)
    await settled(listed)
    await fake.press(listed, re.compile("^briefs open:"))
    for action in ("throw", "unthrow", "throw"):
        await press(fake, listed, re.compile(f"^briefs {action}:"))
    whole = {"title": "표", "text": "표는 3유로다.", "source": "항만", "date": "2026-10"}
    faq = json.dumps([whole, {"question": "언제?", "answer": "8시."}]).encode()
    for files in ([Upload("faq.json", faq)], [Upload("faq.json", faq[:9])], [article, article], []):
        options = {f"file{n}" if n > 1 else "file": each for n, each in enumerate(files, 1)} or {"file": article}
        sent = await fake.slash("briefs upload", options | ({} if files else {"source": "-"}), **ADMIN)
        await settled(sent)

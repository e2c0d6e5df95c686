"""What the pictures show: each scene plays an exchange with the real bot, and returns what the bot sent."""

import asyncio
import base64
import io
from collections.abc import Awaitable, Callable

from PIL import Image, ImageDraw, ImageOps

from tools.fake_discord import MANAGER, Exchange, FakeDiscord, Upload, User, components_of
from tools.fake_discord.components import find_component
from tools.pictures.drawing import Json, Shown

TYPED = {
    "title": "Ferries to Vladivostok",
    "summary": "An invented brief that shows how one is added.",
    "facts": "Harbour office: The ferry leaves at 22:30.",
    "sources": "An invented report, https://example.org/ferries, 2024-10-18",
    "phrases": "ferry\nferries\nWhich ferry did they take?",
}
ARTICLE = """\
The harbour office of Vladivostok opened a ferry line to the island on Monday. “It leaves at 22:30, every night,” said
Ivan Petrov, who leads the office. The ferry takes 1,500 people.
Fishermen see it differently, according to the Fishing Union. Catches fell by 18 percent in one week. “The herring
dislike the noise,” union head Olga Sokolova told the paper.
The city pays two million roubles a year for the line, and wants to ask the islanders in May whether it stays."""
"""An invented one."""
UNANSWERED = (
    "nobel peace prize 2024", "nobel peace price 2024", "peace nobel prize 2024", "bitcoin price", "bitcoin prise",
    "weather in seoul",
)  # fmt: skip

SHIPS = """
title: Ships to Vladivostok
aliases: [crossing]
summary: >-
  An invented brief: **four ships** took 1,500 soldiers to Vladivostok, says the intelligence service. It has published
  [aerial images](https://example.org/images).
facts:
  - {text: Four ships left Chongjin between 8 and 13 October., by: NIS, on: 2024-10-18, source: 1}
  - {text: A second crossing is expected soon., by: NIS, source: 1}
  - {text: The harbour was busier than usual., by: A ferry company, source: 2}
image:
  url: https://example.org/ships.png
  alt: Two grey ships at a quay at dusk
  credit: An invented agency
status: reported
as_of: 2024-10-18
corrections:
  - {on: 2024-10-20, text: "The number of ships was wrong: four, not three."}
sources:
  - name: Invented report
    url: https://example.org/report
    published: 2024-10-18
    archived: https://example.org/archive
  - name: Invented newspaper
    published: 2024-10-18
related: [troops, aerial-images]
"""
"""An invented brief with an image and a correction: the article behind the shipped ones has neither."""

Scene = Callable[[FakeDiscord], Awaitable[Shown]]


async def answer(fake: FakeDiscord) -> Shown:
    return shown(await fake.slash("brief", {"query": "trops"}))


async def closest_match(fake: FakeDiscord) -> Shown:
    return shown(await fake.slash("brief", {"query": "photos"}))


async def did_you_mean(fake: FakeDiscord) -> Shown:
    return shown(await fake.slash("brief", {"query": "north korea"}))


async def miss(fake: FakeDiscord) -> Shown:
    return shown(await fake.slash("brief", {"query": "adele"}))


async def image(fake: FakeDiscord) -> Shown:
    await _uploaded(fake, SHIPS)
    return _with_picture(shown(await fake.slash("brief", {"query": "crossing"})))


async def still_true(fake: FakeDiscord) -> Shown:
    await _uploaded(fake, SHIPS)
    card = await fake.slash("brief", {"query": "crossing"})
    await asyncio.sleep(1.1)  # the history knows seconds
    await _uploaded(
        fake, SHIPS.replace("1,500", "3,000").replace("soon", "in November").replace("10-18\nc", "11-02\nc")
    )
    return shown(await (await fake.press(card, "Still true?")).filled())


async def mention(fake: FakeDiscord) -> Shown:
    return await _reply(fake, "nk troops in russia?")


async def mention_unsure(fake: FakeDiscord) -> Shown:
    return await _reply(fake, "north korea")


async def direct_message(fake: FakeDiscord) -> Shown:
    asked = await fake.say("what did zelensky say?", dm=True)
    return Shown(await fake.answer_to(asked), user="member", said=asked["content"])


async def _reply(fake: FakeDiscord, words: str) -> Shown:
    """Mention the bot with these words, and return what it replies."""
    asked = await fake.say(f"<@{fake.bot.id}> {words}")
    return Shown(await fake.answer_to(asked), user="member", replies_to=f"@{fake.bot.name} {words}")


async def _uploaded(fake: FakeDiscord, text: str) -> None:
    file = Upload("crossing.yaml", text.encode(), "application/yaml")
    proposed = await (await fake.slash("briefs upload", {"file": file}, permissions=MANAGER)).filled()
    await (await fake.press(proposed, "Apply")).until(lambda it: "Done" in it.text)


def _with_picture(shown: Shown) -> Shown:
    """Put a drawn picture in place of the image of a card, which is on an address that nobody serves."""
    sky = Image.linear_gradient("L").resize((960, 540))
    picture = ImageOps.colorize(sky, "#35506b", "#e8b287")
    brush = ImageDraw.Draw(picture)
    for left, width in ((150, 330), (520, 260)):
        brush.polygon([(left, 400), (left + width, 400), (left + width - 40, 450), (left + 40, 450)], fill="#2c3440")
        brush.rectangle((left + width * 0.6, 340, left + width * 0.8, 400), fill="#39424f")
    brush.rectangle((0, 450, 960, 540), fill="#46586b")
    file = io.BytesIO()
    picture.save(file, "PNG")
    address = "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
    for each in components_of(shown.payload):
        for item in each.get("items") or []:
            item["media"]["url"] = address
    return shown


async def form(fake: FakeDiscord) -> Shown:
    return shown(await fake.slash("briefs add", permissions=MANAGER))


async def mistake(fake: FakeDiscord) -> Shown:
    opened = await fake.slash("briefs add", permissions=MANAGER)
    typed = TYPED | {"sources": "Timetable, as of last Friday\nas of last Friday", "phrases": "ferry\ntroops"}
    return shown(await (await fake.submit(opened, typed)).filled(), after=opened)


async def preview(fake: FakeDiscord) -> Shown:
    await fake.slash("brief", {"query": "which ferry did they take"})
    opened = await fake.slash("briefs add", permissions=MANAGER)
    return shown(await (await fake.submit(opened, TYPED)).filled(), after=opened)


async def topics(fake: FakeDiscord) -> Shown:
    return shown(await _offered(fake))


async def notes(fake: FakeDiscord) -> Shown:
    offered = await _offered(fake)
    menu = find_component(offered.message or {}, "Write a brief about …")
    return shown(await fake.press(offered, menu["custom_id"], [menu["options"][0]["value"]]), after=offered)


async def _offered(fake: FakeDiscord) -> Exchange:
    """Draft from a message with an article, and return the topics that are offered."""
    page = {
        "type": "article",
        "title": "A ferry to the island",
        "url": "https://example.org/ferry",
        "description": ARTICLE,
    }
    asked = await fake.message_command("Draft a brief", "", carrying={"embeds": [page]}, permissions=MANAGER)
    return await asked.filled()


async def misses(fake: FakeDiscord) -> Shown:
    for number, query in enumerate(UNANSWERED):
        await fake.slash("brief", {"query": query}, user=User(1_000_000_000_000_000_100 + number % 4, "somebody"))
    return shown(await (await fake.slash("briefs misses", permissions=MANAGER)).filled())


async def stats(fake: FakeDiscord) -> Shown:
    for query in ("troops", "weapons", "ships", "trops", "kim jong un wife", "adele"):
        await fake.slash("brief", {"query": query})
    return shown(await (await fake.slash("briefs stats", {"days": 7}, permissions=MANAGER)).filled(20))


async def history(fake: FakeDiscord) -> Shown:
    opened = await fake.slash("briefs add", permissions=MANAGER)
    proposed = await (await fake.submit(opened, TYPED)).filled()
    await (await fake.press(proposed, "Apply")).until(lambda it: "Done" in it.text)
    opened = await fake.slash("briefs edit", {"brief": "ferries"}, permissions=MANAGER)
    proposed = await (await fake.submit(opened, {"summary": TYPED["summary"].replace("invented", "made-up")})).filled()
    await (await fake.press(proposed, "Apply")).until(lambda it: "Done" in it.text)
    return shown(await fake.slash("briefs history", {"brief": "ferries"}, permissions=MANAGER))


SCENES: dict[str, Scene] = {
    "answer": answer,
    "closest-match": closest_match,
    "did-you-mean": did_you_mean,
    "miss": miss,
    "image": image,
    "still-true": still_true,
    "mention": mention,
    "mention-unsure": mention_unsure,
    "direct-message": direct_message,
    "form": form,
    "mistake": mistake,
    "preview": preview,
    "topics": topics,
    "notes": notes,
    "misses": misses,
    "stats": stats,
    "history": history,
}


def shown(exchange: Exchange, *, after: Exchange | None = None) -> Shown:
    """Return the modal or message that an exchange led to; ``after`` is the command before it, if it is none itself."""
    payload = exchange.modal or exchange.message
    assert payload is not None, f"nothing was shown: {exchange.callback}"
    asked = (after or exchange).payload
    user = (asked.get("member") or asked)["user"]
    names = {user["id"]: f"@{user['username']}", asked["channel_id"]: f"#{asked['channel'].get('name', 'unknown')}"}
    for mentioned in asked["data"].get("resolved", {}).get("users", {}).values():
        names[mentioned["id"]] = f"@{mentioned['username']}"
    return Shown(payload, user["username"], _command(asked["data"]), names)


def _command(data: Json) -> str:
    """Return what Discord calls a command: "/brief", "/briefs add" or "Brief this"; nothing for what is none."""
    words = [data.get("name", "")]
    options = data.get("options") or []
    while options and options[0]["type"] in (1, 2):
        words.append(options[0]["name"])
        options = options[0].get("options") or []
    return ("/" if data.get("type") == 1 else "") + " ".join(words)

"""What the pictures show: each scene plays an exchange with the real bot, and returns what the bot sent."""

from collections.abc import Awaitable, Callable

from tools.fake_discord import MANAGER, Exchange, FakeDiscord, User
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

Scene = Callable[[FakeDiscord], Awaitable[Shown]]


async def answer(fake: FakeDiscord) -> Shown:
    return shown(await fake.slash("brief", {"query": "trops"}))


async def closest_match(fake: FakeDiscord) -> Shown:
    return shown(await fake.slash("brief", {"query": "photos"}))


async def did_you_mean(fake: FakeDiscord) -> Shown:
    return shown(await fake.slash("brief", {"query": "north korea"}))


async def miss(fake: FakeDiscord) -> Shown:
    return shown(await fake.slash("brief", {"query": "adele"}))


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

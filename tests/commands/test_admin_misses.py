"""Unanswered questions: grouped, counted, and closed with one press, for each server's managers their own."""

import re

import pytest

from bot.briefs.brief_file import read_brief
from bot.briefs.loader import load
from bot.gateway.replies import NOT_CERTAIN
from bot.language.normalise import normalise
from bot.storage import database
from tests.admins import (
    ADMIN,
    FILES,
    SECOND,
    files,
    form,
    kept,
    literally,
    press,
    rows,
    settled,
    with_button,
)  # fmt: skip
from tests.brief_files import judging, write
from tests.conftest import Start
from tests.databases import execute
from tools.fake_discord import MANAGER, MEMBER, Exchange, FakeDiscord, User, Where, components_of, until
from tools.running import Running

pytestmark = [pytest.mark.usefixtures("engine"), pytest.mark.briefs(FILES)]

CATS = FILES["cats.yaml"]
SOMEBODY = User(1_000_000_000_000_000_077, "somebody")
ELSEWHERE: Where = {"guild": SECOND, "permissions": MANAGER}


@pytest.fixture
async def bot(start: Start, fake: FakeDiscord) -> Running:
    return await literally(start, fake)


async def ask(fake: FakeDiscord, *queries: str, **where: object) -> None:
    for query in queries:
        assert "No brief on" in (await fake.slash("brief", {"query": query}, **where)).text  # type: ignore[arg-type]


async def misses(fake: FakeDiscord, days: int | None = None, who: Where = ADMIN) -> Exchange:
    shown = await fake.slash("briefs misses", {"days": days} if days else {}, **who)
    await settled(shown)
    return shown


def questions(shown: Exchange) -> list[str]:
    """Return the first wording of each question that is shown, without what escapes it."""
    return re.findall(r"\*\*“(.*)”\*\*", re.sub(r"\\([^\w\s])", r"\1", shown.text))


async def test_no_unanswered_question_is_said_in_a_sentence(fake: FakeDiscord, bot: Running) -> None:
    await fake.slash("brief", {"query": "cats"})
    shown = await misses(fake)
    assert shown.ephemeral
    assert "### Unanswered in the last 7 days\nNothing: " in shown.text
    assert "Nothing: every question of these days is answered now, or was ignored." in shown.text


@pytest.mark.both
async def test_like_questions_are_one_the_most_frequent_first_with_the_brief_that_is_nearest(
    fake: FakeDiscord, bot: Running
) -> None:
    await ask(fake, "qqq", "Cats of Egypt", "cats of egypt", "Egypt: cats of")
    await ask(fake, "CATS OF EGYPT?", user=SOMEBODY)
    shown = await misses(fake)
    assert questions(shown) == ["CATS OF EGYPT?", "qqq"]
    assert re.search(r"-# 4 times by 2 members, last <t:\d+:R>\n-# also: ", shown.text)
    assert re.search(r"-# 1 time by 1 member, last <t:\d+:R>", shown.text)
    assert shown.labels[:4] == ["Write a brief", "Add to: Cats", "Choose a brief …", "Ignore"]


@pytest.mark.both
async def test_of_a_question_it_is_said_in_which_other_languages_the_askers_read_discord(
    fake: FakeDiscord, bot: Running
) -> None:
    await ask(fake, "cats of egypt", locale="en-GB")
    for locale in ("de", "de", "ko"):
        await fake.slash("brief", {"query": "cats of egypt"}, locale=locale)
    await ask(fake, "qqq")
    text = (await misses(fake)).text
    assert re.search(r"4 times by 1 member, last <t:\d+:R> · Discord in Deutsch, 한국어\n", text)
    assert re.search(r"1 time by 1 member, last <t:\d+:R>$", text, re.MULTILINE)


async def test_one_press_makes_a_question_an_alias_that_answers_at_once_and_another_takes_it_back(
    fake: FakeDiscord, bot: Running
) -> None:
    await ask(fake, "qqq", "cats of egypt", "Cats  of Egypt?")
    shown = await misses(fake)
    add = next(each["custom_id"] for each in components_of(shown.message) if each.get("label") == "Add to: Cats")
    said = await press(fake, shown, add)
    assert "✅ “Cats of Egypt?” finds `cats` from now on." in said
    assert questions(shown) == ["qqq"]
    changed = CATS.replace("[kitties]  #", '[kitties, "Cats of Egypt?"]  #')
    assert files(bot.folder)["cats.yaml"] == changed.encode()
    assert not (await fake.slash("brief", {"query": "cats of egypt"})).ephemeral
    assert rows(bot, "versions")[-1]["action"] == "alias"

    said = await press(fake, shown, "Undo")
    assert "Taken back; `cats` is as it was before." in said
    assert files(bot.folder)["cats.yaml"] == CATS.encode()
    assert len(questions(shown)) == 2


async def test_another_brief_can_be_chosen_for_a_question(fake: FakeDiscord, bot: Running) -> None:
    await ask(fake, "dogs of egypt")
    shown = await misses(fake)
    said = await press(fake, shown, "Choose a brief …")
    assert said == "Which brief answers “dogs of egypt”?"
    (menu,) = [each for each in components_of(shown.message) if each["type"] == 3]
    assert [option["value"] for option in menu["options"]] == ["dogs", "cats", "ships"]
    assert questions(shown) == []
    assert "### Unanswered" in await press(fake, shown, "Back")
    await press(fake, shown, "Choose a brief …")
    said = await press(fake, shown, "Add it as an alias to …", "ships")
    assert "✅ “dogs of egypt” finds `ships` from now on." in said
    assert "things over the sea" in (await fake.slash("brief", {"query": "dogs of egypt"})).text


async def test_any_brief_can_be_chosen_for_a_question_however_many_there_are(fake: FakeDiscord, bot: Running) -> None:
    await ask(fake, "zeppelin", *PLENTY)
    text = FILES["ships.yaml"]
    write(bot.folder, {f"n{n:02}.yaml": text.replace("Cargo ships", f"Number {n:02}") for n in range(60)})
    await bot.keeper.reload()
    shown = await misses(fake)
    while "zeppelin" not in shown.text:
        await press(fake, shown, "Next ▶")
    page = next(label for label in shown.labels if " of " in label)
    await press(fake, shown, _beside(shown, "zeppelin", "briefs choose"))
    seen = _offered(shown)
    for there in ("2 of 3", "3 of 3"):
        await press(fake, shown, "Next ▶")
        assert there in shown.labels
        seen += _offered(shown)
    assert sorted(seen) == sorted(bot.keeper.matcher.base.briefs)
    said = await press(fake, shown, "Add it as an alias to …", seen[-1])
    assert f"“zeppelin” finds `{seen[-1]}` from now on." in said
    assert page in shown.labels


def _offered(shown: Exchange) -> list[str]:
    (menu,) = [each for each in components_of(shown.message) if each["type"] == 3]
    assert len(menu["options"]) <= 25
    return [str(option["value"]) for option in menu["options"]]


@pytest.mark.both
async def test_a_question_that_is_ignored_is_reported_no_more_however_it_was_worded(
    fake: FakeDiscord, bot: Running
) -> None:
    await ask(fake, "wool socks", "socks, wool", "Wool socks!")
    shown = await misses(fake)
    said = await press(fake, shown, "Ignore")
    assert "“Wool socks!” is not reported any more." in said
    assert questions(shown) == []
    assert shown.labels == ["Undo", "What is ignored"]
    await ask(fake, "wool socks", "Socks (wool)", "tuna")
    assert questions(await misses(fake)) == ["tuna"]


def first(shown: Exchange, label: str) -> str:
    """Return the custom_id of the first button with this label."""
    return next(str(each["custom_id"]) for each in components_of(shown.message) if each.get("label") == label)


async def test_what_was_ignored_can_be_taken_back_at_once(fake: FakeDiscord, bot: Running) -> None:
    await ask(fake, "wool socks", "socks, wool", "Wool socks!", "tuna")
    shown = await misses(fake)
    await press(fake, shown, first(shown, "Ignore"))
    assert questions(shown) == ["tuna"]
    assert "“Wool socks!” is reported again." in await press(fake, shown, "Undo")
    assert questions(shown) == ["Wool socks!", "tuna"]
    assert "What is ignored" not in shown.labels


async def test_what_the_log_may_lose_is_not_called_ignored_nor_reported_again(
    fake: FakeDiscord, bot: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ask(fake, "tuna", "lemon")
    shown = await misses(fake)
    with monkeypatch.context() as full:
        full.setattr(database, "MOST_WAITING", 0)
        said = await press(fake, shown, first(shown, "Ignore"))
        assert NOT_CERTAIN in said
        assert "is not reported any more" not in said
    assert "is not reported any more" in await press(fake, shown, first(shown, "Ignore"))
    with monkeypatch.context() as full:
        full.setattr(database, "MOST_WAITING", 0)
        said = await press(fake, shown, "Undo")
        assert NOT_CERTAIN in said
        assert "is reported again" not in said


@pytest.mark.both
async def test_what_is_ignored_is_listed_and_can_be_reported_again_one_by_one(fake: FakeDiscord, bot: Running) -> None:
    await ask(fake, "wool socks", "tuna", "lemon", "socks of wool")
    shown = await misses(fake)
    for _ in range(2):
        await press(fake, shown, first(shown, "Ignore"))
    assert len(questions(shown)) == 1
    assert "### Ignored, of the unanswered questions of 7 days" in await press(fake, shown, "What is ignored")
    assert len(questions(shown)) == 2
    assert shown.labels == ["Report it again", "Report it again", "Back"]
    (_, kept) = questions(shown)
    assert "is reported again." in await press(fake, shown, first(shown, "Report it again"))
    assert questions(shown) == [kept], "the list keeps its place"
    await press(fake, shown, "Back")
    assert len(questions(shown)) == 2


@pytest.mark.both
async def test_what_its_asker_called_wrong_is_reported_and_never_with_the_brief_that_was_wrong(
    fake: FakeDiscord, bot: Running
) -> None:
    await fake.press(await fake.slash("brief", {"query": "cats"}), "Not what I asked")
    shown = await misses(fake)
    assert questions(shown) == ["cats"]
    assert "answered with cats, rejected by 1 member" in shown.text
    assert "Add to: Cats" not in shown.labels
    before = files(bot.folder)
    await press(fake, shown, "Another brief …")
    said = await press(fake, shown, "Add it as an alias to …", "ships")
    assert "“cats” can be no alias of `ships`: " in said
    assert "also belongs to" in said
    assert str(bot.folder) not in said.replace("\\", "")
    assert files(bot.folder) == before


@pytest.mark.both
async def test_many_questions_come_in_pages(fake: FakeDiscord, bot: Running) -> None:
    words = "tuna wool grass lemon piano brick cloud seven onion paper metal".split()
    await ask(fake, *words)
    shown = await misses(fake)
    seen = questions(shown)
    for page in ("2 of 3", "3 of 3"):
        assert len(questions(shown)) == 4
        await press(fake, shown, "Next ▶")
        assert page in shown.labels
        assert shown.text.startswith("### Unanswered in the last 7 days: 11\n"), "all that wait, on any page"
        seen += questions(shown)
    assert sorted(seen) == sorted(words)
    assert next(each for each in components_of(shown.message) if each.get("label") == "Next ▶")["disabled"]
    await press(fake, shown, "◀ Back")
    assert questions(shown) == seen[4:8]


@pytest.mark.both
async def test_how_far_back_is_looked_can_be_chosen(fake: FakeDiscord, bot: Running) -> None:
    await ask(fake, "tuna", "wool")
    execute(bot.folder.parent, "UPDATE lookups SET asked_at = '2026-01-01T00:00:00.000Z' WHERE query = 'tuna'")
    assert questions(await misses(fake)) == ["wool"]
    assert "### Unanswered since yesterday" in (await misses(fake, 1)).text
    shown = await misses(fake, 365)
    assert questions(shown) == ["tuna", "wool"]
    *_, ignore_wool = [each for each in components_of(shown.message) if each.get("label") == "Ignore"]
    await press(fake, shown, ignore_wool["custom_id"])
    assert questions(shown) == ["tuna"], "the days stay as they were chosen"


HOSTILE = [
    "**bold** __under__ ~~gone~~ ||spoiler|| `code` ```block```",
    "opera @everyone @here <@1> <@&2> <#3> </x:4> <:e:5> <t:6:R>",
    "[a](https://evil.example) https://evil.example",
    "# big\n- list\n> quote\n1. one",
    "\u202eright to left\u2066 nul\x00 zalgo t̷̡̢r̸",
    "opera " + "🚀" * 290,
    "\ud800 opera alone",
]
MEANT = re.compile(r"\*\*“|”\*\*|<t:\d+:R>|^### |^-# ", re.MULTILINE)


async def test_no_question_of_a_member_has_an_effect_on_whoever_reads_it(fake: FakeDiscord, bot: Running) -> None:
    for query in HOSTILE:
        await ask(fake, query)
    shown = await misses(fake)
    await press(fake, shown, "Next ▶")
    first = await misses(fake)
    for text in (first.text, shown.text):
        left = MEANT.sub("", text)
        assert re.findall(r"(?<!\\)[*_~|`<\[#@]|://|^\s*[->]|[\u202a-\u202e\u2066-\u2069\x00]", left) == []


HARD_TO_QUOTE = [
    "null",
    "12:30",
    "a: b",
    "- x",
    "[y",
    "#z",
    "d'oh",
    '"quoted"',
    "back\\slash",
    "&f *g",
    "北한군?",
    "{}w",
]


async def test_any_question_becomes_an_alias_as_it_was_asked(fake: FakeDiscord, bot: Running) -> None:
    shipped = files(bot.folder)
    for query in HARD_TO_QUOTE:
        await ask(fake, query)
        shown = await misses(fake)
        await press(fake, shown, "Choose a brief …")
        assert "✅" in await press(fake, shown, "Add it as an alias to …", "dogs"), query
        assert not (await fake.slash("brief", {"query": query})).ephemeral, query
    brief = read_brief("dogs.yaml", files(bot.folder)["dogs.yaml"]).brief
    assert brief
    assert brief.aliases[1:] == tuple(HARD_TO_QUOTE)
    assert files(bot.folder) | {"dogs.yaml": b""} == shipped | {"dogs.yaml": b""}


async def test_what_cannot_be_an_alias_is_refused_with_the_reason(fake: FakeDiscord, bot: Running) -> None:
    before = files(bot.folder)
    for query, reason in (("wool " * 50, "is longer than 200 characters"), ("wool\u202e", "U+202E")):
        await ask(fake, query)
        shown = await misses(fake)
        await press(fake, shown, "Choose a brief …")
        pressed = await fake.press(shown, "Add it as an alias to …", ["cats"])
        await pressed.until(lambda it: it.followups)
        assert reason in await settled(pressed)
        assert files(bot.folder) == before
        await press(fake, await misses(fake), "Ignore")


async def test_a_refusal_that_cannot_be_told_leaves_no_question_in_the_diagnostic_log(
    fake: FakeDiscord, bot: Running, caplog: pytest.LogCaptureFixture
) -> None:
    await ask(fake, "xylophone " * 30)
    shown = await misses(fake)
    await press(fake, shown, "Choose a brief …")
    fake.fail_next("POST", "^/webhooks/", 404)
    await fake.press(shown, "Add it as an alias to …", ["cats"])
    await until(lambda: "a member could not be told of an error: status 404, code 0" in caplog.text)
    assert "xylophone" not in caplog.text


async def test_an_alias_for_a_file_that_is_broken_is_refused_and_one_beside_it_is_in_use_at_once(
    fake: FakeDiscord, bot: Running
) -> None:
    await ask(fake, "cats of egypt")
    shown = await misses(fake)
    write(bot.folder, {"cats.yaml": "title: [\n"})
    pressed = await fake.press(shown, "Add to: Cats")
    await pressed.until(lambda it: it.followups)
    assert "cats.yaml has problems; mend them with /briefs edit first" in await settled(pressed)
    write(bot.folder, {"cats.yaml": CATS, "birds.yaml": "title: Birds\n"})
    said = await press(fake, shown, "Add to: Cats")
    assert "✅ “cats of egypt” finds `cats` from now on." in said
    assert b"cats of egypt" in files(bot.folder)["cats.yaml"]


async def test_a_manager_of_another_server_sees_what_was_asked_there_and_can_only_ignore_it_there(
    fake: FakeDiscord, bot: Running
) -> None:
    await ask(fake, "cats of egypt", "tuna")
    await ask(fake, "tuna", guild=SECOND)
    await ask(fake, "onion", dm=True)
    shown = await misses(fake, who=ELSEWHERE)
    assert questions(shown) == ["tuna"]
    assert "1 time by" in shown.text
    assert shown.labels == ["Ignore"]
    before = kept(bot)
    ignore = next(each["custom_id"] for each in components_of(shown.message) if "ignore" in each.get("custom_id", ""))
    for own in (ignore.replace(":3", ":1"), ignore.replace(":3", ":4")):  # a question of another server, and of a DM
        shown.message["components"][-1]["components"][0]["custom_id"] = own  # type: ignore[index]
        pressed = await fake.press(shown, own)
        await pressed.until(lambda it: it.followups)
        assert await settled(pressed) == "That question is no longer kept."
    assert kept(bot) == before
    await press(fake, await misses(fake, who=ELSEWHERE), "Ignore")
    assert questions(await misses(fake, who=ELSEWHERE)) == []
    assert sorted(questions(await misses(fake))) == ["cats of egypt", "onion", "tuna"]


async def test_all_wordings_of_a_question_become_aliases_but_for_what_another_brief_has(
    fake: FakeDiscord, bot: Running
) -> None:
    for query in ("zeppelin timetable", "zeppelin timetables", "Zeppelin timetable?", "timetable of the zeppelin"):
        await fake.slash("brief", {"query": query})
    shown = await (await fake.slash("briefs misses", **ADMIN)).filled()
    said = await press(fake, shown, re.compile("^briefs choose"))
    assert "Which brief answers" in said
    await press(fake, shown, re.compile("^briefs alias"), "cats")
    aliases = load(bot.folder).base.briefs["cats"].aliases
    assert {"zeppelin timetables", "timetable of the zeppelin"} < set(aliases)
    assert len({normalise(alias) for alias in aliases}) == len(aliases)
    assert "Nothing" in (await (await fake.slash("briefs misses", **ADMIN)).filled()).text


PLENTY = "tuna wool grass lemon piano brick cloud seven onion".split()


async def test_a_brief_is_written_from_a_question_in_three_steps_and_the_list_stays(
    fake: FakeDiscord, bot: Running
) -> None:
    await ask(fake, "zeppelin timetable", "timetable of the zeppelin?")
    shown = await misses(fake)
    before = questions(shown)
    opened = await fake.press(shown, "Write a brief")
    assert sorted(form(opened)["phrases"].splitlines()) == ["timetable of the zeppelin?", "zeppelin timetable"]
    proposed = await fake.submit(opened, {"title": "Zeppelins", "summary": "They leave at 9.", "sources": "Timetable"})
    assert "### Add `zeppelins`?" in await settled(proposed)
    assert re.search("find `zeppelins`: .*“timetable of the zeppelin[?]”", proposed.text)
    assert questions(shown) == before
    await press(fake, proposed, "Apply")
    assert questions(await misses(fake)) == []


async def test_who_does_not_administer_the_base_writes_no_brief_from_a_question(
    fake: FakeDiscord, bot: Running
) -> None:
    await ask(fake, "tuna")
    shown = await misses(fake)
    for label in ("Write a brief", "Choose a brief …"):
        pressed = await fake.press(shown, label, permissions=MEMBER)
        assert pressed.text == "Only those who administer the briefs can do that."


async def test_a_brief_that_is_not_like_a_question_is_not_offered_for_it(fake: FakeDiscord, bot: Running) -> None:
    await ask(fake, "bitcoin price")
    assert (await misses(fake)).labels == ["Write a brief", "Choose a brief …", "Ignore"]


async def test_what_else_would_find_a_brief_is_said_before_a_question_is_added_to_it(
    fake: FakeDiscord, bot: Running
) -> None:
    await ask(fake, "bitcoin price", *PLENTY)
    before = files(bot.folder)
    bot.keeper.build = lambda base: judging(base, answer=0.3, unknown=1)
    shown = await misses(fake)
    while "bitcoin" not in shown.text:
        await press(fake, shown, "Next ▶")
    page = next(label for label in shown.labels if " of " in label)
    await press(fake, shown, _beside(shown, "bitcoin", "briefs choose"))
    said = await press(fake, shown, "Add it as an alias to …", "cats")
    assert "### Add “bitcoin price” to `cats`?" in said
    assert re.search(r"\d questions now find `cats`: “bitcoin”, “price”", said)
    assert files(bot.folder) == before
    await press(fake, shown, "Back")
    assert page in shown.labels
    await press(fake, shown, _beside(shown, "bitcoin", "briefs choose"))
    await press(fake, shown, "Add it as an alias to …", "cats")
    assert "✅ “bitcoin price” finds `cats` from now on." in await press(fake, shown, "Add it all the same")
    assert b"bitcoin price" in files(bot.folder)["cats.yaml"]


def _beside(shown: Exchange, words: str, action: str) -> str:
    """Return the custom_id of the button of an action below a question."""
    rest = components_of(shown.message)
    place = next(n for n, each in enumerate(rest) if words in each.get("content", ""))
    return next(str(each["custom_id"]) for each in rest[place:] if str(each.get("custom_id", "")).startswith(action))


async def test_the_list_keeps_its_place_after_a_press_and_its_undo(fake: FakeDiscord, bot: Running) -> None:
    await ask(fake, *PLENTY)
    shown = await misses(fake)
    await press(fake, shown, "Next ▶")
    there = questions(shown)
    await press(fake, shown, first(shown, "Ignore"))
    assert questions(shown)[:3] == there[1:]
    await press(fake, shown, "Undo")
    assert questions(shown) == there
    await press(fake, shown, _beside(shown, there[0], "briefs choose"))
    await press(fake, shown, "Add it as an alias to …", "cats")
    assert questions(shown)[:3] == there[1:]
    await press(fake, shown, "Undo")
    assert questions(shown) == there


@pytest.mark.both
async def test_rejected_answers_stand_apart_with_what_can_be_done_about_them(fake: FakeDiscord, bot: Running) -> None:
    await fake.press(await fake.slash("brief", {"query": "cats"}), "Not what I asked")
    await ask(fake, "tuna")
    shown = await misses(fake)
    assert questions(shown) == ["tuna", "cats"]
    assert "### Answered, and rejected: 1\n**“cats”**" in shown.text
    assert shown.labels[3:] == ["Mend the card", "Another brief …", "Write a brief", "Keep the answer"]
    opened = await fake.press(shown, "Mend the card")
    assert form(opened)["title"] == "Cats"
    proposed = await fake.submit(opened, {"summary": "Cats are animals that hiss."})
    assert "### Change `cats`?" in await settled(proposed)
    assert questions(shown) == ["tuna", "cats"]
    assert "is not reported any more." in await press(fake, shown, "Keep the answer")
    assert questions(shown) == ["tuna"]


async def test_buttons_of_earlier_versions_still_work(fake: FakeDiscord, bot: Running) -> None:
    await ask(fake, "cats of egypt")
    lookup = rows(bot, "lookups")[-1]["id"]
    for custom_id, said in {
        f"briefs choose:7:{lookup}": "Which brief answers",
        f"briefs ignore:7:{lookup}": "is not reported any more",
        f"briefs heed:7:{lookup}": "is reported again",
        f"briefs alias:7:{lookup}:cats": "finds `cats` from now on",
        "briefs undo:cats": "### Set `cats` back?",
        "briefs misses:7:1": "### Unanswered",
    }.items():
        pressed = await fake.press(await with_button(fake, custom_id), custom_id, **ADMIN)
        assert said in await settled(pressed), custom_id

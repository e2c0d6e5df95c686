"""The plain form on Discord: no YAML, what was typed is never lost, and mistakes are named by their field."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.briefs.brief_file import read_brief
from bot.catalogues.catalogue import ENGLISH
from tests.admins import ADMIN, FILES, OTHER, attached, edit, files, form, kept, press, rows, settled
from tests.brief_files import brief_text, write
from tests.conftest import Start
from tools.fake_discord import Exchange, FakeDiscord
from tools.fake_discord.rules import displayed_text
from tools.running import Running

CATS = FILES["cats.yaml"]
FERRIES = {
    "title": "Ferries",
    "summary": "Ferries leave every hour, 1,500 a year.",
    "facts": "Harbour office：The last one leaves at 22:30.\n- Nobody pays.",
    "sources": "Timetable, Https://example.org/ferries, 2026–10–01",
    "phrases": "ferry\nboat to the island\nWhen does the ferry leave?",
}


pytestmark = pytest.mark.briefs(FILES)


async def add(fake: FakeDiscord, typed: dict[str, str]) -> Exchange:
    """Send the form of `/briefs add` and return what comes of it."""
    shown = await fake.submit(await fake.slash("briefs add", **ADMIN), typed)
    await settled(shown)
    return shown


async def change(fake: FakeDiscord, brief: str, typed: dict[str, str]) -> Exchange:
    """Send the form of `/briefs edit` with these fields changed and return what comes of it."""
    shown = await fake.submit(await fake.slash("briefs edit", {"brief": brief}, **ADMIN), typed)
    await settled(shown)
    return shown


async def test_a_brief_is_added_in_three_steps_without_a_word_of_yaml(fake: FakeDiscord, bot: Running) -> None:
    before = files(bot.folder)
    shown = await add(fake, FERRIES)
    assert "### Add `ferries`?" in shown.text
    assert "### Ferries\n" in shown.text
    assert "as of 1 October 2026" in shown.text
    assert "\nFerries leave every hour, 1,500 a year.\n" in shown.text
    assert "The last one leaves at 22:30." in shown.text
    assert "[Timetable](<https://example.org/ferries>)" in shown.text
    assert re.search(r"- \d questions now find `ferries`: “Ferries”, “ferry”, “boat to the island”", shown.text)
    assert shown.labels == ["Apply", "Edit again", "As YAML", "Keep as draft", "Cancel"]
    assert files(bot.folder) == before
    assert "Done: `ferries` was added." in await press(fake, shown, "Apply")
    new = read_brief("ferries.yaml", files(bot.folder)["ferries.yaml"]).brief
    assert new
    assert (new.as_of, new.aliases, len(new.questions)) == ("2026-10-01", ("ferry",), 2)
    assert "Ferries leave every hour" in (await fake.slash("brief", {"query": "ferry"})).text


async def test_a_brief_of_which_no_day_is_said_is_as_of_today(fake: FakeDiscord, bot: Running) -> None:
    await press(fake, await add(fake, FERRIES | {"sources": "Timetable"}), "Apply")
    assert f"as_of: {datetime.now(UTC):%Y-%m-%d}".encode() in files(bot.folder)["ferries.yaml"]


async def test_an_id_that_is_taken_gets_a_number(fake: FakeDiscord, bot: Running) -> None:
    write(bot.folder, {"ferries.yaml": brief_text(title="Old ferries")})
    first, second = await add(fake, FERRIES), await add(fake, FERRIES | {"title": "Ferries!!", "phrases": "x"})
    assert "### Add `ferries-2`?" in first.text
    await press(fake, first, "Apply")
    said = await press(fake, second, "Apply")
    assert "Title: 'Ferries!!' also belongs to 'ferries-2'; keep it in one brief" in said.replace("\\", "")
    assert "yaml" not in said


MISTAKES = {
    "Title": {"title": "Cats!"},
    "Facts": {"facts": f"A: {'long ' * 70}"},
    "Source": {"sources": "A, http://:80"},
    "Source: the date": {"sources": "A\nas of 2024-02-31"},
    "Other names and questions": {"phrases": "kitties"},
    "Summary": {"summary": "a\u202eb"},
    "The whole brief": {"facts": "\n".join(f"{n}: {'*' * 290}a" for n in range(12))},
}


async def test_a_mistake_names_its_field_and_the_form_opens_again_with_what_was_typed(
    fake: FakeDiscord, start: Start
) -> None:
    bot = await start()
    before = files(bot.folder)
    for field, typed in MISTAKES.items():
        shown = await add(fake, FERRIES | typed)
        assert shown.text.startswith("Nothing was changed, for this would be wrong:\n- "), field
        assert f"- {field}" in shown.text, field
        assert not re.search(r"\.yaml|:\d+:\d+|line", shown.text), field
        assert shown.labels == ["Edit again", "As YAML", "Keep as draft"], field
        assert form(await fake.press(shown, "Edit again")) == FERRIES | typed, field
    bot = await start()
    again = await fake.press(shown, "Edit again")
    mended = await fake.submit(again, FERRIES)
    assert "### Add `ferries`?" in await settled(mended)
    yaml = form(await fake.press(mended, "As YAML"))
    assert yaml["id"] == "ferries"
    assert "title: Ferries\n" in yaml["text"]
    assert files(bot.folder) == before


async def test_an_edit_keeps_comments_and_whatever_the_form_does_not_show(fake: FakeDiscord, bot: Running) -> None:
    rich = CATS + "status: disputed  # so far\nexpires: 2030-01\nrelated: [dogs]\n"
    write(bot.folder, {"cats.yaml": rich})
    await bot.keeper.reload()
    opened = await fake.slash("briefs edit", {"brief": "cats"}, **ADMIN)
    assert form(opened) == {
        "title": "Cats",
        "summary": "Cats are animals that purr.",
        "facts": "",
        "sources": "A cat\nas of 2024-10",
        "phrases": "kitties\nWho let the cats out?",
    }
    shown = await fake.submit(opened, {"summary": "Cats are animals that hiss.", "phrases": "kitties\nmoggies"})
    said = await settled(shown)
    assert "### Change `cats`?\n### Cats\n" in said
    assert "\nCats are animals that hiss.\n" in said
    assert "**Summary**\nbefore: Cats are animals that ~~purr~~.\nnow: Cats are animals that **hiss**." in said
    assert "**Other names**\nnew: moggies" in said
    assert "**Questions**\nno longer: Who let the cats out?" in said
    assert "1 question now finds `cats`: “moggies”" in said
    await press(fake, shown, "Apply")
    changed = rich.replace("purr", "hiss").replace("[kitties]", "[kitties, moggies]")
    changed = changed.replace("questions:\n  - Who let the cats out?", "questions: []")
    assert files(bot.folder)["cats.yaml"] == changed.encode()
    assert rows(bot, "versions")[-1]["action"] == "edit"


async def test_a_form_that_changes_nothing_says_so(fake: FakeDiscord, bot: Running) -> None:
    assert (await change(fake, "cats", {})).text == "That is what the brief says already; nothing was changed."


async def test_what_changed_without_its_day_can_be_made_as_of_today_with_one_press(
    fake: FakeDiscord, bot: Running
) -> None:
    shown = await change(fake, "cats", {"summary": "Cats hiss."})
    assert "As of today" in shown.labels
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    said = await press(fake, shown, "As of today")
    in_words = ENGLISH.date(today)
    assert f"As of\nbefore: October 2024\nnow: {in_words}" in re.sub(r"~~|\*\*", "", said)
    assert "As of today" not in shown.labels
    assert form(await fake.press(shown, "Edit again"))["sources"] == f"A cat\nas of {today}"
    await press(fake, shown, "Apply")
    assert f"as_of: {today}\n".encode() in files(bot.folder)["cats.yaml"]
    assert "As of today" not in (await change(fake, "cats", {"phrases": "moggies"})).labels


async def test_a_figure_that_was_changed_in_one_place_and_stands_in_another_is_pointed_at(
    fake: FakeDiscord, bot: Running
) -> None:
    await press(fake, await add(fake, FERRIES | {"facts": "Harbour office: 1,500 ferries leave."}), "Apply")
    shown = await change(fake, "ferries", {"summary": "Ferries leave every hour, 1,600 a year."})
    assert "⚠️ 1,500 still stands in Facts: “1,500 ferries leave.”" in shown.text


async def test_a_new_figure_is_put_where_the_old_one_still_stands_with_one_press(
    fake: FakeDiscord, bot: Running
) -> None:
    ferries = FERRIES | {"summary": "1,500 ferries leave.", "phrases": "ferry\n1500 ferries"}
    ferries |= {"facts": "Harbour office: 1,500 of 15,000 ferries leave.", "sources": "Timetable 1,500, 2026-10-01"}
    await press(fake, await add(fake, ferries), "Apply")
    shown = await change(fake, "ferries", {"summary": "1,600 ferries leave."})
    said = await press(fake, shown, "Put 1,600 there too")
    assert "still stands" not in said
    assert "Put 1,600 there too" not in shown.labels
    assert form(await fake.press(shown, "Edit again")) == ferries | {
        "summary": "1,600 ferries leave.",
        "facts": "Harbour office: 1,600 of 15,000 ferries leave.",
        "phrases": "ferry\n1,600 ferries",
    }
    await press(fake, shown, "Apply")
    assert b"text: 1,600 of 15,000 ferries leave.\n" in files(bot.folder)["ferries.yaml"]


async def test_a_brief_that_somebody_else_has_changed_meanwhile_is_not_overwritten_unseen(
    fake: FakeDiscord, bot: Running
) -> None:
    mine = await fake.slash("briefs edit", {"brief": "cats"}, **ADMIN)
    await press(fake, await edit(fake, "cats", CATS.replace("A cat", "A vet"), OTHER), "Apply")
    sent = await fake.submit(mine, {"summary": "Cats hiss."})
    assert "⚠️ Somebody else has changed `cats` since you began." in await settled(sent)
    assert "before: A ~~vet~~\nnow: A **cat**" in sent.text


async def test_a_brief_that_was_removed_meanwhile_is_a_new_one(fake: FakeDiscord, bot: Running) -> None:
    mine = await fake.slash("briefs edit", {"brief": "ships"}, **ADMIN)
    (bot.folder / "ships.yaml").unlink()
    sent = await fake.submit(mine, {"summary": "Ships sink."})
    assert "### Add `cargo-ships`?" in await settled(sent)


async def test_what_the_plain_form_cannot_change_is_said_with_the_way_to_do_it(fake: FakeDiscord, bot: Running) -> None:
    write(bot.folder, {"cats.yaml": CATS.replace("[kitties]", "[kitties, # a\n  pets]")})
    shown = await change(fake, "cats", {"phrases": "moggies"})
    assert "Nothing was changed. This file can only be changed as YAML" in shown.text
    assert "`/briefs edit` with as_yaml" in shown.text
    write(bot.folder, {"cats.yaml": CATS.replace("name: A cat", "name: '2024-10-01'")})
    opened = await fake.slash("briefs edit", {"brief": "cats"}, **ADMIN)
    assert "text" in form(opened)
    assert "This is YAML. The plain form would read a source" in displayed_text(opened.modal or {})


async def test_a_long_card_comes_as_a_file_beside_its_beginning(fake: FakeDiscord, bot: Running) -> None:
    facts = "\n".join(f"Somebody {n}: {'words ' * 40}" for n in range(10))
    shown = await add(fake, FERRIES | {"facts": facts, "summary": "s" * 1000})
    assert "The whole card is in card.txt." in shown.text
    sent = await attached(fake, shown)
    assert sent["card.txt"].decode().count("words") == 400
    assert sent["changes.diff"].startswith(b"ferries.yaml\n")


HOSTILE: dict[str, Any] = {
    "title": "**bold** @everyone <@1>",
    "summary": "```\n# big\n[a](https://evil.example) <t:1> ||x||",
    "facts": "@here: `code` *x*\n> quote: # y\n1. one",
    "sources": "[x](y) <b>, https://example.org/)(",
    "phrases": "{a: b}\n- [x]: y\n'q'\n\"z\"\n@everyone",
}


async def test_nothing_that_is_typed_has_an_effect_and_all_of_it_is_kept(fake: FakeDiscord, bot: Running) -> None:
    shown = await add(fake, HOSTILE)
    assert "Apply" in shown.labels, shown.text
    assert not re.search(r"(?<!\\)@(everyone|here)|(?<!\\)<@|(?<!\\)```|(?<!\\)\|\||^# ", shown.text, re.MULTILINE)
    await press(fake, shown, "Apply")
    (name,) = files(bot.folder).keys() - FILES.keys()
    brief = read_brief(name, files(bot.folder)[name]).brief
    assert brief
    assert (brief.title, brief.summary.written) == (HOSTILE["title"], HOSTILE["summary"])
    assert [(fact.by, fact.text.written) for fact in brief.facts] == [
        ("@here", "`code` *x*"),
        ("> quote", "# y"),
        (None, "1. one"),
    ]
    assert {*brief.aliases, *brief.questions} == {"{a: b}", "[x]: y", "'q'", '"z"', "@everyone"}


async def test_thousands_of_lines_are_refused_and_hold_up_nobody(fake: FakeDiscord, bot: Running) -> None:
    before = kept(bot)["files"]
    shown = await add(fake, {name: "a: b\n" * 800 if name != "title" else "x" for name in FERRIES} | {"summary": "s"})
    assert "Facts: has more than 12 entries; remove some" in shown.text
    assert kept(bot)["files"] == before

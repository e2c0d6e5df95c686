"""`/briefs alias`: other names in one step, with what they do to answers, and an Undo."""

import asyncio
import re

import pytest

from bot.authoring.alias import MOST_ALIASES, listed
from bot.authoring.preview import parts
from bot.briefs.brief_file import read_brief
from bot.errors import RequestError
from tests.admins import ADMIN, FILES, OTHER, files, kept, press, rows, settled
from tests.brief_files import judging, write
from tools.fake_discord import MEMBER, Exchange, FakeDiscord
from tools.running import Running

CATS = FILES["cats.yaml"]


pytestmark = pytest.mark.briefs(FILES)


async def alias(fake: FakeDiscord, brief: str, words: str) -> Exchange:
    """Use `/briefs alias` as an admin, and return what it says in the end."""
    shown = await fake.slash("briefs alias", {"brief": brief, "words": words}, **ADMIN)
    await settled(shown)
    return shown


@pytest.mark.parametrize(
    ("words", "aliases"),
    [
        ("moggies", ["moggies"]),
        ("moggies, house  cats", ["moggies", "house cats"]),
        ("“Paris, Texas”，a、b；c", ["Paris, Texas", "a", "b", "c"]),
        (' ,a,, a ,"b"\nc', ["a", "b", "c"]),
        ('an "odd", one" more', ['an "odd"', 'one" more']),
        ("don’t: 12:30", ["don’t: 12:30"]),
    ],
)
def test_names_stand_with_commas_between_them_however_a_phone_writes_these(words: str, aliases: list[str]) -> None:
    assert listed(words) == aliases


@pytest.mark.parametrize("words", ["", " , ", "\n", ",".join(map(str, range(MOST_ALIASES + 1)))])
def test_no_name_and_too_many_are_refused(words: str) -> None:
    with pytest.raises(RequestError):
        listed(words)


def test_every_run_of_the_words_of_a_name_is_tried_the_longest_first() -> None:
    assert list(parts("bitcoin price index")) == ["bitcoin price", "price index", "bitcoin", "price", "index"]
    assert list(parts("is the water ok to drink")) == ["water ok to drink", "water", "drink"], "nobody asks “ok to”"
    assert list(parts("one")) == []
    assert len(list(parts("word " * 500))) == 35


async def test_a_name_is_given_in_one_step_and_taken_back_in_another(fake: FakeDiscord, bot: Running) -> None:
    shown = await alias(fake, "Cats", "moggies, “felines”")
    assert shown.ephemeral
    assert "Done: “moggies”, “felines” find `cats`. That is what members get from now on." in shown.text
    assert "No other question finds another brief by that (" in shown.text
    assert shown.labels == ["Undo"]
    changed = CATS.replace("[kitties]  #", "[kitties, moggies, felines]  #")
    assert files(bot.folder)["cats.yaml"] == changed.encode()
    assert not (await fake.slash("brief", {"query": "felines"})).ephemeral
    assert (rows(bot, "versions")[-1]["action"], rows(bot, "versions")[-1]["user_id"]) == ("alias", fake.user.id)
    assert "Done: `cats` was set back." in await press(fake, shown, "Undo")
    assert files(bot.folder)["cats.yaml"] == CATS.encode()
    assert "Done: `cats` was set back." in await press(fake, shown, "Undo")
    assert files(bot.folder)["cats.yaml"] == changed.encode()


async def test_what_else_finds_the_brief_then_is_said_at_once(fake: FakeDiscord, bot: Running) -> None:
    bot.keeper.build = lambda base: judging(base, answer=0.3, unknown=1)
    shown = await alias(fake, "cats", "bitcoin price")
    assert "**What else changes** (" in shown.text
    assert re.search("- 2 questions now find `cats`: “bitcoin”, “price”", shown.text)
    assert "“bitcoin price” finds `cats`" in shown.text


REFUSED = {
    "a name of another": ("hounds", "Nothing was changed. 'hounds' also belongs to 'dogs'; keep it in one brief."),
    "a title of another": ("CARGO ships!", "Nothing was changed. 'Cargo ships!' also belongs to 'ships'"),
    "one of two": ("moggies, hounds", "Nothing was changed. 'hounds' also belongs to 'dogs'"),
    "its own": ("kitties", "`cats` has that name already."),
    "its own, otherwise written": ("Kitties!, CATS", "`cats` has these names already."),
    "too long": ("x" * 201, "longer than 200 characters"),
    "nothing to read": ("…!", "holds no letter or digit"),
    "none": (" , ", "Write at least one other name"),
    "an effect": ("\u202eevil", "U+202E"),
}


async def test_what_can_be_no_name_is_refused_with_the_reason_and_nothing_is_changed(
    fake: FakeDiscord, bot: Running
) -> None:
    before = kept(bot)
    for case, (words, reason) in REFUSED.items():
        said = (await alias(fake, "cats", words)).text
        assert reason.casefold() in said.replace("\\", "").casefold(), case
        assert ".yaml" not in said, case
    assert "There is no brief “nope”" in (await alias(fake, "nope", "x")).text
    assert kept(bot) == before


async def test_hostile_names_have_no_effect_on_whoever_reads_that_they_were_given(
    fake: FakeDiscord, bot: Running
) -> None:
    hostile = ["**bold** @everyone <@1>", "[a](https://evil.example)", "# ```code```", "{a: b}", "it's: 'x' # y", "- z"]
    shown = await alias(fake, "cats", ", ".join(hostile))
    assert "@everyone" not in shown.text.replace("\\@", "")
    assert "](" not in shown.text.replace("\\](", "")
    brief = read_brief("cats.yaml", files(bot.folder)["cats.yaml"]).brief
    assert brief
    assert brief.aliases == ("kitties", *hostile)


async def test_two_who_name_a_brief_at_once_both_do_or_one_is_told(fake: FakeDiscord, bot: Running) -> None:
    first, second = await asyncio.gather(
        fake.slash("briefs alias", {"brief": "cats", "words": "moggies"}, **ADMIN),
        fake.slash("briefs alias", {"brief": "cats", "words": "felines"}, **OTHER),
    )
    said = [await settled(each) for each in (first, second)]
    brief = read_brief("cats.yaml", files(bot.folder)["cats.yaml"]).brief
    assert brief
    for word, line in zip(("moggies", "felines"), said, strict=True):
        assert (word in brief.aliases) == line.startswith("Done")
        assert line.startswith("Done") or "was changed by somebody else meanwhile" in line


async def test_an_undo_that_somebody_has_changed_the_brief_since_shows_what_it_would_undo(
    fake: FakeDiscord, bot: Running
) -> None:
    shown = await alias(fake, "cats", "moggies")
    now = files(bot.folder)["cats.yaml"].decode().replace("purr", "hiss")
    write(bot.folder, {"cats.yaml": now})
    said = await press(fake, shown, "Undo")
    assert "⚠️ Somebody else has changed `cats` since you began." in said
    assert files(bot.folder)["cats.yaml"] == now.encode()


async def test_who_is_no_admin_any_more_undoes_nothing(fake: FakeDiscord, bot: Running) -> None:
    shown = await alias(fake, "cats", "moggies")
    before = kept(bot)
    pressed = await fake.press(shown, "Undo", permissions=MEMBER)
    assert pressed.text == "Only those who administer the briefs can do that."
    assert kept(bot) == before

"""Writing briefs on Discord as YAML: nothing is broken, and nobody overwrites anybody unseen."""

import asyncio
import errno
import os
import re
from pathlib import Path

import pytest

from tests.admins import ADMIN, FILES, OTHER, attached, edit, files, form, kept, press, rows, settled
from tests.brief_files import brief_text, write
from tests.conftest import Start
from tools.fake_discord import Exchange, FakeDiscord, Upload
from tools.running import Running

CATS, DOGS, SHIPS = FILES["cats.yaml"], FILES["dogs.yaml"], FILES["ships.yaml"]
BIRDS = brief_text(title="Birds", summary="Birds are animals that sing.", aliases=["feathered friends"])
HISSING = CATS.replace("purr", "hiss")
MEANT = re.compile(r"`birds`|<t:\d+:\w>|\*\*Which brief questions find\*\*|^\*\*Reported.*$", re.MULTILINE)
OVERTAKEN = re.compile("⚠️ .*`(cats|ships)`.* since you began")


pytestmark = pytest.mark.briefs(FILES)


async def add(fake: FakeDiscord, brief: str, text: str) -> Exchange:
    """Send the form of `/briefs add` and return what comes of it."""
    shown = await fake.submit(await fake.slash("briefs add", {"as_yaml": True}, **ADMIN), {"id": brief, "text": text})
    await settled(shown)
    return shown


async def diff(fake: FakeDiscord, shown: Exchange) -> str:
    """Return the lines of the files that a preview would change."""
    return (await attached(fake, shown))["changes.diff"].decode()


async def command(fake: FakeDiscord, name: str, **options: object) -> Exchange:
    """Use a subcommand of `/briefs` as an admin and return what it says in the end."""
    shown = await fake.slash(f"briefs {name}", options, **ADMIN)
    await settled(shown)
    return shown


async def test_a_new_brief_is_shown_before_it_is_added_and_answers_at_once(fake: FakeDiscord, bot: Running) -> None:
    before = files(bot.folder)
    shown = await add(fake, "birds", BIRDS)
    assert shown.ephemeral
    assert "### Add `birds`?" in shown.text
    assert '+title: "Birds"' in await diff(fake, shown)
    assert "Birds are animals that sing.\n" in shown.text
    assert "now find `birds`: “Birds”, “feathered friends”" in shown.text
    assert shown.labels == ["Apply", "Edit again", "Cancel"]
    assert files(bot.folder) == before
    said = await press(fake, shown, "Apply")
    assert said == "Done: `birds` was added. That is what members get from now on."
    assert files(bot.folder) == before | {"birds.yaml": BIRDS.encode()}
    card = await fake.slash("brief", {"query": "feathered friends"})
    assert "Birds are animals that sing." in card.text
    assert re.search(r"Last changed <t:\d+:D>", card.text)


async def test_a_question_that_another_brief_answers_is_said_before_it_is_added(
    fake: FakeDiscord, bot: Running
) -> None:
    shown = await add(fake, "birds", BIRDS + "questions: [Who is it that let out the cat?]\n")
    assert "asks the same as 'Who let the cats out?' of 'cats'; keep it in one of them" in shown.text
    assert shown.labels == ["Apply", "Edit again", "Cancel"]


WRONG = {
    "an unknown key": ("birds", BIRDS + "titel: x\n", "birds.yaml:6:1: unknown key 'titel'"),
    "a missing key": ("birds", "title: Birds\n", "birds.yaml:1:1: the key 'as_of' is missing; add it"),
    "no such day": ("birds", BIRDS.replace("2024-10", "2024-13"), "as_of: is a day that does not exist"),
    "no YAML": ("birds", "title: [Birds\n", "birds.yaml:"),
    "a phrase of another": (
        "birds",
        BIRDS + "questions: [Kitties?]\n",
        "'Kitties?' also belongs to 'cats' (cats.yaml:3)",
    ),
    "no such brief": ("birds", BIRDS + "related: [cat]\n", "related: there is no brief 'cat'; did you mean 'cats'?"),
    "an id that is taken": ("cats", BIRDS, "there is a brief with this id already"),
    "an id with a space": ("My Brief!", BIRDS, "My Brief!.yaml:1:1: the file's name is the brief's id"),
    "an id that leads out": ("../x", BIRDS, "x.yaml:1:1: the file's name is the brief's id"),
    "an id from the root": ("/tmp/x", BIRDS, "x.yaml:1:1: the file's name is the brief's id"),
    "an id that would hide": (".birds", BIRDS, ".birds.yaml:1:1: the file's name is the brief's id"),
    "an id and the text": ("../x", "title: Birds\n", "the key 'as_of' is missing; add it"),
}


async def test_a_mistake_comes_back_with_its_place_and_a_form_that_holds_what_was_typed(
    fake: FakeDiscord, bot: Running
) -> None:
    before, beside = files(bot.folder), {path.name for path in bot.folder.parent.iterdir()}
    for case, (brief, text, complaint) in WRONG.items():
        shown = await add(fake, brief, text)
        assert shown.text.startswith("Nothing was changed, for this would be wrong:"), case
        assert complaint in shown.text, case
        assert str(bot.folder.parent) not in shown.text, case
        assert shown.labels == ["Edit again"], case
        again = await fake.press(shown, "Edit again")
        assert form(again) == {"id": brief, "text": text}, case
    assert files(bot.folder) == before
    assert {path.name for path in bot.folder.parent.iterdir()} == beside
    assert not Path("/tmp/x.yaml").exists()


async def test_the_template_for_a_new_brief_is_refused_wherever_it_was_not_filled_in(
    fake: FakeDiscord, bot: Running
) -> None:
    opened = await fake.slash("briefs add", {"as_yaml": True}, **ADMIN)
    shown = await fake.submit(opened, {"id": "birds"})
    said = await settled(shown)
    assert said.count("is still TODO; write it") == form(opened)["text"].count("TODO")


async def test_what_was_typed_is_still_there_after_a_restart_and_goes_on_to_be_applied(
    fake: FakeDiscord, start: Start
) -> None:
    await start()
    shown = await add(fake, "birds", BIRDS + "titel: x\n")
    bot = await start()
    again = await fake.press(shown, "Edit again")
    assert form(again) == {"id": "birds", "text": BIRDS + "titel: x\n"}
    mended = await fake.submit(again, {"text": BIRDS})
    assert "### Add `birds`?" in await settled(mended)
    bot = await start()
    assert "was added" in await press(fake, mended, "Apply")
    assert files(bot.folder)["birds.yaml"] == BIRDS.encode()


async def test_an_edit_writes_exactly_what_was_typed_and_pressing_again_is_harmless(
    fake: FakeDiscord, bot: Running
) -> None:
    opened = await fake.slash("briefs edit", {"brief": "Cats", "as_yaml": True}, **ADMIN)  # Discord may send the title
    assert form(opened) == {"text": CATS}
    typed = HISSING.replace("[kitties]  #", "[kitties, moggies]  #")
    shown = await fake.submit(opened, {"text": typed})
    assert "### Change `cats`?" in await settled(shown)
    lines = "-summary: Cats are animals that purr.\n+summary: Cats are animals that hiss."
    assert lines in await diff(fake, shown)
    assert "**Summary**\nbefore: Cats are animals that ~~purr~~.\nnow: Cats are animals that **hiss**." in shown.text
    assert "1 question now finds `cats`: “moggies”" in shown.text
    first, second = await asyncio.gather(fake.press(shown, "Apply"), fake.press(shown, "Apply"))
    said = [await settled(each) for each in (first, second)]
    assert all("`cats` was edited" in each or "nothing was changed" in each for each in said), said
    assert files(bot.folder)["cats.yaml"] == typed.encode()
    assert "hiss" in (await fake.slash("brief", {"query": "moggies"})).text
    assert [row["action"] for row in rows(bot, "versions") if row["brief"] == "cats"] == ["found", "edit"]


async def test_an_edit_that_changes_nothing_says_so(fake: FakeDiscord, bot: Running) -> None:
    shown = await edit(fake, "cats", CATS)
    assert shown.text == "That is what the brief says already; nothing was changed."
    assert shown.labels == []


async def test_cancelling_drops_the_proposal(fake: FakeDiscord, bot: Running) -> None:
    before = kept(bot)
    shown = await edit(fake, "cats", HISSING)
    assert await press(fake, shown, "Cancel") == "Nothing was changed."
    assert shown.labels == []
    assert kept(bot) == before


async def test_a_text_that_no_form_can_hold_comes_as_a_file_to_upload(fake: FakeDiscord, bot: Running) -> None:
    long = CATS + "# nothing but a comment\n" * 200
    write(bot.folder, {"cats.yaml": long})
    shown = await command(fake, "edit", brief="cats", as_yaml=True)
    assert shown.modal is None
    assert "`/briefs upload`" in shown.text
    assert await attached(fake, shown) == {"cats.yaml": long.encode()}
    changed = await fake.slash(
        "briefs upload", {"file": Upload("cats.yaml", long.replace("purr", "hiss").encode())}, **ADMIN
    )
    assert "Add or replace `cats`?" in await settled(changed)
    assert changed.labels == ["Apply", "As of today", "Cancel"]


async def test_the_file_of_a_brief_can_be_mended_while_it_is_broken(fake: FakeDiscord, bot: Running) -> None:
    write(bot.folder, {"birds.yaml": "title: Birds\n"})
    assert form(await fake.slash("briefs edit", {"brief": "birds", "as_yaml": True}, **ADMIN)) == {
        "text": "title: Birds\n"
    }
    shown = await edit(fake, "birds", BIRDS)
    assert "That is what members get from now on." in await press(fake, shown, "Apply")
    assert "sing" in (await fake.slash("brief", {"query": "birds"})).text


async def test_what_is_no_brief_is_said_to_be_none(fake: FakeDiscord, bot: Running) -> None:
    for name in ("show", "edit", "remove", "history", "undo"):
        for typed in ("nope", "../x", "@everyone **", "x" * 6000):
            said = (await command(fake, name, brief=typed)).text
            assert "There is no brief “" in said or "” has no history" in said, (name, typed)
            assert len(said) < 250


async def test_two_admins_never_overwrite_each_other_unseen(fake: FakeDiscord, bot: Running) -> None:
    first = await fake.slash("briefs edit", {"brief": "cats", "as_yaml": True}, **ADMIN)
    second = await fake.slash("briefs edit", {"brief": "cats", "as_yaml": True}, **OTHER)
    theirs = await fake.submit(first, {"text": HISSING})
    await settled(theirs)
    await press(fake, theirs, "Apply")
    mine = await fake.submit(second, {"text": CATS.replace("A cat", "A vet")})
    said = await settled(mine)
    assert OVERTAKEN.search(said)
    for line in ("-summary: Cats are animals that hiss.", "+summary: Cats are animals that purr.", "+  - name: A vet"):
        assert line in await diff(fake, mine)
    assert b"hiss" in files(bot.folder)["cats.yaml"]
    await press(fake, mine, "Apply")
    assert files(bot.folder)["cats.yaml"] == CATS.replace("A cat", "A vet").encode()


async def test_the_notice_of_an_edit_in_between_is_not_lost_by_a_mistake(fake: FakeDiscord, bot: Running) -> None:
    mine = await fake.slash("briefs edit", {"brief": "cats", "as_yaml": True}, **ADMIN)
    await press(fake, await edit(fake, "cats", HISSING, OTHER), "Apply")
    wrong = await fake.submit(mine, {"text": CATS + "titel: x\n"})
    assert "unknown key" in await settled(wrong)
    again = await fake.submit(await fake.press(wrong, "Edit again"), {"text": CATS + "status: confirmed\n"})
    assert OVERTAKEN.search(await settled(again))


@pytest.mark.parametrize("theirs", [SHIPS.replace("over", "across"), None], ids=["saved", "deleted"])
async def test_a_change_outside_discord_between_preview_and_apply_is_shown_before_anything_is_written(
    fake: FakeDiscord, bot: Running, theirs: str | None
) -> None:
    shown = await edit(fake, "ships", SHIPS.replace("sea", "ocean"))
    path = bot.folder / "ships.yaml"
    path.write_text(theirs) if theirs else path.unlink()
    between = files(bot.folder)
    said = await press(fake, shown, "Apply")
    assert OVERTAKEN.search(said)
    assert files(bot.folder) == between
    assert "Done" in await press(fake, shown, "Apply")
    assert files(bot.folder)["ships.yaml"] == SHIPS.replace("sea", "ocean").encode()


async def test_a_disk_that_is_full_changes_nothing_and_is_said_in_plain_words(
    fake: FakeDiscord, bot: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = await edit(fake, "cats", HISSING)
    before, versions = files(bot.folder), rows(bot, "versions")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        said = await settled(await fake.press(shown, "Apply"))
    assert said == "the change cannot be written (No space left on device); mend the folder of the briefs"
    assert (files(bot.folder), rows(bot, "versions")) == (before, versions)
    assert "was edited" in await press(fake, shown, "Apply")


async def test_a_file_that_is_mounted_by_itself_leaves_all_files_as_they_were_and_that_is_said(
    fake: FakeDiscord, bot: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    birds = f"{BIRDS}related: [cats]\n"
    changed = {"birds.yaml": birds, "cats.yaml": HISSING, "dogs.yaml": DOGS.replace("bark", "howl")}
    uploads = [Upload(name, text.encode()) for name, text in changed.items()]
    options = dict(zip(("file", "file2", "file3"), uploads, strict=True))
    shown = await fake.slash("briefs upload", options, **ADMIN)
    await settled(shown)
    before, replace = kept(bot), os.replace

    def busy(old: Path, new: Path) -> None:
        if new.name == "dogs.yaml":
            raise OSError(errno.EBUSY, "Device or resource busy")
        replace(old, new)

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", busy)
        said = await settled(await fake.press(shown, "Apply"))
    assert said == "dogs.yaml cannot be replaced, for it is mounted by itself; mount the folder of the briefs instead"
    assert kept(bot) == before
    assert "purr" in (await fake.slash("brief", {"query": "cats"})).text


async def test_a_problem_of_another_file_keeps_no_change_waiting_and_that_is_said(
    fake: FakeDiscord, bot: Running
) -> None:
    write(bot.folder, {"birds.yaml": "title: Birds\n"})
    shown = await edit(fake, "cats", HISSING)
    assert "⚠️ Some files are wrong and not used; what was last good of each is in use, if there is any." in shown.text
    assert "That is what members get from now on." in await press(fake, shown, "Apply")
    assert files(bot.folder)["cats.yaml"] == HISSING.encode()
    assert "Some files are wrong" in (await command(fake, "list")).text
    assert "hiss" in (await fake.slash("brief", {"query": "cats"})).text


async def test_no_text_of_a_file_has_an_effect_in_a_preview(fake: FakeDiscord, bot: Running) -> None:
    hostile = "``` ```` ````` **bold** @everyone <@1> [a](https://evil.example)"
    shown = await add(fake, "birds", brief_text(title=f"Birds {hostile}", questions=[hostile]))
    assert shown.labels == ["Apply", "Edit again", "Cancel"]
    read = MEANT.sub("", shown.text)
    assert re.findall(r"(?<!\\)[`*@\[<]", read) == [], read
    assert "```" not in (await add(fake, "birds", f"title: '{hostile}'\n{hostile}: x\n")).text[60:-4]


async def test_a_long_change_with_much_effect_and_many_doubts_still_fits_and_its_diff_comes_as_a_file(
    fake: FakeDiscord, bot: Running
) -> None:
    texts: list[str] = []
    for n in range(5):
        questions = [f"What do birds of kind {n} eat {m}?" for m in range(8)]
        new = brief_text(title=f"Birds of kind {n}", questions=questions, as_of="2999-01", expires="2001-01")
        texts.append("# nothing but a comment\n" * 50 + new)
    uploads = {
        f"file{n + 1}" if n else "file": Upload(f"{'birds' * 12}-{n}.yaml", text.encode())
        for n, text in enumerate(texts)
    }
    shown = await fake.slash("briefs upload", uploads, **ADMIN)
    said = await settled(shown)
    assert "### Add or replace `birdsbirds" in said
    assert re.search(r"- \d+ questions now find `birds", said)
    assert re.search(r"⚠️ birds\w+\\?-0.yaml:53:8: as\\_of: 2999-01 has not come yet", said)
    lines = (await diff(fake, shown)).splitlines()
    assert [line[1:] for line in lines if line.startswith("+")] == "".join(texts).splitlines()
    assert shown.labels == ["Apply", "Cancel"]

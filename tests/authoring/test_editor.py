"""Changing the base: what a proposal would do, and that applying it is all or nothing and overwrites nobody's work."""

import asyncio
import os
import re
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.answering.matcher import Matcher
from bot.authoring.editor import BaseEditor
from bot.authoring.folder_lock import NAME
from bot.authoring.keeper import BaseKeeper
from bot.authoring.preview import AnswerChange
from bot.briefs.brief_file import read_brief
from bot.briefs.change import Action, Change, digest
from bot.briefs.journal import Journal
from bot.briefs.loader import Loaded, load
from bot.errors import BotError, BriefsError, ConflictError, RequestError
from tests.brief_files import brief_text, write
from tests.processes import heeding_permissions
from tools.environment import HANGS, environment
from tools.matchers import matcher_of

ADMIN = 77
SHIPS = brief_text(title="Ships", aliases=["boats"])
WEAPONS = brief_text(title="Weapons", aliases=["guns"])
TROOPS = brief_text(title="Troops", aliases=["soldiers"], related=["ships"])
ARKS = brief_text(title="Arks", questions=["Who built the ark?"])


@dataclass
class Kept:
    """The history, as a list."""

    versions: list[tuple[str, str | None, str, int | None]] = field(default_factory=list)

    def note(self, journal: Journal | None) -> None:
        if journal:
            texts = {entry.brief: None if entry.after is None else entry.after.decode() for entry in journal.entries}
            self.versions += [(brief, text, journal.action, journal.user) for brief, text in texts.items()]


@dataclass
class Desk:
    """An editor over real files."""

    folder: Path
    keeper: BaseKeeper
    history: Kept
    editor: BaseEditor

    async def applied(self, action: Action, texts: dict[str, str | None]) -> bool:
        return await self.editor.apply(await self.editor.change_to(action, texts), ADMIN)

    def files(self) -> dict[str, str]:
        """Return every file that lies in the folder, however it is named."""
        return {path.name: path.read_text() for path in self.folder.iterdir() if path.is_file() and path.name != NAME}


def desk_over(folder: Path) -> Desk:
    history = Kept()

    async def publish(loaded: Loaded, _matcher: Matcher) -> None:
        history.note(loaded.journal)

    keeper = BaseKeeper(folder, matcher_of(load(folder).base), matcher_of, publish)
    return Desk(folder, keeper, history, BaseEditor(keeper))


def desk_in(place: Path) -> Desk:
    place.mkdir(exist_ok=True)
    return desk_over(write(place / "briefs", {"ships.yaml": SHIPS, "weapons.yaml": WEAPONS, "troops.yaml": TROOPS}))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return desk_in(tmp_path)


async def problems_of(call: Awaitable[object]) -> list[str]:
    """Return what a change is refused for, each as ``name:line:column: message``."""
    with pytest.raises(BriefsError) as refusal:
        await call
    return [f"{Path(problem.path).name}:{str(problem)[len(problem.path) + 1 :]}" for problem in refusal.value.problems]


# Finding and reading


@pytest.mark.parametrize(
    ("typed", "found"),
    [("ships", "ships"), ("Ships", "ships"), (" SHIPS ", "ships"), ("Troops", "troops"), ("guns", "weapons"),
     ("unknown", "unknown"), (" Unknown\n", "unknown"), ("../x", "../x"), ("", "")],
)  # fmt: skip
def test_a_brief_is_found_by_its_id_or_title_and_what_is_neither_is_taken_for_an_id(
    desk: Desk, typed: str, found: str
) -> None:
    assert desk.editor.id_of(typed) == found


def test_an_id_beats_a_title_of_the_same_words(tmp_path: Path) -> None:
    files = {"a.yaml": brief_text(title="B-1"), "b-1.yaml": brief_text(title="Other")}
    desk = desk_over(write(tmp_path / "briefs", files))
    assert desk.editor.id_of("b-1") == "b-1"
    assert desk.editor.id_of("B 1") == "a"


@pytest.mark.parametrize(
    ("content", "text"),
    [(SHIPS.encode(), SHIPS), (b"\xef\xbb\xbfa: b\r\n", "a: b\r\n"), (b"", ""), (b"a\xffb", "a\ufffdb")],
    ids=["plain", "BOM and CRLF", "empty", "no UTF-8"],
)
async def test_the_text_of_a_file_is_read_whatever_it_holds(desk: Desk, content: bytes, text: str) -> None:
    write(desk.folder, {"ships.yaml": content})
    assert await desk.editor.text("ships") == text


@pytest.mark.parametrize(
    "brief", ["unknown", "Ships", "ships.yaml", "../secret", "drafts/a", "/etc/passwd", "", "a\0b", ".."]
)
async def test_what_is_no_brief_of_the_folder_has_no_text(desk: Desk, brief: str) -> None:
    write(desk.folder.parent, {"secret.yaml": SHIPS})
    write(desk.folder / "drafts", {"a.yaml": SHIPS})
    assert await desk.editor.text(brief) is None


@pytest.mark.parametrize(
    "make",
    [
        lambda path: path.symlink_to("../secret.yaml"),
        lambda path: path.symlink_to("nowhere"),
        lambda path: path.mkdir(),
        os.mkfifo,
        lambda path: path.write_bytes(b"x" * (1 << 21)),
    ],
    ids=["link out", "dangling link", "folder", "FIFO", "too large"],
)
async def test_a_file_that_cannot_be_read_is_refused_by_its_name(desk: Desk, make: Callable[[Path], object]) -> None:
    write(desk.folder.parent, {"secret.yaml": SHIPS})
    make(desk.folder / "odd.yaml")
    for call in (desk.editor.text("odd"), desk.editor.change_to("edit", {"odd": ARKS})):
        with pytest.raises(RequestError, match=r"^odd\.yaml "):
            await call
    assert not desk.history.versions


# Previews


async def test_a_preview_shows_the_lines_the_moved_answers_and_the_doubts_and_writes_nothing(desk: Desk) -> None:
    before = desk.files()
    text = brief_text(title="Ships", aliases=["barges"], expires="2024-11")
    change = await desk.editor.change_to("edit", {"ships": text})
    preview = await desk.editor.preview(change, ["barges", "qwertyzxc"])
    assert '-aliases: ["boats"]' in preview.lines
    assert '+expires: "2024-11"' in preview.lines
    assert set(preview.answer_changes) == {AnswerChange("boats", "ships", None), AnswerChange("barges", None, "ships")}
    assert [doubt.message.split(" on ")[0] for doubt in preview.warnings] == ["expired"]
    assert preview.problems == ()
    assert desk.files() == before
    assert desk.keeper.matcher.named("boats")


async def test_what_was_asked_lately_is_tried_and_each_phrase_once(desk: Desk) -> None:
    change = await desk.editor.change_to("add", {"arks": ARKS})
    preview = await desk.editor.preview(change, ["who biult the ark", "boats", "boats"])
    assert AnswerChange("who biult the ark", None, "arks") in preview.answer_changes
    phrases = {"Arks", "Who built the ark?", "who biult the ark", "Ships", "boats", "Weapons", "guns", "Troops",
               "soldiers"}  # fmt: skip
    assert preview.asked == len(phrases)


@pytest.mark.slow
async def test_no_more_phrases_are_tried_than_take_a_second(desk: Desk) -> None:
    change = await desk.editor.change_to("add", {"arks": ARKS})
    preview = await desk.editor.preview(change, [f"question {n}" for n in range(3000)])
    assert preview.asked == 1000
    assert AnswerChange("Arks", None, "arks") in preview.answer_changes


async def test_a_removal_moves_the_questions_of_the_brief(desk: Desk) -> None:
    preview = await desk.editor.preview(await desk.editor.change_to("remove", {"weapons": None}), [])
    assert AnswerChange("guns", "weapons", None) in preview.answer_changes
    assert preview.lines[0] == "weapons.yaml"
    assert all(line[0] in "-@" for line in preview.lines[1:])


BAD: dict[str, tuple[dict[str, str | None], list[str]]] = {
    "an invalid text": ({"ships": "titel: Ships\n"}, ["ships.yaml:1:1"] * 5),
    "another brief's phrase": ({"arks": brief_text(title="Arks", aliases=["Guns"])}, ["arks.yaml:5:11"]),
    "an unknown relation": ({"arks": brief_text(title="Arks", related=["shps"])}, ["arks.yaml:5:11"]),
    "a relation that is lost": ({"ships": None}, ["troops.yaml:6:11"]),
    "two that share a phrase": (
        {"a": brief_text(title="A", aliases=["x"]), "b": brief_text(title="B", aliases=["x"])}, ["b.yaml:5:11"]
    ),
    "an id that is none": ({"Arks": ARKS}, ["Arks.yaml:1:1"]),
    "an id with an end": ({"arks.yaml": ARKS}, ["arks.yaml.yaml:1:1"]),
    "an empty text": ({"ships": ""}, ["ships.yaml:1:1"]),
    "a lone surrogate": ({"ships": SHIPS + "# \ud800"}, ["ships.yaml:6:3"]),
    "everything gone": ({"ships": None, "weapons": None, "troops": None}, ["briefs:1:1"]),
}  # fmt: skip


@pytest.mark.parametrize(("texts", "places"), BAD.values(), ids=BAD)
async def test_what_is_wrong_because_of_a_change_refuses_its_preview_and_its_use(
    desk: Desk, texts: dict[str, str | None], places: list[str]
) -> None:
    before, matcher = desk.files(), desk.keeper.matcher
    change = await desk.editor.change_to("edit", texts)
    for call in (desk.editor.preview(change, []), desk.editor.apply(change, ADMIN)):
        found = [problem.split(": ")[0] for problem in await problems_of(call)]
        assert sorted(set(found)) == sorted(set(places))
    assert desk.files() == before
    assert desk.keeper.matcher is matcher
    assert desk.history.versions == []


@pytest.mark.parametrize("action", ["add", "edit", "upload"])
@pytest.mark.parametrize("others", [{}, {"bad.yaml": "title:"}], ids=["a valid base", "a base with problems"])
async def test_a_text_that_a_comment_cuts_short_is_refused_where_it_is_submitted(
    desk: Desk, action: Action, others: dict[str, str]
) -> None:
    write(desk.folder, others)
    change = await desk.editor.change_to(action, {"ships": SHIPS.replace('"Ships"', "Ships #1")})
    (preview,) = await problems_of(desk.editor.preview(change, []))
    assert preview.startswith("ships.yaml:1:8: title: '#1' is a comment to YAML")
    assert await problems_of(desk.editor.apply(change, ADMIN)) == [preview]


@pytest.mark.parametrize("action", ["undo", "alias"])
async def test_a_comment_that_was_there_before_keeps_nothing_from_being_undone(desk: Desk, action: Action) -> None:
    assert await desk.applied(action, {"ships": SHIPS.replace('"Ships"', "Ships #1")})


async def test_problems_of_other_files_neither_refuse_a_change_nor_keep_it_from_being_used(desk: Desk) -> None:
    write(desk.folder, {"weapons.yaml": "titel: Weapons\n"})
    change = await desk.editor.change_to("add", {"arks": ARKS})
    preview = await desk.editor.preview(change, ["arks"])
    assert {Path(problem.path).name for problem in preview.problems} == {"weapons.yaml"}
    assert '+title: "Arks"' in preview.lines
    assert AnswerChange("Arks", None, "arks") in preview.answer_changes
    assert await desk.editor.apply(change, ADMIN)
    assert desk.files()["arks.yaml"] == ARKS
    assert desk.keeper.matcher.named("arks")
    assert desk.keeper.matcher.named("guns")
    assert {Path(problem.path).name for problem in desk.keeper.problems} == {"weapons.yaml"}
    assert await desk.applied("edit", {"weapons": WEAPONS})
    assert desk.keeper.problems == ()


async def test_a_file_with_problems_may_not_be_replaced_by_one_with_the_same_problems(desk: Desk) -> None:
    write(desk.folder, {"weapons.yaml": "titel: Weapons\n"})
    change = await desk.editor.change_to("edit", {"weapons": "titel: Weapons\n# really\n"})
    assert all(problem.startswith("weapons.yaml:") for problem in await problems_of(desk.editor.preview(change, [])))


async def test_a_folder_named_by_a_dot_is_no_other(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(desk.folder)
    here = desk_over(Path())
    write(desk.folder, {"weapons.yaml": "titel: Weapons\n"})
    change = await here.editor.change_to("edit", {"weapons": "titel: Weapons\n# really\n"})
    assert await problems_of(here.editor.preview(change, []))


# Applying


async def test_a_change_is_written_kept_and_used_at_once(desk: Desk) -> None:
    assert await desk.applied("add", {"arks": ARKS})
    assert desk.files()["arks.yaml"] == ARKS
    assert desk.keeper.matcher.named("arks")
    assert await desk.applied("remove", {"arks": None})
    assert "arks.yaml" not in desk.files()
    assert not desk.keeper.matcher.named("arks")
    assert desk.history.versions == [("arks", ARKS, "add", ADMIN), ("arks", None, "remove", ADMIN)]


async def test_several_files_change_together(desk: Desk) -> None:
    ships = brief_text(title="Ships", aliases=["guns"])
    weapons = brief_text(title="Weapons", aliases=["boats"])
    assert await desk.applied("upload", {"ships": ships, "weapons": weapons, "arks": ARKS})
    assert desk.files() == {"ships.yaml": ships, "weapons.yaml": weapons, "arks.yaml": ARKS, "troops.yaml": TROOPS}
    found = desk.keeper.matcher.named("guns")
    assert found
    assert found.id == "ships"
    assert [version[0] for version in desk.history.versions] == ["ships", "weapons", "arks"]


@pytest.mark.parametrize(
    "text", [ARKS.replace("\n", "\r\n"), ARKS.rstrip("\n"), ARKS + "# é 🚢\n"], ids=["CRLF", "no end", "é"]
)
async def test_a_text_is_written_byte_for_byte(desk: Desk, text: str) -> None:
    assert await desk.applied("add", {"arks": text})
    assert (desk.folder / "arks.yaml").read_bytes() == text.encode()


async def test_undoing_a_change_leads_back_to_the_same_files(desk: Desk) -> None:
    before, base = desk.files(), desk.keeper.matcher.base
    texts: dict[str, str | None] = {"ships": brief_text(title="Boats"), "arks": ARKS, "weapons": None}
    back = {brief: await desk.editor.text(brief) for brief in texts}
    assert await desk.applied("upload", texts)
    assert desk.files() != before
    assert await desk.applied("undo", back)
    assert desk.files() == before
    assert desk.keeper.matcher.base == base


async def test_an_alias_becomes_part_of_the_file_and_finds_its_brief(desk: Desk) -> None:
    assert await desk.editor.apply(await desk.editor.with_aliases("ships", ["  big \n boats"]), ADMIN)
    assert desk.files()["ships.yaml"] == SHIPS.replace('["boats"]', '["boats", "big boats"]')
    assert desk.keeper.matcher.named("big boats")
    assert [version[2] for version in desk.history.versions] == ["alias"]


async def test_an_alias_that_another_brief_has_is_refused(desk: Desk) -> None:
    change = await desk.editor.with_aliases("ships", ["guns"])
    assert await problems_of(desk.editor.apply(change, ADMIN))
    assert desk.files()["ships.yaml"] == SHIPS


@pytest.mark.parametrize("content", [b"titel: x\n", b"", SHIPS.encode() + b"# \xff\n", None])
async def test_a_file_that_is_not_valid_gets_no_alias(desk: Desk, content: bytes | None) -> None:
    if content is None:
        (desk.folder / "ships.yaml").unlink()
    else:
        write(desk.folder, {"ships.yaml": content})
    with pytest.raises(RequestError):
        await desk.editor.with_aliases("ships", ["big boats"])


@pytest.mark.parametrize("brief", ["../x", "../../x", "drafts/x", "/tmp/briefbot-x", "./x", "..", "a\0b"])
@pytest.mark.parametrize("text", [ARKS, None], ids=["write", "remove"])
async def test_an_id_cannot_lead_out_of_the_folder(desk: Desk, brief: str, text: str | None) -> None:
    for place in (desk.folder.parent, desk.folder.parent.parent, desk.folder / "drafts"):
        write(place, {"x.yaml": WEAPONS})
    change = Change("add", {brief: text}, {brief: None})
    for call in (desk.editor.preview(change, []), desk.editor.apply(change, ADMIN)):
        with pytest.raises(BotError):
            await call
    for place in (desk.folder.parent, desk.folder.parent.parent, desk.folder / "drafts"):
        assert (place / "x.yaml").read_text() == WEAPONS
    assert not Path("/tmp/briefbot-x.yaml").exists()
    assert desk.history.versions == []


# Two admins at once


def edited(desk: Desk) -> None:
    write(desk.folder, {"ships.yaml": SHIPS + "# mine\n"})


def vanished(desk: Desk) -> None:
    (desk.folder / "ships.yaml").unlink()
    write(desk.folder, {"troops.yaml": brief_text(title="Troops")})


def appeared(desk: Desk) -> None:
    write(desk.folder, {"arks.yaml": ARKS + "# mine\n"})


def replaced_by_a_link_out(desk: Desk) -> None:
    write(desk.folder.parent, {"secret.yaml": SHIPS})
    (desk.folder / "ships.yaml").unlink()
    (desk.folder / "ships.yaml").symlink_to("../secret.yaml")


@pytest.mark.parametrize("meanwhile", [edited, vanished, appeared, replaced_by_a_link_out])
@pytest.mark.parametrize("text", [brief_text(title="Boats"), None], ids=["edit", "remove"])
async def test_what_somebody_else_did_meanwhile_is_not_overwritten(
    desk: Desk, meanwhile: Callable[[Desk], None], text: str | None
) -> None:
    write(desk.folder, {"troops.yaml": brief_text(title="Troops")})
    change = await desk.editor.change_to("upload", {"ships": text, "arks": ARKS})
    meanwhile(desk)
    now, links = desk.files(), [path.name for path in desk.folder.iterdir() if path.is_symlink()]
    with pytest.raises(RequestError) as refusal:
        await desk.editor.apply(change, ADMIN)
    assert isinstance(refusal.value, ConflictError) == (meanwhile is not replaced_by_a_link_out)
    assert desk.files() == now
    assert [path.name for path in desk.folder.iterdir() if path.is_symlink()] == links
    assert desk.history.versions == []


async def test_of_two_changes_to_one_file_at_once_the_second_is_a_conflict(desk: Desk) -> None:
    first, second = [
        await desk.editor.change_to("edit", {"ships": brief_text(title=title)}) for title in ("First", "Second")
    ]
    done = await asyncio.gather(desk.editor.apply(first, 1), desk.editor.apply(second, 2), return_exceptions=True)
    assert done[0] is True
    assert isinstance(done[1], ConflictError)
    assert [version[3] for version in desk.history.versions] == [1]
    assert desk.keeper.matcher.named("First")


async def test_a_change_that_conflicts_can_be_proposed_anew(desk: Desk) -> None:
    change = await desk.editor.change_to("edit", {"ships": brief_text(title="Boats")})
    edited(desk)
    with pytest.raises(ConflictError):
        await desk.editor.apply(change, ADMIN)
    again = await desk.editor.change_to(change.action, dict(change.texts))
    assert again.replaces == {"ships": digest(SHIPS + "# mine\n")}
    assert await desk.editor.apply(again, ADMIN)


# Files


@pytest.mark.slow
async def test_whoever_reads_meanwhile_sees_the_old_content_or_the_new(desk: Desk) -> None:
    texts = [SHIPS + "# a" * 20_000, SHIPS + "# b" * 20_000]
    await desk.applied("edit", {"ships": texts[0]})
    seen: set[str] = set()
    ended = threading.Event()

    def read() -> None:
        while not ended.is_set():
            seen.add((desk.folder / "ships.yaml").read_text())

    reading = asyncio.create_task(asyncio.to_thread(read))
    for n in range(20):
        await desk.applied("edit", {"ships": texts[(n + 1) % 2]})
    ended.set()
    await reading
    assert seen == set(texts)


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o666])
async def test_a_file_keeps_its_mode(desk: Desk, mode: int) -> None:
    path = desk.folder / "ships.yaml"
    path.chmod(mode)
    assert await desk.applied("edit", {"ships": brief_text(title="Boats")})
    assert path.stat().st_mode & 0o777 == mode


async def test_a_new_file_can_be_read_by_all_and_written_by_one(desk: Desk) -> None:
    before = os.umask(0o022)
    assert await desk.applied("add", {"arks": ARKS})
    os.umask(before)
    assert (desk.folder / "arks.yaml").stat().st_mode & 0o777 == 0o644


async def test_a_link_within_the_folder_stays_one_when_its_brief_is_edited(desk: Desk) -> None:
    write(desk.folder / "data", {"arks": ARKS})
    (desk.folder / "arks.yaml").symlink_to("data/arks")
    text = brief_text(title="Arks", aliases=["ark"])
    assert await desk.applied("edit", {"arks": text})
    assert os.readlink(desk.folder / "arks.yaml") == "data/arks"
    assert (desk.folder / "data" / "arks").read_text() == text
    assert os.listdir(desk.folder / "data") == ["arks"]


async def test_removing_a_brief_removes_its_link(desk: Desk) -> None:
    write(desk.folder / "data", {"arks": ARKS})
    (desk.folder / "arks.yaml").symlink_to("data/arks")
    assert await desk.applied("remove", {"arks": None})
    assert not os.path.lexists(desk.folder / "arks.yaml")
    assert load(desk.folder).base == desk.keeper.matcher.base


LOCKED = """
import asyncio, sys
from pathlib import Path
from bot.errors import RequestError
from tests.authoring.test_editor import desk_over

async def main(folder, texts):
    desk = desk_over(Path(folder))
    try:
        await desk.applied("upload", texts)
    except RequestError as error:
        print(error, desk.history.versions)

for folder, texts in eval(sys.argv[1]):
    asyncio.run(main(folder, texts))
"""

UNWRITABLE: list[tuple[str, dict[str, str | None]]] = [
    (".", {"ships": brief_text(title="Boats")}),
    (".", {"arks": ARKS}),
    (".", {"weapons": None}),
    (".", {"ships": brief_text(title="Boats"), "weapons": None}),
    ("data", {"ships": brief_text(title="Boats"), "weapons": None, "linked": ARKS + "# changed"}),
]
"""What may not be written, and a change that would have to."""


@pytest.mark.slow
def test_what_cannot_be_written_is_refused_and_leaves_everything_as_it_was(tmp_path: Path) -> None:
    desks = [desk_in(tmp_path / str(number)) for number, _ in enumerate(UNWRITABLE)]
    for desk in desks:
        write(desk.folder / "data", {"arks": ARKS.replace("Arks", "Linked").replace("Who", "Whoever")})
        (desk.folder / "linked.yaml").symlink_to("data/arks")
    before = desks[0].files()
    for desk, (locked, _) in zip(desks, UNWRITABLE, strict=True):
        (desk.folder / locked).chmod(0o555)
    changes = [(str(desk.folder), texts) for desk, (_, texts) in zip(desks, UNWRITABLE, strict=True)]
    done = subprocess.run(
        [*heeding_permissions(), sys.executable, "-c", LOCKED, repr(changes)],
        env=environment(tmp_path), capture_output=True, timeout=HANGS, check=False,
    )  # fmt: skip
    for desk, (locked, _) in zip(desks, UNWRITABLE, strict=True):
        (desk.folder / locked).chmod(0o755)
    assert done.stderr == b""
    for desk, said in zip(desks, done.stdout.decode().splitlines(), strict=True):
        assert re.match(r"(the change|\w+\.yaml) cannot be written \(Permission denied\); mend the folder", said)
        assert said.endswith(" []")
        assert desk.files() == before
        assert os.listdir(desk.folder / "data") == ["arks"]


async def test_a_brief_that_is_written_is_the_brief_that_was_proposed(desk: Desk) -> None:
    assert await desk.applied("add", {"arks": ARKS})
    assert desk.keeper.matcher.base.briefs["arks"] == read_brief("arks.yaml", ARKS.encode()).brief


# Translations


def in_ukrainian(title: str, of: str | None = None) -> str:
    return (f'of: "{of}"\n' if of else "") + f"title: {title}\nsummary: Текст.\n"


def digest_of(text: str) -> str:
    brief = read_brief("ships.yaml", text.encode()).brief
    assert brief
    return brief.digest


@pytest.mark.parametrize(
    ("action", "of", "then"),
    [("edit", None, "now"), ("edit", "0" * 16, "now"), ("upload", None, "now"), ("upload", "0" * 16, "0" * 16)],
)
async def test_a_translation_that_is_written_says_of_what_and_an_uploaded_one_what_it_said(
    desk: Desk, action: Action, of: str | None, then: str
) -> None:
    assert await desk.applied(action, {"ships.uk": in_ukrainian("Кораблі", of)})
    base = desk.keeper.matcher.base
    assert base.translations["ships.uk"].of == (digest_of(SHIPS) if then == "now" else then)
    assert base.in_language("uk").briefs["ships"].title == "Кораблі"
    assert desk.editor.id_of(" Ships.UK ") == "ships.uk"


async def test_a_translation_that_comes_with_a_new_original_is_one_of_that(desk: Desk) -> None:
    ships = brief_text(title="Ships", summary="Other.")
    assert await desk.applied("upload", {"ships": ships, "ships.uk": in_ukrainian("Кораблі")})
    assert desk.keeper.matcher.base.translations["ships.uk"].of == digest_of(ships)


async def test_translations_are_removed_with_their_brief_and_one_can_be_undone_alone(desk: Desk) -> None:
    await desk.applied("edit", {"ships.uk": in_ukrainian("Кораблі")})
    await desk.applied("edit", {"ships.uk": in_ukrainian("Судна")})
    assert [brief for brief, *_ in desk.history.versions] == ["ships.uk"] * 2
    await desk.editor.apply(await desk.editor.removal("ships"), ADMIN)
    assert not {"ships.yaml", "ships.uk.yaml"} & desk.files().keys()
    assert not desk.keeper.problems


async def test_a_wrong_translation_is_refused_and_named(desk: Desk) -> None:
    change = await desk.editor.change_to("edit", {"ships.uk": in_ukrainian("Кораблі") + "facts: [{text: Факт}]\n"})
    assert await problems_of(desk.editor.preview(change, [])) == [
        "ships.uk.yaml:4:8: facts: there are 1, and the original has 0; have as many, in the same order"
    ]


async def test_an_alias_goes_into_the_translation_in_whose_language_it_is(desk: Desk) -> None:
    await desk.applied("edit", {"ships.uk": in_ukrainian("Кораблі в морі")})
    change = await desk.editor.with_all_aliases("ships", ["судна", "vessels", "човни"])
    assert list(change.texts) == ["ships.uk", "ships"]
    assert await desk.editor.apply(change, ADMIN)
    base = desk.keeper.matcher.base
    assert base.translations["ships.uk"].aliases == ("судна", "човни")
    assert base.briefs["ships"].aliases == ("boats", "vessels")
    other = await desk.editor.with_aliases("weapons", ["зброя"])
    assert list(other.texts) == ["weapons"], "without a translation the brief itself gets it"

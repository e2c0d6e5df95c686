"""What admins look up: the numbers, the files, and what is wrong with either."""

import asyncio
import io
import re
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from bot.briefs.loader import MAX_BYTES
from bot.reports.report import Stats
from tests.admins import ADMIN, FILES, attached, files, kept, press, settled
from tests.brief_files import brief_text, write
from tests.conftest import Start
from tools.fake_discord import MANAGER, Exchange, FakeDiscord, Guild, Where, components_of
from tools.running import Running

SECOND = Guild(1_555_000_000_000_000_000, "Second")
ELSEWHERE: Where = {"guild": SECOND, "permissions": MANAGER}


pytestmark = pytest.mark.briefs(FILES)


async def command(fake: FakeDiscord, name: str, who: Where = ADMIN, **options: object) -> Exchange:
    """Use a subcommand of `/briefs` and return what it says in the end."""
    shown = await fake.slash(f"briefs {name}", options, **who)
    if shown.callback and shown.callback["type"] == 5:
        await shown.filled(30)
    assert shown.ephemeral
    return shown


def drawn(monkeypatch: pytest.MonkeyPatch, picture: bytes | None) -> list[Stats]:
    """Have statistics drawn as ``picture`` and return what is asked to be drawn."""
    asked: list[Stats] = []

    async def draw(stats: Stats) -> bytes | None:
        asked.append(stats)
        return picture

    monkeypatch.setattr("bot.commands.admin.reporting_desk.draw", draw)
    return asked


def spoilt_by_a_large_file(folder: Path) -> None:
    write(folder, {"large.yaml": b"#" * (MAX_BYTES + 1)})


async def ask_some(fake: FakeDiscord) -> None:
    for query in ("cats", "kitties", "dogs", "wool"):
        await fake.slash("brief", {"query": query})
    await fake.slash("brief", {"query": "ships"}, guild=SECOND)


async def test_the_numbers_come_with_a_picture_that_is_described(fake: FakeDiscord, bot: Running) -> None:
    await ask_some(fake)
    shown = await command(fake, "stats")
    first, *top, legend = shown.text.splitlines()
    assert re.fullmatch(
        r"5 lookups in 30 days: 4 answered \(80%\), 0 suggested \(0%\), 1 missed \(20%\)\..*\d{4}-\d\d-\d\d.*5.*", first
    )
    assert top == ["**Shown most**", "1. Cats: 2", "2. Dogs: 1", "3. Cargo ships: 1"]
    assert legend == "-# Lookups a day (UTC): 🟦 answered · 🟧 suggested · 🟪 missed"
    (picture,) = (item for each in components_of(shown.message) for item in each.get("items", []))
    assert picture["description"] == first
    assert (await attached(fake, shown))["lookups.png"].startswith(b"\x89PNG\r\n")


async def test_nothing_asked_yet_is_a_sentence_without_a_picture(
    fake: FakeDiscord, bot: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = drawn(monkeypatch, b"picture")
    assert (await command(fake, "stats", days=7)).text == "No lookups in 7 days."
    assert (await command(fake, "stats", days=1)).text == "No lookups in 1 day."
    assert asked == []


async def test_the_numbers_come_even_if_the_picture_cannot_be_drawn(
    fake: FakeDiscord, bot: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ask_some(fake)
    drawn(monkeypatch, None)
    shown = await command(fake, "stats")
    assert shown.text.startswith("5 lookups in 30 days")
    assert await attached(fake, shown) == {}


async def test_of_ten_presses_at_once_one_picture_is_drawn_at_a_time_and_all_are_answered(
    fake: FakeDiscord, bot: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ask_some(fake)
    drawing, most = 0, 0

    async def draw(_stats: Stats) -> bytes:
        nonlocal drawing, most
        drawing += 1
        most = max(most, drawing)
        await asyncio.sleep(0.01)
        drawing -= 1
        return b"picture"

    monkeypatch.setattr("bot.commands.admin.reporting_desk.draw", draw)
    shown = await asyncio.gather(*(command(fake, "stats") for _ in range(10)))
    assert [each.text.startswith("5 lookups") for each in shown] == [True] * 10
    assert most == 1


async def test_how_many_days_are_counted_can_be_chosen(
    fake: FakeDiscord, bot: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = drawn(monkeypatch, b"picture")
    await ask_some(fake)
    with closing(sqlite3.connect(bot.database.name)) as other, other:
        other.execute("UPDATE lookups SET asked_at = '2026-01-01T00:00:00.000Z' WHERE brief = 'dogs'")
    assert "4 lookups in 1 day" in (await command(fake, "stats", days=1)).text
    assert "5 lookups in 365 days" in (await command(fake, "stats", days=365)).text
    assert [len(stats.days) for stats in asked] == [1, 365]


async def test_a_manager_of_another_server_sees_the_numbers_of_that_server_alone(
    fake: FakeDiscord, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn(monkeypatch, None)
    await start(home_guild_id=fake.guilds[0].id)
    await ask_some(fake)
    text = (await command(fake, "stats", ELSEWHERE)).text
    assert text.startswith("1 lookup in 30 days: 1 answered (100%)")
    assert "Cats" not in text
    assert "5 lookups" in (await command(fake, "stats")).text


async def test_the_export_holds_the_files_byte_for_byte_and_nothing_else(fake: FakeDiscord, bot: Running) -> None:
    write(bot.folder, {"schema.json": "{}", ".hidden.yaml": "x", "notes.txt": "x", "broken.yaml": "title: [\r\n"})
    shown = await command(fake, "export")
    with zipfile.ZipFile(io.BytesIO((await attached(fake, shown))["briefs.zip"])) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    assert held == {name: data for name, data in files(bot.folder).items() if name not in (".hidden.yaml", "notes.txt")}


@pytest.mark.parametrize("spoil", [lambda folder: folder.rename(folder.with_name("away")), spoilt_by_a_large_file])
async def test_what_cannot_be_exported_is_said_in_plain_words_and_without_its_place(
    fake: FakeDiscord, bot: Running, spoil: Callable[[Path], object]
) -> None:
    spoil(bot.folder)
    said = (await command(fake, "export")).text
    assert re.fullmatch(r"briefs: cannot be read \(No such file.*|briefs/large\.yaml: is larger than 1024 KiB.*", said)


async def test_an_export_too_large_for_discord_is_refused_with_another_way(
    fake: FakeDiscord, bot: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.commands.admin.reporting_desk.LARGEST_UPLOAD", 10)
    assert "python -m bot export" in (await command(fake, "export")).text


async def test_a_long_list_comes_in_pages_that_hold_every_brief_however_long_its_names(
    fake: FakeDiscord, start: Start, tmp_path: Path
) -> None:
    ids = [f"{n:02}-{'x' * 61}" for n in range(60)]
    for n, brief in enumerate(ids):
        title = f"{n:02} {'*_' * 40}"
        write(tmp_path / "briefs", {f"{brief}.yaml": brief_text(title=title, status="confirmed", expires="2024-11-01")})
    bot = await start()
    shown = await command(fake, "list")
    listed: list[str] = []
    for page in range(1, 6):
        assert "### 63 briefs" in shown.text
        assert f"{page} of 5" in shown.labels
        listed += re.findall(r"^`([\w-]+)` ", shown.text, re.MULTILINE)
        if page < 5:
            await press(fake, shown, "Next ▶")
    assert listed == sorted(bot.keeper.matcher.base.briefs)
    assert len(listed) == 63
    assert await press(fake, shown, "◀ Back") == shown.text
    assert "4 of 5" in shown.labels


async def test_the_list_tells_the_state_of_each_brief(fake: FakeDiscord, start: Start, tmp_path: Path) -> None:
    text = brief_text(title="Birds **sing**", status="disputed", as_of="2024-10-18", expires="2024-11")
    write(tmp_path / "briefs", {"birds.yaml": text})
    await start()
    lines = (await command(fake, "list")).text.splitlines()
    assert lines[0] == "### 4 briefs"
    assert lines[1] == r"`birds` Birds \*\*sing\*\* · disputed · as of 2024-10-18 · ⚠️ out of date"
    assert lines[2] == "`cats` Cats · reported · as of 2024-10"


async def test_a_brief_is_shown_as_members_see_it_with_its_file(fake: FakeDiscord, bot: Running) -> None:
    for typed in ("dogs", "Dogs", "hounds"):
        shown = await command(fake, "show", brief=typed)
        assert "Dogs are animals that bark." in shown.text
        assert await attached(fake, shown) == {"dogs.yaml": FILES["dogs.yaml"].encode()}
    assert "purr" in await press(fake, shown, "related:dogs", "cats")


async def test_a_file_that_is_not_in_use_is_shown_as_that(fake: FakeDiscord, bot: Running) -> None:
    write(bot.folder, {"birds.yaml": "title: [\n"})
    shown = await command(fake, "show", brief="birds")
    assert shown.text == "`birds` is not in use: `/briefs check` says what is wrong."
    assert await attached(fake, shown) == {"birds.yaml": b"title: [\n"}


async def test_check_lists_problems_or_warnings_with_their_places_and_nobodys_paths(
    fake: FakeDiscord, bot: Running
) -> None:
    shown = await command(fake, "check")
    assert shown.text.splitlines() == ["### 0 problems, 0 warnings", "3 briefs in use."]
    write(bot.folder, {"birds.yaml": brief_text(title="Birds", expires="2024-11")})
    await command(fake, "reload")
    shown = await command(fake, "check")
    assert "### 0 problems, 1 warning" in shown.text
    assert "warning: birds.yaml:5:10: expired on 2024-11" in shown.text
    write(bot.folder, {"birds.yaml": brief_text(title="Cats") + "titel: x\n"})
    shown = await command(fake, "check")
    stays = "Wrong files are not used; what was last good of each is in use, if there is any: 4 briefs in all."
    assert shown.text.startswith(f"### 2 problems, 0 warnings\n{stays}")
    assert "birds.yaml:5:1: unknown key 'titel'" in shown.text
    assert "also belongs to" in shown.text
    assert str(bot.folder) not in shown.text


async def test_check_tells_that_the_log_cannot_be_written(
    fake: FakeDiscord, bot: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.storage.database.COMMIT_TIMEOUT", 0.05)
    async with asyncio.timeout(5):
        while bot.database.waiting:  # what the bot writes on its own as it starts
            await asyncio.sleep(0.02)
    with closing(sqlite3.connect(bot.database.name, isolation_level=None)) as other, other:
        other.execute("BEGIN IMMEDIATE")
        await fake.slash("brief", {"query": "cats"})
        async with asyncio.timeout(5):
            while not bot.database.failure:
                await asyncio.sleep(0.02)
        assert re.search(
            r"⚠️ The log cannot be written \(“.*”\); \d writes? waits? to be\.", (await command(fake, "check")).text
        )
        other.execute("ROLLBACK")
    async with asyncio.timeout(5):
        while bot.database.waiting or bot.database.failure:
            await asyncio.sleep(0.02)
    bot.database.dropped = 2
    text = (await command(fake, "check")).text
    assert "cannot be written" not in text
    assert "⚠️ 2 " in text


async def test_reload_tells_what_is_wrong_and_the_last_good_content_stays(fake: FakeDiscord, bot: Running) -> None:
    write(bot.folder, {"cats.yaml": "titel: x\n"})
    shown = await command(fake, "reload")
    head = "Reloaded, but for files that are wrong. They are not used; what was last good of each is, if there is any:"
    assert shown.text.startswith(head)
    assert "cats.yaml:1:1: unknown key 'titel'" in shown.text
    assert str(bot.folder) not in shown.text
    assert "purr" in (await fake.slash("brief", {"query": "cats"})).text


async def test_a_removal_of_most_briefs_is_held_until_an_admin_reloads(fake: FakeDiscord, bot: Running) -> None:
    for name in ("cats.yaml", "dogs.yaml"):
        (bot.folder / name).unlink()
    assert not await bot.keeper.reload()
    assert "2 of 3 briefs would be removed" in (await command(fake, "check")).text
    assert "purr" in (await fake.slash("brief", {"query": "cats"})).text
    assert (await command(fake, "reload")).text == "Reloaded: 1 brief in use."
    assert "purr" not in (await fake.slash("brief", {"query": "cats"})).text
    assert (await command(fake, "check")).text.splitlines()[0] == "### 0 problems, 0 warnings"


async def test_looking_changes_nothing(fake: FakeDiscord, bot: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn(monkeypatch, None)
    before = kept(bot)
    for name in ("list", "check", "misses", "stats", "export", "reload"):
        await command(fake, name)
    for name in ("show", "history"):
        await settled(await fake.slash(f"briefs {name}", {"brief": "cats"}, **ADMIN))
    assert kept(bot) == before


async def test_autocomplete_finds_briefs_by_id_and_by_what_they_are_called(fake: FakeDiscord, bot: Running) -> None:
    for typed, first in (
        ("SHIP", "ships"),
        ("cargo", "ships"),
        ("kitt", "cats"),
        ("og", "dogs"),
        ("o", "dogs"),
        ("", "ships"),
    ):
        found = (await fake.autocomplete("briefs", "brief", typed, subcommand="edit", **ADMIN)).choices
        assert found[0]["value"] == first, typed
        assert {"name": "Cargo ships", "value": "ships"} in found or first != "ships"

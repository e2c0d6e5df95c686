"""Uploading what another bot has: what becomes of it is shown with every loss, and one press adds it."""

import io
import json
import zipfile

import pytest

from bot.commands.admin import importing_desk
from tests.admins import ADMIN, FILES, attached, files, kept, press, settled
from tests.authoring.test_importing import FRONT_MATTER, TOML
from tests.authoring.test_packed import link, zip_of
from tests.brief_files import brief_text
from tools.fake_discord import Exchange, FakeDiscord, Upload
from tools.running import Running

SOURCE = "Tags of the harbour bot, https://example.org/tags, 2026-10-01"


pytestmark = pytest.mark.briefs(FILES)


async def upload(fake: FakeDiscord, *sent: Upload, source: str | None = SOURCE) -> Exchange:
    options: dict[str, object] = {f"file{n}" if n > 1 else "file": each for n, each in enumerate(sent, 1)}
    shown = await fake.slash("briefs upload", options | ({"source": source} if source else {}), **ADMIN)
    await settled(shown)
    return shown


async def test_tags_are_previewed_with_their_losses_and_added_with_one_press(fake: FakeDiscord, bot: Running) -> None:
    before = files(bot.folder)
    shown = await upload(fake, Upload("tags.toml", TOML.encode()))
    assert "### Add or replace `last-ferry`, `tickets`?" in shown.text
    assert "2 entries: 2 new briefs, 1 thing lost." in shown.text
    assert "hoisted “yes”: a brief has no such part" in shown.text
    assert "now find `last-ferry`: “Last ferry”" in shown.text
    there = await attached(fake, shown)
    assert "    lost: hoisted “yes”: a brief has no such part" in there["import.txt"].decode()
    assert "+title: Last ferry" in there["changes.diff"].decode()
    assert files(bot.folder) == before
    assert "`last-ferry`, `tickets` were uploaded." in await press(fake, shown, "Apply")
    assert "The last ferry leaves at" in (await fake.slash("brief", {"query": "last boat"})).text
    await press(fake, shown, "Undo")
    assert files(bot.folder) == before


async def test_what_is_not_finished_is_left_out_and_handed_out_as_drafts(fake: FakeDiscord, bot: Running) -> None:
    whole = {"title": "Fares", "text": "A ticket costs 3 euros.", "source": "Port", "date": "2026-10"}
    faq = json.dumps([whole, {"question": "When?", "answer": "At 8."}]).encode()
    shown = await upload(fake, Upload("faq.json", faq), source=None)
    assert "### Add or replace `fares`?" in shown.text
    assert "1 new brief, 1 draft" in shown.text
    await shown.until(lambda it: bool(it.followups))
    (drafts,) = (fake.files[each["id"]].data for each in shown.followups[0]["attachments"])
    with zipfile.ZipFile(io.BytesIO(drafts)) as archive:
        assert archive.namelist() == ["when.yaml"]
        assert b"as_of: TODO" in archive.read("when.yaml")
    await press(fake, shown, "Apply")
    assert "fares.yaml" in files(bot.folder)
    assert "when.yaml" not in files(bot.folder)


async def test_if_nothing_is_finished_nothing_can_be_applied(fake: FakeDiscord, bot: Running) -> None:
    before = files(bot.folder)
    shown = await upload(fake, Upload("tags.toml", TOML.encode()), source=None)
    assert shown.text.startswith("### Nothing can be added yet\n2 entries: 2 drafts, 1 thing lost.")
    assert "draft last-ferry: source to be written; date to be written" in shown.text
    assert shown.labels == []
    assert files(bot.folder) == before
    await shown.until(lambda it: bool(it.followups))
    pressed = await fake.press(shown.followups[0], "Keep all as drafts")
    assert "2 drafts kept" in await settled(pressed)
    assert "Last ferry" in await settled(await fake.slash("briefs drafts", {}, **ADMIN))


async def test_a_zip_of_the_base_and_of_tags_is_read_and_what_is_hostile_in_it_is_named(
    fake: FakeDiscord, bot: Running
) -> None:
    content = zip_of(
        ("tags/last-ferry.md", FRONT_MATTER.encode()),
        ("birds.yaml", brief_text(title="Birds").encode()),
        ("../evil.md", b"x"),
        (link("l.md"), b"/etc/passwd"),
    )
    shown = await upload(fake, Upload("tags.zip", content))
    assert "### Add or replace `birds`, `the-last-ferry`?" in shown.text
    assert "../evil.md: is not read: its name leads out of the zip" in shown.text.replace("\\", "")
    assert "l.md: is not read: it is a link" in shown.text.replace("\\", "")
    await press(fake, shown, "Apply")
    assert {"birds.yaml", "the-last-ferry.yaml"} <= files(bot.folder).keys()


async def test_the_exported_zip_can_be_uploaded_again_and_changes_nothing(fake: FakeDiscord, bot: Running) -> None:
    exported = (await attached(fake, await fake.slash("briefs export", {}, **ADMIN)))["briefs.zip"]
    shown = await upload(fake, Upload("briefs.zip", exported))
    assert "3 entries: 3 briefs that say it already, 0 things lost." in shown.text
    assert shown.labels == []


async def test_what_is_there_is_shown_as_a_change(fake: FakeDiscord, bot: Running) -> None:
    shown = await upload(fake, Upload("faq.csv", b"title,answer\nCats,Cats are animals that hiss.\n"))
    assert "1 change of a brief that is there" in shown.text
    assert "now: Cats are animals that **hiss**." in shown.text
    assert "-summary: Cats are animals that purr." in (await attached(fake, shown))["changes.diff"].decode()
    assert b"purr" in files(bot.folder)["cats.yaml"]


async def test_many_briefs_fit_into_the_preview_and_into_what_is_said_when_they_are_added(
    fake: FakeDiscord, bot: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    tags = {f"{'a long name of a tag ' * 2}{n}": {"text": f"Text {n}", "lost": "x" * 200} for n in range(40)}
    sent = Upload("tags.json", json.dumps(tags).encode())
    shown = await upload(fake, sent)
    assert "30 more briefs?" in shown.text
    assert "and " in shown.text
    assert len((await attached(fake, shown))["import.txt"].decode().splitlines()) == 80
    assert "30 more briefs were uploaded." in await press(fake, shown, "Apply")
    monkeypatch.setattr(importing_desk, "MOST_AT_ONCE", 39)
    more = await upload(fake, Upload("tags.json", sent.data.replace(b"Text", b"Other")))
    assert "Those are 40 briefs, and at most 39 are added at once." in more.text


WRONG = {
    "no zip": (Upload("a.zip", b"x"), SOURCE, "a.zip: is no zip that can be read; make it anew"),
    "no JSON": (Upload("a.json", b"{"), SOURCE, "a.json: line 1, column 2 is not valid JSON"),
    "another kind": (Upload("a.pdf", b"x"), SOURCE, "a.pdf:1:1: is not read; what can be uploaded ends in .csv"),
    "too large": (Upload("a.csv", b"x", claimed=2 << 20), SOURCE, "a.csv:1:1: is larger than 1024 KiB; split it"),
    "a zip that is too large": (Upload("a.zip", b"x", claimed=9 << 20), SOURCE, "is larger than 8192 KiB; split it"),
    "no source": (Upload("a.json", b"{}"), "2026-10-01", "That names no source."),
}


async def test_what_cannot_be_read_is_said_in_a_plain_line_and_nothing_is_changed(
    fake: FakeDiscord, bot: Running
) -> None:
    before = kept(bot)
    for case, (sent, source, line) in WRONG.items():
        shown = await upload(fake, sent, source=source)
        assert line in shown.text.replace("\\", ""), (case, shown.text)
        assert shown.labels == [], case
    assert kept(bot) == before


async def test_claim_reviews_come_as_a_file_with_what_is_left_out(fake: FakeDiscord, bot: Running) -> None:
    shown = await fake.slash("briefs export", {"claim_review": "https://news.example/briefs"}, **ADMIN)
    assert "ClaimReview of 0 briefs; 3 left out" in await settled(shown)
    assert "cats: left out: “reported” says who says it" in shown.text
    assert json.loads((await attached(fake, shown))["briefs.jsonld"])["@graph"] == []
    wrong = await fake.slash("briefs export", {"claim_review": "news.example"}, **ADMIN)
    assert "must begin with https" in await settled(wrong)

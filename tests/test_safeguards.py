"""Safeguards that no other test is about."""

import os
import stat
from pathlib import Path
from typing import Literal

import discord
import pytest

from bot.briefs.loader import MAX_BYTES
from tests.admins import ADMIN, FILES, edit, kept, press, settled
from tests.databases import lookup, opened, written
from tools.fake_discord import FakeDiscord, Upload
from tools.running import Running

CATS = FILES["cats.yaml"]


pytestmark = pytest.mark.briefs(FILES)


async def test_whatever_is_sent_forbids_every_mention(fake: FakeDiscord, bot: Running) -> None:
    assert bot.client.allowed_mentions
    assert bot.client.allowed_mentions.to_dict() == discord.AllowedMentions.none().to_dict()
    shown = await fake.slash("brief", {"query": "cats"})
    await press(fake, await edit(fake, "cats", CATS.replace("purr", "hiss")), "Apply")
    await fake.slash("briefs list", **ADMIN)
    sent = [each.payload for each in fake.requests if isinstance(each.payload, dict)]
    messages = [payload.get("data") or payload for payload in sent if payload.get("type") in (4, 7)]
    assert shown.responses[0] in sent
    assert len(messages) == 2
    assert [message["allowed_mentions"] for message in messages] == [{"parse": []}] * 2


async def test_a_query_as_long_as_discord_sends_it_is_answered(fake: FakeDiscord, bot: Running) -> None:
    assert (await fake.slash("brief", {"query": "cats " * 1200})).message


async def test_an_upload_that_is_too_large_is_not_even_fetched(fake: FakeDiscord, bot: Running) -> None:
    large = Upload("birds.yaml", b"#" * (MAX_BYTES + 1))
    assert "is larger than 1024 KiB" in await settled(await fake.slash("briefs upload", {"file": large}, **ADMIN))
    assert [each.path for each in fake.requests if "birds" in each.path] == []


async def test_no_more_of_an_upload_is_read_than_a_brief_may_have_whatever_its_size_is_said_to_be(
    fake: FakeDiscord, bot: Running
) -> None:
    large = Upload("birds.yaml", b"#" * 50 * MAX_BYTES, claimed=100)
    shown = await fake.slash("briefs upload", {"file": large}, **ADMIN)
    assert "birds.yaml:1:1: is larger than 1024 KiB" in await settled(shown)
    assert fake.served < 20 * MAX_BYTES


@pytest.mark.parametrize(
    ("how", "why"), [(404, "it answered 404"), (503, "it answered 503"), ("reset", "it broke off")]
)
async def test_an_upload_that_discord_does_not_hand_over_is_to_be_tried_again(
    fake: FakeDiscord, bot: Running, how: int | Literal["reset"], why: str
) -> None:
    fake.fail_next("GET", "/attachments", how, times=9)  # a new connection is tried by itself
    shown = await fake.slash("briefs upload", {"file": Upload("cats.yaml", CATS.encode())}, **ADMIN)
    assert f"cats.yaml:1:1: Discord did not hand the file over ({why}); try again" in await settled(shown)


async def test_a_change_is_on_the_disk_with_its_name_before_it_is_said_to_be_made(
    fake: FakeDiscord, bot: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    fsync = os.fsync

    def noted(descriptor: int) -> None:
        synced.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        fsync(descriptor)

    preview = await edit(fake, "cats", CATS.replace("purr", "hiss"))
    monkeypatch.setattr(os, "fsync", noted)
    assert "Done" in await press(fake, preview, "Apply")
    assert synced == ["file", "folder"] * 2 + ["folder"]  # the journal, the change, and that the journal is gone


async def test_a_lookup_that_arrives_twice_is_no_loss(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        for _ in range(2):
            await log.record(lookup(interaction_id=1))
        await written(log)
        assert log.database.dropped == 0


async def test_a_form_that_is_delivered_again_is_not_even_answered(fake: FakeDiscord, bot: Running) -> None:
    proposed = await edit(fake, "cats", CATS.replace("purr", "hiss"))
    before, asked = kept(bot), len(fake.requests)
    await fake.redeliver(proposed)
    assert kept(bot) == before
    assert len(fake.requests) == asked


async def test_a_text_that_no_form_can_hold_has_no_button_to_edit_it_again(fake: FakeDiscord, bot: Running) -> None:
    for length, labels in ((4000, ["Apply", "Edit again", "Cancel"]), (4001, ["Apply", "Cancel"])):
        file = Upload("cats.yaml", (CATS + "#" * (length - len(CATS))).encode())
        shown = await fake.slash("briefs upload", {"file": file}, **ADMIN)
        await settled(shown)
        assert shown.labels == labels

"""Hot reload, on real files and in every way that editors and tools save them."""

import asyncio
import gc
import itertools
import os
import re
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from bot.answering.matcher import Matcher
from bot.authoring.keeper import BaseKeeper
from bot.briefs import journal
from bot.briefs.brief import BriefBase
from bot.briefs.journal import Journal
from bot.briefs.loader import Loaded, load, survey
from bot.errors import BriefsError
from tools.matchers import matcher_of


def brief(title: str) -> str:
    return f"title: {title}\nsummary: All about it.\nas_of: 2024-10\nsources:\n  - name: A report\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "briefs"
    folder.mkdir()
    for name in ("apples", "bears", "cars", "doors"):
        (folder / f"{name}.yaml").write_text(brief(name))
    return folder


@dataclass
class Audience:
    """Whom a keeper tells of what is in use, and what they were told."""

    told: list[tuple[Loaded, Matcher]] = field(default_factory=list)

    async def publish(self, loaded: Loaded, matcher: Matcher) -> None:
        await asyncio.sleep(0)
        assert matcher.base == loaded.base
        self.told.append((loaded, matcher))


@pytest.fixture
def audience() -> Audience:
    return Audience()


@pytest.fixture
async def keeper(folder: Path, audience: Audience, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[BaseKeeper]:
    """Watch the folder, faster than in earnest; what it held at first has been published."""
    monkeypatch.setattr("bot.authoring.keeper.POLL", 0.02)
    monkeypatch.setattr("bot.authoring.keeper.DIGEST_EVERY", 5)
    keeper = BaseKeeper(folder, matcher_of(load(folder).base), matcher_of, audience.publish)
    watching = asyncio.create_task(keeper.watch())
    await eventually(lambda: audience.told)
    audience.told.clear()
    yield keeper
    watching.cancel()


async def eventually(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.01)


def in_place(folder: Path, text: str) -> None:
    (folder / "apples.yaml").write_text(text)


def by_rename(folder: Path, text: str) -> None:
    (folder / ".apples.yaml.tmp").write_text(text)
    (folder / ".apples.yaml.tmp").replace(folder / "apples.yaml")


def by_new_directory(folder: Path, text: str) -> None:
    new = folder.with_name("new")
    new.mkdir()
    for path in folder.glob("*.yaml"):
        (new / path.name).write_text(path.read_text())
    in_place(new, text)
    folder.rename(folder.with_name("old"))
    new.rename(folder)


def by_swapped_link(folder: Path, text: str) -> None:
    """As Kubernetes updates a mounted ConfigMap."""
    (folder / "..1").mkdir()
    in_place(folder / "..1", text)
    (folder / "..data").symlink_to("..1")
    (folder / "link").symlink_to("..data/apples.yaml")
    (folder / "link").replace(folder / "apples.yaml")


def with_size_and_times_unchanged(folder: Path, text: str) -> None:
    path = folder / "apples.yaml"
    before = path.stat()
    assert len(text) == before.st_size
    path.write_text(text)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize(
    "save", [in_place, by_rename, by_new_directory, by_swapped_link, with_size_and_times_unchanged]
)
async def test_a_saved_file_answers_however_it_was_saved(
    keeper: BaseKeeper, folder: Path, save: Callable[[Path, str], None]
) -> None:
    save(folder, brief("appels"))
    await eventually(lambda: keeper.matcher.named("appels"))
    assert keeper.problems == ()


async def test_new_and_removed_files_are_taken_up(keeper: BaseKeeper, folder: Path) -> None:
    (folder / "eels.yaml").write_text(brief("eels"))
    (folder / "apples.yaml").unlink()
    await eventually(lambda: keeper.matcher.base.briefs.keys() == {"bears", "cars", "doors", "eels"})


async def test_a_bad_edit_changes_no_answer_and_the_old_content_clears_it(keeper: BaseKeeper, folder: Path) -> None:
    before = keeper.matcher
    in_place(folder, "titel: apples\n")
    await eventually(lambda: keeper.problems)
    assert keeper.matcher is before
    assert {problem.line for problem in keeper.problems} == {1}
    in_place(folder, brief("apples"))
    await eventually(lambda: not keeper.problems)
    assert keeper.matcher is before


async def test_losing_most_of_the_base_is_held_until_it_is_forced(
    keeper: BaseKeeper, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("apples", "bears", "cars"):
        (folder / f"{name}.yaml").unlink()
    await eventually(lambda: "held: 3 of 4" in caplog.text)
    assert len(keeper.matcher.base.briefs) == 4
    assert ["held: 3 of 4" in problem.message for problem in keeper.problems] == [True]
    assert {problem.path for problem in keeper.problems} == {str(folder)}
    assert not await keeper.reload()
    assert keeper.problems
    assert await keeper.reload(force=True)
    assert keeper.matcher.base.briefs.keys() == {"doors"}
    assert keeper.problems == ()


async def test_a_removal_that_was_held_is_forgotten_once_the_files_are_back(keeper: BaseKeeper, folder: Path) -> None:
    texts = {path: path.read_text() for path in folder.iterdir()}
    for path in list(texts)[:3]:
        path.unlink()
    await eventually(lambda: keeper.problems)
    for path, text in texts.items():
        path.write_text(text)
    await eventually(lambda: not keeper.problems)
    assert len(keeper.matcher.base.briefs) == 4


async def test_losing_half_of_the_base_is_taken_up(keeper: BaseKeeper, folder: Path) -> None:
    for name in ("apples", "bears"):
        (folder / f"{name}.yaml").unlink()
    await eventually(lambda: keeper.matcher.base.briefs.keys() == {"cars", "doors"})


async def test_what_was_saved_before_the_watching_began_is_taken_up(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.authoring.keeper.POLL", 0.02)
    keeper = BaseKeeper(folder, matcher_of(load(folder).base), matcher_of, Audience().publish)
    in_place(folder, brief("appels"))
    watching = asyncio.create_task(keeper.watch())
    await eventually(lambda: keeper.matcher.named("appels"))
    watching.cancel()


async def test_content_that_was_in_use_already_is_published_once_as_the_watching_begins(
    folder: Path, audience: Audience, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.authoring.keeper.POLL", 0.02)
    matcher = Matcher(load(folder).base)
    keeper = BaseKeeper(folder, matcher, Matcher, audience.publish)
    watching = asyncio.create_task(keeper.watch())
    await asyncio.sleep(0.3)
    watching.cancel()
    assert [told[1] for told in audience.told] == [matcher]
    assert keeper.matcher is matcher


async def test_new_content_is_published_with_its_files_and_the_matcher_that_answers(
    keeper: BaseKeeper, folder: Path, audience: Audience
) -> None:
    in_place(folder, brief("appels"))
    await eventually(lambda: audience.told)
    (loaded, matcher), *_ = audience.told
    assert matcher is keeper.matcher
    assert loaded.files[0].text == brief("appels")
    assert len(audience.told) == 1


async def test_an_edit_of_comments_alone_is_published_with_the_same_matcher(
    keeper: BaseKeeper, folder: Path, audience: Audience
) -> None:
    before = keeper.matcher
    in_place(folder, brief("apples") + "# checked by two people\n")
    await eventually(lambda: audience.told)
    ((loaded, matcher),) = audience.told
    assert matcher is before is keeper.matcher
    assert loaded.files[0].text.endswith("# checked by two people\n")


async def test_of_content_that_is_not_used_no_file_is_published(folder: Path, audience: Audience) -> None:
    keeper = BaseKeeper(folder, matcher_of(load(folder).base), matcher_of, audience.publish)
    in_place(folder, "titel: apples\n")
    assert not await keeper.reload()
    for name in ("apples", "bears", "cars"):
        (folder / f"{name}.yaml").unlink()
    assert not await keeper.reload()
    assert [[file.id for file in loaded.files] for loaded, _ in audience.told] == [
        ["bears", "cars", "doors"],
        ["doors"],
    ]
    assert {len(loaded.base.briefs) for loaded, _ in audience.told} == {4}


# Files that are wrong


async def test_one_wrong_file_keeps_no_other_from_being_used(keeper: BaseKeeper, folder: Path) -> None:
    in_place(folder, "titel: apples\n")
    (folder / "bears.yaml").write_text(brief("polar bears"))
    (folder / "eels.yaml").write_text(brief("eels"))
    (folder / "cars.yaml").unlink()
    await eventually(lambda: keeper.matcher.named("polar bears"))
    assert keeper.matcher.base.briefs.keys() == {"apples", "bears", "doors", "eels"}
    assert keeper.matcher.named("apples")
    assert {Path(problem.path).name for problem in keeper.problems} == {"apples.yaml"}


STRAYS = ("bears - Copy.yaml", "bears copy.yaml", "bears (1).yaml", "bears.sync-conflict-20241018-120000-ABCDEFG.yaml",
          "bears (conflicted copy 2024-10-18).yaml", "bears.bak.yaml", "bears_LOCAL_123.yaml", "Copy of bears.yaml",
          "bears-copy.yaml", "copy-of-bears.yaml", "a-bears.yaml", "bears-2.yaml")  # fmt: skip
"""What tools and people call a copy of bears.yaml."""


@pytest.mark.parametrize("stray", STRAYS)
@pytest.mark.parametrize("changed", [False, True], ids=["as it was", "older"])
async def test_a_stray_copy_is_named_once_blames_no_good_file_and_holds_up_nothing(
    folder: Path, audience: Audience, stray: str, changed: bool
) -> None:
    text = f"{brief('bears')}aliases: [grizzlies, bruins]\n"
    (folder / "bears.yaml").write_text(text)
    keeper = BaseKeeper(folder, matcher_of(load(folder).base), matcher_of, audience.publish)
    (folder / stray).write_text(text.replace("bruins", "teddies") if changed else text)
    in_place(folder, brief("appels"))
    with pytest.raises(BriefsError) as refusal:
        load(folder)
    assert [Path(problem.path).name for problem in refusal.value.problems] == [stray]
    assert "move it out of the folder" in str(refusal.value)
    assert not await keeper.reload()
    assert keeper.problems == refusal.value.problems
    assert keeper.matcher.named("appels")
    assert keeper.matcher.base.briefs.keys() == {"apples", "bears", "cars", "doors"}
    (folder / "bears.yaml").write_text(text.replace("All", "Much"))
    assert not await keeper.reload()
    assert keeper.matcher.base.briefs["bears"].summary.plain == "Much about it."
    assert [Path(problem.path).name for problem in keeper.problems] == [stray]


async def test_what_is_in_use_keeps_its_phrases_from_whatever_comes_later(folder: Path, audience: Audience) -> None:
    keeper = BaseKeeper(folder, matcher_of(load(folder).base), matcher_of, audience.publish)
    (folder / "ants.yaml").write_text(brief("cars"))
    assert not await keeper.reload()
    assert [Path(problem.path).name for problem in keeper.problems] == ["ants.yaml"]
    assert keeper.matcher.base.briefs.keys() == {"apples", "bears", "cars", "doors"}


async def test_a_phrase_of_a_brief_that_stays_because_its_file_is_wrong_goes_to_no_other(
    folder: Path, audience: Audience
) -> None:
    in_place(folder, f"{brief('apples')}aliases: [fruit]\n")
    keeper = BaseKeeper(folder, matcher_of(load(folder).base), matcher_of, audience.publish)
    in_place(folder, "title: [")
    (folder / "bears.yaml").write_text(f"{brief('bears')}aliases: [fruit]\n")
    (folder / "cars.yaml").write_text(brief("new cars"))
    assert not await keeper.reload()
    named = {Path(problem.path).name: problem.message for problem in keeper.problems}
    assert named["bears.yaml"] == "'fruit' belongs to 'apples' for as long as apples.yaml is wrong; mend that"
    assert [brief.id for brief in keeper.matcher.base.briefs.values() if "fruit" in brief.aliases] == ["apples"]
    assert keeper.matcher.named("new cars")
    assert keeper.matcher.base.briefs["bears"].aliases == ()
    in_place(folder, brief("apples"))
    assert await keeper.reload()
    assert [brief.id for brief in keeper.matcher.base.briefs.values() if "fruit" in brief.aliases] == ["bears"]


async def test_a_brief_that_was_removed_is_gone_although_others_still_name_it(folder: Path, audience: Audience) -> None:
    in_place(folder, f"{brief('apples')}related: [bears]\n")
    keeper = BaseKeeper(folder, matcher_of(load(folder).base), matcher_of, audience.publish)
    (folder / "bears.yaml").unlink()
    assert not await keeper.reload()
    assert [Path(problem.path).name for problem in keeper.problems] == ["apples.yaml"]
    assert keeper.matcher.base.briefs.keys() == {"apples", "cars", "doors"}
    assert keeper.matcher.base.related(keeper.matcher.base.briefs["apples"]) == ()


async def test_a_folder_that_is_away_or_empty_leaves_everything_in_use(folder: Path, audience: Audience) -> None:
    keeper = BaseKeeper(folder, matcher_of(load(folder).base), matcher_of, audience.publish)
    away = folder.rename(folder.with_name("away"))
    for force in (False, True):
        assert not await keeper.reload(force=force)
        folder.mkdir(exist_ok=True)
    assert len(keeper.matcher.base.briefs) == 4
    assert [len(loaded.files) for loaded, _ in audience.told] == [0, 0]
    folder.rmdir()
    away.rename(folder)
    assert await keeper.reload()


async def test_while_a_removal_is_held_what_was_changed_is_used(folder: Path, audience: Audience) -> None:
    keeper = BaseKeeper(folder, matcher_of(load(folder).base), matcher_of, audience.publish)
    for name in ("bears", "cars", "doors"):
        (folder / f"{name}.yaml").unlink()
    in_place(folder, brief("appels"))
    assert not await keeper.reload()
    assert keeper.matcher.named("appels")
    assert len(keeper.matcher.base.briefs) == 4


async def test_nothing_is_reloaded_while_somebody_writes(keeper: BaseKeeper, folder: Path, audience: Audience) -> None:
    async with keeper.lock.held(to_write=True):
        in_place(folder, brief("half written"))
        reloading = asyncio.create_task(keeper.reload())
        await asyncio.sleep(0.3)
        assert not keeper.matcher.named("half written")
        assert not audience.told
        assert not reloading.done()
        in_place(folder, brief("appels"))
    assert await reloading
    assert keeper.matcher.named("appels")
    assert not keeper.matcher.named("half written")


async def test_the_log_tells_each_problem_once_and_what_is_no_longer_wrong(
    folder: Path, audience: Audience, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    keeper = BaseKeeper(folder, matcher_of(load(folder).base), matcher_of, audience.publish)

    async def told() -> list[tuple[str, set[str]]]:
        """Return how each new entry is meant and the files that it names."""
        caplog.clear()
        for _ in range(2):
            await keeper.reload()
        return [(entry.levelname, set(re.findall(r"\w+\.yaml", entry.getMessage()))) for entry in caplog.records]

    in_place(folder, "titel: apples\n")
    assert await told() == [("ERROR", {"apples.yaml"})]
    (folder / "bears.yaml").write_text("titel: bears\n")
    assert await told() == [("ERROR", {"bears.yaml"})]
    in_place(folder, brief("apples"))
    assert await told() == [("INFO", {"apples.yaml"})]
    (folder / "bears.yaml").write_text(brief("bears"))
    assert await told() == [("INFO", {"bears.yaml"})]


async def test_a_removal_that_is_held_is_logged_once(
    folder: Path, audience: Audience, caplog: pytest.LogCaptureFixture
) -> None:
    keeper = BaseKeeper(folder, matcher_of(load(folder).base), matcher_of, audience.publish)
    for name in ("apples", "bears", "cars"):
        (folder / f"{name}.yaml").unlink()
    assert [await keeper.reload() for _ in range(3)] == [False] * 3
    assert ["held: 3 of 4" in entry.getMessage() for entry in caplog.records] == [True]


async def test_a_file_that_is_written_without_pause_keeps_nobody_waiting(
    keeper: BaseKeeper, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.authoring.keeper.DIGEST_EVERY", 1_000_000)

    async def write_on() -> None:
        for length in itertools.count():
            (folder / "bears.yaml").write_text(brief("bears") + "#" * length)
            await asyncio.sleep(0)

    writing = asyncio.create_task(write_on())
    in_place(folder, brief("appels"))
    await eventually(lambda: keeper.matcher.named("appels"))
    writing.cancel()


async def test_a_start_uses_what_was_loaded_and_does_not_read_it_again(folder: Path, audience: Audience) -> None:
    loaded = load(folder)
    keeper = BaseKeeper(folder, Matcher(BriefBase()), Matcher, audience.publish)
    in_place(folder, brief("appels"))
    await keeper.begin(loaded, Matcher(loaded.base))
    assert keeper.matcher.base == loaded.base
    assert [told.base for told, _ in audience.told] == [loaded.base]


async def test_a_start_takes_a_change_back_that_was_cut_short(folder: Path, audience: Audience) -> None:
    entries = tuple(journal.entry_of(folder, name, brief(name * 2).encode()) for name in ("apples", "bears"))
    journal.carry_out(folder, Journal("upload", 1, "2024-10-18T12:00:00+00:00", entries))
    in_place(folder, brief("apples"))
    loaded = survey(folder)
    keeper = BaseKeeper(folder, Matcher(BriefBase()), Matcher, audience.publish)
    await keeper.begin(loaded, Matcher(loaded.base))
    assert not (folder / journal.NAME).exists()
    assert (folder / "bears.yaml").read_text() == brief("bears")


async def test_a_matcher_is_built_away_from_the_event_loop_for_every_language(
    folder: Path, audience: Audience, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[int] = []
    monkeypatch.setattr(Matcher, "build", lambda matcher: threads.append(threading.get_ident()))
    keeper = BaseKeeper(folder, Matcher(load(folder).base), Matcher, audience.publish)
    (folder / "apples.de.yaml").write_text("title: Apfel\nsummary: Alles dazu.\nsources:\n  - name: Ein Bericht\n")
    assert await keeper.reload()
    assert len(threads) == 2
    assert threading.get_ident() not in threads


async def test_what_another_process_was_killed_in_is_taken_back_at_the_next_look_and_never_answered(
    keeper: BaseKeeper, folder: Path, audience: Audience
) -> None:
    texts = {"apples": brief("appels"), "bears": brief("polar bears")}
    entries = tuple(journal.entry_of(folder, name, text.encode()) for name, text in texts.items())
    async with keeper.lock.held(to_write=True):  # as it would hold it
        journal.carry_out(folder, Journal("upload", 1, "2024-10-18T12:00:00+00:00", entries))
        in_place(folder, brief("apples"))
    await eventually(lambda: not (folder / journal.NAME).exists())
    assert await keeper.reload()
    assert keeper.matcher.base.briefs.keys() == {"apples", "bears", "cars", "doors"}
    assert (folder / "bears.yaml").read_text() == brief("bears")
    assert not [loaded for loaded, _ in audience.told if loaded.base != keeper.matcher.base]


async def test_a_change_that_another_process_has_made_is_seen_through_with_who_did_it(
    keeper: BaseKeeper, folder: Path, audience: Audience
) -> None:
    entries = (journal.entry_of(folder, "apples", brief("appels").encode()),)
    made = Journal("edit", 7, "2024-10-18T12:00:00+00:00", entries)
    async with keeper.lock.held(to_write=True):
        journal.carry_out(folder, made)
    await eventually(lambda: not (folder / journal.NAME).exists())
    assert made in [loaded.journal for loaded, _ in audience.told]
    assert keeper.matcher.named("appels")


# Without holding up answers

FULL = 2


async def test_no_object_is_looked_at_by_the_garbage_collector_in_full_while_a_folder_is_loaded_and_its_matcher_built(
    folder: Path, audience: Audience, monkeypatch: pytest.MonkeyPatch
) -> None:
    collected: list[int] = []

    def crowded(base: BriefBase) -> Matcher:
        before = gc.get_stats()[FULL]["collections"]
        assert len([[base] for _ in range(400_000)]) == 400_000
        collected.append(gc.get_stats()[FULL]["collections"] - before)
        return matcher_of(base)

    def survey_crowded(*what: Any, **how: Any) -> Loaded:
        crowded(BriefBase())
        return survey(*what, **how)

    monkeypatch.setattr("bot.authoring.keeper.survey", survey_crowded)
    keeper = BaseKeeper(folder, matcher_of(load(folder).base), crowded, audience.publish)
    in_place(folder, brief("other apples"))
    await keeper.reload()
    assert collected == [0, 0]
    assert "other apples" in keeper.matcher.base.briefs["apples"].title


async def test_a_brief_that_has_not_changed_stays_the_same_object_and_no_tree_of_a_file_is_kept(
    folder: Path, audience: Audience, monkeypatch: pytest.MonkeyPatch
) -> None:
    def survey_anew(*what: Any, **how: Any) -> Loaded:
        """Read each file anew, as the bot does: the tests keep what they have read once."""
        loaded = survey(*what, **how)
        copies = {name: each.model_copy() for name, each in loaded.base.briefs.items()}
        return loaded._replace(
            base=BriefBase(copies), files=tuple(replace(file, brief=copies[file.id]) for file in loaded.files)
        )

    monkeypatch.setattr("bot.authoring.keeper.survey", survey_anew)
    keeper = BaseKeeper(folder, matcher_of(load(folder).base), matcher_of, audience.publish)
    before = keeper.matcher.base.briefs
    in_place(folder, brief("other apples"))
    await keeper.reload()
    ((loaded, _),) = audience.told
    after = loaded.base.briefs
    assert [name for name in before if after[name] is not before[name]] == ["apples"]
    assert all(file.brief is after[file.id] for file in loaded.files)
    assert {file.root for file in loaded.files} == {None}

"""Hot reload, on real files and in every way that editors and tools save them."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot import reloading
from bot.loader import load
from bot.matching import Matcher
from bot.reloading import BaseKeeper


def brief(title: str) -> str:
    return f"title: {title}\nsummary: All about it.\nas_of: 2024-10\nsources:\n  - name: A report\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "briefs"
    folder.mkdir()
    for name in ("apples", "bears", "cars", "doors"):
        (folder / f"{name}.yaml").write_text(brief(name))
    return folder


@pytest.fixture
async def keeper(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[BaseKeeper]:
    """Watch the folder, faster than in earnest."""
    monkeypatch.setattr(reloading, "POLL", 0.02)
    monkeypatch.setattr(reloading, "DIGEST_EVERY", 5)
    keeper = BaseKeeper(folder, Matcher(load(folder).base), lambda: load(folder).base, Matcher, lambda _: None)
    watching = asyncio.create_task(keeper.watch())
    await asyncio.sleep(0.05)
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
    await keeper.reload(force=True)
    assert keeper.matcher.base.briefs.keys() == {"doors"}


async def test_what_was_saved_before_the_watching_began_is_taken_up(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reloading, "POLL", 0.02)
    keeper = BaseKeeper(folder, Matcher(load(folder).base), lambda: load(folder).base, Matcher, lambda _: None)
    in_place(folder, brief("appels"))
    watching = asyncio.create_task(keeper.watch())
    await eventually(lambda: keeper.matcher.named("appels"))
    watching.cancel()

"""The base as a zip: what is in it, that it is the same each time, and what cannot be packed."""

import io
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from bot.briefs.export import zipped
from bot.briefs.journal import Journal, carry_out, entry_of
from bot.briefs.loader import MAX_BYTES
from bot.errors import BotError
from tests.brief_files import MINIMAL, write
from tests.processes import heeding_permissions
from tools.environment import HANGS, SHIPPED, environment


def content_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(
        tmp_path / "briefs", {"ships.yaml": MINIMAL, "arks.yaml": b"\xef\xbb\xbf# \xff\r\n", "schema.json": "{}"}
    )


def test_the_zip_holds_each_file_as_it_stands_and_the_schema(folder: Path) -> None:
    write(
        folder, {"old.yml": "a: b", "README.md": "x", ".hidden.yaml": "x", "ships.yaml~": "x", "schema.yaml.bak": "x"}
    )
    (folder / "drafts").mkdir()
    (folder / "folder.yaml").mkdir()
    os.mkfifo(folder / "pipe.yaml")
    assert content_of(zipped(folder)) == {
        "arks.yaml": b"\xef\xbb\xbf# \xff\r\n",
        "old.yml": b"a: b",
        "schema.json": b"{}",
        "ships.yaml": MINIMAL.encode(),
    }


def test_a_change_that_was_cut_short_is_no_part_of_the_zip(folder: Path) -> None:
    entries = tuple(entry_of(folder, brief, b"new") for brief in ("arks", "boats", "ships"))
    carry_out(folder, Journal("upload", 7, "2024-10-18T12:00:00+00:00", entries))
    write(folder, {"ships.yaml": MINIMAL})  # the last one was not written yet
    assert content_of(zipped(folder)) == {
        "arks.yaml": b"\xef\xbb\xbf# \xff\r\n",
        "schema.json": b"{}",
        "ships.yaml": MINIMAL.encode(),
    }


def test_the_shipped_base_comes_back_from_its_zip(tmp_path: Path) -> None:
    for name, content in content_of(zipped(SHIPPED)).items():
        assert (SHIPPED / name).read_bytes() == content
    assert len(content_of(zipped(SHIPPED))) == len(
        [path for path in SHIPPED.iterdir() if not path.name.startswith(".")]
    )


def test_the_same_files_make_the_same_bytes_whenever_and_in_whatever_order_they_were_written(
    folder: Path, tmp_path: Path
) -> None:
    write(folder, {f"brief-{n * 7 % 40}.yaml": MINIMAL for n in range(40)})
    again = write(tmp_path / "again", {})
    for path in sorted(folder.iterdir(), reverse=True):
        (again / path.name).write_bytes(path.read_bytes())
        (again / path.name).chmod(0o600)
        os.utime(again / path.name, (1_700_000_000, 1_700_000_000))
    assert zipped(again) == zipped(folder)
    with zipfile.ZipFile(io.BytesIO(zipped(folder))) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.namelist() == sorted(archive.namelist())


def test_what_is_unpacked_can_be_read(folder: Path, tmp_path: Path) -> None:
    """By the tools of the system, which take the permissions from the zip."""
    if not shutil.which("unzip"):
        pytest.skip("there is no unzip on this machine")
    (tmp_path / "briefs.zip").write_bytes(zipped(folder))
    subprocess.run(["unzip", "-q", tmp_path / "briefs.zip", "-d", tmp_path / "out"], check=True, timeout=HANGS)
    assert {path.stat().st_mode & 0o444 for path in (tmp_path / "out").iterdir()} == {0o444}


def test_links_within_the_folder_are_followed_and_those_that_leave_it_are_left_out(
    folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("secret")
    (folder / "data").mkdir()
    write(folder / "data", {"real": MINIMAL})
    (folder / "linked.yaml").symlink_to("data/real")
    (folder / "out.yaml").symlink_to(tmp_path / "secret")
    (folder / "nowhere.yaml").symlink_to("nowhere")
    assert content_of(zipped(folder)).keys() == {"arks.yaml", "linked.yaml", "schema.json", "ships.yaml"}


def test_an_empty_folder_is_an_empty_zip(tmp_path: Path) -> None:
    assert content_of(zipped(write(tmp_path / "empty", {}))) == {}


@pytest.mark.parametrize("name", ["missing", "file"])
def test_what_is_no_folder_is_refused_by_its_name(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BotError, match=f"{tmp_path}/{name}: cannot be read"):
        zipped(tmp_path / name)


def test_a_name_that_no_zip_can_hold_is_refused(folder: Path) -> None:
    write(folder, {os.fsdecode(b"a\xff.yaml"): MINIMAL})
    with pytest.raises(BotError, match=r"a\\udcff\.yaml: .*rename"):
        zipped(folder)


def test_a_file_that_is_too_large_to_be_a_brief_is_refused_by_its_name_and_not_read_whole(folder: Path) -> None:
    write(folder, {"large.yaml": b"#" * MAX_BYTES})
    assert len(content_of(zipped(folder))["large.yaml"]) == MAX_BYTES
    os.truncate(folder / "large.yaml", 1 << 40)
    with pytest.raises(BotError, match=rf"{folder}/large\.yaml: is larger than 1024 KiB.*; move it"):
        zipped(folder)


@pytest.mark.parametrize("locked", ["briefs", "briefs/ships.yaml"])
def test_what_may_not_be_read_is_refused_by_its_name(folder: Path, tmp_path: Path, locked: str) -> None:
    (tmp_path / locked).chmod(0)
    code = "import sys, pathlib; from bot.errors import BotError; from bot.briefs.export import zipped\n"
    code += "try: zipped(pathlib.Path(sys.argv[1]))\nexcept BotError as error: print(error)"
    done = subprocess.run(
        [*heeding_permissions(), sys.executable, "-c", code, str(folder)],
        env=environment(tmp_path), capture_output=True, timeout=HANGS, check=True,
    )  # fmt: skip
    (tmp_path / locked).chmod(0o755)
    assert (
        done.stdout.decode()
        == f"{tmp_path / locked}: cannot be read (Permission denied); mend its permissions, or name another folder\n"
    )

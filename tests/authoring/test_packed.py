"""The files of an import are read from a folder or a zip, whatever somebody has put there; none leads out of it."""

import io
import os
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.authoring.importing import packed
from bot.authoring.importing.packed import Packed, from_path, from_zip, joined
from bot.briefs.loader import MAX_BYTES
from bot.errors import BotError
from tests.brief_files import write


def zip_of(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return made.getvalue()


def link(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


def test_a_zip_is_read_with_its_folders_and_without_what_nobody_put_there() -> None:
    content = zip_of(
        ("tags/a.md", b"A"), ("b.csv", b"B"), ("__MACOSX/a.md", b"x"), (".DS_Store", b"x"), ("tags/.git/c.md", b"x")
    )
    assert from_zip("tags.zip", content) == Packed({"tags/a.md": b"A", "b.csv": b"B"}, [], 2)


REFUSED: dict[str, tuple[tuple[str | zipfile.ZipInfo, bytes], str]] = {
    "a way out": (("../a.md", b"x"), "../a.md: is not read: its name leads out of the zip"),
    "a way out in the middle": (("a/../../b.md", b"x"), "a/../../b.md: is not read: its name leads out"),
    "a way out for Windows": (("..\\a.md", b"x"), "is not read: its name leads out"),
    "the root": (("/etc/a.md", b"x"), "/etc/a.md: is not read: its name leads out"),
    "a drive": (("C:/a.md", b"x"), "C:/a.md: is not read: its name leads out"),
    "a link": ((link("a.md"), b"/etc/passwd"), "a.md: is not read: it is a link"),
    "another kind": (("a.exe", b"x"), "a.exe: is not read: an import takes .csv"),
    "a zip in a zip": (("a.zip", zip_of(("a.md", b"x"))), "a.zip: is not read: an import takes .csv"),
    "a bomb": (("a.md", b"0" * (MAX_BYTES + 1)), "a.md: is larger than 1024 KiB; split it"),
    "a name without end": (("x" * 60_000 + ".exe", b"x"), "x" * 199 + "…: is not read"),
    "a name that acts": (("a\x1b[2J.exe", b"x"), "a\\x1b[2J.exe: is not read"),
}


@pytest.mark.parametrize(("entry", "line"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_read_of_a_zip_gets_one_plain_line(entry: tuple[str | zipfile.ZipInfo, bytes], line: str) -> None:
    found = from_zip("tags.zip", zip_of(entry, ("b.md", b"B")))
    assert found.files == {"b.md": b"B"}
    (said,) = found.refused
    assert said.startswith(line) or line in said


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_comes_twice_is_read_once_and_named() -> None:
    found = from_zip("tags.zip", zip_of(("a.md", b"1"), ("a.md", b"2")))
    assert (found.files, found.refused) == ({"a.md": b"1"}, ["a.md: comes twice; only the first one is read"])


def _encrypted(content: bytes) -> bytes:
    return content.replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01")


BROKEN: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "encrypted": (_encrypted, "a.md: is not read: it is encrypted"),
    "another sum": (lambda whole: whole.replace(b"\x4b\x4c\x4d", b"\x4b\x4c\x4e", 1), "a.md: cannot be unpacked"),
}


@pytest.mark.parametrize(("breaking", "line"), BROKEN.values(), ids=BROKEN)
def test_a_file_that_cannot_be_unpacked_is_named(breaking: Callable[[bytes], bytes], line: str) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.md", b"\x4b\x4c\x4d")
    (said,) = from_zip("tags.zip", breaking(made.getvalue())).refused
    assert said.startswith(line)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"x" * 1000, zip_of(("a.md", b"x"))[:-5]])
def test_what_is_no_zip_is_refused(content: bytes) -> None:
    with pytest.raises(BotError, match=r"tags\.zip: is no zip that can be read; make it anew"):
        from_zip("tags.zip", content)


def test_too_many_files_and_too_many_bytes_are_refused_before_they_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "MOST_FILES", 3)
    many = zip_of(*((f"{n}.md", b"x") for n in range(4)))
    with pytest.raises(BotError, match=r"tags\.zip: holds more than 5,000 files; import it in parts"):
        from_zip("tags.zip", many)
    monkeypatch.setattr(packed, "MOST_BYTES", 2 * MAX_BYTES)
    bomb = zip_of(*((f"{n}.md", b"0" * MAX_BYTES) for n in range(3)))
    assert len(bomb) < 10_000
    with pytest.raises(BotError, match=r"tags\.zip: holds more than 8 MiB; import it in parts"):
        from_zip("tags.zip", bomb)


def test_a_folder_is_read_with_its_folders_and_links_do_not_lead_out_of_it(tmp_path: Path) -> None:
    folder = write(tmp_path / "tags", {"b.md": "B", "x.png": "x", ".hidden.md": "x"})
    write(folder / "a", {"a.md": "A"})
    write(tmp_path, {"secret.md": "secret"})
    (folder / "out.md").symlink_to(tmp_path / "secret.md")
    (folder / "up").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe.md")
    found = from_path(folder)
    assert found.files == {"b.md": b"B", "a/a.md": b"A"}
    said = "\n".join(found.refused)
    for line in ("out.md: is a link that leaves the folder", "pipe.md: is not a regular file", "x.png: is not read"):
        assert line in said


@pytest.mark.parametrize(
    ("name", "why"),
    [("missing.csv", "is not there; name a file"), ("a.exe", "is not read: an import takes"), ("x.zip", "is no zip")],
)
def test_what_cannot_be_read_at_all_is_said_in_one_line(tmp_path: Path, name: str, why: str) -> None:
    write(tmp_path, {"a.exe": "x", "x.zip": "x"})
    with pytest.raises(BotError, match=f"{name}: {why}"):
        from_path(tmp_path / name)


def test_several_are_read_as_one() -> None:
    whole = joined([Packed({"a.md": b"1"}, ["x"]), Packed({"a.md": b"2", "b.md": b"3"})])
    assert whole.files == {"a.md": b"1", "b.md": b"3"}
    assert whole.refused == ["x", "a.md: comes twice; only the first one is read"]

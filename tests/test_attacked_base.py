"""Whatever lies in the folder of the briefs: it is refused with its place and a cure, or taken as it was written."""

import os
import re
import time
from datetime import date
from pathlib import Path

import pytest

from bot.briefs.brief import Brief, BriefBase
from bot.briefs.brief_file import read_brief
from bot.briefs.card import card_of
from bot.briefs.card_text import plain
from bot.briefs.loader import load
from bot.cli.main import main
from bot.errors import BriefsError, Problem
from tests.bad_files import BAD, BAD_ID, BLOCKS, GOOD, HARMLESS, SUMMARY, half_written
from tests.bad_folders import IGNORED_NAMES, ODD, REFUSED_NAMES, leave
from tests.brief_files import MINIMAL, brief_text, write
from tests.processes import heeding_permissions, run

pytestmark = pytest.mark.slow

CURE = re.compile(r"; |use at most|rename it|must|needs|write|parser says|does not exist")
PARTS = 12
"""Parts in which the bad files are tried, so that several processes share them."""
PATIENCE = 3.0
"""Seconds within which an admin hears of a file, on a machine that does other things as well."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, {"secret": brief_text(title="Top Secret")})
    write(tmp_path / "briefs-too", {"a.yaml": brief_text(title="Top Secret")})
    return write(tmp_path / "briefs", {"ships.yaml": MINIMAL})


def problems_of(folder: Path, name: str) -> list[Problem]:
    """Return what is wrong with a folder in which nothing but ``name`` is wrong, having looked at how it is said."""
    started = time.monotonic()
    with pytest.raises(BriefsError) as caught:
        load(folder)
    assert time.monotonic() - started < PATIENCE
    for problem in caught.value.problems:
        assert problem.path == os.path.join(folder, name)
        assert CURE.search(problem.message), problem
        assert str(problem).isprintable()
        assert len(problem.message) < 500
        assert "Secret" not in problem.message
    return list(caught.value.problems)


def test_the_corpus_is_large_enough_to_mean_something() -> None:
    assert len(BAD) + len(ODD) + len(REFUSED_NAMES) + len(IGNORED_NAMES) > 500


@pytest.mark.parametrize("part", range(PARTS))
def test_a_bad_file_is_refused_at_its_place_with_a_cure(folder: Path, part: int) -> None:
    for what in [*BAD][part::PARTS]:
        print(what)  # the last one is shown with a failure
        content = BAD[what]()
        write(folder, {f"{BAD_ID}.yaml": content})
        lines = re.split("\r\n|\r|\n", content[: 1 << 21].decode("utf-8-sig", "replace"))
        problems = problems_of(folder, f"{BAD_ID}.yaml")
        assert problems, what
        for problem in problems:
            assert 1 <= problem.line <= len(lines), what
            assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1, what


@pytest.mark.parametrize("what", HARMLESS)
def test_a_file_that_only_looks_odd_is_taken(folder: Path, what: str) -> None:
    write(folder, {f"{BAD_ID}.yaml": HARMLESS[what]()})
    assert list(load(folder).base.briefs) == ["ships", BAD_ID]


@pytest.mark.parametrize("what", ODD)
def test_what_is_no_file_of_the_folder_is_one_problem(folder: Path, what: str) -> None:
    ODD[what](folder / "odd.yaml")
    (problem,) = problems_of(folder, "odd.yaml")
    assert (problem.line, problem.column) == (1, 1)


def test_a_name_that_can_be_no_id_is_one_problem(folder: Path) -> None:
    for name in REFUSED_NAMES:
        write(folder, {name: GOOD})
        (problem,) = problems_of(folder, name)
        assert (problem.line, problem.column) == (1, 1)
        (folder / name).unlink()


def test_what_editors_and_systems_leave_behind_is_not_even_read(folder: Path) -> None:
    for name in IGNORED_NAMES:
        leave(folder / name)
    assert list(load(folder).base.briefs) == ["ships"]


def test_a_file_that_is_half_written_is_a_shorter_brief_or_is_refused(folder: Path) -> None:
    whole = None
    for length, content in half_written(3):
        brief = read_brief(f"{BAD_ID}.yaml", content).brief
        if brief is None:
            write(folder, {f"{BAD_ID}.yaml": content})
            assert problems_of(folder, f"{BAD_ID}.yaml"), length
        else:
            whole = brief
            assert brief.title == "Bad file"
            assert brief.summary.plain == SUMMARY
    assert whole


def test_a_file_that_may_not_be_read_is_one_problem_to_whom_permissions_hold_for(folder: Path) -> None:
    (folder / "odd.yaml").write_text(GOOD)
    (folder / "odd.yaml").chmod(0)
    done = run(folder.parent, "check", str(folder), before=heeding_permissions())
    assert done.returncode == 1
    assert done.stderr.decode().startswith(f"{folder}/odd.yaml:1:1: cannot be read (Permission denied); ")
    assert done.stderr.count(b"\n") == 1


def test_all_of_it_at_once_is_told_line_by_line_and_without_a_traceback(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small = [make for what, make in BAD.items() if "MiB" not in what and "MB" not in what]
    write(folder, {f"bad-{n}.yaml": make() for n, make in enumerate(small)})
    for n, put in enumerate(put for what, put in ODD.items() if "a way out" not in what):
        write(folder / f".{n}", {})
        put(folder / f".{n}" / "odd.yaml")
        (folder / f"odd-{n}.yaml").symlink_to(f".{n}/odd.yaml")
    write(folder, dict.fromkeys(REFUSED_NAMES, GOOD))
    assert main(["check", str(folder)]) == 1
    told = capsys.readouterr().err.splitlines()
    assert all(re.match(rf"{folder}/.+\.ya?ml:\d+:\d+: ", line) and line.isprintable() for line in told)
    named = {re.sub(r"(\.ya?ml):\d+:\d+: .*", r"\1", line) for line in told}
    assert len(named) >= len(small) + len(ODD) - 1 + len(REFUSED_NAMES)


MISREAD = (
    "no", "yes", "on", "off", "y", "n", "No", "TRUE", "null", "Null", "~", "1.10", "0777", "0o17", "12:30", "12:30:45",
    "1_000", "2024-10-18T00:00:00", "2024-10-18 00:00:00", "2024-10-18", ".inf", "-.INF", ".nan", "0x1F", "0b101", "+1",
    "1e3", "1.5e+3", "007", "1,500", "=", "<<", "9" * 30, "00:00", "190:20:30",
)  # fmt: skip
"""What YAML, of one version or another, takes for something else than the text that it is."""
FREE = ("title", "aliases", "questions", "summary", "text", "by", "name")
"""Keys that take any text."""
CHECKED = ("status", "as_of", "expires", "url", "related")
"""Keys that take some texts alone."""
_FRAMES = {
    "title": ("title", "{}"),
    "aliases": ("aliases", "[{}]"),
    "questions": ("questions", "[{}]"),
    "summary": ("summary", "{}"),
    "text": ("facts", "[{{text: {}}}]"),
    "by": ("facts", "[{{text: A fact., by: {}}}]"),
    "name": ("sources", "[{{name: {}}}]"),
    "status": ("status", "{}"),
    "as_of": ("as_of", "{}"),
    "expires": ("expires", "{}"),
    "url": ("sources", "[{{name: A report, url: {}}}]"),
    "related": ("related", "[{}]"),
}


def with_value(key: str, written: str) -> str:
    """Return GOOD with ``written`` as the value, in YAML, of a key at whatever depth."""
    block, frame = _FRAMES[key]
    return "".join((BLOCKS | {block: f"{block}: {frame.format(written)}\n"}).values())


def value_of(brief: Brief, key: str) -> str:
    """Return what came of the value that ``with_value`` sets."""
    fact = brief.facts[0] if brief.facts else None
    values: dict[str, object] = {"text": fact and fact.text.written, "by": fact and fact.by}
    values |= {"summary": brief.summary.written}
    values |= {"name": brief.sources[0].name, "url": brief.sources[0].url}
    value = values[key] if key in values else getattr(brief, key)
    return str(value[0] if isinstance(value, tuple) else value)


@pytest.mark.parametrize("key", [*FREE, *CHECKED])
@pytest.mark.parametrize("frame", ["{}", "'{}'", '"{}"'], ids=["plain", "single quotes", "double quotes"])
def test_what_yaml_would_misread_is_taken_as_written_or_refused_where_it_stands(key: str, frame: str) -> None:
    for value in MISREAD:
        text = with_value(key, frame.format(value))
        file = read_brief(f"{BAD_ID}.yaml", text.encode())
        if file.brief:
            assert value_of(file.brief, key) == value
            if key in FREE and key not in ("aliases", "questions"):
                assert value in plain(card_of(file.brief, BriefBase(), date(2024, 12, 1)))
        else:
            (line,) = {problem.line for problem in file.problems}
            assert value[:20] in text.splitlines()[line - 1]
            assert all(CURE.search(problem.message) for problem in file.problems), file.problems


@pytest.mark.parametrize("key", FREE)
def test_what_stands_in_quotes_is_always_text(key: str) -> None:
    for value in MISREAD:
        file = read_brief(f"{BAD_ID}.yaml", with_value(key, f"'{value}'").encode())
        taken = key in ("title", "aliases", "questions") or any(
            char.isalnum() for char in value
        )  # signs can be asked for
        assert bool(file.brief) == taken, (value, file.problems)


@pytest.mark.parametrize("key", FREE)
def test_what_yaml_takes_for_no_text_is_never_taken_unquoted(key: str) -> None:
    for value in ("no", "yes", "on", "null", "~", "1.10", "0777", "12:30", "12:30:45", "1_000", ".inf", "0x1F", "+1",
                  "2024-10-18T00:00:00"):  # fmt: skip
        assert read_brief(f"{BAD_ID}.yaml", with_value(key, value).encode()).brief is None, value

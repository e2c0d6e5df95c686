"""The reports of the command line: misses, stats and export, beside a running bot and without one."""

import asyncio
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.answering.answer import Outcome
from bot.cli.main import main
from bot.reports import queries
from bot.storage.hash_key import user_hash_key
from bot.storage.ignored import IgnoredQuestions
from bot.storage.lookups import Lookup, LookupLog
from bot.storage.opening import open_database
from tests import processes
from tests.forked import run
from tests.processes import heeding_permissions, write_brief
from tests.service.test_settings import KEYS
from tools.environment import SHIPPED

pytestmark = pytest.mark.slow

TROOPS = "North Korean troops in Russia"

Cli = Callable[..., tuple[int, str, str]]


@pytest.fixture
def cli(tmp_path: Path, learnt: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Run a command in this process, in an empty folder, with its log there: exit code, output and errors."""
    monkeypatch.chdir(tmp_path)
    for key in KEYS:
        monkeypatch.delenv(key, raising=False)
    monkeypatch.setenv("BRIEFS_DIR", str(SHIPPED))
    monkeypatch.setenv("DATABASE_URL", "sqlite:///lookups.db")

    def cli(*arguments: str) -> tuple[int, str, str]:
        return main(list(arguments)), *capsys.readouterr()

    return cli


def lookup(query: str, outcome: Outcome = "miss", brief: str | None = None, guild: int | None = None) -> Lookup:
    return Lookup(query, outcome, brief, 0.5, 1.0, "slash", guild_id=guild, user_id=1)


async def logged(folder: Path, *lookups: Lookup, ignored: str | None = None) -> None:
    """Make the log in ``folder`` as the bot would, holding ``lookups``."""
    async with open_database(folder / "lookups.db") as database:
        log = LookupLog(database, user_hash_key(folder / "user_hash.key"))
        for each in lookups:
            await log.record(each)
        if ignored:
            key = user_hash_key(folder / "user_hash.key")
            await IgnoredQuestions(database, key).ignore([ignored], queries.EVERYWHERE)


def aged(folder: Path, query: str, days: float) -> None:
    """Let a lookup be so many days ago."""
    asked_at = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    with closing(sqlite3.connect(folder / "lookups.db")) as connection, connection:
        connection.execute("UPDATE lookups SET asked_at = ? WHERE query = ?", (asked_at, query))


def unanswered(out: str) -> list[str]:
    return [line.split("x  ")[1] for line in out.splitlines() if not line.startswith("        ")]


def test_misses_are_listed_the_most_frequent_first_with_what_else_was_written(cli: Cli, tmp_path: Path) -> None:
    asked = [lookup("who is the pope", guild=1), lookup("who are the popes", guild=2), lookup("who is the pope")]
    asked += [
        lookup("pizza recipe"),
        lookup("troops", "answer", "troops"),
        lookup("opera"),
        lookup("shipping", "suggest"),
    ]
    asyncio.run(logged(tmp_path, *asked, ignored="opera"))
    code, out, err = cli("misses")
    assert (code, err) == (0, "")
    assert unanswered(out) == ["who is the pope", "pizza recipe"]
    assert out.startswith("    3x  who is the pope\n        also: who are the popes\n")


def test_what_the_briefs_answer_by_now_is_no_miss(cli: Cli, tmp_path: Path) -> None:
    asyncio.run(logged(tmp_path, lookup("zebras"), lookup("pizza recipe")))
    assert unanswered(cli("misses")[1]) == ["pizza recipe", "zebras"]
    write_brief(tmp_path / "b", "zebras", "Zebra crossings")
    assert unanswered(cli("misses", "--briefs", "b")[1]) == ["pizza recipe"]


def test_misses_go_back_as_many_days_as_one_says_and_else_seven(cli: Cli, tmp_path: Path) -> None:
    asyncio.run(logged(tmp_path, lookup("pizza recipe"), lookup("opera"), lookup("chess rules")))
    aged(tmp_path, "opera", 3)
    aged(tmp_path, "chess rules", 8)
    assert set(unanswered(cli("misses")[1])) == {"pizza recipe", "opera"}
    assert set(unanswered(cli("misses", "--days", "1")[1])) == {"pizza recipe"}
    assert set(unanswered(cli("misses", "--days", "3650")[1])) == {"pizza recipe", "opera", "chess rules"}


def test_what_members_wrote_does_not_act_on_the_terminal(cli: Cli, tmp_path: Path) -> None:
    asyncio.run(logged(tmp_path, lookup("opera\x1b[2J\n    9x  forged\u202e"), lookup("x" * 6000)))
    code, out, _ = cli("misses")
    assert code == 0
    assert all(line.isprintable() for line in out.splitlines())
    assert len([line for line in out.splitlines() if "x  " in line[:8]]) == 2
    assert len(out) < 1000


def test_stats_are_the_sums_the_days_and_the_briefs_shown_most(cli: Cli, tmp_path: Path) -> None:
    asked = [lookup("troops", "answer", "troops")] * 3 + [
        lookup("x", "answer", "gone"),
        lookup("y"),
        lookup("z", "suggest"),
    ]
    asyncio.run(logged(tmp_path, *asked))
    aged(tmp_path, "y", 1)
    code, out, err = cli("stats", "--days", "3")
    assert (code, err) == (0, "")
    head, _, names, *days = out.splitlines()
    assert head.startswith("6 lookups in 3 days: 4 answered (67%), 1 suggested (17%), 1 missed (17%).")
    assert names.split() == ["day", "answered", "suggested", "missed"]
    assert [line.split()[1:] for line in days[:3]] == [["0", "0", "0"], ["0", "0", "1"], ["4", "1", "0"]]
    assert days[3:] == ["", "Shown most:", f"      3  {TROOPS}", "      1  gone"]


def test_stats_go_back_30_days(cli: Cli, tmp_path: Path) -> None:
    asyncio.run(logged(tmp_path, lookup("opera"), lookup("pizza recipe")))
    aged(tmp_path, "opera", 30.5)
    assert cli("stats")[1].startswith("1 lookup in 30 days: ")
    assert cli("stats", "--days", "365")[1].startswith("2 lookups in 365 days: ")


@pytest.mark.parametrize(
    ("command", "expected"),
    [("misses", "No unanswered questions in 7 days.\n"), ("stats", "No lookups in 30 days.\n")],
)
def test_a_log_that_holds_nothing_yet_is_reported_as_such(
    cli: Cli, tmp_path: Path, command: str, expected: str
) -> None:
    asyncio.run(logged(tmp_path))
    assert cli(command) == (0, expected, "")


@pytest.mark.parametrize("command", ["misses", "stats"])
@pytest.mark.parametrize("content", [None, b"", b"no database at all" * 100], ids=["missing", "empty", "another file"])
def test_a_log_that_cannot_be_read_is_one_line_and_exit_1_and_is_not_made(
    cli: Cli, tmp_path: Path, command: str, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "lookups.db").write_bytes(content)
    code, out, err = cli(command)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert err.startswith("lookups.db: ")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == ([] if content is None else [content])


@pytest.mark.parametrize("command", ["misses", "stats"])
@pytest.mark.parametrize(
    "days", ["0", "3651", "-1", "1.5", "seven", "", "²", "٣", "9" * 5000, "0" * 5000, "0001099999999", "1e3"]
)
def test_days_are_from_1_to_3650(cli: Cli, tmp_path: Path, command: str, days: str) -> None:
    asyncio.run(logged(tmp_path))
    code, out, err = cli(command, f"--days={days}")
    assert (code, out) == (2, "")
    assert "argument --days" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("command", ["misses", "stats"])
@pytest.mark.parametrize("days", ["1", "3650"])
def test_the_bounds_of_days_are_days_too(cli: Cli, tmp_path: Path, command: str, days: str) -> None:
    asyncio.run(logged(tmp_path))
    assert cli(command, "--days", days)[0] == 0


async def test_reports_work_beside_a_running_bot_and_see_what_it_has_just_logged(tmp_path: Path) -> None:
    async with open_database(tmp_path / "lookups.db") as database:
        log = LookupLog(database, user_hash_key(tmp_path / "user_hash.key"))
        await log.record(lookup("pizza recipe"))
        done = await asyncio.to_thread(run, tmp_path, "misses")
        assert (done.returncode, done.stderr) == (0, b"")
        assert unanswered(done.stdout.decode()) == ["pizza recipe"]
        await log.record(lookup("troops", "answer", "troops"))
        done = await asyncio.to_thread(run, tmp_path, "stats")
        assert done.stdout.startswith(b"2 lookups in 30 days: ")
        assert database.failure is None
        assert database.waiting == 0


async def test_a_report_needs_no_leave_to_write_beside_a_running_bot(tmp_path: Path) -> None:
    async with open_database(tmp_path / "lookups.db") as database:
        await LookupLog(database, user_hash_key(tmp_path / "user_hash.key")).record(lookup("pizza recipe"))
        for path in tmp_path.iterdir():
            path.chmod(0o444)
        tmp_path.chmod(0o555)
        done = await asyncio.to_thread(processes.run, tmp_path, "misses", before=heeding_permissions())
        tmp_path.chmod(0o755)
    assert (done.returncode, done.stderr) == (0, b"")
    assert unanswered(done.stdout.decode()) == ["pizza recipe"]


@pytest.mark.parametrize("command", ["misses", "stats"])
def test_a_report_changes_nothing_in_the_log_of_a_bot_that_has_ended(cli: Cli, tmp_path: Path, command: str) -> None:
    asyncio.run(logged(tmp_path, lookup("pizza recipe")))
    before = (tmp_path / "lookups.db").read_bytes()
    assert cli(command)[0] == 0
    assert (tmp_path / "lookups.db").read_bytes() == before


@pytest.mark.parametrize("command", ["misses", "stats"])
def test_briefs_with_problems_are_reported_with_their_places(cli: Cli, tmp_path: Path, command: str) -> None:
    asyncio.run(logged(tmp_path, lookup("pizza recipe")))
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "bad.yaml").write_text("titel: x\n")
    code, out, err = cli(command, "--briefs", "b")
    assert (code, out) == (1, "")
    assert all(line.startswith("b/bad.yaml:1:1: ") for line in err.splitlines())


# export


@pytest.mark.parametrize("name", [None, "out.zip", "folder/out.zip"])
def test_the_briefs_are_written_into_a_zip(cli: Cli, tmp_path: Path, name: str | None) -> None:
    (tmp_path / "folder").mkdir()
    assert cli("export", *([name] if name else [])) == (0, f"{name or 'briefs.zip'}\n", "")
    with zipfile.ZipFile(tmp_path / (name or "briefs.zip")) as archive:
        assert set(archive.namelist()) == {path.name for path in SHIPPED.iterdir() if path.name != ".lock"}
        assert archive.read("troops.yaml") == (SHIPPED / "troops.yaml").read_bytes()


async def test_a_wrong_file_among_the_briefs_is_named_and_keeps_no_report_from_being_read(
    cli: Cli, tmp_path: Path
) -> None:
    await logged(tmp_path, lookup("lunch"), lookup("cats", "answer", "cats"))
    write_brief(tmp_path / "b", "cats", "Cats and their lunch")
    (tmp_path / "b" / "bad.yaml").write_text("title: [")
    for report, expected in (("misses", "lunch"), ("stats", "Cats and their lunch")):
        code, out, errors = await asyncio.to_thread(cli, report, "--briefs", "b")
        assert code == 1  # as after every problem with the data
        assert expected in out
        assert errors.startswith("b/bad.yaml:")


def test_briefs_with_problems_are_exported_as_they_are(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "bad.yaml").write_bytes(b"\xff")
    assert cli("export", "--briefs", "b")[0] == 0
    with zipfile.ZipFile(tmp_path / "briefs.zip") as archive:
        assert archive.read("bad.yaml") == b"\xff"


@pytest.mark.parametrize("existing", [b"mine", b""])
def test_a_file_that_exists_is_not_overwritten(cli: Cli, tmp_path: Path, existing: bytes) -> None:
    (tmp_path / "briefs.zip").write_bytes(existing)
    assert cli("export") == (1, "", "briefs.zip: exists already; name another file\n")
    assert (tmp_path / "briefs.zip").read_bytes() == existing


def test_a_link_to_nowhere_is_not_written_through(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "briefs.zip").symlink_to("elsewhere")
    assert cli("export")[0] == 1
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("nowhere/out.zip",), "nowhere/out.zip: cannot be written (No such file or directory); name another place\n"),
        (
            ("--briefs", "nowhere"),
            "nowhere: cannot be read (No such file or directory); mend its permissions, or name another folder\n",
        ),
    ],
)
def test_what_cannot_be_exported_is_one_line_and_exit_1(tmp_path: Path, arguments: tuple[str, ...], line: str) -> None:
    done = run(tmp_path, "export", *arguments)
    assert (done.returncode, done.stdout, done.stderr.decode()) == (1, b"", line)
    assert list(tmp_path.iterdir()) == []


def test_export_touches_no_log(cli: Cli, tmp_path: Path) -> None:
    assert cli("export")[0] == 0
    assert [path.name for path in tmp_path.iterdir()] == ["briefs.zip"]

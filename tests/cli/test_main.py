"""The command line: what each command reads, prints and exits with. Other tools rely on every word of it."""

import io
import json
import os
import re
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.answering.answer import answer
from bot.answering.matcher import Matcher
from bot.answering.wording import FOR_EXAMPLE, HOW_TO_ASK, MISS_NOTED
from bot.briefs.brief import BriefBase
from bot.cli.main import event_loop, main
from bot.storage.lookups import LookupLog
from bot.storage.opening import open_database
from bot.version import VERSION
from tests import processes
from tests.brief_files import brief_text, write
from tests.forked import run
from tests.processes import command, heeding_permissions, talking, write_brief
from tests.service.test_settings import KEYS
from tools.environment import HANGS, ROOT, SHIPPED, environment

ANSWER_KEYS = ["query", "outcome", "brief", "title", "text", "confidence", "shown", "suggestions", "elapsed_ms"]
TROOPS = "North Korean troops in Russia"


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


Cli = Callable[..., Result]


@pytest.fixture
def cli(tmp_path: Path, learnt: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Run a command in this process, in an empty folder and with no settings but where the briefs are."""
    monkeypatch.chdir(tmp_path)
    for key in KEYS:
        monkeypatch.delenv(key, raising=False)
    monkeypatch.setenv("BRIEFS_DIR", str(SHIPPED))

    def cli(*arguments: str, stdin: bytes = b"") -> Result:
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
            try:
                code = main(list(arguments))
            except SystemExit as end:
                code = int(end.code or 0)
        return Result(code, *capsys.readouterr())

    return cli


def lines(*values: object) -> bytes:
    return "".join(json.dumps(value) + "\n" for value in values).encode()


def check_answer(found: Any, query: str) -> None:
    """Hold an object to the contract, whatever the outcome."""
    assert list(found) == ANSWER_KEYS
    assert found["query"] == query
    assert found["outcome"] in ("answer", "suggest", "miss")
    told = [found["brief"], found["title"], found["text"]]
    if found["outcome"] == "answer":
        assert all(isinstance(value, str) and value for value in told)
        assert found["suggestions"] == []
    else:
        assert told == [None, None, None]
    for suggestion in found["suggestions"]:
        assert list(suggestion) == ["brief", "title", "text", "confidence"]
        assert all(isinstance(suggestion[key], str) and suggestion[key] for key in ("brief", "title", "text"))
    confidences = [suggestion["confidence"] for suggestion in found["suggestions"]]
    assert len(confidences) <= 3
    assert confidences == sorted(confidences, reverse=True)
    for number in (found["confidence"], *confidences, found["elapsed_ms"]):
        assert type(number) in (int, float)
        assert number >= 0
    assert max([found["confidence"], *confidences]) <= 1
    if found["outcome"] != "answer":
        assert found["confidence"] == (confidences[0] if confidences else 0)
    if found["outcome"] == "suggest":
        assert confidences
    if found["shown"] is not None:
        assert found["outcome"] == "suggest"
        assert found["shown"] == found["suggestions"][0]["brief"]


# ask


def test_a_question_in_words_is_answered_as_text(cli: Cli) -> None:
    asked = cli("ask", "North", "Korean", "troops", "in", "Russia")
    assert (asked.code, asked.err) == (0, "")
    assert asked.out.startswith(f"{TROOPS}\nReported · as of October 2024\n\n")
    assert asked.out.endswith("\n")


def test_a_question_that_no_brief_covers_is_a_miss_that_repeats_it_and_still_exit_0(cli: Cli) -> None:
    asked = cli("ask", "qwertyzxc", "uiop")
    assert (asked.code, asked.out, asked.err) == (0, "No brief on “qwertyzxc uiop”.\n", "")


@pytest.mark.parametrize("words", [("",), (" ", ""), ("?!",), ("hello",), ("help",)])
def test_who_asks_for_nothing_is_told_how_to_ask(cli: Cli, words: tuple[str, ...]) -> None:
    asked = cli("ask", *words)
    assert (asked.code, asked.err) == (0, "")
    how, for_example, *examples = asked.out.splitlines()
    assert (how, for_example, len(examples)) == (HOW_TO_ASK, FOR_EXAMPLE, 3)


@pytest.mark.parametrize("arguments", [("--json", "troops", "now"), ("troops", "now", "--json")])
def test_json_prints_one_object(cli: Cli, arguments: tuple[str, ...]) -> None:
    asked = cli("ask", *arguments)
    assert (asked.code, asked.err) == (0, "")
    assert asked.out.count("\n") == 1
    (found,) = asked.objects
    check_answer(found, "troops now")


def test_jsonl_answers_every_query_in_order(cli: Cli, shipped: BriefBase) -> None:
    queries = [TROOPS, "troops", "", "  ", "?!", "qwertyzxc", "fishing in Alaska", "nort korea", "weapns", "북한군"]
    queries += [question for brief in shipped.briefs.values() for question in brief.questions]
    queries += ["x" * 6000, "troops " * 857, 'a "quoted"\n\ttwo-line\\ query', "\u2028\x85\x00é😀", "/brief troops"]
    asked = cli("ask", "--jsonl", stdin=lines(*queries))
    assert (asked.code, asked.err) == (0, "")
    assert len(asked.objects) == len(queries)
    matcher = Matcher(shipped)
    for found, query in zip(asked.objects, queries, strict=True):
        check_answer(found, query)
        expected = answer(query, matcher)
        assert (found["outcome"], found["confidence"]) == (expected.outcome, expected.confidence)
        assert found["brief"] == (expected.brief.id if expected.brief else None)
        assert [other["brief"] for other in found["suggestions"]] == [c.brief.id for c in expected.suggestions]
    outcomes = {found["outcome"] for found in asked.objects}
    assert {"answer", "miss"} <= outcomes


@pytest.mark.parametrize("query", ["", " ", "\t\n ", "​"])
def test_a_blank_query_is_a_miss(cli: Cli, query: str) -> None:
    (found,) = cli("ask", "--jsonl", stdin=lines(query)).objects
    check_answer(found, query)
    assert (found["outcome"], found["confidence"], found["suggestions"]) == ("miss", 0, [])


def test_the_text_is_all_that_a_member_would_read(cli: Cli, tmp_path: Path) -> None:
    more = [
        "facts:",
        "  - text: They are striped.",
        "    by: A child",
        "  - text: Cars wait.",
        "status: disputed",
        "expires: 2024-12-01",
        "related: [opera]",
    ]
    path = write_brief(tmp_path / "b", "zebras", "Zebra crossings", *more)
    text = path.read_text(encoding="utf-8").replace(
        "  - name: Nobody", "  - name: Nobody\n    url: https://example.org/z"
    )
    path.write_text(text, encoding="utf-8")
    write_brief(tmp_path / "b", "opera", "Opera houses")
    (found,) = cli("ask", "--json", "zebras", "--briefs", str(tmp_path / "b")).objects
    assert (found["brief"], found["title"], found["confidence"]) == ("zebras", "Zebra crossings", 1)
    parts = (
        "Zebra crossings|About Zebra crossings.|They are striped.|A child|Cars wait.|isputed|October 2024"
        "|out of date|1 December 2024|Nobody|https://example.org/z|Opera houses"
    ).split("|")
    assert [part for part in parts if part not in found["text"]] == []


def test_a_brief_that_was_replaced_is_answered_with_what_replaced_it_by_name_and_with_a_line(
    cli: Cli, tmp_path: Path
) -> None:
    new = brief_text(title="Vessels", summary="See [a page](https://example.org/p), **now**.")
    old = brief_text(title="Old ships", replaced_by="vessels")
    folder = write(tmp_path / "new", {"old.yaml": old, "vessels.yaml": new})
    (answer,) = cli("ask", "--jsonl", "--briefs", str(folder), stdin=lines("old ships")).objects
    assert (answer["outcome"], answer["brief"], answer["title"]) == ("answer", "vessels", "Vessels")
    assert answer["text"].split("\n")[:5] == [
        "Vessels",
        "Reported · as of October 2024",
        "“Old ships” was replaced by this brief.",
        "",
        "See a page (https://example.org/p), now.",
    ]


def test_lone_surrogates_and_everything_else_come_back_ascii_escaped(cli: Cli, tmp_path: Path) -> None:
    sent = b'"x\\ud800y"\n"\\udfff"\r\n"caf\xc3\xa9 \xf0\x9f\x98\x80 \xe2\x80\xa8"\n"troops"'
    asked = cli("ask", "--jsonl", stdin=sent)
    assert (asked.code, asked.err) == (0, "")
    assert asked.out.isascii()
    assert "\r" not in asked.out
    assert asked.out.endswith("}\n")
    found = [json.loads(line) for line in asked.out.split("\n")[:-1]]
    queries = ["x\ud800y", "\udfff", "café 😀 \u2028", "troops"]
    for one, query in zip(found, queries, strict=True):
        check_answer(one, query)
    assert found[3]["brief"] == "troops"
    assert list(tmp_path.iterdir()) == []


BAD_LINES = [b"troops", b"5", b"null", b'["troops"]', b'"troops', b'"caf\xe9"', b'"a\tb"', b"{}", b"[" * 100_000]


@pytest.mark.parametrize("name", ["ask", "complete"])
def test_a_line_that_is_no_json_string_is_reported_by_its_number_and_the_rest_is_answered(cli: Cli, name: str) -> None:
    sent = b'"first"\n' + b"\n".join(BAD_LINES) + b'\n"last"\n'
    asked = cli(name, "--jsonl", stdin=sent)
    assert asked.code == 1
    assert [found["query"] for found in asked.objects] == ["first", "last"]
    numbers = [int(re.fullmatch(r"[^:]+:(\d+):\d+: \S.*", line)[1]) for line in asked.err.splitlines()]  # type: ignore[index]
    assert numbers == list(range(2, 2 + len(BAD_LINES)))


@pytest.mark.parametrize("name", ["ask", "complete"])
def test_nothing_on_standard_input_is_nothing_to_do(cli: Cli, name: str) -> None:
    assert cli(name, "--jsonl") == Result(0, "", "")


@pytest.mark.slow
def test_each_line_is_answered_before_the_next_is_read(tmp_path: Path) -> None:
    with talking(tmp_path, "ask", "--jsonl") as talk:
        for query in ("troops", "weapons"):
            talk.stdin.write(lines(query))
            talk.stdin.flush()
            assert select.select([talk.stdout], [], [], HANGS)[0], "no answer while the input is open"
            assert json.loads(talk.stdout.readline())["brief"] == query
        talk.process.send_signal(signal.SIGINT)
        assert talk.process.wait(HANGS) == 130
        assert talk.stderr.read() == b""


# complete


def test_half_typed_text_is_completed_to_briefs(cli: Cli, shipped: BriefBase) -> None:
    queries = ["north korean tr", "weap", "", "x" * 6000, "\ud800", "é"]
    asked = cli("complete", "--jsonl", stdin=lines(*queries))
    assert (asked.code, asked.err) == (0, "")
    assert [found["query"] for found in asked.objects] == queries
    for found in asked.objects:
        assert list(found) == ["query", "choices", "elapsed_ms"]
        assert type(found["elapsed_ms"]) in (int, float)
        assert len(found["choices"]) <= 25
        for choice in found["choices"]:
            assert list(choice) == ["brief", "title"]
            assert choice["title"] == shipped.briefs[choice["brief"]].title
    assert {"brief": "troops", "title": TROOPS} in asked.objects[0]["choices"]
    assert "weapons" in [choice["brief"] for choice in asked.objects[1]["choices"]]


def test_completions_are_as_few_as_discord_shows(cli: Cli, tmp_path: Path) -> None:
    for n in range(30):
        write_brief(tmp_path / "b", f"zebra-{n}", f"Zebra number {n}")
    (found,) = cli("complete", "--jsonl", "--briefs", str(tmp_path / "b"), stdin=lines("zebra")).objects
    assert len(found["choices"]) == 25


def test_words_are_completed_to_titles(cli: Cli) -> None:
    asked = cli("complete", "north", "korean", "tr")
    assert (asked.code, asked.err) == (0, "")
    assert TROOPS in asked.out.splitlines()


# check


@pytest.mark.slow
def test_the_shipped_briefs_pass_from_a_checkout_that_is_not_installed() -> None:
    checked = subprocess.run(
        command("check"), cwd=ROOT, env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True, timeout=HANGS, check=False,
    )  # fmt: skip
    assert (checked.returncode, checked.stderr) == (0, b"")
    assert b"16 briefs" in checked.stdout


@pytest.mark.parametrize("how", ["argument", "option", "environment"])
def test_every_problem_is_reported_with_its_place_and_exit_1(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    write_brief(tmp_path / "b", "bad", "Zebra crossings", "stauts: reported", "expires: 2024-13")
    write_brief(tmp_path / "b", "good", "Zebra crossings")
    (tmp_path / "b" / "old.yml").touch()
    if how == "environment":
        monkeypatch.setenv("BRIEFS_DIR", "b")
    checked = cli("check", *{"argument": ["b"], "option": ["--briefs", "b"], "environment": []}[how])
    assert (checked.code, checked.out) == (1, "")
    assert [line.split(": ")[0] for line in checked.err.splitlines()] == [
        "b/bad.yaml:6:1",
        "b/bad.yaml:7:10",
        "b/good.yaml:1:8",
        "b/old.yml:1:1",
    ]
    assert "did you mean 'status'?" in checked.err
    assert "warning" not in checked.err


def test_what_is_only_doubtful_is_a_warning_and_exit_0(cli: Cli, tmp_path: Path) -> None:
    write_brief(tmp_path / "b", "zebras", "Zebra crossings", "expires: 2024-12-01")
    write_brief(tmp_path / "b", "opera", "Opera houses", "aliases:", "  - concerts", "  - zebras")
    checked = cli("check", "b")
    assert checked.code == 0
    assert re.fullmatch(r"b/opera\.yaml:8:5: warning: \S.*zebras.*\nb/zebras\.yaml:6:10: warning: \S.*\n", checked.err)
    assert checked.out.count("\n") == 1
    assert "2 briefs" in checked.out
    assert "2 warnings" in checked.out


def test_what_a_source_does_not_support_is_a_problem_and_exit_1(cli: Cli, tmp_path: Path) -> None:
    write_brief(tmp_path / "b", "zebras", "Zebra crossings in Oslo", "expires: 2024-12-01")
    source = tmp_path / "article.txt"
    source.write_text("\ufeffThere are crossings for zebras in Bergen.", encoding="utf-8")
    checked = cli("check", "b", "--source", "article.txt")
    assert (checked.code, checked.out) == (1, "")
    warning, problem, _ = checked.err.splitlines()
    assert ": warning: expired" in warning
    assert problem == "b/zebras.yaml:1:27: title: the source does not have the name 'Oslo'; correct it or leave it out"
    source.write_text("The Zebra crossings of Oslo carry things.", encoding="utf-8")
    checked = cli("check", "b", "--source", "article.txt")
    assert checked.code == 0
    assert "1 brief" in checked.out


@pytest.mark.parametrize("arguments", [("check", "--source"), ("draft",)])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"caf\xe9", "a\\x1b.txt: is not UTF-8; save the file with the encoding UTF-8\n"),
        (None, "a\\x1b.txt: cannot be read (No such file or directory); name a text file\n"),
    ],
)
def test_an_article_that_cannot_be_read_is_one_line_and_exit_1(
    cli: Cli, tmp_path: Path, arguments: tuple[str, ...], content: bytes | None, message: str
) -> None:
    if content is not None:
        (tmp_path / "a\x1b.txt").write_bytes(content)
    assert cli(*arguments, "a\x1b.txt") == Result(1, "", message)


def test_a_folder_that_is_not_there_is_a_problem_at_its_first_line(cli: Cli) -> None:
    checked = cli("check", "no\x1bwhere")
    assert (checked.code, checked.out) == (1, "")
    assert re.fullmatch(r"no\\x1bwhere:1:1: \S.*\n", checked.err)


# draft


ARTICLE = "Bees like the red clover of Ulm. They find it by smell.\nShips carry coal to Bonn. The port loads them.\n"


@pytest.mark.parametrize("option", [["-o", "a/b"], ["--briefs", "a/live"]])
def test_an_article_becomes_files_of_which_each_is_printed(cli: Cli, tmp_path: Path, option: list[str]) -> None:
    """The folder of the briefs gets none of them unless it is named: they could not be answered with."""
    (tmp_path / "a" / "live").mkdir(parents=True)
    folder = tmp_path / "a" / ("b" if "-o" in option else "drafts")
    if "-o" in option:
        folder.mkdir()
    (tmp_path / "article.txt").write_text(ARTICLE, encoding="utf-8")
    drafted = cli("draft", "article.txt", *option)
    assert (drafted.code, drafted.err) == (0, "")
    assert sorted(drafted.out.splitlines()) == [str(path.relative_to(tmp_path)) for path in sorted(folder.iterdir())]
    assert list((tmp_path / "a" / "live").iterdir()) == []
    checked = cli("check", str(folder.relative_to(tmp_path)))
    assert checked.code == 1
    assert all("TODO" in line for line in checked.err.splitlines())


def test_an_editor_finds_the_schema_from_a_draft_where_it_is_written_and_where_it_is_moved_to(
    cli: Cli, tmp_path: Path
) -> None:
    (tmp_path / "live").mkdir()
    (tmp_path / "live" / "schema.json").write_text("{}")
    (tmp_path / "article.txt").write_text(ARTICLE, encoding="utf-8")
    for option in ([], ["-o", "live"]):
        path = tmp_path / cli("draft", "article.txt", "--briefs", "live", *option).out.splitlines()[0]
        found = path.read_text(encoding="utf-8").splitlines()[0].partition("$schema=")[2]
        for folder in (path.parent, tmp_path / "live"):
            assert (folder / found).resolve() == tmp_path / "live" / "schema.json"


def test_a_saved_page_gives_the_drafts_of_its_text(cli: Cli, tmp_path: Path) -> None:
    page = f"<script>Ed said: “no.”</script><p>{ARTICLE.replace(chr(10), '<p>')}"
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    (tmp_path / "article.txt").write_text(ARTICLE, encoding="utf-8")
    drafted = []
    for name in ("page.html", "article.txt"):
        folder = tmp_path / f"{name}-drafts"
        folder.mkdir()
        assert cli("draft", name, "-o", str(folder)).code == 0
        drafted.append({path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()})
    assert drafted[0] == drafted[1]


def test_the_folder_of_the_drafts_may_be_there_or_be_impossible(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "article.txt").write_text(ARTICLE, encoding="utf-8")
    (tmp_path / "drafts").write_text("no folder")
    drafted = cli("draft", "article.txt", "--briefs", "live")
    assert drafted == Result(1, "", "drafts: cannot be made as a folder (File exists)\n")
    (tmp_path / "drafts").unlink()
    (tmp_path / "drafts").mkdir()
    assert cli("draft", "article.txt", "--briefs", "live").code == 0


@pytest.mark.parametrize("arguments", [("draft",), ("check", "--source")])
def test_a_text_of_more_than_a_book_is_refused_before_it_takes_minutes(
    cli: Cli, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    (tmp_path / "article.txt").write_text("It is so. " * 50_001, encoding="utf-8")
    refused = "article.txt: is longer than 500,000 characters; give the part that counts\n"
    assert cli(*arguments, "article.txt") == Result(1, "", refused)


def test_a_file_that_exists_is_not_written_over(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "article.txt").write_text(ARTICLE, encoding="utf-8")
    first, second = cli("draft", "article.txt", "-o", "b").out.splitlines()
    (tmp_path / first).write_text("mine")
    (tmp_path / second).unlink()
    skipped = f"{first}: exists already, so this draft is not written\n"
    assert cli("draft", "article.txt", "-o", "b") == Result(0, f"{second}\n", skipped)
    assert (tmp_path / first).read_text() == "mine"
    again = cli("draft", "article.txt", "-o", "b")
    assert (again.code, again.out) == (1, "")
    assert again.err.count("exists already") == 2


@pytest.mark.parametrize(
    ("article", "folder", "message"),
    [
        ("Home\nMenu\n", ".", "the article holds no sentence to write from"),
        (ARTICLE, "nowhere", "(No such file or directory); name another folder"),
    ],
)
def test_a_draft_that_cannot_be_made_is_one_line_and_exit_1(
    cli: Cli, tmp_path: Path, article: str, folder: str, message: str
) -> None:
    (tmp_path / "article.txt").write_text(article, encoding="utf-8")
    drafted = cli("draft", "article.txt", "-o", folder)
    assert (drafted.code, drafted.out, drafted.err.count("\n")) == (1, "", 1)
    assert message in drafted.err


# run, and no command at all


@pytest.mark.parametrize("arguments", [("run",), ("run", "--database", "sqlite:///x.db"), ("--briefs", "x", "run")])
def test_run_without_a_token_is_one_line_and_exit_2(cli: Cli, arguments: tuple[str, ...]) -> None:
    started = cli(*arguments)
    assert (started.code, started.out) == (2, "")
    assert re.fullmatch(r"DISCORD_TOKEN\b.+\n", started.err)


def test_without_a_token_each_line_of_a_pipe_is_answered_and_logged(cli: Cli, tmp_path: Path) -> None:
    asked = cli(stdin=b"/brief troops\n\nqwertyzxc\ncaf\xe9\nweapons")
    assert (asked.code, asked.err) == (0, "")
    shown = asked.out
    assert shown.startswith(f"{TROOPS}\n")  # no welcome and no prompt
    assert shown.count("No brief on “") + shown.count("Did you mean") == 2
    assert shown.count(MISS_NOTED) == shown.count("No brief on “")
    assert shown.count(HOW_TO_ASK) == 1
    assert "\n\nNorth Korean weapons sent to Russia\n" in shown
    assert {path.name for path in (tmp_path / "data").iterdir()} >= {"lookups.db", "user_hash.key"}


@pytest.mark.slow
def test_without_a_token_discord_is_not_even_imported(tmp_path: Path) -> None:
    """It takes 0.8 s and 36 MiB."""
    code = "import sys; from bot.cli.main import main; main([]); sys.exit('discord' in sys.modules)"
    asked = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment(tmp_path), input=b"troops\n",
        capture_output=True, timeout=HANGS, check=False,
    )  # fmt: skip
    assert asked.returncode == 0
    assert asked.stdout.decode().startswith(TROOPS)


@pytest.mark.slow
async def test_a_console_beside_a_running_bot_says_so_and_answers_without_logging(tmp_path: Path) -> None:
    async with open_database(tmp_path / "lookups.db") as database:
        asked = run(tmp_path, stdin=b"troops\n")
        assert await LookupLog(database, b"key").most_asked(None, 5) == []
    assert asked.returncode == 0
    assert asked.stdout.decode().startswith(TROOPS)
    assert re.fullmatch(r"[^\n]*without logging[^\n]*another[^\n]*\n", asked.stderr.decode())


@pytest.mark.slow
def test_a_console_whose_log_cannot_be_written_says_so_and_answers(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(0o555)
    database = f"sqlite:///{tmp_path}/data/lookups.db"
    asked = processes.run(tmp_path, stdin=b"troops\n", before=heeding_permissions(), DATABASE_URL=database)
    assert asked.returncode == 0
    assert asked.stdout.decode().startswith(TROOPS)
    assert re.fullmatch(r"[^\n]*without logging[^\n]*data/lookups\.db[^\n]*\n", asked.stderr.decode())


# Options and settings


@pytest.mark.parametrize("name", ["ask", "complete", "check"])
def test_ask_complete_and_check_write_nothing(cli: Cli, tmp_path: Path, name: str) -> None:
    arguments = {"ask": ["troops"], "complete": ["tr"], "check": []}[name]
    for more in ([], ["--database", "sqlite:///x/y.db"], ["--jsonl"]):
        cli(name, *(more if more == ["--jsonl"] else [*arguments, *more]), stdin=lines("troops"))
    assert list(tmp_path.iterdir()) == []


COMMANDS = [("ask", "zebras"), ("complete", "zeb"), ("check",), ()]


@pytest.mark.parametrize("name_first", [True, False])
@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0] if words else "no command")
def test_both_options_work_before_and_after_every_command(
    cli: Cli, tmp_path: Path, words: tuple[str, ...], *, name_first: bool
) -> None:
    write_brief(tmp_path / "b", "zebras", "Zebra crossings")
    options = ("--briefs", "b", "--database", f"sqlite:///{tmp_path}/elsewhere/l.db")
    done = cli(*(words + options if name_first else options + words), stdin=b"zebras\n")
    assert (done.code, done.err) == (0, "")
    assert "Zebra crossings" in done.out or "b: 1 brief" in done.out
    assert (tmp_path / "elsewhere" / "l.db").exists() == (not words)


def test_the_later_of_two_options_counts(cli: Cli, tmp_path: Path) -> None:
    write_brief(tmp_path / "b", "zebras", "Zebra crossings")
    assert cli("--briefs", "nowhere", "ask", "zebras", "--briefs", "b").out.startswith("Zebra crossings")


@dataclass(frozen=True)
class Origin:
    """Where BRIEFS_DIR is set: as option, in the environment and in .env; None is not at all."""

    option: str | None
    environment: str | None
    file: str | None
    used: str


@pytest.mark.parametrize(
    "origin",
    [
        Origin("a", "b", "c", "a"),
        Origin(None, "b", "c", "b"),
        Origin(None, None, "c", "c"),
        Origin(None, "", "c", "c"),
        Origin(None, "  ", "c", "c"),
        Origin(None, "b", "", "b"),
        Origin(None, "", "", "briefs"),
        Origin(None, None, "'   '", "briefs"),
        Origin(None, None, None, "briefs"),
        Origin("", "b", "c", "b"),
        Origin(None, None, '"${HOME}"', "${HOME}"),
    ],
    ids=str,
)
def test_the_option_beats_the_environment_and_that_beats_the_file(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, origin: Origin
) -> None:
    monkeypatch.delenv("BRIEFS_DIR")
    for name in ("a", "b", "c", "briefs", "${HOME}"):
        write_brief(tmp_path / name, "zebras", f"Zebras of {name}")
    if origin.environment is not None:
        monkeypatch.setenv("BRIEFS_DIR", origin.environment)
    if origin.file is not None:
        (tmp_path / ".env").write_text(f"# comment\nexport BRIEFS_DIR={origin.file}\n", encoding="utf-8")
    asked = cli("ask", "zebras", *(() if origin.option is None else ("--briefs", origin.option)))
    assert asked.out.startswith(f"Zebras of {origin.used}\n")


def test_a_token_in_the_file_counts_and_a_blank_one_in_the_environment_does_not(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("DISCORD_TOKEN=hunter2 hunter3\n", encoding="utf-8")
    monkeypatch.setenv("DISCORD_TOKEN", " ")
    started = cli("run")
    assert started.code == 2
    assert "no token has" in started.err
    assert "hunter" not in started.err


def test_the_file_is_the_one_of_the_working_directory_alone(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("LOG_LEVEL=LOUD\n", encoding="utf-8")
    (tmp_path / "below").mkdir()
    assert cli("check").code == 2
    monkeypatch.chdir(tmp_path / "below")
    assert cli("check").code == 0


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (b"BRIEFS_DIR=caf\xe9\n", ".env"),
        (b"\xff\xfeB\0R\0", ".env"),
        (b"BRIEFS_DIR=a\0b\n", "BRIEFS_DIR"),
        (b"DATABASE_URL=sqlite:///a\0b\n", "DATABASE_URL"),
    ],
)
def test_a_file_of_no_use_is_one_line_and_exit_2(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, key: str
) -> None:
    monkeypatch.delenv("BRIEFS_DIR")
    (tmp_path / ".env").write_bytes(content)
    started = cli("--briefs", str(SHIPPED)) if key == "DATABASE_URL" else cli("check")
    assert started.code == 2
    assert re.fullmatch(rf"{re.escape(key)}\b[^\n]*\n", started.err)


@pytest.mark.slow
def test_a_file_that_may_not_be_read_is_one_line_and_exit_2(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DISCORD_TOKEN=hunter2\n", encoding="utf-8")
    (tmp_path / ".env").chmod(0)
    started = processes.run(tmp_path, "check", before=heeding_permissions())
    assert (started.returncode, started.stdout) == (2, b"")
    assert re.fullmatch(r"\.env: [^\n]+\n", started.stderr.decode())


# When it goes wrong


@pytest.mark.parametrize(
    "arguments",
    [
        ("frobnicate",),
        ("--frobnicate",),
        ("ask",),
        ("ask", "--json"),
        ("ask", "--json", "--jsonl"),
        ("ask", "--jsonl", "troops"),
        ("ask", "--briefs"),
        ("complete",),
        ("complete", "--jsonl", "tr"),
        ("check", "one", "two"),
        ("run", "fast"),
    ],
)
def test_wrong_usage_is_exit_2_and_says_what_is_right(cli: Cli, arguments: tuple[str, ...]) -> None:
    done = cli(*arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("usage: ")


@pytest.mark.parametrize("arguments", [("--help",), ("ask", "--help"), ("complete", "-h"), ("check", "-h")])
def test_help_is_exit_0(cli: Cli, arguments: tuple[str, ...]) -> None:
    done = cli(*arguments)
    assert (done.code, done.err) == (0, "")
    assert "--briefs" in done.out
    assert "--database" in done.out


@pytest.mark.parametrize(
    ("key", "value"),
    [("DATABASE_URL", "mysql://bot:hunter2@db/x"), ("LOG_LEVEL", "LOUD"), ("DEV_GUILD_ID", "home")],
)
@pytest.mark.parametrize("arguments", [("run",), ("check",), ()])
def test_a_setting_of_no_use_is_one_line_and_exit_2(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, key: str, value: str, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setenv(key, value)
    done = cli(*arguments)
    assert (done.code, done.out) == (2, "")
    assert re.fullmatch(rf"{key}: [^\n]+\n", done.err)
    assert "hunter" not in done.err


@pytest.mark.parametrize("arguments", [("ask", "x"), ("complete", "x"), ("ask", "--jsonl"), ()])
def test_briefs_with_problems_are_exit_1_everywhere(cli: Cli, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    write_brief(tmp_path / "b", "bad", "Zebra crossings", "stauts: reported")
    done = cli("--briefs", "b", *arguments, stdin=b'"x"\n')
    assert (done.code, done.out) == (1, "")
    assert re.fullmatch(r"b/bad\.yaml:6:1: [^\n]+\n", done.err)


@pytest.mark.parametrize("url", ["sqlite:////", "sqlite:///.", "sqlite:///folder", "sqlite:////proc/nowhere/l.db"])
def test_a_database_that_cannot_be_one_is_no_traceback(cli: Cli, tmp_path: Path, url: str) -> None:
    (tmp_path / "folder").mkdir()
    done = cli("--database", url, stdin=b"troops\n")
    assert done.err.count("\n") == 1
    assert (done.code == 2) or (done.code == 0 and done.out.startswith(TROOPS) and "without logging" in done.err)


SHELL = {
    "ask, whose reader has left": ("ask troops", "| true"),
    "ask --jsonl, whose reader has left": ("ask --jsonl", "| true"),
    "console, whose reader has left": ("", "| true"),
    "--help, whose reader has left": ("--help", "| true"),
    "ask, on a full disk": ("ask troops", "> /dev/full"),
    "ask --jsonl, on a full disk": ("ask --jsonl", "> /dev/full"),
    "console, on a full disk": ("", "> /dev/full"),
    "ask --jsonl, without standard input": ("ask --jsonl", "<&-"),
    "console, without standard input": ("", "<&-"),
    "ask, without standard output": ("ask troops", ">&-"),
}


OFTEN = (
    "ask, whose reader has left",
    "ask --jsonl, on a full disk",
    "console, without standard input",
    "ask, without standard output",
)
"""Each way once. The others take a process each, so they are in a soak."""


@pytest.mark.slow
@pytest.mark.parametrize("name", OFTEN)
def test_a_stream_that_breaks_is_no_traceback(tmp_path: Path, name: str) -> None:
    see_that_a_stream_that_breaks_is_no_traceback(tmp_path, name)


def see_that_a_stream_that_breaks_is_no_traceback(tmp_path: Path, name: str) -> None:
    arguments, redirection = SHELL[name]
    briefs = write_brief(tmp_path / "briefs", "troops", TROOPS).parent
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        ["/bin/sh", "-c", f'exec "$0" -m bot {arguments} {redirection.replace("| true", "")}', sys.executable],
        cwd=tmp_path,
        env=environment(tmp_path, BRIEFS_DIR=str(briefs)),
        input=b"" if redirection == "<&-" else b'"troops"\n' * 20,
        stdout=write if redirection == "| true" else subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        timeout=HANGS,
        check=False,
    )
    os.close(write)
    errors = done.stderr.decode()
    assert "Traceback" not in errors
    assert "Exception ignored" not in errors
    assert errors.count("\n") <= 1
    assert done.returncode in (0, 1, 2)


@pytest.mark.slow
def test_the_version_is_said_without_a_token_or_an_installed_package(tmp_path: Path) -> None:
    done = run(tmp_path, "--version")
    assert (done.returncode, done.stdout.decode(), done.stderr) == (0, f"briefbot {VERSION}\n", b"")


def test_without_the_requirements_it_says_in_one_line_how_to_install_them() -> None:
    ended = subprocess.run([sys.executable, "-S", "-m", "bot"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert re.fullmatch(r"the requirements are not installed \(\w+ is missing\): run `make run`, .+\n", ended.stderr)


def test_the_bot_runs_on_uvloop_where_it_is_installed_and_elsewhere_on_pythons_own_loop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    uvloop = pytest.importorskip("uvloop")
    assert event_loop() is uvloop.new_event_loop
    monkeypatch.setitem(sys.modules, "uvloop", None)
    assert event_loop() is None


# Languages


@pytest.mark.parametrize(
    ("options", "said", "title"),
    [
        (["--lang", "uk"], None, "Північнокорейські війська в Росії"),
        ([], "ko_KR.UTF-8", "러시아에 파병된 북한군"),
        (["--lang", "en"], "ko_KR.UTF-8", "North Korean troops in Russia"),
        ([], "C.UTF-8", "North Korean troops in Russia"),
        (["--lang", "fr"], None, "North Korean troops in Russia"),
    ],
)
def test_an_answer_is_in_the_language_of_the_terminal_or_in_the_one_asked_for(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, options: list[str], said: str | None, title: str
) -> None:
    monkeypatch.setenv("LC_ALL", said or "")
    assert cli("ask", *options, "troops").out.splitlines()[0] == title


def test_what_programs_read_is_in_the_language_of_the_briefs_unless_another_is_asked_for(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "uk_UA.UTF-8")
    own, other = (json.loads(cli("ask", "--json", *more, "troops").out) for more in ([], ["--lang", "uk"]))
    assert (own["brief"], own["title"]) == ("troops", "North Korean troops in Russia")
    assert (other["brief"], other["title"]) == ("troops", "Північнокорейські війська в Росії")


def test_a_language_that_is_none_is_wrong_usage(cli: Cli) -> None:
    assert cli("ask", "--lang", "klingonisch", "troops").code == 2

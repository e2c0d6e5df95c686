"""The chat in a terminal: on a pipe, and at a real pseudo-terminal with Tab, Ctrl-C and Ctrl-D."""

import asyncio
import fcntl
import io
import os
import pty
import select
import signal
import sqlite3
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import cast

import pytest

from bot.answering.matcher import Candidate, Judgement, Matcher, Thresholds
from bot.answering.wording import HOW_TO_ASK, MISS_NOTED
from bot.authoring.keeper import WRONG, metadata
from bot.briefs.brief import Brief, BriefBase
from bot.briefs.loader import load
from bot.cli.console import OTHER_WORDS, PROMPT, Console, FreshMatcher
from bot.storage.lookups import Lookup
from tests.processes import command, heed_interrupts, talking, write_brief
from tools.environment import HANGS, environment


class Scored:
    """A matcher that knows titles, and is in doubt among two briefs about all else, but for "nothing", "one" brief, the
    "closest" one, and what says nothing.
    """

    thresholds = Thresholds(answer=0.7, show=0.55, offer=0.1, suggest=0.4)

    def __init__(self, base: BriefBase) -> None:
        self.base = base

    def asked(self, query: str, language: str | None = None) -> list["Scored"]:
        return [self]

    def named(self, query: str) -> Brief | None:
        return next((brief for brief in self.base.briefs.values() if brief.title == query), None)

    def current(self, brief: Brief, confidence: float) -> Candidate:
        return Candidate(brief, confidence)

    def judge(self, query: str, limit: int) -> Judgement:
        scores = {"nothing": (0.2, 0.1), "one": (0.5, 0.05), "closest": (0.6, 0.2)}.get(query, (0.5, 0.45))
        briefs = (self.base.briefs[brief_id] for brief_id in ("troops", "weapons"))
        candidates = tuple(Candidate(*pair) for pair in zip(briefs, scores, strict=True))
        return Judgement(candidates[:limit], sum(scores), 0.0, (), 0.0, empty=query in ("", "hello"))

    def examples(self) -> list[str]:
        return ["How many soldiers?"]


TROOPS = "North Korean troops in Russia"
WEAPONS = "North Korean weapons sent to Russia"


def chat(monkeypatch: pytest.MonkeyPatch, base: BriefBase, *lines: str, durable: bool = True) -> list[Lookup]:
    """Let the console answer ``lines`` from a pipe and return what it logged."""
    logged: list[Lookup] = []

    async def record(lookup: Lookup) -> bool:
        logged.append(lookup)
        return durable

    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
    with asyncio.Runner() as runner:
        Console(lambda: cast("Matcher", Scored(base)), record).run(runner)
    return logged


@pytest.mark.parametrize(
    "line",
    [
        TROOPS,
        f"/brief {TROOPS}",
        f"  /brief   {TROOPS}  ",
        f"/BRIEF {TROOPS}",
        f"/brief query:{TROOPS}",
        f"/brief query: {TROOPS}",
        f"{TROOPS}\r",
    ],
)
def test_a_question_is_understood_with_and_without_the_command(
    monkeypatch: pytest.MonkeyPatch, shipped: BriefBase, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    (lookup,) = chat(monkeypatch, shipped, line)
    assert (lookup.query, lookup.outcome, lookup.brief, lookup.confidence) == (TROOPS, "answer", "troops", 1.0)
    assert capsys.readouterr().out.startswith(f"{TROOPS}\nReported · as of October 2024\n\n")


@pytest.mark.parametrize("line", ["", "   ", "/brief", "  /brief  ", "/brief query:"])
def test_a_line_that_asks_nothing_is_no_lookup_and_tells_how_to_ask(
    monkeypatch: pytest.MonkeyPatch, shipped: BriefBase, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    assert chat(monkeypatch, shipped, line) == []
    assert capsys.readouterr().out == f"{HOW_TO_ASK}\nFor example:\n- How many soldiers?\n\n"


def test_a_greeting_is_logged_and_tells_how_to_ask(
    monkeypatch: pytest.MonkeyPatch, shipped: BriefBase, capsys: pytest.CaptureFixture[str]
) -> None:
    assert [(each.query, each.outcome) for each in chat(monkeypatch, shipped, "hello")] == [("hello", "miss")]
    assert capsys.readouterr().out.startswith(HOW_TO_ASK)


@pytest.mark.parametrize("durable", [True, False])
def test_a_miss_is_called_noted_only_if_the_log_holds_it(
    monkeypatch: pytest.MonkeyPatch, shipped: BriefBase, capsys: pytest.CaptureFixture[str], durable: bool
) -> None:
    chat(monkeypatch, shipped, "nothing", durable=durable)
    shown = capsys.readouterr().out
    assert shown.startswith("No brief on “nothing”.\n")
    assert (MISS_NOTED in shown) is durable


@pytest.mark.parametrize("yes", ["yes", "Y", "1"])
def test_a_yes_shows_the_one_brief_that_was_meant(
    monkeypatch: pytest.MonkeyPatch, shipped: BriefBase, capsys: pytest.CaptureFixture[str], yes: str
) -> None:
    _, lookup = chat(monkeypatch, shipped, "one", yes)
    assert capsys.readouterr().out.startswith(f"Did you mean {TROOPS}?\n\n{TROOPS}\n")
    assert (lookup.query, lookup.outcome, lookup.confidence) == (TROOPS, "answer", 1.0)


@pytest.mark.parametrize("no", ["no", "N"])
def test_a_no_is_no_question(
    monkeypatch: pytest.MonkeyPatch, shipped: BriefBase, capsys: pytest.CaptureFixture[str], no: str
) -> None:
    assert [each.query for each in chat(monkeypatch, shipped, "one", no, "1")] == ["one", "1"]
    assert f"?\n\n{OTHER_WORDS}\n\n" in capsys.readouterr().out


@pytest.mark.parametrize("before", ["soldiers?", "nothing", "closest", TROOPS])
@pytest.mark.parametrize("word", ["yes", "no"])
def test_a_yes_or_no_to_nothing_is_a_question(
    monkeypatch: pytest.MonkeyPatch, shipped: BriefBase, before: str, word: str
) -> None:
    assert chat(monkeypatch, shipped, before, word)[-1].query == word


def test_the_closest_match_is_shown_with_the_others_to_pick_from(
    monkeypatch: pytest.MonkeyPatch, shipped: BriefBase, capsys: pytest.CaptureFixture[str]
) -> None:
    closest, picked = chat(monkeypatch, shipped, "closest", "1")
    shown = capsys.readouterr().out
    assert shown.startswith(f"Closest match:\n\n{TROOPS}\n")
    assert f"\n\nOr did you mean:\n  1. {WEAPONS}\n\n{WEAPONS}\n" in shown
    assert (closest.outcome, closest.brief) == ("suggest", None)
    assert (picked.query, picked.outcome, picked.brief) == (WEAPONS, "answer", "weapons")


@pytest.mark.parametrize("line", ["/briefing", "/briefs list", "what is /brief troops", "query:troops"])
def test_what_only_looks_like_the_command_is_a_question(
    monkeypatch: pytest.MonkeyPatch, shipped: BriefBase, line: str
) -> None:
    assert [lookup.query for lookup in chat(monkeypatch, shipped, line)] == [line]


def test_a_lookup_is_logged_as_of_the_console(monkeypatch: pytest.MonkeyPatch, shipped: BriefBase) -> None:
    (lookup,) = chat(monkeypatch, shipped, "soldiers?")
    assert (lookup.query, lookup.outcome, lookup.brief, lookup.confidence) == ("soldiers?", "suggest", None, 0.5)
    assert lookup.via == "console"
    assert lookup.elapsed_ms >= 0
    assert (lookup.guild_id, lookup.channel_id, lookup.user_id, lookup.interaction_id) == (None,) * 4


def test_a_lookup_is_logged_before_its_answer_is_shown(
    monkeypatch: pytest.MonkeyPatch, shipped: BriefBase, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[str] = []

    async def record(lookup: Lookup) -> bool:
        seen.append(capsys.readouterr().out)
        return True

    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{TROOPS}\nnothing\n"))
    with asyncio.Runner() as runner:
        Console(lambda: cast("Matcher", Scored(shipped)), record).run(runner)
    assert seen[0] == ""
    assert seen[1].startswith(TROOPS)
    assert "nearest topics" in capsys.readouterr().out


def test_without_a_log_it_answers_too(
    monkeypatch: pytest.MonkeyPatch, shipped: BriefBase, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(TROOPS))
    with asyncio.Runner() as runner:
        Console(lambda: cast("Matcher", Scored(shipped)), None).run(runner)
    assert capsys.readouterr().out.startswith(TROOPS)


@pytest.mark.parametrize("question", ["soldiers?", "nothing"])
@pytest.mark.parametrize(("number", "title", "brief"), [("1", TROOPS, "troops"), ("2", WEAPONS, "weapons")])
def test_a_number_picks_one_of_the_topics_offered(
    monkeypatch: pytest.MonkeyPatch,
    shipped: BriefBase,
    capsys: pytest.CaptureFixture[str],
    question: str,
    number: str,
    title: str,
    brief: str,
) -> None:
    _, lookup = chat(monkeypatch, shipped, question, "", f"/brief {number}")
    shown = capsys.readouterr().out
    assert f"  1. {TROOPS}\n  2. {WEAPONS}\n\n{HOW_TO_ASK}\n" in shown
    assert f"\n\n{title}\n" in shown
    assert (lookup.query, lookup.outcome, lookup.brief, lookup.confidence) == (title, "answer", brief, 1.0)


@pytest.mark.parametrize("query", ["0", "3", "12", "-1", "1.", "1 2", "²", "１", "0150", "015 000"])
def test_a_number_that_was_not_offered_is_a_question(
    monkeypatch: pytest.MonkeyPatch, shipped: BriefBase, query: str
) -> None:
    assert chat(monkeypatch, shipped, "soldiers?", query)[1].query == query


@pytest.mark.parametrize("before", [(), (TROOPS,), ("soldiers?", TROOPS)])
def test_a_number_after_no_offer_is_a_question(
    monkeypatch: pytest.MonkeyPatch, shipped: BriefBase, before: tuple[str, ...]
) -> None:
    assert chat(monkeypatch, shipped, *before, "1")[-1].query == "1"


@pytest.mark.parametrize("columns", ["40", "1000"])
def test_lines_fit_the_terminal_and_stay_readable_on_a_wide_one(
    monkeypatch: pytest.MonkeyPatch, shipped: BriefBase, capsys: pytest.CaptureFixture[str], columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    chat(monkeypatch, shipped, TROOPS)
    shown = capsys.readouterr().out
    assert max(map(len, shown.split("\n"))) <= min(int(columns), 100)
    brief = shipped.briefs["troops"]
    words = shown.split()
    for text in (brief.summary.plain, *(fact.text.plain for fact in brief.facts)):
        wanted = text.split()
        assert any(words[n : n + len(wanted)] == wanted for n in range(len(words)))


# What the files hold while it runs


class Talking:
    """The chat over a folder of two briefs, one question after another, with what it prints."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        write_brief(folder, "zebras", "Zebra crossings")
        write_brief(folder, "opera", "Opera houses in winter")
        self._fresh = FreshMatcher(folder, metadata(folder), Matcher(load(folder).base), Matcher)
        self._console = Console(self._fresh.look, None)
        self._monkeypatch, self._capsys = monkeypatch, capsys

    def ask(self, *lines: str) -> tuple[str, str]:
        """Return what is printed on standard output and on standard error."""
        self._monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
        with asyncio.Runner() as runner:
            self._console.run(runner)
        return self._capsys.readouterr()


@pytest.fixture
def talk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Talking:
    return Talking(tmp_path, monkeypatch, capsys)


def test_a_saved_file_answers_the_next_question(talk: Talking) -> None:
    assert talk.ask("ferries")[0].startswith("No brief on")
    write_brief(talk.folder, "ferries", "Ferries to the island")
    assert talk.ask("ferries")[0].startswith("Ferries to the island\n")


def test_a_file_that_breaks_is_told_once_and_what_was_last_good_of_it_answers_until_it_is_mended(talk: Talking) -> None:
    good = (talk.folder / "zebras.yaml").read_text()
    (talk.folder / "zebras.yaml").write_text(good.replace("summary", "sumary"))
    out, err = talk.ask("zebras")
    assert "About Zebra crossings." in out
    assert WRONG in err
    assert "zebras.yaml:2:1: unknown key 'sumary'; did you mean 'summary'?" in err
    write_brief(talk.folder, "ferries", "Ferries to the island")
    out, err = talk.ask("zebras", "ferries")
    assert "About Zebra crossings." in out
    assert "About Ferries to the island." in out
    assert err == ""
    (talk.folder / "zebras.yaml").write_text(good.replace("About", "All about"))
    out, err = talk.ask("zebras")
    assert "All about Zebra crossings." in out
    assert err == ""


def test_a_brief_whose_file_is_deleted_answers_no_more_and_what_was_offered_of_it_is_a_miss(talk: Talking) -> None:
    assert "Did you mean" in talk.ask("winter crossings")[0]
    (talk.folder / "zebras.yaml").unlink()
    (talk.folder / "opera.yaml").write_text((talk.folder / "opera.yaml").read_text().replace("winter", "summer"))
    out, err = talk.ask("1", "2")
    assert "About Zebra crossings." not in out
    assert "About Opera houses in summer." in out
    assert err == ""


# At a real terminal


def _take_terminal() -> None:
    """Make standard input, in a new process, the terminal whose Ctrl-C reaches it."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    heed_interrupts()


class Terminal:
    """`python -m bot` at a pseudo-terminal of its own, over a base of two briefs."""

    def __init__(self, folder: Path) -> None:
        write_brief(folder / "briefs", "zebras", "Zebra crossings")
        write_brief(folder / "briefs", "opera", "Opera houses in winter")
        self._screen, slave = pty.openpty()
        self.process = subprocess.Popen(
            command(),
            cwd=folder,
            env=environment(folder, BRIEFS_DIR=str(folder / "briefs")),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=_take_terminal,
        )
        os.close(slave)
        self.seen = ""

    def type(self, keys: str) -> None:
        os.write(self._screen, keys.encode())

    def until(self, text: str) -> str:
        """Read until ``text`` appears and return all that came up to it; the rest stays for the next call."""
        return self._read(text)

    def ended(self, pressing: str = "") -> str:
        """Read until the process has closed the terminal, and return the rest.

        ``pressing`` is typed, and again if nothing happens: Python misses a Ctrl-C just before it waits for a key.
        """
        self.type(pressing)
        return self._read("", pressing)

    def _read(self, text: str, pressing: str = "") -> str:
        deadline = time.monotonic() + 15
        while not (text and text in self.seen):
            assert time.monotonic() < deadline, f"{text!r} does not come, only {self.seen!r}"
            if not select.select([self._screen], [], [], 3)[0]:
                self.type(pressing)
                continue
            try:
                data = os.read(self._screen, 65536)
            except OSError:  # Linux says so when the other end is closed
                data = b""
            if not data:
                assert not text, f"the process ended before {text!r}: {self.seen!r}"
                break
            self.seen += data.decode()
        before, found, self.seen = self.seen.partition(text) if text else (self.seen, "", "")
        return before + found

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._screen)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    terminal = Terminal(tmp_path)
    yield terminal
    terminal.close()


def logged(folder: Path) -> list[tuple[str, str, str | None, str]]:
    with closing(sqlite3.connect(folder / "lookups.db")) as connection:
        return connection.execute("SELECT query, outcome, brief, via FROM lookups ORDER BY id").fetchall()


@pytest.mark.slow
def test_at_a_terminal_it_says_what_it_is_completes_with_tab_and_ends_with_ctrl_d(
    terminal: Terminal, tmp_path: Path
) -> None:
    welcome = terminal.until(PROMPT)
    assert "DISCORD_TOKEN" in welcome
    assert "Ctrl-D" in welcome
    terminal.type("zeb\t")
    terminal.until("ra crossings")
    terminal.type("\n")
    assert "About Zebra crossings." in terminal.until(PROMPT)
    terminal.type("/brief opera\n")
    terminal.until("About Opera houses in winter.")
    terminal.until(PROMPT)
    terminal.type("\x04")
    assert "Traceback" not in terminal.ended()
    assert terminal.process.wait(HANGS) == 0
    assert logged(tmp_path) == [
        ("Zebra crossings", "answer", "zebras", "console"),
        ("opera", "answer", "opera", "console"),
    ]


@pytest.mark.slow
def test_at_a_terminal_ctrl_c_ends_it_without_a_traceback_and_what_was_logged_stays(
    terminal: Terminal, tmp_path: Path
) -> None:
    terminal.until(PROMPT)
    terminal.type("zebras\n")
    terminal.until("About Zebra crossings.")
    terminal.until(PROMPT)
    terminal.type("half a ques")
    terminal.until("half a ques")
    assert "Traceback" not in terminal.ended(pressing="\x03")
    assert terminal.process.wait(HANGS) in (0, 130, -signal.SIGINT)  # the last when it was pressed once more at the end
    assert logged(tmp_path) == [("zebras", "answer", "zebras", "console")]
    assert not (tmp_path / "lookups.db-wal").exists() or not (tmp_path / "lookups.db-wal").stat().st_size


@pytest.mark.slow
def test_on_a_pipe_each_line_is_answered_at_once_and_ctrl_c_ends_it_without_a_traceback(tmp_path: Path) -> None:
    write_brief(tmp_path / "briefs", "zebras", "Zebra crossings")
    with talking(tmp_path, BRIEFS_DIR=str(tmp_path / "briefs")) as talk:
        talk.stdin.write(b"zebras\n")
        talk.stdin.flush()
        assert select.select([talk.stdout], [], [], HANGS)[0], "no answer while the pipe is open"
        assert talk.stdout.readline() == b"Zebra crossings\n"  # while the pipe is still open
        talk.process.send_signal(signal.SIGINT)
        assert talk.process.wait(HANGS) == 130
        assert talk.stderr.read() == b""
    assert logged(tmp_path) == [("zebras", "answer", "zebras", "console")]

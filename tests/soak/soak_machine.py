"""Everything at once: lookups, edits here and there, reloads, restarts and a database in trouble, in any order.

    python -m pytest tests/soak/soak_machine.py -o python_files='soak_*.py' -s

SOAK_SCALE multiplies the number of examples. The model is what the folder holds, and what of each file was last valid.
"""

import os
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bot.answering.answer import answer
from bot.briefs.card import card_of
from bot.briefs.card_text import markdown
from bot.briefs.loader import load
from bot.errors import BriefsError
from bot.storage import database, sqlite
from tests.admins import FILES, settled
from tests.brief_files import write
from tests.soak.world import World, text_of
from tools.fake_discord import MANAGER

SCALE = float(os.environ.get("SOAK_SCALE", "1"))
STEPS = 30

BRIEFS = st.sampled_from(["cats", "dogs", "ships", "birds"])
WORDS = st.sampled_from(["purr", "hiss", "sing", "sail", "@everyone", "`*_"])
QUERIES = st.sampled_from(["cats", "kitties", "dogs", "cargo ships", "who let the cats out", "birdz", "wool", "<@1>"])
BAD = st.sampled_from(["title: [", "title: Cats\n", "summary: &a x\n", "\x00", "title: Dogs\nrelated: [nobody]\n"])

OVERTAKEN = "Somebody else has changed"


class Machine(World, RuleBasedStateMachine):
    """What may happen to the bot, and what must hold whatever happened."""

    @initialize()
    def begin(self) -> None:
        self.bot = self.do(self.begun())

    def teardown(self) -> None:
        self.end()

    # Members

    @rule(query=QUERIES)
    def look_up(self, query: str) -> None:
        shown = self.do(self.fake.slash("brief", {"query": query}, **self.somebody()))
        found = answer(query, self.oracle)
        assert self.bot.keeper.matcher.base == self.in_use
        if found.brief:
            card = card_of(found.brief, self.in_use, datetime.now(UTC).date())
            assert markdown(card)[0] in shown.text
            assert markdown(card)[1] in shown.text
        else:
            assert shown.ephemeral
            assert all(brief.title in [*shown.labels, *shown.text.split("**")] for brief in found.offered)

    @rule(text=st.sampled_from(["", "c", "dgos", "zzz"]))
    def complete(self, text: str) -> None:
        typed = self.do(self.fake.autocomplete("brief", "query", text, **self.somebody()))
        titles = {brief.title for brief in self.in_use.briefs.values()}
        assert {choice["name"] for choice in typed.choices} <= titles

    # Admins

    @rule(brief=BRIEFS, word=WORDS)
    def save_a_form(self, brief: str, word: str) -> None:
        before = self.files()
        shown, _ = self.form(brief, text_of(brief, word))
        said = self.applied(shown)
        self.only_what_was_said(before, said, {f"{brief}.yaml": text_of(brief, word).encode()})

    @rule(brief=BRIEFS, bad=BAD)
    def save_a_wrong_form(self, brief: str, bad: str) -> None:
        before = self.files()
        shown, _ = self.form(brief, bad)
        assert "Apply" not in shown.labels
        assert self.files() == before

    @rule(brief=BRIEFS)
    def remove_a_brief(self, brief: str) -> None:
        before = self.files()
        who = self.somebody(permissions=MANAGER)
        shown = self.do(self.fake.slash("briefs remove", {"brief": brief}, **who))
        self.do(settled(shown))
        verb = next((label for label in shown.labels if label.startswith("Remove")), "Remove")
        changed: dict[str, bytes | None] = {f"{brief}.yaml": None}
        if "unlink" in verb:  # dogs name cats
            changed["dogs.yaml"] = before["dogs.yaml"].replace(b"[cats]", b"[]")
        self.only_what_was_said(before, self.applied(shown, verb), changed)

    @rule(brief=BRIEFS)
    def undo_a_change(self, brief: str) -> None:
        shown = self.do(self.fake.slash("briefs undo", {"brief": brief}, **self.somebody(permissions=MANAGER)))
        self.do(settled(shown))
        before = self.files()
        others = {name: content for name, content in before.items() if name != f"{brief}.yaml"}
        said = self.applied(shown)
        if "Done" not in said:
            assert self.files() == before
        assert {name: content for name, content in self.files().items() if name != f"{brief}.yaml"} == others
        self.settle(said)

    @rule(brief=BRIEFS, words=st.lists(WORDS, min_size=2, max_size=2, unique=True))
    def two_admins_edit_one_brief(self, brief: str, words: list[str]) -> None:
        shown = [self.form(brief, text_of(brief, word))[0] for word in words]
        before = self.files()
        first = self.applied(shown[0])
        self.only_what_was_said(before, first, {f"{brief}.yaml": text_of(brief, words[0]).encode()})
        after = self.files()
        second = self.applied(shown[1])
        if "Done" in first:
            assert "Done" not in second
            assert self.files() == after
        self.settle()

    @rule(brief=BRIEFS, words=st.lists(WORDS, min_size=2, max_size=2, unique=True))
    def a_file_is_saved_while_an_admin_looks_at_a_preview(self, brief: str, words: list[str]) -> None:
        shown, _ = self.form(brief, text_of(brief, words[0]))
        looked_at = self.files()
        write(self.folder, {f"{brief}.yaml": text_of(brief, words[1])})
        before = self.files()
        if before == looked_at:  # it said so already
            return
        assert "Done" not in self.applied(shown)
        assert self.files() == before
        self.settle()

    # The folder

    @rule(brief=BRIEFS, word=WORDS)
    def save_a_file(self, brief: str, word: str) -> None:
        write(self.folder, {f"{brief}.yaml": text_of(brief, word)})
        self.settle()

    @rule(brief=BRIEFS, bad=BAD)
    def save_a_wrong_file(self, brief: str, bad: str) -> None:
        write(self.folder, {f"{brief}.yaml": bad})
        self.settle()

    @rule(brief=BRIEFS, word=WORDS, part=st.floats(0, 1))
    def save_half_a_file(self, brief: str, word: str, part: float) -> None:
        text = text_of(brief, word)
        write(self.folder, {f"{brief}.yaml": text[: round(len(text) * part)]})
        self.settle()
        write(self.folder, {f"{brief}.yaml": text})
        self.settle()

    @rule(briefs=st.sets(BRIEFS, min_size=1))
    def delete_files(self, briefs: set[str]) -> None:
        for brief in briefs:
            (self.folder / f"{brief}.yaml").unlink(missing_ok=True)
        self.settle()

    @rule()
    def mend_all_files(self) -> None:
        shutil.rmtree(self.folder)
        write(self.folder, FILES)
        self.settle()

    # The bot and its database

    @rule()
    def restart(self) -> None:
        self.release_the_lock()
        if isinstance(self.valid(), BriefsError):
            self.mend_all_files()

        self.bot = self.do(self.started())
        self.use(load(self.folder).base)
        self.history_is_whole = True

    @precondition(lambda self: not self.lock)
    @rule()
    def lock_the_database(self) -> None:
        self.durable()
        self.lock = sqlite3.connect(self.path, isolation_level=None, timeout=5)
        self.lock.execute("BEGIN IMMEDIATE")

    @rule()
    def release_the_lock(self) -> None:
        if self.lock:
            self.lock.close()
            self.lock = None
        self.durable()

    @precondition(lambda self: not self.lock)
    @rule()
    def delete_the_database(self) -> None:
        self.durable()
        self.lost |= self.asked()
        self.history_is_whole = False
        self.path.unlink()
        self.look_up("cats")

    @precondition(lambda self: not self.lock)
    @rule()
    def back_the_database_up(self) -> None:
        self.durable()
        (self.root / "backup.db").unlink(missing_ok=True)
        with closing(sqlite3.connect(self.path)) as source, closing(sqlite3.connect(self.root / "backup.db")) as target:
            source.backup(target)
        self.backup = self.rows()

    @precondition(lambda self: self.backup is not None and not self.lock)
    @rule()
    def put_the_backup_in_place(self) -> None:
        self.durable()
        self.lost = self.asked() - (self.backup or set())
        self.history_is_whole = False
        self.backup = None
        (self.root / "backup.db").replace(self.path)
        self.look_up("cats")

    # What must hold

    @invariant()
    def nothing_is_refused_and_nobody_is_pinged(self) -> None:
        if hasattr(self, "fake"):
            assert self.fake.faults == []
            assert self.fake.pings == []

    @invariant()
    def every_lookup_that_was_answered_is_kept_or_waits(self) -> None:
        if hasattr(self, "bot") and not self.lock:
            self.durable()
            assert self.asked() - self.lost - self.rows() == set()
            assert self.bot.database.dropped == 0
        elif self.lock:
            missing = self.asked() - self.lost - self.rows()
            assert len(missing) <= self.bot.database.waiting

    @invariant()
    def the_last_version_of_each_brief_is_the_file_in_use(self) -> None:
        if not hasattr(self, "bot") or self.lock or not self.history_is_whole or self.valid() != self.in_use:
            return
        self.durable()
        latest = "SELECT brief, text FROM versions WHERE id IN (SELECT max(id) FROM versions GROUP BY brief)"
        with closing(sqlite3.connect(self.path)) as connection:
            versions = {brief: text for brief, text in connection.execute(latest) if text is not None}
        assert versions == {name.removesuffix(".yaml"): content.decode() for name, content in self.files().items()}


def test_whatever_happens_in_whatever_order_nothing_is_lost_and_every_answer_is_right(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(database, "COMMIT_TIMEOUT", 0.1)
    monkeypatch.setattr(database, "RETRY_INTERVAL", 0.05)
    monkeypatch.setattr(sqlite, "BUSY", 0.05)
    checks = [HealthCheck.too_slow, HealthCheck.filter_too_much]
    chosen = settings(
        max_examples=round(30 * SCALE), stateful_step_count=STEPS, deadline=None, suppress_health_check=checks
    )
    run_state_machine_as_test(Machine, settings=chosen)

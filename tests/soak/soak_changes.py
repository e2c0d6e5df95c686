"""A change of several files by a bot that is killed at each of its system calls: the next start agrees with its files.

python -m pytest tests/soak/soak_changes.py -o python_files='soak_*.py' -s
"""

from pathlib import Path

from tests.briefs.test_journal import every_point, points_with_a_history
from tests.forked import returned
from tests.soak.conftest import Say


def test_whoever_reads_sees_a_change_as_a_whole_or_not_at_all_whenever_it_or_its_taking_back_is_killed(
    tmp_path: Path, say: Say
) -> None:
    number = returned(every_point, tmp_path)
    say(f"{number} kills of a change of six files, and of those who take it back")
    assert number > 100


def test_whenever_the_bot_is_killed_the_history_has_exactly_what_is_in_use(tmp_path: Path, say: Say) -> None:
    number = returned(points_with_a_history, tmp_path)
    say(f"{number} kills of a bot that changed six files: each change was there as a whole or not at all")
    assert number > 50

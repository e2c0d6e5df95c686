"""The documents say what is so: their transcripts are run, their brief is loaded, their tables are complete."""

import io
import json
import re
import shlex
from datetime import date
from pathlib import Path

import pytest

from bot.answering.answer import answer
from bot.answering.matcher import Matcher
from bot.authoring.check import find_warnings
from bot.briefs.brief import BriefContent
from bot.briefs.brief_file import read_brief
from bot.briefs.loader import load
from bot.cli.main import main

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")

STEP = re.compile(r"^\$ (?:\.venv/bin/)?python -m bot ", re.MULTILINE)
YAML = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
BROKEN = "title: 1500\nsumary: South Korea says so.\nas_of: 2024-02-30\nsources:\n  - name: A report\n"


def transcripts() -> list[tuple[str, str]]:
    """Return each command of the README's transcripts with the output that follows it there."""
    text = "".join(re.findall(r"```console\n(.*?)```", README, re.DOTALL))
    return [(step.split("\n", 1)[0], step.split("\n", 1)[1]) for step in STEP.split(text)[1:]]


@pytest.mark.parametrize(("command", "printed"), transcripts())
def test_a_transcript_of_the_readme_is_what_the_command_prints(
    command: str, printed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "briefs").symlink_to(ROOT / "briefs")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "troops.yaml").write_text(BROKEN)
    monkeypatch.chdir(tmp_path)
    main(shlex.split(command))
    assert "".join(capsys.readouterr()) == printed


def test_the_brief_of_the_readme_is_valid_and_shows_every_key() -> None:
    _, text = YAML
    file = read_brief("troops.yaml", text.encode())
    assert file.problems == ()
    assert file.root is not None
    assert file.root.entries.keys() == BriefContent.model_fields.keys()


def test_the_small_brief_of_the_readme_can_be_copied_beside_the_shipped_ones() -> None:
    small, _ = YAML
    base, files, _, _ = load(ROOT / "briefs", {"ferries": small})
    found = find_warnings(files, Matcher(base), date.max)
    doubts = [doubt.message for doubt in found if doubt.path.endswith("ferries.yaml")]
    assert [doubt for doubt in doubts if not doubt.startswith("not translated into ")] == []
    assert answer("ferry", Matcher(base)).brief == base.briefs["ferries"]


@pytest.mark.parametrize(("command", "heading"), [("ask", "## `ask`"), ("complete", "## `complete`")])
def test_every_key_of_the_json_is_explained(
    command: str, heading: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b'"zelensky nis"\n')))
    main([command, "--jsonl", "--briefs", str(ROOT / "briefs")])
    printed = json.loads(capsys.readouterr().out)
    part = (ROOT / "docs/json.md").read_text(encoding="utf-8").split(heading)[1].split("\n## ")[0]
    keys = [key for cell in re.findall(r"^\| (`.*?) \|", part, re.MULTILINE) for key in re.findall(r"`(\w+)`", cell)]
    assert keys == list(printed)
    for each in printed.get("suggestions", printed.get("choices")):
        assert all(f"`{key}`" in part for key in each)


def test_every_setting_is_explained_in_the_example() -> None:
    read = set(
        re.findall(r'(?:get\(|given, )"([A-Z_]+)"', (ROOT / "bot/service/settings.py").read_text(encoding="utf-8"))
    )
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE)) == read
    assert len(re.findall(r"^# .+(?:\n# .+)*\n[A-Z_]+=", example, re.MULTILINE)) == len(read)


def test_the_architecture_names_every_room() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    (rooms,) = re.findall(r"^\| room \|.*?\n\n", text, re.MULTILINE | re.DOTALL)
    there = {path.stem for path in (ROOT / "bot").iterdir() if not path.name.startswith("__")}
    assert set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.*?) \|", rooms, re.MULTILINE)))) == there


def test_the_architecture_names_no_file_that_is_not_there() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    files = re.findall(r"`([\w/]+/\w+\.\w+)`", text)
    assert files
    assert [name for name in files if not (ROOT / name).exists() and not (ROOT / "bot" / name).exists()] == []


def test_every_decision_is_listed_and_says_what_it_costs_and_what_would_change_our_mind() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = re.findall(r"^- \[\d+\. .*\]\((.*)\)$", (folder / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert listed == sorted(path.name for path in folder.glob("[0-9]*.md"))
    for name in listed:
        parts = re.findall(r"^\*\*(.*?)\.\*\*", (folder / name).read_text(encoding="utf-8"), re.MULTILINE)
        assert parts == ["Context", "Decision", "Cost", "What would change our mind"], name

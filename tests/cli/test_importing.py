"""`python -m bot import` makes new briefs, and drafts of what is not finished; it overwrites nothing unasked."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.cli.main import main
from bot.durable import write_durably
from tests.authoring.test_importing import TOML
from tests.brief_files import MINIMAL, write
from tests.service.test_settings import KEYS

SOURCE = "Tags of the harbour bot, 2026-10-01"

Cli = Callable[..., tuple[int, str, str]]


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Run a command in a folder with a base of one brief: exit code, output and errors."""
    monkeypatch.chdir(write(tmp_path / "here", {"tags.toml": TOML}))
    write(tmp_path / "here" / "briefs", {"ships.yaml": MINIMAL})
    for key in KEYS:
        monkeypatch.delenv(key, raising=False)

    def cli(*arguments: str) -> tuple[int, str, str]:
        return main(list(arguments)), *capsys.readouterr()

    return cli


def names(folder: str) -> set[str]:
    return {path.name for path in Path(folder).glob("*.yaml")}


def test_entries_with_a_source_are_briefs_at_once_and_each_loss_is_named(cli: Cli) -> None:
    code, out, err = cli("import", "tags.toml", "--source", SOURCE)
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "tags.toml [last-ferry]: new brief last-ferry",
        "tags.toml [tickets]: new brief tickets",
        "    lost: hoisted “yes”: a brief has no such part",
        "2 entries: 2 new briefs, 1 thing lost.",
    ]
    assert names("briefs") == {"ships.yaml", "last-ferry.yaml", "tickets.yaml"}
    assert not Path("drafts").exists()
    assert cli("check")[0] == 0
    assert "leaves at 8 pm" in cli("ask", "last", "boat")[1]


def test_entries_without_a_source_are_drafts_beside_the_base(cli: Cli) -> None:
    code, out, _ = cli("import", "tags.toml")
    assert code == 0
    assert "tags.toml [last-ferry]: draft last-ferry: source to be written; date to be written" in out
    assert names("briefs") == {"ships.yaml"}
    assert names("drafts") == {"last-ferry.yaml", "tickets.yaml"}
    assert cli("check", "drafts")[2].count("is still TODO") == 4
    Path("drafts/tickets.yaml").write_text("mine")
    again = cli("import", "tags.toml")
    assert "drafts/tickets.yaml: exists already, so this draft is not written" in again[2]
    assert Path("drafts/tickets.yaml").read_text() == "mine"


def test_drafts_go_where_one_says(cli: Cli) -> None:
    Path("elsewhere").mkdir()
    assert cli("import", "tags.toml", "-o", "elsewhere")[0] == 0
    assert names("elsewhere") == {"last-ferry.yaml", "tickets.yaml"}


def test_what_is_there_is_shown_line_by_line_and_changed_only_if_one_says_so(cli: Cli) -> None:
    Path("faq.csv").write_text("title,answer,source,date\nShips,Ships sail.,Port,2026-10\n")
    code, out, _ = cli("import", "faq.csv")
    assert code == 0
    assert "-summary: Ships carry things.\n" in out
    assert "+summary: Ships sail.\n" in out
    assert out.endswith("What is there already was not changed; --replace changes it as shown.\n")
    assert Path("briefs/ships.yaml").read_text() == MINIMAL
    assert cli("import", "faq.csv", "--replace")[0] == 0
    assert "summary: Ships sail." in Path("briefs/ships.yaml").read_text()
    assert "1 brief that says it already" in cli("import", "faq.csv")[1]


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (["missing.csv"], 1, "missing.csv: is not there; name a file, a folder or a zip\n"),
        (["missing.zip"], 1, "missing.zip: is not there; name a file, a folder or a zip\n"),
        (["bad.json"], 1, "bad.json: line 1, column 2 is not valid JSON"),
        (["tags.toml", "--source", "2026-10-01"], 2, "argument --source: names no source"),
        (["tags.toml", "--briefs", "nowhere", "--source", SOURCE], 1, "nowhere:1:1: is not there"),
    ],
)
def test_what_cannot_be_imported_is_one_plain_line(cli: Cli, arguments: list[str], code: int, line: str) -> None:
    Path("bad.json").write_text("{")
    found, _, err = cli("import", *arguments)
    assert found == code
    assert line in err
    assert "Traceback" not in err


def test_if_a_file_cannot_be_written_none_is(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, content: bytes, mode: int | None = None) -> None:
        if "tickets" in path.name:
            raise OSError(28, "No space left on device", str(path))
        write_durably(path, content, mode)

    monkeypatch.setattr("bot.briefs.journal.write_durably", full)
    code, _, err = cli("import", "tags.toml", "--source", SOURCE)
    assert (code, "No space left on device" in err) == (1, True)
    assert names("briefs") == {"ships.yaml"}


def test_claim_reviews_are_written_and_what_is_left_out_is_named(cli: Cli) -> None:
    write(Path("briefs"), {"arks.yaml": MINIMAL.replace("Ships", "Arks") + "status: confirmed\n"})
    code, out, err = cli("export", "--claim-review", "https://news.example/briefs")
    assert (code, out) == (0, "briefs.jsonld\n")
    assert err == "ships: left out: “reported” says who says it, not whether it is so\n"
    assert '"url": "https://news.example/briefs/arks"' in Path("briefs.jsonld").read_text()
    code, _, err = cli("export", "--claim-review", "https://news.example/briefs")
    assert (code, "briefs.jsonld: exists already" in err) == (1, True)
    assert cli("export", "x.jsonld", "--claim-review", "news.example")[0] == 2

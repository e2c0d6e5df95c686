"""Which texts a translation translates: written by `check --stamp` and by a change on Discord."""

from pathlib import Path

import pytest

from bot.authoring.stamping import stamp, stamped
from bot.briefs.brief import BriefBase
from bot.briefs.loader import load
from tests.brief_files import a_brief, brief_text, write

DIGEST = "0123456789abcdef"
UKRAINIAN = "# Перевірено.\ntitle: Кораблі\nsummary: Кораблі возять вантажі. # усі\n"


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        (UKRAINIAN, f'# Перевірено.\nof: "{DIGEST}"\ntitle: Кораблі\nsummary: Кораблі возять вантажі. # усі\n'),
        ('title: А\nof: "fedcba9876543210" # 1\nsummary: Б\n', f'title: А\nof: "{DIGEST}" # 1\nsummary: Б\n'),
        ("\ufefftitle: А\r\nsummary: Б\r\n", f'\ufeffof: "{DIGEST}"\r\ntitle: А\r\nsummary: Б\r\n'),
        ("title: А\nsummary: |\n  of: це\n", f'of: "{DIGEST}"\ntitle: А\nsummary: |\n  of: це\n'),
        ("{title: А, summary: Б}\n", "{title: А, summary: Б}\n"),
        ("title: А\nsummary:\n", "title: А\nsummary:\n"),
        ("", ""),
    ],
)
def test_a_stamp_changes_one_line_or_nothing(text: str, changed: str) -> None:
    assert stamped(text, DIGEST) == changed


async def test_only_what_can_be_up_to_date_is_stamped(tmp_path: Path) -> None:
    own = {"ships.yaml": brief_text(), "boats.yaml": brief_text(title="Boats", facts=[{"text": "One."}])}
    texts = {
        "ships.uk.yaml": UKRAINIAN,
        "boats.uk.yaml": UKRAINIAN.replace("Кораблі", "Човни"),
        "cars.uk.yaml": UKRAINIAN,
    }
    write(tmp_path, own | texts | {"cars.uk.yaml": "title: Авто\nsummary: Їдуть.\n"})
    assert await stamp(tmp_path, BriefBase()) == [str(tmp_path / "ships.uk.yaml")]
    assert load(tmp_path).base.translations["ships.uk"].of == a_brief().digest
    assert await stamp(tmp_path, BriefBase()) == []
    assert (tmp_path / "boats.uk.yaml").read_text(encoding="utf-8") == texts["boats.uk.yaml"]

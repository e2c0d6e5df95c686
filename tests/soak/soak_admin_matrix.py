"""Every actor tries every action of administration that they may not take, in every configuration.

python -m pytest tests/soak/soak_admin_matrix.py -o python_files='soak_*.py'
"""

from pathlib import Path

import pytest

from tests.commands.test_admin_matrix import CONFIGURATIONS, try_everything


@pytest.mark.parametrize("name", CONFIGURATIONS)
async def test_each_is_refused_all_that_the_tables_do_not_give_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    await try_everything(tmp_path, monkeypatch, name, 1)

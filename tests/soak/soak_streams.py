"""Each command, in each way in which one of its streams can break.

python -m pytest tests/soak/soak_streams.py -o python_files='soak_*.py'
"""

from pathlib import Path

import pytest

from tests.cli.test_main import SHELL, see_that_a_stream_that_breaks_is_no_traceback


@pytest.mark.parametrize("name", SHELL)
def test_a_stream_that_breaks_is_no_traceback(tmp_path: Path, name: str) -> None:
    see_that_a_stream_that_breaks_is_no_traceback(tmp_path, name)

"""Files of a million signs that a reader of HTML or Markdown could take minutes for.

python -m pytest tests/soak/soak_documents.py -o python_files='soak_*.py'
"""

import pytest

from tests.authoring.test_document import PIECES, see_that_it_is_read_within


@pytest.mark.parametrize("piece", PIECES)
def test_the_time_grows_with_the_length_alone_whatever_a_file_holds(piece: str) -> None:
    see_that_it_is_read_within(10, piece, 1_000_000)

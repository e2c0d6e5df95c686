"""A thousand edits of a brief that has a translation.

python -m pytest tests/soak/soak_translations.py -o python_files='soak_*.py'
"""

from tests.briefs.test_translation import see_that_no_stale_translation_is_shown_unmarked


def test_no_stale_translation_is_shown_unmarked_over_a_thousand_edits() -> None:
    see_that_no_stale_translation_is_shown_unmarked(1000)

"""What the bot uses of aiosqlite without its promise is all there in the installed version."""

import re

import pytest

from tests.internals import Internal, missing, told, unlisted

INTERNALS = [
    Internal("aiosqlite.Connection._execute", "storage.sqlite:_Connection.write", ("fn",)),
    Internal("aiosqlite.Connection._conn", "storage.sqlite:_Connection.write"),
]


@pytest.mark.parametrize("internal", INTERNALS, ids=lambda internal: internal.path)
def test_what_we_use_of_aiosqlite_is_there(internal: Internal) -> None:
    assert missing(internal) is None


@pytest.mark.parametrize("place", sorted({each.told_in for each in INTERNALS}))
def test_each_place_says_since_when_and_what_to_do_when_it_goes(place: str) -> None:
    assert re.search(r"Since\saiosqlite\s0\.\d.*When\sit\sgoes", told(Internal("", place)), re.DOTALL)


def test_no_other_internal_of_aiosqlite_is_used() -> None:
    assert unlisted("storage", INTERNALS) == set()

"""Recent interactions: an interaction is new once, and timed until its first response."""

import pytest

from bot.gateway import recent_interactions
from bot.gateway.recent_interactions import RecentInteractions


def test_an_interaction_is_new_once() -> None:
    seen = RecentInteractions()
    assert seen.add(1, 2, 0.0)
    assert seen.add(2, 2, 0.0)
    assert not seen.add(1, 2, 5.0)
    seen.answered(1, 6.0)
    assert not seen.add(1, 2, 7.0)


def test_no_more_is_remembered_than_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent_interactions, "MOST_REMEMBERED", 2)
    seen = RecentInteractions()
    assert [seen.add(number, 2, 0.0) for number in (1, 2, 3, 2, 1)] == [True, True, True, False, True]


@pytest.mark.parametrize(("number", "name"), recent_interactions.TYPES.items())
def test_the_first_response_is_counted_with_its_time_and_the_type_of_its_interaction(number: int, name: str) -> None:
    seen = RecentInteractions()
    seen.add(1, number, 10.0)
    seen.add(1, number, 12.0)
    for _ in range(2):
        seen.answered(1, 12.5)
    assert {kind: times.sum for kind, times in seen.response_seconds.items() if times.sum} == {name: 2.5}
    assert seen.response_seconds[name].cumulative()[-1] == ("+Inf", 1)


def test_a_response_to_what_is_no_longer_remembered_is_not_counted() -> None:
    seen = RecentInteractions()
    seen.answered(1, 1.0)
    assert all(times.cumulative()[-1] == ("+Inf", 0) for times in seen.response_seconds.values())

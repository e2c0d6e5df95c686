"""What a message said is at hand for a quarter of an hour, and nowhere but in memory."""

from bot.commands.excerpts import KEPT_FOR, LENGTH, MOST, Excerpts


def test_the_beginning_of_a_message_is_kept_for_its_time() -> None:
    excerpts = Excerpts()
    excerpts.keep(1, "x" * 300, now=10.0)
    assert excerpts.of(1, now=9.0 + KEPT_FOR) == "x" * LENGTH == "x" * 200
    assert excerpts.of(1, now=10.0 + KEPT_FOR) is None
    assert excerpts.of(1, now=10.0) is None


def test_only_the_newest_are_kept() -> None:
    excerpts = Excerpts()
    for number in range(MOST + 1):
        excerpts.keep(number, str(number), now=0.0)
    assert excerpts.of(0, now=0.0) is None
    assert (excerpts.of(1, now=0.0), excerpts.of(MOST, now=0.0)) == ("1", str(MOST))


def test_what_was_never_asked_about_is_not_known() -> None:
    assert Excerpts().of(1, now=0.0) is None

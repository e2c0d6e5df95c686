"""What becomes of questions: answered for all to read, shown to the asker alone, asked back about, or a miss."""

from collections.abc import Iterable
from dataclasses import astuple, dataclass

from bench.cases import Case
from bot.answering.answer import Missing, Unsure, answer
from bot.answering.matcher import Matcher


@dataclass(frozen=True, slots=True)
class Decisions:
    """Counts over the questions of a case. In scope: how many there are, the best brief is right, answered, answered
    rightly, shown, shown rightly, and the right brief is answered, shown or listed; out of scope: how many there are,
    answered, shown, listed."""

    name: str
    inside: int
    best: int
    answered: int
    right: int
    shown: int
    shown_right: int
    offered: int
    outside: int
    out_answered: int
    out_shown: int
    out_listed: int

    HEAD = (
        "", "questions", "accuracy@1", "answered", "right of these", "shown", "right of these", "right at once",
        "right or offered", "out: questions", "answered", "shown", "listed",
    )  # fmt: skip

    def row(self) -> tuple[str, ...]:
        """Return the shares as text, in the order of HEAD."""
        of_inside = (self.best, self.answered), (self.shown,), (self.right + self.shown_right, self.offered)
        (best, answered), (shown,), (at_once, offered) = (
            [_share(part, self.inside) for part in parts] for parts in of_inside
        )
        out = (_share(part, self.outside) for part in (self.out_answered, self.out_shown, self.out_listed))
        right, shown_right = _share(self.right, self.answered), _share(self.shown_right, self.shown)
        inside, outside = str(self.inside), str(self.outside)
        return (self.name, inside, best, answered, right, shown, shown_right, at_once, offered, outside, *out)


def decide(case: Case, matcher: Matcher | None = None) -> Decisions:
    """Ask a matcher of the case's base, or the one given, all its questions."""
    matcher = matcher or Matcher(case.base)
    counts = dict.fromkeys(Decisions.__slots__[1:], 0)
    for query, right in case.questions:
        found = answer(query, matcher)
        listed = found.suggestions if isinstance(found, Unsure) else ()
        shown = found.shown if isinstance(found, Unsure) else None
        best = found.brief or (found.suggestions[0].brief if found.suggestions else None)
        if right:
            counts["inside"] += 1
            counts["best"] += best is not None and best.id in right
            counts["answered"] += found.brief is not None
            counts["right"] += found.brief is not None and found.brief.id in right
            counts["shown"] += shown is not None
            counts["shown_right"] += shown is not None and shown.id in right
            offered = [found.brief] if found.brief else [candidate.brief for candidate in listed]
            counts["offered"] += any(brief.id in right for brief in offered)
        else:
            counts["outside"] += 1
            counts["out_answered"] += found.brief is not None
            counts["out_shown"] += shown is not None
            counts["out_listed"] += not isinstance(found, Missing) and found.brief is None and shown is None
    return Decisions(case.name, **counts)


def together(name: str, parts: Iterable[Decisions]) -> Decisions:
    """Return the sum of some decisions."""
    columns = zip(*(astuple(part)[1:] for part in parts), strict=True)
    return Decisions(name, *map(sum, columns))


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "-"

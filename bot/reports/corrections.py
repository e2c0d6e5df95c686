"""What members say is wrong: of a brief, or of the answer to a question."""

from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace

from bot.catalogues.catalogue import ENGLISH, N_, Catalogue
from bot.reports.misses import MissGroup
from bot.storage.corrections import Correction, Kind

KINDS: dict[Kind, str] = {
    "wrong": N_("not what was asked"),
    "outdated": N_("out of date"),
    "mistake": N_("something is wrong"),
}
"""What a member says is wrong, in words."""


@dataclass(frozen=True, slots=True)
class Reported:
    """What members say of one brief, the oldest first."""

    brief: str
    said: tuple[Correction, ...]

    @property
    def members(self) -> int:
        return len({each.member for each in self.said})


def by_brief(corrections: Iterable[Correction], briefs: Container[str]) -> list[Reported]:
    """Group what was said of the briefs that there are, those first of which most members said something.

    What was said of the answer to a known question is left out, because it stands beside that question.
    """
    grouped: dict[str, list[Correction]] = {}
    for each in sorted(corrections, key=lambda each: each.id):
        if each.brief in briefs and not _of_answer(each):
            grouped.setdefault(each.brief, []).append(each)
    reported = [Reported(brief, tuple(said)) for brief, said in grouped.items()]
    return sorted(reported, key=lambda each: (-each.members, each.said[0].id))


def kinds_of(reported: Reported, catalogue: Catalogue = ENGLISH) -> str:
    """Return how often which kind of thing is said to be wrong, in words."""
    counts = Counter(each.kind for each in reported.said)
    return ", ".join(f"{number} × {catalogue.gettext(KINDS[kind])}" for kind, number in counts.most_common())


def with_words(groups: Iterable[MissGroup], corrections: Sequence[Correction]) -> list[MissGroup]:
    """Return groups of questions with what their askers said of the answers."""
    of_answers = [each for each in corrections if _of_answer(each) and (each.text or each.link)]
    return [replace(group, said=tuple(_said_of(group, of_answers))) for group in groups]


def _said_of(group: MissGroup, corrections: Iterable[Correction]) -> Iterable[str]:
    return (" ".join(filter(None, [each.text, each.link])) for each in corrections if each.query in group.wordings)


def _of_answer(correction: Correction) -> bool:
    return correction.kind == "wrong" and bool(correction.query)

"""What becomes of each entry of an import: a new brief, a change of one that is there, a draft, or nothing.

Pure but for the texts of the files that are there, which the caller gives.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import PurePosixPath
from typing import Literal

from bot.authoring.form.fields import Form, SourceLine
from bot.authoring.form.naming import id_for
from bot.authoring.form.written import new_file
from bot.authoring.importing.content import Made, changed, form_of, made_of
from bot.authoring.importing.entries import Entry, UnreadableError, entries_of
from bot.authoring.importing.packed import LONGEST_NAME
from bot.briefs.brief import Brief, BriefBase
from bot.briefs.brief_file import read_brief
from bot.briefs.export import BESIDE
from bot.briefs.fields import TODO
from bot.briefs.schema import MODELINE
from bot.briefs.translation import is_file_name
from bot.catalogues.catalogue import ENGLISH, Catalogue
from bot.errors import printable
from bot.language.normalise import normalise
from bot.language.texts import shortened

Kind = Literal["new", "change", "draft", "there", "name", "none"]
"""What an entry becomes: a brief, another text of one, a draft, the brief that is there, a name of another, nothing."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an entry becomes. ``brief`` is an id. ``why`` says why it is a draft or nothing, ``losses`` what it lost."""

    place: str
    kind: Kind
    brief: str = ""
    why: tuple[str, ...] = ()
    losses: tuple[str, ...] = ()

    def lines(self) -> Iterator[str]:
        """Yield the lines that say it, the first one with what it becomes."""
        yield f"{self.place}: {_SAID[self.kind].format(self.brief)}{': ' if self.why else ''}{'; '.join(self.why)}"
        yield from (f"    lost: {loss}" for loss in self.losses)


_SAID: Mapping[Kind, str] = {
    "new": "new brief {}",
    "change": "changes {}, which is there",
    "draft": "draft {}",
    "there": "{} says that already",
    "name": "another name of {}",
    "none": "nothing",
}


def _counted(kind: Kind, n: int, say: Catalogue) -> str:
    """Return how many entries become what."""
    match kind:
        case "new":
            return say.ngettext("{n} new brief", "{n} new briefs", n)
        case "change":
            return say.ngettext("{n} change of a brief that is there", "{n} changes of briefs that are there", n)
        case "draft":
            return say.ngettext("{n} draft", "{n} drafts", n)
        case "there":
            return say.ngettext("{n} brief that says it already", "{n} briefs that say it already", n)
        case "name":
            return say.ngettext("{n} name of another entry", "{n} names of other entries", n)
        case "none":
            return say.ngettext("{n} left out", "{n} left out", n)


@dataclass(frozen=True, slots=True)
class Draft:
    """What is not finished: the text of its file, and what the plain form holds of it, None if the form cannot."""

    text: str
    form: Form | None


@dataclass(slots=True)
class Plan:
    """The texts of new briefs, of those that change, and of drafts, each by id; and what becomes of every entry."""

    new: dict[str, str] = field(default_factory=dict)
    changes: dict[str, str] = field(default_factory=dict)
    drafts: dict[str, Draft] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    """Lines about files that cannot be read."""
    said: list[str] = field(default_factory=list)
    """Lines about parts of files that are no entries, and about how a file was understood."""

    def lines(self) -> list[str]:
        """Return a line on each file that cannot be read, on each entry, and on each loss."""
        return [*self.unread, *self.said, *(line for outcome in self.outcomes for line in outcome.lines())]

    def losses(self) -> list[str]:
        """Return a line on each file that cannot be read, and on each loss with the place of its entry."""
        return [*self.unread, *(f"{each.place}: {loss}" for each in self.outcomes for loss in each.losses)]

    def summary(self, catalogue: Catalogue = ENGLISH) -> str:
        """Return how many entries become what, and how many losses there are."""
        counts = Counter(outcome.kind for outcome in self.outcomes)
        parts = [_counted(kind, counts[kind], catalogue) for kind in _SAID if counts[kind]]
        losses = sum(len(outcome.losses) for outcome in self.outcomes)
        lost = catalogue.ngettext("{n} thing lost", "{n} things lost", losses)
        entries = catalogue.ngettext("{n} entry", "{n} entries", len(self.outcomes))
        return f"{entries}: {', '.join([*parts, lost])}."


def planned(
    files: Mapping[str, bytes],
    base: BriefBase,
    is_taken: Callable[[str], bool],
    source: SourceLine | None,
    today: date,
) -> Plan:
    """Return what becomes of the entries of ``files``.

    ``is_taken`` tells whether a file with an id is there, also one that is wrong. ``source`` is that of entries without
    one.
    """
    planning = _Planning(base, is_taken)
    made: list[Made] = []
    for name, content in files.items():
        if name.endswith(".yaml"):
            planning.whole(name, content)
        elif PurePosixPath(name).name not in BESIDE:
            try:
                found = entries_of(name, content)
            except UnreadableError as error:
                planning.plan.unread.append(f"{printable(name)}: {error}")
                continue
            planning.plan.said += [f"{printable(name)}: {line}" for line in found.said]
            made += [made_of(entry, source, today) for entry in found.found]
    planning.take(made)
    return planning.plan


class _Planning:
    """Gives each entry its id and its phrases: what is there keeps its own, then titles come before other phrases."""

    def __init__(self, base: BriefBase, is_taken: Callable[[str], bool]) -> None:
        self.plan = Plan()
        self._base = base
        self._is_taken = is_taken
        self._owners = {normalise(phrase): brief.id for brief in base.briefs.values() for phrase in _own(brief)}
        self._titles = {normalise(brief.title): brief.id for brief in base.briefs.values()}
        self._drafted: dict[str, str] = {}

    def whole(self, name: str, content: bytes) -> None:
        """Take a file of a brief as it is, under the id that it is named after."""
        brief, read = PurePosixPath(name).stem, read_brief(PurePosixPath(name).name, content)
        text = content.decode("utf-8-sig", "replace")
        said = read.brief or read.translation
        if said is None:
            self._none_or_draft(name, brief, text, [problem.message for problem in read.problems])
        elif brief in self.plan.new or brief in self.plan.changes:
            self._add(name, "none", brief, ["another file has this name"])
        elif said == self._base.content(brief):
            self._add(name, "there", brief)
        else:
            known = self._is_taken(brief)
            (self.plan.changes if known else self.plan.new)[brief] = text
            if read.brief:
                self._owners |= {normalise(phrase): brief for phrase in _own(read.brief)}
                self._titles[normalise(read.brief.title)] = brief
            self._add(name, "change" if known else "new", brief)

    def _none_or_draft(self, name: str, brief: str, text: str, why: Sequence[str]) -> None:
        if is_file_name(brief) and brief not in self.plan.drafts:
            self.plan.drafts[brief] = Draft(text, None)
            self._add(name, "draft", brief, why)
        else:
            self._add(name, "none", brief, why)

    def take(self, made: Sequence[Made]) -> None:
        """Take the entries: first all titles, then what only names another entry, then the other phrases."""
        ids = [(each, brief) for each in made if each.target is None and (brief := self._id(each))]
        named = {normalise(name): found for found in ids for name in (found[0].title, *_names(found[0].entry))}
        for each in made:
            if each.target is not None:
                self._point(each, named.get(normalise(each.target)) or named.get(normalise(_last(each.target))))
        for each, brief in ids:
            self._write(each, brief)

    def _point(self, made: Made, owner: tuple[Made, str] | None) -> None:
        """Give the name of an entry to the one that it points to."""
        if owner is None:
            why = f"there is no entry “{shortened(str(made.target), 60)}” that it could be another name of"
            self._add(made.entry.place, "none", "", [why], made.losses)
            return
        owner[0].content["aliases"] += [made.entry.name, *made.phrases]
        self._add(made.entry.place, "name", owner[1], (), made.losses)

    def _id(self, made: Made) -> str | None:
        """Return the id of an entry; None if an earlier one has its title, which is noted."""
        title = normalise(made.title)
        if title and title in self._titles:
            brief = self._titles[title]
            if brief in self._base.briefs and brief not in self._drafted and brief not in self.plan.changes:
                self._drafted[brief] = made.entry.place
                return brief
            earlier = self._drafted.get(brief, f"{brief}.yaml")
            self._add(made.entry.place, "none", brief, [f"{earlier} has the same title"], made.losses)
            return None
        brief = id_for(made.title, lambda name: self._is_taken(name) or name in self._drafted or name in self.plan.new)
        self._drafted[brief] = made.entry.place
        if title:
            self._titles[title] = brief
        return brief

    def _write(self, made: Made, brief: str) -> None:
        """Write the text of an entry, as a brief if it is one and as a draft if not."""
        self._own_phrases(made, brief)
        known = self._base.briefs.get(brief)
        content = changed(made, known) if known and not made.missing else made.content
        content["related"] = self._related(made, content.get("related", ()), brief)
        text = new_file(content)
        read = read_brief(f"{brief}.yaml", text.encode(errors="surrogatepass"))
        owner = self._owners.get(normalise(made.title), brief)
        why = [f"{part} to be written" for part in made.missing]
        why += [problem.message for problem in read.problems if TODO not in problem.message]
        why += [f"the title is another name of {owner}"] if owner != brief else []
        if why:
            self.plan.drafts[brief] = Draft(_draft(made, why, text), form_of(made))
            self._add(made.entry.place, "draft", brief, why, made.losses)
        elif known and read.brief == known:
            self._add(made.entry.place, "there", brief, (), made.losses)
        else:
            (self.plan.changes if known else self.plan.new)[brief] = text
            self._add(made.entry.place, "change" if known else "new", brief, (), made.losses)

    def _own_phrases(self, made: Made, brief: str) -> None:
        """Leave the entry the phrases that nobody else has, and note the others."""
        named = {normalise(made.title), normalise(brief.replace("-", " "))}
        for key in ("aliases", "questions"):
            kept = []
            for phrase in dict.fromkeys(made.content[key]):
                text = normalise(phrase)
                owner = self._titles.get(text) or self._owners.setdefault(text, brief)
                if owner != brief:
                    made.losses.append(f"the name “{shortened(printable(phrase), 60)}” belongs to {owner}")
                elif text not in named:
                    kept.append(phrase)
            made.content[key] = kept

    def _related(self, made: Made, named: Sequence[str], brief: str) -> list[str]:
        known = {*self._base.briefs, *self.plan.new, *self._drafted} - {brief}
        made.losses += [f"related: there is no brief “{shortened(other, 60)}”" for other in named if other not in known]
        return [other for other in named if other in known]

    def _add(
        self, place: str, kind: Kind, brief: str = "", why: Iterable[str] = (), losses: Iterable[str] = ()
    ) -> None:
        self.plan.outcomes.append(
            Outcome(shortened(printable(place), LONGEST_NAME), kind, brief, tuple(why), tuple(losses))
        )


def _own(brief: Brief) -> tuple[str, ...]:
    return (brief.title, *brief.aliases, *brief.questions)


def _last(name: str) -> str:
    return PurePosixPath(name).name


def _names(entry: Entry) -> tuple[str, ...]:
    """Return the names by which another entry may point to this one."""
    place = PurePosixPath(entry.place).with_suffix("")
    return entry.name, str(place), "/".join(place.parts[-2:])


def _draft(made: Made, why: Iterable[str], text: str) -> str:
    """Return a draft with what is to be done, and what was lost, in comments above it."""
    head = [f"A draft from {made.entry.place}: {'; '.join(why)}.", *(f"Lost: {loss}" for loss in made.losses)]
    lines = [f"# {printable(line)}" for line in head]
    return "\n".join([MODELINE, *lines, text.removeprefix(MODELINE).lstrip("\n")])

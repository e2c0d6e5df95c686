"""What changes in a brief's file by the form: only what was changed in a field.

What the form does not show stays as it stands, keys, comments and layout included. The changed file is read again, and
used only if it says what was meant.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from bot.authoring.form import written
from bot.authoring.form.edits import UNSAFE, Entry, edited
from bot.authoring.form.fields import FactLine, Form, Line, Typed, UnfitError, is_question, shown, typed
from bot.briefs.brief import Brief
from bot.briefs.brief_file import read_brief
from bot.briefs.comparing import likeness

_FACT, _SOURCE = ("text", "by"), ("name", "url", "published")
"""The keys of a fact and of a source that the form shows."""

_LIKE = 0.3
"""Share of words that a line has in common with an old one that it is a new wording of."""


def dated(text: str, day: str) -> str:
    """Return the ``text`` of a valid brief with ``day`` as the one that it is as of. Raises UnfitError."""
    return _edited(text, {"as_of": day})


def merged(text: str, brief: Brief, form: Form, today: date) -> str:
    """Return the ``text`` of the file of ``brief`` with what was changed in ``form``.

    Raises UnfitError if the form cannot show the brief, or if the file cannot be changed safely.
    """
    changes = _changes(brief, typed(shown(brief), today), typed(form, today))
    changed = _edited(text, changes)
    content = _data(brief) | {
        key: change if isinstance(change, str) else [entry.value for entry in change] for key, change in changes.items()
    }
    meant = read_brief(f"{brief.id}.yaml", json.dumps(content, ensure_ascii=False).encode(errors="surrogatepass"))
    if meant.brief and read_brief(f"{brief.id}.yaml", changed.encode(errors="surrogatepass")).brief != meant.brief:
        raise UnfitError(UNSAFE)
    return changed


def _edited(text: str, changes: Mapping[str, str | Sequence[Entry]]) -> str:
    """Return a text after changes of its keys, with the line ends and the mark at its beginning that it had."""
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    newline = "\r\n" if "\r\n" in text else "\n"
    return mark + edited(text.removeprefix(mark).replace("\r\n", "\n"), changes).replace("\n", newline)


def _changes(brief: Brief, was: Typed, now: Typed) -> dict[str, str | Sequence[Entry]]:
    """Return what changes, by key."""
    changes: dict[str, str | Sequence[Entry]] = {}
    if now.title != was.title:
        changes["title"] = now.title
    if now.summary != was.summary:
        changes["summary"] = now.summary
    if (day := _day(was, now)) and day != brief.as_of:
        changes["as_of"] = day
    data = _data(brief)
    sources = _paired(was.sources, now.sources)
    facts = [_entry(data["facts"], was.facts, line, place) for line, place in _paired(was.facts, now.facts)]
    facts = _renumbered(facts, {place + 1: n for n, (_, place) in enumerate(sources, 1) if place is not None})
    if _differs(facts, was.facts):
        changes["facts"] = facts
    if _differs(entries := [_entry(data["sources"], was.sources, *pair) for pair in sources], was.sources):
        changes["sources"] = entries
    if now.phrases != was.phrases:
        changes |= _phrases(brief, was, now)
    return changes


def _day(was: Typed, now: Typed) -> str | None:
    """Return the day that is said; or that of the latest source, which a brief follows if it was that before."""
    return now.as_of or (now.latest if was.as_of is None else None)


def _entry(old: Sequence[Any], lines: Sequence[Line], line: Line, place: int | None) -> Entry:
    """Return an entry that is, or was, the one in this place, with the parts of it that the form does not show."""
    known = {} if place is None else old[place]
    if place is not None and lines[place].typed == line.typed:
        return Entry(place, known)
    made = written.data_of(line.meant)
    shown_keys = _FACT if isinstance(line.meant, FactLine) else _SOURCE
    visible = {key: made.get(key) for key in shown_keys if key in known or key in made}
    rest = {key: part for key, part in known.items() if key not in visible}
    return Entry(place, made | rest, None if place is None else visible)


def _differs(entries: Sequence[Entry], lines: Sequence[Line]) -> bool:
    """Return whether entries are others than those in the file, or in another order."""
    return any(entry.shown is not None for entry in entries) or [entry.old for entry in entries] != [*range(len(lines))]


def _renumbered(facts: Sequence[Entry], numbers: Mapping[int, int]) -> list[Entry]:
    """Return facts that name their sources by the new ``numbers`` of these, and no source that is gone."""
    return [_from(fact, numbers.get(number)) if (number := fact.value.get("source")) else fact for fact in facts]


def _from(fact: Entry, number: int | None) -> Entry:
    """Return a fact with this number of its source."""
    if fact.value["source"] == number:
        return fact
    value = {key: part for key, part in fact.value.items() if key != "source"} | ({"source": number} if number else {})
    shown_parts = fact.shown or {key: fact.value.get(key) for key in _FACT if key in fact.value}
    return Entry(fact.old, value, {**shown_parts, "source": str(number) if number else None})


def _paired(old: Sequence[Line], new: Sequence[Line]) -> list[tuple[Line, int | None]]:
    """Return each new line with the place of the old one that it is or was: the same line, else the likest one left."""
    left = list(range(len(old)))
    places: dict[int, int] = {}
    for n, line in enumerate(new):
        if (same := next((place for place in left if old[place].typed == line.typed), None)) is not None:
            places[n] = same
            left.remove(same)
    for n, line in enumerate(new):
        alike = [(likeness(old[place].typed, line.typed), -abs(place - n), place) for place in left]
        if n not in places and alike and (best := max(alike))[0] >= _LIKE:
            places[n] = best[2]
            left.remove(best[2])
    return [(line, places.get(n)) for n, line in enumerate(new)]


def _phrases(brief: Brief, was: Typed, now: Typed) -> dict[str, Sequence[Entry]]:
    """Return the aliases and the questions that change. A line that was there stays in its list, as all do that the
    form had no room to show.
    """
    phrases = (*brief.aliases, *brief.questions)
    places = {phrase: place for place, phrase in enumerate(was.phrases)}
    entries = [(phrase, places.get(phrase)) for phrase in now.phrases]
    entries += [(phrases[place], place) for place in range(len(was.phrases), len(phrases))]
    first = len(brief.aliases)
    lists: dict[str, list[Entry]] = {"aliases": [], "questions": []}
    for phrase, place in entries:
        if place is None:
            lists["questions" if is_question(phrase) else "aliases"].append(Entry(None, phrase))
        elif place < first:
            lists["aliases"].append(Entry(place, phrases[place]))
        else:
            lists["questions"].append(Entry(place - first, phrases[place]))
    stood = {"aliases": list(range(first)), "questions": list(range(len(brief.questions)))}
    return {key: found for key, found in lists.items() if [entry.old for entry in found] != stood[key]}


def _data(brief: Brief) -> dict[str, Any]:
    return brief.model_dump(exclude={"id"}, exclude_none=True)

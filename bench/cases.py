"""Whole briefs and what people ask of them, to measure what becomes of a question and to fit what a score is worth.

Each question belongs to one of two halves, by a hash of its text: constants are fitted on the tuning half, and the
other one is held out.
"""

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bench.datasets import ROOT
from bot.briefs.brief import Brief, BriefBase
from bot.briefs.loader import load

Questions = list[tuple[str, frozenset[str]]]
"""Queries, each with the ids of the briefs that answer it: none if it is out of scope."""

FILLERS = ("{} pls", "what is {}", "tell me about {}", "{} news", "is there {}", "hey {} lol", "explain {}")
_CHAT = """hello, hi there, hey, good morning, how are you, who are you, what can you do, thanks, thank you so much,
    lol, ok, yes, no, please, test, what, why, tell me a joke, what is this, nice, cool, bye, see you, what
    do you think, i dont know, brb, are you a bot, whats up, hmm, what time is it, i have a question, anyone
    here, is it true, really, good bot, stop, how does this work, never mind, sorry, wow, omg, shopping,
    guard dog, what is the weather, play music, what day is it today, buy a phone, best pizza in town, how
    tall is the eiffel tower, football results, recipe for pancakes, cheap flights, learn guitar, movie
    tonight, dog food, new shoes"""
CHAT = [" ".join(text.split()) for text in _CHAT.split(",")]


@dataclass(frozen=True, slots=True)
class Case:
    """A base and what it is asked. ``weight`` is what it counts in the fit; 0 if it is only measured."""

    name: str
    base: BriefBase
    questions: Questions
    weight: float = 1.0

    def half(self, held_out: bool) -> "Case":
        """Return the case with one half of its questions."""
        kept = [(query, right) for query, right in self.questions if zlib.crc32(query.encode()) % 2 == held_out]
        return Case(self.name, self.base, kept, self.weight)


def cases(data: Path | None) -> Iterator[Case]:
    """Yield the shipped base, whole and with less of it, and the bases of the folder ``data`` if there is one."""
    shipped = load(ROOT / "briefs").base
    groups = _yaml(ROOT / "tests" / "questions.yaml")
    written = [
        (q, frozenset() if b == "miss" else frozenset([b])) for group in groups.values() for q, b in group.items()
    ]
    voices = [(query, frozenset(right)) for query, right in _yaml(ROOT / "tests" / "voices.yaml").items()]
    chat = [(query, frozenset[str]()) for query in CHAT]
    yield Case("article", shipped, written, 1.5)
    yield Case("article, voices", shipped, voices, 2.5)
    yield Case("article, aliases with fillers", shipped, list(_with_fillers(shipped)), 0.5)
    yield Case("article, chat", shipped, chat, 0.8)
    near = [(query, frozenset[str]()) for query in _yaml(ROOT / "tests" / "near_topics.yaml")]
    yield Case("article, near topics and chat", shipped, near, 0.0)
    english = [(query, right) for query, right in written + voices if query.isascii()]
    yield Case("article, titles and texts alone", _changed(shipped, aliases=(), questions=()), english, 1.2)
    if not data:
        return
    tags = load(data / "geyser" / "briefs").base
    asked = [(line["query"], frozenset(line["briefs"])) for line in _lines(data / "geyser" / "queries.jsonl")]
    yield Case("tags", tags, asked, 2.0)
    aliases = [(alias, frozenset([brief.id])) for brief in tags.briefs.values() for alias in brief.aliases]
    yield Case("tags, titles and texts alone", _changed(tags, aliases=()), asked + aliases, 1.2)
    yield Case("tags, chat", tags, chat, 0.6)
    yield Case("tags, questions on other things", tags, [(q, frozenset()) for q, _ in english], 0.6)
    questions = _single(data / "banking" / "queries.jsonl")
    three, one = (_wordings(data / "banking" / f"phrases-{count}.jsonl") for count in (3, 1))
    yield Case("bank, 3 wordings", _numbered(three), _renamed(questions, three), 1.0)
    yield Case("bank, 1 wording", _numbered(one), _renamed(questions, one), 1.0)
    yield Case("bank, 1 wording and a text", _numbered(one, three), _renamed(questions, one), 0.5)
    for count in (10, 100):
        base = _briefs(_wordings(data / f"phrases-{count}.jsonl"))
        for kind in ("clean", "typos"):
            asked = _single(data / f"queries-{kind}.jsonl")
            yield Case(f"{count} phrases, {kind}", base, asked, 0.7 if count == 10 else 0.5)


def _with_fillers(base: BriefBase) -> Iterator[tuple[str, frozenset[str]]]:
    aliases = [(alias, brief.id) for brief in base.briefs.values() for alias in brief.aliases]
    for number, (alias, brief) in enumerate(aliases):
        yield FILLERS[number % len(FILLERS)].format(alias), frozenset([brief])


def _changed(base: BriefBase, **update: object) -> BriefBase:
    return BriefBase({brief.id: brief.model_copy(update=update) for brief in base.briefs.values()})


def _briefs(phrases: Mapping[str, list[str]], texts: Mapping[str, list[str]] | None = None) -> BriefBase:
    """Return a base whose titles are the first wordings."""
    briefs = {}
    for name, (title, *questions) in phrases.items():
        brief = name.replace("_", "-")
        briefs[brief] = Brief.model_validate(
            {
                "id": brief,
                "title": title[:100],
                "questions": tuple(question[:200] for question in questions),
                "summary": " ".join(texts[name])[:1000] if texts else "An answer.",
                "as_of": "2026-11",
                "sources": ({"name": "data"},),
            }
        )
    return BriefBase(briefs)


def _numbered(phrases: Mapping[str, list[str]], texts: Mapping[str, list[str]] | None = None) -> BriefBase:
    """Return a base whose ids say nothing, as those of most lists of questions and answers."""
    new = _numbers(phrases)
    return _briefs(
        {new[name]: wordings for name, wordings in phrases.items()},
        {new[name]: texts[name] for name in phrases} if texts else None,
    )


def _renamed(questions: Questions, phrases: Iterable[str]) -> Questions:
    new = _numbers(phrases)
    return [(query, frozenset(new[brief] for brief in right)) for query, right in questions]


def _numbers(names: Iterable[str]) -> dict[str, str]:
    return {name: f"faq-{number:03}" for number, name in enumerate(sorted(names))}


def _single(path: Path) -> Questions:
    return [
        (line["query"], frozenset([line["brief"].replace("_", "-")] if line["brief"] else [])) for line in _lines(path)
    ]


def _wordings(path: Path) -> dict[str, list[str]]:
    return {line["brief"]: line["phrases"] for line in _lines(path)}


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))

"""Bases and queries to measure on: the shipped base, data from a folder, and bases of any size made from a seed."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.briefs.loader import load

ROOT = Path(__file__).parent.parent

Phrases = dict[str, list[str]]
"""The phrases of each brief, by its id."""

Queries = list[tuple[str, str | None]]
"""Queries, each with the id of the brief it means, or None if it is out of scope."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """A base and the queries it is asked."""

    name: str
    phrases: Phrases
    queries: Queries


def shipped() -> Dataset:
    """Return the project's own briefs and tests/questions.yaml."""
    base = load(ROOT / "briefs").base
    groups = yaml.safe_load((ROOT / "tests" / "questions.yaml").read_text(encoding="utf-8"))
    queries = [
        (query, None if brief == "miss" else brief) for group in groups.values() for query, brief in group.items()
    ]
    return Dataset("shipped base", {brief.id: list(brief.phrases) for brief in base.briefs.values()}, queries)


def from_folder(folder: Path) -> Iterator[Dataset]:
    """Yield every base of ``folder`` (phrases-*.jsonl) with each of its query files (queries-*.jsonl)."""
    for base in sorted(folder.glob("phrases-*.jsonl"), key=lambda path: (len(path.name), path.name)):
        phrases = {line["brief"]: line["phrases"] for line in _lines(base)}
        for asked in sorted(folder.glob("queries-*.jsonl")):
            queries = [(line["query"], line["brief"]) for line in _lines(asked)]
            name = f"{base.stem.removeprefix('phrases-')} phrases, {asked.stem.removeprefix('queries-')}"
            yield Dataset(name, phrases, queries)


def sampled(data: Dataset, every: int) -> Dataset:
    """Return ``data`` with every so many-th of its queries in scope, and all that are out of scope."""
    inside = [query for query in data.queries if query[1] is not None]
    return Dataset(data.name, data.phrases, inside[::every] + [query for query in data.queries if query[1] is None])


def made(size: int, seed: int = 1) -> Dataset:
    """Return a base of ``size`` phrases, ten a brief (two if it is small), over words as frequent as in a language.

    Word frequencies follow Zipf's law; each brief draws half of its words from a few of its own. Half of the 500
    queries are phrases of the base with one typing error, half are new mixtures.
    """
    chance = random.Random(seed)
    syllables = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]
    lengths = [chance.choice((1, 2, 2, 3, 3, 4)) for _ in range(max(200, size // 3))]
    words = ["".join(chance.choices(syllables, k=length)) for length in lengths]
    weights = [1 / rank for rank in range(1, len(words) + 1)]

    def phrase(own: list[str]) -> str:
        common = chance.choices(words, weights, k=chance.randint(2, 9))
        return " ".join(chance.choice(own) if chance.random() < 0.5 else word for word in common)

    each = 10 if size >= 100 else 2
    phrases: Phrases = {}
    for number in range(size // each):
        own = chance.choices(words, k=8)
        phrases[f"b{number:05}"] = [phrase(own) for _ in range(each)]
    queries: Queries = []
    for _ in range(250):
        brief = chance.choice(list(phrases))
        queries.append((misspelt(chance.choice(phrases[brief]), chance), brief))
        queries.append((phrase(words[:50]), None))
    return Dataset(f"{size:,} phrases", phrases, queries)


def texts_of(data: Dataset) -> dict[str, str]:
    """Return a text for each brief, as long as a card's: the words of its own phrases and of another brief's."""
    own = [" ".join(phrases) for phrases in data.phrases.values()]
    return {brief: f"{own[at]} {own[at - 1]}" for at, brief in enumerate(data.phrases)}


def misspelt(text: str, chance: random.Random) -> str:
    """Return ``text`` with one letter lost, added, replaced or swapped with the next."""
    at, letter = chance.randrange(len(text)), chance.choice("abcdefghijklmnopqrstuvwxyz")
    head, here, tail = text[:at], text[at], text[at + 1 :]
    ways = (head + tail, head + letter + here + tail, head + letter + tail, head + tail[:1] + here + tail[1:])
    return chance.choice(ways)


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

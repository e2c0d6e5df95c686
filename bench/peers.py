"""Other ways to find a brief, each as its library's documentation suggests, over the same normalised phrases."""

import re
import sqlite3
from collections.abc import Callable

import bm25s
from rapidfuzz import fuzz, process

from bench.datasets import Phrases
from bench.measures import Rank
from bot.language.normalise import normalise

BEST = 30
"""How many phrases a peer returns at most, so that three briefs are among them."""


def _pairs(phrases: Phrases) -> tuple[list[str], list[str]]:
    return [normalise(text) for texts in phrases.values() for text in texts], [
        brief for brief, texts in phrases.items() for _ in texts
    ]


def _best_of_each(found: list[tuple[str, float]]) -> list[tuple[str, float]]:
    best: dict[str, float] = {}
    for brief, score in found:
        best[brief] = max(score, best.get(brief, score))
    return sorted(best.items(), key=lambda item: -item[1])


def rapidfuzz_scorer(scorer: Callable[..., float]) -> Callable[[Phrases], Rank]:
    """Return a peer that compares the query with every phrase."""

    def build(phrases: Phrases) -> Rank:
        texts, owners = _pairs(phrases)

        def rank(query: str) -> list[tuple[str, float]]:
            found = process.extract(normalise(query), texts, scorer=scorer, limit=BEST)
            return _best_of_each([(owners[index], score) for _, score, index in found])

        return rank

    return build


def fts5_trigram(phrases: Phrases) -> Rank:
    """SQLite's full-text search over trigrams, ranked by its BM25."""
    texts, owners = _pairs(phrases)
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE phrases USING fts5 (text, tokenize = 'trigram')")
    connection.executemany("INSERT INTO phrases (rowid, text) VALUES (?, ?)", enumerate(texts))

    def rank(query: str) -> list[tuple[str, float]]:
        text = normalise(query)
        grams = dict.fromkeys(text[at : at + 3] for at in range(len(text) - 2))
        if not grams:
            return []
        match = " OR ".join(f'"{gram}"' for gram in list(grams)[:500])
        rows = connection.execute(
            "SELECT rowid, rank FROM phrases WHERE text MATCH ? ORDER BY rank LIMIT ?", (match, BEST)
        )
        return _best_of_each([(owners[row], -score) for row, score in rows])

    return rank


def bm25(phrases: Phrases) -> Rank:
    """BM25 over words (bm25s, its defaults)."""
    texts, owners = _pairs(phrases)
    split = re.compile(r"\S+").findall
    model = bm25s.BM25()
    model.index([split(text) for text in texts], show_progress=False)

    def rank(query: str) -> list[tuple[str, float]]:
        words = split(normalise(query))
        if not words:
            return []
        rows, scores = model.retrieve([words], k=min(BEST, len(texts)), show_progress=False)
        return _best_of_each([(owners[row], float(score)) for row, score in zip(rows[0], scores[0], strict=True)])

    return rank


PEERS: dict[str, Callable[[Phrases], Rank]] = {
    "rapidfuzz WRatio": rapidfuzz_scorer(fuzz.WRatio),
    "rapidfuzz token_set_ratio": rapidfuzz_scorer(fuzz.token_set_ratio),
    "SQLite FTS5 trigram": fts5_trigram,
    "bm25s": bm25,
}

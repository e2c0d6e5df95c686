"""The matcher without each of its ingredients in turn, to see what each is worth."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any
from unittest.mock import patch

from bot.answering.ranking import features, ranker, regression
from bot.answering.ranking.features import Features
from bot.answering.ranking.reading import Vocabulary
from bot.answering.ranking.regression import Scores
from bot.answering.ranking.spelling import Speller

Without = Callable[[], AbstractContextManager[Any]]


def _no_repair(_self: Speller, _unknown: Iterable[str]) -> dict[str, tuple[str, float]]:
    return {}


def _no_pairs(_self: Features, _left: int | None, _right: int | None) -> None:
    return None


def _no_stems() -> AbstractContextManager[Any]:
    scorer = ranker.Scorer
    return patch.object(ranker, "Scorer", lambda phrases, texts, _stem, *more: scorer(phrases, texts, str, *more))


def _constant(module: object, name: str, value: object) -> Without:
    return lambda: patch.object(module, name, value)


def _logits(scores: Scores) -> Any:
    return scores.logits


def _no_compounds(_self: Vocabulary, _word: str) -> list[str]:
    return []


ABLATIONS: dict[str, Without] = {
    "everything": nullcontext,
    "without spelling repair": lambda: patch.object(Speller, "repair", _no_repair),
    "without words taken apart": lambda: patch.object(Vocabulary, "apart", _no_compounds),
    "without pairs of stems": lambda: patch.object(Features, "pair_id", _no_pairs),
    "without letter n-grams (single letters)": _constant(features, "GRAMS", (1,)),
    "without stemming": _no_stems,
    "without the margin (logits alone)": lambda: patch.object(Scores, "margin", _logits),
    "without coverage": lambda: patch.multiple(ranker, COVERED=0.0, IN_FULL=0.0),
    "without the cards' texts": lambda: patch.multiple(ranker, IN_TEXT=0.0, BM25=0.0),
    "without training (one step)": lambda: patch.multiple(regression, UPDATES=1, EPOCHS=0),
    "fillers like other words": _constant(ranker, "FILLER", 1.0),
    "unknown words like rare ones": _constant(ranker, "UNKNOWN", 1.0),
    "without a cap of the margin": _constant(ranker, "CERTAIN", 1e9),
}

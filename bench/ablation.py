"""The matcher without each of its ingredients in turn, to see what each is worth."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any
from unittest.mock import patch

from bot.ranking import calibration, features, ranker, regression
from bot.ranking.features import Features
from bot.ranking.regression import Scores
from bot.ranking.spelling import Speller

Without = Callable[[], AbstractContextManager[Any]]


def _no_repair(_self: Speller, _unknown: Iterable[str]) -> dict[str, tuple[str, float]]:
    return {}


def _no_pairs(_self: Features, _left: int | None, _right: int | None) -> None:
    return None


@contextmanager
def _no_stems() -> Iterator[None]:
    build = ranker.Scorer.__init__
    with patch.object(ranker.Scorer, "__init__", lambda self, briefs, _stem: build(self, briefs, str)):
        yield


def _constant(module: object, name: str, value: object) -> Without:
    return lambda: patch.object(module, name, value)


def _logits(scores: Scores) -> Any:
    return scores.logits


ABLATIONS: dict[str, Without] = {
    "everything": nullcontext,
    "without spelling repair": lambda: patch.object(Speller, "repair", _no_repair),
    "without pairs of stems": lambda: patch.object(Features, "_pair_id", _no_pairs),
    "without letter n-grams (single letters)": _constant(features, "GRAMS", (1,)),
    "without stemming": _no_stems,
    "without the margin (logits alone)": lambda: patch.object(Scores, "margin", _logits),
    "without coverage": _constant(ranker, "COVERAGE", 0.0),
    "without training (one step)": lambda: patch.multiple(regression, UPDATES=1, EPOCHS=0),
    "without calibration (prior alone)": _constant(calibration, "TRUST", 1e9),
    "unknown words like rare ones": _constant(ranker, "UNKNOWN", 1.0),
    "without a cap of the margin": _constant(ranker, "CERTAIN", 1e9),
}

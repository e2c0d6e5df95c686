"""The weights of words for briefs, learnt from the phrases when a base is loaded."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from bot.answering.ranking.features import Floats, Ints, Rows, Vector, ranges
from bot.answering.ranking.shuffling import permutations

BATCH = 256  # phrases
OFTEN = 4  # phrases of a batch with a feature from which a dense matrix is faster than the index
MANY = 5000  # weights of a question from which copying runs of them is faster than picking them one by one
RATE, FLOOR = 3.0, 0.3  # AdaGrad: step size, and what the sum of squared gradients starts from
UPDATES, EPOCHS = 24, 1.25  # at least so many batches, and so many times through the phrases


@dataclass(frozen=True, slots=True)
class Scores:
    """The logit of every brief [C] for one question."""

    logits: NDArray[np.floating]

    def margin(self) -> NDArray[np.float64]:
        """Return ln(P(b) / (1 - P(b))) of every brief b [C], computed without overflow."""
        peak = float(self.logits.max(initial=0.0))
        below = self.logits - peak
        powers = np.exp(below)
        others = np.maximum(math.exp(-peak) + powers.sum() - powers, 1e-12)
        return np.asarray(below - np.log(others), np.float64)


def _batches(phrases: int) -> Iterator[Ints]:
    """Yield random batches of row numbers, until there were UPDATES of them and every row was in EPOCHS of them."""
    count = max(1, -(-phrases // BATCH))
    wanted = max(UPDATES, round(EPOCHS * count))
    for first, order in zip(range(0, wanted, count), permutations(phrases), strict=False):
        yield from np.array_split(np.array(order, int), count)[: wanted - first]


class SoftmaxRegression:
    """Multinomial logistic regression whose weights exist only where a brief's own phrases have the feature.

    P(b | x) = exp(w_b . x) / (1 + sum_c exp(w_c . x)); the 1 stands for "none of them". Fitted by AdaGrad (Duchi, Hazan
    & Singer 2011) with the other briefs of each batch as negatives (sampled softmax, Jean et al. 2015). The support is
    that of the centroid classifier (Rocchio 1971), hence a small index: ``weights[k]`` belongs to brief ``briefs[k]``
    and to feature f for starts[f] <= k < starts[f + 1] (an inverted index, Zobel & Moffat 2006).
    """

    def __init__(self, rows: Rows, labels: Ints, briefs: int, features: int) -> None:
        """Fit to P phrases: ``rows``, their features; ``labels`` [P], the brief of each; how many there are of both."""
        held = np.sort(np.repeat(labels, np.diff(rows.starts)) * features + rows.ids)
        held = held[np.flatnonzero(np.diff(held, prepend=-1))]  # np.unique hashes, which takes ten times as long
        weights = _Training(rows, labels, held, briefs, features).weights
        owner, feature = np.divmod(held, features)
        order = np.argsort(feature, kind="stable")
        self.starts = np.searchsorted(feature[order], np.arange(features + 1))
        self.briefs = owner[order].astype(np.int32)
        self.weights = weights[order]
        self.count = briefs

    def holders(self, feature: int) -> NDArray[np.int32]:
        """Return the briefs whose phrases have a feature."""
        return self.briefs[self.starts[feature] : self.starts[feature + 1]]

    def score(self, question: Vector) -> Scores:
        """Return the logit of every brief for a question."""
        starts, ends = self.starts[question.ids], self.starts[question.ids + 1]
        sizes = ends - starts
        if sizes.sum() < MANY:
            place = ranges(starts, sizes)
            briefs, weights = self.briefs[place], self.weights[place]
        else:
            places = list(map(slice, starts.tolist(), ends.tolist()))
            briefs = np.concatenate([self.briefs[place] for place in places])
            weights = np.concatenate([self.weights[place] for place in places])
        logits = np.bincount(briefs, weights * question.values.repeat(sizes), minlength=self.count)
        return Scores(np.asarray(logits, np.float64))


class _Training:
    """The fitting of the weights, which are ordered by brief here: a batch needs all of few briefs."""

    def __init__(self, rows: Rows, labels: Ints, held: Ints, briefs: int, features: int) -> None:
        self.rows, self.labels = rows, labels
        self.sizes = np.diff(rows.starts)
        self.starts = np.searchsorted(held, np.arange(briefs + 1) * features)
        self.feature = held % features
        self.column = np.full(features, -1)  # of each feature in the batch at hand; -1: it is not there
        self.weights = np.zeros(len(held), np.float32)
        squares = np.full(len(held), FLOOR, np.float32)
        with threadpool_limits(1):  # the matrices are small: a second thread makes this five times slower
            self._fit(squares)

    def _fit(self, squares: Floats) -> None:
        for batch in _batches(len(self.labels)):
            at, gradient = self._gradient(batch)
            squares[at] += gradient**2
            self.weights[at] -= RATE * gradient / np.sqrt(squares[at])

    def _gradient(self, batch: Ints) -> tuple[Ints, Floats]:
        """Return the places of the weights that one batch trains, and the gradient of its loss by each.

        Features that several of its phrases have make a dense matrix; the long tail goes phrase by phrase.
        """
        entry = ranges(self.rows.starts[batch], self.sizes[batch])
        phrase = np.repeat(np.arange(len(batch)), self.sizes[batch])
        value = self.rows.values[entry]
        ids = self.rows.ids[entry]
        self.column[ids] = 0
        features = np.flatnonzero(self.column == 0)
        self.column[features] = np.arange(len(features))
        column = self.column[ids]
        briefs, target = np.unique(self.labels[batch], return_inverse=True)
        at, brief, row = self._weights_of(briefs, len(features))
        self.column[features] = -1
        weights = self.weights[at]

        often = np.bincount(column) >= OFTEN
        dense_row = np.cumsum(often) - 1
        in_dense, is_dense = often[row], often[column]
        dense = np.zeros((often.sum(), len(briefs)), np.float32)
        dense[dense_row[row[in_dense]], brief[in_dense]] = weights[in_dense]
        x = np.zeros((len(batch), len(dense)), np.float32)
        x[phrase[is_dense], dense_row[column[is_dense]]] = value[is_dense]

        tail = np.flatnonzero(~is_dense)
        size = np.bincount(row, minlength=len(features))
        place = ranges((np.cumsum(size) - size)[column[tail]], size[column[tail]])
        owner = np.repeat(tail, size[column[tail]])
        cell = phrase[owner] * len(briefs) + brief[place]
        logits = np.bincount(cell, value[owner] * weights[place], minlength=len(batch) * len(briefs))

        error = np.exp(x @ dense + logits.astype(np.float32).reshape(len(batch), len(briefs)))
        error /= 1 + error.sum(1, keepdims=True)
        error[np.arange(len(batch)), target] -= 1
        gradient = np.bincount(place, value[owner] * error.ravel()[cell], minlength=len(at)).astype(np.float32)
        gradient[in_dense] += (x.T @ error)[dense_row[row[in_dense]], brief[in_dense]]
        return at, gradient

    def _weights_of(self, briefs: Ints, columns: int) -> tuple[Ints, Ints, Ints]:
        """Return the places of the weights between these briefs and the batch's features, in the order of the columns,
        and which of the briefs and of the columns each belongs to."""
        sizes = self.starts[briefs + 1] - self.starts[briefs]
        at = ranges(self.starts[briefs], sizes)
        row = self.column[self.feature[at]]
        kept = np.flatnonzero(row >= 0)
        small = np.int16 if columns < 1 << 15 else np.int32  # numpy sorts 16 bits by radix
        kept = kept[np.argsort(row[kept].astype(small), kind="stable")]
        return at[kept], np.repeat(np.arange(len(briefs)), sizes)[kept], row[kept]

"""The figures: accuracy, recall, telling in from out of scope, calibration, and percentiles of time."""

import time
from collections.abc import Callable, Sequence

import numpy as np

from bench.datasets import Queries

Rank = Callable[[str], list[tuple[str, float]]]
"""A ranker: a query to brief ids with scores, best first."""


def quality(rank: Rank, queries: Queries) -> tuple[float, float, float]:
    """Return accuracy@1 and recall@3 over the queries in scope, and the AUROC of the best score for being in scope."""
    first = third = in_scope = 0
    scores: list[float] = []
    for query, brief in queries:
        ranked = rank(query)[:3]
        scores.append(ranked[0][1] if ranked else 0.0)
        if brief is not None:
            in_scope += 1
            first += bool(ranked) and ranked[0][0] == brief
            third += brief in [candidate for candidate, _ in ranked]
    return first / in_scope, third / in_scope, auroc(scores, [brief is not None for _, brief in queries])


def auroc(scores: Sequence[float], positive: Sequence[bool]) -> float:
    """Return the chance that a positive scores higher than a negative; ties count half (Mann & Whitney 1947)."""
    _, rank, counts = np.unique(np.asarray(scores), return_inverse=True, return_counts=True)
    mean_rank = np.cumsum(counts) - (counts - 1) / 2
    is_positive = np.asarray(positive)
    count = int(is_positive.sum())
    u = mean_rank[rank][is_positive].sum() - count * (count + 1) / 2
    return float(u / (count * (len(is_positive) - count)))


def reliability(confidences: Sequence[float], right: Sequence[bool], bins: int = 10) -> list[tuple[int, float, float]]:
    """Return for each tenth of the scale how many fell there, their mean confidence, and the share that was right."""
    stated, truth = np.asarray(confidences), np.asarray(right)
    which = np.minimum((stated * bins).astype(int), bins - 1)
    return [
        (int((which == b).sum()), float(stated[which == b].mean()), float(truth[which == b].mean()))
        for b in range(bins)
        if (which == b).any()
    ]


def milliseconds(function: Callable[[str], object], texts: Sequence[str]) -> tuple[float, float]:
    """Return the median and the 99th percentile of one call's processor time in milliseconds, after a warm-up.

    It is the time that passes on a machine that has nothing else to do: no call here waits, and each is of one thread.
    """
    for text in texts[:20]:
        function(text)
    times = []
    for text in texts:
        started = time.thread_time_ns()
        function(text)
        times.append(time.thread_time_ns() - started)
    return float(np.percentile(times, 50)) / 1e6, float(np.percentile(times, 99)) / 1e6

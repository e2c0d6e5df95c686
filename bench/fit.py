"""`python -m bench.fit --data DIR`: find the constants of bot/answering/ranking/confidence.py, and print them.

Maximises the likelihood of what is right in the tuning halves of all cases, by gradient ascent with steps of their own
for each constant (RPROP, Riedmiller & Braun 1993), which needs no library. Questions made of the words of a phrase are
left out: a rule answers them.
"""

import argparse
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.cases import Case, cases
from bot.answering.matcher import Matcher
from bot.answering.ranking.confidence import CANDIDATES, SIGNALS, WEIGHTS
from bot.answering.ranking.ranker import best_of
from bot.language.normalise import normalise_query

Floats = NDArray[np.float64]

MOST = 1000  # questions of a case that are asked
SMALL = 150  # questions from which a case counts no more
PENALTY = 1.0  # precision of the prior that each constant is 0, where its values have the mean square 1
STEPS = 2000


def examples(case: Case) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the values [n, CANDIDATES, 1 + S] of the best briefs, NaN where there is none, and which is right."""
    matcher = Matcher(case.base)
    scorer, ids = matcher.ranker.scorer, list(case.base.briefs)
    questions = case.questions[:: -(-len(case.questions) // MOST)]
    values = np.full((len(questions), CANDIDATES, 1 + len(SIGNALS)), np.nan)
    right = np.zeros((len(questions), CANDIDATES), bool)
    kept = []
    for at, (query, briefs) in enumerate(questions):
        words = scorer.reader.read(normalise_query(query))
        if matcher.named(query) or not words or scorer.same_words.find(words)[0] is not None:
            continue
        kept.append(at)
        evidence = scorer.evidence(words)
        best = best_of(evidence.score, CANDIDATES)
        signals = scorer.signals(evidence, int(best[0]))
        values[at, : len(best), 0] = evidence.score[best]
        values[at, : len(best), 1:] = [signals[name] for name in SIGNALS]
        right[at, : len(best)] = [ids[brief] in briefs for brief in best]
    return values[kept], right[kept]


def fit(values: Floats, right: NDArray[np.bool_], weight: Floats) -> Floats:
    """Return the constants [1 + S] that make what is right likeliest."""
    there = ~np.isnan(values[:, :, 0])
    x = np.where(there[..., None], values, 0.0)
    scale = np.sqrt((x[there] ** 2).mean(0)) + 1e-9
    x = x / scale
    none = right.sum(1) == 0
    constants, step, before = np.zeros(x.shape[2]), np.full(x.shape[2], 0.1), np.zeros(x.shape[2])
    for _ in range(STEPS):
        z = np.where(there, x @ constants, -np.inf)
        peak = np.maximum(z.max(1, keepdims=True), 0)
        power = np.exp(z - peak)
        chance = power / (np.exp(-peak) + power.sum(1, keepdims=True))
        among = chance * right
        target = np.where(none[:, None], 0.0, among / np.maximum(among.sum(1, keepdims=True), 1e-12))
        gradient = np.einsum("n,nk,nkf->f", weight, target - chance, x) - PENALTY * constants
        step = np.clip(step * np.where(gradient * before > 0, 1.2, np.where(gradient * before < 0, 0.5, 1.0)), 1e-6, 1)
        constants += np.sign(gradient) * step
        before = gradient
    return np.asarray(constants / scale)


def fitted(asked: Iterable[Case]) -> Floats:
    """Return the constants for the tuning halves of some cases."""
    found = [(case, *examples(case.half(held_out=False))) for case in asked]
    weights = [np.full(len(values), case.weight * min(1.0, SMALL / max(1, len(values)))) for case, values, _ in found]
    return fit(
        np.concatenate([values for _, values, _ in found]),
        np.concatenate([right for _, _, right in found]),
        np.concatenate(weights),
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.fit", description=__doc__)
    parser.add_argument(
        "--data", type=Path, required=True, metavar="DIR", help="folder with geyser/, banking/ and CLINC"
    )
    options = parser.parse_args()
    for name, constant in zip(WEIGHTS, fitted(cases(options.data)), strict=True):
        print(f'    "{name}": {constant:.2f},')


if __name__ == "__main__":
    main()

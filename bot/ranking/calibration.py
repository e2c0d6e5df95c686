"""How far a score is to be believed, found from the base alone by asking it its own phrases.

Some of the briefs are left out, and of the others some of the phrases; a scorer over the rest is asked all that was
left out, as it is and misspelt. The phrases of briefs left out are questions out of scope. The scores of the best
candidates, and which of them was right, give the two numbers that turn scores into chances.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

FOLDS = 5
ENOUGH = 200  # phrases left out in scope, after which more folds change nothing
CANDIDATES = 5  # best briefs of each question that count as examples
OUT_OF_SCOPE = 0.15  # share of questions assumed to be out of scope
PRIOR = np.array([-0.8, 0.85])  # bias and scale, between those of 10 and of 100 phrases a brief
LEAST_SCALE = 0.1  # a better score is never a smaller chance
TRUST = 5.0  # precision of the prior: how many certain examples it weighs

Briefs = Sequence[Sequence[str]]  # the phrases of each
Scorer = Callable[[str], NDArray[np.float64]]  # a question's score with each brief


def misspell(text: str, chance: np.random.Generator) -> str:
    """Return the text with one edit (a letter lost, added, replaced or swapped) in every third word."""
    words = text.split()
    long = [at for at, word in enumerate(words) if len(word) > 2]
    for at in chance.permutation(long)[: max(1, len(words) // 3)]:
        word, letter = words[at], str(chance.choice(list(text.replace(" ", ""))))
        i = int(chance.integers(len(word) - 1))
        head, here, following, tail = word[:i], word[i], word[i + 1], word[i + 2 :]
        ways = (following + tail, letter + here + following + tail, letter + following + tail, following + here + tail)
        words[at] = head + ways[int(chance.integers(len(ways)))]
    return " ".join(words)


def examples(briefs: Briefs, build: Callable[[Briefs], Scorer]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return scores [n, CANDIDATES] of the best candidates of n questions left out, and which was right [n].

    -1 is none of them, -2 none at all, as the question is out of scope. Missing candidates have the score -inf.
    """
    chance = np.random.default_rng(0)
    brief_fold = chance.permutation(len(briefs)) % FOLDS
    phrase_fold = [chance.permutation(len(phrases)) % FOLDS for phrases in briefs]
    rows: list[NDArray[np.float64]] = []
    right: list[int] = []
    for fold in range(FOLDS):
        base: list[list[str]] = []
        inside: list[tuple[str, int]] = []
        outside: list[tuple[str, int]] = []
        for brief, phrases in enumerate(briefs):
            kept = [text for text, f in zip(phrases, phrase_fold[brief], strict=True) if f != fold]
            if brief_fold[brief] == fold:
                outside += [(text, -2) for text in phrases]
            elif kept:
                inside += [(text, len(base)) for text, f in zip(phrases, phrase_fold[brief], strict=True) if f == fold]
                base.append(kept)
        if not base:
            continue
        ask = build(base)
        for questions, most in ((inside, ENOUGH), (outside, ENOUGH // 2)):
            for at in chance.permutation(len(questions))[:most]:
                text, answer = questions[at]
                for question in (text, misspell(text, chance)):
                    scores = ask(question)
                    best = np.argsort(-scores, kind="stable")[:CANDIDATES]
                    rows.append(np.pad(scores[best], (0, CANDIDATES - len(best)), constant_values=-np.inf))
                    found = np.flatnonzero(best == answer)
                    right.append(int(found[0]) if found.size else min(answer, -1))
        if sum(answer > -2 for answer in right) >= 2 * ENOUGH:
            break
    return np.reshape(rows, (len(rows), CANDIDATES)), np.array(right, np.int64)


def confidence(scores: NDArray[np.float64], bias: float, scale: float) -> NDArray[np.float64]:
    """Return the chance of each candidate to be right, given their scores [..., C] best first.

    A conditional logit (McFadden 1974) among the CANDIDATES best and "none of them":
    P(c) = exp(z_c) / (1 + sum_d exp(z_d)), z = bias + scale * score. Two that are alike share the chance.
    """
    real = np.isfinite(scores)
    z = np.where(real, bias + scale * np.where(real, scores, 0), -np.inf)
    peak = np.maximum(z.max(axis=-1, keepdims=True), 0)
    power = np.exp(z - peak)
    return np.asarray(power / (np.exp(-peak) + power[..., :CANDIDATES].sum(axis=-1, keepdims=True)))


def calibrate(briefs: Briefs, build: Callable[[Briefs], Scorer]) -> tuple[float, float]:
    """Return the bias and the scale that make the chances right, by Newton's method.

    As Platt's (1999), but for candidates that exclude each other, and with a Gaussian prior, so that a base too small
    to tell gets PRIOR.
    """
    scores, right = examples(briefs, build)
    inside = right > -2
    share = OUT_OF_SCOPE / (1 - OUT_OF_SCOPE) * inside.sum() / max(1, (~inside).sum())
    weight = np.where(inside, 1.0, share)
    finite = np.where(np.isfinite(scores), scores, 0)
    target = right[:, None] == np.arange(CANDIDATES)
    w = PRIOR
    for _ in range(30):
        p = confidence(scores, *w)
        error = p - target
        gradient = np.array([weight @ error.sum(1), weight @ (error * finite).sum(1)]) + TRUST * (w - PRIOR)
        mass, mean, square = p.sum(1), (p * finite).sum(1), (p * finite**2).sum(1)
        mixed = weight @ (mean - mass * mean)
        curvature = np.array([[weight @ (mass - mass**2), mixed], [mixed, weight @ (square - mean**2)]])
        step = np.linalg.solve(curvature + TRUST * np.eye(2), gradient)
        w = w - step / max(1.0, float(np.abs(step).max()))  # a longer step may overshoot
    return float(w[0]), max(LEAST_SCALE, float(w[1]))

"""What a score is worth: the chance that a brief is meant, and that any is.

A conditional logit (McFadden 1974) among the best briefs and "none of them", with constants that were fitted once on
questions to other people's bases (`python -m bench.fit`). A base of one wording a brief has nothing to learn them from.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

CANDIDATES = 8
"""Best briefs among which the chance is divided."""

WEIGHTS: Mapping[str, float] = {
    "score": 0.89,
    "bias": -3.35,
    "phrases": -0.45,
    "briefs": 0.78,
    "text": -0.47,
    "length": 1.80,
    "unknown": -3.86,
    "elsewhere": -1.36,
    "rarest": 1.86,
}
"""Of the score of each brief, and of the signals of the question, which speak for or against all of them."""

SIGNALS = tuple(name for name in WEIGHTS if name != "score")
_OF_SIGNALS = np.array([WEIGHTS[name] for name in SIGNALS])


def chances(scores: NDArray[np.float64], signals: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the chance of each of the best briefs [K] to be meant, given their scores [K] and the SIGNALS [S].

    P(b) = exp(z_b) / (1 + sum_c exp(z_c)), z = weight * score + weights . signals. What is missing to 1 is the chance
    that none of them is.
    """
    z = WEIGHTS["score"] * scores + float(_OF_SIGNALS @ signals)
    peak = max(0.0, float(z.max(initial=0.0)))
    powers = np.exp(z - peak)
    return np.asarray(powers / (np.exp(-peak) + powers.sum()))

"""Why a query was answered as it was, in words for an admin."""

import math
from collections.abc import Callable, Mapping

from bot.answering.answer import SUGGESTIONS, Answer, Found, Unsure, decided
from bot.answering.matcher import Judgement, Matcher, Thresholds
from bot.answering.ranking.features import Word
from bot.answering.ranking.ranker import BM25, COVERED, IN_FULL, IN_TEXT, Explanation, Ranked

_SHARE = "{:.0%}".format

_WORDED: Mapping[str, tuple[str, Callable[[float], str]]] = {
    "length": ("how many words say something", lambda signal: f"{math.expm1(signal):,.0f}"),
    "phrases": ("how many phrases a brief has", lambda signal: f"{math.exp(signal):,.1f}"),
    "briefs": ("how many briefs there are", lambda signal: f"{math.exp(signal):,.0f}"),
    "text": ("what the best brief's text says on it", "{:.2f}".format),
    "unknown": ("words that no brief has", _SHARE),
    "rarest": ("the weightiest of these words", _SHARE),
    "elsewhere": ("words that only other briefs have", _SHARE),
}
"""What each signal is in words, and how it is written: a logarithm as its number, a share of the question as such."""

LEGEND = (
    "These add up to the score of a brief. Margin: how far the words point to this brief rather than another, at\n"
    "most 1. Coverage: the share of the question, by weight, that this brief's phrases know: 100% adds\n"
    f"{COVERED + IN_FULL:g}, and 50% adds {COVERED / 2 + IN_FULL / 8:.1f}. "
    f"Text: the share that only its text knows: 100% adds {IN_TEXT:g}. The number\n"
    f"behind it says how much the text is about the question: each 1.00 adds {BM25:g}."
)


def explain(query: str, matcher: Matcher) -> str:
    """Return how each word was read and weighed, what the best briefs' confidence is made of, and what decided."""
    found, by = decided(query, matcher)
    if named := matcher.named(query):
        return f"“{query}” is answered: it is a title, id, alias or question of {named.id!r} in full."
    matcher = by
    explanation = matcher.explain(query, SUGGESTIONS)
    lines = [f"“{query}” {_decision(found, matcher.judge(query, SUGGESTIONS), matcher.thresholds)}"]
    lines += ["", "Words, as read, and what each weighs:"]
    lines += [f"  {_reading(word, explanation)}" for word in explanation.words] or ["  none"]
    lines += ["", "Briefs, by the chance that they are meant:"]
    lines += [f"  {_candidate(ranked)}" for ranked in explanation.ranked] or ["  none"]
    lines += ["", f"The chance that any brief is meant is {explanation.relevance:.2f}. What moves it:"]
    if signals := explanation.signals:
        lines += [f"  {words}: {written(signals[name])}" for name, (words, written) in _WORDED.items()]
    return "\n".join([*lines, "", LEGEND])


def _decision(found: Answer, judged: Judgement, least: Thresholds) -> str:
    """Return what became of a query, and which number decided."""
    if judged.empty:
        return "is a miss: no word of it says what it is about."
    if isinstance(found, Found):
        return f"is answered: the chance is {found.confidence:.2f}, and {least.answer:.2f} is enough."
    if not isinstance(found, Unsure):
        return f"is a miss: the chance that any brief is meant is {judged.relevance:.2f}, below {least.suggest:.2f}."
    if found.confidence >= least.answer:
        return f"is shown as the closest match: {_doubt(judged, least)}."
    if found.shown:
        return f"is shown as the closest match: the chance is {found.confidence:.2f}, from {least.show:.2f} on."
    return f"is asked back about: the chance is {found.confidence:.2f}, and {least.show:.2f} would show a card."


def _doubt(judged: Judgement, least: Thresholds) -> str:
    """Return why a brief that is likely enough is no answer for all to read."""
    if judged.others:
        others = ", ".join(f"“{words}”" for words in judged.others)
        return f"of it, {others} belongs to a name that this brief has not"
    if judged.rival > least.rival:
        return f"the second brief's chance is {judged.rival:.1%}, more than {least.rival:.0%}"
    return f"{judged.unknown:.0%} of the question is unknown to it, more than {least.unknown:.0%}"


def _reading(word: Word, explanation: Explanation) -> str:
    weight = explanation.weights.get(word)
    weighed = "counted once already" if weight is None else f"weight {weight:.2f}"
    if word.filler:
        weighed += ", says nothing of what is asked"
    if word.read is None:
        return f"{word.typed}: no brief has it, nor a word like it; {weighed}"
    if word.read == word.typed:
        return f"{word.typed}: {weighed}"
    return f"{word.typed}: read as {word.read} ({word.likeness:.0%} alike); {weighed}"


def _candidate(one: Ranked) -> str:
    parts = f"margin {one.margin:+.2f}, coverage {one.coverage:.0%}, text {one.in_text:.0%} and {one.bm25:.2f}"
    same = ", and its words are those of a phrase" if one.same_words else ""
    return f"{one.confidence:.2f}  {one.brief}: {parts}{same}"

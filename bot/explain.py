"""Why a query was answered as it was, in words for an admin."""

from bot.answer import SUGGESTIONS, answer
from bot.matching import Matcher
from bot.ranking.features import Word
from bot.ranking.ranker import COVERAGE, Explanation

OUTCOMES = {"answer": "is answered", "suggest": "is asked back about", "miss": "is a miss"}

LEGEND = (
    "Margin: how far the words point to this brief rather than another. Coverage: how much of the question\n"
    f"this brief's phrases know, at most {COVERAGE:g}; a word that no brief knows counts most against it."
)


def explain(query: str, matcher: Matcher) -> str:
    """Return how each word was read, what the best briefs' confidence is made of, and what that leads to."""
    outcome = OUTCOMES[answer(query, matcher).outcome]
    thresholds = matcher.thresholds
    if named := matcher.named(query):
        return f"“{query}” {outcome}: it is a title, id, alias or question of {named.id!r} in full."
    explanation = matcher.explain(query, SUGGESTIONS)
    lines = [f"“{query}” {outcome}.", "", "Words, as read:"]
    lines += [f"  {_reading(word)}" for word in explanation.words] or ["  none"]
    lines += ["", "Briefs, by the chance that they are meant:", *_candidates(explanation)]
    lines += ["", f"A chance of {thresholds.answer:.2f} makes an answer, one of {thresholds.suggest:.2f} a suggestion."]
    lines.append(LEGEND)
    return "\n".join(lines)


def _reading(word: Word) -> str:
    if word.read is None:
        return f"{word.typed}: no brief has it, nor a word like it"
    if word.read == word.typed:
        return word.typed
    return f"{word.typed}: read as {word.read} ({word.likeness:.0%} alike)"


def _candidates(explanation: Explanation) -> list[str]:
    return [
        f"  {ranked.confidence:.2f}  {ranked.brief}: margin {ranked.margin:+.2f}, coverage {ranked.coverage:.2f}"
        + (", and its words are those of a phrase" if ranked.same_words else "")
        for ranked in explanation.ranked
    ] or ["  none"]

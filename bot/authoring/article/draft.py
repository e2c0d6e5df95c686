"""Finds the topics of an article, and writes a skeleton of a brief for each, for an admin to complete. It lists the
names, figures and quotations of the topic, and has TODO where the admin writes.

The article is split into topics between paragraphs that are unusually unlike, by the cosine of their TF-IDF vectors
(after TextTiling, Hearst 1997).
"""

import json
import math
import re
from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count, pairwise, takewhile
from textwrap import shorten

from bot.authoring.article.claims import (
    NATION_ENDINGS,
    SHORT_NAME,
    CommonWords,
    is_acronym,
    names,
    quotations,
    sentences,
)
from bot.authoring.article.figures import MONTHS, Claim, figures
from bot.authoring.article.prose import prose
from bot.briefs.schema import modeline
from bot.errors import BotError
from bot.language.function_words import FUNCTION_WORDS
from bot.language.normalise import normalise
from bot.language.stemming import stemmer
from bot.language.texts import shortened

SHORTEST, LONGEST = 2, 8
"""The least sentences of a topic, and the number after which it ends even if the next paragraph is alike."""

LONGEST_NOTE = 160
"""Most characters of a name, a figure or a quotation. Longer ones are cut or left out."""

LONGEST_OPENING = 90
"""Most characters of the beginning of a topic's text."""

GUESSES = "guesses from the article: keep those that members would type, and remove the others"
"""Stands beside what nobody has written yet."""

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SAYING = re.compile(
    r"\b(?:sa(?:y|ys|id|ying)|t(?:ells?|old)|wr(?:ites?|ote|iting)|[Aa]ccording\sto|call(?:s|ed|ing)|ask(?:s|ed|ing)"
    r"|(?:add|warn|explain|claim|stress|insist|suggest|comment|vow|report|respond)(?:s|ed|ing)"
    r"|(?:stat|argu|declar|announc|describ|not|pledg|accus)(?:es|ed|ing)|(?:repl|den)(?:ies|ied|ying))\b"
)
_MONTH = "|".join(month.title() for month in MONTHS)
_MOMENT = re.compile(
    rf"(?:\b\d{{1,2}}(?:st|nd|rd|th)?\s(?:of\s)?(?:{_MONTH})|\b(?:{_MONTH})\s\d{{1,2}}(?:st|nd|rd|th)?)\b(?:,?\s\d{{4}}\b)?"
    r"|\b\d{1,2}(?:[:.]\d\d)?\s?[apAP](?:\.\s?[mM]\b\.?|\s?[mM]\b)"
)
"""A day with its month, and its year if that is said; an hour with its half of the day."""

_PRONOUN = re.compile(r"\b(?:he|she|it|they|I|we)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Notes:
    """The material of a topic. Names and common words come by weight, the rest in the order of the text."""

    names: tuple[str, ...]
    words: tuple[str, ...]
    figures: tuple[tuple[str, str], ...]
    """Each figure, and the words after it, which say what it counts."""
    quotations: tuple[tuple[str, str], ...]
    """Each quotation, and its likely speaker ("" if none was found)."""
    opening: str
    """The beginning of the topic's text, by which somebody who has read the article finds it again."""

    @property
    def heads(self) -> tuple[str, ...]:
        """The names and words that tell the topic best."""
        return (*self.names[:2], *self.words[:2])

    @property
    def aliases(self) -> tuple[str, ...]:
        """Guesses at short names by which members would ask."""
        return (*self.names[:4], *self.words[:2])

    @property
    def questions(self) -> tuple[str, ...]:
        """Guesses at questions that members would ask."""
        asked = [f"What did {speaker} say?" for _, speaker in self.quotations if speaker]
        asked += [f"How many {counted}?" for _, counted in self.figures if counted.endswith("s")]
        asked += [f"What is {n}?" if is_acronym(n) else f"What is said about {n}?" for n in self.names[:3]]
        return tuple(asked)


def topics(article: str) -> list[Notes]:
    """Return the notes of each topic of ``article``, in the order of the text.

    Raises BotError if the article has no sentence besides navigation, teasers, bylines and the like.
    """
    paragraphs = prose(article)
    if not paragraphs:
        raise BotError("the article holds no sentence to write from; give the text of an article, a paragraph a line")
    return list(_notes(_divided(paragraphs), CommonWords(paragraphs)))


def drafts(article: str, schema: str | None = None) -> dict[str, str]:
    """Return a draft in YAML for each topic of ``article``, by id and in the order of the text.

    ``schema`` is the path by which an editor finds the schema from the folder of the drafts, None if there is none.
    Raises BotError as `topics` does.
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    numbers: defaultdict[str, Iterator[int]] = defaultdict(partial(count, 1))  # for each name, the next number
    for notes in topics(article):
        words = re.sub("[^a-z0-9]+", " ", normalise(" ".join(notes.heads)))
        name = shorten(words, 56, placeholder="").replace(" ", "-") or "topic"
        brief_id = next(new for n in numbers[name] if (new := name if n == 1 else f"{name}-{n}") not in found)
        found[brief_id] = (f"{modeline(schema)}\n" if schema else "") + _skeleton(brief_id, notes, taken)
    return found


def _divided(paragraphs: Sequence[str]) -> list[str]:
    """Join the paragraphs that belong to one topic. A single paragraph is split into its sentences first."""
    parts = paragraphs if len(paragraphs) > 1 else sentences(paragraphs[0])
    stem = stemmer("english")
    content = [Counter(stem(word) for word in _content(part)) for part in parts]
    likeness = [_cosine(left, right) for left, right in pairwise(_weighted(content))]
    usual = sum(likeness) / max(len(likeness), 1)
    topics = [parts[0]]
    for part, like in zip(parts[1:], likeness, strict=True):
        size = len(sentences(topics[-1]))
        if size >= SHORTEST and (like <= usual or size + len(sentences(part)) > LONGEST):
            topics.append(part)
        else:
            topics[-1] += f"\n{part}"
    return topics


def _content(text: str) -> list[str]:
    return [word for word in normalise(text).split() if word not in FUNCTION_WORDS and len(word) > 2]


def _weighted(counters: Sequence[Counter[str]]) -> list[dict[str, float]]:
    """Return the TF-IDF weights of the terms of each text, highest first. Of equals, the earlier term comes first."""
    having = Counter(thing for counter in counters for thing in counter)
    weights = [
        {thing: times * math.log(1 + len(counters) / having[thing]) for thing, times in counter.items()}
        for counter in counters
    ]
    return [dict(sorted(weight.items(), key=lambda item: -item[1])) for weight in weights]


def _cosine(left: dict[str, float], right: dict[str, float]) -> float:
    shared = math.fsum(weight * right[thing] for thing, weight in left.items() if thing in right)
    lengths = math.hypot(*left.values()) * math.hypot(*right.values())
    return shared / lengths if lengths else 0.0


def _notes(topics: Sequence[str], common: CommonWords) -> Iterator[Notes]:
    """Yield the notes of each topic. Names and words weigh more if no other topic has them."""
    named = [[name.text for part in sentences(topic) for name in names(part, common, SHORT_NAME)] for topic in topics]
    known = _weighted([Counter(name for name in found if _is_telling(name)) for found in named])
    words = _weighted([Counter(re.findall(r"\b[a-z]{5,}\b", topic)) for topic in topics])
    for topic, in_names, in_words in zip(topics, known, words, strict=True):
        within_names = normalise(" ".join(in_names))
        telling = (w for w in in_words if w not in FUNCTION_WORDS and not w.endswith(("ed", "ing", "ly")))
        yield Notes(
            tuple(fresh(in_names, set())),
            tuple(word for word in telling if word not in within_names)[:4],
            tuple(dict.fromkeys(_counting(topic))),
            tuple(_quoted(topic, common)),
            shortened(" ".join(sentences(topic)[0].split()), LONGEST_OPENING),
        )


def _is_telling(name: str) -> bool:
    """Return whether a name tells the topic. A day, a month or the adjective of a nation does not."""
    return (
        1 < len(name) <= LONGEST_NOTE
        and name.lower().removesuffix("s") not in (*_DAYS, *MONTHS)
        and not name.endswith(NATION_ENDINGS)
    )


def _counting(text: str) -> Iterator[tuple[str, str]]:
    """Yield each figure that tells something, and what it counts. A day and an hour are whole, and count nothing."""
    moments = deque(_MOMENT.finditer(text))
    for figure in figures(text):
        if figure.tells_nothing:
            continue
        while moments and moments[0].end() <= figure.start:
            moments.popleft()
        within = moments and moments[0].start() <= figure.start
        yield (moments[0][0], "") if within else (figure.text, _counted(text, figure))


def _counted(text: str, figure: Claim) -> str:
    behind = re.match(r"(?:\s[^\W\d_]+){0,4}", text[figure.end :])
    return " ".join(takewhile(lambda word: word.lower() not in FUNCTION_WORDS, behind[0].split() if behind else ()))


def _cut(fragment: str) -> str:
    """Return a quotation as a note: without a comma at its end, and cut to the length of a note."""
    fragment = " ".join(fragment.split()).rstrip(",.")
    return fragment if len(fragment) <= LONGEST_NOTE else fragment[:LONGEST_NOTE].rsplit(" ", 1)[0] + " …"


def _quoted(topic: str, common: CommonWords) -> Iterator[tuple[str, str]]:
    """Yield each quotation with its likely speaker: of the nearest verb of saying, the nearest name.

    The speaker is "" if the verb is far away, or if a pronoun is nearer to the verb than any name.
    """
    found = quotations(topic)
    told = list(topic)
    for quotation in found:
        told[quotation.start : quotation.end] = "x" * len(quotation.text)
    without = "".join(told)
    verbs = [Claim(verb.start(), verb[0]) for verb in _SAYING.finditer(without)]
    speakers: list[Claim] = [name for name in names(without, common, SHORT_NAME) if _is_telling(name.text)]
    speakers += [Claim(pronoun.start(), "") for pronoun in _PRONOUN.finditer(without)]
    speakers.sort(key=_place)
    for quotation in found:
        verb = _nearest(verbs, quotation)
        near = verb and _distance(verb, quotation) < LONGEST_NOTE
        speaker = _nearest(speakers, verb) if verb and near else None
        yield _cut(quotation.text), speaker.text if speaker else ""


def _nearest(claims: Sequence[Claim], other: Claim) -> Claim | None:
    """Return the nearest of ``claims``, which are sorted by place; of two that are as near, the earlier one."""
    place = bisect_left(claims, other.start, key=_place)
    return min(claims[max(0, place - 1) : place + 1], key=partial(_distance, other), default=None)


def _place(claim: Claim) -> int:
    return claim.start


def _distance(one: Claim, other: Claim) -> int:
    """Return the number of characters between the two."""
    return max(one.start - other.end, other.start - one.end)


def _skeleton(brief_id: str, notes: Notes, taken: set[str]) -> str:
    """Return a draft in YAML without phrases of ``taken``, the normalised phrases of earlier drafts."""
    quoted = [f"“{text}” – {speaker or 'who'}?" for text, speaker in notes.quotations]
    lines = [
        "# A draft: write the brief in your own words from these notes, then delete them.",
        *_comments("Figures", (f"{figure} {counted}".strip() for figure, counted in notes.figures)),
        *_comments("Names", notes.names),
        *_comments("Quotations, and who seems to speak", quoted),
        "title: TODO " + brief_id.replace("-", " "),
        *_list("aliases", fresh(notes.aliases, taken)),
        *_list("questions", fresh(notes.questions, taken)),
        "summary: TODO one to three sentences",
        "# facts:",
        "#   - text: TODO one statement",
        "#     by: TODO who says so",
        "as_of: TODO",
        "sources:",
        "  - name: TODO title, publisher, date",
    ]
    return "\n".join(lines) + "\n"


def fresh(phrases: Iterable[str], taken: set[str]) -> list[str]:
    """Return the phrases that differ from each other and from those in ``taken``, and add them to ``taken``."""
    new: list[str] = []
    for phrase in phrases:
        if (read := normalise(phrase)) and read not in taken:
            taken.add(read)
            new.append(phrase)
    return new


def _comments(head: str, notes: Iterable[str]) -> list[str]:
    listed = [f"#   - {note}" for note in notes]
    return [f"# {head}:", *listed] if listed else []


def _list(key: str, values: Iterable[str]) -> list[str]:
    listed = [f"  - {json.dumps(value, ensure_ascii=False)}" for value in values]  # quoted: JSON is YAML
    return [f"{key}:  # {GUESSES}", *listed] if listed else []

"""From an article to skeletons of briefs for an admin to write: what each topic names, counts and quotes, and TODO.

A topic ends between two paragraphs that are no more alike than is usual in the article, by the cosine of their TF-IDF
vectors (after TextTiling, Hearst 1997).
"""

import json
import math
import re
from collections import Counter, defaultdict
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
from bot.briefs.schema import MODELINE
from bot.errors import BotError
from bot.language.function_words import FUNCTION_WORDS
from bot.language.normalise import normalise
from bot.language.stemming import stemmer

SHORTEST, LONGEST = 2, 8
"""How many sentences a topic has at least, and before it ends however much the next paragraph is like it."""

LONGEST_NOTE = 160
"""Characters of a name, a figure or a quotation; what is longer is cut or left out."""

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SAYING = re.compile(
    r"\b(?:sa(?:y|ys|id|ying)|t(?:ells?|old)|wr(?:ites?|ote|iting)|[Aa]ccording\sto|call(?:s|ed|ing)|ask(?:s|ed|ing)"
    r"|(?:add|warn|explain|claim|stress|insist|suggest|comment|vow|report|respond)(?:s|ed|ing)"
    r"|(?:stat|argu|declar|announc|describ|not|pledg|accus)(?:es|ed|ing)|(?:repl|den)(?:ies|ied|ying))\b"
)
_PRONOUN = re.compile(r"\b(?:he|she|it|they|I|we)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Notes:
    """What a topic offers to write from: names and common words with the weightiest first, the rest in its order."""

    names: tuple[str, ...]
    words: tuple[str, ...]
    figures: tuple[tuple[str, str], ...]
    """Each figure, and the words behind it, which say what it counts."""
    quotations: tuple[tuple[str, str], ...]
    """What is quoted, and who seems to say it ("" if nobody does)."""


def drafts(article: str) -> dict[str, str]:
    """Return the YAML text of a draft for each topic of ``article``, by the id to save it under, in its order.

    Raises BotError if there is no sentence left once navigation, teasers, bylines and the like are taken out.
    """
    paragraphs = prose(article)
    if not paragraphs:
        raise BotError("the article holds no sentence to write from; give the text of an article, a paragraph a line")
    found: dict[str, str] = {}
    taken: set[str] = set()
    numbers: defaultdict[str, Iterator[int]] = defaultdict(partial(count, 1))  # each name goes on where it left off
    for notes in _notes(_topics(paragraphs), CommonWords(paragraphs)):
        heads = " ".join([*notes.names[:2], *notes.words[:2]])
        name = shorten(re.sub("[^a-z0-9]+", " ", normalise(heads)), 56, placeholder="").replace(" ", "-") or "topic"
        brief_id = next(new for n in numbers[name] if (new := name if n == 1 else f"{name}-{n}") not in found)
        found[brief_id] = _skeleton(brief_id, notes, taken)
    return found


def _topics(paragraphs: Sequence[str]) -> list[str]:
    """Join the paragraphs (of a single one the sentences) that belong to one topic."""
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
    """Return the TF-IDF weights of what each text has, the weightiest first and of equals the earlier."""
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
    """Yield what there is to note of each topic; names and words weigh more if no other topic has them."""
    named = [[name.text for part in sentences(topic) for name in names(part, common, SHORT_NAME)] for topic in topics]
    known = _weighted([Counter(name for name in found if _is_telling(name)) for found in named])
    words = _weighted([Counter(re.findall(r"\b[a-z]{5,}\b", topic)) for topic in topics])
    for topic, in_names, in_words in zip(topics, known, words, strict=True):
        within_names = normalise(" ".join(in_names))
        telling = (w for w in in_words if w not in FUNCTION_WORDS and not w.endswith(("ed", "ing", "ly")))
        counting = [figure for figure in figures(topic) if not figure.tells_nothing]
        yield Notes(
            tuple(_fresh(in_names, set())),
            tuple(word for word in telling if word not in within_names)[:4],
            tuple(dict.fromkeys((figure.text, _counted(topic, figure)) for figure in counting)),
            tuple(_quoted(topic, common)),
        )


def _is_telling(name: str) -> bool:
    """Whether a name says what a topic is about: a day, a month or a nation's adjective does not."""
    return 1 < len(name) <= LONGEST_NOTE and name.lower() not in (*_DAYS, *MONTHS) and not name.endswith(NATION_ENDINGS)


def _counted(text: str, figure: Claim) -> str:
    behind = re.match(r"(?:\s[^\W\d_]+){0,4}", text[figure.end :])
    return " ".join(takewhile(lambda word: word.lower() not in FUNCTION_WORDS, behind[0].split() if behind else ()))


def _cut(fragment: str) -> str:
    """Return a quotation as a note: without the comma at its end, and no longer than a note is."""
    fragment = " ".join(fragment.split()).rstrip(",.")
    return fragment if len(fragment) <= LONGEST_NOTE else fragment[:LONGEST_NOTE].rsplit(" ", 1)[0] + " …"


def _quoted(topic: str, common: CommonWords) -> Iterator[tuple[str, str]]:
    """Yield what is quoted with its likely speaker: the name nearest to the verb of saying nearest to the quotation.

    It has none, "", if the verb is far off or a pronoun is nearer to it than any name.
    """
    found = quotations(topic)
    told = topic
    for quotation in found:
        told = told[: quotation.start] + "x" * len(quotation.text) + told[quotation.end :]
    verbs = [Claim(verb.start(), verb[0]) for verb in _SAYING.finditer(told)]
    speakers: list[Claim] = [name for name in names(told, common, SHORT_NAME) if _is_telling(name.text)]
    speakers += [Claim(pronoun.start(), "") for pronoun in _PRONOUN.finditer(told)]
    for quotation in found:
        near = [verb for verb in verbs if _distance(verb, quotation) < LONGEST_NOTE]
        verb = min(near, key=partial(_distance, quotation), default=None)
        speaker = min(speakers, key=partial(_distance, verb), default=None) if verb else None
        yield _cut(quotation.text), speaker.text if speaker else ""


def _distance(one: Claim, other: Claim) -> int:
    """Return how many characters are between the two."""
    return max(one.start - other.end, other.start - one.end)


def _skeleton(brief_id: str, notes: Notes, taken: set[str]) -> str:
    """Return a draft's YAML; ``taken`` are the normalised phrases of earlier ones, which no other brief may have."""
    quoted = [f"“{text}” – {speaker or 'who'}?" for text, speaker in notes.quotations]
    lines = [
        MODELINE,
        "# A draft: write the brief in your own words from these notes, then delete them.",
        *_comments("Figures", (f"{figure} {counted}".strip() for figure, counted in notes.figures)),
        *_comments("Names", notes.names),
        *_comments("Quotations, and who seems to speak", quoted),
        "title: TODO " + brief_id.replace("-", " "),
        *_list("aliases", _fresh([*notes.names[:4], *notes.words[:2]], taken)),
        *_list("questions", _fresh(_questions(notes), taken)),
        "summary: TODO one to three sentences",
        "# facts:",
        "#   - text: TODO one statement",
        "#     by: TODO who says so",
        "as_of: TODO",
        "sources:",
        "  - name: TODO title, publisher, date",
    ]
    return "\n".join(lines) + "\n"


def _questions(notes: Notes) -> Iterator[str]:
    yield from (f"What did {speaker} say?" for _, speaker in notes.quotations if speaker)
    yield from (f"How many {counted}?" for _, counted in notes.figures if counted.endswith("s"))
    yield from (f"What is {name}?" if is_acronym(name) else f"What is said about {name}?" for name in notes.names[:3])


def _fresh(phrases: Iterable[str], taken: set[str]) -> list[str]:
    """Return the phrases that read otherwise than each other and than those in ``taken``, and add them to it."""
    fresh: list[str] = []
    for phrase in phrases:
        if (read := normalise(phrase)) and read not in taken:
            taken.add(read)
            fresh.append(phrase)
    return fresh


def _comments(head: str, notes: Iterable[str]) -> list[str]:
    listed = [f"#   - {note}" for note in notes]
    return [f"# {head}:", *listed] if listed else []


def _list(key: str, values: Iterable[str]) -> list[str]:
    listed = [f"  - {json.dumps(value, ensure_ascii=False)}" for value in values]  # quoted: JSON is YAML
    return [f"{key}:", *listed] if listed else []

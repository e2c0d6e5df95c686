"""Warnings about a valid base: wrong or past dates, texts that YAML reads otherwise than they look, phrases that find
another brief, tell no topic, or ask the same as another brief does.
"""

from collections.abc import Container, Iterable, Iterator
from datetime import date

from bot.answering.answer import answer
from bot.answering.matcher import Matcher
from bot.authoring.near import NearPhrases
from bot.briefs import markup
from bot.briefs.brief import Brief
from bot.briefs.brief_file import LoadedFile
from bot.briefs.faults import Location, of_key
from bot.briefs.fields import first_day
from bot.briefs.markup import Text
from bot.briefs.translation import parted
from bot.briefs.translation_files import doubts
from bot.errors import Problem, Said
from bot.language.normalise import normalise


def find_warnings(files: Iterable[LoadedFile], matcher: Matcher, today: date) -> list[Problem]:
    """Return the warnings about a valid base, sorted by file and line."""
    files = list(files)
    near, looked_at = NearPhrases(matcher), {file.id for file in files}
    found = [
        warning
        for file in files
        for warning in (
            *_wrong_dates(file, today),
            *file.misread(),
            *_doubtful_marks(file),
            *_misled_phrases(file, matcher),
            *_near_phrases(file, near, looked_at),
        )
    ]
    return sorted([*found, *doubts(files, matcher.base)])


def _wrong_dates(file: LoadedFile, today: date) -> Iterator[Problem]:
    if not (brief := file.brief):
        return
    if first_day(brief.as_of) > today:
        what = Said("{day} has not come yet; write when this was current", day=brief.as_of)
        yield file.problem(("as_of",), of_key("as_of", what))
    for location, day in _days(brief):
        if first_day(day) > today:
            what = Said("{day} has not come yet; correct it", day=day)
            yield file.problem(location, of_key(str(location[-1]), what))
    if brief.expires and first_day(brief.expires) <= first_day(brief.as_of):
        what = Said("{day} is not after as_of, {as_of}; correct one of them", day=brief.expires, as_of=brief.as_of)
        yield file.problem(("expires",), of_key("expires", what))
    elif brief.expired(today):
        message = Said("expired on {day}; bring the brief up to date or remove it", day=brief.expires)
        yield file.problem(("expires",), message)


def _days(brief: Brief) -> Iterator[tuple[Location, str]]:
    """Yield the days of what has been said, published or corrected."""
    days = [(("facts", n, "on"), fact.on) for n, fact in enumerate(brief.facts)]
    days += [(("sources", n, "published"), source.published) for n, source in enumerate(brief.sources)]
    days += [(("corrections", n, "on"), correction.on) for n, correction in enumerate(brief.corrections)]
    yield from ((location, day) for location, day in days if day)


def _doubtful_marks(file: LoadedFile) -> Iterator[Problem]:
    """Yield a problem for each mark that may not have been meant as one, as in texts that are older than marks."""
    if not (brief := file.brief):
        return
    texts: list[tuple[Location, Text]] = [(("summary",), brief.summary)]
    texts += [(("facts", n, "text"), fact.text) for n, fact in enumerate(brief.facts)]
    for location, text in texts:
        for doubt in markup.doubts(text.written):
            yield file.problem(location, of_key(str(location[-1]), doubt))


def _misled_phrases(file: LoadedFile, matcher: Matcher) -> Iterator[Problem]:
    own = parted(file.id)[0]
    fillers = matcher.translated[file.language].fillers if file.language in matcher.translated else matcher.fillers
    for (key, *rest), phrase in file.phrases() if own in matcher.base.briefs else ():
        if key == "aliases" and normalise(phrase) in fillers:
            what = Said("{phrase} tells no topic, for members say it in any question; take it out", phrase=repr(phrase))
            yield file.problem((key, *rest), of_key(str(key), what))
            continue
        found = answer(phrase, matcher, file.language)
        nearest = found.brief or next((candidate.brief for candidate in found.suggestions), None)
        if nearest is None or nearest != matcher.base.current(own):
            what = Said("{phrase} finds no brief instead; reword one of the two", phrase=repr(phrase))
            if nearest:
                what = Said(
                    "{phrase} finds {brief} instead; reword one of the two", phrase=repr(phrase), brief=repr(nearest.id)
                )
            yield file.problem((key, *rest), of_key(str(key), what))


def _near_phrases(file: LoadedFile, near: NearPhrases, looked_at: Container[str]) -> Iterator[Problem]:
    """Yield a problem for each phrase that asks the same as one of another brief; of two files that are looked at, in
    one of them. A translation has the phrases of its brief, so it is left alone.
    """
    for (key, *rest), phrase in () if file.language else file.phrases():
        for other in near.of_others(file.id, phrase):
            if other.brief < file.id or other.brief not in looked_at:
                what = Said(
                    "{phrase} asks the same as {other} of {brief}; keep it in one of them",
                    phrase=repr(phrase),
                    other=repr(other.phrase),
                    brief=repr(other.brief),
                )
                yield file.problem((key, *rest), of_key(str(key), what))
                break

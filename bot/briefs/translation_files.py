"""Which translations of a folder are used, what is wrong with the others, and which are doubtful:
stale, missing or surplus.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from bot.briefs.brief import Brief, BriefBase
from bot.briefs.brief_file import LoadedFile
from bot.briefs.card_text import MAX_CARD, card_length
from bot.briefs.consistency import shared_phrases, usable
from bot.briefs.faults import did_you_mean, of_key
from bot.briefs.translation import Translation, parted
from bot.errors import Problem, Said
from bot.language.tags import endonym, fallbacks

_LISTS = ("facts", "sources", "corrections")
_NAMED = 5
"""Most briefs without a translation that a warning names."""


class Translations(NamedTuple):
    """The translations in use by the name of their file, the files that they were read from, and the problems."""

    in_use: Mapping[str, Translation]
    files: tuple[LoadedFile, ...]
    problems: tuple[Problem, ...]


def usable_translations(
    files: Sequence[LoadedFile],
    unread: Iterable[Problem],
    briefs: Mapping[str, Brief],
    good: BriefBase,
    gone: Container[str],
) -> Translations:
    """Return the translations to use. For a wrong file, that is what was last good of it.

    ``files`` are in the order in which they may claim a phrase; two languages may have the same one. ``unread`` are the
    problems of files that cannot be read. ``gone`` are translations of ``good`` without a file that stay all the same.
    """
    in_use: dict[str, Translation] = {}
    used: list[LoadedFile] = []
    problems: list[Problem] = []
    unread = list(unread)
    languages = {parted(name)[1] or "" for name in [*good.translations, *(file.id for file in files)]}
    for language in sorted(languages):
        group = [file for file in files if file.language == language]
        wrong = [problem for file in group for problem in (*file.problems, *_disagreements(file, briefs))]
        wrong += shared_phrases(group)
        before = {name: each for name, each in good.translations.items() if each.language == language}
        taken, kept, more = usable(group, [*unread, *wrong], before, [name for name in before if name in gone])
        in_use |= {name: each for name, each in kept.items() if _fits(each, briefs)}
        in_use |= {file.id: file.translation for file in taken.values() if file.translation}
        used += taken.values()
        problems += [*wrong, *more]
    return Translations(in_use, tuple(used), tuple(problems))


def _disagreements(file: LoadedFile, briefs: Mapping[str, Brief]) -> Iterator[Problem]:
    """Yield what a translation has otherwise than the brief that it says it translates.

    One that is stale may have more or fewer parts than the brief has now; it is not wrong for that.
    """
    translation = file.translation
    if not translation or not (brief := briefs.get(translation.id)):
        return
    if translation.of == brief.digest:
        for key in _LISTS:
            own, originals = len(getattr(translation, key)), len(getattr(brief, key))
            if own != originals and (own or key == "facts"):
                what = Said(
                    "there are {own}, and the original has {originals}; have as many, in the same order",
                    own=own,
                    originals=originals,
                )
                yield file.problem((key,), of_key(key, what))
        for n, (fact, original) in enumerate(zip(translation.facts, brief.facts, strict=False)):
            if fact.by and not original.by:
                what = Said("the original does not say who says this; remove it")
                yield file.problem(("facts", n, "by"), of_key("by", what))
            if fact.quote and not original.quote:
                what = Said("the original quotes nothing here; remove it")
                yield file.problem(("facts", n, "quote"), of_key("quote", what))
        if translation.image and not brief.image:
            yield file.problem(("image",), of_key("image", Said("the original has none; remove it")))
    if not _fits(translation, briefs):
        length = card_length(brief.translated_by(translation))
        message = Said(
            "makes a card of {length} characters, and Discord shows {most}; shorten its texts",
            length=length,
            most=MAX_CARD,
        )
        yield file.problem((), message)


def _fits(translation: Translation, briefs: Mapping[str, Brief]) -> bool:
    brief = briefs.get(translation.id)
    return brief is None or card_length(brief.translated_by(translation)) <= MAX_CARD


def doubts(files: Iterable[LoadedFile], base: BriefBase) -> Iterator[Problem]:
    """Yield a warning for each translation that is stale or surplus, and for each language that briefs lack.

    The latter is at the first brief that lacks it.
    """
    by_id = {file.id: file for file in files}
    translations = (file for file in by_id.values() if file.translation)
    ordered = sorted(translations, key=lambda file: (file.language or "", file.id))
    for language, group in groupby(ordered, key=lambda file: file.language or ""):
        translated = list(group)
        for file in translated:
            yield from _doubts_of(file, base)
        there = {translation.id for translation in base.translations.values() if translation.language == language}
        wider = {each.id for each in base.translations.values() if each.language in fallbacks(language)}
        missing = [brief for brief in base.briefs.values() if not brief.replaced_by and brief.id not in there | wider]
        if missing and len(fallbacks(language)) == 1:
            at = by_id.get(missing[0].id, translated[0])
            yield at.problem((), _missing([brief.id for brief in missing], language))


def _doubts_of(file: LoadedFile, base: BriefBase) -> Iterator[Problem]:
    if not (translation := file.translation):
        return
    if not (brief := base.briefs.get(translation.id)):
        message = (
            f"there is no brief {translation.id!r}, so this is not used{did_you_mean(translation.id, base.briefs)}"
        )
        yield file.problem((), message)
    elif translation.language == base.language:
        yield file.problem((), f"the briefs themselves are in {endonym(base.language)}, so this is not used")
    elif len(translation.facts) != len(brief.facts):
        counts = f"it has {len(translation.facts)} facts, and the original has {len(brief.facts)}"
        yield file.problem(("facts",), f"stale: {counts}; until they are as many, members get the original")
    elif translation.of is None:
        yield file.problem((), "does not say what it translates, so it is shown as stale; check --stamp writes that")
    elif translation.of != brief.digest:
        yield file.problem(
            ("of",), f"stale: {brief.id}.yaml has changed since; bring it up to date, then check --stamp"
        )


def _missing(briefs: Sequence[str], language: str) -> str:
    more = f" and {len(briefs) - _NAMED} more" if len(briefs) > _NAMED else ""
    return f"not translated into {endonym(language)}: {', '.join(briefs[:_NAMED])}{more}"

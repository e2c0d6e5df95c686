"""The form of a translation: its texts as four fields, and the file that is written from them.

What the form does not show, the words of a picture, of corrections, of sources and of quotations, stays as it was. What
of that is not translated yet stands in the file as a comment.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from bot.authoring.form import written
from bot.authoring.form.fields import FactLine, Form, UnfitError, fitting, shown, typed
from bot.authoring.form.written import entry
from bot.briefs.brief import Brief
from bot.briefs.schema import TRANSLATION_MODELINE
from bot.briefs.translation import Translation, TranslationContent
from bot.errors import Said

_PHRASES = 4000
_TO_TRANSLATE = "Not translated yet. Take the # away from what you translate.\n"


def form_of(translation: Translation | None) -> Form:
    """Return the fields of a translation, blank ones for a new one. Raises UnfitError if they cannot show it."""
    if translation is None:
        return Form()
    facts = "\n".join(str(FactLine(fact.text.written, fact.by)) for fact in translation.facts)
    phrases = "\n".join(fitting((*translation.aliases, *translation.questions), _PHRASES))
    form = Form(translation.title, translation.summary.written, facts, "", phrases)
    if len(typed(form, date.max).facts) != len(translation.facts):
        raise UnfitError(Said("The plain form would read a fact of this translation as something else, or as several."))
    return form


def beside(original: Brief) -> Form:
    """Return the fields of the original, to be shown beside those of its translation. Raises UnfitError."""
    return replace(shown(original), sources="")


def file_of(form: Form, translation: Translation | None, original: Brief | None = None) -> str:
    """Return the file of a translation with what was typed, and below it what of ``original`` is still to translate."""
    meant = typed(form, date.max)
    content = written.content_of(meant, "")
    made: dict[str, Any] = {key: content[key] for key in ("title", "aliases", "questions", "summary", "facts")}
    if translation:
        kept = translation.model_dump(exclude_none=True)
        made |= {key: kept[key] for key in ("of", "image", "corrections", "sources") if kept.get(key)}
        made = _with_phrases_beyond_the_form(made, translation) | {"facts": _with_quotes(made["facts"], translation)}
    lines = (entry(key, made[key]) for key in TranslationContent.model_fields if made.get(key))
    return f"{TRANSLATION_MODELINE}\n" + "".join(lines) + (_to_translate(original, made) if original else "")


def _with_quotes(facts: list[dict[str, str]], translation: Translation) -> list[dict[str, str]]:
    """Return facts with the quotations that they had. Of another number of facts, those keep theirs that read alike."""
    known = {fact.text.written: fact.quote for fact in translation.facts}
    if len(facts) == len(translation.facts):
        known = {fact["text"]: old.quote for fact, old in zip(facts, translation.facts, strict=True)}
    return [fact | ({"quote": quote} if (quote := known.get(fact["text"])) else {}) for fact in facts]


def _to_translate(original: Brief, made: Mapping[str, Any]) -> str:
    """Return as comments the texts of the original that the form does not show and that are not translated."""
    texts: dict[str, Any] = {
        "image": {"alt": original.image.alt} if original.image else None,
        "corrections": [{"text": each.text} for each in original.corrections],
        "sources": [{"name": each.name} for each in original.sources],
    }
    left = "".join(entry(key, value) for key, value in texts.items() if value and not made.get(key))
    return "".join(f"# {line}" for line in [*([_TO_TRANSLATE] if left else []), *left.splitlines(keepends=True)])


def _with_phrases_beyond_the_form(made: dict[str, Any], translation: Translation) -> dict[str, Any]:
    """Return the content with the phrases that the form had no room to show, and each phrase in the list it was in."""
    own = (*translation.aliases, *translation.questions)
    beyond = own[len(fitting(own, _PHRASES)) :]
    phrases = dict.fromkeys((*made["aliases"], *made["questions"], *beyond))
    aliases = [each for each in phrases if each in translation.aliases]
    questions = [each for each in phrases if each in translation.questions and each not in aliases]
    new = [each for each in phrases if each not in own]
    return made | {
        "aliases": [*aliases, *(each for each in new if each in made["aliases"])],
        "questions": [*questions, *(each for each in new if each in made["questions"])],
    }

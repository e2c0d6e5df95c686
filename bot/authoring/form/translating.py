"""The form of a translation: its texts as four fields, and the file that is written from them.

What the form does not show, the words of a picture, of corrections and of sources, stays as it was.
"""

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


def file_of(form: Form, translation: Translation | None) -> str:
    """Return the file of a translation with what was typed."""
    meant = typed(form, date.max)
    content = written.content_of(meant, "")
    made: dict[str, Any] = {key: content[key] for key in ("title", "aliases", "questions", "summary", "facts")}
    if translation:
        kept = translation.model_dump(exclude_none=True)
        made |= {key: kept[key] for key in ("of", "image", "corrections", "sources") if kept.get(key)}
        made = _with_phrases_beyond_the_form(made, translation)
    lines = (entry(key, made[key]) for key in TranslationContent.model_fields if made.get(key))
    return f"{TRANSLATION_MODELINE}\n" + "".join(lines)


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

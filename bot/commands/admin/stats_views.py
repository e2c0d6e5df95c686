"""The numbers of the log as admins read them on Discord, and what the colours of their picture stand for."""

import io

import discord
from discord import ui

from bot.answering.answer import Outcome
from bot.briefs.brief import BriefBase
from bot.briefs.markup import neutralised
from bot.catalogues.catalogue import ENGLISH, Catalogue
from bot.commands.admin import views
from bot.gateway.layout import unstored
from bot.reports.report import OUTCOMES, Stats, headline, language_lines, named_top

COLOURS: dict[Outcome, str] = {"answer": "🟦", "suggest": "🟧", "miss": "🟪"}
"""What stands for the colours of the picture of lookups, see bot/reports/chart.py."""


def stats_message(text: str, picture: bytes | None, described: str, catalogue: Catalogue = ENGLISH) -> views.Shown:
    """Return the numbers, and their picture if it could be drawn."""
    if picture is None:
        return views.message(text)
    gallery: ui.MediaGallery[ui.LayoutView] = ui.MediaGallery(
        discord.MediaGalleryItem("attachment://lookups.png", description=described)
    )
    words = ui.TextDisplay[ui.LayoutView](f"{text}\n{legend(catalogue)}")
    return views.Shown(unstored(words, gallery), [discord.File(io.BytesIO(picture), "lookups.png")])


def stats_text(stats: Stats, base: BriefBase, catalogue: Catalogue = ENGLISH) -> str:
    """Return the sums, and the briefs shown most."""
    say, shown = catalogue.gettext, named_top(stats, base)
    top = [f"{n}. {neutralised(name)}: {catalogue.number(count)}" for n, (name, count) in enumerate(shown, 1)]
    said = language_lines(stats, catalogue)
    lines = [headline(stats, catalogue)]
    lines += [say("**Shown most**"), *top] if top else []
    lines += [say("**By the language of the askers**"), *said] if said else []
    return "\n".join(lines)


def legend(catalogue: Catalogue = ENGLISH) -> str:
    """Return what the colours of the picture of lookups stand for."""
    colours = " · ".join(f"{COLOURS[outcome]} {catalogue.gettext(name)}" for outcome, name in OUTCOMES.items())
    return f"-# {catalogue.gettext('Lookups a day (UTC): {colours}', colours=colours)}"

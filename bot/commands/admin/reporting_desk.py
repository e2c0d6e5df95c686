"""The numbers of the log, and the base as a file."""

import asyncio
import os
from datetime import UTC, datetime

from bot.authoring.keeper import BaseKeeper
from bot.briefs.claim_review import as_json, claim_reviews
from bot.briefs.export import zipped
from bot.commands.admin import views
from bot.commands.admin.gate import Gate
from bot.commands.admin.replies import defer, show
from bot.commands.admin.stats_views import stats_message, stats_text
from bot.errors import BotError, RequestError
from bot.gateway import audience
from bot.gateway.client import Interaction
from bot.reports import queries
from bot.reports.chart import draw
from bot.reports.report import headline
from bot.storage.database import Database

LARGEST_UPLOAD = 10_000_000
"""Bytes of a file that Discord takes from a bot in any server."""


class ReportingDesk:
    """Serves `/briefs stats`, to managers of other servers for their own alone, and `/briefs export`.

    One at a time is made, however many ask: each takes processor time or memory that others feel.
    """

    def __init__(self, gate: Gate, keeper: BaseKeeper, database: Database) -> None:
        self._gate = gate
        self._keeper = keeper
        self._database = database
        self._one_at_a_time = asyncio.Lock()

    async def stats(self, interaction: Interaction, days: int) -> None:
        """Show lookups a day and by outcome, and the briefs shown most, as numbers and as a picture."""
        await defer(interaction)
        async with self._one_at_a_time:
            stats = await queries.stats(self._database, datetime.now(UTC).date(), days, self._gate.scope(interaction))
            picture = await draw(stats) if stats.total else None
        say = audience.reader(interaction)
        text = stats_text(stats, self._keeper.matcher.base, say)
        await show(interaction, stats_message(text, picture, headline(stats, say), say))

    async def export(self, interaction: Interaction, claim_review: str | None) -> None:
        """Send the files of the base as a zip, or what is published below the address ``claim_review`` as JSON-LD."""
        await defer(interaction)
        if claim_review:
            await self._claim_reviews(interaction, claim_review)
            return
        folder = self._keeper.folder
        try:
            async with self._one_at_a_time:
                content = await asyncio.to_thread(zipped, folder)
        except BotError as error:  # where the folder lies is nobody's business on Discord
            raise RequestError(str(error).replace(str(folder.parent) + os.sep, "")) from None
        if len(content) > LARGEST_UPLOAD:
            raise RequestError("The base is too large for Discord; use `python -m bot export` where the bot runs.")
        head = audience.reader(interaction).gettext("The base, as it is in the folder:")
        await show(interaction, views.message(head, files=[("briefs.zip", content)]))

    async def _claim_reviews(self, interaction: Interaction, address: str) -> None:
        reviews = claim_reviews(self._keeper.matcher.base, address)
        say = audience.reader(interaction)
        head = say.gettext(
            "ClaimReview of {briefs}; {left_out} left out, for a claim with a verdict is `confirmed` or `disputed`:",
            briefs=say.ngettext("{n} brief", "{n} briefs", reviews.count),
            left_out=say.number(len(reviews.left_out)),
        )
        files = [("briefs.jsonld", as_json(reviews))]
        await show(interaction, views.lines_message(head, reviews.left_out, "left-out.txt", files=files, catalogue=say))

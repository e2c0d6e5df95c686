"""Where interactions and messages come in. Each is looked at as Discord sent it, before discord.py builds an object.

What is dropped here has cost no more than reading its JSON, so a flood costs little. Most messages are dropped: they
do not address the bot. discord.py is given no message at all.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

from bot.gateway.events import tidied
from bot.gateway.fairness import Fairness, Turn
from bot.gateway.questions import Question, question_of
from bot.gateway.recent_interactions import MESSAGE, RecentInteractions

_AUTOCOMPLETE = 4
_SUBCOMMANDS = (1, 2)
"""The types of options that are subcommands, and groups of them."""

_log = logging.getLogger(__name__)


class Intake:
    """Passes each interaction and question on, unless it was delivered before or its member sends too many.

    ``library_parser`` is the function that discord.py itself had for interactions. It gets those that go on. ``ask``
    gets each question. ``limited`` counts what was refused or dropped because it came too fast.
    """

    def __init__(
        self,
        recent: RecentInteractions,
        library_parser: Callable[[dict[str, Any]], None],
        ask: Callable[[Question], None],
    ) -> None:
        self.limited = 0
        self._recent = recent
        self._library_parser = library_parser
        self._ask = ask
        self._fairness = Fairness()

    def receive(self, data: dict[str, Any]) -> None:
        """Take an interaction as Discord sent it. One that is to be refused is marked, and the admission refuses it."""
        now, data = time.monotonic(), tidied(data)
        if not self._recent.add(interaction_id := int(data["id"]), data["type"], now):
            _log.info("interaction %d was delivered again", interaction_id)
            return
        user, guild = (data.get("member") or data)["user"]["id"], data.get("guild_id")
        turn = self._fairness.turn(user, guild, now, action_of(data))
        if turn is not Turn.SERVE:
            self.limited += 1
        if turn is Turn.DROP:
            return
        if turn is Turn.REFUSE:
            self._recent.mark_too_fast(interaction_id)
        self._library_parser(data)

    def receive_message(self, data: dict[str, Any], bot: str) -> None:
        """Take a message as Discord sent it. Only in direct messages is a member told of being too fast."""
        if (question := question_of(data, bot)) is None:
            return
        now = time.monotonic()
        if not self._recent.add(question.id, MESSAGE, now):
            _log.info("message %d was delivered again", question.id)
            return
        turn = self._fairness.turn(data["author"]["id"], data.get("guild_id"), now)
        if turn is not Turn.SERVE:
            self.limited += 1
        if turn is Turn.DROP or (turn is Turn.REFUSE and question.guild_id is not None):
            return
        if turn is Turn.REFUSE:
            self._recent.mark_too_fast(question.id)
        self._ask(question)


def action_of(interaction: dict[str, Any]) -> str:
    """Return the name of what an interaction asks for, or "" if it is autocomplete, which costs as much as a lookup.

    The name is a command's full name, such as "briefs edit", or a custom_id up to the colon.
    """
    data = interaction.get("data") or {}
    if interaction["type"] == _AUTOCOMPLETE:
        return ""
    return _command_name(data) if "name" in data else str(data.get("custom_id", "")).partition(":")[0]


def _command_name(data: dict[str, Any]) -> str:
    names = [str(data["name"])]
    options = data.get("options")
    while isinstance(options, list) and options and options[0].get("type") in _SUBCOMMANDS:
        names.append(str(options[0].get("name", "")))
        options = options[0].get("options")
    return " ".join(names)

"""Which handler serves a button, a menu or a form: the one that was registered for the first part of its custom_id."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar, cast

import discord

from bot.catalogues.catalogue import N_
from bot.errors import RequestError

OLD_BUTTON = N_("That button is no longer in use. Ask with /brief instead.")
OLD_FORM = N_("That form is no longer in use. Open it anew.")

Press = Callable[["discord.Interaction[Any]", str], Awaitable[None]]
"""Serves a press of a button, or a choice from a menu. It is given what the custom_id has after the colon."""

Submit = Callable[["discord.Interaction[Any]", str, dict[str, str]], Awaitable[None]]
"""Serves a form that was sent. It is given what the custom_id has after the colon, and each input's text by its id."""


Handler = TypeVar("Handler", Press, Submit)


async def _nothing_more() -> None:
    """Add no handler."""


class Router:
    """Routes presses and forms to their handlers. A custom_id is the name of an action, a colon, and a state."""

    def __init__(self) -> None:
        self._presses: dict[str, Press] = {}
        self._submits: dict[str, Submit] = {}
        self.add_more: Callable[[], Awaitable[object]] = _nothing_more
        """Called before a press or a form without a handler is refused. It may add handlers that are rarely needed."""

    def on_press(self, action: str, press: Press) -> None:
        """Have ``press`` serve every button or menu whose custom_id starts with ``action`` and a colon."""
        self._presses[action] = press

    def on_submit(self, action: str, submit: Submit) -> None:
        """Have ``submit`` serve every form whose custom_id starts with ``action`` and a colon."""
        self._submits[action] = submit

    async def route(self, interaction: discord.Interaction[Any], action: str, state: str) -> None:
        """Call the handler of a press or a form. Raises RequestError if there is none."""
        if interaction.type is discord.InteractionType.component:
            if not (press := await self._found(self._presses, action)):
                raise RequestError(OLD_BUTTON)
            await press(interaction, state)
        else:
            if not (submit := await self._found(self._submits, action)):
                raise RequestError(OLD_FORM)
            await submit(interaction, state, inputs_of(data_of(interaction)["components"]))

    async def _found(self, handlers: Mapping[str, Handler], action: str) -> Handler | None:
        if action not in handlers:
            await self.add_more()
        return handlers.get(action)


def data_of(interaction: discord.Interaction[Any]) -> Mapping[str, Any]:
    """Return what an interaction carries, as Discord sent it."""
    return cast("Mapping[str, Any]", interaction.data or {})


def chosen_value(interaction: discord.Interaction[Any]) -> str:
    """Return the entry that was chosen from a menu."""
    return str((data_of(interaction).get("values") or [""])[0])


def inputs_of(components: list[dict[str, Any]]) -> dict[str, str]:
    """Return the text of each input of a form by its custom_id, whether it stands in a label or in a row."""
    parts = [part for each in components for part in (each, each.get("component"), *each.get("components", ())) if part]
    return {str(part["custom_id"]): str(part["value"]) for part in parts if "value" in part}

"""What members say of an answer: that it is not what they asked, and what is wrong with it."""

import time
from typing import Protocol, cast, get_args

import discord
from discord import ui

from bot.briefs.fields import ID_PATTERN
from bot.catalogues.catalogue import N_, Catalogue
from bot.commands.admin.replies import in_time
from bot.commands.excerpts import Excerpts
from bot.commands.layout import noted_layout
from bot.gateway import audience
from bot.gateway.client import BriefClient, Interaction
from bot.gateway.replies import NOT_CERTAIN, reply_privately
from bot.language.texts import shortened, whole_number
from bot.storage.corrections import LONGEST_LINK, LONGEST_TEXT, Kind

NOTED = N_("Thank you, that is noted for the admins.")
NOT_ASKED_YET = N_(
    "Thank you, that is noted. The admins do not see what the message says unless you ask them about it."
)
ASKED = N_("The admins see the beginning of that message now, among the unanswered questions.")
FORGOTTEN = N_("The bot no longer has the text of that message. Use **Brief this** on it again, then ask.")
NOT_THEIRS = N_("Only the member who asked can say that, and only while the lookup is kept.")
SAID = N_("Thank you. The admins see what you said, without your name.")
SAID_ENOUGH = N_(
    "The admins have as much from you as the bot takes in a day, or are done with this one. Try again tomorrow."
)

NOTED_ALREADY = N_(
    "That this is not what you asked is noted already: you can close this. If you like, say what is wrong. The admins "
    "read it, without your name."
)
KINDS: dict[Kind, str] = {
    "wrong": N_("I asked about something else"),
    "outdated": N_("It is out of date"),
    "mistake": N_("Something in it is wrong"),
}

LABEL = 45
"""Characters that Discord takes in the title of a form, and in the label of a field."""


class FeedbackLog(Protocol):
    """What feedback needs of the log of lookups."""

    async def mark_wrong(self, interaction_id: int, user_id: int) -> bool | None: ...

    async def ask_admins(self, interaction_id: int, user_id: int, text: str) -> bool | None: ...


class CorrectionLog(Protocol):
    """What keeps corrections. `bot.storage.corrections.Corrections` has these methods."""

    async def say(self, lookup: int, user: int, brief: str, kind: Kind, text: str, link: str) -> bool | None: ...

    async def may_be_said(self, lookup: int, user: int) -> bool: ...


class FeedbackDesk:
    """Serves **Not what I asked**, **None of these** and **No**, the form behind the first, and what follows them."""

    def __init__(self, lookups: FeedbackLog, corrections: CorrectionLog, excerpts: Excerpts) -> None:
        self._lookups = lookups
        self._corrections = corrections
        self._excerpts = excerpts

    def install(self, client: BriefClient) -> None:
        """Have ``client`` route the presses and the form here."""
        client.router.on_press("wrong", self.mark_wrong)
        client.router.on_submit("wrong", self.take_correction)
        client.router.on_press("ask", self.ask_admins)

    async def mark_wrong(self, interaction: Interaction, state: str) -> None:
        """Note that an answer is not what its asker meant. If a brief was shown, ask what is wrong with it.

        ``state`` is the interaction of the lookup, and behind a colon the id of the brief, if one was shown.
        """
        lookup, brief = _parts(state)
        marked = await self._lookups.mark_wrong(lookup, interaction.user.id)
        if not marked:
            await reply_privately(interaction, _reply_to_change(marked, NOTED))
        elif brief:
            await interaction.response.send_modal(correction_modal(state, audience.reader(interaction)))
        else:
            await self._thank(interaction, str(lookup), NOTED)

    async def take_correction(self, interaction: Interaction, state: str, inputs: dict[str, str]) -> None:
        """Keep what a member says is wrong with a brief that they were shown."""
        lookup, brief = _parts(state)
        kind = cast("Kind", inputs["kind"]) if inputs.get("kind") in get_args(Kind) else "wrong"
        text, link = (inputs.get(part, "").strip() for part in ("text", "link"))
        user = interaction.user.id
        said = await self._corrections.say(lookup, user, brief, kind, text[:LONGEST_TEXT], link[:LONGEST_LINK])
        if said and kind == "wrong":
            await self._thank(interaction, f"{lookup}:{brief}", SAID)
        elif said is False and await in_time(self._corrections.may_be_said(lookup, user)):
            await reply_privately(interaction, SAID_ENOUGH)
        else:
            await reply_privately(interaction, _reply_to_change(said, SAID))

    async def _thank(self, interaction: Interaction, state: str, text: str) -> None:
        """Say that something is noted. Of a message that was asked about, offer to send it to the admins; of a question
        of the member, to tell them of another answer.
        """
        askable = bool(self._excerpts.of(int(state.partition(":")[0]), time.monotonic()))
        said = NOT_ASKED_YET if askable else text
        view = noted_layout(said, state, audience.reader(interaction), askable=askable)
        await interaction.response.send_message(view=view, ephemeral=True)

    async def ask_admins(self, interaction: Interaction, asked_in: str) -> None:
        """Store the beginning of the message that the interaction ``asked_in`` was about, and show it to the admins."""
        lookup = whole_number(asked_in) or 0  # no interaction has the id 0
        text = self._excerpts.of(lookup, time.monotonic())
        if text is None:
            await reply_privately(interaction, FORGOTTEN)
            return
        stored = await self._lookups.ask_admins(lookup, interaction.user.id, text)
        await reply_privately(interaction, _reply_to_change(stored, ASKED))


def correction_modal(state: str, catalogue: Catalogue) -> ui.Modal:
    """Return the form that asks what is wrong with a brief."""
    say = catalogue.gettext
    kinds = [
        discord.RadioGroupOption(label=say(label), value=kind, default=kind == "wrong") for kind, label in KINDS.items()
    ]
    text: ui.TextInput[ui.Modal] = ui.TextInput(
        custom_id="text", style=discord.TextStyle.paragraph, max_length=LONGEST_TEXT, required=False
    )
    link: ui.TextInput[ui.Modal] = ui.TextInput(
        custom_id="link", max_length=LONGEST_LINK, required=False, placeholder="https://…"
    )
    modal = ui.Modal(title=shortened(say("Not what I asked"), LABEL), custom_id=f"wrong:{state}")
    modal.add_item(ui.TextDisplay(say(NOTED_ALREADY)))
    modal.add_item(
        ui.Label(text=shortened(say("What is wrong?"), LABEL), component=ui.RadioGroup(custom_id="kind", options=kinds))
    )
    modal.add_item(
        ui.Label(text=shortened(say("In your words"), LABEL), description=say("What should it say?"), component=text)
    )
    modal.add_item(ui.Label(text=shortened(say("A link that shows it"), LABEL), component=link))
    modal.stop()  # it is served by its custom_id, so the library must not keep it
    return modal


def _parts(state: str) -> tuple[int, str]:
    """Return the interaction of a lookup and the id of the brief that it showed, "" if none or no id."""
    asked_in, _, brief = state.partition(":")
    return whole_number(asked_in) or 0, brief if ID_PATTERN.fullmatch(brief) else ""  # no interaction has the id 0


def _reply_to_change(changed: bool | None, done: str) -> str:
    """Return the reply to a change of a lookup: ``done`` if the log has it. None: nobody knows whether it will."""
    if changed is None:
        return NOT_CERTAIN
    return done if changed else NOT_THEIRS

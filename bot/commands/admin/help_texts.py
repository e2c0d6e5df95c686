"""What admins, and managers of a server, can do: the texts of `/briefs help`."""

from collections.abc import Sequence

from bot.catalogues.catalogue import N_, Catalogue

HELP = (
    N_("### What you can do"),
    N_(
        "Only you see what these answer. Nothing is changed before you press **Apply**, and **Undo** takes back "
        "what was."
    ),
    "",
    N_("**Write**"),
    N_(
        "`/briefs add` a new brief, in a plain form · `/briefs edit` change one · `/briefs alias` give one other "
        "names, at once"
    ),
    N_("`/briefs upload` add or replace briefs by YAML files, or by a zip, CSV, JSON, TOML or Markdown of another bot"),
    N_(
        "**Draft a brief** in the menu of a message (Apps): briefs from its article; on a card of the bot: the "
        "brief itself"
    ),
    N_("`/briefs draft` briefs from a file · `/briefs drafts` what waits to be finished"),
    N_("`/briefs translate` a brief into another language"),
    "",
    N_("**Close the gaps**"),
    N_(
        "`/briefs misses` unanswered questions, and what members say is wrong with a brief, with buttons that mend both"
    ),
    "",
    N_("**Go back**"),
    N_("`/briefs undo` before the last change, also of a removed brief · `/briefs history` any earlier version"),
    N_("`/briefs remove` take a brief away, and out of those that name it"),
    "",
    N_("**Look**"),
    N_("`/briefs list` · `/briefs show` one with its file · `/briefs check` what is wrong or doubtful"),
    N_("`/briefs stats` how much is asked, and answered · `/briefs export` all files as a zip"),
    "",
    N_("**Set up**"),
    N_("`/briefs announce` tell a channel what changes · `/briefs home` which server's managers may do this"),
    N_("`/briefs language` the language in which channels here read briefs"),
    N_("`/briefs reload` take up what the files hold now"),
)
"""The lines of what admins of the base can do."""

HELP_FOR_MANAGERS = (
    N_("### What you can do"),
    N_("Only you see what these answer, and they are about this server alone."),
    "",
    N_("`/briefs misses` unanswered questions · `/briefs stats` how much is asked, and answered"),
    N_("`/briefs announce` tell a channel when a brief says something new"),
    N_("`/briefs language` the language in which channels here read briefs"),
)
"""The lines of what managers of a server can do."""


def help_text(lines: Sequence[str], catalogue: Catalogue) -> str:
    """Return the lines of a help in a language."""
    return "\n".join(line and catalogue.gettext(line) for line in lines)

"""Which brief an admin means who typed or chose something."""

from bot.authoring.editor import BaseEditor
from bot.commands.admin import texts
from bot.errors import RequestError


async def existing(editor: BaseEditor, typed: str) -> tuple[str, str]:
    """Return the id and the text of the brief that was asked for, whether it is in use or not.

    Raises RequestError if there is none.
    """
    brief = editor.id_of(typed)
    text = await editor.text(brief)
    if text is None:
        raise RequestError("There is no brief {name}; choose one from the list as you type.", name=texts.quoted(typed))
    return brief, text

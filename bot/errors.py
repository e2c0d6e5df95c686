"""The errors whose message is shown to a user, and the line that names a problem in a file."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake, or one warning, at one place of one file.

    ``line`` and ``column`` count from 1, as editors do. ``str()`` gives ``path:line:column: message``.
    """

    path: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{printable(self.path)}:{self.line}:{self.column}: {printable(self.message)}"

    def as_warning(self) -> str:
        """Return the line for a problem that is only a warning."""
        return f"{printable(self.path)}:{self.line}:{self.column}: warning: {printable(self.message)}"


class Said(str):
    """One of our own texts in English, which a catalogue can still say in another language.

    ``text`` is its key, and ``values`` stand in place of its {names}; they may be such texts themselves.
    """

    text: str
    values: Mapping[str, object]

    def __new__(cls, text: str, /, **values: object) -> Self:
        said = super().__new__(cls, text.format(**values) if values else text)
        said.text, said.values = text, values
        return said


class BotError(Exception):
    """The base class of all errors that the user sees as a plain line. No traceback is shown for them."""

    @property
    def said(self) -> str:
        """The message: `Said` if it can be said in other languages."""
        return self.args[0] if self.args and isinstance(self.args[0], Said) else str(self)


class SettingsError(BotError):
    """A setting cannot be used. The message names the setting. It never contains the value of a secret."""


class BriefsError(BotError):
    """The briefs cannot be used. ``problems`` holds all that is wrong, sorted by file and line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)))


class LogError(BotError):
    """The database, or a file beside it such as the key, cannot be opened, read or written. The message says why."""


class RequestError(BotError):
    """A request cannot be carried out. The message is for the user who asked: it says why, and what to do.

    ``text`` is the message in English and ``values`` what stands in place of its {names}, so that the message can be
    said in the language of whoever asked.
    """

    def __init__(self, text: str, /, **values: object) -> None:
        message = text if isinstance(text, Said) else Said(text, **values)
        super().__init__(message)
        self.text, self.values = message.text, message.values


class ConflictError(RequestError):
    """A file was changed by somebody else after this change to it was begun."""


def printable(text: str) -> str:
    """Return ``text`` on one line, with escapes in place of control characters, which a terminal would obey."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)

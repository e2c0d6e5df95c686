"""The errors that a user is shown: each is raised where it is found and worded once, here or there."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong, or doubtful, at one place of one file.

    ``line`` and ``column`` count from 1, as editors do. ``str()`` gives ``path:line:column: message``.
    """

    path: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{printable(self.path)}:{self.line}:{self.column}: {printable(self.message)}"

    def as_warning(self) -> str:
        """Return the line of a place that is only doubtful."""
        return f"{printable(self.path)}:{self.line}:{self.column}: warning: {printable(self.message)}"


class BotError(Exception):
    """The root of every error that ends in a plain line for the user and not in a traceback."""


class SettingsError(BotError):
    """A setting that cannot be used. The message names its key and never a secret's value."""


class BriefsError(BotError):
    """A brief base that cannot be used: all its problems at once, in the order of their places."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)))


class LogError(BotError):
    """The database, or what lies beside it, cannot be opened, read or written. The message says why."""


class RequestError(BotError):
    """What somebody asked for cannot be done. The message says why, and what to do, to whoever asked."""


class ConflictError(RequestError):
    """A file that somebody else changed since the change to it was begun."""


def printable(text: str) -> str:
    """Return ``text`` on one line: characters that a terminal would act on become their escapes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)

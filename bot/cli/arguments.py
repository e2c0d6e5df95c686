"""What the commands have in common in how they read their arguments."""

import argparse
from typing import Protocol

from bot.language.tags import canonical
from bot.language.texts import whole_number
from bot.service.settings import Settings


class Run(Protocol):
    """Runs a command and returns its exit code. It has the parser to refuse arguments that do not fit together."""

    def __call__(self, settings: Settings, options: argparse.Namespace, parser: argparse.ArgumentParser, /) -> int: ...


class AddCommand(Protocol):
    """Adds a command to the command line and returns its parser, to which its arguments are added."""

    def __call__(self, name: str, run: Run, text: str, /) -> argparse.ArgumentParser: ...


def language(value: str) -> str:
    if (tag := canonical(value)) is None:
        raise argparse.ArgumentTypeError(f"{value!r} is no language tag; write en, uk or pt-BR, for example")
    return tag


def days(value: str) -> int:
    if (number := whole_number(value, 1, 3650)) is None:
        raise argparse.ArgumentTypeError(f"{value!r} is no number of days from 1 to 3650")
    return number

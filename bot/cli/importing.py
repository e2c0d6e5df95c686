"""The command `import`: takes over what another bot or a page of questions has."""

import argparse
import asyncio
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bot.answering.matcher import Matcher
from bot.authoring.editor import BaseEditor
from bot.authoring.form.fields import SourceLine
from bot.authoring.importing.content import source_of
from bot.authoring.importing.packed import Packed, from_path
from bot.authoring.importing.plan import Plan
from bot.authoring.keeper import BaseKeeper
from bot.briefs.brief import BriefBase
from bot.briefs.change import diff
from bot.briefs.loader import Loaded, survey
from bot.briefs.schema import with_modeline
from bot.cli.arguments import AddCommand
from bot.cli.ask import matcher_for
from bot.cli.upkeep import DRAFTS, drafts_folder, schema_from, write_drafts
from bot.errors import BriefsError, printable
from bot.service.settings import Settings


def add_commands(add: AddCommand) -> None:
    """Add `import` to the command line."""
    text = "Take over the tags or questions of another bot: new briefs, and drafts of what is not finished."
    imports = add("import", import_entries, text)
    imports.add_argument("path", metavar="PATH", help="a CSV, JSON, TOML or Markdown file, or a folder or zip of them")
    imports.add_argument("--source", metavar="TEXT", help="source of entries without one: “name, link, date”")
    imports.add_argument("--replace", action="store_true", help="change briefs that are there already, too")
    imports.add_argument("-o", "--output", metavar="DIR", help=DRAFTS)


def import_entries(settings: Settings, options: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    """Write the new briefs, and drafts of what is not finished; the exit code is 1 if a file could not be read."""
    source = _source(options.source, parser)
    packed = from_path(Path(options.path))
    loaded = survey(settings.briefs_dir, good=BriefBase(language=settings.base_language))
    if not settings.briefs_dir.is_dir():
        raise BriefsError(loaded.problems)
    build = partial(matcher_for, settings)
    editor = BaseEditor(BaseKeeper(settings.briefs_dir, build(loaded.base), build, _publish))
    plan, changed = asyncio.run(_import(editor, packed, source, replace=options.replace))
    for line in (*packed.refused, *plan.unread, *plan.said):
        print(line, file=sys.stderr)
    for outcome in plan.outcomes:
        print(*outcome.lines(), sep="\n")
    folder = drafts_folder(settings, options.output)
    schema = schema_from(settings.briefs_dir, folder)
    drafts = {brief: with_modeline(draft.text, schema) for brief, draft in plan.drafts.items()}
    write_drafts(folder, drafts, make=options.output is None)
    for line in changed:
        print(printable(line))
    print(plan.summary())
    if plan.changes and not options.replace:
        print("What is there already was not changed; --replace changes it as shown.")
    return int(bool(packed.refused or plan.unread or not plan.outcomes))


def _source(text: str | None, parser: argparse.ArgumentParser) -> SourceLine | None:
    source = source_of(text, datetime.now(UTC).date()) if text else None
    if text and source is None:
        parser.error("argument --source: names no source; write its name, and if you like its link and its date")
    return source


async def _import(
    editor: BaseEditor, packed: Packed, source: SourceLine | None, *, replace: bool
) -> tuple[Plan, list[str]]:
    """Write what becomes briefs, as one change, and return the plan and the lines of the files that are there."""
    plan = await editor.plan_for(packed.files, source)
    lines = [line for brief, text in plan.changes.items() for line in diff(brief, await editor.text(brief), text)]
    if texts := {**plan.new, **(plan.changes if replace else {})}:
        await editor.apply(await editor.change_to("upload", dict(texts)), None)
    return plan, lines


async def _publish(_loaded: Loaded, _matcher: Matcher) -> None:
    """Nobody else uses the matcher of a command."""

"""The commands for maintenance: `check`, `draft`, `misses`, `stats`, `export` and `backup`."""

import argparse
import asyncio
import os
import sys
from collections import Counter
from collections.abc import Container, Mapping
from datetime import UTC, datetime
from pathlib import Path

from bot.authoring.article.document import HTML, of_html, of_markdown
from bot.authoring.article.draft import drafts
from bot.authoring.article.verify import unsupported
from bot.authoring.check import find_warnings
from bot.authoring.stamping import stamp
from bot.briefs import schema
from bot.briefs.brief import BriefBase
from bot.briefs.claim_review import as_json, claim_reviews
from bot.briefs.export import NAMES, zipped
from bot.briefs.loader import Loaded, load, survey
from bot.cli import arguments
from bot.cli.arguments import AddCommand
from bot.cli.ask import matcher_for
from bot.errors import BotError, BriefsError, RequestError, SettingsError, printable
from bot.language.tags import endonym
from bot.reports import queries
from bot.reports.corrections import by_brief, with_words
from bot.reports.misses import Misses, open_misses, with_nearest
from bot.reports.report import Stats, plain_misses, plain_stats
from bot.service.settings import Settings
from bot.storage.backup import back_up
from bot.storage.corrections import Correction, open_corrections
from bot.storage.hash_key import hash_key
from bot.storage.ignored import ignored
from bot.storage.opening import open_reader

DRAFTS = "where to write drafts (drafts, beside the folder of the briefs)"
"""What `--output` says of itself."""

LONGEST_TEXT = 500_000
"""Most characters of an article: about as many as a book has, which takes up to ten seconds."""


def add_commands(add: AddCommand) -> None:
    """Add the commands for maintenance to the command line."""
    checking = add("check", check, "Report every problem of the briefs.")
    checking.add_argument("folder", nargs="?", metavar="DIR", help="folder of the briefs")
    checking.add_argument(
        "--stamp", action="store_true", help="first note in all translations that they are up to date"
    )
    checking.add_argument("--source", metavar="FILE", help="report what this text does not support, too")
    drafting = add("draft", draft, "Write skeletons of briefs, one for each topic of an article.")
    drafting.add_argument(
        "article", metavar="ARTICLE", help="the article: its text, a paragraph a line, Markdown, or a saved web page"
    )
    drafting.add_argument("-o", "--output", metavar="DIR", help=DRAFTS)
    listing = add("misses", misses, "List the unanswered questions, the most frequent first.")
    listing.add_argument("--days", type=arguments.days, default=7, help="how many days back (7)")
    counting = add("stats", stats, "Count lookups by day and outcome, and the briefs shown most.")
    counting.add_argument("--days", type=arguments.days, default=30, help="how many days back (30)")
    exporting = add("export", export, "Write all files of the briefs into a zip, or what they review as JSON-LD.")
    exporting.add_argument("file", nargs="?", metavar="FILE", help="the file to make (briefs.zip, or briefs.jsonld)")
    exporting.add_argument(
        "--claim-review", metavar="URL", help="write ClaimReview of schema.org; the briefs are published below this URL"
    )
    backing_up = add("backup", backup, "Copy the log into one file, beside a running bot too.")
    backing_up.add_argument("file", metavar="FILE", help="the copy to make; it must not exist yet")


def check(settings: Settings, options: argparse.Namespace, _parser: argparse.ArgumentParser) -> int:
    own = BriefBase(language=settings.base_language)
    if options.stamp:
        for path in asyncio.run(stamp(settings.briefs_dir, own)):
            print(printable(path))
    loaded = load(settings.briefs_dir, good=own)
    found = find_warnings(loaded.files, matcher_for(settings, loaded.base), datetime.now(UTC).date())
    for doubt in found:
        print(doubt.as_warning(), file=sys.stderr)
    if options.source and (problems := unsupported(loaded.files, _text(options.source), _names(settings.briefs_dir))):
        raise BriefsError(problems)
    phrases = sum(len(brief.phrases) - 1 for brief in loaded.base.briefs.values())
    counts = ((len(loaded.base.briefs), "brief"), (phrases, "phrase"), (len(found), "warning"))
    briefs, asked, warnings = (_counted(number, noun) for number, noun in counts)
    translated = Counter(each.language for each in loaded.base.translations.values())
    also = "".join(
        f", {_counted(number, 'translation')} into {endonym(tag)}" for tag, number in sorted(translated.items())
    )
    print(f"{printable(str(settings.briefs_dir))}: {briefs} with {asked}{also}, {warnings}")
    return 0


def _counted(number: int, noun: str) -> str:
    """Return ``1 brief`` and ``2 briefs``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def draft(settings: Settings, options: argparse.Namespace, _parser: argparse.ArgumentParser) -> int:
    folder = drafts_folder(settings, options.output)
    written = drafts(of_markdown(_text(options.article)).text, schema_from(settings.briefs_dir, folder))
    return 0 if write_drafts(folder, written, make=options.output is None) else 1


def drafts_folder(settings: Settings, named: str | None) -> Path:
    """Return the folder for drafts: not that of the briefs, because a TODO must not become an answer."""
    return settings.briefs_dir.parent / "drafts" if named is None else Path(named)


def write_drafts(folder: Path, texts: Mapping[str, str], *, make: bool) -> list[str]:
    """Write drafts into a folder, print their paths, and return their ids. ``make``: a folder that is missing is made.

    A file that is there already stays as it is, and a line says so. Raises BotError if the folder cannot be written.
    """
    try:
        if make and texts:
            folder.mkdir(exist_ok=True)
    except OSError as error:
        raise BotError(f"{printable(str(folder))}: cannot be made as a folder ({error.strerror})") from None
    written: list[str] = []
    for brief, text in texts.items():
        path = os.path.join(folder, f"{brief}.yaml")
        try:
            with open(path, "x", encoding="utf-8", newline="\n") as file:
                file.write(text)
        except FileExistsError:
            print(f"{printable(path)}: exists already, so this draft is not written", file=sys.stderr)
            continue
        except OSError as error:
            why = f"cannot be written ({error.strerror}); name another folder"
            raise BotError(f"{printable(path)}: {why}") from None
        print(printable(path))
        written.append(brief)
    return written


def schema_from(briefs: Path, folder: Path) -> str | None:
    """Return the path from ``folder`` to the schema beside the briefs, None without one.

    It still leads there once a draft has been moved from a folder beside the briefs to the briefs.
    """
    path = briefs / schema.NAME
    return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix() if path.exists() else None


def misses(settings: Settings, options: argparse.Namespace, _parser: argparse.ArgumentParser) -> int:
    async def read() -> tuple[Misses, list[Correction], Container[str]]:
        async with open_reader(settings.database) as reader:
            found = await queries.misses(reader, options.days, queries.EVERYWHERE)
            said = await open_corrections(reader, options.days, queries.EVERYWHERE)
            key = hash_key(settings.user_hash_key_file)
            return found, said, await ignored(reader, key, queries.EVERYWHERE) if key else ()

    found, said, hidden = asyncio.run(read())
    loaded = _valid_briefs(settings)
    matcher = matcher_for(settings, loaded.base)
    groups = with_words(with_nearest(open_misses(found.found, matcher, hidden), matcher), said)
    reported = by_brief(said, loaded.base.briefs)
    print(plain_misses(groups, options.days, found.left_out, found.unsaid, reported))
    return int(bool(loaded.problems))


def stats(settings: Settings, options: argparse.Namespace, _parser: argparse.ArgumentParser) -> int:
    async def read() -> Stats:
        async with open_reader(settings.database) as reader:
            return await queries.stats(reader, datetime.now(UTC).date(), options.days, queries.EVERYWHERE)

    found, loaded = asyncio.run(read()), _valid_briefs(settings)
    print(plain_stats(found, loaded.base))
    return int(bool(loaded.problems))


def export(settings: Settings, options: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    if options.claim_review is None:
        _write_new(options.file or "briefs.zip", zipped(settings.briefs_dir))
        return 0
    loaded = _valid_briefs(settings)
    try:
        reviews = claim_reviews(loaded.base, options.claim_review)
    except RequestError as error:
        parser.error(f"argument --claim-review: {error}")
    for line in reviews.left_out:
        print(line, file=sys.stderr)
    _write_new(options.file or "briefs.jsonld", as_json(reviews))
    return int(bool(loaded.problems))


def _write_new(path: str, content: bytes) -> None:
    """Write a file that is not there yet, and print its path. Raises BotError if it is there or cannot be written."""
    try:
        with open(path, "xb") as file:
            file.write(content)
    except FileExistsError:
        raise BotError(f"{printable(path)}: exists already; name another file") from None
    except OSError as error:
        raise BotError(f"{printable(path)}: cannot be written ({error.strerror}); name another place") from None
    print(printable(path))


def backup(settings: Settings, options: argparse.Namespace, _parser: argparse.ArgumentParser) -> int:
    if not isinstance(settings.database, Path):
        raise SettingsError("DATABASE_URL: PostgreSQL has its own tool for that: pg_dump --format=custom --file=FILE")
    back_up(settings.database, Path(options.file))
    print(printable(options.file))
    print(f"Keep {settings.user_hash_key_file} with it: without that key nobody's lookups are found as theirs.")
    return 0


def _names(folder: Path) -> str:
    """Return the table of how names are written in other languages, blank without one. Raises BotError."""
    path = folder / NAMES
    return _text(str(path)) if path.exists() else ""


def _valid_briefs(settings: Settings) -> Loaded:
    """Return the briefs whose files are valid, and print what is wrong with the others.

    Raises BriefsError if no file is valid.
    """
    loaded = survey(settings.briefs_dir, good=BriefBase(language=settings.base_language))
    if not loaded.base.briefs:
        raise BriefsError(loaded.problems)
    for problem in loaded.problems:
        print(problem, file=sys.stderr)
    return loaded


def _text(path: str) -> str:
    """Return the text of a file that the user named, of a saved web page what its readers see.

    Raises BotError if it cannot be read or is too long.
    """
    try:
        with open(path, encoding="utf-8-sig") as file:
            text = file.read(LONGEST_TEXT + 1)
    except OSError as error:
        raise BotError(f"{printable(path)}: cannot be read ({error.strerror}); name a text file") from None
    except UnicodeDecodeError:
        raise BotError(f"{printable(path)}: is not UTF-8; save the file with the encoding UTF-8") from None
    if len(text) > LONGEST_TEXT:
        raise BotError(f"{printable(path)}: is longer than {LONGEST_TEXT:,} characters; give the part that counts")
    return of_html(text).text if path.lower().endswith(HTML) else text

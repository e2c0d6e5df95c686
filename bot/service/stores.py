"""What outlasts a restart, opened: the database, the stores that are kept in it, and the key of the hashes there."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Self

from bot.storage.awaited import AwaitedAnswers
from bot.storage.clock import Clock
from bot.storage.corrections import Corrections
from bot.storage.database import Database
from bot.storage.drafts import Drafts
from bot.storage.hash_key import KeyHistory, keep_key, user_hash_key
from bot.storage.history import History
from bot.storage.ignored import IgnoredQuestions
from bot.storage.lookups import LookupLog
from bot.storage.personal import PersonalData
from bot.storage.server_languages import ServerLanguages
from bot.storage.unfinished import UnfinishedBriefs


@dataclass(frozen=True, slots=True)
class Stores:
    """What outlasts a restart: the database and all that is kept in it, and the key of the hashes there."""

    database: Database
    lookups: LookupLog
    history: History
    drafts: Drafts
    unfinished: UnfinishedBriefs
    ignored: IgnoredQuestions
    corrections: Corrections
    awaited: AwaitedAnswers
    clock: Clock
    keys: KeyHistory
    languages: ServerLanguages
    personal: PersonalData
    restore_key: Callable[[], None]
    """Puts the file of the key back if somebody has deleted it."""

    @classmethod
    async def opened(cls, database: Database, key_file: Path) -> Self:
        """Read what is needed at the start. Raises LogError."""
        new = not key_file.exists()
        key = user_hash_key(key_file)
        keys = await KeyHistory.opened(database, key, new=new)
        lookups, ignored = LookupLog(database, key), IgnoredQuestions(database, key)
        drafts, unfinished, corrections = Drafts(database), UnfinishedBriefs(database), Corrections(database, key)
        awaited = AwaitedAnswers(database, key)
        history = await History.opened(database)
        personal = PersonalData(database, keys, lookups, history, drafts, unfinished, ignored, corrections, awaited)
        restore_key = partial(keep_key, key_file, key)
        languages = await ServerLanguages.opened(database)
        kept = (lookups, history, drafts, unfinished, ignored, corrections, awaited)
        return cls(database, *kept, Clock(database), keys, languages, personal, restore_key)

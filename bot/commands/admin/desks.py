"""All desks of admins, as one value. `bot.service.admin_desks` makes them when an admin first needs one."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.commands.admin.drafting_desk import DraftingDesk
from bot.commands.admin.drafts_desk import DraftsDesk
from bot.commands.admin.editing_desk import EditingDesk
from bot.commands.admin.importing_desk import ImportingDesk
from bot.commands.admin.inspecting_desk import InspectingDesk
from bot.commands.admin.misses_desk import MissesDesk
from bot.commands.admin.names_desk import NamesDesk
from bot.commands.admin.reporting_desk import ReportingDesk
from bot.commands.admin.translating_desk import TranslatingDesk
from bot.commands.admin.versions_desk import VersionsDesk


@dataclass(frozen=True, slots=True)
class AdminDesks:
    """What serves **Draft a brief** and `/briefs`, but for `announce`, `home` and `language`."""

    inspecting: InspectingDesk
    editing: EditingDesk
    importing: ImportingDesk
    versions: VersionsDesk
    names: NamesDesk
    drafting: DraftingDesk
    drafts: DraftsDesk
    misses: MissesDesk
    reporting: ReportingDesk
    translating: TranslatingDesk


Desks = Callable[[], Awaitable[AdminDesks]]

"""Makes the desks of admins. It is imported when an admin first needs one, see `bot.service.assembly`."""

from datetime import timedelta

from bot.authoring.editor import BaseEditor
from bot.authoring.keeper import BaseKeeper
from bot.commands.admin.applying import Applier
from bot.commands.admin.desks import AdminDesks
from bot.commands.admin.drafting_desk import DraftingDesk
from bot.commands.admin.drafts_desk import DraftsDesk
from bot.commands.admin.editing_desk import EditingDesk
from bot.commands.admin.gate import Gate
from bot.commands.admin.home import Home
from bot.commands.admin.importing_desk import ImportingDesk
from bot.commands.admin.inspecting_desk import InspectingDesk
from bot.commands.admin.misses_desk import MissesDesk
from bot.commands.admin.misses_list import MissesList
from bot.commands.admin.names_desk import NamesDesk
from bot.commands.admin.proposals import Proposals
from bot.commands.admin.reporting_desk import ReportingDesk
from bot.commands.admin.translating_desk import TranslatingDesk
from bot.commands.admin.versions_desk import VersionsDesk
from bot.gateway.client import BriefClient
from bot.service.stores import Stores


def admin_desks(
    client: BriefClient, keeper: BaseKeeper, stores: Stores, gate: Gate, home: Home, age: timedelta
) -> AdminDesks:
    """Make the desks, and add their buttons and forms to ``client``. Drafts are kept until they have this ``age``."""
    editor = BaseEditor(keeper)
    applier = Applier(editor, stores.drafts, stores.unfinished)
    listing = MissesList(gate, keeper, stores.database, stores.ignored, stores.history)
    proposals = Proposals(editor, applier, stores.drafts, stores.unfinished, listing.recent_queries)
    editing = EditingDesk(editor, proposals)
    desks = AdminDesks(
        InspectingDesk(gate, keeper, editor, stores.history, stores.database, home, stores.clock, stores.keys),
        editing,
        ImportingDesk(editor, proposals, stores.unfinished),
        VersionsDesk(editor, proposals, stores.history),
        NamesDesk(editor, applier, listing.recent_queries),
        DraftingDesk(keeper, editing, stores.unfinished),
        DraftsDesk(stores.drafts, stores.unfinished, age),
        MissesDesk(gate, keeper, editor, applier, stores.ignored, stores.corrections, listing),
        ReportingDesk(gate, keeper, stores.database),
        TranslatingDesk(editor, proposals),
    )
    pressed = (desks.inspecting, editing, desks.versions, desks.drafting, desks.drafts, desks.misses, desks.translating)
    for each in (proposals, *pressed):
        each.install(client)
    return desks

"""The import table: data flows one way, and the core knows no clock, disk, network or environment."""

import ast
import sys
from pathlib import Path

import pytest

BOT = Path(__file__).parent.parent / "bot"

CORE = {
    "answer", "arrivals", "article.claims", "article.draft", "article.figures", "article.prose", "article.variants",
    "brief", "card", "change", "comparing", "completion", "errors", "excerpts", "explain", "fairness", "fillers",
    "function_words", "likeness", "matching", "metrics", "misses", "permission", "ranking.confidence",
    "ranking.features", "ranking.names", "ranking.ranker", "ranking.reading", "ranking.regression", "ranking.spelling",
    "ranking.texts", "ranking.tokens", "report", "schema", "session_budget", "stemming", "text",
}  # fmt: skip

# What each module may import of ours. A new module needs a line here: think of where it stands before writing it.
OURS: dict[str, set[str]] = {
    "article.figures": set(),
    "article.prose": set(),
    "comparing": set(),
    "completion": set(),
    "delivery": set(),
    "durable": set(),
    "line_writer": set(),
    "version": set(),
    "errors": set(),
    "events": set(),
    "excerpts": set(),
    "folder_lock": set(),
    "fairness": set(),
    "function_words": set(),
    "message_text": set(),
    "metrics": set(),
    "permission": set(),
    "registering": {"errors"},
    "ranking.confidence": set(),
    "ranking.spelling": set(),
    "ranking.tokens": set(),
    "stemming": set(),
    "strict_yaml": set(),
    "systemd": set(),
    "text": set(),
    "arrivals": {"metrics"},
    "background": {"errors"},
    "article.claims": {"article.figures", "function_words", "stemming", "text"},
    "article.variants": {"article.figures"},
    "brief": {"text"},
    "fillers": {"function_words", "text"},
    "likeness": {"function_words", "stemming", "text"},
    "ranking.features": {"stemming"},
    "settings": {"errors", "stemming"},
    "storage.migrations": {"errors"},
    "storage.database": {"errors"},
    "storage.hash_key": {"errors", "storage.database"},
    "storage.postgres_schema": {"errors"},
    "diagnostics": {"line_writer", "redaction", "settings"},
    "redaction": {"errors"},
    "storage.backup": {"durable", "errors"},
    "export": {"brief", "errors", "loader"},
    "ranking.regression": {"ranking.features"},
    "schema": {"brief"},
    "session_budget": set(),
    "shards": {"errors", "events", "session_budget"},
    "storage.files": {"errors", "storage.migrations"},
    "storage.postgres": {"errors", "storage.database", "storage.postgres_schema"},
    "storage.sqlite": {"errors", "storage.database", "storage.files"},
    "storage.opening": {"errors", "storage.database", "storage.postgres", "storage.sqlite"},
    "article.draft": {
        "article.claims",
        "article.figures",
        "article.prose",
        "errors",
        "function_words",
        "schema",
        "stemming",
        "text",
    },
    "ranking.names": {"ranking.features", "ranking.regression"},
    "ranking.reading": {"ranking.features", "ranking.spelling", "ranking.tokens", "text"},
    "ranking.texts": {"ranking.features", "stemming"},
    "ranking.ranker": {
        "ranking.confidence",
        "ranking.features",
        "ranking.names",
        "ranking.reading",
        "ranking.regression",
        "ranking.texts",
        "ranking.tokens",
        "stemming",
        "text",
    },
    "storage.channels": {"storage.database"},
    "storage.clock": {"storage.database"},
    "storage.ignored": {"storage.database", "storage.hash_key"},
    "storage.home": {"storage.database"},
    "storage.registrations": {"storage.database"},
    "matching": {"brief", "completion", "fillers", "ranking.ranker", "ranking.reading", "stemming", "text"},
    "answer": {"brief", "matching"},
    "card": {"answer", "brief"},
    "change": {"answer", "brief", "comparing", "errors", "matching"},
    "explain": {"answer", "matching", "ranking.features", "ranking.ranker"},
    "misses": {"answer", "brief", "likeness", "matching", "text"},
    "storage.lookups": {"answer", "errors", "storage.database", "storage.hash_key"},
    "brief_file": {"brief", "card", "errors", "strict_yaml"},
    "console": {"answer", "card", "matching"},
    "layout": {"answer", "brief", "card"},
    "report": {"answer", "brief", "errors", "misses"},
    "storage.drafts": {"change", "storage.database"},
    "admin.texts": {"brief", "card", "change", "comparing", "errors", "misses", "report"},
    "article.verify": {
        "article.claims",
        "article.figures",
        "article.variants",
        "brief_file",
        "errors",
        "strict_yaml",
        "text",
    },
    "chart": {"report"},
    "check": {"answer", "brief", "brief_file", "errors", "matching"},
    "client": {"arrivals", "background", "delivery", "errors", "events", "fairness", "layout", "shards"},
    "health": {"errors", "metrics", "settings"},
    "consistency": {"brief", "brief_file", "errors", "strict_yaml", "text"},
    "journal": {"brief", "durable"},
    "loader": {"brief", "brief_file", "consistency", "errors", "journal"},
    "phrase_entry": {"brief_file", "errors"},
    "storage.history": {"brief", "brief_file", "change", "errors", "journal", "loader", "storage.database"},
    "storage.reports": {"answer", "misses", "report", "storage.database"},
    "admin.gate": {"admin.home", "admin.owners", "client", "errors", "permission"},
    "admin.owners": {"client", "errors"},
    "admin.home": {"admin.replies", "admin.views", "card", "client", "errors", "storage.home"},
    "admin.uploads": {"brief_file", "errors", "loader"},
    "connection": {"client", "errors"},
    "admin.views": {"admin.texts", "brief", "card", "change", "errors", "layout", "misses", "report"},
    "members": {
        "answer",
        "brief",
        "card",
        "client",
        "excerpts",
        "layout",
        "matching",
        "message_text",
        "metrics",
        "text",
    },
    "privacy": {"client", "layout"},
    "reloading": {"brief", "errors", "folder_lock", "journal", "loader", "matching"},
    "instruments": {
        "answer",
        "client",
        "connection",
        "diagnostics",
        "members",
        "metrics",
        "reloading",
        "storage.database",
        "version",
    },
    "storage.personal": {
        "storage.database",
        "storage.drafts",
        "storage.hash_key",
        "storage.history",
        "storage.ignored",
        "storage.lookups",
    },
    "admin.replies": {"admin.views", "client", "errors"},
    "editing": {
        "brief",
        "brief_file",
        "change",
        "check",
        "errors",
        "journal",
        "loader",
        "matching",
        "phrase_entry",
        "reloading",
    },
    "admin.announcing": {
        "admin.replies",
        "admin.views",
        "brief_file",
        "change",
        "client",
        "errors",
        "storage.channels",
        "storage.history",
    },
    "admin.editing_desk": {
        "admin.replies",
        "admin.texts",
        "admin.uploads",
        "admin.views",
        "brief",
        "brief_file",
        "change",
        "client",
        "editing",
        "errors",
        "schema",
        "storage.drafts",
        "storage.history",
    },
    "admin.inspecting_desk": {
        "admin.home",
        "admin.replies",
        "admin.texts",
        "admin.views",
        "brief",
        "brief_file",
        "card",
        "check",
        "client",
        "editing",
        "errors",
        "layout",
        "loader",
        "reloading",
        "report",
        "storage.clock",
        "storage.database",
        "storage.hash_key",
        "storage.history",
    },
    "admin.reporting_desk": {
        "admin.gate",
        "admin.replies",
        "admin.texts",
        "admin.views",
        "chart",
        "client",
        "errors",
        "export",
        "reloading",
        "report",
        "storage.database",
        "storage.reports",
    },
    "admin.misses_desk": {
        "admin.gate",
        "admin.inspecting_desk",
        "admin.replies",
        "admin.texts",
        "admin.views",
        "brief",
        "card",
        "client",
        "editing",
        "errors",
        "misses",
        "permission",
        "reloading",
        "report",
        "storage.database",
        "storage.ignored",
        "storage.reports",
        "text",
    },
    "admin.commands": {
        "admin.announcing",
        "admin.editing_desk",
        "admin.home",
        "admin.inspecting_desk",
        "admin.misses_desk",
        "admin.reporting_desk",
        "brief",
        "client",
    },
}
WIRING = {"cli", "cli_ask", "cli_upkeep", "service", "__main__"}  # may import everything; nothing imports them

# Who may use which library, so that each can be replaced in one place.
THEIRS: dict[str, set[str]] = {
    "aiohttp": {
        "admin.announcing",
        "admin.owners",
        "admin.uploads",
        "connection",
        "delivery",
        "health",
        "registering",
        "shards",
    },
    "aiosqlite": {"storage.sqlite"},
    "asyncpg": {"storage.postgres", "storage.postgres_schema"},
    "discord": {
        "admin.announcing",
        "admin.commands",
        "admin.editing_desk",
        "admin.gate",
        "admin.owners",
        "admin.uploads",
        "admin.views",
        "client",
        "connection",
        "delivery",
        "layout",
        "members",
        "message_text",
        "privacy",
        "registering",
        "shards",
    },
    "dotenv": {"cli"},
    "numpy": {
        "ranking.confidence",
        "ranking.features",
        "ranking.names",
        "ranking.ranker",
        "ranking.regression",
        "ranking.spelling",
        "ranking.texts",
    },
    "PIL": {"chart"},
    "pydantic": {"brief", "brief_file"},
    "rapidfuzz": {"brief_file", "likeness", "misses", "ranking.spelling"},
    "snowballstemmer": {"stemming"},
    "threadpoolctl": {"ranking.regression"},
    "yaml": {"phrase_entry", "strict_yaml"},
}
IMPURE = {"asyncio", "io", "logging", "os", "pathlib", "random", "secrets", "socket", "sqlite3", "subprocess", "time"}


def source(module: str) -> str:
    return (BOT / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8")


def imports(module: str) -> set[str]:
    """Return every module that ``module`` imports, wherever in the file."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source(module))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            package = (BOT.parent / node.module.replace(".", "/")).is_dir()
            names |= {f"{node.module}.{alias.name}" for alias in node.names} if package else {node.module}
    return names


def libraries(module: str) -> set[str]:
    return {name.split(".")[0] for name in imports(module)} - {"bot"}


def test_every_module_has_its_place_in_the_table() -> None:
    paths = (path.relative_to(BOT).with_suffix("") for path in BOT.rglob("*.py") if path.stem != "__init__")
    assert {".".join(path.parts) for path in paths} == OURS.keys() | WIRING


@pytest.mark.parametrize("module", OURS)
def test_a_module_imports_what_the_table_says_and_nothing_else_of_ours(module: str) -> None:
    assert {name.removeprefix("bot.") for name in imports(module) if name.startswith("bot.")} == OURS[module]


@pytest.mark.parametrize("module", sorted(CORE))
def test_the_core_touches_no_clock_disk_network_or_environment(module: str) -> None:
    assert not libraries(module) & IMPURE
    assert "datetime.now" not in source(module)


@pytest.mark.parametrize("module", sorted(OURS.keys() | WIRING))
def test_a_library_is_used_where_the_table_says(module: str) -> None:
    foreign = libraries(module) - set(sys.stdlib_module_names)
    assert foreign == {library for library, users in THEIRS.items() if module in users}


def test_the_table_has_no_circle() -> None:
    left = dict(OURS)
    while free := [module for module, needs in left.items() if not needs & left.keys()]:
        for module in free:
            del left[module]
    assert not left

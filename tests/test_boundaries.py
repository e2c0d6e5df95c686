"""The import table: data flows one way, and the core knows no clock, disk, network or environment."""

import ast
import sys
from pathlib import Path

import pytest

BOT = Path(__file__).parent.parent / "bot"

CORE = {
    "answer", "brief", "calibration", "card", "completion", "errors", "explain", "features", "matching", "ranking",
    "regression", "schema", "spelling", "stemming", "text",
}  # fmt: skip

# What each module may import of ours. A new module needs a line here: think of where it stands before writing it.
OURS: dict[str, set[str]] = {
    "errors": set(),
    "text": set(),
    "brief": {"text"},
    "stemming": set(),
    "spelling": set(),
    "completion": set(),
    "features": {"stemming"},
    "regression": {"features"},
    "calibration": set(),
    "ranking": {"calibration", "features", "regression", "spelling", "stemming"},
    "matching": {"brief", "completion", "ranking", "stemming", "text"},
    "answer": {"brief", "matching"},
    "card": {"answer", "brief"},
    "strict_yaml": set(),
    "brief_file": {"brief", "card", "errors", "strict_yaml"},
    "loader": {"brief", "brief_file", "errors", "strict_yaml", "text"},
    "explain": {"answer", "features", "matching", "ranking"},
    "schema": {"brief"},
    "reloading": {"brief", "errors", "matching"},
    "check": {"answer", "brief", "brief_file", "errors", "matching"},
    "migrations": {"errors"},
    "lookups": {"answer", "errors", "migrations"},
    "settings": {"errors", "stemming"},
    "diagnostics": {"settings"},
    "layout": {"answer", "brief", "card"},
    "client": {"errors", "layout"},
    "members": {"answer", "brief", "card", "client", "layout", "matching"},
    "console": {"answer", "card", "matching"},
}
WIRING = {"cli", "__main__"}  # may import everything; nothing imports them

# Who may use which library, so that each can be replaced in one place.
THEIRS: dict[str, set[str]] = {
    "aiohttp": {"client"},
    "aiosqlite": {"lookups"},
    "discord": {"client", "layout", "members"},
    "dotenv": {"cli"},
    "numpy": {"calibration", "features", "ranking", "regression", "spelling"},
    "pydantic": {"brief", "brief_file"},
    "rapidfuzz": {"brief_file", "spelling"},
    "snowballstemmer": {"stemming"},
    "threadpoolctl": {"regression"},
    "yaml": {"strict_yaml"},
}
IMPURE = {"asyncio", "io", "logging", "os", "pathlib", "random", "secrets", "socket", "sqlite3", "subprocess", "time"}


def imports(module: str) -> set[str]:
    """Return every module that ``module`` imports, wherever in the file."""
    names: set[str] = set()
    for node in ast.walk(ast.parse((BOT / f"{module}.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            whole = node.module == "bot"
            names |= {f"bot.{alias.name}" for alias in node.names} if whole else {node.module}
    return names


def libraries(module: str) -> set[str]:
    return {name.split(".")[0] for name in imports(module)} - {"bot"}


def test_every_module_has_its_place_in_the_table() -> None:
    modules = {path.stem for path in BOT.glob("*.py")} - {"__init__"}
    assert modules == OURS.keys() | WIRING


@pytest.mark.parametrize("module", OURS)
def test_a_module_imports_what_the_table_says_and_nothing_else_of_ours(module: str) -> None:
    assert {name.removeprefix("bot.") for name in imports(module) if name.startswith("bot.")} == OURS[module]


@pytest.mark.parametrize("module", sorted(CORE))
def test_the_core_touches_no_clock_disk_network_or_environment(module: str) -> None:
    assert not libraries(module) & IMPURE
    assert "datetime.now" not in (BOT / f"{module}.py").read_text(encoding="utf-8")


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

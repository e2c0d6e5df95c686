"""The import rule: which room may import which, which are pure, and which may use which library."""

import ast
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BOT = ROOT / "bot"

GROUND = {"durable", "errors", "garbage", "metrics", "version"}
"""Modules that stand beside the rooms, and import nothing of ours."""

# What each room may import of ours besides itself and the ground. Of the ground, it may import what it needs.
ROOMS: dict[str, set[str]] = {
    "language": set(),
    "catalogues": {"language"},
    "briefs": {"catalogues", "language"},
    "answering": {"briefs", "catalogues", "language"},
    "authoring": {"answering", "briefs", "catalogues", "language"},
    "storage": {"answering", "briefs", "catalogues"},
    "reports": {"answering", "briefs", "catalogues", "language", "storage"},
    "gateway": {"catalogues"},
    "commands": {"answering", "authoring", "briefs", "catalogues", "gateway", "language", "reports", "storage"},
    "service": {
        "answering",
        "authoring",
        "briefs",
        "catalogues",
        "commands",
        "gateway",
        "language",
        "reports",
        "storage",
    },
    "cli": {"answering", "authoring", "briefs", "catalogues", "gateway", "language", "reports", "service", "storage"},
}

# Which of the ground each room may import; the last three may import all of it.
MAY_USE: dict[str, set[str]] = {
    "language": set(),
    "catalogues": {"errors"},
    "briefs": {"durable", "errors"},
    "answering": set(),
    "authoring": {"durable", "errors", "garbage"},
    "storage": {"durable", "errors"},
    "reports": {"errors"},
    "gateway": {"errors", "metrics"},
}

# Who may use which library, so that each can be replaced in one place.
THEIRS: dict[str, set[str]] = {
    "PIL": {"reports"},
    "Stemmer": {"language"},
    "aiohttp": {"commands", "gateway", "service"},
    "aiosqlite": {"storage"},
    "asyncpg": {"storage"},
    "discord": {"commands", "gateway"},
    "dotenv": {"cli"},
    "markdown_it": {"briefs"},
    "numpy": {"answering"},
    "pydantic": {"briefs"},
    "pydantic_core": {"briefs"},
    "rapidfuzz": {"answering", "briefs", "reports"},
    "threadpoolctl": {"answering"},
    "uvloop": {"cli"},
    "yaml": {"authoring", "briefs"},
}

PURE = {"answering", "language"}
PURE_MODULES = {
    "authoring.article.claims", "authoring.article.document", "authoring.article.draft", "authoring.article.figures",
    "authoring.article.prose", "authoring.article.suggested", "authoring.article.translated",
    "authoring.article.variants", "authoring.form.dates", "authoring.form.edits", "authoring.form.fields",
    "authoring.form.merged", "authoring.form.naming", "authoring.form.translating", "authoring.form.written",
    "authoring.importing.content", "authoring.importing.keys", "authoring.near", "authoring.preview", "briefs.brief",
    "briefs.card", "briefs.card_text", "briefs.carrying", "briefs.change", "briefs.leftover", "briefs.markup",
    "briefs.schema", "catalogues.catalogue", "commands.admin.permission", "errors", "gateway.fairness",
    "gateway.questions", "gateway.recent_interactions", "metrics", "reports.corrections", "reports.likeness",
    "reports.misses", "reports.report",
}  # fmt: skip
IMPURE = {"asyncio", "io", "logging", "os", "pathlib", "random", "secrets", "socket", "sqlite3", "subprocess", "time"}


def modules() -> list[str]:
    """Return the name of every module below `bot`, packages themselves left out."""
    paths = (path.relative_to(BOT).with_suffix("") for path in BOT.rglob("*.py") if path.stem != "__init__")
    return sorted(".".join(path.parts) for path in paths)


MODULES = modules()


def room(module: str) -> str:
    return module.partition(".")[0]


def source(module: str) -> str:
    return (BOT / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8")


@cache
def imports(module: str) -> frozenset[str]:
    return frozenset(imported(source(module)))


def imported(code: str) -> set[str]:
    """Return every module that ``code`` imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            package = (BOT.parent / node.module.replace(".", "/")).is_dir()
            names |= {f"{node.module}.{alias.name}" for alias in node.names} if package else {node.module}
    return names


def ours(module: str) -> set[str]:
    return {name.removeprefix("bot.") for name in imports(module) if name.startswith("bot.")}


def libraries(module: str) -> set[str]:
    return {name.split(".")[0] for name in imports(module)} - {"bot"}


def internals(module: str) -> set[str]:
    """Return what a module uses of a library without the library's promise.

    That is each private name that the module does not define itself, each that it overrides, and what stands in
    discord.py's undocumented modules. Of named tuples the private names are public.
    """
    nodes = list(ast.walk(ast.parse(source(module))))
    own = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    own |= {node.attr for node in nodes if isinstance(node, ast.Attribute) and _is_set_on_self(node)}
    names = {node.attr for node in nodes if isinstance(node, ast.Attribute) and _is_private(node.attr)} - own
    overridden = {node.attr for node in nodes if isinstance(node, ast.Attribute) and _is_super(node.value)}
    names |= {name for name in overridden if _is_private(name)}
    names |= {"http" for node in nodes if isinstance(node, ast.Attribute) and node.attr == "http"}
    return names - OF_NAMED_TUPLES | {each for each in imports(module) if each.split(".")[:2] in UNDOCUMENTED}


OF_NAMED_TUPLES = {"_asdict", "_fields", "_make", "_replace"}
UNDOCUMENTED = [["discord", each] for each in ("gateway", "http", "interactions", "shard", "state", "webhook")]


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def _is_set_on_self(node: ast.Attribute) -> bool:
    return isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name) and node.value.id == "self"


def _is_super(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"


def test_internals_of_a_library_are_used_in_gateway_and_storage_alone() -> None:
    """Each that is used there is listed in tests/gateway/test_internals.py or tests/storage/test_internals.py."""
    others = [module for module in MODULES if room(module) not in ("gateway", "storage")]
    assert len(others) > 100
    assert {module: used for module in others if (used := internals(module))} == {}


def test_every_module_lives_in_a_room_or_is_ground() -> None:
    assert {module for module in MODULES if "." not in module} == GROUND | {"__main__"}
    assert {room(module) for module in MODULES if "." in module} == ROOMS.keys()


def test_a_module_imports_what_its_room_may_and_nothing_else_of_ours() -> None:
    assert ours("__main__") == {"cli.main"}
    for module in MODULES:
        if module in GROUND:
            assert ours(module) == set(), module
        elif module != "__main__":
            allowed = ROOMS[room(module)] | {room(module)} | MAY_USE.get(room(module), GROUND)
            assert {room(name) for name in ours(module)} <= allowed, module


def test_the_core_touches_no_clock_disk_network_or_environment() -> None:
    for module in sorted(PURE_MODULES | {module for module in MODULES if room(module) in PURE}):
        assert not libraries(module) & IMPURE, module
        assert "datetime.now" not in source(module), module


def test_a_library_is_used_in_the_rooms_that_the_table_says() -> None:
    for module in MODULES:
        foreign = libraries(module) - set(sys.stdlib_module_names)
        assert foreign <= {library for library, users in THEIRS.items() if room(module) in users}, module


@pytest.mark.parametrize("library", THEIRS)
def test_the_table_names_no_room_that_does_without_a_library(library: str) -> None:
    assert {room(module) for module in MODULES if library in libraries(module)} == THEIRS[library]


def test_the_rooms_form_no_circle() -> None:
    left = dict(ROOMS)
    while free := [name for name, needs in left.items() if not needs & left.keys()]:
        for name in free:
            del left[name]
    assert not left


def test_the_modules_form_no_circle() -> None:
    left = {module: ours(module) for module in MODULES}
    while free := [module for module, needs in left.items() if not needs & left.keys()]:
        for module in free:
            del left[module]
    assert not left


@pytest.mark.parametrize(
    ("folder", "strange"), [("bot", "bench tests tools"), ("deploy", "bench tests tools"), ("bench", "pytest tests"),
                            ("tools", "bench pytest tests")]
)  # fmt: skip
def test_what_is_run_or_measured_needs_no_tests(folder: str, strange: str) -> None:
    for path in (ROOT / folder).rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        named = {name.split(".")[0] for name in imported(text)}
        assert not named & set(strange.split()), path
        assert '"tests.' not in text, path

"""The options of a command, as Discord's client fills them in."""

from collections.abc import Mapping, Sequence
from typing import Any

from tools.fake_discord.actors import Upload, User
from tools.fake_discord.rules import Json


def leaf_of(spec: Json, path: Sequence[str]) -> Json:
    """The command, or the subcommand at the end of a path, that options belong to."""
    for name in path:
        found = [each for each in spec.get("options", []) if each["name"] == name]
        assert found or "options" not in spec, f"no subcommand {name!r} in {spec['name']!r}"
        spec = found[0] if found else {"name": name}
    return spec


def nested(spec: Json, path: Sequence[str], values: list[Json]) -> list[Json]:
    """Option values inside the subcommands that lead to them."""
    for depth in range(len(path), 0, -1):
        # The last name is a subcommand, one before it a group.
        values = [{"name": path[depth - 1], "type": 1 if depth == len(path) else 2, "options": values}]
    return values


OPTION_TYPES = {bool: 5, int: 4, float: 10, Upload: 11, User: 6}


def option_type(leaf: Json, name: str, value: Any) -> int:
    """As registered, else as the value suggests."""
    for option in leaf.get("options", []):
        if option["name"] == name:
            return int(option["type"])
    assert "options" not in leaf, f"{leaf['name']!r} has no option {name!r}"
    return OPTION_TYPES.get(type(value), 3)


def check_options(leaf: Json, given: Mapping[str, Any]) -> None:
    """Discord's client sends a command only with what it requires, and texts only within their bounds."""
    for option in leaf.get("options", []):
        name, value = option["name"], given.get(option["name"])
        assert value is not None or not option.get("required"), f"option {name!r} is required"
        if isinstance(value, str):
            low, high = option.get("min_length", 0), option.get("max_length", 6000)
            assert low <= len(value) <= high, f"option {name!r} takes {low} to {high} characters"
        if value is not None and option.get("choices"):
            assert value in [each["value"] for each in option["choices"]], f"{value!r} is not among the choices"


def focused_type(data: Json) -> int:
    """The type of the option that is being completed; a text if there is none."""
    for option in data.get("options") or []:
        if option.get("focused"):
            return int(option["type"])
        if option.get("options"):
            return focused_type(option)
    return 3

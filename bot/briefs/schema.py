"""The JSON schema of a brief's file, for editors: ``python -m bot.briefs.schema`` prints it into briefs/schema.json.

It is derived from the model in bot/briefs/brief.py, which alone defines sizes and choices. This module adds what the
keys mean, and patterns for dates and addresses, which the model checks in code. It is JSON Schema draft-07, because
yaml-language-server reads that best. That shows ``patternErrorMessage`` in place of a pattern.
"""

import json
from typing import Any

from bot.briefs.brief import BriefContent

MODELINE = "# yaml-language-server: $schema=schema.json"
"""The first line of a brief's file. It tells an editor where the schema is."""

_DATE = {
    "pattern": r"^\d{4}-\d{2}(-\d{2})?$",
    "patternErrorMessage": "Write YYYY-MM or YYYY-MM-DD.",
}
_ADDRESS = {
    "format": "uri",
    "pattern": r"^[Hh][Tt][Tt][Pp][Ss]?://[^\s<>]+$",
    "patternErrorMessage": "Start with http:// or https://, and leave no space.",
}
_SECURE_ADDRESS = _ADDRESS | {
    "pattern": r"^[Hh][Tt][Tt][Pp][Ss]://[^\s<>]+$",
    "patternErrorMessage": "Start with https://, and leave no space.",
}
_ID = "Write the name of a brief's file without .yaml."
_MARKS = "It may have **bold**, *italic*, `code` and [links](https://…)."
_ADDED: dict[str, dict[str, dict[str, Any]]] = {
    "BriefContent": {
        "title": {"description": "The heading of the card. No other brief may have it.", "minLength": 1},
        "aliases": {"description": "Short names that members may type. No other brief may have them."},
        "questions": {"description": "How members would ask. No other brief may have the same question."},
        "summary": {"description": f"The answer in one to three sentences. {_MARKS}", "minLength": 1},
        "facts": {"description": "Single statements, each with who says so."},
        "status": {"description": "How sure this is; reported if it is left out. A rule or a how-to is a reference."},
        "as_of": {"description": "When this was current: YYYY-MM-DD, or YYYY-MM if the day is not known."} | _DATE,
        "image": {"description": "A picture below the summary. It needs all three keys."},
        "corrections": {"description": "What was wrong in this brief and has been put right."},
        "replaced_by": {
            "description": "Id of the brief that members get in place of this one.",
            "patternErrorMessage": _ID,
        },
        "expires": {"description": "From this day on the card says that it may be out of date."} | _DATE,
        "sources": {"description": "Where this comes from: one to five sources."},
        "related": {"description": "Ids of other briefs to offer next; an id is the name of a file without .yaml."},
    },
    "Fact": {
        "text": {"description": f"The statement, in one sentence. {_MARKS}", "minLength": 1},
        "by": {"description": "Who says so: a person, an organisation, or the source itself.", "minLength": 1},
        "on": {"description": "When this was said or happened."} | _DATE,
        "source": {"description": "Which of the sources has it, counted from 1.", "minimum": 1, "maximum": 5},
        "quote": {"description": "Verbatim words of the source; check --source proves them.", "minLength": 1},
    },
    "Source": {
        "name": {"description": "What the source is called: title, publisher, date.", "minLength": 1},
        "url": {"description": "Where it can be read on the web."} | _ADDRESS,
        "published": {"description": "When it was published."} | _DATE,
        "archived": {"description": "Where a copy of it is kept on the web."} | _ADDRESS,
    },
    "Image": {
        "url": {"description": "Where the picture is on the web."} | _SECURE_ADDRESS,
        "alt": {"description": "What the picture shows, for whoever does not see it.", "minLength": 1},
        "credit": {"description": "Who made the picture.", "minLength": 1},
    },
    "Correction": {
        "on": {"description": "When it was put right."} | _DATE,
        "text": {"description": "What was wrong.", "minLength": 1},
    },
}
_TITLES = {
    "BriefContent": "A brief",
    "Fact": "A fact",
    "Source": "A source",
    "Image": "An image",
    "Correction": "A correction",
}


def schema() -> dict[str, Any]:
    """Return the schema of a brief's file as JSON Schema draft-07, with every key described."""
    made = BriefContent.model_json_schema()
    parts = {name: _polished(name, part) for name, part in made.pop("$defs").items()}
    whole = _polished("BriefContent", made)
    for key in ("aliases", "questions"):
        whole["properties"][key]["items"]["minLength"] = 1
    whole["properties"]["related"]["items"]["patternErrorMessage"] = _ID
    return {"$schema": "http://json-schema.org/draft-07/schema#"} | whole | {"definitions": parts}


def _polished(name: str, part: dict[str, Any]) -> dict[str, Any]:
    properties = {key: _property(value) | _ADDED[name][key] for key, value in part["properties"].items()}
    return {
        "title": _TITLES[name],
        "type": "object",
        "additionalProperties": False,
        "required": part["required"],
        "properties": properties,
    }


def _property(value: dict[str, Any]) -> dict[str, Any]:
    """Return a property as a file may have it. An optional key may be left out, but not empty."""
    kept = {key: part for key, part in value.items() if key not in ("title", "anyOf", "default")}
    kept |= next((dict(choice) for choice in value.get("anyOf", ()) if choice.get("type") != "null"), {})
    if value.get("default"):
        kept["default"] = value["default"]
    if "$ref" in kept:  # in draft-07 nothing counts beside it
        kept["allOf"] = [{"$ref": kept.pop("$ref").replace("$defs", "definitions")}]
    if "$ref" in kept.get("items", {}):
        kept["items"] = {"$ref": kept["items"]["$ref"].replace("$defs", "definitions")}
    return kept


def written() -> str:
    """Return the text of briefs/schema.json."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    print(written(), end="")

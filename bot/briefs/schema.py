"""The JSON schemas of a brief's file and of a translation's, for editors.

``python -m bot.briefs.schema`` prints briefs/schema.json, with the word "translation" briefs/translation.schema.json.
They are derived from the models in bot/briefs/brief.py and translation.py, which alone define sizes and choices. This
module adds what the keys mean, and patterns for dates and addresses, which the models check in code. They are JSON
Schema draft-07, because yaml-language-server reads that best. That shows ``patternErrorMessage`` in place of a pattern.
"""

import json
import sys
from typing import Any

from pydantic import BaseModel

from bot.briefs.brief import BriefContent
from bot.briefs.translation import TranslationContent

NAME = "schema.json"
"""The name of the schema's file, which lies beside the briefs."""

MODELINE = f"# yaml-language-server: $schema={NAME}"
"""The first line of a brief's file. It tells an editor where the schema is."""

TRANSLATION_MODELINE = "# yaml-language-server: $schema=translation.schema.json"
"""The first line of a translation's file."""

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
_ADDED |= {
    "TranslationContent": {
        "of": {
            "description": "Which texts were translated, as a digest; check --stamp writes it.",
            "pattern": "^[0-9a-f]{16}$",
            "patternErrorMessage": "Remove this key, and run check --stamp once the translation is right.",
        },
        "title": _ADDED["BriefContent"]["title"],
        "aliases": {"description": "Short names that members may type in this language."},
        "questions": {"description": "How members would ask in this language."},
        "summary": _ADDED["BriefContent"]["summary"],
        "facts": {"description": "As many as the original has, in the same order."},
        "image": {"description": "The picture in words."},
        "corrections": {"description": "As many as the original has, in the same order."},
        "sources": {"description": "As many as the original has, in the same order; without them its names stay."},
    },
    "TranslatedFact": {
        "text": _ADDED["Fact"]["text"],
        "by": {"description": "How this language writes who says so.", "minLength": 1},
        "quote": {"description": "The words that the original quotes, in this language.", "minLength": 1},
    },
    "TranslatedSource": {"name": _ADDED["Source"]["name"]},
    "TranslatedImage": {"alt": _ADDED["Image"]["alt"]},
    "TranslatedCorrection": {"text": _ADDED["Correction"]["text"]},
}
_TITLES = {
    "TranslationContent": "A translation of a brief",
    "TranslatedFact": "A fact",
    "TranslatedSource": "A source",
    "TranslatedImage": "An image",
    "TranslatedCorrection": "A correction",
    "BriefContent": "A brief",
    "Fact": "A fact",
    "Source": "A source",
    "Image": "An image",
    "Correction": "A correction",
}


def with_modeline(text: str, path: str | None) -> str:
    """Return a text that begins with MODELINE with the schema at another path, or without one."""
    return text.replace(f"{MODELINE}\n", f"{modeline(path)}\n" if path else "", 1)


def modeline(path: str) -> str:
    """Return the first line of a file from which the schema is found by ``path``."""
    return MODELINE.replace(NAME, path)


def schema() -> dict[str, Any]:
    """Return the schema of a brief's file as JSON Schema draft-07, with every key described."""
    made = _schema_of(BriefContent)
    made["properties"]["related"]["items"]["patternErrorMessage"] = _ID
    return made


def translation_schema() -> dict[str, Any]:
    """Return the schema of a translation's file."""
    return _schema_of(TranslationContent)


def _schema_of(model: type[BaseModel]) -> dict[str, Any]:
    made = model.model_json_schema()
    parts = {name: _polished(name, part) for name, part in made.pop("$defs").items()}
    whole = _polished(model.__name__, made)
    for key in ("aliases", "questions"):
        whole["properties"][key]["items"]["minLength"] = 1
    return {"$schema": "http://json-schema.org/draft-07/schema#"} | whole | {"definitions": parts}


def _polished(name: str, part: dict[str, Any]) -> dict[str, Any]:
    properties = {key: _property(value) | _ADDED[name][key] for key, value in part["properties"].items()}
    return {
        "title": _TITLES[name],
        "type": "object",
        "additionalProperties": False,
        "required": part.get("required", []),
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


def written(made: dict[str, Any]) -> str:
    """Return the text of the file of a schema."""
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    print(written(translation_schema() if sys.argv[1:] == ["translation"] else schema()), end="")

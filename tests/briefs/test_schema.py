"""Editors get the model's own schema: every key described, sizes and choices as in the model."""

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from bot.briefs.brief import BriefContent, Correction, Fact, Image, Source
from bot.briefs.schema import MODELINE, TRANSLATION_MODELINE, schema, translation_schema, written
from bot.briefs.translation import (
    TranslatedCorrection,
    TranslatedFact,
    TranslatedImage,
    TranslatedSource,
    TranslationContent,
)

MODELS: dict[str, type[BaseModel]] = {
    "": BriefContent,
    "Fact": Fact,
    "Source": Source,
    "Image": Image,
    "Correction": Correction,
}
OF_TRANSLATIONS: dict[str, type[BaseModel]] = {
    "": TranslationContent,
    "TranslatedFact": TranslatedFact,
    "TranslatedSource": TranslatedSource,
    "TranslatedImage": TranslatedImage,
    "TranslatedCorrection": TranslatedCorrection,
}
BRIEFS = Path(__file__).parent.parent.parent / "briefs"


def parts() -> dict[str, dict[str, dict[str, object]]]:
    made = schema()
    return {name: part["properties"] for name, part in {"": made, **made["definitions"]}.items()}


def test_the_file_beside_the_briefs_is_the_schema_of_the_model() -> None:
    assert (BRIEFS / "schema.json").read_text(encoding="utf-8") == written(schema())
    assert (BRIEFS / "translation.schema.json").read_text(encoding="utf-8") == written(translation_schema())
    assert written(schema()).startswith('{\n  "$schema": "http://json-schema.org/draft-07/schema#",\n')


@pytest.mark.parametrize("path", sorted(BRIEFS.glob("*.yaml")), ids=lambda path: str(path.stem))
def test_every_shipped_brief_tells_editors_where_the_schema_is(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first == (TRANSLATION_MODELINE if "." in path.stem else MODELINE)
    assert (path.parent / first.split("$schema=")[1]).is_file()


@pytest.mark.parametrize(("part", "model"), MODELS.items())
def test_each_key_is_described_and_no_other_is_known(part: str, model: type[BaseModel]) -> None:
    check_keys(schema(), part, model)


@pytest.mark.parametrize(("part", "model"), OF_TRANSLATIONS.items())
def test_each_key_of_a_translation_is_described_and_no_other_is_known(part: str, model: type[BaseModel]) -> None:
    check_keys(translation_schema(), part, model)


def check_keys(made: dict[str, Any], part: str, model: type[BaseModel]) -> None:
    whole = made["definitions"][part] if part else made
    assert whole["properties"].keys() == model.model_fields.keys()
    assert whole["additionalProperties"] is False
    assert whole["required"] == [name for name, field in model.model_fields.items() if field.is_required()]
    assert all(re.match(r"[A-Z].*\.$", str(key["description"])) for key in whole["properties"].values())


@pytest.mark.parametrize(
    ("part", "key", "rule", "value"),
    [
        ("", "title", "maxLength", 100),
        ("", "title", "minLength", 1),
        ("", "summary", "maxLength", 1000),
        ("", "status", "enum", ["reported", "confirmed", "disputed", "opinion", "reference"]),
        ("", "status", "default", "reported"),
        ("", "facts", "maxItems", 12),
        ("", "facts", "items", {"$ref": "#/definitions/Fact"}),
        ("", "sources", "items", {"$ref": "#/definitions/Source"}),
        ("", "sources", "minItems", 1),
        ("", "sources", "maxItems", 5),
        ("", "related", "maxItems", 5),
        ("", "aliases", "items", {"type": "string", "minLength": 1, "maxLength": 200}),
        ("", "image", "allOf", [{"$ref": "#/definitions/Image"}]),
        ("", "corrections", "maxItems", 5),
        ("Fact", "text", "maxLength", 300),
        ("Fact", "source", "type", "integer"),
        ("Image", "alt", "maxLength", 300),
        ("Fact", "by", "type", "string"),
        ("Source", "url", "type", "string"),
        ("Source", "url", "maxLength", 500),
    ],
)
def test_sizes_and_choices_are_those_of_the_model(part: str, key: str, rule: str, value: object) -> None:
    assert parts()[part][key][rule] == value


@pytest.mark.parametrize(
    ("part", "key", "fits", "fails"),
    [
        ("", "as_of", ["2024-10", "2024-10-18"], ["TODO", "2024", "18.10.2024", "2024-1", "2024-10-1", "2024-10-181"]),
        ("", "expires", ["2025-04"], ["soon", " 2025-04"]),
        (
            "Source",
            "url",
            ["https://example.org/a?b=c", "HTTP://example.org"],
            ["example.org", "ftp://a", "https://a b"],
        ),
        ("Image", "url", ["https://example.org/a.png"], ["http://example.org/a.png", "a.png"]),
        ("", "replaced_by", ["troops"], ["Troops", ""]),
        ("", "related", ["troops", "9-lives", "a" * 64], ["Troops", "-a", "a_b", "a" * 65, ""]),
    ],
)
def test_a_pattern_tells_right_from_wrong(part: str, key: str, fits: list[str], fails: list[str]) -> None:
    rules = parts()[part][key]
    rules = rules.get("items", rules)  # type: ignore[assignment]
    assert rules["patternErrorMessage"]
    assert [bool(re.search(str(rules["pattern"]), text)) for text in fits + fails] == [True] * len(fits) + [
        False
    ] * len(fails)

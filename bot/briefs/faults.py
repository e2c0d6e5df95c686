"""What a schema found wrong in a file, as problems that say where it is and what to do."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, get_args

from pydantic import BaseModel
from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.briefs import strict_yaml
from bot.briefs.brief import BriefContent, Correction, Fact, Image, Source, Status
from bot.briefs.strict_yaml import Node, Scalar, Sequence, shortened
from bot.briefs.translation import (
    TranslatedCorrection,
    TranslatedFact,
    TranslatedImage,
    TranslatedSource,
    TranslationContent,
)
from bot.errors import Problem, Said

_COMPARED = 100
"""Characters of an unknown word that are compared with known words, which are all shorter."""

_OF_KEY = "{key}: {what}"

Location = tuple[str | int, ...]
"""The place of a value in a brief: keys and list positions from the root on, as pydantic gives them."""


class Schema(NamedTuple):
    """What a kind of file may hold: the whole, its parts by their key, and what each part has, in words."""

    whole: type[BaseModel]
    parts: Mapping[str, type[BaseModel]]
    has: Mapping[str, str]

    def keys(self, location: Location) -> Iterable[str]:
        """Return the keys that are known beside the one at ``location``."""
        model = self.whole if len(location) == 1 else self.parts[str(location[0])]
        return model.model_fields


BRIEF = Schema(
    BriefContent,
    {"facts": Fact, "sources": Source, "image": Image, "corrections": Correction},
    {
        "facts": "a fact has 'text: …' and 'by: …'",
        "sources": "a source has 'name: …' and 'url: …'",
        "image": "an image has 'url: …', 'alt: …' and 'credit: …'",
        "corrections": "a correction has 'on: …' and 'text: …'",
    },
)
TRANSLATION = Schema(
    TranslationContent,
    {
        "facts": TranslatedFact,
        "sources": TranslatedSource,
        "image": TranslatedImage,
        "corrections": TranslatedCorrection,
    },
    {
        "facts": "a fact has 'text: …' and 'by: …'",
        "sources": "a source has 'name: …' in a translation",
        "image": "an image has 'alt: …' in a translation",
        "corrections": "a correction has 'text: …' in a translation",
    },
)


def follow(root: Node | None, location: Location) -> Node | None:
    """Return the node at ``location``, or the last one on the way to it. For an unknown key, return the key."""
    node = root
    for step in location:
        if isinstance(node, strict_yaml.Mapping) and step in node.entries:
            node = node.entries[str(step)][1]
        elif isinstance(node, Sequence) and isinstance(step, int):
            node = node.items[step]
    return node


def of_key(key: str, what: str) -> Said:
    """Return what is wrong with the value of a key; ``values["what"]`` is that without the key."""
    return Said(_OF_KEY, key=key, what=what)


def worded(path: str, root: strict_yaml.Mapping, fault: dict[str, Any], schema: Schema) -> Problem:
    """Return an error of pydantic as a problem that says where it is and what to do."""
    location: Location = fault["loc"]
    node = follow(root, location) or root
    key = next((step for step in reversed(location) if isinstance(step, str)), "")
    context = fault.get("ctx", {})
    match fault["type"]:
        case "int_type":
            message = f"{key}: must be the number of a source, counted from 1, without quotes"
        case "missing":
            message = f"the key {key!r} is missing; add it"
        case "extra_forbidden":
            parent = follow(root, location[:-1])
            node = parent.entries[key][0] if isinstance(parent, strict_yaml.Mapping) else node
            message = _unknown(key, location, schema)
        case "string_type" | "tuple_type" | "model_type":
            message = f"{key}: {_wrong_type(node, fault['type'], schema.has.get(str(location[0]), ''))}"
        case "literal_error":
            choices = context["expected"].replace("'", "")
            message = f"{key}: must be {choices}{did_you_mean(_text(node), get_args(Status), list_all=False)}"
        case "string_too_long":
            message = of_key(key, Said("is longer than {n} characters; shorten it", n=context["max_length"]))
        case "too_long":
            message = of_key(key, Said("has more than {n} entries; remove some", n=context["max_length"]))
        case "too_short":
            message = of_key(key, Said("needs at least one entry"))
        case "string_pattern_mismatch":
            message = f"{key}: {shortened(_text(node))!r} is no id; an id is the name of a brief's file without .yaml"
        case _:
            error = context.get("error")
            message = of_key(key, error.args[0] if error else fault["msg"])
    return Problem(path, node.line, node.column, message)


def _wrong_type(node: Node, wanted: str, has: str) -> str:
    match node, wanted:
        case Scalar(kind="empty value", cut=comment), _ if comment:
            return f"has no value, for {shortened(comment)!r} is a comment to YAML; put it in quotes"
        case Scalar(kind="empty value"), _:
            return "has no value; write one or remove the key"
        case Scalar(), "tuple_type":
            return "must be a list; put each entry on a line of its own that starts with a dash and a space: '- …'"
        case Scalar(text=text), "model_type":
            return f"{shortened(text)!r} needs a key before it: {has}"
        case Scalar(kind=kind, text=text), _:
            written = shortened(text)
            return f"{written} is a {kind} to YAML; put it in quotes to have it as text: {_quoted(written)}"
        case strict_yaml.Mapping(), "string_type":
            return "must be text; put quotes around a text that holds ': '"
        case strict_yaml.Mapping(), _:
            return "must be a list; put '- ' before each entry"
    return "must be a single text; remove the '- ' or the brackets" if wanted == "string_type" else "must have keys"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _text(node: Node) -> str:
    return node.text if isinstance(node, Scalar) else ""


def _unknown(key: str, location: Location, schema: Schema) -> str:
    if schema is TRANSLATION and key in BRIEF.keys(location):
        return f"{key}: only the original says this, so that no translation can disagree; remove it here"
    if (bare := key.strip()) != key and (bare in schema.keys(location) or _within(bare, schema)):
        return f"{bare}: what stands before it looks like spaces, and is none to YAML; type plain spaces"
    if len(location) == 1 and (parts := _within(key, schema)):
        return f"{key}: belongs to an entry of {' or '.join(parts)}; put it below the first key of that entry"
    return f"unknown key {shortened(key)!r}{did_you_mean(key, schema.keys(location))}"


def _within(key: str, schema: Schema) -> list[str]:
    """Return the keys of a brief whose value has such a key."""
    return [name for name, part in schema.parts.items() if key in part.model_fields]


def did_you_mean(word: str, known: Iterable[str], *, list_all: bool = True) -> str:
    """Return the end of a message about an unknown ``word``: the most similar known word, or all if they are few."""
    known = list(known)
    nearest = process.extractOne(word[:_COMPARED], known, scorer=OSA.normalized_similarity, score_cutoff=0.6)
    if nearest:
        return f"; did you mean {nearest[0]!r}?"
    return f"; known are {', '.join(known)}" if list_all and len(known) < 16 else ""

"""Makes the content of a brief of an entry, and says what of the entry was lost and what is still to be written."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass, field
from datetime import date
from typing import Any

from bot.authoring.form.dates import read_date
from bot.authoring.form.fields import MOST_TYPED, FactLine, Form, SourceLine, is_question, typed
from bot.authoring.form.written import data_of
from bot.authoring.importing.entries import Entry, Value
from bot.authoring.importing.keys import NATIVE, SECOND_TEXTS, TEXTS, TITLES, meant, plain
from bot.briefs.brief import Brief
from bot.briefs.carrying import carried
from bot.briefs.fields import LONGEST_PHRASE, LONGEST_SUMMARY, LONGEST_TITLE
from bot.briefs.markup import read
from bot.errors import printable
from bot.language.normalise import has_word, normalise
from bot.language.texts import shortened

STATUS = "reference"
"""Status of an entry that says none: that of a brief which makes no claim, for nobody said that it reports one."""

TODO = {"text": "TODO one to three sentences", "source": "TODO title, publisher, date", "date": "TODO"}
"""What stands for a part that the entry has not."""

_BETWEEN = re.compile(r"[,;\n、，；|]")
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]\d.*")
_NUMBER = re.compile("[0-9]{1,4}")
_SHOWN = 60


@dataclass(slots=True)
class Made:
    """What was made of an entry.

    ``content`` is that of a brief, with TODO for the parts that ``missing`` names. ``losses`` are lines about what a
    brief cannot hold. ``target`` is set for an entry that is only another name of the one with that name.
    """

    entry: Entry
    content: dict[str, Any] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    losses: list[str] = field(default_factory=list)
    target: str | None = None

    @property
    def title(self) -> str:
        return str(self.content["title"])

    @property
    def phrases(self) -> list[str]:
        return [*self.content["aliases"], *self.content["questions"]]


def made_of(entry: Entry, source: SourceLine | None, today: date) -> Made:
    """Return what becomes of an entry. ``source`` is that of entries without one, and its date of those without one.

    An entry without a date is as of the last day on which its sources were published, as in the plain form.
    """
    made = Made(entry)
    values = _with_embed(entry.values, made)
    title = _title(values, entry.name)
    text = _text(values, title, made)
    targets = [str(value) for key, value in values.items() if meant(key) == "target"]
    if targets and not text:
        made.target = targets[0]
        values = {key: value for key, value in values.items() if plain(key) != "type"}
    sources = _sources(values, made, today) or ([data_of(source)] if source else [])
    published = max((each["published"] for each in sources if "published" in each), default=source and source.published)
    as_of = _as_of(values, made, today) or published
    for name, part in (("text", text), ("source", sources), ("date", as_of)):
        if not part:
            made.missing.append(name)
    phrases = [phrase for phrase in _phrases(values, entry.name, made) if normalise(phrase) != normalise(title)]
    made.content = {
        "title": title,
        "aliases": [phrase for phrase in phrases if not is_question(phrase)],
        "questions": [phrase for phrase in phrases if is_question(phrase)],
        "summary": text or TODO["text"],
        "facts": [*_facts(values, made, today)],
        "image": _image(values, made),
        "status": STATUS,
        "as_of": as_of or TODO["date"],
        "sources": sources or [{"name": TODO["source"]}],
        **_native(values, today),
    }
    _name_unknown(values, made)
    return made


def changed(made: Made, brief: Brief) -> dict[str, Any]:
    """Return the content of a brief that is there already, with what the entry says in place of what it said."""
    old = brief.model_dump(exclude={"id"}, exclude_none=True)
    new = {key: value for key, value in made.content.items() if value and key != "status"}
    said = plain_keys(made.entry.values)
    if "status" in said:
        new["status"] = made.content["status"]
    for key in ("aliases", "questions"):
        new[key] = [*old[key], *(phrase for phrase in made.content[key] if phrase not in old[key])]
    return old | new


def form_of(made: Made) -> Form | None:
    """Return what the plain form holds of an entry that is not finished, None if it has no room for all of it."""
    content, missing = made.content, made.missing
    facts = [str(FactLine(each["text"], each.get("by"))) for each in content["facts"]]
    sources = [str(SourceLine(each["name"], each.get("url"), each.get("published"))) for each in content["sources"]]
    dated = [] if "date" in missing else [f"as of {content['as_of']}"]
    form = Form(
        content["title"],
        "" if "text" in missing else content["summary"],
        "\n".join(facts),
        "\n".join([*([] if "source" in missing else sources), *dated]),
        "\n".join(made.phrases),
    )
    fits = len(form.summary) <= LONGEST_SUMMARY and all(len(text) <= MOST_TYPED for text in astuple(form))
    return form if fits and not any("\n" in fact for fact in facts) else None


def plain_keys(values: Mapping[str, Value]) -> set[str]:
    """Return the keys of an entry, each as it is compared."""
    return {plain(key) for key in values}


def _with_embed(values: Mapping[str, Value], made: Made) -> dict[str, Value]:
    """Return the values of an entry with those of its first embed beside them."""
    found: dict[str, Value] = {}
    for key, value in values.items():
        if meant(key) != "embed":
            found[key] = value
            continue
        embeds = [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, Mapping)]
        if len(embeds) != 1 or (isinstance(value, list) and len(value) > 1):
            made.losses.append(f"{_key(key)}: only the first embed is kept" if embeds else f"{_key(key)}: is no embed")
        for inner, part in embeds[0].items() if embeds else ():
            found[f"{key} {inner}" if inner in found or meant(inner) is None else inner] = part
    return found


def _text(values: Mapping[str, Value], title: str, made: Made) -> str:
    """Return the text of an entry in the small kind of Markdown."""
    texts = [(key, str(value)) for key, value in _in_order(values, (*TEXTS, *SECOND_TEXTS)) if isinstance(value, str)]
    texts = [(key, text) for key, text in texts if text.strip()]
    if not texts:
        return ""
    for key, text in texts[1:]:
        if _bare(text) != title:
            made.losses.append(f"{_key(key)}: a brief has one summary; not kept: {_shortly(text)}")
    return _carried(texts[0][1], "", made)


def _carried(text: str, key: str, made: Made) -> str:
    found = carried(text)
    made.losses += [f"{_key(key)}: {loss}" if key else loss for loss in found.losses]
    return found.text


def _title(values: Mapping[str, Value], name: str) -> str:
    """Return the title: of what can be one the first that is short enough, else the name of the entry in words."""
    second = [str(value) for _, value in _in_order(values, SECOND_TEXTS)] if _first(values, TEXTS) else []
    asked, others = TITLES[:4], TITLES[4:]
    candidates = [*_in_order(values, asked), *(("", text) for text in second), *_in_order(values, others)]
    for _, value in candidates:
        if isinstance(value, str) and has_word(value) and len(title := _bare(value)) <= LONGEST_TITLE:
            return title
    words = " ".join(re.sub(r"[-_/\s]+", " ", name).split()) or name
    return f"{words[:1].upper()}{words[1:]}"[:LONGEST_TITLE]


def _bare(text: str) -> str:
    """Return a text without marks, on one line."""
    return " ".join(read(carried(text).text).plain.split())


def _in_order(values: Mapping[str, Value], keys: Iterable[str]) -> Iterator[tuple[str, Value]]:
    """Yield the values whose key is one of ``keys``, in the order of these."""
    by_key: dict[str, list[tuple[str, Value]]] = {}
    for key, value in values.items():
        by_key.setdefault(plain(key), []).append((key, value))
    for key in keys:
        yield from by_key.get(key, ())


def _first(values: Mapping[str, Value], keys: Iterable[str]) -> Value:
    return next((value for _, value in _in_order(values, keys) if value), None)


def _phrases(values: Mapping[str, Value], name: str, made: Made) -> list[str]:
    """Return what else finds the entry: its other names, its questions and its name, each once."""
    found: dict[str, str] = {}
    named = [] if name.isdigit() else [name]
    for key, value in values.items():
        if meant(key) == "title":
            named.append(_bare(str(value)))
        elif meant(key) in ("alias", "question"):
            named += _listed(value, whole=plain(key) in TITLES or meant(key) == "question")
    for phrase in named:
        text = " ".join(phrase.split())
        if len(text) > LONGEST_PHRASE:
            made.losses.append(f"the name {_shortly(text)} is longer than {LONGEST_PHRASE} characters")
        elif normalise(text):
            found.setdefault(normalise(text), text)
        elif text:
            made.losses.append(f"the name {_shortly(text)} has nothing that a member could ask for")
    return list(found.values())


def _listed(value: Value, *, whole: bool) -> list[str]:
    """Return the texts of a list, or of a text with commas between them. ``whole``: each line is one."""
    if isinstance(value, list):
        return [str(each) for each in value if isinstance(each, str)]
    if not isinstance(value, str):
        return []
    parts = value.split("\n") if whole else _BETWEEN.split(value.strip().removeprefix("[").removesuffix("]"))
    return [part.strip().strip("\"'") for part in parts if part.strip()]


def _sources(values: Mapping[str, Value], made: Made, today: date) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    for key, value in values.items():
        if meant(key) != "source":
            continue
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, Mapping):
                found.append(
                    {name: str(each[name]) for name in ("name", "url", "published", "archived") if each.get(name)}
                )
                lost = [name for name in each if name not in ("name", "url", "published", "archived")]
                made.losses += [f"{_key(key)}: a source has no {_shortly(name)}" for name in lost]
            elif named := source_of(str(each), today):
                found.append(data_of(named))
    return [source for source in found if source]


def source_of(text: str, today: date) -> SourceLine | None:
    """Return the source that a text names, as the plain form reads one: name, link, date; None if it names none."""
    lines = typed(Form(sources=" ".join(text.split())), today).sources
    meant_by = [line.meant for line in lines if isinstance(line.meant, SourceLine)]
    return meant_by[0] if meant_by else None


def _as_of(values: Mapping[str, Value], made: Made, today: date) -> str:
    for key, value in values.items():
        if meant(key) == "as_of" and value:
            text = str(value).strip()
            if day := read_date(found[1] if (found := _DAY.fullmatch(text)) else text, today):
                return day
            made.losses.append(f"{_key(key)}: {_shortly(text)} is no date")
    return ""


def _facts(values: Mapping[str, Value], made: Made, today: date) -> Iterator[dict[str, Any]]:
    for key, value in values.items():
        if meant(key) != "fact":
            continue
        for each in value if isinstance(value, list) else [value]:
            if not isinstance(each, Mapping):
                lines = typed(Form(facts=str(each)), today).facts
                facts = [line.meant for line in lines if isinstance(line.meant, FactLine)]
                yield from ({**data_of(fact), "text": _carried(fact.text, key, made)} for fact in facts)
            elif "text" in each:
                known = {name: str(each[name]) for name in ("by", "on", "source", "quote") if each.get(name)}
                if not _NUMBER.fullmatch(known.get("source", "1")):
                    made.losses.append(f"{_key(key)}: {_shortly(known.pop('source'))} is no number of a source")
                yield {"text": _carried(str(each["text"]), key, made)} | known
            elif "value" in each:
                head = f"**{_bare(str(each['name']))}**: " if each.get("name") else ""
                yield {"text": head + _carried(str(each["value"]), key, made)}
                made.losses += [f"{_key(key)}: a fact has no {name}" for name in each if name not in ("name", "value")]


def _image(values: Mapping[str, Value], made: Made) -> dict[str, str] | None:
    for key, value in values.items():
        if meant(key) == "image" and value:
            if isinstance(value, Mapping) and all(value.get(name) for name in ("url", "alt", "credit")):
                return {name: str(value[name]) for name in ("url", "alt", "credit")}
            address = value.get("url", "") if isinstance(value, Mapping) else value
            made.losses.append(
                f"{_key(key)}: {_shortly(address)} is left out: an image needs a description and a credit"
            )
    return None


def _native(values: Mapping[str, Value], today: date) -> dict[str, Any]:
    """Return what a brief has under the same key."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        name = plain(key)
        if name not in NATIVE or not value:
            continue
        if name == "related":
            found[name] = _listed(value, whole=False)
        elif name == "corrections":
            found[name] = [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []
        else:
            found[name] = (read_date(str(value), today) or str(value)) if name == "expires" else str(value)
    return found


def _name_unknown(values: Mapping[str, Value], made: Made) -> None:
    """Note the values of keys that no part of a brief stands for."""
    unknown = [(key, value) for key, value in values.items() if meant(key) is None and value not in ("", [], {})]
    if unknown:
        kept = ", ".join(f"{_key(key)} {_shortly(value)}" for key, value in unknown)
        made.losses.append(f"{kept}: a brief has no such part{'s' if len(unknown) > 1 else ''}")


def _key(key: str) -> str:
    return shortened(printable(key), _SHOWN)


def _shortly(value: Value) -> str:
    """Return the beginning of a value in quotes, on one line."""
    text = value if isinstance(value, str) else ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return f"“{shortened(printable(' '.join(text[:400].split())), _SHOWN)}”"

"""A message or a modal, as the bot sent it to Discord, as a page of HTML that looks like Discord's client."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from string import Template
from typing import Any, TypeAlias

from babel.dates import format_datetime, format_timedelta

Json: TypeAlias = dict[str, Any]

PAGE = Template(Path(__file__).with_name("picture.html").read_text(encoding="utf-8"))
EPHEMERAL = 1 << 6
ICONS = {
    "link": "M14 4h6v6M20 4l-9 9M18 14v5a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1h5",
    "open": "M5 9l7 7 7-7",
    "close": "M5 5l14 14M19 5L5 19",
    "file": "M6 3h8l5 5v13H6zM14 3v5h5",
    "eye": "M2 12c5-8 15-8 20 0-5 8-15 8-20 0zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6",
}
TIMES = {"t": "HH:mm", "T": "HH:mm:ss", "d": "dd/MM/yyyy", "D": "d MMMM yyyy", "f": "d MMMM yyyy HH:mm",
         "F": "EEEE, d MMMM yyyy HH:mm"}  # fmt: skip
"""How a timestamp of each style is written, in the patterns of Unicode TR 35."""


@dataclass(frozen=True)
class Shown:
    """What a picture shows: a message or a modal, and how it came about."""

    payload: Json
    user: str = "member"
    command: str = ""
    """Above the message it says that ``user`` used this; nothing if it is empty."""
    names: Mapping[str, str] = field(default_factory=dict)
    """What mentions say, by the id of the user, role or channel, such as "@member"."""
    replies_to: str = ""
    """Above the message it shows these words of ``user``, which it replies to; nothing if they are empty."""
    said: str = ""
    """A message of ``user`` that stands before it, as in direct messages; none if it is empty."""


def page(shown: Shown) -> str:
    """Return the page that shows this in Discord's light or dark theme, as the browser prefers."""
    draw = modal if "title" in shown.payload else message
    return PAGE.substitute(body=draw(shown))


def message(shown: Shown) -> str:
    """Return a message with its author, and with what Discord itself says around it."""
    payload, drawing = shown.payload, Drawing(shown)
    bot, user = payload["author"]["username"], shown.user
    if shown.replies_to:
        used = f'<div class="used">{_avatar(user)}<b>{escape(user)}</b><span>{escape(shown.replies_to)}</span></div>'
    elif shown.command:
        used = f'<div class="used">{_avatar(user)}<b>{escape(user)}</b> used <a>{escape(shown.command)}</a></div>'
    else:
        used = ""
    ephemeral = payload["flags"] & EPHEMERAL
    private = f"<footer>{icon('eye')}Only you can see this • <a>Dismiss message</a></footer>" if ephemeral else ""
    return (
        f"{_said(user, shown.said) if shown.said else ''}"
        f'<main class="message{" ephemeral" if ephemeral else ""}">{used}{_avatar(bot)}'
        f'<header><b>{escape(bot)}</b><span class="app">APP</span><time>12:00</time></header>'
        f"{drawing.text(payload['content'])}{drawing.all(payload['components'])}{private}</main>"
    )


def _said(user: str, words: str) -> str:
    return (
        f'<div class="message">{_avatar(user)}<header><b>{escape(user)}</b><time>12:00</time></header>'
        f'<div class="text"><p>{escape(words)}</p></div></div>'
    )


def modal(shown: Shown) -> str:
    """Return a modal over the darkened client."""
    payload = shown.payload
    return (
        f'<main class="behind"><div class="modal"><header><h1>{escape(payload["title"])}</h1>{icon("close")}</header>'
        f"{Drawing(shown).all(payload['components'])}"
        '<footer><span class="button secondary">Cancel</span><span class="button primary">Submit</span></footer>'
        "</div></main>"
    )


def icon(name: str) -> str:
    return f'<svg class="icon" viewBox="0 0 24 24"><path d="{ICONS[name]}"/></svg>'


def _avatar(name: str) -> str:
    return f'<i class="avatar">{escape(name[0])}</i>'


# Markdown, as far as our messages use it

_BLOCK = re.compile(r"```(?:(\w+)\n)?\n?(.*?)\n?```", re.DOTALL)
_LINE_MARKS = {"### ": "h3", "## ": "h2", "# ": "h1", "-# ": "small", "- ": "li", "* ": "li", "> ": "blockquote"}
_INLINE = re.compile(
    r"""\\(?P<plain>[^\w\s]|_)
    | (?P<ticks>`+)(?P<code>.+?)(?P=ticks)
    | \[(?P<label>(?:\[[^\[\]]*\]|[^\[\]])+)\]\(<?(?P<url>https?://[^\s<>]+?)>?\)
    | (?P<bare>https?://[^\s<>]*[^\s<>.,:;!?)])
    | \*\*(?P<bold>(?:\\.|[^\\])+?)\*\*
    | ~~(?P<struck>(?:\\.|[^\\])+?)~~
    | \*(?P<italic>(?:\\.|[^\\*])+?)\*
    | <t:(?P<time>-?\d+)(?::(?P<style>[tTdDfFR]))?>
    | <(?P<mention>@[!&]?|\#)(?P<id>\d+)>""",
    re.VERBOSE,
)


def markdown(text: str, names: Mapping[str, str]) -> str:
    """Return a text in Discord's Markdown as HTML. What means nothing in it is shown as written."""
    pieces = iter(_BLOCK.split(text))
    html = _lines(next(pieces), names)
    for language, code, after in zip(pieces, pieces, pieces, strict=True):
        html += f"<pre>{_code(language, code)}</pre>{_lines(after, names)}"
    return html


def _code(language: str | None, code: str) -> str:
    if language != "diff":
        return escape(code)
    signs = {"+": "ins", "-": "del"}
    tags = [(signs.get(line[:1], "span"), escape(line)) for line in code.split("\n")]
    return "\n".join(f"<{tag}>{line}</{tag}>" for tag, line in tags)


def _lines(text: str, names: Mapping[str, str]) -> str:
    html = ""
    lines = map(_marked, text.strip("\n").split("\n")) if text.strip() else ()
    for tag, group in groupby(lines, itemgetter(0)):
        shown = [_inline(line, names) for _, line in group]
        if tag == "li":
            html += f"<ul>{''.join(f'<li>{line}</li>' for line in shown)}</ul>"
        elif tag == "li li":
            html = (
                html.removesuffix("</li></ul>") + f"<ul>{''.join(f'<li>{line}</li>' for line in shown)}</ul></li></ul>"
            )
        else:
            # Headings and small print are a line each; other lines run on in one paragraph.
            paragraphs = ["<br>".join(shown)] if tag in ("p", "blockquote") else shown
            html += "".join(f"<{tag}>{paragraph}</{tag}>" for paragraph in paragraphs)
    return html


def _marked(line: str) -> tuple[str, str]:
    """Return the tag that the start of a line stands for, and the rest of the line; "li li" is an entry of an entry."""
    bare = line.lstrip(" ")
    if line.startswith("  ") and bare.startswith(("- ", "* ")):
        return "li li", bare[2:]
    return next(((tag, bare[len(mark) :]) for mark, tag in _LINE_MARKS.items() if bare.startswith(mark)), ("p", line))


def _time(seconds: int, style: str) -> str:
    """Return a timestamp as it reads today in London."""
    moment = datetime.fromtimestamp(seconds, UTC)
    if style == "R":
        return format_timedelta(moment - datetime.now(UTC), add_direction=True, locale="en_GB")
    return format_datetime(moment, TIMES[style], locale="en_GB")


def _inline(text: str, names: Mapping[str, str]) -> str:
    html, end = "", 0
    for found in _INLINE.finditer(text):
        html += escape(text[end : found.start()]) + _piece(found, names)
        end = found.end()
    return html + escape(text[end:])


def _piece(found: re.Match[str], names: Mapping[str, str]) -> str:
    if found["code"]:
        return f"<code>{escape(found['code'])}</code>"
    if label := found["label"]:
        # Discord takes no backslash out of the text of a link, and makes no link if an address is in there.
        return escape(found[0]) if "://" in label else f"<a>{escape(label)}</a>"
    for tag, inner in (("b", found["bold"]), ("em", found["italic"]), ("s", found["struck"])):
        if inner:
            return f"<{tag}>{_inline(inner, names)}</{tag}>"
    if found["bare"]:
        return f"<a>{escape(found['bare'])}</a>"
    if found["time"]:
        return f'<time class="inline">{_time(int(found["time"]), found["style"] or "f")}</time>'
    if found["mention"]:
        return f'<span class="mention">{escape(names.get(found["id"], found["mention"][0] + "unknown"))}</span>'
    return escape(found["plain"])


# Components

_BUTTONS = {1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "secondary", 6: "primary"}


class Drawing:
    """Draws the components of one message or modal."""

    def __init__(self, shown: Shown) -> None:
        self._names = shown.names
        self._attachments = {each["url"]: each for each in shown.payload.get("attachments", [])}

    def all(self, components: Iterable[Json]) -> str:
        return "".join(map(self.one, components))

    def one(self, it: Json) -> str:
        if it["type"] not in self._DRAWN:
            raise ValueError(f"there is no drawing of a component of type {it['type']}; add one to {__name__}")
        return self._DRAWN[it["type"]](self, it)

    def text(self, content: str) -> str:
        return f'<div class="text">{markdown(content, self._names)}</div>' if content else ""

    def _row(self, it: Json) -> str:
        return f'<div class="row">{self.all(it["components"])}</div>'

    def _button(self, it: Json) -> str:
        disabled = " disabled" if it.get("disabled") else ""
        label = f"{_emoji(it)}{escape(it.get('label') or '')}{icon('link') if it['style'] == 5 else ''}"
        return f'<span class="button {_BUTTONS[it["style"]]}{disabled}">{label}</span>'

    def _select(self, it: Json) -> str:
        chosen = [f"{_emoji(each)}{escape(each['label'])}" for each in it["options"] if each.get("default")]
        placeholder = f'<span class="placeholder">{escape(it.get("placeholder") or "Make a selection")}</span>'
        disabled = " disabled" if it.get("disabled") else ""
        return f'<div class="field select{disabled}">{", ".join(chosen) or placeholder}{icon("open")}</div>'

    def _text_input(self, it: Json) -> str:
        placeholder = f'<span class="placeholder">{escape(it.get("placeholder") or "")}</span>'
        kind = "paragraph" if it["style"] == 2 else "line"
        title = _title(it["label"], it) if it.get("label") else ""
        return f'{title}<div class="field {kind}">{escape(it.get("value") or "") or placeholder}</div>'

    def _section(self, it: Json) -> str:
        return f'<div class="section"><div>{self.all(it["components"])}</div>{self.one(it["accessory"])}</div>'

    def _text(self, it: Json) -> str:
        return self.text(it["content"])

    def _thumbnail(self, it: Json) -> str:
        return f'<img class="thumbnail" src="{escape(it["media"]["url"])}" alt="">'

    def _gallery(self, it: Json) -> str:
        pictures = [f'<img src="{escape(each["media"]["url"])}" alt="">' for each in it["items"]]
        return f'<div class="gallery{" several" if len(pictures) > 1 else ""}">{"".join(pictures)}</div>'

    def _file(self, it: Json) -> str:
        attached = self._attachments[it["file"]["url"]]
        size = f"<small>{attached['size'] / 1024:.2f} KB</small>"
        return f'<div class="file">{icon("file")}<div><a>{escape(attached["filename"])}</a>{size}</div></div>'

    def _separator(self, it: Json) -> str:
        line = "" if it.get("divider", True) else " invisible"
        return f'<hr class="{"large" if it.get("spacing") == 2 else "small"}{line}">'

    def _container(self, it: Json) -> str:
        colour = it.get("accent_color")
        accent = "" if colour is None else f' style="border-left: 4px solid #{colour:06x}"'
        return f'<div class="container"{accent}>{self.all(it["components"])}</div>'

    def _label(self, it: Json) -> str:
        description = f"<p>{escape(it['description'])}</p>" if it.get("description") else ""
        return (
            f'<div class="label">{_title(it["label"], it["component"])}{description}{self.one(it["component"])}</div>'
        )

    _DRAWN: Mapping[int, Callable[["Drawing", Json], str]] = {
        1: _row,
        2: _button,
        3: _select,
        4: _text_input,
        9: _section,
        10: _text,
        11: _thumbnail,
        12: _gallery,
        13: _file,
        14: _separator,
        17: _container,
        18: _label,
    }


def _title(label: str, component: Json) -> str:
    star = ' <span class="required">*</span>' if component.get("required", True) else ""
    return f"<h2>{escape(label)}{star}</h2>"


def _emoji(it: Json) -> str:
    return f"<span>{escape(it['emoji']['name'])}</span>" if it.get("emoji") else ""

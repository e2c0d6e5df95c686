"""What an article says that comes as a file: its text without markup, its title, and its link.

Pure. The time is proportional to the length, because the file may be anybody's. Nothing that it names is fetched.
"""

import codecs
import html
import re
from dataclasses import dataclass

from bot.briefs.markup import LONGEST_ADDRESS
from bot.errors import BotError, Said

LONGEST = 100_000
"""Most characters of an article: drafting from as many takes up to 1.4 s."""

HTML = (".html", ".htm")
KINDS = (".txt", ".text", ".md", ".markdown", *HTML)
"""Endings of the files that are read."""

NO_TEXT_FILE = Said("is no file of text; send it as .txt, .md or .html, or paste the article into a message")
NO_UTF_8 = Said("is not UTF-8; save it with the encoding UTF-8, or paste the article into a message")
TOO_LONG = Said("is longer than {longest} characters; give the part that counts", longest=f"{LONGEST:,}")

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LINK = re.compile(r"https?://[^\s<>()\"“”„«»|\]\[]+", re.IGNORECASE)
_NAMED_LINK = re.compile(r"!?\[([^\[\]]{1,1000})\]\(<?https?://[^\s<>)\[]{0,2000}>?\)")
_HEADING = re.compile(r"^#{1,3}[ \t]+(\S.*)", re.MULTILINE)
_LEADING = re.compile(r"^[ \t]*(?:#{1,6}[ \t]+|>[ \t]?|-#[ \t]+|[-*+][ \t]+|\d{1,2}\.[ \t]+)", re.MULTILINE)
_EMPHASIS = re.compile(r"(?<![\w*])\*{1,3}(?=[^\s*])|(?<=[^\s*])\*{1,3}(?![\w*])|__|~~|\|\||`{1,3}")
"""Marks around words; a star between two of them, as in 2*3, is none."""
_TAG = re.compile(r"/?([a-z][a-z0-9]{0,20}|[!?])", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:href|content)\s{0,5}=\s{0,5}[\"']?(https?://[^\s\"'<>]+)", re.IGNORECASE)
_OWN_LINK = re.compile(r"rel\s{0,5}=\s{0,5}[\"']?canonical\b|property\s{0,5}=\s{0,5}[\"']?og:url\b", re.IGNORECASE)
_WITHIN_LINE = frozenset(
    "a abbr b big cite code em font i img mark q s small span strong sub sup time tt u var wbr".split()
)
_LEFT_OUT = frozenset("noscript script style svg template textarea title".split())
"""Elements without text that belongs to the article."""


@dataclass(frozen=True, slots=True)
class Article:
    """The text of an article, a paragraph a line. ``title`` and ``link`` are "" if it does not say them."""

    text: str
    title: str = ""
    link: str = ""


def is_text(name: str) -> bool:
    """Return whether a file of this name is one of text."""
    return name.lower().endswith(KINDS)


def read_article(name: str, content: bytes) -> Article:
    """Return the article that a file holds. Raises BotError if it cannot be read; the message follows the file's name.

    The kind is what the end of ``name`` says.
    """
    if not is_text(name):
        raise BotError(NO_TEXT_FILE)
    written = _decoded(content)
    article = of_html(written) if name.lower().endswith(HTML) else of_markdown(written)
    if len(article.text) > LONGEST:
        raise BotError(TOO_LONG)
    return article


def of_markdown(text: str) -> Article:
    """Return the article that a text has, without marks of Markdown: of Discord, or of a file."""
    title = _HEADING.search(text)
    plain = _EMPHASIS.sub("", _LEADING.sub("", _NAMED_LINK.sub(r"\1", text)))
    return Article(plain, _EMPHASIS.sub("", title[1]).strip() if title else "", first_link(text))


def first_link(text: str) -> str:
    """Return the first web address of a text that a brief may have; "" without one."""
    links = (link[0].rstrip(".,;:!?'’*_~`") for link in _LINK.finditer(text))
    return next((link for link in links if len(link) <= LONGEST_ADDRESS), "")


def _decoded(content: bytes) -> str:
    encoding = next((name for mark, name in _BOMS if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        raise BotError(NO_UTF_8) from None
    if "\0" in text:
        raise BotError(NO_TEXT_FILE)
    return text


def of_html(page: str) -> Article:
    """Return the article of a web page that somebody has saved."""
    texts: list[str] = []
    title = link = within = ""
    for number, piece in enumerate(page.split("<")):  # each begins with a tag, but for the first
        if within == "!--" or (number and piece.startswith("!--")):
            _, end, text = piece.partition("-->")
            within = "" if end else "!--"
            texts.append(_flowing(text))
            continue
        tag, _, text = piece.partition(">")
        named = _TAG.match(tag) if number else None
        if named is None:
            texts += [] if within else [_flowing(f"<{piece}" if number else piece)]
            continue
        name = named[1].lower()
        if within:
            within = "" if name == within and tag.startswith("/") else within
        elif name in _LEFT_OUT and not tag.startswith("/"):
            within = "" if tag.endswith("/") else name
            title = title or (text if name == "title" else "")
        if name in ("link", "meta") and not link and _OWN_LINK.search(tag) and (found := _ADDRESS.search(tag)):
            link = html.unescape(found[1])
        if not within:
            texts += [] if name in _WITHIN_LINE else ["\n"]
            texts.append(_flowing(text))
    said = html.unescape("".join(texts))
    return Article(said, " ".join(html.unescape(title).split()), link if len(link) <= LONGEST_ADDRESS else "")


def _flowing(text: str) -> str:
    """Return a text of a page, in which line ends are spaces."""
    return re.sub(r"\s+", " ", text)

r"""Carries the Markdown of Discord and of web sites into the small kind of briefs, which bot/briefs/markup.py reads.

What the small kind has not becomes plain text that reads the same, and each such loss is named.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import takewhile
from typing import TYPE_CHECKING

from bot.briefs.markup import LONGEST_ADDRESS, is_web_address, read
from bot.language.texts import shortened

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

MOST = 2000
"""Characters of a text that are carried. A longer one is too long for a brief in any case, and stays as it is."""

_SHOWN = 60
"""Characters of a bare address that are shown."""

_FENCE = re.compile(r"[ \t]*```(?:([A-Za-z0-9_+#.-]{0,20})[ \t]*\n)?(.*?)\n?[ \t]*```[ \t]*", re.DOTALL)
_HEADING = re.compile(r"(?:#{1,6}|-#) +(.*?)(?: +#+)?\s*")
_QUOTE = re.compile(r" {0,3}>(?:>>)? ?")
_RULE = re.compile(r" {0,3}([-*_])(?: *\1){2,} *")
_BREAK = re.compile(r" *<br ?/?> *", re.IGNORECASE)
_SPOILER = re.compile(r"\|\|(?=\w)(.+?)\|\|", re.DOTALL)
_EMOJI = re.compile(r"<a?(:\w{1,32}:)\d{1,20}>")
_COMMAND = re.compile(r"<(/[\w\- ]{1,100}):\d{1,20}>")
_MENTION = re.compile(r"<(?:[@#][!&]?\d{1,20}|t:-?\d{1,20}(?::[A-Za-z])?|id:[a-z-]{1,20})>")
_TAG = re.compile(r"</?[a-zA-Z][\w-]{0,20}(?: [^<>\n]{0,200})?/?>")
_ADDRESS = re.compile(r"https://[^\s<>\"“”„«»`*|]+")
_TABLE = re.compile(r"^\s*\|.*\|\s*$", re.MULTILINE)
_MARK = re.compile(r"[\\*`\[\]]")
_IN_LINK = str.maketrans({"\\": "%5C", "(": "%28", ")": "%29"})


@dataclass(frozen=True, slots=True)
class Carried:
    """A text in the small kind, and what of the original it has not, as ends of the sentence "… was lost"."""

    text: str
    losses: tuple[str, ...]


def carried(text: str) -> Carried:
    """Return ``text`` in the small kind of Markdown. Its time is bounded."""
    text = "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")).strip()
    if len(text) > MOST:
        return Carried(text, (f"Markdown: a text of more than {MOST:,} characters stays as it is written",))
    losses: dict[str, None] = {}
    writing = _Carrying(losses)
    for part, language in _parts(text):
        if language is None:
            writing.prose(part)
        else:
            writing.block(part, language)
    return Carried(_simplest(writing.pieces), tuple(losses))


def _parts(text: str) -> Iterator[tuple[str, str | None]]:
    """Yield the text piece by piece: prose with None, and what stands in a block of code with its language.

    On Discord a block may begin and end within a line.
    """
    at = 0
    for block in _FENCE.finditer(text):
        if not block[2].strip() or "`" in (text[block.start(2) - 1 : block.start(2)] * (block[1] is not None)):
            continue
        yield text[at : block.start()], None
        yield block[2], block[1] or ""
        at = block.end()
    yield text[at:], None


@cache
def _reader() -> "MarkdownIt":
    """Return markdown-it with what stands within a line. It is imported here because that takes 80 ms."""
    from markdown_it import MarkdownIt

    class Reader(MarkdownIt):
        def validateLink(self, _url: str) -> bool:  # noqa: N802
            return True

        def normalizeLink(self, url: str) -> str:  # noqa: N802
            return url

    inline = ["reference", "escape", "backticks", "emphasis", "strikethrough", "link", "image", "autolink"]
    return Reader("zero").enable(inline).disable("text_join")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A piece of what is written: a literal text, in which no mark may act, or marks."""

    text: str
    literal: bool


class _Carrying:
    """Writes a text in the small kind, piece by piece, and notes what is lost."""

    def __init__(self, losses: dict[str, None]) -> None:
        self.pieces: list[_Piece] = []
        self._losses = losses

    def block(self, code: str, language: str) -> None:
        """Write a block of code on lines of its own."""
        fence = "```" if "```" not in code else "`" * 4
        begun = "\n" if self.pieces and not self.pieces[-1].text.endswith("\n") else ""
        self._marks(f"{begun}{fence}{language}\n{code}\n{fence}\n")

    def prose(self, text: str) -> None:
        """Write paragraphs, line by line as they stand."""
        if self.pieces:
            text = text.removeprefix("\n")
        if _TABLE.search(text):
            self._lose("a table is shown with its bars")
        text = "\n".join(map(self._line, text.split("\n")))
        at = 0
        lines = text.split("\n")
        for token in _reader().parse(text):
            if token.type != "inline" or not token.map:
                continue
            start, end = token.map
            self._literal("\n" * (start - at + (at > 0)))
            self._inline(token.children or [])
            at = end
        self._literal("\n" * (len(lines) - at))

    def _line(self, line: str) -> str:
        """Return a line without what marks it as a heading, a quotation or a rule."""
        if _RULE.fullmatch(line):
            self._lose("a rule across the text is left out")
            return ""
        if quote := _QUOTE.match(line):
            self._lose("a quotation (>) is plain text")
            line = line[quote.end() :]
        if heading := _HEADING.fullmatch(line):
            self._lose("a heading (#) is bold text" if "*" not in line else "a heading (#) is plain text")
            line = heading[1] if "*" in line or not heading[1] else f"**{heading[1]}**"
        return line

    def _inline(self, tokens: Iterable["Token"]) -> None:
        coming = iter(tokens)
        for token in coming:
            match token.type:
                case "code_inline":
                    self._code(token.content)
                case "link_open" | "autolink_open":
                    self._link(token, list(takewhile(lambda inner: inner.type != "link_close", coming)))
                case "image":
                    self._lose(f"the image {token.attrs['src']} is left out, and its description is text")
                    self._text(token.content)
                case "text_special":
                    self._literal(token.content)
                case "hardbreak":
                    self._literal("\n")
                case "text":
                    self._text(token.content)
                case _:
                    self._mark(token)

    def _mark(self, token: "Token") -> None:
        """Write a mark that begins or ends bold or italic text; what is struck through is shown plain."""
        if token.type in ("s_open", "s_close"):
            self._lose("text that is struck through (~~) is shown plain")
            return
        if token.markup == "__":
            self._lose("underlined text (__) is bold")
        self._marks("*" * len(token.markup))

    def _text(self, text: str) -> None:
        """Write text of which addresses become links; what only Discord knows is put into words as far as that goes."""
        if "<" in text:
            text = _BREAK.sub("\n", text)
            text = self._replaced(_EMOJI, text, r"\1", "an emoji of a server ({}) is its name")
            text = self._replaced(_COMMAND, text, r"\1", "the link to a command ({}) is its name")
            for pattern, what in ((_MENTION, "a mention"), (_TAG, "HTML")):
                for found in pattern.finditer(text):
                    self._lose(f"{what} ({found[0]}) is shown as it is written")
        if "||" in text:
            text = self._replaced(_SPOILER, text, r"\1", "a hidden text ({}) is shown")
        at = 0
        for found in _ADDRESS.finditer(text):
            address = _without_end(found[0])
            if len(address) <= LONGEST_ADDRESS and is_web_address(address, "https"):
                self._literal(text[at : found.start()])
                shown = shortened(address.removeprefix("https://"), _SHOWN)
                self._linked([_Piece(shown, literal=True)], address)
                at = found.start() + len(address)
        self._literal(text[at:])

    def _replaced(self, pattern: re.Pattern[str], text: str, by: str, loss: str) -> str:
        for found in pattern.finditer(text):
            self._lose(loss.format(found[0][:60]))
        return pattern.sub(by, text)

    def _link(self, token: "Token", inner: list["Token"]) -> None:
        address = str(token.attrs["href"])
        if token.type == "autolink_open" or token.markup == "autolink":
            self._text(address)
            return
        name = _Carrying(self._losses)
        name._inline(inner)
        if "title" in token.attrs:
            self._lose(f"the title of a link ({token.attrs['title']}) is left out")
        if not any(piece.text.strip() for piece in name.pieces):
            self._text(address)
        elif len(address) <= LONGEST_ADDRESS and is_web_address(address, "https"):
            self._linked(name.pieces, address)
        else:
            self._lose(f"the link {address} is plain text, for it is no https address")
            self.pieces += [*name.pieces, _Piece(f" ({address})", literal=True)]

    def _linked(self, name: list[_Piece], address: str) -> None:
        plain = [_Piece(re.sub(r"\n+", " ", piece.text), piece.literal) for piece in name]
        self.pieces += [_Piece("[", literal=False), *plain, _Piece(f"]({address.translate(_IN_LINK)})", literal=False)]

    def _code(self, code: str) -> None:
        fence = next(fence for n in range(1, len(code) + 2) if (fence := "`" * n) not in re.findall("`+", code))
        space = " " if "`" in (code[:1], code[-1:]) else ""
        self._marks(f"{fence}{space}{code}{space}{fence}")

    def _lose(self, what: str) -> None:
        self._losses[what] = None

    def _marks(self, text: str) -> None:
        self.pieces.append(_Piece(text, literal=False))

    def _literal(self, text: str) -> None:
        if text:
            self.pieces.append(_Piece(text, literal=True))


def _without_end(address: str) -> str:
    """Return an address without the signs of the sentence that it stands in."""
    bare = address.rstrip(".,;:!?'’”]")
    while bare.endswith(")") and bare.count(")") > bare.count("("):
        bare = bare[:-1].rstrip(".,;:!?")
    return bare


def _simplest(pieces: Iterable[_Piece]) -> str:
    """Return the pieces as one text, with the fewest backslashes with which it reads as it is meant."""
    pieces = list(pieces)
    safe = "".join(_MARK.sub(r"\\\g<0>", piece.text) if piece.literal else piece.text for piece in pieces).strip()
    plain = "".join(piece.text for piece in pieces).strip()
    return plain if read(plain).markdown == read(safe).markdown else safe

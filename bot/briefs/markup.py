r"""The small Markdown of summaries and facts: **bold**, *italic*, `code`, blocks of code and [text](https://…).

All else reads as it is written. A backslash takes the effect of the mark behind it away: of \ * ` [ and ].
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import takewhile
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.errors import Said

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

LONGEST_ADDRESS = 500
"""Characters that an address may have."""

_MARKS = "\\*`[]"
_ANY_MARK = re.compile(r"[\\*`\[]")
_LINK = re.compile(r"\[([^\[\]]*)(\]\(https://[^\s()]*\))")
_LANGUAGE = re.compile(r"[A-Za-z0-9_+#.-]{0,20}")
_LEFT_OVER = re.compile(
    r"\*\*|```|\[[^\[\]\n]*\]\((?=\S)|~~(?=\w)|\|\|(?=\w)|^(?:#{1,3}|-#|>>?>?) (?=\S)", re.MULTILINE
)

_MARKDOWN = str.maketrans({char: "\\" + char for char in "\\*_~|`<>[]#@"})
_IN_LINK = str.maketrans({"\\": "%5C", "(": "%28", ")": "%29"})  # what would end a link early
_LIST_MARK = re.compile(r"(?:^|(?<=\r))([^\S\r\n]*\d*)([-+.])", re.MULTILINE)  # no \s: blank lines would take seconds
_INVITE = re.compile(r"(discord(?:app)?\.[a-z]{2,5}|dis\.gd)/", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Text:
    """A text as it was written, as plain text with each address behind its link, and as Discord's Markdown."""

    written: str
    plain: str
    markdown: str


def read(written: str) -> Text:
    """Return what a text says. Its time is bounded for texts as long as a brief may have them."""
    if not _ANY_MARK.search(written):
        return Text(written, written, neutralised(written))
    writing = _written(written)
    return Text(written, writing.plain, writing.markdown)


def doubts(written: str) -> Iterator[str]:
    """Yield what of a text may not look as it is meant: marks within words, and marks without effect."""
    if not _ANY_MARK.search(written) and not _LEFT_OVER.search(written):
        return
    yield from dict.fromkeys(_written(written).doubts)


def without_marks(written: str) -> str:
    """Return a text with a space in place of each mark and address, so that every word stays where it is."""
    return re.sub("[*`]", " ", _LINK.sub(lambda found: f" {found[1]}{' ' * len(found[2])}", written))


def is_web_address(address: str, *schemes: str) -> bool:
    """Whether ``address`` leads to a host over one of ``schemes``, and holds nothing that cannot be seen."""
    try:
        parts = urlsplit(address)
        usable = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return usable and address.isprintable() and not re.search(r"[\s<>]", address)


def neutralised(text: str) -> str:
    """Return ``text`` so that Discord shows each character as written: no formatting, mention, link or emoji code.

    A translation table, because the library's own escaping takes seconds on a text of brackets.
    """
    escaped = _LIST_MARK.sub(r"\1\\\2", text.translate(_MARKDOWN)).replace("://", r":\//")
    return _INVITE.sub(r"\1\\/", escaped)


def link(name: str, address: str) -> str:
    """Return Discord's Markdown of a link: its name is the text of it, or stands before it.

    Discord shows backslashes in the text of a link, and makes no link of one whose text has an address in it.
    """
    escaped = neutralised(name)
    return masked(name, address) if escaped == name else f"{escaped} ({masked('link', address)})"


def masked(markdown: str, address: str) -> str:
    """Return Discord's Markdown of a link whose text is ``markdown``, without a preview of what it leads to."""
    return f"[{markdown}](<{address.translate(_IN_LINK)}>)"


@cache
def _reader() -> "MarkdownIt":
    """Return markdown-it with the small kind alone, and every address as it is written.

    It is imported here because that takes 80 ms, and a base without marks does not need it.
    """
    from markdown_it import MarkdownIt

    class Reader(MarkdownIt):
        def validateLink(self, url: str) -> bool:  # noqa: N802
            return len(url) <= LONGEST_ADDRESS and is_web_address(url, "https")

        def normalizeLink(self, url: str) -> str:  # noqa: N802
            return url

    small = ["fence", "escape", "backticks", "emphasis", "link", "image"]  # images are to be told from links
    return Reader("zero").enable(small).disable("text_join")  # which hides where a backslash was


def _written(text: str) -> "_Writing":
    """Return a text with what markdown-it finds in it; blank lines between its blocks stay."""
    writing = _Writing()
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    at = -1
    for token in _reader().parse(text):
        if not token.map or token.type == "paragraph_open":
            continue
        start, end = token.map
        writing.literal("\n" * (start - max(at, 0) + (at >= 0)))
        if token.type == "inline":
            writing.inline(token.children or [])
        elif _is_block(token, lines[start:end]):
            writing.block(token.info.strip(), token.content)
        else:
            writing.literal("\n".join(lines[start:end]))
        at = end
    writing.flush()
    return writing


def _is_block(token: "Token", lines: Sequence[str]) -> bool:
    """Whether a block of code has a line of backticks before and behind it, with nothing there that would be lost."""
    closed = len(lines) > 1 and lines[-1].strip().startswith(token.markup) and not lines[-1].strip().strip("`")
    return closed and bool(token.content.strip()) and bool(_LANGUAGE.fullmatch(token.info.strip()))


class _Writing:
    """Text that is written twice at once, as plain text and as Discord's Markdown, with doubts about its marks."""

    def __init__(self) -> None:
        self._plain: list[str] = []
        self._markdown: list[str] = []
        self._pending = ""  # what is between two marks is made inert as one, or an address could be in two parts
        self._ended = ""
        self.fits_link = True
        """Whether Discord shows it as it is in the text of a link: without backslashes, brackets and addresses."""
        self.doubts: list[str] = []

    @property
    def plain(self) -> str:
        return "".join(self._plain)

    @property
    def markdown(self) -> str:
        return "".join(self._markdown)

    def literal(self, text: str) -> None:
        """Write text in which every character is shown."""
        if found := _LEFT_OVER.search(text):
            self.doubts.append(Said("{mark} has no effect here and is shown as it is", mark=repr(found[0])))
        self._pending += text

    def inline(self, tokens: Iterable["Token"]) -> None:
        """Write what stands within a paragraph."""
        coming = iter(tokens)
        for token in coming:
            match token.type:
                case "code_inline":
                    self._code(token.content)
                case "link_open":
                    self._link(token, list(takewhile(lambda inner: inner.type != "link_close", coming)))
                case "strong_open" | "em_open" | "strong_close" | "em_close" if token.markup[0] == "*":
                    self._mark(token.markup, opens=token.nesting == 1)
                case _:
                    self.literal(self._as_written(token))

    def block(self, language: str, code: str) -> None:
        """Write a block of code, from which nothing can break out."""
        inert = re.sub("`(?=`)", "`\u200b", code)
        self._write(code.rstrip("\n"), f"```{language}\n{inert}```")

    def flush(self) -> None:
        """Write what is still held back of the text before."""
        if text := self._pending:
            self._pending = ""
            self.fits_link &= neutralised(f"a{text}") == f"a{text}"
            self._write(text, self._neutralised(text))

    def _write(self, plain: str, markdown: str) -> None:
        self.flush()
        if self._ended and plain[:1].isalnum():
            self._doubt(self._ended)
        self._ended = ""
        self._plain.append(plain)
        self._markdown.append(markdown)

    def _neutralised(self, text: str) -> str:
        """Return text as Discord shows it; what could begin a list does so only where a line begins."""
        begins = not self._markdown or self._markdown[-1].endswith("\n")
        return neutralised(text) if begins else neutralised(f"a{text}")[1:]

    def _as_written(self, token: "Token") -> str:
        """Return the characters of a token without effect; a backslash before one of our marks is not shown."""
        if token.type == "text_special" and token.content in _MARKS:
            if token.content == "\\":
                self.doubts.append(Said("two backslashes are shown as one; write four to show two"))
            return token.content
        if token.type == "image":
            return f"![{token.content}]({token.attrs['src']}{_title(token)})"
        return "\\\n" if token.type == "hardbreak" else token.markup or token.content

    def _mark(self, mark: str, *, opens: bool) -> None:
        self.flush()
        if opens:
            self._begin(mark)
            # Discord would take the marks for one where what ends touches what begins.
            self._markdown.append(f"\u200b{mark}" if self._ended else mark)
            return
        self._markdown.append(mark)
        self._ended = mark

    def _begin(self, mark: str) -> None:
        self.flush()
        if self._plain and self._plain[-1][-1:].isalnum():
            self._doubt(mark)

    def _doubt(self, mark: str) -> None:
        self.doubts.append(
            Said("{mark} beside a letter or digit is formatting; write \\ before it to show it", mark=repr(mark))
        )

    def _code(self, code: str) -> None:
        """Write code between as many backticks as it has not itself; Discord takes one or two."""
        fence = next((fence for fence in ("`", "``") if fence not in re.findall("`+", code)), "")
        space = " " if "`" in (code[0], code[-1]) else ""
        self._begin("`")
        self.fits_link &= not re.search(r"[\[\]]|://", code) and not _INVITE.search(code)
        self._write(code, f"{fence}{space}{code}{space}{fence}" if fence else self._neutralised(code))
        self._ended = "`"

    def _link(self, token: "Token", inner: Sequence["Token"]) -> None:
        name, address = _Writing(), str(token.attrs["href"])
        name.inline(inner)
        name.flush()
        self.doubts += name.doubts
        plain, markdown = (text.replace("\n", " ") for text in (name.plain, name.markdown))
        if _title(token) or not plain.strip():
            self.literal(f"[{plain}]({address}{_title(token)})")
            return
        self._write(
            plain if plain == address else f"{plain} ({address})",
            masked(markdown, address) if name.fits_link else f"{markdown} ({masked('link', address)})",
        )


def _title(token: "Token") -> str:
    return f' "{token.attrs["title"]}"' if "title" in token.attrs else ""

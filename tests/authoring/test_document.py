"""The text of an article in a file, of each kind that is read, without markup, and what is refused with what to do."""

import time
from contextlib import suppress

import pytest

from bot.authoring.article.document import KINDS, LONGEST, NO_TEXT_FILE, NO_UTF_8, TOO_LONG, Article, read_article
from bot.errors import BotError

PAGE = """<!DOCTYPE html><html><head><title>Bridge
 closed &amp; shut</title><link href="https://example.org/bridge?a=1&amp;b=2" rel="canonical">
<meta property="og:url" content="https://example.org/og"><style>p {color: red}</style></head>
<body><script>var a = "<p>No word.</p>" < 3;</script><nav>Home</nav><!-- <p>Not this.</p> -->
<h1>Bridge closed</h1><p>The Velden Bridge is <b>closed</b>,
says the <a href="https://example.org">HBA</a> &ldquo;for now&rdquo;.<p>Cables have 14&nbsp;cracks.<br>They grow.
<img src="x" alt="3"> 3 < 4</body></html>"""


def test_of_a_page_the_text_the_title_and_its_own_link_are_read_and_nothing_that_no_reader_sees() -> None:
    article = read_article("a.HTML", PAGE.encode())
    assert (article.title, article.link) == ("Bridge closed & shut", "https://example.org/bridge?a=1&b=2")
    lines = [" ".join(line.split()) for line in article.text.splitlines() if line.strip()]
    assert lines == [
        "Home",
        "Bridge closed",
        "The Velden Bridge is closed, says the HBA “for now”.",
        "Cables have 14 cracks.",
        "They grow. 3 < 4",
    ]


def test_marks_of_markdown_are_left_out_and_the_first_heading_and_link_are_known() -> None:
    text = "# **Bridge** closed\n> The [HBA](https://example.org/a) *closed* it.\n- ||14|| `cracks`, 2*3 * 4.\n1. https://b.c"
    article = read_article("a.md", text.encode())
    assert (article.title, article.link) == ("Bridge closed", "https://example.org/a")
    assert article.text == "Bridge closed\nThe HBA closed it.\n14 cracks, 2*3 * 4.\nhttps://b.c"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_text_is_read_in_each_encoding_that_can_be_told(encoding: str) -> None:
    assert read_article("a.txt", "Über 14 Risse.".encode(encoding)) == Article("Über 14 Risse.")


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.pdf", b"%PDF", NO_TEXT_FILE),
        ("a.docx", b"PK", NO_TEXT_FILE),
        ("a", b"text", NO_TEXT_FILE),
        ("txt", b"text", NO_TEXT_FILE),
        ("a.txt", b"PK\0\1", NO_TEXT_FILE),
        ("a.txt", "Über".encode("cp1252"), NO_UTF_8),
        ("a.txt", b"\xff\xfea", NO_UTF_8),
        ("a.txt", b"a" * (LONGEST + 1), TOO_LONG),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_do(name: str, content: bytes, why: str) -> None:
    with pytest.raises(BotError) as refused:
        read_article(name, content)
    assert str(refused.value) == why


PIECES = [
    "<",
    "<!--",
    "<script>",
    "<p",
    "<a href=",
    "&",
    "&#",
    "[",
    "[a](",
    "![",
    "*",
    "<title>",
    "<link rel=",
    "# ",
    "](<",
    "<!-->",
]


@pytest.mark.slow
@pytest.mark.parametrize("piece", PIECES)
def test_the_time_grows_with_the_length_alone_whatever_a_file_holds(piece: str) -> None:
    see_that_it_is_read_within(3, piece, 300_000)


def see_that_it_is_read_within(seconds: float, piece: str, length: int) -> None:
    """A square law would take several times as long; the limit is no measure of speed."""
    content = (piece * (length // len(piece))).encode()
    for kind in (".html", ".md"):
        started = time.process_time()
        with suppress(BotError):  # some are longer than an article may be
            read_article(f"a{kind}", content)
        assert time.process_time() - started < seconds, kind


def test_each_kind_is_read() -> None:
    assert all(read_article(f"a{kind}", b"Words.").text.strip() == "Words." for kind in KINDS)

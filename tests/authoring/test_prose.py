"""Of what was copied from a page, the sentences of the article stay and the page around them goes."""

import time

import pytest

from bot.authoring.article.prose import prose


@pytest.mark.parametrize(
    "line",
    [
        "More troops from the border died on Monday.",
        "Privacy advocates said that the law went too far.",
        "Share prices fell by half on Monday morning.",
        "Subscribers of the phone company lost their network.",
        "By Monday the river had risen by two metres.",
        "Cookies made by the baker were sold in the square.",
        "Follow the money, the judge told the reporters.",
        "He said: “We will not leave the harbour.”",
        "Support for the mayor has shrunk (by half!)",
        "Это длинное предложение о пруде.",
    ],
)
def test_a_sentence_that_only_looks_like_furniture_stays(line: str) -> None:
    assert prose(line) == [line]


@pytest.mark.parametrize(
    "line",
    [
        "Home | World | Sport",
        "By Anna Lind and Tom Berg, Science correspondents",
        "Published: 3 May 2024, at noon in Velden.",
        "Follow us on Instagram and on our other channels.",
        "Share this article on Facebook, by mail or in print.",
        "Subscribe to our newsletter to get the latest news.",
        "Sign up for our newsletter to get news in your inbox.",
        "Related: the bridges that nobody wanted to build.",
        "Read more: ten bridges to see before you die.",
        "Photo: the bridge of Velden, seen from the harbour.",
        "Advertisement - continue reading the main story below.",
        "Additional reporting by Sue Lee in the harbour.",
        "(Reporting by Ken Mori; editing by Sue Lee in Velden.)",
        "We use cookies to give you the best experience on our website.",
        "Copyright 2024 by the Velden Post and its owners.",
        "© 2024 Velden Post and its many owners.",
        "Velden Post. All rights reserved by the owners.",
        "Join the conversation in the comments below this.",
        "A volcano has erupted for the third time...",
        "A volcano has erupted for the third time…",
        "www.example.org/a-long-address-of-a-page.",
        "A headline that has no full stop at its end",
        "Yes, we can.",
    ],
)
def test_furniture_is_left_out(line: str) -> None:
    assert prose(line) == []


def test_lines_that_were_wrapped_are_joined() -> None:
    text = "The bridge over the harbour was closed by the authority after a\nlong night, and the\nmayor\n\nsaid so.\n"
    assert prose(text) == []
    assert prose(text.replace("a\nlong", "a long")) == []
    assert prose(text.replace("\n\n", "\n")) == [" ".join(text.split())]


def test_a_teaser_is_not_joined_to_the_line_below() -> None:
    teaser = "A volcano on the island of Tamoa has erupted for the third time in this…"
    assert prose(f"{teaser}\nThe bridge is closed now.") == ["The bridge is closed now."]


def test_a_heading_is_not_joined_to_the_paragraph_below() -> None:
    assert prose("A bridge is closed\nThe bridge over the harbour is closed.") == [
        "The bridge over the harbour is closed."
    ]


def test_where_a_report_was_sent_from_and_addresses_are_cut() -> None:
    text = "TOKYO (Wire) - The robots are idle, see https://example.org/robots or ask robots@example.org for more."
    assert prose(text) == ["The robots are idle, see or ask for more."]


def test_a_paragraph_that_is_printed_twice_is_kept_once() -> None:
    assert prose("The bridge is closed now.\n\nThe bridge is closed now.") == ["The bridge is closed now."]


@pytest.mark.parametrize("junk", ["a" * 100_000, "-" * 50_000, ". " * 20_000, "A. " * 20_000, "“‘" * 20_000])
def test_junk_is_read_in_little_time(junk: str) -> None:
    started = time.process_time()
    prose(f"{junk} so it is said.")
    assert time.process_time() - started < 2

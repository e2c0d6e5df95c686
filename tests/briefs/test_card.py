"""What a member reads: the admin's words exactly as written, as Discord's Markdown and as plain text."""

import re
import string
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.briefs.brief import Brief, BriefBase
from bot.briefs.card import card_of
from bot.briefs.card_text import MAX_CARD, REPLACES, card_length, markdown, plain, standing
from bot.briefs.markup import neutralised
from tests.brief_files import PROPERTY, a_brief, base_of, brief_text, problems_in
from tests.catalogues.made import made

TODAY = date(2024, 12, 1)
LAST = datetime.max.replace(tzinfo=UTC)
MOMENTS = [
    datetime(2024, 10, 20, 12, tzinfo=UTC),
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(1901, 1, 1, tzinfo=UTC),
    LAST,
]
FULL = a_brief(
    "troops",
    title="Troops in Russia",
    summary="One \\*bold\\* **word**.\nSee [a page](https://example.org/p).",
    facts=[
        {"text": "1,500 have arrived.", "by": "NIS", "on": "2024-10-18", "source": 2},
        {"text": "12,000 are expected.", "by": "NIS", "quote": "twelve thousand"},
        {"text": "He called him his `closest comrade`.", "by": "Kim", "quote": "closest comrade"},
        {"text": "More follow."},
    ],
    image={"url": "https://example.org/a.png", "alt": "A quay", "credit": "A photographer"},
    corrections=[{"on": "2024-10-20", "text": "The number was wrong."}],
    status="disputed",
    as_of="2024-10-18",
    expires="2024-12",
    sources=[
        {
            "name": "A report",
            "url": "https://example.org/a",
            "published": "2024-10",
            "archived": "https://example.org/copy",
        },
        {"name": "A paper"},
    ],
    related=["weapons", "ships"],
)
BASE = base_of(FULL, a_brief("ships"), a_brief("weapons", title="Weapons"))

LINK = re.compile(r"\[((?:\[[^\]]*\]|[^\[\]]|\](?=[^\[]*\]))*)\]\(\s*<?((?:\([^)]*\)|[^\s\\]|\\.)*?)>?\s*\)")
"""A masked link as simple-markdown, on which Discord's reader is built, reads it."""
LIVE_LINE = re.compile(r"^\s*(?:[-+]|\d+\.)(?:\s|$)", re.MULTILINE)

SIGNS = st.text("\\*_~|`<>[]()#@-+.:/!&? \n12aé", max_size=60)
TEXT = st.builds(str.__add__, SIGNS, st.sampled_from("aé1"))
LINE = TEXT.map(lambda text: " ".join(text.split()))
FACT = st.fixed_dictionaries({"text": LINE}, optional={"by": LINE})
SOURCE = st.fixed_dictionaries(
    {"name": LINE}, optional={"url": st.sampled_from(["http://a", "https://a.b/c_d_e?f=*g*#h"])}
)
FACTS = [{"text": f"{n} " + "y" * 290} for n in range(10)]
BRIEFS = st.builds(
    a_brief,
    title=LINE,
    summary=TEXT,
    facts=st.lists(FACT, max_size=4),
    status=st.sampled_from(["reported", "confirmed", "disputed", "opinion"]),
    expires=st.sampled_from(["2024-10", "2025-10-18"]),
    sources=st.lists(SOURCE, min_size=1, max_size=5),
)


def read(block: str) -> tuple[str, str]:
    """Return what Discord shows of Markdown, and the same with a NUL for each character that a backslash disarms."""
    pairs = re.findall(rf"\\([{re.escape(string.punctuation)}])|([\s\S])", block)
    return "".join(a or b for a, b in pairs), "".join("\0" if a else b for a, b in pairs)


def assert_shown_as_written(block: str, text: str) -> None:
    shown, live = read(block)
    assert shown == text
    assert not set("*_~|`<>[]#@") & set(live)
    assert "://" not in live
    assert not LIVE_LINE.search(re.sub("\r\n?", "\n", live))


def test_a_card_in_full_as_plain_text() -> None:
    assert plain(card_of(FULL, BASE, TODAY)).splitlines() == [
        "Troops in Russia",
        "Disputed · as of 18 October 2024",
        "May be out of date since December 2024.",
        "Corrected on 20 October 2024: The number was wrong.",
        "",
        "One *bold* word.",
        "See a page (https://example.org/p).",
        "",
        "- NIS: 1,500 have arrived. (18 October 2024; source 2)",
        "- NIS: 12,000 are expected. “twelve thousand”",
        "- Kim: He called him his closest comrade.",
        "- More follow.",
        "",
        "A quay (https://example.org/a.png)",
        "Image: A photographer",
        "",
        "Source 1: A report (https://example.org/a) · October 2024 · archived: https://example.org/copy",
        "Source 2: A paper",
        "Related: Weapons; Ships",
    ]


def test_a_card_in_full_as_markdown() -> None:
    assert markdown(card_of(FULL, BASE, TODAY)) == (
        "### Troops in Russia\n**Disputed** · as of 18 October 2024\n⚠️ **May be out of date since December 2024.**\n"
        "Corrected on 20 October 2024: The number was wrong.",
        "One \\*bold\\* **word**.\nSee [a page](<https://example.org/p>).",
        "- **NIS**: 1,500 have arrived. (18 October 2024; source 2)\n"
        "- **NIS**: 12,000 are expected. “twelve thousand”\n"
        "- **Kim**: He called him his `closest comrade`.\n- More follow.",
        "-# A quay\n-# Image: A photographer",
        "-# Source 1: [A report](<https://example.org/a>) · October 2024 · [archived](<https://example.org/copy>)\n"
        "-# Source 2: A paper",
    )


def test_the_smallest_card_has_no_empty_parts() -> None:
    card = card_of(a_brief(), BriefBase(), TODAY)
    assert plain(card) == "Ships\nReported · as of October 2024\n\nShips carry things.\n\nSource: A report"
    assert markdown(card) == (
        "### Ships\n**Reported** · as of October 2024",
        "Ships carry things.",
        "-# Source: A report",
    )


def test_a_reference_makes_no_claim() -> None:
    card = card_of(a_brief(status="reference"), BriefBase(), TODAY)
    assert standing(card) == "As of October 2024"
    assert "eference" not in plain(card) + "".join(markdown(card))


def test_a_speaker_is_named_once_above_what_he_says_in_a_row_where_that_is_shorter() -> None:
    said = [("a", "A"), ("b", "B" * 16), ("c", "B" * 16), ("d", "B" * 16), ("e", "A"), ("f", "A")]
    facts = [{"text": text, "by": by} for text, by in said] + [{"text": "g"}]
    _, _, block, _ = markdown(card_of(a_brief(facts=facts), BriefBase(), TODAY))
    bees = "B" * 16
    assert block == f"- **A**: a\n- **{bees}**:\n  - b\n  - c\n  - d\n- **A**: e\n- **A**: f\n- g"


def test_a_fact_that_is_a_block_of_code_has_no_bullet_before_it() -> None:
    code = "```py\nx = 1\n```"
    _, _, block, _ = markdown(card_of(a_brief(facts=[{"text": code}, {"text": code, "by": "A"}]), BriefBase(), TODAY))
    assert block == f"{code}\n- **A**:\n{code}"


@pytest.mark.parametrize(("title", "named"), [("Ships", True), ("x" * 100, False)])
def test_a_card_says_that_it_replaces_what_was_asked_for_and_stays_within_its_limit(title: str, named: bool) -> None:
    facts = [{"text": f"{n}" + "x" * 290} for n in range(11)]
    room = MAX_CARD - 60 - card_length(a_brief("troops", summary="1", facts=facts, title="Troops"))
    brief = a_brief("troops", title="Troops", summary="1" * room, facts=facts)
    card = card_of(brief, BriefBase(), TODAY, None, a_brief(title=title))
    line = markdown(card)[0].split("\n")[-1]
    assert line == ("-# “Ships” was replaced by this brief." if named else f"-# {REPLACES}")
    assert sum(map(len, markdown(card))) <= MAX_CARD + len(REPLACES)
    assert f"“{title}” was replaced by this brief." in plain(card).splitlines()


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        (None, None),
        (datetime(2024, 10, 20, 12, 0, 0, 400_000, UTC), "-# Last changed <t:1729425600:D>"),
        (datetime(2024, 10, 20, 14, tzinfo=timezone(timedelta(hours=2))), "-# Last changed <t:1729425600:D>"),
        (datetime(1970, 1, 1, tzinfo=UTC), "-# Last changed <t:0:D>"),
    ],
)
def test_a_card_on_discord_ends_with_when_it_was_last_changed_if_that_is_known(
    changed: datetime | None, line: str | None
) -> None:
    brief = FULL.model_copy(update={"corrections": ()})
    *before, foot = markdown(card_of(brief, BASE, TODAY, changed))
    *rest, last = markdown(card_of(brief, BASE, TODAY))
    assert before == rest
    assert foot == (f"{last}\n{line}" if line else last)
    assert plain(card_of(brief, BASE, TODAY, changed)) == plain(card_of(brief, BASE, TODAY))


@pytest.mark.parametrize(("changed", "said"), [(19, False), (20, False), (21, True)])
def test_a_card_says_no_change_that_is_not_later_than_what_was_corrected(changed: int, said: bool) -> None:
    card = card_of(FULL, BASE, TODAY, datetime(2024, 10, changed, 12, tzinfo=UTC))
    assert ("Last changed" in markdown(card)[-1]) is said


@pytest.mark.parametrize(
    ("as_of", "today", "age"),
    [
        ("2024-10-18", date(2025, 4, 16), ""),
        ("2024-10-18", date(2025, 4, 17), "\n<t:1729252800:R>"),
        ("2024-10", date(2025, 4, 13), ""),
        ("2024-10", date(2025, 4, 14), "\n<t:1728993600:R>"),
    ],
)
def test_a_card_of_long_ago_says_how_long(as_of: str, today: date, age: str) -> None:
    card = card_of(a_brief(as_of=as_of), BriefBase(), today)
    assert markdown(card)[0].endswith(f"**Reported** · {standing(card).partition(' · ')[2]}{age}")
    assert standing(card) in plain(card).splitlines()


@pytest.mark.parametrize(
    ("expires", "today", "since"),
    [
        ("2024-12-02", date(2024, 12, 1), None),
        ("2024-12-02", date(2024, 12, 2), "2 December 2024"),
        ("2024-12-02", date(2031, 1, 1), "2 December 2024"),
        ("2024-12", date(2024, 11, 30), None),
        ("2024-12", date(2024, 12, 1), "December 2024"),
    ],
)
def test_a_card_says_from_its_day_on_that_it_may_be_out_of_date(expires: str, today: date, since: str | None) -> None:
    card = card_of(a_brief(expires=expires), BriefBase(), today)
    for text in (plain(card), "\n".join(markdown(card))):
        assert ("out of date" in text) == bool(since)
        assert f"since {since}." in text or not since


@pytest.mark.parametrize(
    "text",
    ["*a* **b** _c_ __d__ ~~e~~ ||f|| `g` ```h```", "# a", "### a\n-# b", "> a\n>>> b", "- a\n  - b\n+ c\n* d",
     "1. a\n23. b", "[a](https://b.c)", "<https://b.c> HTTPS://b.c steam://a", "@everyone @here",
     "<@1> <@&1> <#1> </a:1> <t:1> <:a:1> <id:browse>",
     "\\*a\\* \\\\ \\", "a\r- b\r\n- c", "\n\n- a", "-", "https:https://a", "·_·", "¯\\_(ツ)_/¯"],
)  # fmt: skip
def test_markdown_of_an_admin_is_shown_and_not_obeyed(text: str) -> None:
    assert_shown_as_written(neutralised(text), text)


@PROPERTY
@given(SIGNS)
def test_any_text_is_shown_as_written(text: str) -> None:
    assert_shown_as_written(neutralised(text), text)


@PROPERTY
@given(BRIEFS)
def test_each_block_of_a_card_shows_the_words_of_its_brief(brief: Brief) -> None:
    head, summary, *facts, foot = markdown(card_of(brief, BriefBase(), TODAY))
    title, standing = head.split("\n")[:2]
    assert_shown_as_written(title.removeprefix("### "), brief.title)
    assert standing == f"**{brief.status.capitalize()}** · as of October 2024"
    assert summary == brief.summary.markdown
    assert len(facts) == bool(brief.facts)
    for fact in brief.facts:
        assert fact.text.markdown in facts[0]
        assert not fact.by or f"**{neutralised(fact.by)}**" in facts[0]
    lines = foot.split("\n")
    assert len(lines) == len(brief.sources)
    for line, source in zip(lines, brief.sources, strict=True):
        named = neutralised(source.name)
        masked = f"[{named}](<{source.url}>)" if named == source.name else f"{named} ([link](<{source.url}>))"
        assert re.fullmatch(r"-# Source(?: \d)?: ", line.removesuffix(masked if source.url else named))
        assert_shown_as_written(named, source.name)


@PROPERTY
@given(BRIEFS)
@example(FULL)
def test_the_blocks_of_a_card_are_within_its_limit(brief: Brief) -> None:
    blocks = markdown(card_of(brief, BriefBase(), date.max, LAST))
    assert all(block.strip() for block in blocks)
    described = len(brief.image.alt) if brief.image else 0
    assert sum(map(len, blocks)) + described == card_length(brief) <= MAX_CARD
    for changed in (None, *MOMENTS):
        assert sum(map(len, markdown(card_of(brief, BriefBase(), date.min, changed)))) <= card_length(brief)


@PROPERTY
@given(BRIEFS)
@example(FULL)
def test_plain_text_has_every_word(brief: Brief) -> None:
    text = plain(card_of(brief, BASE, TODAY))
    facts = [part for fact in brief.facts for part in (fact.text.plain, fact.by or "")]
    sources = [part for source in brief.sources for part in (source.name, source.url or "", source.archived or "")]
    related = [BASE.briefs[other].title for other in brief.related]
    for part in [brief.title, brief.summary.plain, brief.status.capitalize(), *facts, *sources, *related]:
        assert part in text


@pytest.mark.parametrize(
    "url", ["https://a.b/c_(d)", "https://a.b/*c*_d_~e~", "https://a.b/c\\", "https://a.b/c)**d**"]
)
def test_an_address_does_not_end_its_own_link(url: str) -> None:
    brief = a_brief(sources=[{"name": "A report", "url": url}])
    *_, foot = markdown(card_of(brief, BriefBase(), TODAY))
    found = LINK.search(foot)
    assert found
    assert foot.endswith(found[0])
    assert not found[2].endswith(">")


@pytest.mark.parametrize(
    "name",
    ["Report [draft]", "[1]", "snake_case_name", "Issue #5", "a | b", "C# & *stars*", "~5", "a\\b", "<b>", "`code`",
     "1. Report", "- Report", "https://example.org/a", "See https://example.org", "@Reuters"],
)  # fmt: skip
def test_a_name_that_discord_would_not_show_in_a_link_stands_before_it(name: str) -> None:
    brief = a_brief(sources=[{"name": name, "url": "https://a.b/c_d"}])
    line = markdown(card_of(brief, BriefBase(), TODAY))[-1].split("\n")[-1]
    assert line == f"-# Source: {neutralised(name)} ([link](<https://a.b/c_d>))"


@pytest.mark.parametrize("expires", [{}, {"expires": "2024-12-02"}], ids=["lasting", "expiring"])
@pytest.mark.parametrize("sign", ["x", "*"], ids=["plain", "escaped"])
def test_a_card_has_at_most_3900_characters(sign: str, expires: dict[str, str]) -> None:
    def text(last: str) -> str:
        facts = [{"text": "x" * 300, "by": "ab"[n % 2] * 80} for n in range(6)]
        facts += [{"text": "x" * 300, "by": "x" * 20}, {"text": f"1{last}"}]
        return brief_text(summary="1" + sign * 900 if sign == "x" else "1" + "\\*" * 450, facts=facts, **expires)

    def length(last: str) -> int:
        brief = a_brief(summary="1", facts=[{"text": f"1{last}"}], **expires)
        return sum(map(len, markdown(card_of(brief, BriefBase(), date.max, LAST))))

    room = MAX_CARD - length("") - 900 - 6 * (2 + 4 + 80 + 2 + 300 + 1) - (2 + 4 + 20 + 2 + 300 + 1)
    assert 0 < room < 299
    assert MAX_CARD == 3900
    assert problems_in(text("x" * room)) == []
    assert problems_in(text("x" * (room + 1)))[0].startswith("1:1: makes a card of 3901 characters")


def test_a_card_that_is_too_long_in_a_language_has_our_own_words_in_english() -> None:
    long_winded = made("de", {"Source: {source}": "Quelle, der dies alles entnommen ist: {source}"})
    length = card_length(a_brief(facts=FACTS))
    for room, source in ((100, "Quelle, der dies alles entnommen ist: A report"), (1, "Source: A report")):
        brief = a_brief(summary="Ships carry things." + "x" * (MAX_CARD - length - room), facts=FACTS)
        blocks = markdown(card_of(brief, BASE, TODAY, LAST, catalogue=long_winded))
        assert sum(map(len, blocks)) <= MAX_CARD
        assert blocks[-1].splitlines()[0] == f"-# {source}"

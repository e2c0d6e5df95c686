"""What admins read: whatever members and files say comes out as words, on one line and within bounds."""

import re
import unicodedata
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.authoring.preview import AnswerChange, Preview
from bot.briefs.change import Action, Difference, Version
from bot.catalogues.catalogue import Catalogue
from bot.catalogues.shipped import shipped
from bot.commands.admin import texts
from bot.commands.admin.differing import differences_text
from bot.commands.admin.effects import effect
from bot.commands.admin.miss_views import heading, miss_line, misses_message
from bot.commands.admin.misses_list import PAGE
from bot.commands.admin.stats_views import stats_text
from bot.commands.admin.texts import (
    code,
    lines_that_fit,
    listed,
    located,
    quoted,
    safe_in_code,
    version_line,
    warning_lines,
)
from bot.errors import Problem
from bot.reports.corrections import Reported
from bot.reports.misses import MissGroup
from bot.reports.report import Day, Stats
from bot.storage.corrections import LONGEST_LINK, LONGEST_TEXT, Correction
from tests.brief_files import ANY_CHARACTER, PROPERTY, a_brief, base_of
from tests.briefs.test_card import LINK, read
from tests.hostile_texts import TEXTS, stored
from tools.fake_discord import Json, components_of
from tools.fake_discord.rules import displayed_text, message_violations

NOON = datetime(2024, 10, 20, 12, tzinfo=UTC)

HOSTILE = {
    "emphasis": "**a** __b__ ~~c~~ ||d|| *e* _f_",
    "headings": "# a\n## b\n-# c\n> d\n>>> e\n- f\n1. g",
    "mentions": "@everyone @here <@1> <@!1> <@&1> <#1> </brief:1> <id:browse>",
    "emoji and times": "<:a:1> <a:a:1> <t:1> <t:1:R>",
    "addresses": "https://evil.example HTTP://evil.example <https://evil.example> discord://a steam://b",
    "invites": "https://discord.gg/abc <https://discord.com/invite/abc>",
    "masked links": "[click](https://evil.example) [a](<https://b.c> 't') [[a]](b) [a\\](b)",
    "fences": "```\ncode\n``` `` ` ```` ````` ```py\n",
    "escapes": "\\*a\\* \\\\`\\` \\",
    "reversed": "\u202egnp.exe \u2066a\u2069 \u200fb",
    "controls": "a\0b\x1b[31mc\x07\r\nd\x85e\u2028f",
    "surrogates": "a\ud800b\udfffc",
    "zalgo": "z" + "\u0301\u0327\u0335\u20dd" * 100 + "a" + "\u0300" * 1000,
    "invisible": "\u200b\u200d\ufeff\u2060\u00ad a",
    "long": "x" * 6000,
    "long and escaped": "*" * 6000,
    "long brackets": "[a](" * 1500,
    "quotes": "” and then “",
    "blank": " \n\t ",
    "empty": "",
}
ANY = st.text("\\*_~|`<>[]()#@-+.:/!& \n\t\r\0\x1b\u202e\u0301\ud800”“aé🚢1", max_size=300) | st.text(ANY_CHARACTER)


def assert_inert(shown: str) -> None:
    """Hold Markdown to have nothing in it that Discord would act upon, or that does more than stand there."""
    assert_disarmed(shown)
    assert shown.isprintable()


def assert_disarmed(shown: str) -> None:
    """Hold Markdown to have nothing in it that Discord would act upon, or that covers or turns the text beside it."""
    _, live = read(shown)
    assert not set("*_~|`<>[]#@") & set(live)
    assert "://" not in live
    assert not LINK.search(live)
    assert not set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068") & set(shown)
    assert all(
        len(marks) <= 3 for marks in re.findall("[\u0300-\u036f\u20d0-\u20ff]+", unicodedata.normalize("NFC", shown))
    )
    shown.encode()


def group(*wordings: str, count: int = 1, askers: int = 0) -> MissGroup:
    return MissGroup(1, wordings, count, askers, NOON, None)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_members_words_are_quoted_without_effect(text: str) -> None:
    shown = quoted(text)
    assert (shown[0], shown[-1]) == ("“", "”")
    assert_inert(shown)
    assert len(shown) <= 2 * 80 + 2


@PROPERTY
@given(ANY)
@example("\\" * 79 + "`" * 5)
@example("x" * 79 + "*y")
def test_any_words_are_quoted_without_effect(text: str) -> None:
    assert_inert(quoted(text))
    assert len(quoted(text)) <= 2 * 80 + 2


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("who is the pope?", "“who is the pope?”"),
        (" two\n lines ", "“two lines”"),
        ("Škoda, é, 북한군, ทำไม, किताब, e\u0301", "“Škoda, é, 북한군, ทำไม, किताब, e\u0301”"),
        ("x" * 80, f"“{'x' * 80}”"),
        ("x" * 81, f"“{'x' * 79}…”"),
        ("a\0b\u202ec", r"“a\\x00b\\u202ec”"),
        ("e\u0301\u0302\u0303\u0304\u0305", "“e\u0301\u0302\u0303”"),
    ],
)
def test_words_are_quoted_on_one_line_and_shortened(text: str, shown: str) -> None:
    assert quoted(text) == shown


@PROPERTY
@given(st.lists(ANY | st.text("`~\n\r ", max_size=12), max_size=5), st.sampled_from(["", "diff", "txt"]))
@example(["````"], "diff")
@example(["``", "`"], "")
@example(["`````````"], "")
@example(["a\n```\nb"], "")
def test_nothing_breaks_out_of_a_block_of_code(lines: list[str], language: str) -> None:
    block = code(lines, language)
    assert block.startswith(f"```{language}\n")
    assert block.endswith("\n```")
    assert block.count("```") == 2
    assert len(block.split("\n")) == len(lines) + 2
    block.encode()


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_line_of_code_hides_nothing_and_grows_less_than_twofold(text: str) -> None:
    shown = safe_in_code(text)
    assert not re.search("[\x00-\x08\n-\x1f\x7f-\x9f\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]|``", shown)
    assert len(shown) <= 2 * len(text)


def test_lines_of_code_that_do_no_harm_stay_as_they_are() -> None:
    lines = ["+title: Ships `a` **b** @c", "\ttabbed  spaces", "  - 북한군 🚢 👩‍💻", ""]
    assert code(lines) == "\n".join(["```", *lines, "```"])


@pytest.mark.parametrize(
    ("room", "kept"), [(0, 0), (1, 0), (2, 0), (3, 1), (6, 1), (7, 2), (8, 2), (9, 2), (10, 2), (11, 3), (99, 3)]
)
def test_as_many_of_the_first_lines_are_kept_as_fit(room: int, kept: int) -> None:
    lines = ["ab", "cde", "fgh"]
    assert lines_that_fit(lines, room) == lines[:kept]
    assert len("".join(f"{line}\n" for line in lines_that_fit(lines, room))) <= room


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_an_unanswered_question_is_shown_without_effect(text: str) -> None:
    shown = miss_line(group(text, text, text, text, count=12000, askers=3))
    first, times, also = shown.split("\n")
    assert first == f"**{quoted(text)}**"
    assert times == "-# 12,000 times by 3 members, last <t:1729425600:R>"
    assert also == f"-# also: {quoted(text)}, {quoted(text)}, and 1 wording more"
    assert len(shown) < 600


def test_a_question_that_was_asked_once_says_no_more_than_that() -> None:
    assert miss_line(group("opera")) == "**“opera”**\n-# 1 time, last <t:1729425600:R>"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ([], "Every question finds the same brief as before (13 questions tried)."),
        ([AnswerChange("a", None, "ships")], "- 1 question now finds `ships`: “a”"),
        ([AnswerChange("a", "ships", None)], "- 1 question no longer finds `ships`: “a”"),
        ([AnswerChange("a", "ships", "arks")], "- 1 question now finds `arks` in place of `ships`: “a”"),
        (
            [AnswerChange("a", None, "ships"), AnswerChange("b", None, "ships")],
            "- 2 questions now find `ships`: “a”, “b”",
        ),
        (
            [AnswerChange("a", "ships", None), AnswerChange("b", "ships", None)],
            "- 2 questions no longer find `ships`: “a”, “b”",
        ),
        (
            [AnswerChange(c, None, "ships") for c in "abcdef"],
            "- 6 questions now find `ships`: “a”, “b”, “c”, “d”, “e”, …",
        ),
    ],
)
def test_what_a_change_does_to_answers_is_said_by_example(changes: list[AnswerChange], said: str) -> None:
    assert effect(Preview((), tuple(changes), 13)).split("\n")[-1] == said


def test_while_other_files_have_problems_that_is_said_beside_the_effect() -> None:
    shown = effect(Preview((), (), 0, (), (Problem("/srv/briefs/a.yaml", 1, 1, "is empty"),)))
    assert shown.startswith("⚠️ Some files are wrong and not used;")
    assert shown.endswith("Every question finds the same brief as before (0 questions tried).")
    assert "srv" not in shown


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_the_effect_of_a_change_stays_within_bounds(text: str) -> None:
    changes = tuple(AnswerChange(f"{n} {text}", f"from-{n % 40}", f"to-{n % 40}") for n in range(1000))
    shown = effect(Preview((), changes, 1000))
    assert len(shown) < 1250
    head, *lines = shown.split("\n")
    assert head == "**Which brief questions find** (1,000 questions tried)"
    assert re.fullmatch(r"- and \d+ changes more", lines[-1])
    for line in lines[:-1]:
        assert_inert(line.split(": ", 1)[1])


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_warnings_are_shown_without_effect_and_within_bounds(text: str) -> None:
    shown = warning_lines(
        [Problem("/srv/briefs/ships.yaml", n, 5, f"aliases: {text[:200]!r} finds no brief") for n in range(9)]
    )
    assert len(shown) <= 600
    assert "srv" not in shown
    for line in shown.split("\n"):
        assert_inert(line.replace("\ufe0f", ""))


@pytest.mark.parametrize(
    ("problem", "shown"),
    [
        (Problem("/srv/our briefs/ships.yaml", 3, 5, "is empty"), "ships.yaml:3:5: is empty"),
        (Problem("ships.yaml", 3, 5, "is empty ./ here"), "ships.yaml:3:5: is empty ./ here"),
        (Problem("/srv/briefs/b.yaml", 1, 8, "'x' also belongs to 'a' (/srv/briefs/a.yaml:1); keep it in one brief"),
         "b.yaml:1:8: 'x' also belongs to 'a' (a.yaml:1); keep it in one brief"),
        (Problem("/srv/briefs", 1, 1, "holds no briefs"), "briefs:1:1: holds no briefs"),
        (Problem("/srv/briefs/a\x1b.yaml", 1, 1, "b\nc\u202e"), r"a\x1b.yaml:1:1: b\nc\u202e"),
    ],
)  # fmt: skip
def test_where_the_folder_lies_is_not_told(problem: Problem, shown: str) -> None:
    assert located(problem) == shown


def test_a_brief_is_a_line_of_the_list() -> None:
    brief = a_brief(title="**Ships** @everyone", status="disputed")
    shown = r"`ships` \*\*Ships\*\* \@everyone · disputed · as of 2024-10"
    assert listed(brief, expired=False) == shown
    assert listed(brief, expired=True) == f"{shown} · ⚠️ out of date"
    assert len(listed(a_brief("x" * 64, title="*" * 99 + "a"), expired=True)) < 300


@pytest.mark.parametrize("action", texts.DONE)
@pytest.mark.parametrize(("user", "by"), [(None, ""), (77, " by <@77>")])
def test_a_version_says_when_what_was_done_and_by_whom(action: Action, user: int | None, by: str) -> None:
    version = Version(1, "ships", NOON, action, user, "title: **Ships**\n")
    assert version_line(2, version) == f"`2` <t:1729425600:f> {texts.DONE[action]}{by}"


def test_the_numbers_name_the_briefs_shown_most() -> None:
    found = Stats([Day(NOON.date(), {"answer": 1500})], [("ships", 1200), ("gone", 300)])
    shown = stats_text(found, base_of(a_brief(title="*Ships*"))).split("\n")
    assert shown[0].startswith("1,500 lookups in 1 day: ")
    assert shown[1:] == ["**Shown most**", r"1. \*Ships\*: 1,200", "2. gone: 300"]
    assert stats_text(Stats([], []), base_of()) == "No lookups in 0 days."


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("a", "b", "before: a\nnow: b"),
        ("", "b", "new: b"),
        ("*a*", "", "no longer: \\*a\\*"),
        ("", "", "in another order"),
        (
            "They *float* here.",
            "They *sink* here.",
            "before: They \\*~~float~~\\* here.\nnow: They \\***sink**\\* here.",
        ),
        ("one two three", "one three", "before: one ~~two~~ three\nnow: one three"),
    ],
)
def test_a_difference_is_shown_as_it_was_and_as_it_is_with_the_words_that_differ_marked(
    before: str, after: str, shown: str
) -> None:
    assert differences_text([Difference("Facts", before, after)], 1000) == f"**Facts**\n{shown}"


def test_differences_of_a_list_stand_below_one_heading() -> None:
    found = [Difference("Facts", "a", "b"), Difference("Facts", "", "c"), Difference("Status", "reported", "confirmed")]
    assert differences_text(found, 1000).splitlines() == [
        *("**Facts**", "before: a", "now: b", "new: c", "", "**Status**", "before: reported", "now: confirmed"),
    ]


def test_a_long_text_is_shortened_around_the_words_that_differ() -> None:
    same = "words that are in both " * 40
    shown = differences_text([Difference("Summary", f"{same}purr", f"{same}hiss")], 900)
    before, now = shown.splitlines()[1:]
    assert before.endswith(" ~~purr~~")
    assert now.endswith(" **hiss**")
    assert len(shown) < 700


DIFFERING = st.text(alphabet="ab *_~|`<@#[]-\\:/\n1", max_size=400)


@example([("*" * 400, "_" * 400)] * 12, 200)
@given(st.lists(st.tuples(DIFFERING, DIFFERING), max_size=12), st.integers(200, 3900))
def test_differences_fit_into_the_room_they_have(pairs: list[tuple[str, str]], room: int) -> None:
    assert len(differences_text([Difference("Facts", *pair) for pair in pairs], room)) <= room


def test_all_differences_of_a_brief_fit_into_one_message() -> None:
    """Discord takes 4,000 characters; the title of the card takes some of them."""
    room = 3900 - len("### Changed: ") - 2 * 100
    most = {"Title": [100], "Summary": [1000], "Facts": [380] * 12, "Status": [9], "As of": [17], "Expires": [17]}
    most |= {"Sources": [600] * 5}
    found = [Difference(what, "*" * n, "_" * n) for what, lengths in most.items() for n in lengths]
    shown = differences_text(found, room)
    assert [line[2:-2] for line in shown.splitlines() if line.startswith("**")] == list(most)
    assert "and 8 changes more" in shown
    assert len(shown) <= room


LONG = "*" * 200
REJECTED = tuple((f"brief-{n}{'-' * 55}", 100) for n in range(10, 30))


def longest_miss(n: int) -> MissGroup:
    title = a_brief(title="*" * 100)
    languages = ("pt-BR", "id", "zh-TW", "de")
    return MissGroup(10**9 + n, (LONG,) * 3, 10**6, 10**6, NOON, title, REJECTED, ("*" * 450,) * 5, languages)


def longest_reported(text: str, link: str, times: int) -> Reported:
    brief = "b" * 64
    said = (
        Correction(10**9 + n, NOON, brief, ("mistake", "outdated")[n % 2], text, link, "", "x") for n in range(times)
    )
    return Reported(brief, tuple(said))


WORST_TEXTS = ["*" * LONGEST_TEXT, "\u202e" * LONGEST_TEXT, "discord.gg/a " * 20, "- " * 125, "word " * 50]
Entries = list[Reported | MissGroup]
PAGES: list[Entries] = [
    [longest_miss(n) for n in range(PAGE)],
    *(Entries([longest_reported(text, f"https://{'*' * 192}", 3)] * PAGE) for text in WORST_TEXTS),
    [longest_reported("", "", 500)] * PAGE,
    [longest_reported("x", "", 500)] * PAGE,
    [longest_reported("x" * 250, "", 2), replace(longest_miss(1), rejected=()), longest_miss(2), longest_miss(3)],
]


@pytest.mark.parametrize("catalogue", list(shipped()), ids=lambda catalogue: catalogue.language)
@pytest.mark.parametrize("entries", PAGES, ids=range(len(PAGES)))
def test_a_page_of_the_longest_entries_fits_into_a_message(
    entries: list[Reported | MissGroup], catalogue: Catalogue
) -> None:
    numbered = [
        replace(entry, said=tuple(replace(each, id=each.id + 1000 * n) for each in entry.said))
        if isinstance(entry, Reported)
        else entry
        for n, entry in enumerate(entries)
    ]
    view, _ = misses_message(
        numbered,
        Counter({heading(each, 365, catalogue): 10**6 for each in numbered}),
        ["left out " * 12, "unsaid " * 15],
        {"b" * 64: NOON.replace(year=NOON.year + 1)},
        365,
        9998,
        9999,
        may_edit=True,
        notice=f"✅ {quoted(LONG)} finds `{'b' * 64}` from now on.",
        undo=f"briefs unalias:{'x' * 16}:365:9998",
        some_ignored=True,
        catalogue=catalogue,
    )
    payload = {"flags": 1 << 15, "components": view.to_components()}  # type: ignore[no-untyped-call]
    assert not message_violations(payload, "followup")
    more = catalogue.ngettext("and {n} more brief", "and {n} more briefs", 19)
    assert (more in displayed_text(payload)) == isinstance(entries[-1], MissGroup)


OURS = re.compile(r"^### .*|\*\*`b+`\*\*|\*\*`cats`\*\*|\*\*“|”\*\*|<t:\d+:R>|^-# |^- ", re.MULTILINE)


def assert_inert_page(page: Json | None) -> None:
    """Hold a page of the list to have nothing of a member's in it that Discord would act upon."""
    for each in components_of(page):
        if each["type"] == 10:
            assert_disarmed(OURS.sub("", each["content"]).replace("\n", " "))


@pytest.mark.parametrize("name", TEXTS)
def test_what_a_member_says_is_wrong_has_no_effect_on_whoever_reads_it(name: str) -> None:
    said = stored(TEXTS[name])
    entries: list[Reported | MissGroup] = [
        longest_reported(said[:LONGEST_TEXT], said[:LONGEST_LINK], 1),
        replace(longest_miss(1), wordings=("a",), said=(said[:450],)),
    ]
    view, _ = misses_message(
        entries, Counter(), [], {}, 7, 1, 1, may_edit=True, notice=None, undo=None, some_ignored=False
    )
    payload = {"flags": 1 << 15, "components": view.to_components()}  # type: ignore[no-untyped-call]
    assert not message_violations(payload, "followup")
    assert_inert_page(payload)

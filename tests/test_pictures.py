"""The pictures in the documents: what is sent is drawn whole and safely, and none is missing. Needs no browser."""

import re
import time
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from bot.briefs import card_text
from bot.briefs.brief import BriefBase
from bot.briefs.card import card_of
from bot.briefs.markup import neutralised
from tests.brief_files import a_brief
from tests.conftest import Start
from tools.fake_discord import Exchange, FakeDiscord
from tools.pictures.__main__ import PICTURES, THEMES, files
from tools.pictures.drawing import Json, Shown, markdown, page
from tools.pictures.scenes import SCENES, shown

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("**/*.md")]
HOSTILE = """</style><script>alert("1")</script> & &amp; ' " onload=x"""


class Reader(HTMLParser):
    """What a browser would make of a page: its elements, and the words of its body."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(" ".join([tag, *sorted(name for name, _ in attrs)]))

    def handle_data(self, data: str) -> None:
        self.text += data if self.elements[-1:] != ["style"] else ""


def sent(*components: Json, **keys: Any) -> Shown:
    author = {"username": "briefbot"}
    return Shown({"author": author, "content": "", "flags": 0, "attachments": [], "components": [*components], **keys})


def asked(*components: Json, title: str = "A title") -> Shown:
    return Shown({"title": title, "components": [*components]})


def text(content: str) -> Json:
    return {"type": 10, "content": content}


def button(label: str, **keys: Any) -> Json:
    return {"type": 2, "style": 1, "label": label, **keys}


def menu(**keys: Any) -> Json:
    return {"type": 3, "options": [{"label": "One"}, {"label": "Two", "default": True}], **keys}


def image(url: str) -> Json:
    return {"media": {"url": url}}


EVERYTHING = [
    (text("### Title\nand a line"), ["<h3>Title</h3><p>and a line</p>"]),
    ({"type": 1, "components": [button("One"), button("Two")]}, ['class="row"', ">One<", ">Two<"]),
    ({"type": 9, "components": [text("words")], "accessory": button("Edit")}, ['class="section"', "words", "Edit"]),
    (
        {"type": 9, "components": [], "accessory": {"type": 11, **image("http://a/b.png")}},
        ['"thumbnail" src="http://a'],
    ),
    ({"type": 12, "items": [image("http://a/b.png")]}, ['class="gallery"><img src="http://a/b.png"']),
    ({"type": 12, "items": [image("http://a"), image("http://b")]}, ["gallery several", "http://a", "http://b"]),
    ({"type": 13, "file": {"url": "http://a/briefs.zip"}}, ["briefs.zip", "2.00 KB"]),
    ({"type": 14}, ['<hr class="small">']),
    ({"type": 14, "spacing": 2, "divider": False}, ['<hr class="large invisible">']),
    (
        {"type": 17, "components": [text("within")], "accent_color": 0x57F287},
        ['class="container"', "#57f287", "within"],
    ),
    ({"type": 17, "components": [], "accent_color": 0}, ["#000000"]),
    ({"type": 17, "components": [], "accent_color": None}, ['class="container">']),
    (menu(), ["Two", 'class="field select"']),
    (menu(options=[{"label": "One"}], placeholder="Choose", disabled=True), ["Choose", "select disabled"]),
    (button("Go"), ['"button primary"']),
    (button("Go", style=2), ['"button secondary"']),
    (button("Go", style=3), ['"button success"']),
    (button("Go", style=4, disabled=True), ['"button danger disabled"']),
    (button("Go", style=5, url="https://example.org"), ['"button secondary"', 'Go<svg class="icon"']),
    (button("", emoji={"name": "▶️", "id": None}), ["▶️"]),
]


@pytest.mark.parametrize(("component", "drawn"), EVERYTHING)
def test_each_component_of_a_message_is_drawn(component: Json, drawn: list[str]) -> None:
    attachment = {"url": "http://a/briefs.zip", "filename": "briefs.zip", "size": 2048}
    html = page(sent(component, attachments=[attachment]))
    for fragment in drawn:
        assert fragment in html


@pytest.mark.parametrize(
    ("component", "words"),
    [
        (
            {"type": 18, "label": "Title", "component": {"type": 4, "style": 1, "value": "Troops"}},
            ["Title *", "Troops"],
        ),
        ({"type": 18, "label": "A", "component": {"type": 4, "style": 2, "required": False}}, ["A"]),
        ({"type": 18, "label": "A", "description": "Why", "component": menu()}, ["A *", "Why", "Two"]),
        ({"type": 1, "components": [{"type": 4, "style": 1, "label": "Old", "placeholder": "day"}]}, ["Old *", "day"]),
        (text("Read **this**"), ["Read this"]),
    ],
)
def test_a_modal_shows_its_title_its_fields_and_how_to_leave_it(component: Json, words: list[str]) -> None:
    read = Reader(page(asked(component))).text
    for expected in ("A title", *words, "Cancel", "Submit"):
        assert expected in read
    assert ("*" in read) == any("*" in each for each in words)


def test_a_component_that_nobody_has_drawn_yet_is_an_error() -> None:
    with pytest.raises(ValueError, match="component of type 99"):
        page(sent({"type": 17, "components": [{"type": 99}]}))


@pytest.mark.parametrize(
    "draw",
    [
        lambda words: sent(text(words)),
        lambda words: sent(text(f"### {words}\n- {words}\n-# **{words}**")),
        lambda words: sent(text(f"```diff\n+{words}\n```")),
        lambda words: sent(text(f"[{words}](<https://example.org>) `{words}`")),
        lambda words: sent(content=words),
        lambda words: sent(button(words)),
        lambda words: sent(menu(placeholder=words, options=[])),
        lambda words: sent(menu(options=[{"label": words, "default": True, "emoji": {"name": words}}])),
        lambda words: sent({"type": 13, "file": {"url": ""}}, attachments=[{"url": "", "filename": words, "size": 1}]),
        lambda words: sent({"type": 12, "items": [image(words)]}, author={"username": f"a {words}"}),
        lambda words: Shown(sent(text("<@1>")).payload, user=f"a {words}", command=words, names={"1": words}),
        lambda words: asked(title=words),
        lambda words: asked({"type": 18, "label": words, "description": words, "component": menu()}),
        lambda words: asked({"type": 4, "style": 2, "label": words, "value": words}),
        lambda words: asked({"type": 4, "style": 2, "placeholder": words}),
    ],
)
def test_hostile_text_is_shown_as_written_and_adds_no_element(draw: Any) -> None:
    harmless, hostile = Reader(page(draw("harmless"))), Reader(page(draw(HOSTILE)))
    assert hostile.elements == harmless.elements
    assert hostile.text == harmless.text.replace("harmless", HOSTILE)


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("a **b** *c* ~~d~~ e", "<p>a <b>b</b> <em>c</em> <s>d</s> e</p>"),
        ("**a `b*` c**", "<p><b>a <code>b*</code> c</b></p>"),
        ("# A\n## B\n### C", "<h1>A</h1><h2>B</h2><h3>C</h3>"),
        ("one\ntwo\n- three\n* four", "<p>one<br>two</p><ul><li>three</li><li>four</li></ul>"),
        ("> one\n> two\nthree", "<blockquote>one<br>two</blockquote><p>three</p>"),
        ("-# a\n-# **b**", "<small>a</small><small><b>b</b></small>"),
        (r"[a \[b\] \_](<https://example.org/?a=1>)", r"<p><a>a \[b\] \_</a></p>"),
        ("[a [b]](<https://example.org>)", "<p><a>a [b]</a></p>"),
        ("[at http://a](<https://a>)", "<p>[at http://a](&lt;https://a&gt;)</p>"),
        ("[a](javascript:alert)", "<p>[a](javascript:alert)</p>"),
        ("see https://example.org/a.", "<p>see <a>https://example.org/a</a>.</p>"),
        (r"\*a\* \- 1\. \\ \a", r"<p>*a* - 1. \ \a</p>"),
        ("<t:1:D> or", '<p><time class="inline">1 January 1970</time> or</p>'),
        ("<t:1>", '<p><time class="inline">1 January 1970 00:00</time></p>'),
        ("<@1> <@!1>", '<p><span class="mention">@member</span> <span class="mention">@member</span></p>'),
        ("<#2> <@&3>", '<p><span class="mention">#general</span> <span class="mention">@unknown</span></p>'),
        ("a\n```diff\n+b\n-c\n d\n```\ne", "<p>a</p><pre><ins>+b</ins>\n<del>-c</del>\n<span> d</span></pre><p>e</p>"),
        ("```\n**a** <@1>\n```", "<pre>**a** &lt;@1&gt;</pre>"),
        ("**", "<p>**</p>"),
        ("", ""),
    ],
)
def test_markdown_is_shown_as_discord_shows_it(source: str, html: str) -> None:
    assert markdown(source, {"1": "@member", "2": "#general"}) == html


def test_how_long_ago_a_time_was_is_shown_as_of_today() -> None:
    assert markdown(f"<t:{time.time() - 3 * 86_400:.0f}:R>", {}) == '<p><time class="inline">3 days ago</time></p>'


@pytest.mark.parametrize(
    "written", ["**a** *b* `c` <@1> <t:1:R>", "# a", "- a", "1. a", "[a](https://example.org)", "a\\b"]
)
def test_what_a_card_has_neutralised_reads_as_the_admin_wrote_it(written: str) -> None:
    assert Reader(markdown(neutralised(written), {})).text == written


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("A report (2024)", "A report (2024)"),
        ("Report [draft]", "Report [draft] (link)"),
        ("snake_case | C# #5", "snake_case | C# #5 (link)"),
        ("See https://example.org/a", "See https://example.org/a (link)"),
        ("a\\b *c* `d` <@1>", "a\\b *c* `d` <@1> (link)"),
    ],
)
def test_a_source_reads_as_the_admin_wrote_it_and_has_one_link(name: str, read: str) -> None:
    brief = a_brief(sources=[{"name": name, "url": "https://example.org/a_b_(c)"}])
    *_, foot = card_text.markdown(card_of(brief, BriefBase(), date.min))
    reader = Reader(markdown(foot, {}))
    assert reader.text.endswith(f"Source: {read}")
    assert reader.elements.count("a") == 1


@pytest.mark.parametrize(("flags", "private"), [(64, True), (0, False), (1 << 15, False)])
def test_a_private_message_says_so(flags: int, private: bool) -> None:
    read = Reader(page(sent(text("words"), flags=flags))).text
    assert ("Only you can see this • Dismiss message" in read) is private


def exchange(fake: FakeDiscord, data: Json) -> Exchange:
    payload = fake.interaction(2, data, {})
    made = Exchange(payload, {}, fake.messages)
    made.modal = {"title": "A title", "components": []}
    return made


async def test_a_picture_names_the_command_and_whom_it_mentions(fake: FakeDiscord) -> None:
    value = {"name": "who", "type": 6, "value": "7"}
    subcommand = {"name": "add", "type": 1, "options": [value]}
    resolved = {"users": {"7": {"id": "7", "username": "somebody"}}}
    added = exchange(fake, {"type": 1, "name": "briefs", "options": [subcommand], "resolved": resolved})
    assert shown(added).command == "/briefs add"
    assert {"@member", "@somebody", "#general"} == set(shown(added).names.values())
    assert shown(exchange(fake, {"type": 3, "name": "Brief this", "options": []})).command == "Brief this"
    pressed = exchange(fake, {"custom_id": "brief:troops", "component_type": 2})
    assert "used" not in Reader(page(Shown(sent().payload, command=shown(pressed).command))).text
    assert shown(pressed, after=added).command == "/briefs add"


@pytest.mark.parametrize("name", SCENES)
async def test_each_scene_can_still_be_played_and_drawn(fake: FakeDiscord, start: Start, name: str) -> None:
    await start(answer_mentions=True)
    assert Reader(page(await SCENES[name](fake))).text.strip()


def test_each_scene_has_its_two_small_pictures_and_no_picture_is_left_over() -> None:
    sizes = {path.name: path.stat().st_size for path in PICTURES.iterdir()}
    assert sizes.keys() == {file for name in SCENES for file in files(name)}, "make pictures"
    assert max(sizes.values()) < 100_000, "make pictures, with pngquant installed"


def test_the_documents_show_only_pictures_that_exist_and_each_in_both_themes() -> None:
    referenced = set()
    for document in DOCUMENTS:
        names = re.findall(r"[\w./-]+\.png", document.read_text(encoding="utf-8"))
        referenced |= {(document.parent / name).resolve() for name in names}
    assert all(path.exists() for path in referenced)
    light, dark = ({path for path in referenced if path.stem.endswith(theme)} for theme in THEMES)
    assert light
    assert {path.name.replace("-light", "-dark") for path in light} == {path.name for path in dark}

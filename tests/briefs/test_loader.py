"""A folder of files becomes a base, or every problem of every file at once."""

import os
import re
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.briefs.loader import MAX_BYTES, load
from bot.errors import BriefsError, Problem
from tests.brief_files import MINIMAL, PROPERTY, brief_text, write

PIECES = [
    *"\t\r\n|>-?:,[]{}#&*!%@`'\"\\ aé🚢\0\ufeff",
    "- ",
    ": ",
    "\r\n",
    "---\n",
    "...\n",
    "&a ",
    "*a",
    "!!str ",
    "<<: ",
]
PIECES += [
    "<<<<<<< x\n",
    "%YAML 1.1\n",
    "title: ",
    "aliases:\n",
    "facts:\n  - ",
    "as_of: 2024\n",
    "related: [ships]\n",
    MINIMAL,
]
CONTENTS = st.binary() | st.lists(st.sampled_from(PIECES)).map(lambda pieces: "".join(pieces).encode())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "briefs", {"ships.yaml": MINIMAL})


@pytest.fixture
def alarm() -> Iterator[None]:
    """Turn waiting for ever into a failure."""

    def ring(*_: object) -> None:
        pytest.fail("waits for ever")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(20)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def problems_of(folder: Path) -> list[str]:
    """Return what is wrong with the briefs in ``folder``, each as ``name:line:column: message``."""
    with pytest.raises(BriefsError) as caught:
        load(folder)
    return [str(problem).removeprefix(f"{folder}/") for problem in caught.value.problems]


def ids_in(folder: Path) -> list[str]:
    return list(load(folder).base.briefs)


def test_a_base_holds_the_brief_of_every_file_by_its_name(folder: Path) -> None:
    write(folder, {"b-2.yaml": brief_text(title="B"), "0.yaml": brief_text(title="0")})
    base, files, _, _ = load(folder)
    assert list(base.briefs) == ["0", "b-2", "ships"]
    assert [(file.id, file.brief) for file in files] == list(base.briefs.items())


@pytest.mark.parametrize(
    "name",
    [".ships.yaml", ".ships.yml", ".yaml", "README.md", "a.yaml~", "a.yaml.bak", "#a.yaml#", "A.YAML", "yaml"],
)
def test_other_names_are_ignored_whatever_they_hold(folder: Path, name: str) -> None:
    write(folder, {name: b"\xff{"})
    assert ids_in(folder) == ["ships"]


def test_folders_within_the_folder_are_not_searched(folder: Path) -> None:
    write(folder / "drafts", {"draft.yaml": "{", "draft.yml": "{"})
    assert ids_in(folder) == ["ships"]


def test_yml_is_an_error_that_says_what_to_do(folder: Path) -> None:
    write(folder, {"troops.yml": MINIMAL})
    (problem,) = problems_of(folder)
    assert problem.startswith("troops.yml:1:1: rename it to ")
    assert problem.split("rename it to ")[1].split()[0].endswith("troops.yaml")


@pytest.mark.parametrize(
    "name", ["Ships.yaml", "a_b.yaml", "a b.yaml", "-a.yaml", "é.yaml", "a.b.yaml", "a" * 65 + ".yaml"]
)
def test_a_name_that_is_no_id_is_a_problem(folder: Path, name: str) -> None:
    write(folder, {name: brief_text(title="Other")})
    (problem,) = problems_of(folder)
    assert problem.startswith(f"{name}:1:1: ")


BOATS = brief_text(title="Boats")


@pytest.mark.parametrize(
    ("texts", "titles"),
    [
        ({}, {"arks": "Arks", "ships": "Ships"}),
        ({"ships": BOATS}, {"arks": "Arks", "ships": "Boats"}),
        ({"boats": BOATS}, {"arks": "Arks", "boats": "Boats", "ships": "Ships"}),
        ({"ships": None}, {"arks": "Arks"}),
        ({"unknown": None}, {"arks": "Arks", "ships": "Ships"}),
        ({"ships": None, "arks": brief_text(title="Ships"), "0": BOATS}, {"0": "Boats", "arks": "Ships"}),
    ],
    ids=["none", "replaced", "added", "removed", "nothing to remove", "all at once"],
)
def test_texts_stand_in_for_files_which_stay_as_they_are(
    folder: Path, texts: dict[str, str | None], titles: dict[str, str]
) -> None:
    write(folder, {"arks.yaml": brief_text(title="Arks")})
    base, files, _, _ = load(folder, texts)
    assert {brief.id: brief.title for brief in base.briefs.values()} == titles
    assert [file.path for file in files] == [f"{folder}/{brief}.yaml" for brief in titles]
    assert all(file.text == texts.get(file.id) for file in files if file.id in texts)
    assert {path.name: path.read_text() for path in folder.iterdir()} == {
        "arks.yaml": brief_text(title="Arks"),
        "ships.yaml": MINIMAL,
    }


def test_texts_stand_in_for_files_that_are_not_valid_or_cannot_be_read(folder: Path) -> None:
    write(folder, {"ships.yaml": b"\xff{"})
    (folder / "odd.yaml").mkdir()
    assert list(load(folder, {"ships": MINIMAL, "odd": None}).base.briefs) == ["ships"]


@pytest.mark.parametrize(
    ("texts", "places"),
    [
        ({"boats": "titel: Boats\n"}, ["boats.yaml:1:1"]),
        ({"ships": ""}, ["ships.yaml:1:1"]),
        ({"boats": brief_text(title="Boats", aliases=["Ships!"])}, ["boats.yaml:5:11"]),
        ({"zebras": brief_text(title="Ships")}, ["zebras.yaml:1:8"]),
        ({"boats": brief_text(title="Boats", related=["ships", "arks"])}, ["boats.yaml:5:20"]),
        ({"ships": None}, [":1:1"]),
        ({"boats": BOATS + "# \ud800\n"}, ["boats.yaml:5:3"]),
        *[
            ({name: BOATS}, [f"{name}.yaml:1:1"])
            for name in ("Boats", "", "a b", "a/b", "../b", "x" * 65, "boats.yaml")
        ],
        ({"../ships": None}, ["../ships.yaml:1:1"]),
    ],
)
def test_what_is_wrong_with_a_text_is_located_as_if_it_were_its_file(
    folder: Path, texts: dict[str, str | None], places: list[str]
) -> None:
    with pytest.raises(BriefsError) as caught:
        load(folder, texts)
    found = {
        str(problem).removeprefix(str(folder)).removeprefix("/").split(": ")[0] for problem in caught.value.problems
    }
    assert sorted(found) == places


def test_a_text_with_an_absolute_path_for_an_id_leaves_no_folder(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(BriefsError):
        load(folder, {str(tmp_path / "boats"): BOATS})


def test_a_name_that_would_act_on_the_terminal_is_shown_escaped(folder: Path) -> None:
    write(folder, {"a\n\x1b[31m.yaml": MINIMAL, os.fsdecode(b"\xff.yaml"): MINIMAL})
    assert "".join(problems_of(folder)).isprintable()


def _bind(path: Path) -> None:
    before = Path.cwd()
    os.chdir(path.parent)  # a socket's path may have 107 bytes at most
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path.name)
    os.chdir(before)


def _link_by_way_of(make: Callable[[Path], object], rest: str) -> Callable[[Path], None]:
    def link(path: Path) -> None:
        make(path.parent / ".hop")
        path.symlink_to(f".hop{rest}")

    return link


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda path: path.mkdir(), id="directory"),
        pytest.param(os.mkfifo, id="FIFO"),
        pytest.param(_bind, id="socket"),
        pytest.param(lambda path: path.symlink_to("odd.yaml"), id="link to itself"),
        pytest.param(lambda path: path.symlink_to("nowhere"), id="dangling link"),
        pytest.param(_link_by_way_of(os.mkfifo, ""), id="link to a FIFO"),
        pytest.param(lambda path: path.symlink_to("."), id="link to the folder"),
        pytest.param(lambda path: path.symlink_to("../secret"), id="relative link out"),
        pytest.param(lambda path: path.symlink_to(path.parent.parent / "secret"), id="absolute link out"),
        pytest.param(lambda path: path.symlink_to("../briefs-too/a.yaml"), id="link to a folder of a like name"),
        pytest.param(lambda path: path.symlink_to("/dev/zero"), id="link to an endless device"),
        pytest.param(_link_by_way_of(lambda path: path.symlink_to(".."), "/secret"), id="by way of a link out"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("alarm")
def test_what_is_no_file_of_this_folder_is_one_problem(folder: Path, make: Callable[[Path], object]) -> None:
    write(folder.parent, {"secret": brief_text(title="Top Secret")})
    write(folder.parent / "briefs-too", {"a.yaml": brief_text(title="Top Secret")})
    make(folder / "odd.yaml")
    (problem,) = problems_of(folder)
    assert problem.startswith("odd.yaml:1:1: ")
    assert "Secret" not in problem


@pytest.mark.parametrize("target", [".data/a", "{folder}/.data/a", "other.yaml.d/../.data/a", ".hop"])
def test_a_link_that_stays_inside_is_followed(folder: Path, target: str) -> None:
    write(folder / ".data", {"a": brief_text(title="Troops")})
    (folder / "other.yaml.d").mkdir()
    (folder / ".hop").symlink_to(".data/a")
    (folder / "troops.yaml").symlink_to(target.format(folder=folder))
    assert load(folder).base.briefs["troops"].title == "Troops"


def test_a_mounted_config_map_is_read(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kubernetes links each file to ..data/, and that to the folder of the newest version."""
    write(folder / "..2024_10_18", {"troops.yaml": brief_text(title="Troops")})
    (folder / "..data").symlink_to("..2024_10_18")
    (folder / "troops.yaml").symlink_to("..data/troops.yaml")
    (tmp_path / "linked").symlink_to(folder)
    monkeypatch.chdir(tmp_path)
    for way in (folder, Path("briefs"), Path("linked"), Path("briefs/../linked")):
        assert ids_in(way) == ["ships", "troops"]


def test_a_folder_that_cannot_be_read_is_a_problem(folder: Path) -> None:
    for path in (folder / "nowhere", folder / "ships.yaml"):
        (problem,) = problems_of(path)
        assert problem.startswith(f"{path}:1:1: ")


def test_a_folder_without_briefs_is_a_problem(folder: Path) -> None:
    (folder / "ships.yaml").unlink()
    assert len(problems_of(folder)) == 1


def test_a_file_may_be_as_large_as_the_limit_and_no_larger(folder: Path) -> None:
    write(folder, {"ships.yaml": MINIMAL + "#" * (MAX_BYTES - len(MINIMAL))})
    assert ids_in(folder) == ["ships"]
    write(folder, {"ships.yaml": MINIMAL + "#" * (MAX_BYTES - len(MINIMAL) + 1)})
    (problem,) = problems_of(folder)
    assert problem.startswith("ships.yaml:1:1: is larger than 1024 KiB")


def test_the_largest_brief_that_is_allowed_fits_into_a_file(folder: Path) -> None:
    phrases = [f"{n:04}" + "𒀀" * 196 for n in range(1000)]
    write(folder, {"ships.yaml": brief_text(aliases=phrases[:500], questions=phrases[500:])})
    assert len(load(folder).base.briefs["ships"].phrases) == 1002


@pytest.mark.parametrize(
    ("first", "second", "place"),
    [
        ({"title": "Troops"}, {"title": "TROOPS!"}, "1:8"),
        ({"aliases": ["a", "nk troops"]}, {"aliases": ["b", "NK-Troops"]}, "5:16"),
        ({"questions": ["How many?"]}, {"questions": ["how  many"]}, "5:13"),
        ({"title": "Café"}, {"aliases": ["cafe"]}, "5:11"),
        ({"aliases": ["1,500 men"]}, {"questions": ["1500 men?"]}, "5:13"),
        ({"questions": ["Kim's visit"]}, {"title": "Kims visit"}, "1:8"),
    ],
    ids=["title", "alias", "question", "title and alias", "alias and question", "question and title"],
)
def test_no_two_briefs_share_a_phrase(
    folder: Path, first: dict[str, object], second: dict[str, object], place: str
) -> None:
    write(folder, {"a.yaml": brief_text(**{"title": "A", **first}), "b.yaml": brief_text(**{"title": "B", **second})})
    (problem,) = problems_of(folder)
    assert problem.startswith(f"b.yaml:{place}: ")
    assert "'a'" in problem
    assert f"{folder}/a.yaml:{1 if 'title' in first else 5}" in problem


def test_every_further_brief_with_a_phrase_is_a_problem_even_if_one_is_not_valid(folder: Path) -> None:
    write(folder, {f"{name}.yaml": brief_text(title=name, aliases=["sea"]) for name in "abc"})
    write(folder, {"a.yaml": brief_text(title="a", aliases=["sea"], colour="blue")})
    assert [problem.split(": ")[0] for problem in problems_of(folder)] == ["a.yaml:6:1", "b.yaml:5:11", "c.yaml:5:11"]


def test_a_brief_may_repeat_its_own_phrases(folder: Path) -> None:
    write(folder, {"ships.yaml": brief_text(aliases=["ships", "Ships!", "ships"], questions=["SHIPS?"])})
    assert ids_in(folder) == ["ships"]


def test_related_briefs_must_exist_and_be_others(folder: Path) -> None:
    write(folder, {"troops.yaml": brief_text(title="T", related=["ships", "troops", "shps", "zebra"])})
    own, near, unknown = problems_of(folder)
    assert own.startswith("troops.yaml:5:20: related: names the brief itself")
    assert near.startswith("troops.yaml:5:30: related: there is no brief 'shps'; did you mean 'ships'?")
    assert unknown.startswith("troops.yaml:5:38: related: there is no brief 'zebra'")
    write(folder, {"troops.yaml": brief_text(title="T", related=["ships"])})
    assert ids_in(folder) == ["ships", "troops"]


def test_a_brief_is_replaced_by_another_that_exists_and_never_in_a_circle(folder: Path) -> None:
    replaced = {"a": "b", "b": "c", "c": "a", "d": "a", "e": "e", "f": "nobody", "g": "h", "h": "ships"}
    write(folder, {f"{one}.yaml": brief_text(title=one * 3, replaced_by=other) for one, other in replaced.items()})
    circle = {"a": "a → b → c", "b": "a → b → c", "c": "a → b → c"}
    assert problems_of(folder) == [
        *(
            f"{one}.yaml:5:14: replaced_by: goes round in a circle ({names} → a); remove one of them"
            for one, names in circle.items()
        ),
        "e.yaml:5:14: replaced_by: names the brief itself; remove it",
        "f.yaml:5:14: replaced_by: there is no brief 'nobody'; known are a, b, c, d, e, f, g, h, ships",
    ]


@pytest.mark.slow
def test_a_long_chain_of_replacements_is_followed_in_little_time(folder: Path) -> None:
    files = {f"b{n}.yaml": brief_text(title=f"b {n}", replaced_by=f"b{n + 1}") for n in range(999)}
    write(folder, files | {"b999.yaml": brief_text(title="b 999", replaced_by="b0")})
    found = problems_of(folder)
    assert len(found) == 1000
    assert all("(1000 briefs)" in line for line in found)


def test_all_problems_come_at_once_in_the_order_of_their_places(folder: Path) -> None:
    write(
        folder,
        {"d.yml": "", "c.yaml": "titel: x\nsummary: no\nas_of: 2024-13\nsources: []\n", "b.yaml": "a: *b\n- c\n"},
    )
    write(folder, {"a.yaml": brief_text(title="A", related=["x"], aliases=["Ships", "y" * 201]), "e.yaml": b"\xff"})
    places = [problem.split(": ")[0] for problem in problems_of(folder)]
    assert places == ["a.yaml:5:11", "a.yaml:6:20", "b.yaml:1:4", "b.yaml:2:1", "c.yaml:1:1", "c.yaml:1:1",
                      "c.yaml:2:10", "c.yaml:3:8", "c.yaml:4:10", "d.yml:1:1", "e.yaml:1:1",
                      "ships.yaml:1:8"]  # fmt: skip


@PROPERTY
@given(CONTENTS)
@example(b"\xef\xbb\xbft\xff")
@example(b"title: A\n{")
def test_any_content_gives_a_brief_or_problems_within_it(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    folder = write(tmp_path_factory.getbasetemp() / "any", {"ships.yaml": content})
    text = content.decode("utf-8-sig", "replace")
    problems: Sequence[Problem] = ()
    try:
        assert ids_in(folder) == ["ships"]
    except BriefsError as error:
        problems = error.problems or pytest.fail("an error without a problem")
    for problem in problems:
        assert problem.path == str(folder / "ships.yaml")
        assert any(
            1 <= problem.line <= len(lines) and 1 <= problem.column <= len(lines[problem.line - 1]) + 1
            for lines in (text.split("\n"), re.split("\r\n|\r|\n", text))
        )

"""Two words are one name if they differ as spellings do; a slip in a letter that counts makes another name."""

import pytest

from bot.authoring.article.variants import alike, main_name


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("zelenskyy", "zelensky"),
        ("zelenskiy", "zelenskyy"),
        ("kharkiv", "kharkov"),
        ("mohammed", "muhammad"),
        ("odessa", "odesa"),
        ("defence", "defense"),
        ("organisation", "organization"),
        ("harbour", "harbor"),
        ("centre", "center"),
        ("russians", "russia"),
        ("ukrainians", "ukraine"),
        ("italian", "italy"),
        ("chinese", "china"),
        ("iraqi", "iraq"),
    ],
)
def test_variants_of_a_name_are_alike(left: str, right: str) -> None:
    assert alike(left, right)
    assert alike(right, left)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("ryabykh", "ryabkyh"),
        ("johnson", "johnston"),
        ("austria", "australia"),
        ("iran", "iraq"),
        ("iran", "oran"),
        ("hassan", "hussein"),
        ("slovakia", "slovenia"),
        ("niger", "nigeria"),
        ("mali", "male"),
        ("oslander", "uslander"),
        ("lima", "lome"),
    ],
)
def test_other_names_are_not(left: str, right: str) -> None:
    assert not alike(left, right)
    assert not alike(right, left)


@pytest.mark.parametrize(
    ("word", "name"),
    [("british", "britain"), ("uk", "britain"), ("american", "us"), ("kiev", "kyiv"), ("oct", "october")],
)
def test_a_name_with_an_irregular_adjective_has_a_main_name(word: str, name: str) -> None:
    assert main_name(word) == name


def test_most_words_have_no_other_name() -> None:
    assert main_name("russia") is None

"""Layouts that are kept, so that a card is laid out once and not for each reply."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from bot.briefs.card import Card, card_of
from bot.catalogues.catalogue import Catalogue
from bot.commands.layout import container
from tests.brief_files import a_brief, base_of

TODAY = date(2024, 12, 1)
OTHER = a_brief(
    "other",
    title="Other",
    summary="Another summary.",
    facts=[{"text": "A fact."}],
    image={"url": "https://example.org/a.png", "alt": "A quay", "credit": "A photographer"},
    corrections=[{"on": "2024-10-20", "text": "It was wrong."}],
    sources=[{"name": "A paper"}],
)
CHANGES: dict[str, Any] = {
    "id": "other",
    "status": "disputed",
    "title": "Other",
    "replaces": OTHER,
    "as_of": "2024-11",
    "expired": "2024-11",
    "summary": OTHER.summary,
    "image": OTHER.image,
    "facts": OTHER.facts,
    "sources": OTHER.sources,
    "corrections": OTHER.corrections,
    "changed": datetime(2024, 11, 1, tzinfo=UTC),
    "related": (OTHER,),
    "catalogue": Catalogue("fr"),
    "language": "fr",
    "languages": ("fr",),
    "lacking": "fr",
    "stale": True,
    "old": True,
}


def a_card() -> Card:
    brief = a_brief("cats", expires="2024-12-01", related=["dogs"])
    return card_of(brief, base_of(brief, a_brief("dogs", title="Dogs")), TODAY)


def test_an_equal_card_is_not_laid_out_again() -> None:
    assert a_card() is not a_card()
    assert container(a_card()) is container(a_card())
    assert container(a_card()) is not container(a_card(), in_part=True)


@pytest.mark.parametrize("field", [field.name for field in fields(Card)])
def test_a_card_that_differs_in_anything_is_laid_out_anew(field: str) -> None:
    shown = a_card()
    other = replace(shown, **{field: CHANGES[field]})
    assert container(other) is not container(shown)
    assert container(other).to_component_dict() == container.__wrapped__(other).to_component_dict()

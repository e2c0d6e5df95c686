"""The base as ClaimReview of schema.org, in JSON-LD, for those who publish their briefs: only what the base says.

A brief is a review of a claim if its status is a verdict on one: confirmed or disputed. That word is the rating. There
is no number, for the base has no scale.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from bot.briefs.brief import Brief, BriefBase, Source
from bot.briefs.card_text import fact_text
from bot.briefs.markup import is_web_address
from bot.errors import RequestError

CONTEXT = "https://schema.org"

_WHY_NOT = {
    "reported": "“reported” says who says it, not whether it is so",
    "opinion": "an opinion is no claim",
    "reference": "a reference makes no claim",
}


@dataclass(frozen=True, slots=True)
class ClaimReviews:
    """The document, and a line about each brief that is not in it, with the reason."""

    document: Mapping[str, Any]
    left_out: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(self.document["@graph"])


def claim_reviews(base: BriefBase, address: str) -> ClaimReviews:
    """Return the reviews of a base that is published below ``address``, each at the address with the brief's id.

    Raises RequestError if that is no web address.
    """
    if not is_web_address(address, "http", "https"):
        raise RequestError("The address below which the briefs are published must begin with https:// or http://.")
    left_out = {brief.id: why for brief in base.briefs.values() if (why := _why_not(brief))}
    reviews = [_review(brief, address.rstrip("/")) for brief in base.briefs.values() if brief.id not in left_out]
    lines = (f"{brief}: left out: {why}" for brief, why in left_out.items())
    return ClaimReviews({"@context": CONTEXT, "@graph": reviews}, tuple(lines))


def as_json(reviews: ClaimReviews) -> bytes:
    """Return the document as a file."""
    return json.dumps(reviews.document, ensure_ascii=False, indent=2).encode() + b"\n"


def _why_not(brief: Brief) -> str | None:
    return f"{brief.replaced_by} has replaced it" if brief.replaced_by else _WHY_NOT.get(brief.status)


def _review(brief: Brief, address: str) -> dict[str, Any]:
    place = f"{address}/{brief.id}"
    site = urlsplit(address)
    return dict(
        _given(
            {
                "@type": "ClaimReview",
                "@id": place,
                "url": place,
                "name": brief.title,
                "claimReviewed": brief.summary.plain,
                "reviewRating": {"@type": "Rating", "alternateName": brief.status.capitalize()},
                "author": {"@type": "Organization", "url": f"{site.scheme}://{site.netloc}/"},
                "reviewBody": "\n".join(fact_text(fact, brief) for fact in brief.facts),
                "citation": [_work(each) for each in brief.sources],
                "image": _image(brief),
                "temporalCoverage": brief.as_of,
                "expires": brief.expires,
                "correction": [
                    {"@type": "CorrectionComment", "text": each.text, "datePublished": each.on}
                    for each in brief.corrections
                ],
            }
        )
    )


def _work(source: Source) -> dict[str, str]:
    return {
        "@type": "CreativeWork",
        "name": source.name,
        **dict(_given({"url": source.url, "datePublished": source.published, "archivedAt": source.archived})),
    }


def _image(brief: Brief) -> dict[str, str] | None:
    if not brief.image:
        return None
    return {
        "@type": "ImageObject",
        "contentUrl": brief.image.url,
        "caption": brief.image.alt,
        "creditText": brief.image.credit,
    }


def _given(parts: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the parts that say something."""
    yield from ((key, part) for key, part in parts.items() if part)

"""What is published as ClaimReview is what the base says, and nothing else."""

import json

import pytest

from bot.briefs.claim_review import as_json, claim_reviews
from bot.errors import RequestError
from tests.brief_files import a_brief, base_of

ADDRESS = "https://news.example/briefs/"
WHOLE = a_brief(
    "ferries",
    title="Ferries stop at eight",
    summary="The **last** ferry leaves at 8 pm.",
    facts=[{"text": "None runs at night.", "by": "Port"}],
    status="disputed",
    as_of="2024-10",
    expires="2025-04",
    image={"url": "https://news.example/f.jpg", "alt": "A ferry", "credit": "A. Lind"},
    sources=[{"name": "Timetable", "url": "https://port.example/t", "published": "2024-10-01"}, {"name": "A report"}],
    corrections=[{"on": "2024-10-20", "text": "It was nine."}],
)


def test_a_brief_with_a_verdict_is_a_review_of_what_it_says() -> None:
    found = claim_reviews(base_of(WHOLE), ADDRESS)
    assert json.loads(as_json(found)) == {
        "@context": "https://schema.org",
        "@graph": [
            {
                "@type": "ClaimReview",
                "@id": "https://news.example/briefs/ferries",
                "url": "https://news.example/briefs/ferries",
                "name": "Ferries stop at eight",
                "claimReviewed": "The last ferry leaves at 8 pm.",
                "reviewRating": {"@type": "Rating", "alternateName": "Disputed"},
                "author": {"@type": "Organization", "url": "https://news.example/"},
                "reviewBody": "Port: None runs at night.",
                "citation": [
                    {
                        "@type": "CreativeWork",
                        "name": "Timetable",
                        "url": "https://port.example/t",
                        "datePublished": "2024-10-01",
                    },
                    {"@type": "CreativeWork", "name": "A report"},
                ],
                "image": {
                    "@type": "ImageObject",
                    "contentUrl": "https://news.example/f.jpg",
                    "caption": "A ferry",
                    "creditText": "A. Lind",
                },
                "temporalCoverage": "2024-10",
                "expires": "2025-04",
                "correction": [{"@type": "CorrectionComment", "text": "It was nine.", "datePublished": "2024-10-20"}],
            }
        ],
    }


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ({}, "says who says it"),
        ({"status": "opinion"}, "an opinion is no claim"),
        ({"status": "reference"}, "a reference makes no claim"),
        ({"status": "confirmed", "replaced_by": "ferries"}, "ferries has replaced it"),
    ],
)
def test_a_brief_without_a_verdict_is_left_out_with_the_reason(keys: dict[str, str], why: str) -> None:
    found = claim_reviews(base_of(WHOLE, a_brief("ships", **keys)), ADDRESS)
    assert found.count == 1
    (line,) = found.left_out
    assert line.startswith("ships: left out: ")
    assert why in line


@pytest.mark.parametrize("address", ["news.example", "ftp://news.example", "https://", "javascript:x", "https://a b"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(RequestError, match="must begin with https://"):
        claim_reviews(base_of(WHOLE), address)

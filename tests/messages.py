"""What messages can carry beside their own text, as Discord documents it (Message Object, Poll, Message Snapshot)."""

from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]

HAS_SNAPSHOT = 1 << 14
COMPONENTS_V2 = 1 << 15
_URL = "https://cdn.example/1/2/picture.png"


def with_attachment(description: str | None, title: str | None = None) -> Json:
    """A file with its alt text, and the name that it had before Discord took signs out of it."""
    file: Json = {
        "id": "1100000000000000001",
        "filename": "picture.png",
        "size": 12_345,
        "url": _URL,
        "proxy_url": _URL,
        "content_type": "image/png",
        "width": 640,
        "height": 480,
        "placeholder": "pBcGFwQIiHd+eHB4h3CICId4hw==",
        "placeholder_version": 1,
    }
    file |= {"description": description} if description is not None else {}
    return {"attachments": [file | ({"title": title} if title is not None else {})]}


def with_embed(**parts: Any) -> Json:
    """An embed as a webhook's, or as Discord makes it of a link."""
    return {"embeds": [{"type": "rich", "content_scan_version": 3} | parts]}


def with_poll(question: str, *answers: str) -> Json:
    media = [
        {"answer_id": number, "poll_media": {"text": answer, "emoji": {"id": None, "name": "🚢"}}}
        for number, answer in enumerate(answers, 1)
    ]
    counts = [{"id": number, "count": 0, "me_voted": False} for number, _ in enumerate(answers, 1)]
    poll = {
        "question": {"text": question},
        "answers": media,
        "expiry": "2030-01-01T00:00:00+00:00",
        "allow_multiselect": False,
        "layout_type": 1,
        "results": {"answer_counts": counts, "is_finalized": False},
    }
    return {"poll": poll}


def forwarding(**message: Any) -> Json:
    """A forward: the message has no text of its own, and the snapshot no author."""
    snapshot: Json = {
        "type": 0,
        "content": "",
        "embeds": [],
        "attachments": [],
        "timestamp": "2024-10-18T12:00:00+00:00",
        "edited_timestamp": None,
        "flags": 0,
        "mentions": [],
        "mention_roles": [],
        "components": [],
    }
    origin = {"type": 1, "channel_id": "1100000000000000002", "message_id": "1100000000000000003"}
    return {"flags": HAS_SNAPSHOT, "message_reference": origin, "message_snapshots": [{"message": snapshot | message}]}


def with_components(*components: Json) -> Json:
    """Another bot's message in Components V2, which leaves content and embeds empty."""
    return {"flags": COMPONENTS_V2, "components": [*components]}


def text(content: str) -> Json:
    return {"type": 10, "id": 1, "content": content}


def picture(description: str | None) -> Json:
    media = {"url": _URL, "proxy_url": _URL, "width": 640, "height": 480, "content_type": "image/png"}
    return {"media": media, "description": description, "spoiler": False}


def thumbnail(description: str | None) -> Json:
    return {"type": 11, "id": 2} | picture(description)


def section(*texts: str, accessory: Json) -> Json:
    return {"type": 9, "id": 3, "components": [*map(text, texts)], "accessory": accessory}


def gallery(*descriptions: str | None) -> Json:
    return {"type": 12, "id": 4, "items": [*map(picture, descriptions)]}


def container(*components: Json) -> Json:
    return {"type": 17, "id": 5, "accent_color": None, "spoiler": False, "components": [*components]}


def button(label: str) -> Json:
    return {"type": 2, "id": 6, "style": 1, "label": label, "custom_id": "press"}


def row(*components: Json) -> Json:
    return {"type": 1, "id": 7, "components": [*components]}


SEPARATOR: Json = {"type": 14, "id": 8, "divider": True, "spacing": 1}

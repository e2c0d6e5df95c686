"""Which language a locale asks for. Locales and languages are BCP 47 tags, as Discord sends them: "uk", "pt-BR"."""

from collections.abc import Collection


def fallbacks(tag: str) -> tuple[str, ...]:
    """Return a tag and those that stand in for it, the nearest first: "pt-BR", then "pt"."""
    parts = tag.split("-")
    return tuple("-".join(parts[:length]) for length in range(len(parts), 0, -1))


def closest(tag: str | None, languages: Collection[str]) -> str | None:
    """Return that one of ``languages`` which is nearest to a tag; None if there is none, or no tag."""
    return next((each for each in fallbacks(tag or "") if each in languages), None)

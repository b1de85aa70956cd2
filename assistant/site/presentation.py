"""Owns how things read on a page: dates, counts, snippets, addresses. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote, urlencode, urlsplit

from markupsafe import Markup, escape

from indexing.briefings import Briefing, Category, Sentiment

HEIDI_LINE = (
    "JMAC Web's AI news curator, turning trusted industry sources into concise, practical "
    "briefings for technology leaders and builders"
)

SENTIMENT_LABELS = {
    Sentiment.POSITIVE: "Positive",
    Sentiment.NEUTRAL: "Neutral",
    Sentiment.NEGATIVE: "Negative",
}

_WORD = re.compile(r"\w+")

_UPDATE_OF = "update:"
"""Begins the tag that names the briefing of which this one is an update."""


@dataclass(frozen=True, kw_only=True)
class ShareLink:
    """A plain link that opens another service's own share page."""

    name: str
    icon: str
    url: str


def category_slug(category: Category) -> str:
    """Part of the address of a category's page."""
    return category.value.lower().replace(" ", "-")


def category_of_slug(slug: str) -> Category | None:
    """The category at an address."""
    return next((each for each in Category if category_slug(each) == slug), None)


def long_date(day: date) -> str:
    """24 November 2026."""
    return f"{day.day} {day:%B %Y}"


def short_date(day: date) -> str:
    """24 Nov 2026."""
    return f"{day.day} {day:%b %Y}"


def counted(number: int, noun: str) -> str:
    """1 view; 1,204 views."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def site_of(url: str) -> str:
    """Host of an address as readers know it."""
    return (urlsplit(url).hostname or "").removeprefix("www.")


def is_web_address(url: str) -> bool:
    """Whether a link may lead there."""
    return urlsplit(url).scheme in {"http", "https"}


def highlighted(text: str, query: str) -> Markup:
    """Escaped text in which the words of a query are marked."""
    words = {word.lower() for word in _WORD.findall(query) if len(word) > 2}
    if not words:
        return escape(text)
    alternatives = "|".join(sorted(map(re.escape, words), key=len, reverse=True))
    pattern = re.compile(rf"\b({alternatives})\b", re.IGNORECASE)
    parts = pattern.split(text)
    marked = (
        Markup("<mark>{}</mark>").format(part) if index % 2 else escape(part)
        for index, part in enumerate(parts)
    )
    return Markup("").join(marked)


def share_links(title: str, url: str) -> tuple[ShareLink, ...]:
    """Links to the usual places; they carry no tracker."""
    mail = urlencode({"subject": title, "body": url}, quote_via=quote)
    return (
        ShareLink(
            name="X",
            icon="x",
            url=f"https://x.com/intent/post?{urlencode({'text': title, 'url': url})}",
        ),
        ShareLink(
            name="LinkedIn",
            icon="linkedin",
            url=f"https://www.linkedin.com/sharing/share-offsite/?{urlencode({'url': url})}",
        ),
        ShareLink(
            name="Facebook",
            icon="facebook",
            url=f"https://www.facebook.com/sharer/sharer.php?{urlencode({'u': url})}",
        ),
        ShareLink(name="E-mail", icon="mail", url=f"mailto:?{mail}"),
    )


def topics(briefing: Briefing) -> tuple[str, ...]:
    """The tags that mean something to a reader: none that names another briefing's id."""
    return tuple(tag for tag in briefing.tags if not tag.startswith(_UPDATE_OF))


def related(briefing: Briefing, candidates: Iterable[Briefing], n: int) -> tuple[Briefing, ...]:
    """The candidates nearest to a briefing: shared tags first, then its category, then newest."""
    tags = set(briefing.tags)
    others = {each.id: each for each in candidates if each.id != briefing.id}.values()

    def nearness(other: Briefing) -> tuple[int, bool, int]:
        return (
            len(tags & set(other.tags)),
            other.category is briefing.category,
            other.date.toordinal(),
        )

    return tuple(sorted(others, key=nearness, reverse=True)[:n])


def without(briefings: Sequence[Briefing], shown: Iterable[Briefing]) -> tuple[Briefing, ...]:
    """The briefings that are not on the page already."""
    ids = {each.id for each in shown}
    return tuple(each for each in briefings if each.id not in ids)


def xml_text(text: str) -> str:
    """The text without characters that XML 1.0 can't carry."""
    return "".join(
        character
        for character in text
        if character in "\t\n\r"
        or (unicodedata.category(character) not in {"Cc", "Cs"} and character not in "\ufffe\uffff")
    )

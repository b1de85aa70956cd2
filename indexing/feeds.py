"""Owns reading a feed: RSS, Atom, RDF or JSON to items, each with what was wrong with it.

Nothing in a feed is believed: markup is read as text, addresses are http(s) only, and a date that
is not certain is none. Does not own fetching (`fetching.py`) or what becomes of items.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from indexing.addresses import absolute_address, canonical_address, without_tracking
from indexing.errors import FeedUnreadable
from indexing.feed_dates import DateUnusable, read_moment
from indexing.markup import line_of_html, markdown_of_html, markdown_of_plain
from indexing.posts import MAX_TEXT

if TYPE_CHECKING:
    from feedparser import FeedParserDict

_MAX_TITLE = 300
_MAX_TAGS = 100_000
"""Each takes time, and two megabytes of nothing else half a minute; large feeds have fewer."""
_FIRST_TAG = re.compile(rb"<\s*([A-Za-z][\w:.-]*)")
_FEED_LINK = re.compile(
    r"<link\b(?=[^>]*\brel=[\"']?alternate)(?=[^>]*\btype=[\"']?application/(?:rss|atom)\+xml)"
    r"[^>]*\bhref=[\"']?([^\"'\s>]+)",
    re.IGNORECASE,
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff\u200b\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True, kw_only=True)
class FeedItem:
    """One entry of a feed, clean."""

    key: str
    """Identifies it within its feed, whatever else changes."""
    title: str
    url: str
    """Absolute http(s) address."""
    moment: datetime | None
    """When it was published, in UTC; none: the feed does not say, or not reliably."""
    date_problem: str = ""
    """Why there is no moment."""
    summary: str
    """Plain Markdown prose; what the feed gives to be shown."""
    text: str
    """Plain Markdown prose; the article, or as much as the feed has of it."""

    @property
    def canonical(self) -> str:
        """The same for all addresses of the article."""
        return canonical_address(self.url)


@dataclass(frozen=True, kw_only=True)
class ItemRejected:
    """An entry that cannot be used."""

    position: int
    """Place in the feed, from one."""
    reason: str


@dataclass(frozen=True, kw_only=True)
class ParsedFeed:
    """What a feed says."""

    title: str
    form: str
    """As libraries call it: `rss20`, `atom10`, `json11`."""
    items: tuple[FeedItem, ...]
    rejected: tuple[ItemRejected, ...] = ()
    repeated: int = 0
    """Entries that were in it before."""
    is_repaired: bool = False
    """It is not well-formed, and was read nevertheless."""
    language: str = ""
    """As the feed declares it, such as `en-GB`; empty: it does not."""


@dataclass(frozen=True, kw_only=True)
class RawEntry:
    """An entry as any kind of feed gives it, before it is judged."""

    key: str
    title: str
    url: str
    date: str
    summary: str
    text: str


def parse_feed(content: bytes, *, url: str, now: datetime, content_type: str = "") -> ParsedFeed:
    """Read a feed, repairing what can be repaired.

    Args:
        content: What the address gave.
        url: The address, for relative links.
        now: The present time.
        content_type: As the server named it; its charset counts.

    Raises:
        FeedUnreadable: It is no feed.
    """
    if not content.strip():
        raise FeedUnreadable("is empty")
    if content.count(b"<") + content.count(b"&lt;") > _MAX_TAGS:
        raise FeedUnreadable(f"has more than {_MAX_TAGS:,} tags")
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        from indexing.json_feed import read_json_feed

        title, form, entries = read_json_feed(content)
        return _judged(title, form, entries, url=url, now=now)
    parsed = _parsed(content, url, content_type)
    if not parsed.get("version") and not parsed.entries:
        raise FeedUnreadable(_what_it_is(content, url))
    feed = _judged(
        line_of_html(parsed.feed.get("title", "")),
        parsed.get("version") or "unknown",
        [_raw(entry) for entry in parsed.entries],
        url=url,
        now=now,
    )
    language = _string(parsed.feed.get("language"))
    return replace(feed, is_repaired=_is_repaired(parsed), language=language.strip())


def _parsed(content: bytes, url: str, content_type: str) -> FeedParserDict:
    import feedparser

    headers = {"content-location": url, "content-type": _media_type(content, content_type)}
    try:
        return feedparser.parse(content, response_headers=headers)
    except Exception as error:  # feedparser lets errors of odd content through, of any type
        raise FeedUnreadable(f"cannot be read: {type(error).__name__}: {error}") from error


def _media_type(content: bytes, content_type: str) -> str:
    """What to tell feedparser: the charset that the bytes prove, else the one that is named.

    Servers name a wrong charset, or none for a type that HTTP/1.0 takes to be Latin-1; text beyond
    ASCII that happens to be valid UTF-8 is UTF-8.
    """
    if not content.isascii():
        with suppress(UnicodeDecodeError):
            content.decode("utf-8")
            return "application/xml; charset=utf-8"
    charset = re.search(r"charset=[\"']?([\w-]+)", content_type, re.IGNORECASE)
    return f"application/xml; charset={charset[1]}" if charset else "application/xml"


def _is_repaired(parsed: FeedParserDict) -> bool:
    """Whether its XML was broken; a wrong name of its charset is none of its faults."""
    from feedparser.exceptions import CharacterEncodingOverride

    return bool(parsed.bozo) and not isinstance(parsed.bozo_exception, CharacterEncodingOverride)


def _raw(entry: FeedParserDict) -> RawEntry:
    texts = [_markdown(detail) for detail in entry.get("content", [])]
    summary = _markdown(entry.get("summary_detail") or {})
    return RawEntry(
        key=_string(entry.get("id")),
        title=_title(entry.get("title_detail") or {}),
        url=_string(entry.get("feedburner_origlink")) or _string(entry.get("link")),
        # feedparser's own `get` warns where it takes one for the other
        date=_string(dict.get(entry, "published")) or _string(dict.get(entry, "updated")),
        summary=summary,
        text=max([*texts, summary], key=len),
    )


def _judged(
    title: str, form: str, entries: Iterable[RawEntry], *, url: str, now: datetime
) -> ParsedFeed:
    items: list[FeedItem] = []
    rejected: list[ItemRejected] = []
    for position, entry in enumerate(entries, start=1):
        judged = _item(entry, base=url, now=now)
        if isinstance(judged, FeedItem):
            items.append(judged)
        else:
            rejected.append(ItemRejected(position=position, reason=judged))
    unique = tuple(_unique(items))
    return ParsedFeed(
        title=title,
        form=form,
        items=unique,
        rejected=tuple(rejected),
        repeated=len(items) - len(unique),
    )


def _item(entry: RawEntry, *, base: str, now: datetime) -> FeedItem | str:
    """The item, or why it is none."""
    title = _clean(entry.title)[:_MAX_TITLE]
    if not any(character.isalnum() for character in title):
        return "has no title"
    given = entry.url or (entry.key if re.match(r"https?://", entry.key) else "")
    if not given:
        return "has no address"
    address = absolute_address(given, base)
    if address is None:
        return f"has an address that cannot be opened: {given[:80]!r}"
    moment, problem = None, "there is no date"
    if entry.date.strip():
        try:
            moment, problem = read_moment(_clean(entry.date), now=now), ""
        except DateUnusable as error:
            problem = str(error)
    return FeedItem(
        key=hashlib.sha256((entry.key or address).encode("utf-8", "replace")).hexdigest(),
        title=title,
        url=without_tracking(address),
        moment=moment,
        date_problem=problem,
        summary=_lines(entry.summary),
        text=_lines(entry.text),
    )


def _unique(items: Iterable[FeedItem]) -> Iterator[FeedItem]:
    """Of items with one key, one address, or one title and text, the first."""
    seen: set[object] = set()
    for item in items:
        keys = {item.key, item.canonical, (item.title.casefold(), item.text)}
        if not keys & seen:
            yield item
        seen |= keys


def _markdown(detail: dict[str, Any]) -> str:
    value = _string(detail.get("value"))
    if "html" in _string(detail.get("type")):
        return markdown_of_html(value)
    return markdown_of_plain(value)


def _title(detail: dict[str, Any]) -> str:
    """A title as text; feeds escape twice often enough for entities to be read once more."""
    value = _string(detail.get("value"))
    if "html" in _string(detail.get("type")):
        return line_of_html(value)
    return " ".join(value.split())


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _clean(text: str) -> str:
    return " ".join(_CONTROL.sub("", text).split())


def _lines(text: str) -> str:
    return _CONTROL.sub("", text)[:MAX_TEXT]


def _what_it_is(content: bytes, url: str) -> str:
    """Why something is no feed, with the address of the right one where a page names it."""
    if content[:2] == b"\x1f\x8b":
        return "is compressed data, not a feed"
    tag = _FIRST_TAG.search(re.sub(rb"<[!?][^>]*>", b"", content[:20_000]))
    name = tag[1].decode("ascii", "replace").lower() if tag else ""
    if name in ("html", "head", "body"):
        link = _FEED_LINK.search(content[:200_000].decode("utf-8", "replace"))
        address = absolute_address(link[1], url) if link else None
        return f"is a web page, not a feed{f'; its feed is {address}' if address else ''}"
    if name in ("urlset", "sitemapindex"):
        return "is a sitemap, not a feed"
    return f"is not a feed: it begins with <{name}>" if name else "is not a feed: it has no element"

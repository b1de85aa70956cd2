"""Owns what machines read: RSS 2.0 feeds, sitemap and robots.txt, with conditional requests."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from email.utils import format_datetime, parsedate_to_datetime
from functools import partial

from fastapi import APIRouter, Request, Response
from feedgen.feed import FeedGenerator  # type: ignore[import-untyped]

from assistant.site.markdown import body_html
from assistant.site.presentation import category_of_slug, category_slug, xml_text
from assistant.site.rendering import Pages
from assistant.site.services import SiteBriefings, SiteServices
from indexing.briefings import Briefing, Category

FEED_ITEMS = 50
_BATCH = 200
_MAX_ADDRESSES = 50_000
"""Limit of one sitemap file (sitemaps.org)."""


@dataclass(frozen=True, kw_only=True)
class _Made:
    etag: str
    modified: datetime
    content: bytes


class ConditionalResponses:
    """Answers 304 to readers who have a document already (RFC 9110, section 13).

    A document is made only when the briefings that it is made from have changed.
    Briefings carry a day and no time of change, so Last-Modified is when this process first saw
    the change: never earlier than the change itself, which makes a 304 safe.

    Args:
        clock: the time, in UTC.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._made: dict[str, _Made] = {}

    def respond(
        self,
        request: Request,
        briefings: Sequence[Briefing],
        make: Callable[[], bytes],
        media_type: str,
    ) -> Response:
        """The document that `make` makes from the briefings, or 304."""
        made = self._current(request.url.path, briefings, make)
        headers = {
            "ETag": made.etag,
            "Last-Modified": format_datetime(made.modified, usegmt=True),
            "Cache-Control": "public, max-age=300",
        }
        if _is_known(request, made.etag, made.modified):
            return Response(status_code=304, headers=headers)
        return Response(made.content, media_type=media_type, headers=headers)

    def _current(
        self, path: str, briefings: Sequence[Briefing], make: Callable[[], bytes]
    ) -> _Made:
        hashes = "".join(each.content_hash for each in briefings)
        etag = f'"{hashlib.sha256(hashes.encode()).hexdigest()[:24]}"'
        made = self._made.get(path)
        if made is None or made.etag != etag:
            now = self._clock().replace(microsecond=0)
            made = _Made(etag=etag, modified=now, content=make())
            self._made[path] = made
        return made


def feeds_router(services: SiteServices, pages: Pages) -> APIRouter:
    """Feeds, sitemap and robots.txt."""
    router = APIRouter(include_in_schema=False)
    conditional = ConditionalResponses(services.clock)
    methods = ["GET", "HEAD"]

    @router.api_route("/feed.xml", methods=methods)
    async def feed(request: Request) -> Response:
        """RSS of the newest briefings."""
        newest = await services.briefings.latest(FEED_ITEMS)
        make = partial(rss, newest, base_url=services.base_url, category=None)
        return conditional.respond(request, newest, make, "application/rss+xml")

    @router.api_route("/category/{slug}/feed.xml", methods=methods)
    async def category_feed(request: Request, slug: str) -> Response:
        """RSS of one category."""
        category = category_of_slug(slug)
        if category is None:
            return await pages.not_found(request)
        newest = (await services.briefings.page(category=category, limit=FEED_ITEMS)).items
        make = partial(rss, newest, base_url=services.base_url, category=category)
        return conditional.respond(request, newest, make, "application/rss+xml")

    @router.api_route("/sitemap.xml", methods=methods)
    async def sitemap(request: Request) -> Response:
        """All addresses, for search engines."""
        briefings = await _all(services.briefings)
        make = partial(pages.document, "sitemap.xml", briefings=briefings)
        return conditional.respond(request, briefings, make, "application/xml")

    @router.api_route("/robots.txt", methods=methods)
    async def robots() -> Response:
        """What search engines need not read."""
        return Response(pages.document("robots.txt"), media_type="text/plain")

    return router


def rss(briefings: Sequence[Briefing], *, base_url: str, category: Category | None) -> bytes:
    """An RSS 2.0 document of briefings in the given order; equal input, equal bytes."""
    home = base_url.rstrip("/")
    place = f"/category/{category_slug(category)}" if category else ""
    feed = FeedGenerator()
    feed.title(f"JMAC Web: {category.value}" if category else "JMAC Web")
    # The last link becomes the channel's own.
    feed.link(href=f"{home}{place}/feed.xml", rel="self", type="application/rss+xml")
    feed.link(href=f"{home}{place or '/'}", rel="alternate")
    feed.description(
        f"Briefings on {category.value} by Heidi."
        if category
        else "AI and technology in concise, practical briefings by Heidi."
    )
    feed.language("en")
    # The generator would put the present time here, and no two feeds would be equal.
    feed.lastBuildDate(
        max((_midnight(each) for each in briefings), default=datetime(2025, 1, 1, tzinfo=UTC))
    )
    for briefing in briefings:
        _add_entry(feed, briefing, home)
    return bytes(feed.rss_str(pretty=True))


def _add_entry(feed: FeedGenerator, briefing: Briefing, home: str) -> None:
    entry = feed.add_entry(order="append")
    entry.title(xml_text(briefing.title))
    entry.link(href=f"{home}{briefing.path}")
    entry.guid(f"{home}{briefing.path}", permalink=True)
    entry.description(xml_text(briefing.summary))
    entry.content(xml_text(body_html(briefing.body)), type="CDATA")
    entry.category({"term": briefing.category.value, "label": briefing.category.value})
    entry.pubDate(_midnight(briefing))


def _midnight(briefing: Briefing) -> datetime:
    return datetime.combine(briefing.date, time(), tzinfo=UTC)


async def _all(briefings: SiteBriefings) -> list[Briefing]:
    found: list[Briefing] = []
    while len(found) < _MAX_ADDRESSES:
        page = await briefings.page(offset=len(found), limit=_BATCH)
        found += page.items
        if len(page.items) < _BATCH:
            break
    return found[:_MAX_ADDRESSES]


def _is_known(request: Request, etag: str, modified: datetime) -> bool:
    """If-None-Match decides where it is sent; the date counts only without it."""
    known = request.headers.get("If-None-Match")
    if known is not None:
        tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
        return etag in tags or "*" in tags
    since = request.headers.get("If-Modified-Since", "")
    try:
        return modified <= parsedate_to_datetime(since)
    except (TypeError, ValueError):
        return False

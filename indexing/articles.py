"""Owns finding the article in a web page: its prose, its own address and its date."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from indexing.addresses import absolute_address
from indexing.feed_dates import DateUnusable, read_moment
from indexing.posts import MAX_TEXT

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_DATE_NAMES = ("article:published_time", "og:published_time", "datepublished", "dc.date.issued")


@dataclass(frozen=True, kw_only=True)
class Article:
    """What a page is there for."""

    url: str
    """Its own address, where the page names one."""
    text: str
    """Markdown."""
    moment: datetime | None
    """When it was published, in UTC, if the page declares it."""


def extract_article(page: bytes, *, url: str, now: datetime) -> Article | None:
    """The article of a page, without navigation, advertisements and comments; none if it has none.

    Args:
        page: HTML, in any encoding.
        url: Address of the page.
        now: The present time.
    """
    import trafilatura

    tree = trafilatura.load_html(page)
    if tree is None:
        return None
    own_address, moment = _own_address(tree, url), _moment(tree, now)
    text = trafilatura.extract(
        tree,
        url=url,
        output_format="markdown",
        include_comments=False,
        include_tables=False,
        favor_precision=True,
    )
    if not text:
        return None
    return Article(url=own_address, text=text[:MAX_TEXT], moment=moment)


def _own_address(tree: HtmlElement, url: str) -> str:
    """What the page calls its address, unless that is another site's."""
    named = [str(value) for value in tree.xpath("//link[@rel='canonical']/@href")]
    address = absolute_address(named[0], url) if named else None
    host = re.match(r"https?://[^/?]+", url)
    return address if address and host and address.startswith(host[0]) else url


def _moment(tree: HtmlElement, now: datetime) -> datetime | None:
    """The date that the page declares; dates in its text may be about anything."""
    declared = [
        element.get("content") or element.get("datetime") or ""
        for element in tree.xpath("//meta[@content]|//time[@itemprop and @datetime]")
        if (element.get("property") or element.get("itemprop") or element.get("name") or "").lower()
        in _DATE_NAMES
    ]
    declared += _dates_of_linked_data(tree)
    for text in declared:
        try:
            return read_moment(text, now=now)
        except DateUnusable:
            continue
    return None


def _dates_of_linked_data(tree: HtmlElement) -> list[str]:
    """`datePublished` of schema.org's articles, of which a page has one."""
    dates: list[str] = []
    for text in tree.xpath("//script[@type='application/ld+json']/text()"):
        try:
            read = json.loads(text)
        except (ValueError, RecursionError):
            continue
        graph = read.get("@graph", [read]) if isinstance(read, dict) else read
        for part in graph if isinstance(graph, list) else []:
            date = part.get("datePublished") if isinstance(part, dict) else None
            dates += [date] if isinstance(date, str) else []
    return dates

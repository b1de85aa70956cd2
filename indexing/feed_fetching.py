"""Owns fetching feeds into SQL: each at its own pace, none of them fatal to the others."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from indexing.addresses import canonical_address
from indexing.articles import Article, extract_article
from indexing.errors import FeedUnreadable, FetchFailed
from indexing.feed_list import Feed
from indexing.feed_store import FeedState, KeptItem, SqlFeeds
from indexing.feeds import FeedItem, ParsedFeed, parse_feed
from indexing.fetching import FEED_TYPES, PAGE_TYPES, FeedClient
from indexing.robots import Robots
from indexing.sentences import split_sentences

_logger = logging.getLogger(__name__)
_AT_ONCE = 8
_LEASE_S = 180.0
_LEASE_PER_ITEM_S = 10.0
"""A feed's articles are fetched one after the other."""
_ENOUGH_WORDS = 120
"""Words of a feed's own text that make fetching the page needless."""
_SUMMARY_WORDS = 100
"""Most words that count as a summary."""
_SEEN_SINCE = timedelta(days=3)
"""What has no date and appeared since a fetch so long ago is as new as that."""


class FeedResult(StrEnum):
    """What came of fetching a feed."""

    READ = "read"
    UNCHANGED = "unchanged"
    BUSY = "fetched by another process"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class FeedOutcome:
    """What came of fetching a feed, for whoever keeps the list."""

    feed: Feed
    result: FeedResult
    new: int = 0
    changed: int = 0
    known: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    """Entries that were not taken, by the reason."""
    problem: str = ""
    """Why it failed, or gave nothing."""
    moved_to: str = ""
    """Where the feed has moved for good."""


class FeedFetcher:
    """Fetches feeds and keeps their items.

    Args:
        store: Keeps them.
        client: Fetches them.
        clock: Tells the present time, with a zone.
    """

    def __init__(
        self,
        store: SqlFeeds,
        client: FeedClient,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._client = client
        self._clock = clock
        self._robots = Robots(client)
        self._holder = uuid.uuid4().hex
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def fetch_all(self, feeds: Sequence[Feed]) -> AsyncIterator[FeedOutcome]:
        """Fetch feeds at the same time; outcomes come as they are ready."""
        tasks = [asyncio.create_task(self._in_turn(feed)) for feed in feeds]
        try:
            for finished in asyncio.as_completed(tasks):
                yield await finished
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _in_turn(self, feed: Feed) -> FeedOutcome:
        async with self._places:
            return await self.fetch(feed)

    async def fetch(self, feed: Feed) -> FeedOutcome:
        """Fetch a feed and keep what is new, unless another process is at it."""
        for_s = _LEASE_S + _LEASE_PER_ITEM_S * feed.max_items * (feed.use == "full")
        if not await self._store.lease(feed.url, holder=self._holder, for_s=for_s):
            return FeedOutcome(feed=feed, result=FeedResult.BUSY)
        try:
            return await self._fetch(feed)
        except (FetchFailed, FeedUnreadable) as error:
            return FeedOutcome(feed=feed, result=FeedResult.FAILED, problem=error.reason)
        except Exception as error:  # whatever one publisher's feed does, the others go on
            _logger.exception("the feed %s failed", feed.name)
            problem = f"stopped with an error of ours ({type(error).__name__}); the log says more"
            return FeedOutcome(feed=feed, result=FeedResult.FAILED, problem=problem)
        finally:
            await self._store.release(feed.url, holder=self._holder)

    async def _fetch(self, feed: Feed) -> FeedOutcome:
        state = await self._store.state(feed.url)
        fetched = await self._client.get(
            feed.url, accept=FEED_TYPES, etag=state.etag, last_modified=state.last_modified
        )
        if fetched.is_unchanged:
            return FeedOutcome(feed=feed, result=FeedResult.UNCHANGED)
        parsed = await asyncio.to_thread(
            parse_feed,
            fetched.content,
            url=fetched.url,
            now=self._clock(),
            content_type=fetched.content_type,
        )
        _require_english(parsed)
        left_out = Counter(rejected.reason for rejected in parsed.rejected)
        left_out.update({"is repeated in the feed": parsed.repeated} if parsed.repeated else {})
        items = await self._kept(feed, state, parsed, left_out)
        report = await self._store.keep(
            feed.url, items, etag=fetched.etag, last_modified=fetched.last_modified
        )
        return FeedOutcome(
            feed=feed,
            result=FeedResult.READ,
            new=report.new,
            changed=report.changed,
            known=report.known,
            left_out=left_out,
            problem="" if parsed.items or parsed.rejected else "has no entries",
            moved_to=fetched.moved_to,
        )

    async def _kept(
        self, feed: Feed, state: FeedState, parsed: ParsedFeed, left_out: Counter[str]
    ) -> list[KeptItem]:
        """The items to keep, new ones with their whole article where that is allowed."""
        newest = sorted(parsed.items, key=_newest_first)
        if (dropped := len(newest) - feed.max_items) > 0:
            left_out[f"is not among the newest {feed.max_items}"] += dropped
        hashes = await self._store.hashes([_id(feed, item) for item in newest[: feed.max_items]])
        kept: list[KeptItem] = []
        for item in newest[: feed.max_items]:
            key, content_hash = _id(feed, item), _content_hash(feed, item)
            article = None
            if feed.use == "full" and hashes.get(key) != content_hash:
                article = await self._article(item)
            moment = item.moment or (article.moment if article else None)
            problem = item.date_problem
            if moment is None and (key in hashes or self._appeared_since(state)):
                moment = self._clock()
            elif moment and moment < self._clock() - timedelta(days=feed.max_age_days):
                moment, problem = None, f"is older than {feed.max_age_days} days"
            if moment is None:
                left_out[problem] += 1
                continue
            kept.append(_kept_item(feed, item, article, moment, content_hash))
        return kept

    def _appeared_since(self, state: FeedState) -> bool:
        """Whether what is new in a feed has appeared within the last days."""
        return bool(state.fetched_at and state.fetched_at >= self._clock() - _SEEN_SINCE)

    async def _article(self, item: FeedItem) -> Article | None:
        """The page of an item that itself says little, if the site lets programs read it."""
        if len(item.text.split()) >= _ENOUGH_WORDS:
            return None
        try:
            if not await self._robots.allow(item.url):
                return None
            page = await self._client.get(item.url, accept=PAGE_TYPES)
        except FetchFailed:
            return None
        if "html" not in (page.content_type or "html"):
            return None
        return await asyncio.to_thread(
            extract_article, page.content, url=page.url, now=self._clock()
        )


def _require_english(parsed: ParsedFeed) -> None:
    language = parsed.language.lower().replace("_", "-")
    if language and not language.startswith("en"):
        raise FeedUnreadable(f"is in the language {parsed.language!r}; Heidi writes from English")


def _newest_first(item: FeedItem) -> float:
    return -item.moment.timestamp() if item.moment else 0.0


def _id(feed: Feed, item: FeedItem) -> str:
    return hashlib.sha256(f"{feed.url}\n{item.key}".encode()).hexdigest()


def _content_hash(feed: Feed, item: FeedItem) -> str:
    summary, text = _allowed(feed, item)
    content = "\n".join((item.title, item.canonical, summary, text, feed.name, feed.license))
    return hashlib.sha256(content.encode("utf-8", "replace")).hexdigest()


def _allowed(feed: Feed, item: FeedItem) -> tuple[str, str]:
    """Summary and text as far as the feed's terms allow; some feeds' summary is the article."""
    if feed.use == "full":
        return item.summary, item.text
    kept: list[str] = []
    room = _SUMMARY_WORDS
    for sentence in split_sentences(item.summary or item.text):
        room -= len(sentence.split())
        if kept and room < 0:
            break
        kept.append(sentence)
    summary = " ".join(kept)
    return summary, summary


def _kept_item(
    feed: Feed, item: FeedItem, article: Article | None, moment: datetime, content_hash: str
) -> KeptItem:
    summary, text = _allowed(feed, item)
    kept = KeptItem(
        id=_id(feed, item),
        feed_url=feed.url,
        source=feed.name,
        license=feed.license,
        title=item.title,
        url=item.url,
        canonical=item.canonical,
        moment=moment,
        summary=summary,
        text=text,
        content_hash=content_hash,
    )
    if article is None:
        return kept
    is_longer = len(article.text) > len(kept.text)
    return replace(
        kept,
        url=article.url,
        canonical=canonical_address(article.url),
        text=article.text if is_longer else kept.text,
    )

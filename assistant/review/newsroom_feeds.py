"""Owns the page of feeds: how each fares, when it is fetched next, and fetching it now."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from assistant.core.caller import StaffMember
from assistant.core.errors import NotFound
from assistant.review.newsroom_pages import NEWSROOM, NewsroomPages
from indexing.errors import FeedFileInvalid
from indexing.feed_list import EXAMPLE, Feed
from indexing.feed_schedule import WRITING, FeedStatus
from indexing.feed_watch import FeedWatch

_MAX_URL = 1000


@dataclass(frozen=True, kw_only=True)
class ListedFeed:
    """A feed of the list and how it fares."""

    feed: Feed
    status: FeedStatus

    @property
    def is_busy(self) -> bool:
        """Whether it is fetched just now, or will be in a moment."""
        return self.status.is_running or self.status.is_asked


def add_feeds(router: APIRouter, pages: NewsroomPages) -> None:
    """Add the page and the button."""
    Member = Annotated[StaffMember, Depends(pages.member)]
    watch = pages.services.watch

    @router.get("/feeds")
    async def feed_list(request: Request, staff: Member) -> HTMLResponse:
        """Every listed feed."""
        problem = ""
        feeds: tuple[Feed, ...] = ()
        try:
            feeds = watch.listed()
        except FeedFileInvalid as error:
            problem = error.reason
        statuses = await watch.schedule.statuses([*(feed.url for feed in feeds), WRITING])
        listed = [ListedFeed(feed=feed, status=statuses[feed.url]) for feed in feeds]
        writing = statuses[WRITING]
        return await pages.render(
            request,
            "feeds",
            staff,
            feeds=listed,
            writing=writing,
            is_busy=writing.is_running or any(each.is_busy for each in listed),
            is_automatic=watch.is_automatic,
            is_offline=watch.settings.feeds_folder is not None,
            problem=problem,
            list_name=pages.list_name(),
            example=EXAMPLE,
            now=pages.services.clock(),
        )

    @router.post("/feeds/fetch")
    async def fetch(
        _staff: Member, url: Annotated[str, Form(max_length=_MAX_URL)] = ""
    ) -> RedirectResponse:
        """Want one feed fetched, or all; pressing twice is pressing once."""
        await watch.ask(_chosen(watch, url))
        return RedirectResponse(f"{NEWSROOM}/feeds", status_code=303)


def _chosen(watch: FeedWatch, url: str) -> list[str]:
    try:
        listed = [feed.url for feed in watch.listed()]
    except FeedFileInvalid as error:
        raise NotFound("The list of feeds can't be read.", remedy=error.reason) from error
    if url and url not in listed:
        raise NotFound("This feed is not in the list.", remedy="Open the page of feeds anew.")
    return [url] if url else listed

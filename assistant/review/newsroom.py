"""Owns the newsroom of the console, put together: drafts, briefings and feeds under one address."""

from __future__ import annotations

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncEngine

from assistant.review.newsroom_briefings import add_briefings
from assistant.review.newsroom_drafts import add_drafts
from assistant.review.newsroom_editing import add_editing
from assistant.review.newsroom_feeds import add_feeds
from assistant.review.newsroom_pages import NewsroomPages, NewsroomServices
from assistant.review.services import ConsoleRoute, Pages, ReviewServices
from indexing.curation_store import SqlCuration
from indexing.feed_store import SqlFeeds
from indexing.feed_watch import FeedWatch

__all__ = ["NewsroomServices", "newsroom_router", "newsroom_services"]


def newsroom_services(
    engine: AsyncEngine, watch: FeedWatch, review: ReviewServices
) -> NewsroomServices:
    """The newsroom's services on one database."""
    return NewsroomServices(
        curation=SqlCuration(engine, review.clock),
        items=SqlFeeds(engine, review.clock),
        watch=watch,
        clock=review.clock,
    )


def newsroom_router(review: ReviewServices, services: NewsroomServices) -> APIRouter:
    """The pages under `/review/newsroom`, for staff only."""
    router = APIRouter(prefix="/review/newsroom", include_in_schema=False, route_class=ConsoleRoute)
    pages = NewsroomPages(Pages(review), services)
    add_drafts(router, pages)
    add_editing(router, pages)
    add_briefings(router, pages)
    add_feeds(router, pages)
    return router

"""Owns the front page, the search page and the page about Heidi."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from assistant.site.front_page import compose
from assistant.site.rendering import Pages
from assistant.site.services import SiteServices
from indexing.briefings import Briefing

MAX_QUERY_CHARACTERS = 200
MAX_RESULTS = 24


def reading_router(services: SiteServices, pages: Pages) -> APIRouter:
    """The pages for readers that are no list and no briefing."""
    router = APIRouter(include_in_schema=False)
    methods = ["GET", "HEAD"]

    @router.api_route("/", methods=methods)
    async def front(request: Request) -> Response:
        """The front page."""
        front_page = await compose(services.briefings)
        views = await services.briefings.views([each.id for each in front_page.most_read])
        return pages.html(request, "front.html", front=front_page, views=views)

    @router.api_route("/search", methods=methods)
    async def search_page(request: Request, q: str = "") -> Response:
        """What the briefings say about some words."""
        query = _query(q)
        results = await _find(services, query) if query else []
        popular = [] if results else await services.briefings.most_viewed(3)
        return pages.html(request, "search.html", query=query, results=results, popular=popular)

    @router.api_route("/about", methods=methods)
    async def about_page(request: Request) -> Response:
        """Who makes the site."""
        totals = await services.briefings.counts_by_category()
        return pages.html(request, "about.html", totals=totals, total=sum(totals.values()))

    return router


def _query(text: str) -> str:
    """One line of printable text."""
    printable = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(printable.split())[:MAX_QUERY_CHARACTERS]


async def _find(services: SiteServices, query: str) -> list[tuple[Briefing, str]]:
    if services.search is not None:
        return list(await services.search(query, MAX_RESULTS))
    found = await services.briefings.page(query=query, limit=MAX_RESULTS)
    return [(briefing, briefing.summary) for briefing in found.items]

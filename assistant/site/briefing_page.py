"""Owns the page of one briefing, and counting its views."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from assistant.site import presentation
from assistant.site.markdown import body_html
from assistant.site.rendering import Pages
from assistant.site.services import SiteServices
from assistant.site.views import ViewCounting
from indexing.briefings import Briefing

_RELATED = 3
_CANDIDATES = 40


def briefing_router(services: SiteServices, pages: Pages, counting: ViewCounting) -> APIRouter:
    """The page of a briefing."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/briefings/{slug}", methods=["GET", "HEAD"])
    async def briefing_page(request: Request, slug: str) -> Response:
        """One briefing."""
        briefing = await services.briefings.by_slug(slug)
        if briefing is None:
            return await pages.not_found(request)
        is_new_view = counting.counts(request, briefing.id)
        if is_new_view:
            await services.briefings.record_view(briefing.id)
        response = await _page(services, pages, request, briefing)
        if is_new_view:
            counting.remember(request, response, briefing.id)
        return response

    return router


async def _page(
    services: SiteServices, pages: Pages, request: Request, briefing: Briefing
) -> Response:
    repository = services.briefings
    neighbours = await repository.page(category=briefing.category, limit=_CANDIDATES)
    candidates = [*neighbours.items, *await repository.latest(_CANDIDATES)]
    address = f"{services.base_url.rstrip('/')}{briefing.path}"
    views = await repository.views([briefing.id])
    return pages.html(
        request,
        "briefing.html",
        briefing=briefing,
        body=body_html(briefing.body),
        topics=presentation.topics(briefing),
        views=views.get(briefing.id, 0),
        shares=presentation.share_links(briefing.title, address),
        related=presentation.related(briefing, candidates, _RELATED),
    )

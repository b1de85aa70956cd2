"""Owns the pages that list briefings: all of them, or one category's, filtered and in pages."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from fastapi import APIRouter, Request, Response

from assistant.site.pagination import Pagination, page_number
from assistant.site.presentation import category_of_slug
from assistant.site.rendering import Pages
from assistant.site.services import SiteServices
from indexing.briefings import Category, Section, Sentiment

Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What a reader narrows a list down to; None is everything."""

    category: Category | None
    section: Section | None
    sentiment: Sentiment | None


class _UnknownFilter(Exception):
    """A filter's value is none of its choices."""


def lists_router(services: SiteServices, pages: Pages) -> APIRouter:
    """The lists."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/briefings", methods=["GET", "HEAD"])
    async def all_briefings(request: Request) -> Response:
        """All briefings."""
        return await _list(services, pages, request, None)

    @router.api_route("/category/{slug}", methods=["GET", "HEAD"])
    async def category_page(request: Request, slug: str) -> Response:
        """One category's briefings."""
        category = category_of_slug(slug)
        if category is None:
            return await pages.not_found(request)
        return await _list(services, pages, request, category)

    return router


async def _list(
    services: SiteServices, pages: Pages, request: Request, category: Category | None
) -> Response:
    try:
        filters = _filters(request, category)
    except _UnknownFilter:
        return await pages.not_found(request)
    number = page_number(request.query_params.get("page"))
    if not number:
        return await pages.not_found(request)
    position = Pagination(number=number, total_items=0)
    found = await services.briefings.page(
        category=filters.category,
        section=filters.section,
        sentiment=filters.sentiment,
        offset=position.offset,
        limit=position.size,
    )
    position = replace(position, total_items=found.total)
    if not position.exists:
        return await pages.not_found(request)
    return pages.html(
        request,
        "list.html",
        category=category,
        filters=filters,
        briefings=found.items,
        position=position,
        totals=await services.briefings.counts_by_category(),
    )


def _filters(request: Request, category: Category | None) -> Filters:
    query = request.query_params
    return Filters(
        category=category or _choice(Category, query.get("category")),
        section=_choice(Section, query.get("section")),
        sentiment=_choice(Sentiment, query.get("sentiment")),
    )


def _choice(choices: type[Choice], text: str | None) -> Choice | None:
    if not text:
        return None
    for choice in choices:
        if choice.value.lower() == text.lower():
            return choice
    raise _UnknownFilter

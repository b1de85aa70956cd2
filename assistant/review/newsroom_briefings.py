"""Owns the list of decided briefings, the page of one, and taking it off the site and back."""

from collections.abc import Awaitable
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from assistant.core.caller import StaffMember
from assistant.review.newsroom_pages import (
    NEWSROOM,
    PAGE_SIZE,
    NewsroomPages,
    address_of,
    category_of,
    no_such_briefing,
    page_of,
    publishers,
)
from indexing.briefings import BriefingStatus, Category
from indexing.curation_store import Action, KeptBriefing
from indexing.errors import BriefingChanged, BriefingUnknown
from indexing.story_store import revision_id

Version = Annotated[str, Form(max_length=64)]
_SHOWN = {"published": BriefingStatus.PUBLISHED, "withdrawn": BriefingStatus.WITHDRAWN}


def add_briefings(  # noqa: C901 - one page after another
    router: APIRouter, pages: NewsroomPages
) -> None:
    """Add the list, the page of a briefing, and the two decisions about it."""
    Member = Annotated[StaffMember, Depends(pages.member)]
    curation = pages.services.curation

    async def rejected(items: tuple[KeptBriefing, ...]) -> set[str]:
        """Ids of those that never were on the site."""
        withdrawn = [
            kept.briefing.id for kept in items if kept.briefing.status is BriefingStatus.WITHDRAWN
        ]
        latest: dict[str, Action] = {}
        for entry in await curation.log(withdrawn):
            latest.setdefault(entry.briefing_id, entry.action)
        return {each for each, action in latest.items() if action is Action.REJECTED}

    @router.get("/briefings")
    async def briefing_list(request: Request, staff: Member) -> HTMLResponse:
        """Published and withdrawn briefings, filtered by what stands in the address."""
        asked = request.query_params
        query, status = asked.get("q", "")[:200], asked.get("status", "")
        category = category_of(asked.get("category", ""))
        page = page_of(asked.get("page", ""))
        found = await curation.page(
            status=_SHOWN.get(status),
            category=category,
            query=query,
            offset=(page - 1) * PAGE_SIZE,
            limit=PAGE_SIZE,
        )
        return await pages.render(
            request,
            "briefings",
            staff,
            found=found.items,
            rejected=await rejected(found.items),
            total=found.total,
            page=page,
            has_more=found.total > page * PAGE_SIZE,
            link=lambda number: f"{NEWSROOM}/briefings?{urlencode({**asked, 'page': number})}",
            asked={"q": query, "status": status, "category": category or ""},
            is_filtered=bool(query or status or category),
            statuses=_SHOWN,
            categories=list(Category),
            address_of=address_of,
            publishers=publishers,
        )

    async def briefing_page(
        request: Request, staff: StaffMember, briefing_id: str, *, problem: str = ""
    ) -> Response:
        kept = await curation.get(briefing_id)
        if kept is None:
            raise no_such_briefing()
        if kept.briefing.status is BriefingStatus.DRAFT:
            return RedirectResponse(address_of(kept), status_code=303)
        return await pages.render(
            request,
            "briefing",
            staff,
            dossier=await pages.dossier(kept),
            is_rejected=bool(await rejected((kept,))),
            revision=await curation.get(revision_id(briefing_id)),
            address_of=address_of,
            path=address_of(kept),
            problem=problem,
            status_code=409 if problem else 200,
        )

    async def after(
        decision: Awaitable[object],
        request: Request,
        staff: StaffMember,
        briefing_id: str,
        problem: str,
    ) -> Response:
        """The briefing's page once it is decided, or with how it is now if it has changed."""
        try:
            await decision
        except BriefingUnknown as error:
            raise no_such_briefing() from error
        except BriefingChanged:
            return await briefing_page(request, staff, briefing_id, problem=problem)
        return RedirectResponse(f"{NEWSROOM}/briefings/{briefing_id}", status_code=303)

    @router.get("/briefings/{briefing_id}")
    async def show_briefing(request: Request, staff: Member, briefing_id: str) -> Response:
        """A briefing, whether it is on the site and in the answers, and who decided what."""
        return await briefing_page(request, staff, briefing_id)

    @router.post("/briefings/{briefing_id}/withdraw")
    async def withdraw(
        request: Request, staff: Member, briefing_id: str, version: Version
    ) -> Response:
        """Take it off the site and out of the answers."""
        decision = pages.desk(staff).withdraw(briefing_id, expected=version)
        return await after(decision, request, staff, briefing_id, "withdrawn")

    @router.post("/briefings/{briefing_id}/publish")
    async def publish(
        request: Request, staff: Member, briefing_id: str, version: Version
    ) -> Response:
        """Put it on the site and into the answers again."""
        decision = pages.desk(staff).restore(briefing_id, expected=version)
        return await after(decision, request, staff, briefing_id, "published")

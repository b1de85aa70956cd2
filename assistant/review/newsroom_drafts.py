"""Owns the queue of drafts, the page of a draft, and deciding about it."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from assistant.core.caller import StaffMember
from assistant.review.newsroom_diff import compare
from assistant.review.newsroom_pages import (
    NEWSROOM,
    PAGE_SIZE,
    NewsroomPages,
    address_of,
    age,
    category_of,
    no_such_briefing,
    page_of,
    publishers,
)
from indexing.briefings import Category
from indexing.curation_store import KeptBriefing
from indexing.differing import quoted_differences
from indexing.errors import BriefingChanged, DraftUnknown
from indexing.story_store import revised_id

Version = Annotated[str, Form(max_length=64)]
KINDS = {
    "new": "New stories",
    "revision": "Revisions",
    "several": "Several publishers",
    "differing": "Figures differ",
}


@dataclass(frozen=True, kw_only=True)
class QueuedDraft:
    """A draft as the queue shows it."""

    kept: KeptBriefing
    address: str
    publishers: tuple[str, ...]
    is_revision: bool
    is_differing: bool
    age: str

    def fits(self, kind: str, category: str | None, words: list[str]) -> bool:
        """Whether it is what is looked for."""
        briefing = self.kept.briefing
        is_kind = {
            "new": not self.is_revision,
            "revision": self.is_revision,
            "several": len(self.publishers) > 1,
            "differing": self.is_differing,
        }.get(kind, True)
        text = " ".join((briefing.title, briefing.summary, briefing.body, *self.publishers))
        has_words = all(word in text.casefold() for word in words)
        return is_kind and has_words and category in (None, briefing.category)


def add_drafts(  # noqa: C901 - one page after another
    router: APIRouter, pages: NewsroomPages
) -> None:
    """Add the queue, the page of a draft and the two decisions."""
    Member = Annotated[StaffMember, Depends(pages.member)]

    @router.get("")
    async def draft_list(request: Request, staff: Member) -> HTMLResponse:
        """Drafts that wait, filtered by what stands in the address."""
        asked = request.query_params
        today = pages.services.clock().date()
        queued = [
            QueuedDraft(
                kept=kept,
                address=address_of(kept),
                publishers=tuple(publishers(kept)),
                is_revision=revised_id(kept.briefing.id) is not None,
                is_differing=bool(quoted_differences(kept.briefing.body)),
                age=age(kept.briefing.date, today),
            )
            for kept in await pages.services.curation.drafts()
        ]
        words = asked.get("q", "")[:200].casefold().split()
        kind, category = asked.get("kind", ""), category_of(asked.get("category", ""))
        found = [draft for draft in queued if draft.fits(kind, category, words)]
        page = page_of(asked.get("page", ""))
        decided = asked.get("decided", "")[:200]
        return await pages.render(
            request,
            "drafts",
            staff,
            drafts=found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE],
            total=len(found),
            page=page,
            has_more=len(found) > page * PAGE_SIZE,
            link=lambda number: f"{NEWSROOM}?{urlencode({**asked, 'page': number})}",
            asked={"q": asked.get("q", "")[:200], "kind": kind, "category": category or ""},
            is_filtered=bool(words or kind or category),
            kinds=KINDS,
            categories=list(Category),
            decided=await pages.decided(decided) if decided else None,
            decided_title=await _title(pages, decided),
        )

    async def draft_page(
        request: Request, staff: StaffMember, draft_id: str, *, problem: str = ""
    ) -> HTMLResponse:
        try:
            found = await pages.desk(staff).revised(draft_id)
        except DraftUnknown:
            return await settled_page(request, staff, draft_id, is_conflict=bool(problem))
        draft, replaces = found.draft, found.replaces
        return await pages.render(
            request,
            "draft",
            staff,
            dossier=await pages.dossier(draft),
            replaces=replaces,
            comparison=compare(replaces.briefing, draft.briefing) if replaces else None,
            is_revision=revised_id(draft_id) is not None,
            path=address_of(draft),
            problem=problem,
            status_code=409 if problem else 200,
        )

    async def settled_page(
        request: Request, staff: StaffMember, draft_id: str, *, is_conflict: bool
    ) -> HTMLResponse:
        """Of a draft that is none any more: somebody has decided."""
        decided = await pages.decided(draft_id)
        if decided is None:
            raise no_such_briefing()
        kept = await pages.services.curation.get(revised_id(draft_id) or draft_id)
        return await pages.render(
            request,
            "settled",
            staff,
            decided=decided,
            kept=kept,
            address=address_of(kept) if kept else "",
            status_code=409 if is_conflict else 200,
        )

    @router.get("/drafts/{draft_id}")
    async def show_draft(request: Request, staff: Member, draft_id: str) -> HTMLResponse:
        """A draft as readers would see it, beside what publishers reported."""
        return await draft_page(request, staff, draft_id)

    @router.post("/drafts/{draft_id}/publish")
    async def publish(
        request: Request,
        staff: Member,
        draft_id: str,
        version: Version,
        replacing: Version = "",
    ) -> Response:
        """Publish the draft in the version that was looked at."""
        try:
            published = await pages.desk(staff).publish(
                draft_id, expected=version, replacing=replacing or None
            )
        except (DraftUnknown, BriefingChanged):
            return await draft_page(request, staff, draft_id, problem="published")
        return _to_queue(published.id)

    @router.post("/drafts/{draft_id}/reject")
    async def reject(request: Request, staff: Member, draft_id: str, version: Version) -> Response:
        """Turn the draft down in the version that was looked at."""
        try:
            await pages.desk(staff).reject(draft_id, expected=version)
        except (DraftUnknown, BriefingChanged):
            return await draft_page(request, staff, draft_id, problem="rejected")
        return _to_queue(draft_id)


def _to_queue(briefing_id: str) -> RedirectResponse:
    return RedirectResponse(f"{NEWSROOM}?decided={quote(briefing_id, safe='')}", status_code=303)


async def _title(pages: NewsroomPages, briefing_id: str) -> str:
    kept = await pages.services.curation.get(revised_id(briefing_id) or briefing_id)
    return kept.briefing.title if kept else ""

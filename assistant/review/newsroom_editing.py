"""Owns editing a draft or briefing: the form, its preview, and what happens if two people edit."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from assistant.core.caller import StaffMember
from assistant.review.newsroom_diff import compare
from assistant.review.newsroom_pages import NewsroomPages, address_of, no_such_briefing
from assistant.site.markdown import body_html
from indexing.briefings import Category, Section, Sentiment
from indexing.curation_store import KeptBriefing
from indexing.editing import MAX_BODY, MAX_SUMMARY, MAX_TITLE, Edit, read_edit
from indexing.errors import BriefingChanged

_FIELDS = ("title", "summary", "category", "section", "sentiment", "tags", "body")
_CHOICES = {"category": list(Category), "section": list(Section), "sentiment": list(Sentiment)}
_LIMITS = {"title": MAX_TITLE, "summary": MAX_SUMMARY, "body": MAX_BODY}


def add_editing(  # noqa: C901 - one page after another
    router: APIRouter, pages: NewsroomPages
) -> None:
    """Add the form and the preview."""
    Member = Annotated[StaffMember, Depends(pages.member)]

    async def kept_briefing(briefing_id: str) -> KeptBriefing:
        kept = await pages.services.curation.get(briefing_id)
        if kept is None:
            raise no_such_briefing()
        return kept

    async def form_page(
        request: Request,
        staff: StaffMember,
        kept: KeptBriefing,
        edit: Edit,
        *,
        status_code: int = 200,
        has_changed: bool = False,
    ) -> HTMLResponse:
        """The form with what was typed; after a conflict, with what somebody else wrote."""
        briefing = edit.briefing
        return await pages.render(
            request,
            "edit",
            staff,
            kept=kept,
            briefing=briefing,
            problems=edit.problems,
            html=body_html(briefing.body),
            choices=_CHOICES,
            limits=_LIMITS,
            address=address_of(kept),
            theirs=compare(briefing, kept.briefing) if has_changed else None,
            last=await pages.decided(kept.briefing.id) if has_changed else None,
            status_code=status_code,
        )

    @router.get("/edit/{briefing_id}")
    async def edit_form(request: Request, staff: Member, briefing_id: str) -> HTMLResponse:
        """The form, filled in."""
        kept = await kept_briefing(briefing_id)
        return await form_page(request, staff, kept, Edit(briefing=kept.briefing, problems={}))

    @router.post("/edit/{briefing_id}")
    async def save(request: Request, staff: Member, briefing_id: str) -> Response:
        """Keep the changes; what cannot be kept is shown again, as it was typed."""
        kept = await kept_briefing(briefing_id)
        typed = await _typed(request)
        edit = read_edit(kept.briefing, typed)
        if "preview" in typed:
            return await form_page(request, staff, kept, edit)
        if edit.problems:
            return await form_page(request, staff, kept, edit, status_code=422)
        try:
            await pages.desk(staff).edit(
                briefing_id, edit.briefing, expected=typed.get("version", "")[:64] or "none"
            )
        except BriefingChanged:
            kept = await kept_briefing(briefing_id)
            return await form_page(request, staff, kept, edit, status_code=409, has_changed=True)
        return RedirectResponse(address_of(kept), status_code=303)

    @router.post("/preview/{briefing_id}")
    async def preview(request: Request, staff: Member, briefing_id: str) -> HTMLResponse:
        """What is typed as readers would see it: a piece of a page."""
        kept = await kept_briefing(briefing_id)
        briefing = read_edit(kept.briefing, await _typed(request)).briefing
        return await pages.render(
            request, "preview", staff, briefing=briefing, html=body_html(briefing.body)
        )


async def _typed(request: Request) -> dict[str, str]:
    form = await request.form(max_fields=20, max_files=0)
    names = (*_FIELDS, "version", "preview")
    return {name: value for name in names if isinstance(value := form.get(name), str)}

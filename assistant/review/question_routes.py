"""Owns the pages on which staff turn bad answers into questions for the evaluation."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse

from assistant.core.caller import StaffMember
from assistant.core.errors import HeidiError, InvalidInput, LimitExceeded, NotFound
from assistant.core.events import Outcome
from assistant.core.question_lines import KINDS, SavedQuestion, question_set_lines
from assistant.review.question_form import (
    proposed_question,
    question_as_typed,
    question_of_form,
    sources_of,
)
from assistant.review.services import Pages
from assistant.review.trace import TraceTurn, trace

QUESTIONS = "/review/questions"
MAX_FIELDS = 200


def add_questions(router: APIRouter, pages: Pages) -> None:  # noqa: C901 - one page after another
    """Add the form, the list and the download."""
    services = pages.services
    Member = Annotated[StaffMember, Depends(pages.member)]

    async def turns_of(conversation_id: str, turn_id: str) -> Sequence[TraceTurn]:
        await services.conversations.turn(conversation_id, turn_id)
        turns = trace(await services.log.read(conversation_id))
        if not any(each.turn.id == turn_id and each.turn.message for each in turns):
            raise NotFound("There is no question in this turn.")
        return turns

    async def proposed(conversation_id: str, turn_id: str) -> SavedQuestion:
        conversation = await services.conversations.get(conversation_id)
        return proposed_question(conversation, await turns_of(conversation_id, turn_id), turn_id)

    async def form_page(
        request: Request,
        staff: StaffMember,
        question: SavedQuestion,
        source: SavedQuestion,
        error: HeidiError | None = None,
    ) -> HTMLResponse:
        turns = trace(await services.log.read(question.conversation_id))
        turn = next((each for each in turns if each.turn.id == question.turn_id), None)
        sources = sources_of(turn) if turn else ()
        listed = {each.path for each in sources}
        return pages.render(
            request,
            "question.html",
            staff=staff,
            question=question,
            earlier=source.earlier,
            turn=turn,
            sources=sources,
            cites_also=[path for path in question.cites if path not in listed],
            kinds=KINDS,
            outcomes=[str(outcome) for outcome in Outcome],
            error=f"{error.detail} {error.remedy}".strip() if error else "",
            field=error.field if isinstance(error, InvalidInput) else "",
            status_code=422 if error else 200,
        )

    async def keep(request: Request, staff: StaffMember, source: SavedQuestion) -> Response:
        form = await request.form(max_fields=MAX_FIELDS)
        values: dict[str, list[str]] = {}
        for name, value in form.multi_items():
            if isinstance(value, str):
                values.setdefault(name, []).append(value)
        try:
            question = question_of_form(source, values)
        except (InvalidInput, LimitExceeded) as error:
            return await form_page(request, staff, question_as_typed(source, values), source, error)
        question_id = await services.questions.save(question, staff, services.clock())
        return RedirectResponse(f"{QUESTIONS}#{question_id}", status_code=303)

    @router.get("/conversations/{conversation_id}/turns/{turn_id}/question")
    async def new_question(
        request: Request, staff: Member, conversation_id: str, turn_id: str
    ) -> HTMLResponse:
        """The form, filled in from an answer."""
        question = await proposed(conversation_id, turn_id)
        return await form_page(request, staff, question, question)

    @router.post("/conversations/{conversation_id}/turns/{turn_id}/question")
    async def save_new_question(
        request: Request, staff: Member, conversation_id: str, turn_id: str
    ) -> Response:
        """Keep a new question."""
        return await keep(request, staff, await proposed(conversation_id, turn_id))

    @router.get("/questions")
    async def question_list(request: Request, staff: Member) -> HTMLResponse:
        """The questions, newest first."""
        kept = await services.questions.all()
        return pages.render(request, "questions.html", staff=staff, questions=kept[::-1])

    @router.get("/questions.jsonl")
    async def download(_staff: Member) -> PlainTextResponse:
        """The questions as a file for `heidi-eval run --questions`."""
        return PlainTextResponse(
            question_set_lines(await services.questions.all()),
            media_type="application/jsonl",
            headers={
                "Content-Disposition": 'attachment; filename="staff-questions.jsonl"',
                "Cache-Control": "no-store",
            },
        )

    @router.get("/questions/{question_id}")
    async def edit_question(request: Request, staff: Member, question_id: str) -> HTMLResponse:
        """The form of a question that was kept."""
        question = await services.questions.get(question_id)
        return await form_page(request, staff, question, question)

    @router.post("/questions/{question_id}")
    async def save_question(request: Request, staff: Member, question_id: str) -> Response:
        """Keep the changes of a question."""
        return await keep(request, staff, await services.questions.get(question_id))

    @router.post("/questions/{question_id}/delete")
    async def delete_question(_staff: Member, question_id: str) -> RedirectResponse:
        """Forget a question."""
        await services.questions.delete(question_id)
        return RedirectResponse(QUESTIONS, status_code=303)

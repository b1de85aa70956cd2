"""Owns the console's router: every page under `/review`, put together."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter

from assistant.review.conversation_routes import add_conversation_page
from assistant.review.helping_routes import add_helping
from assistant.review.insights_routes import add_insights
from assistant.review.labelling_routes import add_labelling
from assistant.review.list_routes import add_list
from assistant.review.question_routes import add_questions
from assistant.review.services import HERE, ConsoleRoute, Pages, ReviewServices
from assistant.review.sign_in_routes import add_sign_in

__all__ = ["ReviewServices", "review_router", "static_folder"]


def static_folder() -> Path:
    """The console's static files, to be mounted at `/review/static`."""
    return HERE / "static"


def review_router(services: ReviewServices) -> APIRouter:
    """The pages under `/review`; all but sign-in are for staff only."""
    router = APIRouter(prefix="/review", include_in_schema=False, route_class=ConsoleRoute)
    pages = Pages(services)
    add_sign_in(router, pages)
    add_list(router, pages)
    add_insights(router, pages)
    show_conversation = add_conversation_page(router, pages)
    add_helping(router, pages, show_conversation)
    add_labelling(router, pages, show_conversation)
    add_questions(router, pages)
    return router

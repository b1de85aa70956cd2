"""Owns the pages of signing in and out."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from assistant.review.services import Pages

WRONG_PASSWORD = (
    "E-mail and password don't match. Try again, or ask whoever runs Heidi for a new password."
)


def add_sign_in(router: APIRouter, pages: Pages) -> None:
    """Add `/review/sign-in` and `/review/sign-out`."""
    sessions = pages.services.sessions

    @router.get("/sign-in")
    async def sign_in_page(request: Request) -> HTMLResponse:
        """The sign-in form."""
        return pages.render(request, "sign_in.html", error="", email="")

    @router.post("/sign-in")
    async def sign_in(
        request: Request,
        email: Annotated[str, Form(max_length=254)],
        password: Annotated[str, Form(max_length=200)],
    ) -> Response:
        """Check address and password, open a session."""
        response = RedirectResponse("/review", status_code=303)
        if await sessions.sign_in(response, email=email, password=password):
            return response
        return pages.render(
            request, "sign_in.html", status_code=401, error=WRONG_PASSWORD, email=email
        )

    @router.post("/sign-out")
    async def sign_out() -> RedirectResponse:
        """Close the session."""
        response = RedirectResponse("/review/sign-in", status_code=303)
        sessions.sign_out(response)
        return response

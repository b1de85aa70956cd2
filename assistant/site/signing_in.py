"""Owns the demo sign-in pages and the endpoint from which the bubble fetches its identity token."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from assistant.site.rendering import Pages
from assistant.site.services import SiteServices
from assistant.site.sessions import DemoIdentityIssuer, Sessions, is_cross_site, local_path


def sign_in_router(services: SiteServices, pages: Pages, sessions: Sessions) -> APIRouter:
    """Sign-in, sign-out and the token."""
    router = APIRouter(include_in_schema=False)
    issuer = DemoIdentityIssuer(services.identity_secret, services.identity_issuer, services.clock)

    @router.api_route("/sign-in", methods=["GET", "HEAD"])
    async def choose_customer(request: Request) -> Response:
        """The page on which a visitor picks a demo customer."""
        wanted = local_path(request.query_params.get("next"))
        return pages.html(request, "sign_in.html", customers=services.customers, next=wanted)

    @router.post("/sign-in")
    async def sign_in(
        request: Request,
        customer: Annotated[str, Form()] = "",
        next: Annotated[str, Form()] = "/",  # noqa: A002 - the form's field, as everywhere on the web
    ) -> Response:
        """Sign the visitor in and lead back to where they came from."""
        chosen = sessions.find(customer)
        if is_cross_site(request) or chosen is None:
            return pages.failure(request, 403, "Sign-in refused")
        response = RedirectResponse(local_path(next), status_code=303)
        sessions.sign_in(response, chosen)
        return response

    @router.get("/demo/heidi-token")
    async def heidi_token(request: Request) -> Response:
        """The token that tells Heidi who is signed in; 204 when nobody is."""
        customer = sessions.customer(request)
        headers = {"Cache-Control": "no-store"}
        if customer is None:
            return Response(status_code=204, headers=headers)
        return JSONResponse({"token": issuer.issue(customer)}, headers=headers)

    _add_sign_out(router, pages, sessions)
    return router


def _add_sign_out(router: APIRouter, pages: Pages, sessions: Sessions) -> None:
    @router.api_route("/sign-out", methods=["GET", "HEAD"])
    async def confirm_sign_out() -> Response:
        """A link must not sign anybody out: the sign-in page has the button."""
        return RedirectResponse("/sign-in", status_code=303)

    @router.post("/sign-out")
    async def sign_out(
        request: Request,
        next: Annotated[str, Form()] = "/",  # noqa: A002 - the form's field, as everywhere on the web
    ) -> Response:
        """Sign the visitor out."""
        if is_cross_site(request):
            return pages.failure(request, 403, "Sign-out refused")
        response = RedirectResponse(local_path(next), status_code=303)
        sessions.sign_out(response)
        return response

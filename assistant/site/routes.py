"""Owns how the demo site is put together and hung into an application.

`site_router` has the pages; `mount_site` adds the static files and the pages for errors.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware

from assistant.site.art_route import art_router
from assistant.site.briefing_page import briefing_router
from assistant.site.feeds import feeds_router
from assistant.site.lists import lists_router
from assistant.site.reading import reading_router
from assistant.site.rendering import Pages, static_folder
from assistant.site.services import SiteServices
from assistant.site.sessions import CookiePolicy, Sessions
from assistant.site.signing_in import sign_in_router
from assistant.site.static_files import VersionedFiles
from assistant.site.views import ViewCounting

__all__ = ["CONTENT_SECURITY_POLICY", "mount_site", "site_router", "static_folder"]

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
"""For the site's pages: nothing from elsewhere and nothing inline (W3C CSP Level 3)."""

Handler = Callable[[Request, Exception], Awaitable[Response]]
ExceptionHandler = Callable[[Request, Any], Response | Awaitable[Response]]


def site_router(services: SiteServices) -> APIRouter:
    """All routes of the site."""
    cookies = CookiePolicy(is_secure=services.base_url.startswith("https://"))
    sessions = Sessions(services.session_secret, services.customers, services.clock, cookies)
    counting = ViewCounting(services.session_secret, services.clock, cookies)
    pages = Pages(services, sessions)
    router = APIRouter()
    router.include_router(feeds_router(services, pages))
    router.include_router(reading_router(services, pages))
    router.include_router(lists_router(services, pages))
    router.include_router(briefing_router(services, pages, counting))
    router.include_router(art_router(services.briefings))
    if services.customers:
        router.include_router(sign_in_router(services, pages, sessions))
    return router


def mount_site(app: FastAPI, services: SiteServices) -> None:
    """Add the site to an application, after its own error handlers have been installed."""
    app.include_router(site_router(services))
    static = VersionedFiles(directory=static_folder())
    widget = VersionedFiles(directory=static_folder() / "widget", check_dir=False)
    app.mount("/static", GZipMiddleware(static), name="static")
    app.mount("/widget", GZipMiddleware(widget), name="widget")
    _install_error_pages(app, services)


def _install_error_pages(app: FastAPI, services: SiteServices) -> None:
    """Show browsers a page where the API's clients get problem+json."""
    cookies = CookiePolicy(is_secure=services.base_url.startswith("https://"))
    pages = Pages(
        services, Sessions(services.session_secret, services.customers, services.clock, cookies)
    )

    async def http_page(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        if status == 404:
            return await pages.not_found(request)
        return pages.failure(request, status, "This did not work")

    async def crash_page(request: Request, _error: Exception) -> Response:
        return pages.failure(request, 500, "Something went wrong on our side")

    async def invalid_page(request: Request, _error: Exception) -> Response:
        return pages.failure(request, 422, "This address or form can't be right")

    kinds = (
        (HTTPException, http_page),
        (RequestValidationError, invalid_page),
        (Exception, crash_page),
    )
    for kind, page in kinds:
        app.add_exception_handler(kind, _for_browsers(page, app.exception_handlers.get(kind)))


def _for_browsers(page: Handler, otherwise: ExceptionHandler | None) -> Handler:
    async def handle(request: Request, error: Exception) -> Response:
        is_redirect = isinstance(error, HTTPException) and error.status_code < 400
        if otherwise is None or (_wants_page(request) and not is_redirect):
            return await page(request, error)
        answer = otherwise(request, error)
        return await answer if isinstance(answer, Awaitable) else answer

    return handle


def _wants_page(request: Request) -> bool:
    is_api = request.url.path.startswith("/v1/")
    return not is_api and "text/html" in request.headers.get("Accept", "")

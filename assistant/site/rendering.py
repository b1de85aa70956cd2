"""Owns turning templates into responses: what every page shows, and the addresses of its files."""

from __future__ import annotations

import hashlib
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from assistant.site import presentation
from assistant.site.services import SiteServices
from assistant.site.sessions import Sessions
from indexing.briefings import Category, Section, Sentiment

_FOLDER = Path(__file__).parent
_VERSIONED = ("site.css", "theme.js", "site.js", "identify.js", "heidi.svg")


def static_folder() -> Path:
    """Folder of the site's files; `widget/` in it holds the built bubble."""
    return _FOLDER / "static"


class Pages:
    """Renders the site's pages.

    Args:
        services: what the pages need.
        sessions: who is signed in.
    """

    def __init__(self, services: SiteServices, sessions: Sessions) -> None:
        self._services = services
        self._sessions = sessions
        self._environment = _environment(services)

    def html(
        self, request: Request, template: str, *, status: int = 200, **context: object
    ) -> Response:
        """A page; never kept by shared caches, because its header may name a customer."""
        shared = {
            "path": request.url.path,
            "here": _here(request),
            "customer": self._sessions.customer(request),
            "today": self._services.clock().date(),
        }
        body = self._environment.get_template(template).render(**shared, **context)
        headers = {"Cache-Control": "private, no-cache", "Vary": "Cookie"}
        return HTMLResponse(body, status_code=status, headers=headers)

    def document(self, template: str, **context: object) -> bytes:
        """A rendered template that is no page."""
        return self._environment.get_template(template).render(**context).encode()

    async def not_found(self, request: Request) -> Response:
        """The friendly page for an address that leads nowhere."""
        latest = await self._services.briefings.latest(3)
        return self.html(request, "not_found.html", status=404, briefings=latest)

    def failure(self, request: Request, status: int, title: str) -> Response:
        """A page for what went wrong; needs no storage, because that may be what went wrong."""
        return self.html(request, "failure.html", status=status, title=title)


def _here(request: Request) -> str:
    """Path and query of the page, to come back to after sign-in."""
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path


def _environment(services: SiteServices) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        base_url=services.base_url.rstrip("/"),
        has_sign_in=bool(services.customers),
        categories=tuple(Category),
        sections=tuple(Section),
        sentiments=tuple(Sentiment),
        sentiment_labels=presentation.SENTIMENT_LABELS,
        heidi_line=presentation.HEIDI_LINE,
        versions={name: _version(static_folder() / name) for name in _VERSIONED},
    )
    environment.filters.update(
        category_slug=presentation.category_slug,
        long_date=presentation.long_date,
        short_date=presentation.short_date,
        counted=presentation.counted,
        site_of=presentation.site_of,
        highlighted=presentation.highlighted,
        xml_text=presentation.xml_text,
    )
    environment.tests["web_address"] = presentation.is_web_address
    return environment


def _version(file: Path) -> str:
    """Changes with the content, so that browsers may keep the file for ever."""
    return hashlib.sha256(file.read_bytes()).hexdigest()[:10]

"""Owns serving the artwork of briefings."""

from __future__ import annotations

import hashlib

from fastapi import APIRouter, Request, Response

from assistant.site.art import artwork
from assistant.site.services import SiteBriefings


def art_router(briefings: SiteBriefings) -> APIRouter:
    """The route of the artwork."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/art/{slug}.svg", methods=["GET", "HEAD"])
    async def art(request: Request, slug: str) -> Response:
        """A briefing's picture."""
        briefing = await briefings.by_slug(slug)
        if briefing is None:
            return Response(status_code=404)
        content = artwork(briefing.slug, briefing.category).encode()
        etag = f'"{hashlib.sha256(content).hexdigest()[:24]}"'
        headers = {
            "ETag": etag,
            "Cache-Control": "public, max-age=86400",
            "Content-Security-Policy": "default-src 'none'",
        }
        if request.headers.get("If-None-Match") == etag:
            return Response(status_code=304, headers=headers)
        return Response(content, media_type="image/svg+xml", headers=headers)

    return router

"""Owns how long browsers may keep the static files."""

from __future__ import annotations

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope


class VersionedFiles(StaticFiles):
    """Files that are kept for ever when their address carries a version, else revalidated."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, with its caching."""
        response = await super().get_response(path, scope)
        is_versioned = scope.get("query_string", b"").startswith(b"v=")
        response.headers.setdefault(
            "Cache-Control",
            "public, max-age=31536000, immutable" if is_versioned else "public, no-cache",
        )
        return response

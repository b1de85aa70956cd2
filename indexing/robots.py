"""Owns asking sites which pages programs may read (RFC 9309)."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

from indexing.errors import FetchFailed
from indexing.fetching import FeedClient


class Robots:
    """Remembers the rules of each site while feeds are fetched.

    Args:
        client: Fetches the rules.
        name: What rules call Heidi.
    """

    def __init__(self, client: FeedClient, name: str = "Heidi") -> None:
        self._client = client
        self._name = name
        self._rules: dict[str, asyncio.Task[RobotFileParser]] = {}

    async def allow(self, url: str) -> bool:
        """Whether a page may be read; sites that state no rules allow everything."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._rules:
            self._rules[origin] = asyncio.create_task(self._read(origin))
        return (await self._rules[origin]).can_fetch(self._name, url)

    async def _read(self, origin: str) -> RobotFileParser:
        rules = RobotFileParser()
        try:
            fetched = await self._client.get(f"{origin}/robots.txt", accept="text/plain")
        except FetchFailed:
            rules.parse([])
        else:
            rules.parse(fetched.content[:500_000].decode("utf-8", "replace").splitlines())
        return rules

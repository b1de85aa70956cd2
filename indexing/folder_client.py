"""Owns reading feeds from a folder instead of the network, as the demo does."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path
from typing import Self
from urllib.parse import unquote, urlsplit

from indexing.errors import FetchFailed
from indexing.fetching import Fetched


class FolderClient:
    """Gives the file `host/path` of a folder for the address `https://host/path`.

    Args:
        folder: Where the files are; nothing outside of it is read.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing is open."""

    async def get(
        self, url: str, *, accept: str, etag: str = "", last_modified: str = ""
    ) -> Fetched:
        """The file of an address; its hash is its ETag.

        Raises:
            FetchFailed: There is no such file.
        """
        parts = urlsplit(url)
        path = (self._folder / (parts.hostname or "") / unquote(parts.path).lstrip("/")).resolve()
        if not path.is_relative_to(self._folder) or not path.is_file():
            raise FetchFailed(url, "is not in the folder that is read instead of the network")
        content = await asyncio.to_thread(path.read_bytes)
        version = hashlib.sha256(content).hexdigest()
        if version == etag:
            return Fetched(url=url, is_unchanged=True)
        return Fetched(url=url, content=content, etag=version)

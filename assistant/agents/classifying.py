"""Owns the port of the router: what an agent asks to learn what a message asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from assistant.core.router import Route


class Request(Protocol):
    """A message, or one of several requests in it, and where it goes."""

    @property
    def text(self) -> str:
        """The words that ask."""
        ...

    @property
    def route(self) -> Route:
        """What they ask for."""
        ...


class Classifier(Protocol):
    """Tells what a message asks for."""

    async def classify_requests(self, text: str) -> Sequence[Request]:
        """One entry for the whole message, or several surely different ones, in order."""
        ...

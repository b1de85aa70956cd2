"""Owns the port of tools that offer times: what they have offered may be proposed."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol, runtime_checkable

from assistant.core.events import JsonObject
from assistant.core.provenance import VisitorWords


@runtime_checkable
class OfferingTool(Protocol):
    """A tool whose result holds free times of the calendar itself."""

    def offered_in(
        self, arguments: JsonObject, output: JsonObject, words: VisitorWords
    ) -> frozenset[datetime]:
        """The times in a result of this tool; none if others than the visitor chose the period."""
        ...

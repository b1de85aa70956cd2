"""Owns the ports of tools whose results hold times that a write may have: offered and own ones.

Both come from the calendar itself, never from a text in it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol, runtime_checkable

from assistant.core.events import JsonObject
from assistant.core.provenance import VisitorWords
from assistant.core.relative import Span


@runtime_checkable
class OfferingTool(Protocol):
    """A tool whose result holds free times of the calendar itself."""

    def offered_in(
        self, arguments: JsonObject, output: JsonObject, words: VisitorWords
    ) -> frozenset[datetime]:
        """The times in a result of this tool; none if others than the visitor chose the period."""
        ...


@runtime_checkable
class OwnMeetingsTool(Protocol):
    """A tool whose result holds the caller's own meetings, which relative times relate to."""

    def meetings_in(self, output: JsonObject) -> tuple[Span, ...]:
        """When the meetings in a result of this tool begin and end."""
        ...


def words_after(
    words: VisitorWords, tool: object, arguments: JsonObject, output: JsonObject
) -> VisitorWords:
    """The visitor's words, with the times that a result of this tool adds to them."""
    if isinstance(tool, OfferingTool):
        words = words.with_offers(tool.offered_in(arguments, output, words))
    if isinstance(tool, OwnMeetingsTool):
        words = words.with_meetings(tool.meetings_in(output))
    return words

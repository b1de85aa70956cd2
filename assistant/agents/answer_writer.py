"""Owns turning a composed answer into events: small deltas, citations behind their spans."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.core.composition import Piece
from assistant.core.events import Citation, EventBody, TextDelta
from assistant.core.grounding import Support
from assistant.core.plain_speech import without_links

_DELTA_WORDS = 4
_LONGEST_QUOTE = 400
_RUN = re.compile(rf"(?:\s*\S+){{1,{_DELTA_WORDS}}}\s*|\s+")


class AnswerWriter:
    """Writes one answer; knows how long it is and which briefing has which number.

    Args:
        offset: code points of the turn's answer that were written before.
        first_number: next free citation number.
    """

    def __init__(self, *, offset: int = 0, first_number: int = 1) -> None:
        self._length = offset
        self._first_number = first_number
        self._numbers: dict[str, int] = {}

    @property
    def briefing_ids(self) -> tuple[str, ...]:
        """Briefings cited so far, in the order of their numbers."""
        return tuple(self._numbers)

    def write(self, piece: Piece) -> Iterator[EventBody]:
        """The events of one piece: its text, then its citation."""
        # A briefing may hold an address or hidden characters; neither is quoted.
        text = without_links(piece.text) if piece.support else piece.text
        start = self._length + len(text) - len(text.lstrip())
        for run in _RUN.findall(text):
            self._length += len(run)
            yield TextDelta(text=run)
        if piece.support:
            yield self._citation(piece.support, start)

    def _citation(self, support: Support, start: int) -> Citation:
        passage = support.passage
        number = self._numbers.setdefault(
            passage.briefing_id, self._first_number + len(self._numbers)
        )
        return Citation(
            number=number,
            start=start,
            end=self._length,
            chunk_id=passage.chunk_id,
            briefing_id=passage.briefing_id,
            title=passage.title,
            path=passage.path,
            date=passage.date.isoformat(),
            source_name=passage.source_name,
            source_url=passage.source_url,
            quote=_shortened(support.quote),
        )


def _shortened(quote: str) -> str:
    if len(quote) <= _LONGEST_QUOTE:
        return quote
    return quote[:_LONGEST_QUOTE].rsplit(" ", 1)[0] + "…"

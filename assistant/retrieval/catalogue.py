"""Owns the catalogue: an immutable, in-memory snapshot of all chunks for lexical search and lists.

Vectors are not in it; they stay in the index. Does not own when a new snapshot is taken
(`hybrid.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from assistant.core.passages import RetrievalQuery
from assistant.retrieval.lexical import LexicalDocument, LexicalIndex
from assistant.retrieval.spelling import Spelling
from indexing.chunking import Chunk

BoolVector = NDArray[np.bool_]


class Catalogue:
    """All chunks of published briefings at one generation of the index.

    Args:
        chunks: every chunk, in any order.
        generation: the index's generation they were read at.
    """

    def __init__(self, chunks: Sequence[Chunk], generation: object) -> None:
        self.generation = generation
        self.chunks = tuple(sorted(chunks, key=lambda chunk: (chunk.briefing_id, chunk.ordinal)))
        self.lexical = LexicalIndex([_document(chunk) for chunk in self.chunks])
        self.spelling = Spelling(f"{c.title} {c.heading} {c.text}" for c in self.chunks)
        self.positions = {chunk.id: position for position, chunk in enumerate(self.chunks)}
        self.source_names = frozenset(c.source_name for c in self.chunks if c.source_name)
        self._days = np.array([chunk.date.toordinal() for chunk in self.chunks], dtype=np.int32)
        self._categories = np.array([chunk.category for chunk in self.chunks], dtype=object)
        self._sentiments = np.array([chunk.sentiment for chunk in self.chunks], dtype=object)
        self._briefings: dict[str, list[int]] = {}
        for position, chunk in enumerate(self.chunks):
            self._briefings.setdefault(chunk.briefing_id, []).append(position)

    def __len__(self) -> int:
        return len(self.chunks)

    def briefing(self, briefing_id: str) -> tuple[Chunk, ...]:
        """The chunks of a briefing in reading order; empty when it is not here."""
        return tuple(self.chunks[position] for position in self._briefings.get(briefing_id, ()))

    def allowed(self, query: RetrievalQuery) -> BoolVector:
        """Which chunks a query's filters let through."""
        mask = np.ones(len(self.chunks), dtype=np.bool_)
        if query.since and not query.is_period_soft:
            mask &= self._days >= query.since.toordinal()
        if query.until and not query.is_period_soft:
            mask &= self._days <= query.until.toordinal()
        if query.categories:
            mask &= np.isin(self._categories, list(query.categories))
        if query.sentiment:
            mask &= self._sentiments == query.sentiment
        if query.briefing_ids:
            mask &= self._of(query.briefing_ids)
        return mask

    def newest(self, query: RetrievalQuery) -> tuple[int, ...]:
        """Positions of the first chunks of the newest briefings that pass the filters."""
        mask = self.allowed(query)
        firsts = [places[0] for places in self._briefings.values() if mask[places[0]]]
        firsts.sort(key=lambda place: (-int(self._days[place]), self.chunks[place].briefing_id))
        return tuple(firsts[: query.limit])

    def is_in_period(self, position: int, since: date | None, until: date | None) -> bool:
        """Whether a chunk's day lies in a period."""
        day = int(self._days[position])
        return (since is None or day >= since.toordinal()) and (
            until is None or day <= until.toordinal()
        )

    def _of(self, briefing_ids: Sequence[str]) -> BoolVector:
        mask = np.zeros(len(self.chunks), dtype=np.bool_)
        for briefing_id in briefing_ids:
            mask[self._briefings.get(briefing_id, [])] = True
        return mask


def _document(chunk: Chunk) -> LexicalDocument:
    return LexicalDocument(
        title=chunk.title,
        text=f"{chunk.heading} {chunk.text}",
        keywords=f"{chunk.category} {chunk.source_name} {chunk.date:%B %Y}",
    )

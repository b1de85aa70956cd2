"""Owns the catalogue: an immutable, in-memory snapshot of all chunks, for searching and lists.

A new one takes from the one before whatever did not change, so that an update costs little. Does
not own when a new snapshot is taken (`hybrid.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np

from assistant.core.passages import RetrievalQuery
from assistant.retrieval.arrays import BoolVector, IntVector
from assistant.retrieval.diversity import Ranked, Title
from assistant.retrieval.lexical import LexicalDocument, LexicalIndex, TermIds, Vocabulary
from assistant.retrieval.spelling import Spelling
from assistant.retrieval.vector_space import VectorSpace
from indexing.chunking import Chunk
from indexing.embedding import Vectors

_LARGEST_UPDATE = 0.2
"""Share of new chunks from which crowdedness is computed anew for all."""


class Catalogue:
    """All chunks of published briefings at one generation of the index.

    Args:
        chunks: every chunk, in any order.
        generation: the index's generation they were read at.
        vectors: those of the chunks that `previous` does not hold; None: no vectors are kept, and
            dense search is left to the index. A chunk without a vector is left out.
        previous: the catalogue before, whose work is taken over. A chunk's id stands for its
            content.
    """

    def __init__(
        self,
        chunks: Sequence[Chunk],
        generation: object,
        *,
        vectors: Mapping[str, Vectors] | None = None,
        previous: Catalogue | None = None,
    ) -> None:
        self.generation = generation
        if vectors is not None:
            chunks = [chunk for chunk in chunks if chunk.id in vectors or _holds(previous, chunk)]
        self.chunks = tuple(sorted(chunks, key=lambda chunk: (chunk.briefing_id, chunk.ordinal)))
        self.positions = {chunk.id: position for position, chunk in enumerate(self.chunks)}
        self.source_names = frozenset(c.source_name for c in self.chunks if c.source_name)
        self.days = np.array([chunk.date.toordinal() for chunk in self.chunks], dtype=np.int64)
        self._briefings: dict[str, list[int]] = {}
        for position, chunk in enumerate(self.chunks):
            self._briefings.setdefault(chunk.briefing_id, []).append(position)
        self._categories = _Labels([chunk.category for chunk in self.chunks])
        self._sentiments = _Labels([chunk.sentiment for chunk in self.chunks])
        self._titles = self._read_titles(previous)
        self._vocabulary: Vocabulary = previous._vocabulary if previous else Vocabulary()
        self._terms = self._numbered(previous)
        self.lexical = LexicalIndex(self._terms, self._vocabulary)
        self.spelling = self._spelling(previous)
        self.space = self._space(vectors, previous) if vectors is not None else None

    def __len__(self) -> int:
        return len(self.chunks)

    def briefing(self, briefing_id: str) -> tuple[Chunk, ...]:
        """The chunks of a briefing in reading order; empty when it is not here."""
        return tuple(self.chunks[position] for position in self._briefings.get(briefing_id, ()))

    def ranked(self, position: int) -> Ranked:
        """A chunk as it is compared with others of a ranking."""
        chunk = self.chunks[position]
        return Ranked(
            briefing_id=chunk.briefing_id,
            title=self._titles[chunk.title],
            date=chunk.date,
            text=chunk.text,
        )

    def allowed(self, query: RetrievalQuery) -> BoolVector | None:
        """Which chunks a query's filters let through; None when there are no filters."""
        since = query.since if not query.is_period_soft else None
        until = query.until if not query.is_period_soft else None
        masks = [
            *([self.days >= since.toordinal()] if since else []),
            *([self.days <= until.toordinal()] if until else []),
            *([self._categories.among(query.categories)] if query.categories else []),
            *([self._sentiments.among((query.sentiment,))] if query.sentiment else []),
            *([self._of(query.briefing_ids)] if query.briefing_ids else []),
        ]
        return np.logical_and.reduce(masks) if masks else None

    def newest(self, query: RetrievalQuery) -> tuple[int, ...]:
        """Positions of the first chunks of the newest briefings that pass the filters."""
        mask = self.allowed(query)
        firsts = self._firsts if mask is None else self._firsts[mask[self._firsts]]
        return tuple(int(place) for place in firsts[: query.limit])

    def is_in_period(self, positions: IntVector, query: RetrievalQuery) -> BoolVector:
        """Which chunks' days lie in a query's period."""
        days = self.days[positions]
        held = np.ones(len(days), dtype=np.bool_)
        if query.since:
            held &= days >= query.since.toordinal()
        if query.until:
            held &= days <= query.until.toordinal()
        return held

    @cached_property
    def _firsts(self) -> IntVector:
        """First chunks of all briefings, newest first."""
        firsts = np.array([places[0] for places in self._briefings.values()], dtype=np.int64)
        return firsts[np.argsort(-self.days[firsts], kind="stable")]

    def _of(self, briefing_ids: Sequence[str]) -> BoolVector:
        mask = np.zeros(len(self.chunks), dtype=np.bool_)
        for briefing_id in briefing_ids:
            mask[self._briefings.get(briefing_id, [])] = True
        return mask

    def _read_titles(self, previous: Catalogue | None) -> dict[str, Title]:
        known = previous._titles if previous else {}
        titles = {chunk.title for chunk in self.chunks}
        return {title: known.get(title) or Title.of(title) for title in titles}

    def _numbered(self, previous: Catalogue | None) -> list[TermIds]:
        return [
            previous._terms[previous.positions[chunk.id]]
            if previous and chunk.id in previous.positions
            else self._vocabulary.numbered(_document(chunk))
            for chunk in self.chunks
        ]

    def _spelling(self, previous: Catalogue | None) -> Spelling:
        if previous is None:
            return Spelling(_written(chunk) for chunk in self.chunks)
        return previous.spelling.after(
            added=(_written(chunk) for chunk in self.chunks if chunk.id not in previous.positions),
            removed=(
                _written(chunk) for chunk in previous.chunks if chunk.id not in self.positions
            ),
        )

    def _space(self, vectors: Mapping[str, Vectors], previous: Catalogue | None) -> VectorSpace:
        numbers = {briefing_id: number for number, briefing_id in enumerate(self._briefings)}
        groups = np.array([numbers[chunk.briefing_id] for chunk in self.chunks], dtype=np.int64)
        before = previous.space if previous else None
        if previous is None or not before:
            return VectorSpace(_rows([vectors[chunk.id] for chunk in self.chunks]), groups)
        places = np.array(
            [previous.positions.get(chunk.id, -1) for chunk in self.chunks], dtype=np.int64
        )
        is_new = places < 0
        rows = before.vectors(places)
        rows[is_new] = _rows([vectors[self.chunks[at].id] for at in np.flatnonzero(is_new)])
        if is_new.sum() > _LARGEST_UPDATE * len(before):
            return VectorSpace(rows, groups)
        crowdedness = np.where(is_new, np.nan, before.crowdedness[places]).astype(np.float32)
        cells = np.where(is_new, -1, before.cells[places])
        return VectorSpace(
            rows, groups, crowdedness=crowdedness, centres=before.centres, cells=cells
        )


class _Labels:
    """One label per chunk, compared as numbers."""

    def __init__(self, labels: Sequence[str]) -> None:
        self._numbers = {label: number for number, label in enumerate(dict.fromkeys(labels))}
        self._labels = np.array([self._numbers[label] for label in labels], dtype=np.int16)

    def among(self, wanted: Sequence[str]) -> BoolVector:
        """Which chunks bear one of the labels."""
        numbers = [self._numbers[label] for label in wanted if label in self._numbers]
        return np.isin(self._labels, numbers)


def _holds(catalogue: Catalogue | None, chunk: Chunk) -> bool:
    return catalogue is not None and catalogue.space is not None and chunk.id in catalogue.positions


def _rows(vectors: Sequence[Vectors]) -> Vectors:
    return np.stack(vectors).astype(np.float32) if vectors else np.zeros((0, 1), dtype=np.float32)


def _written(chunk: Chunk) -> str:
    return f"{chunk.title} {chunk.heading} {chunk.text}"


def _document(chunk: Chunk) -> LexicalDocument:
    return LexicalDocument(
        title=chunk.title,
        text=f"{chunk.heading} {chunk.text}",
        keywords=f"{chunk.category} {chunk.source_name} {chunk.date:%B %Y}",
    )

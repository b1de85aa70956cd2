"""Owns the vectors of all chunks in memory: nearest neighbours, and how crowded each stands.

The vector store stays the source; this is a copy for searching, which costs less than asking it:
chunks are compared on their principal axes first and the best ones in full, in a large space only
those of the cells nearest to the question (an inverted file; Jégou et al., 2011,
doi:10.1109/TPAMI.2010.57). A built space is never changed. Does not own when one is built
(`catalogue.py`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from assistant.retrieval.arrays import BoolVector, IntVector
from indexing.embedding import Vectors

NEIGHBOURS = 10
"""Neighbours that make up the crowdedness of a chunk, as in Conneau et al. (2018)."""

_FEW = 2_000
"""Chunks that are all compared in full: a quarter of a millisecond."""
_MOST_COMPARED = 25_000
"""Chunks that are all compared on their principal axes: a millisecond."""
_FEWEST_IN_CELLS = 4_096
_CELLS_PER_ROOT = 4
"""Cells for each of the square root of the chunks. Of 100,000 chunks the 2 % in the nearest of so
many cells hold 0.97 of the ten nearest; with a fourth of the cells it takes 16 %."""
_CELLS_SEARCHED = 0.02
_LEAST_SEARCHED = 25
_AXES = 95
"""At 100,000 chunks 0.995 of the ten nearest are among the first 256 on so many axes."""
_AXES_SAMPLE = 10_000
_COMPARED_IN_FULL = 256
_CELLS_AROUND = 32
"""Cells in which a chunk's neighbours are looked for."""
_SAMPLE_PER_CELL = 24
_ITERATIONS = 6
_ROWS_AT_ONCE = 512


@dataclass(frozen=True, kw_only=True)
class Neighbours:
    """What stands nearest to a question."""

    positions: IntVector
    similarities: Vectors


class VectorSpace:
    """Vectors of length one, searched by cosine similarity less what crowdedness gives for free.

    Some texts are near to every question (hubs; Radovanović et al., 2010). Cross-domain similarity
    local scaling takes half of a text's mean similarity to its nearest neighbours off (CSLS,
    Conneau et al., 2018, arXiv:1710.04087), which compares a question's neighbours fairly.

    Args:
        vectors: one row per chunk.
        groups: number of each chunk's briefing, whose other chunks are no neighbours.
        crowdedness: what is known from an earlier space; NaN where it is to be computed.
        centres: the cells of an earlier space.
        cells: each chunk's cell in that space; -1 where it is to be found.
    """

    def __init__(
        self,
        vectors: Vectors,
        groups: IntVector,
        *,
        crowdedness: Vectors | None = None,
        centres: Vectors | None = None,
        cells: IntVector | None = None,
    ) -> None:
        count = len(vectors)
        if centres is None or 2 * len(centres) < _cell_count(count):
            centres, cells = _centres(vectors), None
        self.centres = centres
        self.cells = cells = _with_known(cells, vectors, centres)
        """Each chunk's."""
        self._order = np.argsort(cells, kind="stable")
        self._rows = np.empty(count, dtype=np.int64)
        self._rows[self._order] = np.arange(count)
        self._starts = np.searchsorted(cells[self._order], np.arange(len(self.centres) + 1))
        self._vectors = np.ascontiguousarray(vectors[self._order], dtype=np.float32)
        known = np.full(count, np.nan, dtype=np.float32) if crowdedness is None else crowdedness
        self.crowdedness = self._crowdedness(known, groups)
        mean = float(self.crowdedness.mean()) if count else 0.0
        self.offsets = (0.5 * (self.crowdedness - mean)).astype(np.float32)
        """What is taken off each chunk's similarity; 0 on average, so that scores keep their scale.
        """
        self._row_offsets = self.offsets[self._order]
        self._axes = _principal_axes(self._vectors if count > _FEW else vectors[:0])
        # Crowdedness as one more axis: one product of a matrix and a vector takes it off as well.
        self._projected = np.column_stack([self._vectors @ self._axes, -self._row_offsets])
        self._projected_centres = self.centres @ self._axes
        self._cells_searched = int(_CELLS_SEARCHED * len(self.centres))

    def __len__(self) -> int:
        return len(self._vectors)

    def vectors(self, positions: IntVector) -> Vectors:
        """The vectors of some chunks."""
        return np.asarray(self._vectors.take(self._rows[positions], axis=0))

    def similarities(self, vector: Vectors, positions: IntVector) -> Vectors:
        """Cosine similarity of a question and some chunks."""
        return np.asarray(self.vectors(positions) @ vector)

    def nearest(self, vector: Vectors, limit: int, allowed: BoolVector | None = None) -> Neighbours:
        """The chunks nearest to a question when crowdedness is taken off, in no order.

        Args:
            vector: the question's, of length one.
            limit: most chunks.
            allowed: which may be found; none: every one.
        """
        if len(self) > _FEW:
            rows = self._promising(vector, max(limit, _COMPARED_IN_FULL), allowed)
        elif allowed is not None:
            rows = self._rows[np.flatnonzero(allowed)]
        else:
            return self._top(np.arange(len(self)), self._vectors @ vector, limit)
        return self._top(rows, self._vectors.take(rows, axis=0) @ vector, limit)

    def _promising(self, vector: Vectors, count: int, allowed: BoolVector | None) -> IntVector:
        """The rows that are best on the principal axes."""
        projected = np.append(vector @ self._axes, np.float32(1.0))
        is_narrow = allowed is not None and np.count_nonzero(allowed) <= _MOST_COMPARED
        if is_narrow or len(self) <= _MOST_COMPARED:
            rows = np.arange(len(self)) if allowed is None else self._rows[np.flatnonzero(allowed)]
            scores = (self._projected if allowed is None else self._projected[rows]) @ projected
            return np.asarray(rows[_greatest(scores, count)])
        near = self._projected_centres @ projected[:-1]
        cells = _greatest(near, max(_LEAST_SEARCHED, self._cells_searched))
        starts = self._starts[cells]
        lengths = self._starts[cells + 1] - starts
        # Cell after cell: what is to be added to a place for the row that stands there.
        shifts = starts - np.concatenate([[0], np.cumsum(lengths)[:-1]])
        rows = np.arange(lengths.sum()) + np.repeat(shifts, lengths)
        if allowed is not None:
            rows = rows[allowed[self._order[rows]]]
        scores = self._projected.take(rows, axis=0) @ projected
        return np.asarray(rows[_greatest(scores, count)])

    def _top(self, rows: IntVector, similarities: Vectors, limit: int) -> Neighbours:
        best = _greatest(similarities - self._row_offsets[rows], limit)
        return Neighbours(positions=self._order[rows[best]], similarities=similarities[best])

    def _crowdedness(self, known: Vectors, groups: IntVector) -> Vectors:
        found = known[self._order]
        row_groups = groups[self._order]
        around = _cells_around(self.centres)
        for cell, neighbours in enumerate(around):
            rows = np.arange(self._starts[cell], self._starts[cell + 1])
            rows = rows[np.isnan(found[rows])]
            if not len(rows):
                continue
            others = np.concatenate(
                [np.arange(self._starts[near], self._starts[near + 1]) for near in neighbours]
            )
            for start in range(0, len(rows), _ROWS_AT_ONCE):
                block = rows[start : start + _ROWS_AT_ONCE]
                similar = self._vectors[block] @ self._vectors[others].T
                similar[row_groups[block][:, None] == row_groups[others][None, :]] = -1.0
                found[block] = _mean_of_greatest(similar)
        return np.asarray(found[self._rows])


def _mean_of_greatest(similar: Vectors) -> Vectors:
    """Mean over each row's nearest neighbours; those of other briefings only, 0 without any."""
    if similar.shape[1] > NEIGHBOURS:
        similar = -np.partition(-similar, NEIGHBOURS - 1, axis=1)[:, :NEIGHBOURS]
    is_other = similar > -1.0
    total = np.where(is_other, similar, 0.0).sum(axis=1)
    return np.asarray(total / np.maximum(1, is_other.sum(axis=1)), dtype=np.float32)


def _greatest(scores: Vectors, count: int) -> IntVector:
    """Places of the greatest scores, in no order."""
    if len(scores) <= count:
        return np.arange(len(scores))
    return np.argpartition(-scores, count)[:count]


def _principal_axes(vectors: Vectors) -> Vectors:
    """The axes along which vectors are longest, as columns."""
    sample = vectors[:: max(1, len(vectors) // _AXES_SAMPLE)]
    _, axes = np.linalg.eigh(sample.T @ sample)
    return np.ascontiguousarray(axes[:, -_AXES:], dtype=np.float32)


def _cell_count(count: int) -> int:
    return int(_CELLS_PER_ROOT * math.sqrt(count)) if count > _FEWEST_IN_CELLS else 1


def _centres(vectors: Vectors) -> Vectors:
    """Centres of about as many cells as a cell has chunks, by spherical k-means on a sample."""
    count = _cell_count(len(vectors))
    random = np.random.default_rng(0)
    sample = random.permutation(len(vectors))[: count * _SAMPLE_PER_CELL]
    points = vectors[np.sort(sample)]
    centres = points[:: max(1, len(points) // count)][:count].copy()
    for _ in range(_ITERATIONS if count > 1 else 0):
        cells = _nearest_centre(points, centres)
        sums = np.zeros_like(centres)
        np.add.at(sums, cells, points)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        centres = np.where(lengths > 0, sums / np.maximum(lengths, 1e-9), centres)
    return np.asarray(centres, dtype=np.float32)


def _with_known(cells: IntVector | None, vectors: Vectors, centres: Vectors) -> IntVector:
    """The cells of all chunks; only those that are not known are looked for."""
    if cells is None:
        return _nearest_centre(vectors, centres)
    found = cells.copy()
    is_new = found < 0
    found[is_new] = _nearest_centre(vectors[is_new], centres)
    return found


def _nearest_centre(vectors: Vectors, centres: Vectors) -> IntVector:
    found = np.zeros(len(vectors), dtype=np.int64)
    if len(centres) > 1:
        for start in range(0, len(vectors), _ROWS_AT_ONCE):
            block = vectors[start : start + _ROWS_AT_ONCE]
            found[start : start + len(block)] = np.argmax(block @ centres.T, axis=1)
    return found


def _cells_around(centres: Vectors) -> IntVector:
    """The cells nearest to each cell, itself among them."""
    if len(centres) <= _CELLS_AROUND:
        return np.tile(np.arange(len(centres)), (len(centres), 1))
    return np.asarray(np.argpartition(-(centres @ centres.T), _CELLS_AROUND)[:, :_CELLS_AROUND])

"""Owns the vectors of sentences: embedded once, kept in memory, compared with the question.

Blocking work runs in a thread. Does not own what is made of the similarities.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np

from indexing.embedding import Embedder, Vectors

_CAPACITY = 20_000
"""Sentences kept: about 30 MB for the packaged model."""

_LONGEST_EMBEDDED = 1_000
"""Characters of a sentence that are embedded."""


class SentenceVectors:
    """A cache of sentence embeddings.

    Args:
        embedder: embeds questions and sentences.
        capacity: most sentences to keep; the least recently used go first.
    """

    def __init__(self, embedder: Embedder, *, capacity: int = _CAPACITY) -> None:
        self._embedder = embedder
        self._capacity = capacity
        self._vectors: OrderedDict[str, Vectors] = OrderedDict()

    async def similarities(self, question: str, sentences: Sequence[str]) -> list[float]:
        """Cosine similarity of the question and each sentence, in [-1, 1]."""
        if not sentences:
            return []
        query = await asyncio.to_thread(
            self._embedder.embed_queries, [question[:_LONGEST_EMBEDDED]]
        )
        await self.add(sentences)
        rows = [self._vectors[sentence] for sentence in sentences if sentence in self._vectors]
        if len(rows) < len(sentences):
            rows = list(await asyncio.to_thread(self._embedder.embed_passages, list(sentences)))
        return [float(value) for value in np.stack(rows) @ query[0]]

    async def add(self, sentences: Sequence[str]) -> None:
        """Embed the sentences that are not known yet."""
        missing = [text for text in dict.fromkeys(sentences) if text not in self._vectors]
        if missing:
            cut = [text[:_LONGEST_EMBEDDED] for text in missing]
            vectors = await asyncio.to_thread(self._embedder.embed_passages, cut)
            self._vectors.update(zip(missing, vectors, strict=True))
        for text in sentences:
            if text in self._vectors:
                self._vectors.move_to_end(text)
        while len(self._vectors) > self._capacity:
            self._vectors.popitem(last=False)

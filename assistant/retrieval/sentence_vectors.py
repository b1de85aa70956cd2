"""Owns the vectors of sentences: embedded once, kept, and compared with the question.

Blocking work runs in a thread. Does not own what is made of the similarities.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np

from assistant.retrieval.vector_file import VectorFile
from indexing.embedding import Embedder, Vectors

_CAPACITY = 40_000
"""Sentences kept in memory: about 60 MB for the packaged model."""

_LONGEST_EMBEDDED = 1_000
"""Characters of a sentence that are embedded."""


class SentenceVectors:
    """Sentence embeddings, in memory and, if there is a file, on disk.

    Args:
        embedder: embeds questions and sentences.
        file: keeps vectors over restarts; none: memory only.
        capacity: most sentences in memory; the least recently used go first.
    """

    def __init__(
        self, embedder: Embedder, file: VectorFile | None = None, *, capacity: int = _CAPACITY
    ) -> None:
        self._embedder = embedder
        self._file = file
        self._capacity = capacity
        self._vectors: OrderedDict[str, Vectors] = OrderedDict()

    async def similarities(self, question: str, sentences: Sequence[str]) -> list[float]:
        """Cosine similarity of the question and each sentence, in [-1, 1]."""
        if not sentences:
            return []
        asked = question[:_LONGEST_EMBEDDED]
        query = await asyncio.to_thread(self._embedder.embed_queries, [asked])
        known = await self._known(sentences)
        return [float(value) for value in np.stack([known[text] for text in sentences]) @ query[0]]

    async def add(self, sentences: Sequence[str]) -> None:
        """Embed the sentences that are not known yet."""
        await self._known(sentences)

    async def _known(self, sentences: Sequence[str]) -> dict[str, Vectors]:
        texts = list(dict.fromkeys(sentences))
        known = {text: self._vectors[text] for text in texts if text in self._vectors}
        missing = [text for text in texts if text not in known]
        if missing:
            known.update(await asyncio.to_thread(self._made, missing))
        self._remember(known)
        return known

    def _made(self, texts: Sequence[str]) -> dict[str, Vectors]:
        found = self._file.load(texts) if self._file else {}
        new = [text for text in texts if text not in found]
        if new:
            vectors = self._embedder.embed_passages([text[:_LONGEST_EMBEDDED] for text in new])
            made = dict(zip(new, vectors, strict=True))
            if self._file:
                self._file.save(made)
            found.update(made)
        return found

    def _remember(self, vectors: dict[str, Vectors]) -> None:
        for text, vector in vectors.items():
            self._vectors[text] = vector
            self._vectors.move_to_end(text)
        while len(self._vectors) > self._capacity:
            self._vectors.popitem(last=False)

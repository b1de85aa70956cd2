"""A deterministic embedder without a model: texts with the same words are close to each other."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence

import numpy as np

from indexing.embedding import Vectors


class HashingEmbedder:
    """Hashes the words of a text into a vector and records what it was asked for."""

    def __init__(self, dimension: int = 64, model_id: str = "hashing") -> None:
        self.dimension = dimension
        self.model_id = model_id
        self.passages: list[str] = []

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return np.stack([self._embed(text) for text in texts])

    def embed_passages(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> Vectors:
        self.passages.extend(texts)
        if progress:
            progress(len(texts))
        return self.embed_queries(texts)

    def _embed(self, text: str) -> Vectors:
        vector = np.zeros(self.dimension, dtype=np.float32)
        vector[0] = 0.01
        for word in re.findall(r"\w+", text.lower()):
            digest = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")
            vector[digest % self.dimension] += 1.0 if digest >> 40 & 1 else -1.0
        return vector / np.linalg.norm(vector)

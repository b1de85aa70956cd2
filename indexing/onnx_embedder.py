"""Owns embedding with onnxruntime: the packaged model with eight-bit weights, without PyTorch.

A call of the model runs in the thread that makes it: a query never waits for a batch of passages.
These are embedded by as many threads as there are cores, each a batch of its own, which takes less
time than sharing every batch among them.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from indexing.embedding import (
    PACKAGED_DIMENSION,
    PACKAGED_MODEL,
    QUERIES_PER_CALL,
    QueryCache,
    Vectors,
    batches,
    count_packaged_tokens,
    packaged_model_folder,
)

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

    from indexing.onnx_export import ExportedModel

TOKENS_PER_CALL = 512
"""Word pieces, padding included, in one call of the model: more fall out of the processor's cache
and take longer each."""


class OnnxEmbedder:
    """Embeds with a sentence-transformers model that was exported to ONNX.

    The model is exported when the first text is embedded, which takes some seconds once.

    Args:
        model: Name or path of a model; none for the packaged all-MiniLM-L6-v2.
        threads: Threads that embed passages; none: as many as there are cores. A query takes one.
        cache: Folder of exported models; none: the user's cache.
        quantize: Whether weights are eight-bit integers.
    """

    def __init__(
        self,
        model: str | None = None,
        *,
        threads: int | None = None,
        cache: Path | None = None,
        quantize: bool = True,
    ) -> None:
        self._model_name = model
        self._threads = threads or os.cpu_count() or 1
        self._cache = cache
        self._quantize = quantize
        self._loading = threading.Lock()
        self._loaded: _Loaded | None = None
        self._queries = QueryCache()

    @property
    def model_id(self) -> str:
        """Name of the model as it stands in the manifest of the index."""
        return f"{self._model_name or PACKAGED_MODEL}:{'int8' if self._quantize else 'onnx'}"

    @property
    def dimension(self) -> int:
        """Length of a vector; loads the model, if it is not the packaged one."""
        return PACKAGED_DIMENSION if self._model_name is None else self._load().model.dimension

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Embed queries; repeated ones come from a small cache."""
        return self._queries.filled(texts, self._embed_new_queries, self.dimension)

    def embed_passages(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> Vectors:
        """Embed passages, those of equal length together: what is padded is computed in vain."""
        loaded = self._load()
        found = np.zeros((len(texts), self.dimension), dtype=np.float32)
        ids = [loaded.tokens(loaded.model.passage_prompt + text) for text in texts]

        def embed(batch: list[int]) -> int:
            found[batch] = loaded.run([ids[position] for position in batch])
            return len(batch)

        done = 0
        with ThreadPoolExecutor(self._threads, thread_name_prefix="embed") as pool:
            started = [
                pool.submit(embed, batch)
                for batch in batches([len(row) for row in ids], TOKENS_PER_CALL)
            ]
            for finished in as_completed(started):
                done += finished.result()
                if progress:
                    progress(done)
        return found

    def count_tokens(self, text: str) -> int:
        """Number of word pieces of a text, as the model reads it."""
        if self._model_name is None:
            return count_packaged_tokens(text)
        return len(self._load().counting.encode(text, add_special_tokens=False).ids)

    def _embed_new_queries(self, texts: Sequence[str]) -> Vectors:
        loaded = self._load()
        rows = []
        for start in range(0, len(texts), QUERIES_PER_CALL):
            for text in texts[start : start + QUERIES_PER_CALL]:
                # One by one: eight-bit activations share a scale per call, and the same query
                # must get the same vector whoever else asks.
                ids = loaded.tokens(loaded.model.query_prompt + text)
                rows.append(loaded.run([ids])[0])
        return np.stack(rows)

    def _load(self) -> _Loaded:
        with self._loading:
            if self._loaded is None:
                from indexing.onnx_export import exported

                name = self._model_name or str(packaged_model_folder())
                model = exported(name, self._cache, quantize=self._quantize)
                self._loaded = _Loaded(model)
            return self._loaded


class _Loaded:
    """A model in memory."""

    def __init__(self, model: ExportedModel) -> None:
        self.model = model
        self._session = _session(model.model_file)
        self.counting = _tokenizer(model.tokenizer_file)
        self._reading = _tokenizer(model.tokenizer_file)
        self._reading.enable_truncation(model.most_tokens)

    def tokens(self, text: str) -> list[int]:
        """Word pieces of a text, special ones included, cut to what the model reads."""
        ids: list[int] = self._reading.encode(text).ids
        return ids

    def run(self, rows: Sequence[list[int]]) -> Vectors:
        """Vectors of texts that are given as word pieces; several threads may call it at once."""
        width = max(map(len, rows))
        ids = np.full((len(rows), width), self.model.pad_id, dtype=np.int64)
        mask = np.zeros((len(rows), width), dtype=np.int64)
        for number, row in enumerate(rows):
            ids[number, : len(row)] = row
            mask[number, : len(row)] = 1
        return np.asarray(
            self._session.run(None, {"input_ids": ids, "attention_mask": mask})[0], dtype=np.float32
        )


def _session(file: Path) -> InferenceSession:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        str(file),
        sess_options=options,
        providers=["CPUExecutionProvider"],
        # The fused sum and normalisation takes longer than the two apart: a tenth of the whole.
        disabled_optimizers=["SkipLayerNormFusion"],
    )


def _tokenizer(file: Path) -> Tokenizer:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer

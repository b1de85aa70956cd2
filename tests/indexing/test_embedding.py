"""Embedding: grouping by length, and the packaged model itself."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexing.embedding import (
    Embedder,
    QueryCache,
    SentenceTransformerEmbedder,
    Vectors,
    batches,
    count_packaged_tokens,
    embedder_for,
    packaged_model_folder,
)
from indexing.errors import ModelCacheUnusable
from indexing.onnx_embedder import OnnxEmbedder
from indexing.settings import IndexingSettings


@given(st.lists(st.integers(1, 300), max_size=60), st.integers(1, 2000))
def test_every_position_is_in_one_group_that_fits(lengths: list[int], most: int) -> None:
    groups = list(batches(lengths, most))

    assert sorted(position for group in groups for position in group) == list(range(len(lengths)))
    for group in groups:
        padded = len(group) * max(lengths[position] for position in group)
        assert padded <= most or len(group) == 1


def test_importing_is_cheap() -> None:
    code = "import sys, indexing.embedding; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_tokens_are_counted_without_the_model() -> None:
    assert count_packaged_tokens("Robots fold laundry.") == 4
    assert count_packaged_tokens("word " * 600) == 600


def test_a_query_cache_embeds_only_what_it_does_not_know() -> None:
    asked: list[list[str]] = []

    def embed(texts: Sequence[str]) -> Vectors:
        asked.append(list(texts))
        return np.array([[len(text)] for text in texts], dtype=np.float32)

    cache = QueryCache(capacity=2)
    rows = [cache.filled(texts, embed, 1).tolist() for texts in (["a", "bb", "a"], ["bb"], [])]

    assert rows == [[[1], [2], [1]], [[2]], []]
    assert asked == [["a", "bb"]]


def test_a_query_cache_forgets_what_was_asked_longest_ago() -> None:
    asked: list[str] = []

    def embed(texts: Sequence[str]) -> Vectors:
        asked.extend(texts)
        return np.ones((len(texts), 1), dtype=np.float32)

    cache = QueryCache(capacity=2)
    for text in ("a", "b", "a", "c", "a", "b"):
        cache.filled([text], embed, 1)

    assert asked == ["a", "b", "c", "b"]


@pytest.mark.parametrize(
    ("settings", "model_id"),
    [
        ({}, "all-MiniLM-L6-v2:int8"),
        ({"embedding_backend": "onnx"}, "all-MiniLM-L6-v2:onnx"),
        ({"embedding_backend": "torch"}, "all-MiniLM-L6-v2"),
        ({"embedding_model": "some/model"}, "some/model"),
        ({"embedding_model": "some/model", "embedding_backend": "int8"}, "some/model:int8"),
    ],
)
def test_settings_choose_what_runs_the_model(settings: dict[str, str], model_id: str) -> None:
    assert embedder_for(IndexingSettings(**settings)).model_id == model_id  # type: ignore[arg-type]


@pytest.mark.slow
def test_eight_bit_vectors_stand_near_those_of_the_whole_model() -> None:
    texts = ["Who makes semiconductors?", "The chip maker builds a fab in Dresden.", "Rates fell."]

    whole = SentenceTransformerEmbedder().embed_passages(texts)
    rounded = OnnxEmbedder().embed_passages(texts)

    assert (whole * rounded).sum(axis=1).min() > 0.98


def test_a_cache_that_cannot_be_written_says_what_to_set(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")

    with pytest.raises(ModelCacheUnusable, match="set HEIDI_MODEL_CACHE_DIR"):
        OnnxEmbedder(cache=tmp_path / "file" / "models").embed_queries(["Hello"])


@pytest.mark.slow
def test_exporting_serves_any_sentence_transformers_model(tmp_path: Path) -> None:
    # The packaged folder under another path stands for a model of the company's own.
    embedder = OnnxEmbedder(str(packaged_model_folder()), cache=tmp_path, quantize=False)
    texts = ["A robot folds towels.", "word " * 600]

    expected = SentenceTransformerEmbedder().embed_passages(texts)

    assert np.allclose(embedder.embed_passages(texts), expected, atol=1e-4)
    assert (embedder.dimension, embedder.count_tokens("Robots fold laundry.")) == (384, 4)


@pytest.mark.slow
@pytest.mark.parametrize("embedder", [SentenceTransformerEmbedder(), OnnxEmbedder()])
def test_packaged_model_finds_the_passage_that_answers(embedder: Embedder) -> None:
    seen: list[int] = []
    passages = ["A robot folds towels.", "The chip maker builds a fab.", "Rates stay unchanged."]

    vectors = embedder.embed_passages(passages, seen.append)
    with ThreadPoolExecutor(4) as threads:
        queries = list(threads.map(embedder.embed_queries, [["Who makes semiconductors?"]] * 8))

    assert (vectors.shape, vectors.dtype.name, seen[-1]) == ((3, embedder.dimension), "float32", 3)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert all(np.array_equal(query, queries[0]) for query in queries)
    assert int((vectors @ queries[0][0]).argmax()) == 1
    assert embedder.embed_queries([]).shape == (0, 384)

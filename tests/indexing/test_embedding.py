"""Embedding: grouping by length, and the packaged model itself."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexing.embedding import SentenceTransformerEmbedder, batches, count_packaged_tokens


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


@pytest.mark.slow
def test_packaged_model_finds_the_passage_that_answers() -> None:
    embedder = SentenceTransformerEmbedder()
    seen: list[int] = []
    passages = ["A robot folds towels.", "The chip maker builds a fab.", "Rates stay unchanged."]

    vectors = embedder.embed_passages(passages, seen.append)
    with ThreadPoolExecutor(4) as threads:
        queries = list(threads.map(embedder.embed_queries, [["Who makes semiconductors?"]] * 8))

    assert (vectors.shape, vectors.dtype, seen[-1]) == ((3, embedder.dimension), np.float32, 3)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert all(np.array_equal(query, queries[0]) for query in queries)
    assert int((vectors @ queries[0][0]).argmax()) == 1
    assert embedder.embed_queries([]).shape == (0, 384)

"""Vectors on disk: found again after a restart, and never in the way of an answer."""

from __future__ import annotations

import asyncio
from contextlib import closing
from pathlib import Path

import numpy as np

from assistant.retrieval.sentence_vectors import SentenceVectors
from assistant.retrieval.vector_file import VectorFile
from indexing.embedding import Vectors
from tests.fakes_embedding import HashingEmbedder


def _vector(*values: float) -> Vectors:
    return np.array(values, dtype=np.float32)


def test_vectors_are_found_again_by_another_process(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "sentences.sqlite3"
    with closing(VectorFile(path, "model")) as first:
        first.save({"Robots fold.": _vector(0.5, -0.25), "É": _vector(1, 0)})

    with closing(VectorFile(path, "model")) as second:
        found = second.load(["É", "unknown", "Robots fold."])

    assert {text: vector.tolist() for text, vector in found.items()} == {
        "Robots fold.": [0.5, -0.25],
        "É": [1.0, 0.0],
    }


def test_a_file_of_another_model_is_emptied(tmp_path: Path) -> None:
    path = tmp_path / "sentences.sqlite3"
    with closing(VectorFile(path, "old")) as old:
        old.save({"a": _vector(1)})

    with closing(VectorFile(path, "new")) as new:
        assert new.load(["a"]) == {}


def test_more_texts_than_one_query_takes_are_found(tmp_path: Path) -> None:
    with closing(VectorFile(tmp_path / "sentences.sqlite3", "model")) as file:
        file.save({str(number): _vector(number) for number in range(1200)})

        assert len(file.load([str(number) for number in range(1300)])) == 1200


def test_a_broken_file_is_done_without(tmp_path: Path) -> None:
    path = tmp_path / "sentences.sqlite3"
    path.write_bytes(b"no database at all, but longer than its header would be" * 9)

    file = VectorFile(path, "model")
    file.save({"a": _vector(1)})

    assert file.load(["a"]) == {}


def test_after_closing_nothing_is_loaded_or_kept(tmp_path: Path) -> None:
    file = VectorFile(tmp_path / "sentences.sqlite3", "model")
    file.save({"a": _vector(1)})
    file.close()
    file.save({"b": _vector(1)})

    assert file.load(["a", "b"]) == {}


def test_a_restart_embeds_no_sentence_again(tmp_path: Path) -> None:
    sentences = ["Robots fold towels.", "The chip maker builds a fab."]
    embedder = HashingEmbedder()
    scores = []

    for _ in range(2):
        file = VectorFile(tmp_path / "sentences.sqlite3", embedder.model_id)
        vectors = SentenceVectors(embedder, file)
        scores.append(asyncio.run(vectors.similarities("Who folds towels?", sentences)))
        file.close()

    assert embedder.passages == sentences
    assert np.allclose(scores[0], scores[1], atol=1e-3)

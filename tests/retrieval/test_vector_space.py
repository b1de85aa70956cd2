"""The vectors of all chunks in memory."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.retrieval.vector_space import VectorSpace


def _unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def _random(count: int, dimension: int = 32, seed: int = 7) -> np.ndarray:
    """Vectors in some clusters, as texts are."""
    random = np.random.default_rng(seed)
    topics = random.standard_normal((40, dimension))
    moved = 0.5 * random.standard_normal((count, dimension))
    return _unit(topics[random.integers(0, 40, count)] + moved)


def _space(vectors: np.ndarray) -> VectorSpace:
    return VectorSpace(vectors, np.arange(len(vectors)))


def test_crowdedness_is_the_mean_similarity_to_the_ten_nearest_of_other_briefings():
    vectors = _random(200)
    groups = np.arange(200) // 2
    similar = vectors @ vectors.T
    similar[groups[:, None] == groups[None, :]] = -1
    expected = np.sort(similar, axis=1)[:, -10:].mean(axis=1)
    assert VectorSpace(vectors, groups).crowdedness == pytest.approx(expected, abs=1e-5)


def test_a_hub_loses_half_of_what_it_is_ahead_on_average():
    space = _space(_random(200))
    lead = space.crowdedness - space.crowdedness.mean()
    assert space.offsets == pytest.approx(lead / 2, abs=1e-5)


def test_of_two_equally_similar_chunks_the_less_crowded_is_nearer():
    around = [[1, 1, 0.1 * number] for number in range(-10, 11)]
    vectors = _unit(np.array([[1, 1, 0], [1, -1, 0], *around], dtype=np.float64))
    near = _space(vectors).nearest(np.array([1, 0, 0], dtype=np.float32), 1)
    assert near.positions.tolist() == [1]


def test_only_what_is_allowed_is_found():
    vectors = _random(300)
    allowed = np.zeros(300, dtype=np.bool_)
    allowed[[4, 250]] = True
    near = _space(vectors).nearest(vectors[9], 10, allowed)
    assert sorted(near.positions.tolist()) == [4, 250]
    assert near.similarities == pytest.approx(vectors[near.positions] @ vectors[9], abs=1e-5)


@pytest.fixture(scope="module")
def large() -> tuple[np.ndarray, VectorSpace]:
    vectors = _random(9_000)
    return vectors, _space(vectors)


def test_in_a_large_space_cells_find_nearly_all_of_the_nearest(large):
    vectors, space = large
    found = []
    for question in _random(50, seed=8):
        scores = vectors @ question - space.offsets
        best = set(np.argsort(-scores)[:10].tolist())
        found.append(len(best & set(space.nearest(question, 64).positions.tolist())) / 10)
    assert np.mean(found) > 0.9


def test_in_a_large_space_filters_hold(large):
    vectors, space = large
    allowed = np.arange(9_000) % 10 != 0
    near = space.nearest(vectors[20], 64, allowed)
    assert len(near.positions) == 64
    assert allowed[near.positions].all()


def test_vectors_come_back_in_the_order_that_is_asked_for(large):
    vectors, space = large
    places = np.array([8_000, 3, 77])
    assert np.array_equal(space.vectors(places), vectors[places])


def test_what_is_known_of_crowdedness_is_not_computed_again():
    vectors = _random(100)
    first = _space(vectors[:90])
    known = np.concatenate([first.crowdedness + 1, np.full(10, np.nan, dtype=np.float32)])
    later = VectorSpace(
        vectors, np.arange(100), crowdedness=known.astype(np.float32), centres=first.centres
    )
    assert np.array_equal(later.crowdedness[:90], first.crowdedness + 1)
    assert later.crowdedness[90:] == pytest.approx(_space(vectors).crowdedness[90:], abs=1e-5)


def test_a_single_chunk_has_no_neighbours():
    space = _space(_random(1))
    assert (space.crowdedness.tolist(), space.offsets.tolist()) == ([0.0], [0.0])

"""Every figure has an example that was computed by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics import (
    Detection,
    bootstrap_mean,
    count_grounded,
    detection,
    hit_at,
    ndcg_at,
    percentile,
    recall_at,
    reciprocal_rank,
)


def test_recall_counts_relevant_items_among_the_first():
    ranked = ["a", "x", "b", "y", "c"]
    assert recall_at(ranked, {"a", "b", "c", "d"}, 3) == 2 / 4
    assert recall_at(ranked, {"a", "b", "c", "d"}, 5) == 3 / 4
    assert recall_at([], {"a"}, 5) == 0


def test_hit_asks_for_one_relevant_item_only():
    assert [hit_at(["x", "a", "b"], {"a", "b"}, k) for k in (1, 2, 3)] == [False, True, True]


def test_reciprocal_rank_is_of_the_first_relevant_item():
    assert reciprocal_rank(["x", "a", "b"], {"a", "b"}) == 1 / 2
    assert reciprocal_rank(["x"], {"a"}) == 0


def test_ndcg_of_two_relevant_items_at_places_one_and_three():
    # DCG = 1/log2(2) + 1/log2(4) = 1.5; ideal = 1/log2(2) + 1/log2(3) = 1.6309…
    value = ndcg_at(["a", "x", "b"], {"a": 1, "b": 1}, 10)
    assert value == pytest.approx(1.5 / (1 + 1 / math.log2(3)))
    assert value == pytest.approx(0.9197, abs=1e-4)


def test_ndcg_with_graded_gains_and_a_cut():
    # DCG@2 = 1/1 + 3/log2(3) = 2.8928…; ideal@2 = 3/1 + 2/log2(3) = 4.2619…
    value = ndcg_at(["low", "high", "middle"], {"high": 3, "middle": 2, "low": 1}, 2)
    assert value == pytest.approx(0.6788, abs=1e-4)


def test_ndcg_without_anything_relevant_is_zero():
    assert ndcg_at(["a"], {}, 10) == 0


@given(st.permutations(["a", "b", "c", "d"]), st.sets(st.sampled_from("abcd"), min_size=1))
def test_ndcg_is_between_zero_and_one_and_one_for_the_ideal_order(ranked, relevant):
    gains = dict.fromkeys(relevant, 1.0)
    ideal = sorted(ranked, key=lambda item: item not in relevant)
    assert 0 <= ndcg_at(ranked, gains, 4) <= 1 + 1e-12
    assert ndcg_at(ideal, gains, 4) == pytest.approx(1)


def test_percentiles_are_interpolated():
    assert percentile([10, 20, 30, 40], 50) == 25
    assert percentile([10, 20, 30, 40], 95) == pytest.approx(38.5)
    assert percentile([7], 99) == 7
    assert percentile([], 50) is None


def test_abstention_is_judged_by_precision_recall_and_f1():
    pairs = [(True, True)] * 6 + [(True, False)] * 2 + [(False, True)] * 4 + [(False, False)] * 9
    found = detection(pairs)
    assert found == Detection(true_positives=6, false_positives=4, false_negatives=2)
    assert (found.precision, found.recall) == (0.6, 0.75)
    assert found.f1 == pytest.approx(2 * 0.6 * 0.75 / (0.6 + 0.75))


def test_abstention_without_cases_has_no_figures():
    found = detection([(False, False)])
    assert (found.precision, found.recall, found.f1) == (None, None, None)


def test_a_sentence_is_grounded_when_a_citation_overlaps_it():
    answer = "Here is what I found:\nHonor won. It took 50 minutes. Shall I go on?"
    won = answer.index("Honor"), answer.index(" It")
    assert count_grounded(answer, [won]) == (1, 2)
    assert count_grounded(answer, [(won[0], len(answer))]) == (2, 2)
    assert count_grounded("", []) == (0, 0)


def test_the_bootstrap_of_a_constant_is_the_constant():
    interval = bootstrap_mean([1.0, 1.0, 1.0])
    assert (interval.value, interval.low, interval.high) == (1, 1, 1)


def test_the_bootstrap_of_a_share_is_near_the_normal_interval():
    # Share 0.8 of 100: standard error 0.04, so 0.8 ± 1.96 · 0.04.
    interval = bootstrap_mean([1.0] * 80 + [0.0] * 20)
    assert interval.value == pytest.approx(0.8)
    assert interval.low == pytest.approx(0.72, abs=0.015)
    assert interval.high == pytest.approx(0.88, abs=0.015)
    assert interval == bootstrap_mean([1.0] * 80 + [0.0] * 20)


def test_a_mean_of_nothing_is_refused():
    with pytest.raises(ValueError, match="needs values"):
        bootstrap_mean([])

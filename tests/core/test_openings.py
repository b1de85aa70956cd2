"""Words that could stand above any story."""

from __future__ import annotations

from assistant.core.openings import could_stand_anywhere, only_opens, shape_of, stock_shapes


def test_announcing_and_welcoming_tell_nothing():
    assert could_stand_anywhere("We’re excited to announce Acme 3.")
    assert could_stand_anywhere("Welcome back to our series.")
    assert only_opens("Welcome back to our series.")
    assert not only_opens("We’re excited to announce Acme 3.")
    assert not could_stand_anywhere("Acme 3 reads files twice as fast.")


def test_sentences_of_two_releases_have_one_shape():
    said = "The team announces Acme, 1.76.0."
    assert shape_of(said) in stock_shapes(["The team announces Acme, 1.77.0."])
    assert shape_of(said) not in stock_shapes(["The team announces Umbrella, 1.76.0."])

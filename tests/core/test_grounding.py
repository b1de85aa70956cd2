"""The grounding check: facts must stand in what is cited."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.core.grounding import check_sentence, is_factual, read_passage
from tests.core.passages import passage


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [
        (
            "Japan installed 44,500 robots, 4 percent fewer.",
            "Japan installed 44,500 robots, 4 percent fewer.",
        ),
        (
            "China accounts for 54% of the world market.",
            "It accounts for 54 percent of the world market.",
        ),
        (
            "In 2024, factories installed 542 thousand industrial robots.",
            "Factories installed 542,000 industrial robots in 2024, more than twice as many as ten "
            "years before.",
        ),
    ],
)
def test_a_sentence_is_tied_to_the_narrowest_span_that_states_it(sentence: str, quote: str):
    support = check_sentence(sentence, [passage()])
    assert support is not None
    assert quote in support.quote
    assert passage().text[support.start : support.end].replace("\n", " ") == support.quote


@pytest.mark.parametrize(
    "sentence",
    [
        "Japan installed 45,000 robots, 4 percent fewer.",
        "Japan installed 34,200 robots.",
        "Tesla installed 542,000 industrial robots in 2024.",
        "In 2024 Tesla installed 542,000 industrial robots.",
        "China does not account for 54 percent of the world market.",
        "Factories installed 542 million industrial robots in 2024.",
        "Robots will soon take over cooking, cleaning and the care of gardens.",
        "Factories installed 542,000 industrial robots in October 2024.",
    ],
)
def test_what_the_passage_does_not_state_is_unsupported(sentence: str):
    assert check_sentence(sentence, [passage()]) is None


def test_the_best_of_several_passages_supports_a_sentence():
    other = passage("Robots are useful.", chunk_id="other:0:abc", briefing_id="other")
    support = check_sentence("Germany bought 27,000 robots.", [other, passage()])
    assert support is not None
    assert support.passage.briefing_id == "robots"


def test_initials_stand_for_the_name_they_abbreviate():
    text = "The International Federation of Robotics counted 542,000 new robots in 2024."
    assert check_sentence("IFR counted 542,000 new robots in 2024.", [passage(text)]) is not None


@given(st.sampled_from(read_passage(passage())))
def test_every_sentence_of_a_passage_supports_itself(sentence):
    assert check_sentence(sentence.text, [passage()]) is not None


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Japan installed 44,500 robots.", True),
        ("Would you like to know more?", False),
        ("Here is what I found:", False),
        ("I couldn't find that in our briefings.", False),
        ("Here are 44,500 robots.", True),
    ],
)
def test_only_statements_about_the_world_need_support(sentence: str, expected: bool):
    assert is_factual(sentence) is expected

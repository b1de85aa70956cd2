"""What a sentence leaves to the one before it."""

from __future__ import annotations

import pytest

from assistant.core.references import leaves_name_to, leaves_thing_to, with_subject_named


def test_a_last_name_is_left_to_the_sentence_that_gives_it_in_full():
    before, sentence = "Ann Smith of Sweden won a prize.", "Smith gave it to a school."
    assert leaves_name_to(before, sentence, "Which teenager gave a prize to a school?")
    assert not leaves_name_to(before, sentence, "What did Ann Smith do with the prize?")
    assert not leaves_name_to("A prize was given.", sentence, "Who gave it to a school?")


@pytest.mark.parametrize(
    ("before", "sentence", "question"),
    [
        (
            "The World Robot Forum began on Monday.",
            "In an address at the forum, Acme's head praised robots.",
            "Where did Acme's head speak?",
        ),
        (
            "The Acme General Assembly was held in Oslo.",
            "At the annual summit, makers discuss rules.",
            "Which major summit brought makers together?",
        ),
    ],
)
def test_a_thing_is_left_to_the_sentence_that_names_it(before: str, sentence: str, question: str):
    assert leaves_thing_to(before, sentence, question)


def test_what_the_question_names_itself_is_left_to_nobody():
    question = "What was said at the World Robot Forum?"
    before, sentence = "The World Robot Forum began.", "At the forum, Acme's head praised robots."
    assert not leaves_thing_to(before, sentence, question)


@pytest.mark.parametrize(
    ("before", "sentence", "said"),
    [
        (
            "OpenAI introduced a model.",
            "The company had 90 users.",
            "OpenAI had 90 users.",
        ),
        (
            "Beta Robotics sells carts.",
            "The firm's head left.",
            "Beta Robotics's head left.",
        ),
        ("Citing demand, it sold more.", "The company had 90 users.", ""),
        ("Robots were sold.", "The company had 90 users.", ""),
        ("OpenAI introduced a model.", "It had 90 users.", ""),
    ],
)
def test_the_company_is_called_by_the_name_before_it(before: str, sentence: str, said: str):
    assert with_subject_named(before, sentence) == said

"""Sentences that say what something is."""

from __future__ import annotations

import pytest

from assistant.core.definitions import (
    APPOSITION,
    DEFINES,
    DESCRIBES,
    GENERAL,
    defines,
    is_definition,
    thing_asked,
)


@pytest.mark.parametrize(
    ("question", "thing"),
    [
        ("What is a Contribfest?", "contribfest"),
        ("What's phrase match in Ferrite?", "phrase match"),
        ("So what exactly is the Acme Act?", "acme act"),
        ("What does ABC mean?", "abc"),
        ("Who is Ada Example?", "ada example"),
        ("How much is it?", ""),
        ("Why is Acme late?", ""),
    ],
)
def test_what_is_to_be_defined_is_read_out_of_the_question(question: str, thing: str):
    assert thing_asked(question) == thing


@pytest.mark.parametrize(
    ("sentence", "worth"),
    [
        ("Phrase Match is a query that looks for words in order.", DEFINES),
        ("These phrase matches serve as the first step.", APPOSITION),
        ("Acme wrote a query called the phrase match.", APPOSITION),
        ("Phrase matches, as the name says, are the ones in order.", DEFINES),
        ("With Phrase Match, a query for words in order, logs are found.", APPOSITION),
        ("Such a query is called phrase match.", APPOSITION),
        ("Phrase Match enables searches for words in order.", DESCRIBES),
        ("Acme is a maker of robots.", GENERAL),
        ("Phrase Match now costs nothing.", 0.0),
    ],
)
def test_a_definition_of_the_asked_thing_is_told_from_other_sentences(sentence: str, worth: float):
    assert defines("What is phrase match?", sentence) == worth


def test_a_definition_is_of_the_thing_and_of_no_special_kind_of_it():
    asked = "What are robot arms?"
    assert is_definition(asked, "Robot arms are a way to lift things.")
    assert is_definition(asked, "For beginners, a robot arm is what lifts things.")
    assert not is_definition(asked, "Today Acme's robot arms are a success.")
    assert not is_definition(asked, "Robot arms are the first to lift things.")

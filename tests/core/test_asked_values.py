"""Values that questions ask for."""

from __future__ import annotations

import pytest

from assistant.core.asked_values import Asked, Value, asked_value, has_value, new_names
from assistant.core.question_types import question_type


def _asked(question: str) -> Asked:
    return asked_value(question, question_type(question))


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How much does the R1 cost?", Asked(value=Value.MONEY)),
        ("How much electricity did they use?", Asked(value=Value.NUMBER)),
        ("How many employees does Figure have?", Asked(value=Value.NUMBER, noun="employe")),
        ("What share of Acme does Umbrella hold?", Asked(value=Value.SHARE)),
        ("How quickly must flaws be reported?", Asked(value=Value.DURATION)),
        ("When was it released?", Asked(value=Value.DAY)),
        ("Who founded Acme?", Asked(value=Value.NAME, relation="found", action="found")),
        ("Is it safe?", Asked(value=None)),
        ("gpt-5 api price", Asked(value=Value.MONEY)),
        ("What did Acme spend on robots?", Asked(value=Value.MONEY)),
        ("In which version did it become stable?", Asked(value=Value.VERSION)),
        ("Protesters stormed the embassy in this country.", Asked(value=Value.PLACE)),
        ("How many of the robots are new?", Asked(value=Value.NUMBER, noun="robot")),
        ("How many people answered the survey?", Asked(value=Value.NUMBER, counts_persons=True)),
    ],
)
def test_the_words_of_a_question_say_which_value(question: str, expected: Asked):
    assert _asked(question) == expected


@pytest.mark.parametrize(
    ("question", "sentence", "holds"),
    [
        ("How much does the R1 cost?", "It starts at 39,900 yuan.", True),
        ("How much does the R1 cost?", "Ten R1 cost less than one H1.", False),
        ("How many robots finished?", "Only six of the robots finished.", True),
        ("How many robots finished?", "A robot finished in 50 minutes on 19 April 2026.", False),
        ("What share of Acme does it hold?", "It holds 27 percent.", True),
        ("When does it end?", "It ends after a year.", False),
        ("When does it end?", "It ends on 12 October.", True),
        ("Who won?", "A robot won in Beijing on 19 April.", False),
        ("Who won?", "A robot by Honor won.", True),
        ("How many robots run it?", "Acme 0.20.0 runs robots.", False),
        ("How many robots run it?", "It forgets what it handled five minutes ago.", False),
        ("In which version did it change?", "It changed in 1.88.", True),
        ("In which version did it change?", "It changed in 2025.", False),
        ("Which country was hit?", "Mexico was hit.", True),
    ],
)
def test_a_sentence_holds_the_value_or_not(question: str, sentence: str, holds: bool):
    assert has_value(_asked(question), sentence, question) is holds


def test_places_and_days_are_no_persons():
    assert new_names("In Paris, Ada Lovelace spoke on Monday.", "Who spoke?") == {"ada", "lovelace"}


def test_a_date_or_a_time_is_no_count():
    asked = _asked("How many people downloaded it?")
    sentence = "On 2026-08-20 at 7:15 UTC we got a report on people and downloads."
    assert not has_value(asked, sentence, "How many people downloaded it?")

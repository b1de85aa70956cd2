"""Words and numbers are compared as a reader compares them."""

from __future__ import annotations

import pytest

from eval.wording import count_words, normalise, says


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("It costs $5,900 now.", "5,900 dollars"),
        ("It costs 5900 dollars.", "$5,900"),
        ("a deal of $32bn", "32 billion dollars"),
        ("a deal of $32 billion", "32 billion"),
        ("59 percent reported a gap", "59%"),
        ("59% reported a gap", "59 per cent"),
        ("Your balance is **€2,480.15**.", "€2,480.15"),
        ("CHF 7,392.60 in all", "CHF 7,392.60"),
        ("the company’s “AI factories”", 'the company\'s "AI factories"'),
        ("15:00\u201315:30", "15:00"),
        ("TIANGONG ULTRA won", "tiangong ultra"),
        ("It recorded a “persistent hum” there.", "a persistent hum"),
        ("A hum was heard. A persistent one.", "hum"),
        ("the cast of the “Harry Potter” movies", "Harry Potter"),
        ("It is now just “Ye.”", "“Ye”"),
        ("the U.S. economy", "US economy"),
        ("at 9 a.m. sharp", "9 am"),
        ("a run-up to it", "run up"),
        ("sentenced to five months", "5 months"),
        ("all 21 of them", "twenty-one"),
        ("seven million people", "7 million people"),
        ("the seven-year-old", "7-year-old"),
        ("Smith’s first book", "Smith"),
    ],
)
def test_the_same_thing_written_otherwise_is_found(text, wanted):
    assert says(text, wanted)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("18 percent", "8 percent"),
        ("12.5 gigawatts", "12"),
        ("12.5 gigawatts", "5 gigawatts"),
        ("1,500 people", "500 people"),
        ("the submitted file", "MIT"),
        ("2,480.15", "2,480.1"),
        ("vitamin C", "vitamin A"),
        ("Plan B", "Plan A"),
        ("at the end", "at end there"),
        ("no one came", "1"),
        ("twenty-five people", "20"),
        ("seven hundred people", "7"),
        ("two-thirds of them", "2"),
        ("2.2", "22"),
        ("it is -5 degrees", "+5 degrees"),
        ("anything", "“”"),
        ("", "anything"),
    ],
)
def test_a_part_of_a_number_or_word_is_not_the_thing(text, wanted):
    assert not says(text, wanted)


def test_normalising_is_idempotent():
    text = "“$1,234.5 million” – 7 per cent"
    assert normalise(text) == "1234.5 million dollars 7%"
    assert normalise(normalise(text)) == normalise(text)


def test_words_are_what_a_reader_counts():
    assert count_words("It isn't gpt-oss, it costs 5.9 dollars – really.") == 8

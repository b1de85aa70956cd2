"""Somebody else's JSON is read exactly, or refused."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.backends.json_fields import (
    UnreadableAnswer,
    pick,
    read_day,
    read_list,
    read_money,
    read_name,
    read_optional_day,
    read_text,
)
from assistant.core.money import Money

DOCUMENT = {"a": {"b": [{"c": "x"}, 7]}, "none": None, "yes": True}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("a.b.0.c", "x"),
        ("a.b.1", 7),
        ("a.b.2", None),
        ("a.b.c", None),
        ("a.x.y", None),
        ("none.x", None),
        ("", DOCUMENT),
        ("=EUR", "EUR"),
    ],
)
def test_a_path_leads_to_a_value_or_to_nothing(path, found):
    assert pick(DOCUMENT, path) == found


def money(text: str, unit="major", currency="EUR") -> Money:
    document = json.loads(f'{{"v": {text}, "c": "{currency}"}}', parse_float=Decimal)
    return read_money(document, "v", "c", unit)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("0.1", "0.10"),
        ('"0.1"', "0.10"),
        ("1000000000000000.01", "1000000000000000.01"),
        ("7", "7.00"),
        ("-3.20", "-3.20"),
        ("1.005", "1.005"),
    ],
)
def test_an_amount_is_exact_and_has_the_decimals_of_its_currency(text, amount):
    assert money(text).as_json() == {"amount": amount, "currency": "EUR"}


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_minor_and_major_units_give_the_same_money(cents):
    major = f"{Decimal(cents).scaleb(-2):f}"
    assert money(major) == money(str(cents), "minor") == Money.of_minor(cents, "EUR")


@pytest.mark.parametrize(
    ("text", "unit", "currency"),
    [
        ("true", "major", "EUR"),
        ("null", "major", "EUR"),
        ('"a lot"', "major", "EUR"),
        ('"NaN"', "major", "EUR"),
        ('"Infinity"', "major", "EUR"),
        ("1.5", "minor", "EUR"),
        ("1", "major", "euro"),
        ("1", "major", ""),
        ("[1]", "major", "EUR"),
    ],
)
def test_what_is_no_amount_is_refused(text, unit, currency):
    with pytest.raises(UnreadableAnswer):
        money(text, unit, currency)


def test_a_float_is_refused_because_it_was_rounded_before():
    with pytest.raises(UnreadableAnswer):
        read_money({"v": 0.1, "c": "EUR"}, "v", "c", "major")


def test_texts_days_and_lists():
    document = {"t": "x", "n": 5, "d": "2026-10-02T08:15:00Z", "l": [1], "e": ""}
    assert (read_text(document, "t"), read_text(document, "n"), read_text(document, "no")) == (
        "x",
        "5",
        "",
    )
    assert read_day(document, "d") == date(2026, 10, 2)
    assert read_optional_day(document, "e") is None
    assert (read_list(document, "l"), read_list(document, "no")) == ([1], [])
    for reading, path in ((read_name, "e"), (read_day, "t"), (read_list, "t"), (read_text, "l")):
        with pytest.raises(UnreadableAnswer):
            reading(document, path)

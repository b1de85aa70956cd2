"""What is written of an event can be read again, by every reader."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from assistant.core.events import EventBody, Outcome, PassageRef, Status, UnknownEvent
from assistant.store.event_codec import as_read, decode_body, encode_body
from assistant.streaming.sse import to_sse
from tests.events import BODY_TYPES, EXAMPLES, event

CLEAN_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
ANY_TEXT = st.text(st.characters())


def bodies(text: st.SearchStrategy[str], floats: st.SearchStrategy[float]):
    """Events of every type, of these texts and numbers."""
    json_value = st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | floats | text,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
        max_leaves=6,
    )
    json_object = st.dictionaries(text, json_value, max_size=3)

    leaves = {
        str: text,
        float: floats,
        int: st.integers(0, 10_000),
        datetime: st.datetimes(timezones=st.just(UTC)),
        Mapping[str, Any]: json_object,
    }

    def strategy(hint: Any) -> st.SearchStrategy[Any]:
        if hint in leaves:
            return leaves[hint]
        if hint is PassageRef:
            return built(PassageRef)
        match get_args(hint):
            case (inner, end) if end is Ellipsis:
                return st.lists(strategy(inner), max_size=3).map(tuple)
            case (inner, end) if end is type(None):
                return st.none() | strategy(inner)
            case parts if get_origin(hint) is tuple:
                return st.tuples(*map(strategy, parts))
            case _:
                return st.from_type(hint)

    def built(cls: type) -> st.SearchStrategy[Any]:
        hints = get_type_hints(cls)
        names = [field.name for field in fields(cls) if field.name != "type"]
        return st.builds(cls, **{name: strategy(hints[name]) for name in names})

    return st.one_of([built(cls) for cls in BODY_TYPES])


@pytest.mark.parametrize("body", EXAMPLES, ids=lambda body: body.type)
def test_an_event_is_read_as_it_was_written(body: EventBody):
    written = json.loads(json.dumps(encode_body(body)))

    assert written["type"] == body.type
    assert decode_body(written) == body


@given(bodies(CLEAN_TEXT, st.floats(allow_nan=False, allow_infinity=False)))
def test_every_event_survives_the_way_through_json(body):
    assert decode_body(json.loads(json.dumps(encode_body(body)))) == body


@given(bodies(ANY_TEXT, st.floats()))
def test_whatever_an_agent_says_can_be_stored_read_and_sent(body):
    written = json.dumps(encode_body(body), allow_nan=False)

    assert "\\u0000" not in written.replace("\\\\", "")
    read = decode_body(json.loads(written))
    assert encode_body(read) == json.loads(written)
    to_sse(event(read)).encode()


@given(bodies(ANY_TEXT, st.floats(allow_nan=False)))
def test_what_is_handed_over_without_reading_it_again_is_what_would_be_read(body):
    encoded = encode_body(body)

    assert as_read(body, encoded) == decode_body(json.loads(json.dumps(encoded)))


def test_a_half_character_deep_inside_an_object_is_replaced_even_in_a_name():
    body = Status(text="…", detail={"slots": {"\ud800": "\udfff\x00"}})

    assert encode_body(body)["detail"] == {"slots": {"?": "?"}}


def test_what_is_no_json_becomes_json():
    day, moment = date(2026, 11, 24), datetime(2026, 11, 24, 12, tzinfo=UTC)
    body = Status(text="…", detail={"when": (day, moment), 7: Outcome.ASKED})

    assert encode_body(body)["detail"] == {
        "when": ["2026-11-24", "2026-11-24T12:00:00Z"],
        "7": "asked",
    }


def test_an_event_of_a_later_version_stays_as_it_is():
    written = {"type": "from.the.future", "text": "Hi", "new": [1]}

    assert decode_body(written) == UnknownEvent(type="from.the.future", data=written)


@pytest.mark.parametrize("data", [{}, {"type": ""}, {"type": 7}, {"type": "text.delta"}])
def test_what_is_no_event_is_an_error(data):
    with pytest.raises(ValidationError):
        decode_body(data)


def test_a_field_of_a_later_version_is_left_out():
    assert decode_body({"type": "text.delta", "text": "Hi", "new": 1}) == decode_body(
        {"type": "text.delta", "text": "Hi"}
    )

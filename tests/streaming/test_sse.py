"""Events on the wire; the golden streams are also read by the widget's tests."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx_sse
import pytest

from assistant.core.events import TERMINAL_TYPES, EventBody, PassageRef, TextDelta, TurnEvent
from assistant.core.projection import visitor_view
from assistant.streaming.sse import Rejoin, to_sse
from tests.events import AT, BY_TYPE, PASSAGE, event
from tests.sse import parse_sse

STREAMS = Path(__file__).parents[1] / "fixtures" / "streams"
GOLDEN = sorted(path for path in STREAMS.glob("*.sse") if path.name != "wire-forms.sse")


def body_of(view: dict[str, Any]) -> EventBody:
    """An event that a visitor sees like this; what only staff see is made up."""
    example = BY_TYPE[view["type"]]
    seen = {f.name: view[f.name] for f in fields(example) if f.name in view and f.name != "type"}
    return replace(example, **{name: _typed(name, value) for name, value in seen.items()})


def _typed(name: str, value: Any) -> Any:
    match name:
        case "passages":
            return tuple(replace(PASSAGE, **passage) for passage in value)
        case "rows" | "briefings":
            return tuple(tuple(row) for row in value)
        case "questions":
            return tuple(value)
        case "expires_at":
            return datetime.fromisoformat(value)
        case _:
            return value


def events_of(text: str) -> list[dict[str, Any]]:
    """As the reader of another library sees a stream."""
    decoder = httpx_sse._decoders.SSEDecoder()
    found = []
    for line in text.split("\n"):
        sse = decoder.decode(line)
        if sse is not None and sse.data:
            found.append({"id": int(sse.id), "event": sse.event, "data": json.loads(sse.data)})
    return found


def test_an_event_is_id_type_and_one_line_of_json():
    assert to_sse(event(TextDelta(text="Grüezi 👋"), seq=7)).encode().decode() == (
        "id: 7\n"
        "event: text.delta\n"
        'data: {"seq":7,"type":"text.delta","turn_id":"turn-1",'
        f'"at":"{AT.isoformat()}","text":"Grüezi 👋"}}\n'
        "\n"
    )


def test_a_word_to_come_again_is_no_event_and_has_no_number():
    assert to_sse(Rejoin()).encode().decode() == (
        'event: rejoin\ndata: {"type":"rejoin","reason":"credentials"}\n\n'
    )


@pytest.mark.parametrize(
    "text",
    ["a\nb", "a\r\nb", "a\rb", "\n\n", "data: x\n\n", "\u2028\u2029\x85", "\x0b\x0c\x1c", "\\n"],
)
def test_no_text_can_break_out_of_its_line(text):
    wire = to_sse(event(TextDelta(text=text))).encode().decode()

    assert wire.count("\n") == 4
    assert "\r" not in wire
    assert [found["data"]["text"] for found in events_of(wire)] == [text]


def test_there_are_golden_streams():
    assert len(GOLDEN) >= 6


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_golden_stream_is_what_the_server_sends(path: Path):
    golden = parse_sse(path.read_text())

    sent = "".join(
        to_sse(
            TurnEvent(
                seq=found["data"]["seq"],
                conversation_id="conv-1",
                turn_id=found["data"]["turn_id"],
                at=datetime.fromisoformat(found["data"]["at"]),
                body=body_of(found["data"]),
            )
        )
        .encode()
        .decode()
        for found in golden
    )

    assert parse_sse(sent) == golden
    assert events_of(sent) == events_of(path.read_text()) == golden


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_golden_stream_counts_up_and_ends_each_turn_once(path: Path):
    golden = parse_sse(path.read_text())

    numbers = [found["id"] for found in golden]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert numbers == [found["data"]["seq"] for found in golden]
    assert [found["event"] for found in golden] == [found["data"]["type"] for found in golden]
    started = [found["data"]["turn_id"] for found in golden if found["event"] == "turn.started"]
    ended = [found["data"]["turn_id"] for found in golden if found["event"] in TERMINAL_TYPES]
    assert ended == started
    assert len(set(started)) == len(started)


def test_all_types_are_in_the_golden_streams():
    seen = {found["event"] for path in GOLDEN for found in parse_sse(path.read_text())}

    assert seen == set(BY_TYPE)


def test_a_view_made_from_the_example_is_the_example():
    for body in BY_TYPE.values():
        view = visitor_view(event(body))
        assert visitor_view(event(body_of(view))) == view
    assert isinstance(PASSAGE, PassageRef)

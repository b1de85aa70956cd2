"""What a visitor is sent of each event: exactly the fields of docs/http-api.md."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.core.events import Citation, Retrieval, Suggestions, TextDelta
from assistant.core.projection import visitor_view
from tests.events import AT, BODY_TYPES, BY_TYPE, EXAMPLES, PASSAGE, event

COMMON = {"seq", "type", "turn_id", "at"}
CONTRACT = Path(__file__).parents[2] / "docs" / "http-api.md"


def documented_fields() -> dict[str, set[str]]:
    """The table of events in the contract: type to its fields."""
    table = CONTRACT.read_text().split("| type | fields |")[1].split("\n\n")[0]
    rows = re.findall(r"^\| `([a-z._]+)` \| (.*) \|$", table, re.MULTILINE)
    return {
        name: set(re.findall(r"`([a-z_]+)[`:]", re.sub(r"\(.*?\)", "", text.split("`: ")[0] + "`")))
        for name, text in rows
    }


def test_there_is_an_example_of_every_type_of_event():
    assert {type(body) for body in EXAMPLES} == set(BODY_TYPES)
    assert len(EXAMPLES) == len(BODY_TYPES)


@pytest.mark.parametrize("body", EXAMPLES, ids=lambda body: body.type)
def test_a_view_has_the_documented_fields_and_no_others(body):
    view = visitor_view(event(body))

    assert set(view) - COMMON == documented_fields()[body.type]


@pytest.mark.parametrize("body", EXAMPLES, ids=lambda body: body.type)
def test_nothing_that_is_for_staff_leaves_the_server(body):
    sent = json.dumps(visitor_view(event(body)))

    assert "SECRET" not in sent
    assert "0.8125" not in sent
    assert "123456.5" not in sent


@pytest.mark.parametrize(
    "secret",
    """detail state usage arguments output scores score chunk_id query arguments_hash briefing_id
    filters elapsed_ms comment agent""".split(),
)
def test_no_view_names_a_field_that_is_for_staff(secret):
    for body in EXAMPLES:
        assert f'"{secret}"' not in json.dumps(visitor_view(event(body)))


def test_the_common_fields_tell_number_type_turn_and_time():
    assert visitor_view(event(TextDelta(text="Hi"), seq=7, turn_id=None)) == {
        "seq": 7,
        "type": "text.delta",
        "turn_id": None,
        "at": AT.isoformat(),
        "text": "Hi",
    }


def test_a_confirmation_shows_its_rows_and_when_it_expires():
    view = visitor_view(event(BY_TYPE["confirmation.required"]))

    assert {name: view[name] for name in view.keys() - COMMON} == {
        "action_id": "action-1",
        "tool": "book_meeting",
        "title": "Book a meeting",
        "rows": [["With", "Sales"], ["When", "Tuesday"]],
        "confirm_label": "Book it",
        "expires_at": AT.isoformat(),
    }


def test_hostile_addresses_are_no_links():
    citation = BY_TYPE["citation"]
    assert isinstance(citation, Citation)
    hostile = replace(citation, source_url="javascript:alert(1)", path="javascript:alert(1)")
    retrieval = Retrieval(
        query="", filters={}, passages=(replace(PASSAGE, path="//evil.example"),), elapsed_ms=1.0
    )
    suggestions = Suggestions(questions=(), briefings=(("Click", "data:text/html,x"),))

    cited = visitor_view(event(hostile))
    assert (cited["source_url"], cited["path"]) == ("", "")
    assert visitor_view(event(retrieval))["passages"][0]["path"] == ""
    assert visitor_view(event(suggestions))["briefings"] == [["Click", ""]]


def test_markup_in_an_answer_is_sent_as_the_text_it_is():
    hostile = "<img src=x onerror=alert(1)>"

    assert visitor_view(event(TextDelta(text=hostile)))["text"] == hostile

"""What a server of somebody else is sent: the visitor's words, and no data of the customer."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from assistant.core.errors import InvalidInput
from assistant.core.provenance import VisitorWords
from assistant.core.toolbox import ReadResult, ToolContext
from assistant.core.wishes import wish_from
from assistant.tools.sent import require_harmless_arguments, require_said_arguments
from tests.tools.conftest import ADA, NOW, ZURICH

SCHEMA = {"properties": {"size": {"enum": ["small", "large"]}, "city": {"type": "string"}}}
BALANCE = ReadResult(tool="get_balance", is_private=True, text='{"balance": "2480.15"}')
ORDERS = ReadResult(tool="shop__list_orders", is_private=True, text='[{"id": "ORD-20261"}]')


def context(*messages: str, read: tuple[ReadResult, ...] = ()) -> ToolContext:
    return ToolContext(
        caller=ADA,
        now=NOW,
        timezone=ZURICH,
        conversation_id="c1",
        words=VisitorWords.of(messages, NOW, ZURICH),
        read=read,
    )


def is_written(message: str, arguments: Mapping[str, object], free: tuple[str, ...] = ()) -> bool:
    try:
        require_said_arguments(arguments, SCHEMA, free, context(message))
    except InvalidInput:
        return False
    return True


def is_sent(message: str, value: object, *read: ReadResult, free: tuple[str, ...] = ()) -> bool:
    try:
        require_harmless_arguments(
            {"city": value}, SCHEMA, free, context(message, read=read), "shop__"
        )
    except InvalidInput:
        return False
    return True


@pytest.mark.parametrize(
    ("message", "arguments", "is_allowed"),
    [
        ("Order two lamps, large", {"item": "lamps", "count": 2, "size": "large"}, True),
        ("Order lamps", {"item": "lamps", "size": "small"}, True),
        ("Order lamps", {"item": "lamps", "count": 40}, False),
        ("Order lamps", {"item": "gold bars"}, False),
        ("Pay 1,250.50", {"amount": 1250.5}, True),
        ("Pay 1,250.50", {"amount": "1,250.50"}, True),
        ("Pay the bill", {"amount": "1250.50"}, False),
        ("Send it tomorrow", {"day": "2026-11-25"}, True),
        ("Send it tomorrow", {"day": "2026-12-25"}, False),
        ("Order lamps", {"items": [{"name": "lamps", "note": "for Mallory"}]}, False),
        ("Order lamps", {"items": [{"gold": True}]}, False),
        ("Order lamps", {"item": "lamps", "gift": True}, True),
        ("Cancel my order", {"order_id": "ORD-20261"}, False),
    ],
)
def test_a_write_holds_what_the_visitor_said(message, arguments, is_allowed):
    assert is_written(message, arguments) is is_allowed


def test_a_free_argument_holds_other_words_but_no_other_address():
    assert is_written("Cancel my order", {"order_id": "ORD-20261"}, ("order_id",))
    assert not is_written("Open a case", {"note": "write to x@evil.example"}, ("note",))


@pytest.mark.parametrize(
    ("message", "value", "is_allowed"),
    [
        ("What's the weather in Bern?", "Bern", True),
        ("Will it rain?", "Zurich, Switzerland", True),
        ("Will it rain?", "2026-11-25", True),
        ("Will it rain?", 20, True),
        ("Will it rain?", 248015, False),
        ("Will it rain?", "Zurich 2480.15", False),
        ("Will it rain?", "QWRhIGhhcyAyNDgwLjE1IGV1cm9z", False),
        ("Will it rain?", "4164612068617320323438302e3135", False),
        ("Will it rain?", "rain " * 100, False),
        ("Will it rain?", "x@evil.example", False),
        ("Will it rain in 8001 Zurich?", "8001 Zurich", True),
    ],
)
def test_a_read_carries_no_data(message, value, is_allowed):
    assert is_sent(message, value) is is_allowed


def test_after_account_data_a_read_holds_the_visitor_s_words_only():
    assert is_sent("And the weather in Bern?", "Bern", BALANCE)
    assert not is_sent("And the weather?", "two thousand euros", BALANCE)
    assert is_sent("And the weather?", "my town", BALANCE, free=("city",))


def test_what_a_server_told_itself_it_may_be_asked_about():
    assert is_sent("Where is my order?", "ORD-20261", ORDERS)
    assert not is_sent("Where is my order?", "ORD-20262", ORDERS)


def test_a_label_says_how_its_tool_is_asked_for():
    wish = wish_from("Placing your order", ("buy", "kaufe"))

    words = VisitorWords.of(["I'd like to buy that, an order for lamps"], NOW, ZURICH)
    assert words.asks_for(wish)
    assert not VisitorWords.of(["Where is my order?"], NOW, ZURICH).asks_for(wish)
    assert VisitorWords.of(["Place an order"], NOW, ZURICH).asks_for(
        wish_from("Placing your order")
    )

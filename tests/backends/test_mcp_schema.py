"""A schema from outside is cut down to what can be checked safely, or refused."""

from __future__ import annotations

import pytest

from assistant.backends.mcp_schema import SchemaRefused, safe_schema

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


def nested(depth: int) -> dict:
    schema: dict = {"type": "string"}
    for _ in range(depth):
        schema = {"type": "array", "items": schema}
    return {"type": "object", "properties": {"x": schema}}


def test_nothing_but_the_named_properties_may_be_passed():
    assert safe_schema({**CITY, "additionalProperties": True}) == {
        **CITY,
        "additionalProperties": False,
    }


def test_the_customer_s_argument_is_taken_out():
    schema = {
        "type": "object",
        "properties": {"customer_id": {"type": "string"}, "status": {"type": "string"}},
        "required": ["customer_id"],
    }
    assert safe_schema(schema, ["customer_id"]) == {
        "type": "object",
        "properties": {"status": {"type": "string"}},
        "required": [],
        "additionalProperties": False,
    }


def test_patterns_are_left_out_wherever_they_are():
    evil = {"type": "string", "pattern": "(a+)+$", "format": "regex"}
    schema = {"type": "object", "properties": {"x": {"anyOf": [evil]}}, "patternProperties": {}}
    assert safe_schema(schema)["properties"] == {"x": {"anyOf": [{"type": "string"}]}}


@pytest.mark.parametrize(
    ("schema", "customer_argument", "problem"),
    [
        ({"type": "string"}, None, "no object"),
        ({}, None, "no object"),
        (CITY, "customer_id", "no argument"),
        ({**CITY, "properties": {"x": {"$ref": "http://evil.example/x"}}}, None, "somewhere else"),
        ({**CITY, "properties": {"x": {"$ref": "file:///etc/passwd"}}}, None, "somewhere else"),
        ({**CITY, "properties": {"customerId": {}}}, None, "names a customer"),
        ({**CITY, "properties": {"customer_id": {}, "user_id": {}}}, "customer_id", "user_id"),
        ({**CITY, "properties": {"x": {"enum": ["y" * 20_000]}}}, None, "too large"),
        ({**CITY, "properties": {"x": {"type": "nonsense"}}}, None, "invalid"),
        (nested(200), None, "too deep"),
    ],
)
def test_what_can_not_be_made_safe_is_refused(schema, customer_argument, problem):
    with pytest.raises(SchemaRefused, match=problem):
        safe_schema(schema, [customer_argument] if customer_argument else [])


def test_a_property_may_have_the_name_of_a_keyword():
    schema = {"type": "object", "properties": {"format": {"type": "string", "pattern": "x"}}}
    assert safe_schema(schema)["properties"] == {"format": {"type": "string"}}


def test_references_within_the_schema_stay():
    schema = {
        **CITY,
        "$defs": {"c": {"type": "string"}},
        "properties": {"x": {"$ref": "#/$defs/c"}},
    }
    assert safe_schema(schema)["properties"] == {"x": {"$ref": "#/$defs/c"}}

"""The site's tools as a whole: names, schemas and policies."""

from __future__ import annotations

import json

from jsonschema import Draft202012Validator

POLICIES = {
    "get_account_overview": "identity",
    "get_balance": "identity",
    "list_transactions": "identity",
    "list_invoices": "identity",
    "get_profile": "identity",
    "update_contact": "identity, write",
    "find_free_slots": "",
    "book_meeting": "identity, write",
    "move_meeting": "identity, write",
    "cancel_meeting": "identity, write",
    "list_meetings": "identity",
    "request_person": "write, unconfirmed",
}


def policy_of(tool) -> str:
    policy = tool.policy
    claims = {
        "identity": policy.needs_identity,
        "write": policy.writes,
        "unconfirmed": policy.writes and not policy.needs_confirmation,
    }
    return ", ".join(claim for claim, is_set in claims.items() if is_set)


async def test_every_tool_has_its_policy(tools):
    assert {name: policy_of(tool) for name, tool in tools.items()} == POLICIES


async def test_no_tool_can_be_told_whose_data_to_touch(tools):
    for tool in tools.values():
        assert tool.schema["additionalProperties"] is False
        assert not [name for name in tool.schema["properties"] if "customer" in name]


async def test_schemas_are_valid_json_schema_and_plain_json(tools):
    for tool in tools.values():
        Draft202012Validator.check_schema(tool.schema)
        assert json.loads(json.dumps(tool.schema)) == tool.schema
        assert tool.label
        assert len(tool.description) > 20

"""Follow-ups worded by a model, or by the rules when it does not help."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from assistant.agents.llm_run import Spent
from assistant.agents.model import ModelUnavailable, TextPiece
from assistant.agents.query_writer import ANSWER, QueryWriter, WrittenQuery, read_query
from assistant.core.turns import PastTurn, Turn
from tests.fakes_model import ScriptedModel, text

EARLIER = PastTurn(message="Why did Nvidia fall?", answer="Because of chips.", briefing_ids=("b1",))


def turn(message: str, *history: PastTurn) -> Turn:
    return Turn(
        id="t1",
        conversation_id="c1",
        message=message,
        history=history,
        state={},
        now=datetime(2026, 11, 24, 12, tzinfo=UTC),
        timezone=ZoneInfo("UTC"),
    )


async def test_the_first_message_stands_alone_and_costs_nothing():
    written = await QueryWriter(ScriptedModel()).write(turn("What is new?"), Spent())

    assert written == WrittenQuery(text="What is new?", by="visitor")


async def test_a_follow_up_is_asked_for_as_one_object_and_counted():
    model, spent = ScriptedModel(text('{"query": "Why did ', 'AMD fall?"}')), Spent()

    written = await QueryWriter(model).write(turn("And AMD?", EARLIER), spent)

    assert written == WrittenQuery(text="Why did AMD fall?", by="model")
    assert model.answers == [ANSWER]
    assert spent.as_usage() == {"prompt_tokens": 10, "completion_tokens": 5}
    assert '"last_message": "And AMD?"' in model.sent[0][0][1].content


@pytest.mark.parametrize(
    "call",
    [
        [ModelUnavailable("down")],
        [TextPiece(text="I think that AMD fell as well.")],
        [TextPiece(text='{"query": ""}')],
        [TextPiece(text='{"query": 7}')],
    ],
)
async def test_a_model_that_does_not_help_leaves_it_to_the_rules(call):
    written = await QueryWriter(ScriptedModel(call)).write(turn("why?", EARLIER), Spent())

    assert written == WrittenQuery(text="why: Nvidia fall", by="rules")


@pytest.mark.parametrize(
    ("answer", "query"),
    [
        ('{"query": "AI law"}', "AI law"),
        ('Sure!\n```json\n{"query": "AI law"}\n```\nAnything else?', "AI law"),
        ('{"thought": {"a": 1}, "query": "AI\\nlaw"}', "AI law"),
        ('{not json} {"query": "AI law"}', "AI law"),
        ('{"query": "AI \\"law\\"", "mo', 'AI "law"'),
        ('{"query": "AI la', None),
        ("", None),
        ("{" * 5_000, None),
        ('{"query": "' + "x" * 401 + '"}', None),
    ],
)
def test_the_query_is_found_in_whatever_a_model_writes(answer, query):
    assert read_query(answer) == query

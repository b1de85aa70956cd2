"""The fold of a log into what staff read."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from assistant.core.events import (
    ConversationPaused,
    EventBody,
    Feedback,
    Outcome,
    Retrieval,
    StaffMessage,
    Status,
    TextDelta,
    ToolResult,
    TurnFailed,
    TurnStarted,
)
from assistant.review.trace import Note, TraceStep, TraceTurn, timeline, trace
from tests.events import AT, EXAMPLES, PASSAGE, event, log_of
from tests.fakes_agent import completed

STARTED = TurnStarted(message="Hello?", client_turn_id="c", agent="built-in")
NO_STEP = {"turn.started", "text.delta", "feedback"}
OF_THE_CONVERSATION = {
    "staff.message",
    "staff.joined",
    "staff.left",
    "conversation.paused",
    "conversation.resumed",
}


def test_every_type_of_event_is_a_step_or_told_elsewhere():
    (turn,) = trace(log_of(STARTED, *EXAMPLES[1:]))

    assert [step.kind for step in turn.steps] == [
        body.type for body in EXAMPLES if body.type not in NO_STEP | OF_THE_CONVERSATION
    ]
    notes = [item for item in timeline(log_of(*EXAMPLES)) if isinstance(item, Note)]
    assert len(notes) == len(OF_THE_CONVERSATION)


def test_steps_tell_how_long_after_the_question_they_came():
    log = [
        event(STARTED, 1),
        replace(event(TextDelta(text="Hi"), 2), at=AT + timedelta(milliseconds=20)),
        replace(event(completed(), 3), at=AT + timedelta(milliseconds=1250)),
        replace(event(Feedback(rating="up", comment="Thanks"), 4), at=AT + timedelta(hours=1)),
    ]

    (turn,) = trace(log)

    assert turn.steps == (
        TraceStep(kind="turn.completed", title="Completed: answered", offset_ms=1250, took_ms=1230),
    )
    assert (turn.elapsed_ms, turn.feedback_comment) == (1250, "Thanks")


def summary(*bodies: EventBody) -> list[str]:
    (turn,) = trace(log_of(STARTED, *bodies))
    return [part.text for part in turn.summary]


def test_a_trace_is_told_in_one_line():
    requests = [{"intent": "news"}, {"intent": "schedule"}]
    retrieval = Retrieval(
        query="robots",
        filters={"since": "2026-11-01", "categories": ["Robotics"], "prefers_recent": True},
        passages=(replace(PASSAGE, score=0.5), replace(PASSAGE, score=0.81)),
        elapsed_ms=12.0,
    )
    result = ToolResult(
        call_id="1", tool="get_balance", ok=False, output={}, card=None, elapsed_ms=3.0
    )

    told = summary(
        Status(text="Thinking", detail={"requests": requests}), retrieval, result, completed()
    )

    assert told == [
        "news and schedule",
        "“robots”, since 2026-11-01, Robotics, latest first",
        "2 passages, best 0.81",
        "get_balance failed",
        "0 ms",
    ]
    assert summary(replace(retrieval, passages=(), filters={}))[1:] == ["no passages"]
    assert summary(Status(text="Thinking", detail={"requests": "odd"})) == []


@pytest.mark.parametrize(
    ("bodies", "needs_look"),
    [
        ((completed(),), False),
        ((completed(Outcome.ABSTAINED),), True),
        ((completed(), Feedback(rating="down")), True),
        ((completed(), Feedback(rating="up")), False),
        ((TurnFailed(error="x", message="No."),), True),
    ],
)
def test_what_went_wrong_is_worth_a_look(bodies, needs_look):
    (turn,) = trace(log_of(STARTED, *bodies))

    assert turn.needs_look == needs_look


def test_a_running_turn_has_no_duration_yet():
    (turn,) = trace(log_of(STARTED))

    assert (turn.elapsed_ms, turn.steps) == (None, ())


def test_an_empty_log_has_no_turns():
    assert trace(()) == []
    assert timeline(()) == []


def test_turns_pauses_and_words_of_staff_stand_in_the_order_in_which_they_happened():
    log = [
        event(StaffMessage(staff_name="Mira", text="Hello\nthere"), 1),
        event(STARTED, 2),
        event(ConversationPaused(reason="idle"), 3),
        event(completed(), 4),
    ]

    items = timeline([replace(log[0], turn_id=None), log[1], replace(log[2], turn_id=None), log[3]])

    assert [item.id if isinstance(item, Note) else item.turn.message for item in items] == [
        "note-1",
        "Hello?",
        "note-3",
    ]
    assert items[0] == Note(id="note-1", at=AT, text="Hello\nthere", staff_name="Mira")
    assert isinstance(items[1], TraceTurn)
    assert items[1].turn.status == "completed"

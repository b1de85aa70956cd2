"""The fold of a log into what staff read."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from assistant.core.events import Feedback, TextDelta, TurnStarted
from assistant.review.trace import TraceStep, conversation_notes, trace
from tests.events import AT, EXAMPLES, event, log_of
from tests.fakes_agent import completed

STARTED = TurnStarted(message="Hello?", client_turn_id="c", agent="built-in")
NO_STEP = {"turn.started", "text.delta", "feedback"}
OF_THE_CONVERSATION = {"staff.message", "conversation.paused", "conversation.resumed"}


def test_every_type_of_event_is_a_step_or_told_elsewhere():
    (turn,) = trace(log_of(STARTED, *EXAMPLES[1:]))

    assert [step.kind for step in turn.steps] == [
        body.type for body in EXAMPLES if body.type not in NO_STEP | OF_THE_CONVERSATION
    ]
    assert len(conversation_notes(log_of(*EXAMPLES))) == len(OF_THE_CONVERSATION)


def test_steps_tell_how_long_after_the_question_they_came():
    log = [
        event(STARTED, 1),
        replace(event(TextDelta(text="Hi"), 2), at=AT + timedelta(milliseconds=20)),
        replace(event(completed(), 3), at=AT + timedelta(milliseconds=1250)),
        replace(event(Feedback(rating="up", comment="Thanks"), 4), at=AT + timedelta(hours=1)),
    ]

    (turn,) = trace(log)

    assert turn.steps == (
        TraceStep(kind="turn.completed", title="Completed: answered", offset_ms=1250),
    )
    assert (turn.elapsed_ms, turn.feedback_comment) == (1250, "Thanks")


def test_a_running_turn_has_no_duration_yet():
    (turn,) = trace(log_of(STARTED))

    assert (turn.elapsed_ms, turn.steps) == (None, ())


def test_an_empty_log_has_no_turns():
    assert trace(()) == []
    assert conversation_notes(()) == []

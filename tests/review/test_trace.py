"""The fold of a log into what staff read."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from assistant.core.events import (
    ConversationPaused,
    Feedback,
    StaffMessage,
    TextDelta,
    TurnStarted,
)
from assistant.review.trace import Note, TraceStep, TraceTurn, timeline, trace
from tests.events import AT, EXAMPLES, event, log_of
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

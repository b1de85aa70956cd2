"""The fold of a log into turns."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.core.events import (
    Citation,
    Feedback,
    Outcome,
    StaffMessage,
    TextDelta,
    TurnCompleted,
    TurnFailed,
    TurnInterrupted,
    TurnStarted,
)
from assistant.core.transcript import FOLDED_TYPES, Transcript, TranscriptTurn, fold
from assistant.core.turns import PastTurn
from tests.events import AT, BY_TYPE, EXAMPLES, event, log_of

STARTED = TurnStarted(message="Hello?", client_turn_id="client-1", agent="built-in")
CITATION = BY_TYPE["citation"]
assert isinstance(CITATION, Citation)


def completed(**state: object) -> TurnCompleted:
    return TurnCompleted(outcome=Outcome.ANSWERED, state=state, usage={}, elapsed_ms=1.0)


def test_an_empty_log_is_an_empty_transcript():
    assert fold(()) == Transcript(turns=[], last_seq=0)


def test_a_turn_is_its_message_its_text_its_citations_and_how_it_ended():
    log = log_of(
        STARTED, TextDelta(text="Robots "), TextDelta(text="walk."), CITATION, completed(slot=1)
    )

    assert fold(log) == Transcript(
        turns=[
            TranscriptTurn(
                id="turn-1",
                message="Hello?",
                started_at=AT,
                agent="built-in",
                status="completed",
                outcome="answered",
                answer="Robots walk.",
                citations=[CITATION],
                ended_at=AT,
                state={"slot": 1},
            )
        ],
        last_seq=5,
    )


@pytest.mark.parametrize(
    ("ending", "status", "failure"),
    [
        (TurnFailed(error="time-out", message="Too long."), "failed", "Too long."),
        (TurnInterrupted(reason="Restarted."), "interrupted", "Restarted."),
    ],
)
def test_what_was_said_before_a_bad_end_stays(ending, status, failure):
    (turn,) = fold(log_of(STARTED, TextDelta(text="Half an "), ending)).turns

    assert (turn.answer, turn.status, turn.failure) == ("Half an ", status, failure)
    assert turn.as_past_turn() == PastTurn(message="Hello?", answer="Half an ", outcome=status)


def test_a_later_judgement_replaces_the_earlier_one():
    (turn,) = fold(
        log_of(STARTED, completed(), Feedback(rating="up"), Feedback(rating="down"))
    ).turns

    assert turn.feedback == "down"


def test_the_state_is_that_of_the_last_completed_turn():
    log = [
        event(STARTED, 1, "a"),
        event(completed(slot="kept"), 2, "a"),
        event(STARTED, 3, "b"),
        event(TurnFailed(error="x", message="y"), 4, "b"),
        event(STARTED, 5, "c"),
    ]

    assert fold(log).state == {"slot": "kept"}
    assert fold(log[:1]).state == {}


def test_turns_that_interleave_are_told_apart():
    log = [
        event(STARTED, 1, "a"),
        event(STARTED, 2, "b"),
        event(TextDelta(text="A"), 3, "a"),
        event(TextDelta(text="B"), 4, "b"),
        event(StaffMessage(staff_name="Mira", text="Hi"), 5, None),
        event(TextDelta(text="lost"), 6, "never-started"),
    ]

    transcript = fold(log)

    assert [(turn.id, turn.answer) for turn in transcript.turns] == [("a", "A"), ("b", "B")]
    assert transcript.last_seq == 6


def test_history_names_briefings_in_the_order_of_their_numbers():
    log = log_of(
        STARTED,
        replace(CITATION, number=2, briefing_id="second"),
        replace(CITATION, number=1, briefing_id="first"),
        replace(CITATION, number=2, briefing_id="second"),
        completed(),
    )

    (turn,) = fold(log).turns

    assert turn.as_past_turn().briefing_ids == ("first", "second")


@given(st.lists(st.sampled_from(EXAMPLES), max_size=30))
def test_the_types_that_are_left_out_when_reading_change_no_turn(bodies):
    log = log_of(STARTED, *bodies)

    read = [entry for entry in log if entry.body.type in FOLDED_TYPES]

    assert fold(read).turns == fold(log).turns

"""Conversations about meetings: slots over turns, corrections, digressions, clock changes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from assistant.core.events import Outcome
from assistant.core.form_questions import LENGTHS_MINUTES
from assistant.core.router import Intent
from assistant.tools.scheduling import DURATION_SCHEMA
from tests.agents.conversation import NOBODY, Conversation

ASK = "Nothing is booked until you confirm."


async def test_one_message_becomes_a_proposal_with_the_full_date():
    answer = await Conversation().say("Book a meeting with sales next Tuesday at 3pm")

    assert answer.outcome is Outcome.CONFIRMATION_REQUIRED
    assert answer.text == (
        "Book this sales call with Mara Lindt on Tuesday, 1 December 2026, 15:00–15:30 "
        f"(Europe/Zurich)? {ASK}"
    )
    assert answer.calls == [
        "? book_meeting team=sales start=2026-12-01T15:00:00+01:00 duration_minutes=30"
    ]


async def test_text_is_streamed_in_pieces_of_a_few_words():
    answer = await Conversation().say("Book a meeting with sales next Tuesday at 3pm")

    kinds = [event.type for event in answer.events]
    assert kinds[0] == "status"
    assert kinds.count("text.delta") > 4
    assert kinds[-1] == "turn.completed"


async def test_what_is_missing_is_asked_for_one_by_one():
    talk = Conversation({"I'd like to schedule a call": Intent.SCHEDULE})

    team = await talk.say("I'd like to schedule a call")
    day = await talk.say("with support")
    clock = await talk.say("tomorrow")
    done = await talk.say("10am, to discuss our renewal")

    assert team.text == "Which team would you like to meet: sales, support or editorial?"
    assert team.suggested == ("Sales", "Support", "Editorial")
    assert (day.outcome, day.cards) == (Outcome.ASKED, ["slots"])
    assert day.text.endswith("Which day and time suit you?")
    assert clock.calls == ["find_free_slots team=support since=2026-11-25 until=2026-11-25"]
    assert clock.text.endswith("Which time suits you?")
    assert done.calls == [
        "? book_meeting team=support start=2026-11-25T10:00:00+01:00 duration_minutes=30 "
        "topic=our renewal"
    ]


async def test_choosing_an_offered_time_books_it():
    talk = Conversation()
    offered = await talk.say("Book a meeting with sales next Tuesday")

    answer = await talk.say(offered.choices[1])

    assert answer.calls == [
        "? book_meeting team=sales start=2026-12-01T10:30:00+01:00 duration_minutes=30"
    ]


async def test_an_offered_time_can_be_chosen_by_its_place():
    answer = await Conversation().play("Book a meeting with sales next Tuesday", "the second one")

    assert answer.calls == [
        "? book_meeting team=sales start=2026-12-01T10:30:00+01:00 duration_minutes=30"
    ]


@pytest.mark.parametrize(
    ("correction", "start", "minutes"),
    [
        ("Move it to 4", "2026-12-01T16:00:00+01:00", 30),
        ("no, at 4", "2026-12-01T16:00:00+01:00", 30),
        ("no, Wednesday", "2026-11-25T15:00:00+01:00", 30),
        ("make it Wednesday", "2026-11-25T15:00:00+01:00", 30),
        ("make it 45 minutes", "2026-12-01T15:00:00+01:00", 45),
        ("actually half past nine", "2026-12-01T09:30:00+01:00", 30),
        ("an hour later please", "2026-12-01T16:00:00+01:00", 30),
        ("how about Thursday at 11?", "2026-11-26T11:00:00+01:00", 30),
    ],
)
async def test_a_proposal_is_corrected_by_a_new_one(correction, start, minutes):
    answer = await Conversation().play("Book a meeting with sales next Tuesday at 3pm", correction)

    assert answer.calls == [f"? book_meeting team=sales start={start} duration_minutes={minutes}"]
    assert answer.outcome is Outcome.CONFIRMATION_REQUIRED


async def test_the_newest_proposal_is_the_one_that_is_confirmed():
    talk = Conversation()
    await talk.play("Book a meeting with sales next Tuesday at 3pm", "Move it to 4", "with support")

    booked = await talk.say("yes")

    assert booked.text == (
        "Booked: Support session with Jonas Feld on Tuesday, 1 December 2026, 16:00–16:30 "
        "(Europe/Zurich)."
    )


async def test_it_means_the_booked_meeting_afterwards():
    talk = Conversation({"Move it to 4": Intent.SCHEDULE})
    await talk.play("Book a meeting with sales next Tuesday at 3pm", "yes")

    moved = await talk.say("Move it to 4")
    confirmed = await talk.say("yes")
    longer = await talk.say("make it an hour")
    cancelled = await talk.play("no", "cancel it")

    assert moved.calls == [
        "list_meetings",
        "? move_meeting start=2026-12-01T16:00:00+01:00 duration_minutes=30",
    ]
    assert moved.cards == []
    assert moved.text.endswith("It stays where it is until you confirm.")
    assert confirmed.text.startswith("Moved: Sales call with Mara Lindt is now on Tuesday, 1 Dec")
    assert longer.calls[1] == "? move_meeting start=2026-12-01T16:00:00+01:00 duration_minutes=60"
    assert cancelled.calls == ["list_meetings", "? cancel_meeting"]


async def test_a_meeting_is_found_by_its_day_and_moved_to_another():
    talk = Conversation()
    await talk.play("Book sales on Thursday at 10", "yes", "Book support on Friday at 10", "yes")

    answer = await talk.say("Move my Thursday call to Monday at 11")

    assert answer.calls[1] == "? move_meeting start=2026-11-30T11:00:00+01:00 duration_minutes=30"
    assert "from Thursday, 26 November 2026, 10:00" in answer.text


async def test_which_meeting_is_asked_when_several_fit():
    talk = Conversation()
    await talk.play("Book sales on Friday at 10", "yes", "Book support on Friday at 14:00", "yes")

    asked = await talk.say("cancel my meeting on Friday")
    answer = await talk.say(asked.suggested[0])

    assert asked.outcome is Outcome.ASKED
    assert asked.text.startswith("Which meeting shall I cancel? Sales call with Mara Lindt, Friday")
    assert asked.suggested == (
        "Sales call with Mara Lindt on 27 November 2026 at 10:00",
        "Support session with Jonas Feld on 27 November 2026 at 14:00",
    )
    assert answer.calls == ["list_meetings", "? cancel_meeting"]
    assert "Cancel this sales call with Mara Lindt on Friday" in answer.text


async def test_moving_without_a_time_offers_times_that_move():
    talk = Conversation()
    await talk.play("Book sales on Thursday at 10", "yes")

    offered = await talk.say("reschedule my meeting to next Tuesday afternoon")
    answer = await talk.say(offered.choices[0])

    assert offered.choices[0] == "Move it to 1 December 2026 at 12:00"
    assert answer.calls == ["? move_meeting start=2026-12-01T12:00:00+01:00 duration_minutes=30"]


async def test_a_digression_is_answered_and_leads_back():
    talk = Conversation({"what's the latest on chips": Intent.NEWS})
    await talk.say("Book a meeting with sales")

    digression = await talk.say("what's the latest on chips")
    answer = await talk.say("ok, next Thursday at 2pm")

    assert digression.text == (
        "News: what's the latest on chips.\n\nBack to your meeting: which day and time suit you?"
    )
    assert digression.outcome is Outcome.ANSWERED
    assert answer.calls == [
        "? book_meeting team=sales start=2026-12-03T14:00:00+01:00 duration_minutes=30"
    ]


@pytest.mark.parametrize("words", ["cancel", "never mind", "no thanks", "forget it", "Stop."])
async def test_giving_up_closes_the_form_at_any_point(words):
    talk = Conversation()
    await talk.say("Book a meeting with sales")

    answer = await talk.say(words)

    assert answer.text == "Okay, I have dropped that. Nothing was booked."
    assert talk.state == {}


async def test_after_sign_in_the_form_goes_on_without_retyping():
    talk = Conversation(caller=NOBODY)
    await talk.say("Book a meeting with sales next Tuesday")

    refused = await talk.say("the second one")
    answer = await talk.sign_in()

    assert refused.outcome is Outcome.SIGN_IN_REQUIRED
    assert refused.text == (
        "Please sign in so I can book this for you. I'll answer as soon as you have."
    )
    assert [event.type for event in refused.events if event.type == "identity.required"]
    assert answer.calls == [
        "? book_meeting team=sales start=2026-12-01T10:30:00+01:00 duration_minutes=30"
    ]


async def test_a_refused_time_keeps_the_form_open_for_another():
    talk = Conversation()
    refused = await talk.say("Book a call with sales on Sunday at 10am")

    answer = await talk.say("Monday at 9")

    assert (refused.outcome, refused.cards) == (Outcome.ASKED, ["slots"])
    assert refused.text.startswith("Sunday, 29 November 2026, 10:00 (Europe/Zurich) is outside")
    assert answer.calls == [
        "? book_meeting team=sales start=2026-11-30T09:00:00+01:00 duration_minutes=30"
    ]


async def test_an_ambiguous_date_is_asked_about():
    talk = Conversation()
    asked = await talk.say("Book a meeting with sales on 12/05 at 10")

    answer = await talk.say(asked.suggested[1])

    assert asked.text == (
        "“12/05” can be read in two ways. Do you mean Saturday, 5 December 2026 or Wednesday, "
        "12 May 2027?"
    )
    assert asked.suggested == ("5 December 2026", "12 May 2027")
    assert "2027-05-12T10:00:00+02:00" in answer.calls[0]


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (
            "Book a meeting with sales yesterday at 3pm",
            "Monday, 23 November 2026 has passed. Which day from today on suits you?",
        ),
        (
            "Book a meeting with sales on 31 April at 3pm",
            "“31 April” is not a day in the calendar. Which day suits you?",
        ),
        (
            "Book a meeting with sales tomorrow at 25",
            "I don't know that time of day. At what time shall it start, such as 15:00 or 3 pm?",
        ),
        (
            "Book a 2 hour meeting with sales tomorrow at 10",
            "Meetings last 15, 30, 45, 60 or 90 minutes. How long shall it be?",
        ),
    ],
)
async def test_what_cannot_be_is_said_and_asked_again(message, text):
    answer = await Conversation().say(message)

    assert (answer.text, answer.outcome, answer.calls) == (text, Outcome.ASKED, [])


async def test_the_other_reading_of_next_friday_is_named():
    answer = await Conversation().say("Book a meeting with sales next Friday at 3pm")

    assert (
        "I took “next Friday” for Friday, 4 December 2026; if you mean Friday, 27 November 2026, "
        "say so." in answer.text
    )


async def test_a_skipped_hour_is_explained():
    talk = Conversation(now=datetime(2027, 3, 20, 10, 0, tzinfo=UTC))

    answer = await talk.say("Book a meeting with sales on 28 March at 2:30am")

    assert answer.text == (
        "02:30 does not exist on Sunday, 28 March 2027 in Europe/Zurich: clocks go forward over "
        "it. Would 03:30 suit you?"
    )
    assert answer.suggested == ("03:30",)


@pytest.mark.parametrize(
    ("zone", "now", "day", "note"),
    [
        (
            "Europe/Zurich",
            datetime(2027, 3, 20, 10, 0, tzinfo=UTC),
            "31 March at 2pm",
            "Clocks change on Sunday, 28 March 2027; 14:00 is what yours will show (UTC+02:00).",
        ),
        (
            "America/New_York",
            datetime(2026, 10, 28, 10, 0, tzinfo=UTC),
            "3 November at 9am",
            "Clocks change on Sunday, 1 November 2026; 09:00 is what yours will show (UTC-05:00).",
        ),
    ],
)
async def test_a_clock_change_on_the_way_is_said(zone, now, day, note):
    answer = await Conversation(zone=zone, now=now).say(f"Book a meeting with support on {day}")

    assert note in answer.text


async def test_times_are_the_visitors_own():
    answer = await Conversation(zone="America/New_York").say("Book support tomorrow at 9am")

    assert "start=2026-11-25T09:00:00-05:00" in answer.calls[0]
    assert "09:00–09:30 (America/New_York)" in answer.text


async def test_a_zone_that_is_named_is_converted():
    talk = Conversation(zone="America/New_York")

    answer = await talk.say("Book support tomorrow at 3pm Zurich time")

    assert "09:00–09:30 (America/New_York)? 15:00 in Europe/Zurich is 09:00 for you." in answer.text


async def test_meetings_are_listed():
    talk = Conversation({"what's on my calendar tomorrow": Intent.SCHEDULE})
    await talk.play("Book sales tomorrow at 10", "yes")

    every = await talk.say("my meetings")
    of_day = await talk.say("what's on my calendar tomorrow")

    assert (every.calls, every.cards) == (["list_meetings"], ["meetings"])
    assert of_day.calls == ["list_meetings since=2026-11-25 until=2026-11-25"]
    assert of_day.text.endswith("I only see meetings with our teams, not your own calendar.")


async def test_free_times_are_told_and_can_be_booked():
    talk = Conversation()

    free = await talk.say("When is editorial free on Friday at 10?")
    answer = await talk.say("yes")

    assert free.text == (
        "Editorial is free on Fri 27 Nov at 10:00 (Europe/Zurich). Shall I book that?"
    )
    assert answer.calls == [
        "? book_meeting team=editorial start=2026-11-27T10:00:00+01:00 duration_minutes=30"
    ]


@pytest.mark.parametrize(
    "message", ["remind me to call mum", "lunch with Mike tomorrow", "add gym to my calendar"]
)
async def test_the_visitors_own_life_is_declined(message):
    answer = await Conversation({message: Intent.SCHEDULE}).say(message)

    assert answer.outcome is Outcome.DECLINED
    assert answer.text == (
        "I can't keep your own calendar or reminders. I can book, move and cancel meetings with "
        "our sales, support and editorial teams."
    )


async def test_an_old_or_broken_state_is_forgotten():
    talk = Conversation()
    talk.state = {
        "form": {"kind": "book", "day": "tomorrow", "minutes": "x"},
        "proposal": 7,
        "last_meeting_id": ["?"],
        "other": {"kept": True},
    }

    answer = await talk.say("Book a meeting with sales next Tuesday at 3pm")

    assert answer.outcome is Outcome.CONFIRMATION_REQUIRED
    assert talk.state["other"] == {"kept": True}


def test_the_lengths_asked_for_are_those_the_tool_takes():
    assert list(LENGTHS_MINUTES) == DURATION_SCHEMA["enum"]

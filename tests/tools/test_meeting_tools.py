"""Booking, moving and cancelling as a visitor lives it: toolbox, decision, write."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
import structlog

from assistant.backends.invitations import Invitations
from assistant.core.errors import Conflict, InvalidInput, NotFound
from assistant.core.events import ConfirmationRequired
from assistant.tools.actions import run_action
from assistant.tools.errors import SlotTaken
from assistant.tools.registry import make_tools
from assistant.tools.toolbox import find_problem
from tests.fakes_accounts import InMemoryAccounts
from tests.fakes_calendar import InMemoryCalendar
from tests.fakes_mail import FakeMailer
from tests.tools.conftest import ADA, BEN, NOBODY, NOW, context_of, still_runner


async def write(tools, name, caller=ADA, key="k1", **arguments):
    """Preview and run, as after a confirmation."""
    tool = tools[name]
    preview = await tool.preview(arguments, context_of(caller))
    assert find_problem(tool.schema, preview.arguments, 8000) is None
    return await tool.run(preview.arguments, context_of(caller, key=key))


async def book(tools, start="2026-12-01T15:00", **others):
    return await write(tools, "book_meeting", **{"team": "sales", "start": start, **others})


async def test_the_preview_of_a_booking_is_exactly_what_runs(tools):
    preview = await tools["book_meeting"].preview(
        {"team": "Sales team", "start": "2026-12-01T15:00", "topic": " prices\n\x00"},
        context_of(ADA),
    )
    assert preview.title == "Book this sales call?"
    assert preview.rows == (
        ("What", "Sales call"),
        ("With", "Mara Lindt"),
        ("When", "Tuesday, 1 December 2026, 15:00–15:30 (Europe/Zurich)"),
        ("Length", "30 minutes"),
        ("Topic", "prices"),
    )
    assert preview.arguments == {
        "team": "sales",
        "host": "mara",
        "start": "2026-12-01T15:00:00+01:00",
        "duration_minutes": 30,
        "topic": "prices",
    }


async def test_a_booked_meeting_is_said_shown_and_listed(tools):
    output = await book(tools)
    when = "Tuesday, 1 December 2026, 15:00–15:30 (Europe/Zurich)"
    meeting_id = output.data["meeting"]["id"]
    entry = {
        "id": meeting_id,
        "title": "Sales call",
        "when": when,
        "with": "Mara Lindt",
        "status": "booked",
        "ics_path": f"/v1/conversations/c1/meetings/{meeting_id}.ics",
    }
    assert output.text == f"Booked: Sales call with Mara Lindt on {when}."
    assert output.card == {"kind": "meetings", "title": "Booked", "meetings": [entry]}
    listed = await tools["list_meetings"].run({}, context_of(ADA))
    assert listed.text == f"You have 1 meeting coming up: Sales call with Mara Lindt on {when}."
    assert listed.data["meetings"] == [output.data["meeting"]]
    assert listed.data["meetings"][0]["start"] == "2026-12-01T15:00:00+01:00"
    others = await tools["list_meetings"].run({}, context_of(BEN))
    assert (others.text, others.card) == ("You have no meetings coming up.", None)


async def test_meetings_can_be_narrowed_to_a_day_and_a_team(tools):
    await book(tools)
    await book(tools, "2026-12-04T10:00", team="support", key="k2")

    async def ids(**arguments):
        output = await tools["list_meetings"].run(arguments, context_of(ADA))
        return [meeting["team"] for meeting in output.data["meetings"]]

    assert await ids() == ["sales", "support"]
    assert await ids(since="2026-12-04", until="2026-12-04") == ["support"]
    assert await ids(team="sales") == ["sales"]
    assert await ids(since="2026-12-02", until="2026-12-03") == []


async def test_a_taken_time_comes_with_the_three_nearest_free_ones(tools):
    await book(tools, host="mara")
    await book(tools, host="owen", key="k2")
    with pytest.raises(SlotTaken) as refusal:
        await book(tools, key="k3")
    assert refusal.value.detail == (
        "Sales is not free on Tuesday, 1 December 2026, 15:00 (Europe/Zurich)."
    )
    assert refusal.value.remedy == (
        "The nearest free times are Tue 1 Dec at 13:30, 14:00 and 16:00 (Europe/Zurich)."
    )
    assert refusal.value.card == {
        "kind": "slots",
        "title": "Nearest free times",
        "slots": [
            {
                "label": f"Tue 1 Dec, {clock}",
                "message": f"Book a 30 minute meeting with sales on 1 December 2026 at {clock}",
            }
            for clock in ("13:30", "14:00", "16:00")
        ],
    }
    assert len(refusal.value.data["alternatives"]) == 3


@pytest.mark.parametrize(
    ("start", "detail", "remedy"),
    [
        (
            "2026-12-05T10:00",
            "Saturday, 5 December 2026, 10:00 (Europe/Zurich) is outside the working hours of "
            "Sales.",
            "The nearest free times are Fri 4 Dec at 09:30, 10:00 and 10:30 (Europe/Zurich).",
        ),
        (
            "2026-12-25T10:00",
            "Sales is off on Friday, 25 December 2026: a holiday.",
            "The nearest free times are Thu 24 Dec at 09:30, 10:00 and 10:30 (Europe/Zurich).",
        ),
        (
            "2026-11-20T10:00",
            "Friday, 20 November 2026, 10:00 (Europe/Zurich) has passed.",
            "The nearest free times are Tue 24 Nov at 11:30, 12:00 and 12:30 (Europe/Zurich).",
        ),
        (
            "2028-12-01T15:00",
            "Friday, 1 December 2028, 15:00 (Europe/Zurich) is too far ahead to be booked yet.",
            "There is no free time near it; try another week.",
        ),
    ],
)
async def test_a_time_that_can_not_be_is_refused_in_words(tools, start, detail, remedy):
    with pytest.raises(SlotTaken) as refusal:
        await book(tools, start)
    assert (refusal.value.detail, refusal.value.remedy) == (detail, remedy)


async def test_a_time_is_read_in_the_visitor_s_zone_and_checked_in_the_host_s(tools):
    tokyo = replace(context_of(ADA), timezone=ZoneInfo("Asia/Tokyo"))
    preview = await tools["book_meeting"].preview(
        {"team": "sales", "start": "2026-12-01T23:00"}, tokyo
    )
    assert preview.rows[1:3] == (
        ("With", "Mara Lindt"),
        ("When", "Tuesday, 1 December 2026, 23:00–23:30 (Asia/Tokyo)"),
    )
    assert preview.arguments["start"] == "2026-12-01T23:00:00+09:00"
    with pytest.raises(SlotTaken):
        await tools["book_meeting"].preview({"team": "sales", "start": "2026-12-01T15:00"}, tokyo)


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"start": "2026-12-01T15:00"}, "team"),
        ({"team": "marketing", "start": "2026-12-01T15:00"}, "team"),
        ({"team": "sales", "host": "zoe", "start": "2026-12-01T15:00"}, "host"),
        ({"team": "sales", "host": "jonas", "start": "2026-12-01T15:00"}, "host"),
        ({"team": "sales", "start": "2026-12-01"}, "start"),
        ({"team": "sales", "start": "2027-03-28T02:30"}, "start"),
    ],
)
async def test_what_is_missing_or_wrong_is_named(tools, arguments, field):
    with pytest.raises(InvalidInput) as refusal:
        await tools["book_meeting"].preview(arguments, context_of(ADA))
    assert refusal.value.field == field
    assert refusal.value.remedy


async def test_a_person_can_be_named_without_their_team(tools):
    preview = await tools["book_meeting"].preview(
        {"host": "Jonas", "start": "2026-12-01T15:00"}, context_of(ADA)
    )
    assert (preview.arguments["team"], preview.arguments["host"]) == ("support", "jonas")


async def test_a_move_shows_from_and_to_and_keeps_length_and_host(tools):
    booked = await book(tools, host="owen", duration_minutes=45)
    meeting_id = booked.data["meeting"]["id"]
    preview = await tools["move_meeting"].preview(
        {"meeting_id": f" {meeting_id.lower()} ", "start": "2026-12-01T16:00"}, context_of(ADA)
    )
    assert preview.rows == (
        ("What", "Sales call"),
        ("With", "Owen Park"),
        ("From", "Tuesday, 1 December 2026, 15:00–15:45 (Europe/Zurich)"),
        ("To", "Tuesday, 1 December 2026, 16:00–16:45 (Europe/Zurich)"),
        ("Length", "45 minutes"),
    )
    assert preview.arguments == {
        "meeting_id": meeting_id,
        "start": "2026-12-01T16:00:00+01:00",
        "duration_minutes": 45,
        "host": "owen",
    }
    moved = await tools["move_meeting"].run(preview.arguments, context_of(ADA, key="k2"))
    assert moved.text == (
        "Moved: Sales call with Owen Park is now on "
        "Tuesday, 1 December 2026, 16:00–16:45 (Europe/Zurich)."
    )


async def test_a_move_to_another_host_says_so_before(tools):
    meeting_id = (await book(tools, host="mara")).data["meeting"]["id"]
    preview = await tools["move_meeting"].preview(
        {"meeting_id": meeting_id, "start": "2026-12-01T21:00"}, context_of(ADA)
    )
    assert preview.rows[1] == ("With", "Owen Park (Mara Lindt is not free then)")


async def test_a_refused_move_offers_times_that_move_the_same_meeting(tools):
    meeting_id = (await book(tools)).data["meeting"]["id"]
    with pytest.raises(SlotTaken) as refusal:
        await tools["move_meeting"].preview(
            {"meeting_id": meeting_id, "start": "2026-12-05T16:00"}, context_of(ADA)
        )
    messages = [slot["message"] for slot in refusal.value.card["slots"]]
    assert messages[0] == f"Move meeting {meeting_id} to 4 December 2026 at 15:30"


async def test_a_meeting_that_can_not_be_changed_is_refused_before_confirming(tools):
    meeting_id = (await book(tools)).data["meeting"]["id"]
    for name, arguments in (
        ("move_meeting", {"meeting_id": meeting_id, "start": "2026-12-02T16:00"}),
        ("cancel_meeting", {"meeting_id": meeting_id}),
    ):
        with pytest.raises(NotFound):
            await tools[name].preview(arguments, context_of(BEN))
    with pytest.raises(Exception, match="already"):
        await tools["move_meeting"].preview(
            {"meeting_id": meeting_id, "start": "2026-12-01T15:00"}, context_of(ADA)
        )
    await write(tools, "cancel_meeting", key="k2", meeting_id=meeting_id)
    with pytest.raises(Conflict, match="cancelled"):
        await tools["cancel_meeting"].preview({"meeting_id": meeting_id}, context_of(ADA))


async def test_free_times_are_spread_over_days_and_need_no_sign_in(tools):
    output = await tools["find_free_slots"].run({"team": "sales"}, context_of(NOBODY))
    assert output.text == (
        "Sales is free on Tue 24 Nov at 11:30 and 15:00; Wed 25 Nov at 09:00 and 14:00; "
        "Thu 26 Nov at 09:00 and 14:00 (Europe/Zurich)."
    )
    assert output.card["slots"][0] == {
        "label": "Tue 24 Nov, 11:30",
        "message": "Book a 30 minute meeting with sales on 24 November 2026 at 11:30",
    }


async def test_a_full_period_is_answered_with_the_next_free_times(tools):
    output = await tools["find_free_slots"].run(
        {"team": "editorial", "since": "2026-12-25", "until": "2026-12-27", "limit": 3},
        context_of(NOBODY),
    )
    assert output.text == (
        "Editorial has no free time in that period; the next is Mon 28 Dec at 10:00; "
        "Tue 29 Dec at 10:00; Wed 30 Dec at 10:00 (Europe/Zurich)."
    )
    assert output.data["is_after_the_period"] is True


async def test_an_evening_is_offered_to_whoever_names_one(tools):
    output = await tools["find_free_slots"].run(
        {"team": "sales", "since": "2026-12-01T20:00", "until": "2026-12-01T21:00"},
        context_of(NOBODY),
    )
    assert [slot["label"] for slot in output.data["slots"]] == [
        "Tue 1 Dec, 20:00",
        "Tue 1 Dec, 20:30",
    ]


@pytest.mark.parametrize(
    ("since", "until"),
    [("2026-11-01", "2026-11-05"), ("2026-12-05", "2026-12-01"), ("2026-12-01", "2027-12-01")],
)
async def test_a_period_that_makes_no_sense_is_refused(tools, since, until):
    with pytest.raises(InvalidInput):
        await tools["find_free_slots"].run(
            {"team": "sales", "since": since, "until": until}, context_of(NOBODY)
        )


async def test_a_meeting_is_sent_by_mail_whenever_it_changes(tools):
    mailer = FakeMailer()
    invitations = Invitations(
        mailer=mailer, accounts=tools["get_profile"]._accounts, sender="heidi@news.example"
    )
    calendar = InMemoryCalendar()
    mailing = {
        tool.name: tool
        for tool in make_tools(InMemoryAccounts({}), calendar, invitations=invitations)
    }
    booked = await book(mailing)
    meeting_id = booked.data["meeting"]["id"]
    moved = await write(
        mailing, "move_meeting", key="k2", meeting_id=meeting_id, start="2026-12-02T15:00"
    )
    cancelled = await write(mailing, "cancel_meeting", key="k3", meeting_id=meeting_id)
    outputs = (booked, moved, cancelled)
    assert [output.data["invitation"] for output in outputs] == ["sent"] * 3
    assert all(output.text.endswith("You'll get it by e-mail too.") for output in outputs)
    assert "ics_path" not in cancelled.card["meetings"][0]
    assert [(letter.to, letter.calendar.method) for letter in mailer.letters] == [
        ("ada.moreau@example.com", "REQUEST"),
        ("ada.moreau@example.com", "REQUEST"),
        ("ada.moreau@example.com", "CANCEL"),
    ]


async def test_a_mail_that_fails_fails_no_booking(tools):
    invitations = Invitations(
        mailer=FakeMailer(is_broken=True),
        accounts=tools["get_profile"]._accounts,
        sender="heidi@news.example",
    )
    mailing = {
        tool.name: tool
        for tool in make_tools(InMemoryAccounts({}), InMemoryCalendar(), invitations=invitations)
    }
    with structlog.testing.capture_logs():
        booked = await book(mailing)
    assert booked.data["meeting"]["status"] == "booked"
    assert booked.data["invitation"] == "failed"
    assert booked.text.endswith("The e-mail about it could not be sent.")


async def test_from_request_to_booking_the_visitor_s_decision_is_what_writes(
    tools, make_toolbox, actions
):
    toolbox = make_toolbox(list(tools.values()))
    arguments = {"team": "sales", "start": "2026-12-01T15:00"}
    _, required, _ = await toolbox.call("book_meeting", arguments)
    assert isinstance(required, ConfirmationRequired)
    assert (await tools["list_meetings"].run({}, context_of(ADA))).data["meetings"] == []
    action = await actions.settle(required.action_id, "c1", "confirmed", NOW)
    for _ in range(2):
        # The second run is a write whose answer was lost: it must not book again.
        events = [
            event
            async for event in run_action(
                action,
                list(tools.values()),
                context_of(ADA),
                state={},
                runner=still_runner(),
            )
        ]
        assert [event.type for event in events] == [
            "tool.call",
            "tool.result",
            "text.delta",
            "turn.completed",
        ]
        meetings = (await tools["list_meetings"].run({}, context_of(ADA))).data["meetings"]
        assert events[-1].state == {"last_meeting_id": meetings[0]["id"]}
        assert len(meetings) == 1


async def test_a_slot_lost_between_asking_and_deciding_offers_others(tools, make_toolbox, actions):
    everything = list(tools.values())
    arguments = {"team": "sales", "host": "mara", "start": "2026-12-01T15:00"}
    _, required, _ = await make_toolbox(everything).call("book_meeting", arguments)
    # Nobody else can take what is held; she herself can, in another tab.
    await book(tools, host="mara", caller=ADA)
    action = await actions.settle(required.action_id, "c1", "confirmed", NOW)
    events = [
        event async for event in run_action(action, everything, context_of(ADA), state={"a": 1})
    ]
    assert (events[1].ok, events[1].output["error"]) == (False, "slot-taken")
    assert events[1].card["kind"] == "slots"
    assert events[2].text.startswith("Mara Lindt is not free on Tuesday, 1 December 2026, 15:00")
    assert events[3].state == {"a": 1}


async def test_a_hundred_who_want_one_slot_get_it_once_and_99_get_the_next_ones(tools):
    confirmed = await tools["book_meeting"].preview(
        {"team": "sales", "start": "2026-12-01T15:00"}, context_of(ADA)
    )
    results = await asyncio.gather(
        *(
            tools["book_meeting"].run(confirmed.arguments, context_of(ADA, key=f"key-{number}"))
            for number in range(100)
        ),
        return_exceptions=True,
    )
    refused = [result for result in results if isinstance(result, SlotTaken)]
    assert len(refused) == 99
    assert {len(refusal.alternatives) for refusal in refused} == {3}

"""The issue's questions, asked of a running demo server over HTTP."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.end_to_end.client import answer, only, outcome
from tests.servers import DemoServer

pytestmark = pytest.mark.slow

ZURICH = ZoneInfo("Europe/Zurich")


def test_a_news_question_is_answered_from_the_briefing_and_cited(slow_server: DemoServer, visit):
    events = visit(slow_server.url).ask("What is the AI skills gap about?")

    assert outcome(events) == "answered"
    cited = {event["title"] for event in events if event["type"] == "citation"}
    assert any("skills gap" in title.lower() for title in cited)


def test_the_latest_news_on_a_topic_comes_newest_first(slow_server: DemoServer, visit):
    events = visit(slow_server.url).ask("Latest news on robotics")

    assert outcome(events) == "answered"
    dates = [event["date"] for event in events if event["type"] == "citation"]
    assert len(dates) >= 2
    assert dates == sorted(dates, reverse=True)


def test_what_is_not_in_the_briefings_is_said_not_to_be(slow_server: DemoServer, visit):
    events = visit(slow_server.url).ask("Who won the 1998 World Cup?")

    assert outcome(events) == "abstained"
    assert "briefings" in answer(events)
    assert "France" not in answer(events)


def test_the_balance_waits_for_sign_in_and_is_then_told_without_retyping(
    slow_server: DemoServer, visit
):
    visitor = visit(slow_server.url)

    asked = visitor.ask("What's my balance?")
    visitor.sign_in("cust-ada")
    attached = visitor.http.post(
        f"/v1/conversations/{visitor.id}/identity", headers=visitor.headers
    ).json()
    told = list(visitor.stream("What's my balance?", f"signed-in:{asked[0]['turn_id']}"))

    assert outcome(asked) == "sign_in_required"
    assert attached["customer"]["name"].startswith("Ada")
    assert told[0]["turn_id"] == attached["turn_id"]
    assert outcome(told) == "answered"
    assert only(told, "tool.result")["ok"]


def test_a_meeting_is_booked_found_and_moved_only_after_confirmation(
    slow_server: DemoServer, visit
):
    visitor = visit(slow_server.url)
    visitor.sign_in("cust-ben")

    proposed = visitor.ask("Book a meeting with sales next Tuesday at 3pm")
    before = visitor.ask("my meetings")
    card = only(proposed, "confirmation.required")
    booked = visitor.decide(card["action_id"])
    listed = visitor.ask("my meetings")
    moving = visitor.ask("Move it to 4")
    moved = visitor.decide(only(moving, "confirmation.required")["action_id"])

    assert outcome(proposed) == "confirmation_required"
    assert only(before, "tool.result")["card"] is None or "15:00" not in str(
        only(before, "tool.result")["card"]
    )
    assert outcome(booked) == "answered"
    assert "15:00" in str(only(listed, "tool.result")["card"])
    assert outcome(moved) == "answered"
    assert "16:00" in answer(moved)
    when = dict(card["rows"])["When"]
    assert "Tuesday" in when
    assert "15:00" in when
    assert _next_tuesday_in(when)


def _next_tuesday_in(when: str) -> bool:
    today = datetime.now(ZURICH).date()
    coming = [today + timedelta(days=days) for days in range(1, 15)]
    return any(f"{day.day} {day:%B}" in when for day in coming if day.weekday() == 1)


def test_the_console_asks_a_browser_to_sign_in_and_then_shows_conversations(
    slow_server: DemoServer, visit
):
    visitor = visit(slow_server.url)
    visitor.ask("Hello from the console test")
    browser = {"Accept": "text/html"}
    password = (slow_server.data_dir / "demo-staff-password").read_text()

    asked = visitor.http.get("/review", headers=browser)
    form = {"email": "staff@demo.example", "password": password}
    shown = visitor.http.post("/review/sign-in", data=form, headers=browser, follow_redirects=True)

    assert (asked.status_code, asked.headers["location"]) == (303, "/review/sign-in")
    assert "Hello from the console test" in shown.text

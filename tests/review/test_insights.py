"""The insights page counts what the log tells, and groups what the briefings lack."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from assistant.core.events import Feedback, Outcome, StaffMessage
from assistant.review.charts import day_chart
from assistant.review.insight_tiles import duration, share
from assistant.review.insights import KEPT_FOR, Insights
from assistant.review.insights_routes import period_of
from assistant.review.knowledge_gaps import Meaning, groups_of
from assistant.store.review_gaps import ReviewGaps
from assistant.store.review_index import ReviewIndex
from assistant.store.review_insights import DayFigures, Period, ReviewInsights
from tests.chat_store import NOW
from tests.events import BY_TYPE
from tests.fakes_embedding import HashingEmbedder
from tests.review.conftest import Console
from tests.review.said import have, turn_id
from tests.review.test_helping import open_ticket
from tests.review.test_pages import ids_of

TODAY = NOW.date()


def tiles(page) -> dict[str, str]:
    return {
        tile.dt.get_text(): " ".join(tile.get_text(" ").split()).removeprefix(tile.dt.get_text())
        for tile in page.select(".tile")
    }


async def test_a_day_without_questions_has_a_page(signed_in: Console):
    page = await signed_in.page("/review/insights")

    assert tiles(page)["Resolved without a person"].strip() == "– 0 of 0 conversations"
    assert "Nobody asked anything" in page.get_text()
    assert page.select_one("nav [aria-current]").get_text() == "Insights"


async def test_figures_are_those_of_the_log(signed_in: Console):
    cited = BY_TYPE["citation"]
    await have(signed_in, "c-good", ("Robots?", "Yes."), rating="up", extra=(cited, cited))
    await have(signed_in, "c-bad", ("Chips?", "No."), ("Why?", "So."), rating="down")
    await have(signed_in, "c-none", ("Soup?", "I don't know."), outcome=Outcome.ABSTAINED)
    await have(
        signed_in, "conv-1", ("A person?", "Soon."), customer_id="cust-ada", customer_name="Ada"
    )
    await open_ticket(signed_in)
    said = StaffMessage(staff_name="Mira", text="Hello")
    await signed_in.store.log.append("conv-1", None, [said], NOW + timedelta(minutes=4))

    page = await signed_in.page("/review/insights?days=7")

    assert tiles(page) == {
        "Conversations": " 4 3 of visitors, 1 of customers",
        "Questions": " 5 turns",
        "Resolved without a person": " 25% 1 of 4 conversations",
        "Handed to a person": " 1 median wait 4 min 0 s",
        "Not in the briefings": " 20% 1 of 5 questions",
        "Judged good": " 50% 1 thumbs up, 1 down",
        "First text": " 0 ms p95 0 ms",
        "Whole answer": " 0 ms p95 0 ms",
    }
    cited_rows = page.select_one("#cited").parent.select("tbody tr")
    assert [row.get_text(" ", strip=True) for row in cited_rows] == ["Robots walk 1"]
    (agent,) = page.select_one("#agents").parent.select("tbody tr")
    assert agent.get_text(" ", strip=True).startswith("built-in 5 80% 20% 1 1")
    table = page.select_one(".card details tbody tr").get_text(" ", strip=True)
    assert table == "24 Nov 2026 4 5 4 1 0"


async def test_questions_without_a_good_answer_are_grouped_by_meaning(signed_in: Console):
    for number in range(3):
        await have(
            signed_in,
            f"c-{number}",
            (f"Who won the football cup{'?' * number}", "I don't know."),
            outcome=Outcome.ABSTAINED,
        )
    await have(signed_in, "c-soup", ("Onion soup recipe", "Here."), rating="down")
    await have(signed_in, "c-fine", ("Robots", "Yes."))

    page = await signed_in.page("/review/insights")

    first, second = page.select(".gaps > li")
    assert first.select_one(".count").get_text() == "3"
    assert len(first.select(".examples li")) == 2
    assert "More industrial robots" in first.select_one(".nearest a").get_text()
    assert second.select_one(".badge.bad").get_text(strip=True) == "1"
    chosen = await signed_in.page(first.select_one(".first a")["href"])
    assert sorted(ids_of(chosen)) == ["c-0", "c-1", "c-2"]
    assert "3 conversations chosen on Insights" in chosen.get_text()


async def test_a_report_is_made_once_for_a_while(signed_in: Console):
    await have(signed_in, "c-1", ("Soup?", "No."), outcome=Outcome.ABSTAINED)
    await signed_in.page("/review/insights")
    await have(signed_in, "c-2", ("Stew?", "No."), outcome=Outcome.ABSTAINED)

    again = await signed_in.page("/review/insights")
    signed_in.clock.advance(seconds=KEPT_FOR.total_seconds())
    later = await signed_in.page("/review/insights")

    assert tiles(again)["Questions"] == " 1 turns"
    assert tiles(later)["Questions"] == " 2 turns"
    assert signed_in.meaning.embedder.passages == ["Soup?", "Stew?"]


async def test_a_change_is_told_against_the_period_before(signed_in: Console):
    await have(signed_in, "c-1", ("Soup?", "No."), outcome=Outcome.ABSTAINED)
    await have(signed_in, "c-2", ("Robots?", "Yes."))
    signed_in.clock.advance(days=7)

    page = await signed_in.page("/review/insights?days=7")

    assert tiles(page)["Questions"] == " 0 \N{MINUS SIGN}100% turns"
    page = await signed_in.page("/review/insights?from=2026-11-24&to=2026-11-24")
    assert tiles(page)["Questions"] == " 2 turns"


async def test_markup_in_a_question_is_text(signed_in: Console):
    hostile = "<script>alert(1)</script>"
    await have(signed_in, "c-1", (hostile, "No."), outcome=Outcome.ABSTAINED)

    page = await signed_in.page("/review/insights")

    assert hostile in page.select_one(".gaps").get_text()
    assert page.select(".gaps script") == []


async def test_only_staff_see_it(console: Console):
    response = await console.client.get("/review/insights")

    assert response.headers["location"] == "/review/sign-in"


@pytest.mark.parametrize(
    ("query", "first", "last", "is_wrong"),
    [
        ({}, TODAY - timedelta(days=29), TODAY, False),
        ({"days": "7"}, TODAY - timedelta(days=6), TODAY, False),
        ({"days": "-1"}, TODAY - timedelta(days=29), TODAY, False),
        ({"days": "999"}, TODAY - timedelta(days=365), TODAY, False),
        ({"from": "2026-11-01", "to": "2026-11-03"}, date(2026, 11, 1), date(2026, 11, 3), False),
        ({"from": "2026-11-20"}, date(2026, 11, 20), TODAY, False),
        ({"to": "2026-11-03"}, date(2026, 10, 5), date(2026, 11, 3), False),
        ({"from": "2026-11-20", "to": "9999-12-31"}, date(2026, 11, 20), TODAY, False),
        ({"from": "2026-11-20", "to": "2026-11-01"}, TODAY - timedelta(days=29), TODAY, True),
        ({"from": "yesterday"}, TODAY - timedelta(days=29), TODAY, True),
        ({"from": "0001-01-01"}, TODAY - timedelta(days=29), TODAY, True),
        ({"from": "2020-01-01"}, TODAY - timedelta(days=365), TODAY, True),
    ],
)
def test_a_period_stands_in_the_address(query, first, last, is_wrong):
    period, mistake = period_of(query, TODAY)

    assert period == Period(first=first, last=last)
    assert bool(mistake) == is_wrong
    assert period.before.length == period.length


def test_texts_alike_are_one_group_and_others_are_not():
    vectors = HashingEmbedder().embed_queries(["robots walk", "soup", "robots walk now", "soup"])

    assert sorted(groups_of(vectors)) == [[0, 2], [1, 3]]


def test_a_bar_is_as_high_as_its_day_and_stands_on_the_floor():
    def day(answered: int, abstained: int) -> DayFigures:
        return DayFigures(
            day=TODAY, conversations=1, answered=answered, abstained=abstained, other=0
        )

    chart = day_chart([day(4, 0), day(1, 1), day(0, 0)])

    full, half, none = chart.bars
    room = chart.floor - chart.top
    assert (full.parts[0].y, full.parts[0].height) == (chart.top, room)
    assert [(part.kind, part.height) for part in half.parts] == [
        ("answered", room / 4),
        ("abstained", room / 4),
    ]
    assert half.parts[1].y == chart.floor - room / 2
    assert none.parts == ()
    assert [value for _, value in chart.lines] == [0, 2, 4]


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(None, "–"), (42, "42 s"), (61, "1 min 1 s"), (3_700, "1 h 1 min"), (90_000, "1 d 1 h")],
)
def test_spans_have_their_two_largest_units(seconds, told):
    assert duration(seconds) == told
    assert share(1, 3) == "33%"


async def test_a_judgement_that_changes_is_counted_as_the_last_one(signed_in: Console):
    await have(signed_in, "c-1", ("Robots?", "Yes."), rating="down")
    await signed_in.store.log.append("c-1", turn_id("c-1"), [Feedback(rating="up")], NOW)

    page = await signed_in.page("/review/insights")

    assert tiles(page)["Judged good"] == " 100% 1 thumbs up, 0 down"
    assert tiles(page)["Resolved without a person"] == " 100% 1 of 1 conversations"


async def test_gaps_are_told_once_the_search_has_loaded(signed_in: Console):
    database = signed_in.store.database
    await have(signed_in, "c-1", ("Soup?", "No."), outcome=Outcome.ABSTAINED)
    loaded: list[Meaning] = []
    insights = Insights(
        ReviewIndex(database),
        ReviewInsights(database),
        ReviewGaps(database),
        lambda: loaded[0] if loaded else None,
        signed_in.clock,
    )
    period = Period(first=TODAY, last=TODAY)

    before = await insights.of(period)
    loaded.append(signed_in.meaning)
    after = await insights.of(period)

    assert before.gaps is None
    assert [gap.question for gap in after.gaps] == ["Soup?"]

"""A bad answer becomes a question that the evaluation can ask."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from assistant.core.events import Outcome, Retrieval, ToolCall
from assistant.core.question_lines import KINDS, SavedQuestion, question_line
from eval.question_file import read_question_set
from eval.questions import Kind, Say
from tests.events import PASSAGE
from tests.review.conftest import Console
from tests.review.said import have, turn_id

FORM = f"/review/conversations/c-1/turns/{turn_id('c-1', 2)}/question"
RETRIEVAL = Retrieval(
    query="robots", filters={}, passages=(PASSAGE, replace(PASSAGE, chunk_id="2")), elapsed_ms=1.0
)


@pytest.fixture(autouse=True)
async def started(console: Console) -> None:
    await have(
        console,
        "c-1",
        ("Do robots walk?", "They do."),
        ("Who built them?", "Nobody knows."),
        outcome=Outcome.ABSTAINED,
        extra=(RETRIEVAL,),
        customer_id="cust-ada",
    )


def form(**changes: object) -> dict[str, object]:
    usual = {
        "message": "Who built them?",
        "with_earlier": "1",
        "kind": "multi_turn",
        "outcome": ["answered"],
        "contains": "Honor | HONOR\r\nBeijing",
        "not_contains": "nobody",
        "cites": ["/briefings/robots-walk"],
        "cites_also": "/briefings/half-marathon",
        "signed_in_as": "",
        "note": "It is in the briefing.",
    }
    return {**usual, **changes}


async def lines(console: Console) -> list[dict]:
    response = await console.client.get("/review/questions.jsonl")
    return [json.loads(line) for line in response.text.splitlines()]


async def test_the_form_is_filled_in_from_the_answer(signed_in: Console):
    page = await signed_in.page(FORM)

    assert page.select_one("[name=message]").get_text() == "Who built them?"
    assert page.select_one("[name=kind] [selected]")["value"] == "multi_turn"
    assert page.select_one("[name=signed_in_as]")["value"] == "cust-ada"
    assert [each["value"] for each in page.select("[name=cites]")] == ["/briefings/robots-walk"]
    assert "Do robots walk?" in page.select_one(".earlier").get_text()
    assert page.select("[name=outcome][checked]") == []
    assert "Nobody knows." in page.select_one(".quoted").get_text()


async def test_a_question_is_kept_listed_and_written_as_the_evaluation_reads_it(
    signed_in: Console, tmp_path: Path
):
    kept = await signed_in.client.post(FORM, data=form())

    assert kept.status_code == 303
    listed = await signed_in.page("/review/questions")
    assert "Who built them?" in listed.get_text()
    assert "Mira" in listed.get_text()
    header, question = await lines(signed_in)
    assert header["set"] == "staff"
    assert question == {
        "id": question["id"],
        "kind": "multi_turn",
        "turns": [
            {"say": "Do robots walk?", "expect": {"outcome": ["answered"]}},
            {
                "say": "Who built them?",
                "expect": {
                    "outcome": ["answered"],
                    "contains": [["Honor", "HONOR"], "Beijing"],
                    "not_contains": ["nobody"],
                    "cites": ["/briefings/robots-walk", "/briefings/half-marathon"],
                },
            },
        ],
        "timezone": "Europe/Zurich",
        "note": "It is in the briefing.",
    }
    file = tmp_path / "staff.jsonl"
    file.write_text((await signed_in.client.get("/review/questions.jsonl")).text)
    (read,) = read_question_set(file, {}).questions
    assert [step.action for step in read.steps] == [
        Say(message="Do robots walk?"),
        Say(message="Who built them?"),
    ]
    assert read.steps[1].expect.contains == (("Honor", "HONOR"), ("Beijing",))


async def test_the_download_is_a_file(signed_in: Console):
    response = await signed_in.client.get("/review/questions.jsonl")

    assert response.headers["content-disposition"] == 'attachment; filename="staff-questions.jsonl"'
    assert response.headers["content-type"].startswith("application/jsonl")


async def test_a_question_is_changed_and_deleted(signed_in: Console):
    kept = await signed_in.client.post(FORM, data=form())
    path = "/review/questions/" + kept.headers["location"].partition("#")[2]
    page = await signed_in.page(path)
    assert page.select_one("[name=contains]").get_text() == "Honor | HONOR\nBeijing"
    assert page.select_one("[name=cites_also]").get_text() == "/briefings/half-marathon"

    changed = await signed_in.client.post(
        path, data=form(outcome=["abstained"], contains="", cites=[], cites_also="")
    )

    assert changed.status_code == 303
    (_, question) = await lines(signed_in)
    assert question["turns"][1]["expect"] == {"outcome": ["abstained"], "not_contains": ["nobody"]}
    await signed_in.client.post(f"{path}/delete")
    assert len(await lines(signed_in)) == 1
    assert (await signed_in.client.post(path, data=form())).status_code == 404


async def test_earlier_turns_can_be_left_out(signed_in: Console):
    await signed_in.client.post(FORM, data=form(with_earlier=""))

    (_, question) = await lines(signed_in)
    assert len(question["turns"]) == 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"message": "  "}, "The message is empty."),
        ({"message": "x" * 4001}, "4,001 characters"),
        ({"kind": "gossip"}, "Choose what the question is about."),
        ({"outcome": ["splendid"]}, "no such outcome"),
        (
            {"outcome": [], "contains": "", "not_contains": "", "cites": [], "cites_also": ""},
            "nothing",
        ),
        ({"cites_also": "robots-walk"}, "named by its path"),
        ({"contains": "x" * 201}, "200 characters"),
        ({"contains": "\n".join(f"line {n}" for n in range(21))}, "20 lines"),
        ({"note": "x" * 1001}, "too long"),
        ({"contains": "a\x07"}, "printable"),
    ],
)
async def test_what_can_not_be_asked_comes_back(signed_in: Console, changes: dict, reason: str):
    response = await signed_in.client.post(FORM, data=form(**changes))

    page = BeautifulSoup(response.text, "html.parser")
    assert response.status_code == 422
    assert reason in page.select_one("#error").get_text()
    assert page.select_one("[name=not_contains]").get_text() == str(form(**changes)["not_contains"])
    assert len(await lines(signed_in)) == 1


@pytest.mark.parametrize(
    "path",
    [
        "/review/questions/staff-none",
        "/review/conversations/c-none/turns/turn-none/question",
        "/review/conversations/c-1/turns/turn-none/question",
    ],
)
async def test_what_is_not_there_is_a_page_that_says_so(signed_in: Console, path: str):
    response = await signed_in.client.get(path)

    assert response.status_code == 404
    assert response.headers["content-type"].startswith("text/html")


async def test_markup_in_a_question_is_shown_as_text(signed_in: Console):
    hostile = '<img src=x onerror="alert(1)">'
    await signed_in.client.post(FORM, data=form(message=hostile, contains=hostile, note=hostile))

    page = await signed_in.page("/review/questions")
    assert page.select("img") == []
    assert hostile in page.get_text()


@pytest.mark.parametrize(
    ("tool", "kind"),
    [
        ("get_balance", "balance"),
        ("book_meeting", "schedule"),
        ("find_free_slots", "schedule"),
        ("list_invoices", "account"),
        ("request_person", "news"),
    ],
)
async def test_the_kind_is_guessed_from_the_tools(signed_in: Console, tool: str, kind: str):
    call = ToolCall(call_id="1", tool=tool, arguments={}, label="")
    await have(signed_in, "c-2", ("Please", "Done."), extra=(call,))

    page = await signed_in.page(f"/review/conversations/c-2/turns/{turn_id('c-2')}/question")

    assert page.select_one("[name=kind] [selected]")["value"] == kind


def test_the_kinds_are_those_of_the_evaluation():
    assert [str(kind) for kind in Kind] == list(KINDS)


def test_a_customers_question_is_asked_as_the_customer():
    question = SavedQuestion(
        id="staff-1",
        conversation_id="c",
        turn_id="t",
        kind="balance",
        message="My balance?",
        outcomes=("answered",),
        signed_in_as="cust-ada",
    )

    assert question_line(question) == {
        "id": "staff-1",
        "kind": "balance",
        "turns": [{"say": "My balance?", "expect": {"outcome": ["answered"]}}],
        "signed_in_as": "cust-ada",
    }

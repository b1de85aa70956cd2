"""Questions are driven over the HTTP contract, and whatever happens is data of the run."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import httpx
import jwt
import pytest

from assistant.core.events import Outcome
from eval.checks import Failure
from eval.client import Conversation, HeidiClient, IdentitySigner, Reply
from eval.questions import Decide, Expectation, Kind, Question, QuestionSet, Say, SignIn, Step
from eval.records import Problem
from eval.runner import RunOptions, run_questions
from tests.eval.builders import completed, said, waiting
from tests.eval.fake_heidi import FakeHeidi

SECRET = "host-secret-of-at-least-32-bytes!!"
SIGNER = IdentitySigner(secret=SECRET, issuer="demo-site", clock=lambda: datetime.now(UTC))


def step(action: Say | Decide | SignIn | str, *outcomes: Outcome, **expect: object) -> Step:
    taken = Say(message=action) if isinstance(action, str) else action
    return Step(action=taken, expect=Expectation(outcomes=frozenset(outcomes), **expect))


def question(*steps: Step, name: str = "q", **fields: object) -> Question:
    return Question(id=name, kind=Kind.SMALLTALK, steps=steps, **fields)


def question_set(*questions: Question) -> QuestionSet:
    return QuestionSet(name="tiny", description="", now=None, questions=questions)


async def run_one(heidi: FakeHeidi, asked: Question, **options: object):
    (result,) = await run_questions(
        question_set(asked), heidi.client(SIGNER), RunOptions(**options)
    )
    return result


async def test_a_conversation_of_several_turns_is_driven_to_its_end():
    heidi = FakeHeidi(
        {
            "Book it": [waiting("book_meeting"), completed("confirmation_required")],
            "What is HBM?": [said("Memory."), completed()],
            "confirm act_1": [
                {"type": "confirmation.resolved", "decision": "confirmed"},
                said("Booked."),
                completed(),
            ],
        }
    )
    asked = question(
        step("Book it", Outcome.CONFIRMATION_REQUIRED, proposes="book_meeting"),
        step("What is HBM?", Outcome.ANSWERED),
        step(Decide(decision="confirm"), Outcome.ANSWERED, contains=(("booked",),)),
    )
    result = await run_one(heidi, asked)
    assert (result.has_passed, result.failures) == (True, ())
    assert [record.answer for record in result.records] == ["", "Memory.", "Booked."]
    assert all(record.total_ms is not None for record in result.records)
    assert [record.first_text_ms is None for record in result.records] == [True, False, False]


async def test_a_customer_is_named_by_a_token_that_the_host_signed():
    heidi = FakeHeidi({"My balance?": [completed()]})
    await run_one(heidi, question(step("My balance?"), signed_in_as="cust-ada"))
    (_, token), *_ = heidi.asked
    claims = jwt.decode(token, SECRET, ["HS256"], audience="heidi", issuer="demo-site")
    assert (claims["sub"], claims["exp"] - claims["iat"]) == ("cust-ada", 300)


async def test_a_question_with_a_new_customer_shares_it_with_no_other():
    heidi = FakeHeidi({"My meetings?": [completed()]})
    asked = [question(step("My meetings?"), name=name, signed_in_as="new") for name in "ab"]
    await run_questions(question_set(*asked), heidi.client(SIGNER), RunOptions())
    customers = {
        jwt.decode(token, SECRET, ["HS256"], audience="heidi")["sub"] for _, token in heidi.asked
    }
    assert len(customers) == 2


async def test_after_sign_in_the_waiting_question_is_answered_without_being_asked_again():
    heidi = FakeHeidi(
        {
            "My balance?": [completed("sign_in_required")],
            "My balance? (signed in)": [said("€5."), completed()],
        }
    )
    asked = question(
        step("My balance?", Outcome.SIGN_IN_REQUIRED),
        step(SignIn(customer_id="cust-ada"), Outcome.ANSWERED, contains=(("€5",),)),
    )
    result = await run_one(heidi, asked)
    assert result.failures == ()
    assert [token is None for _, token in heidi.asked] == [True, False]


async def test_a_refusal_is_recorded_and_the_conversation_goes_on():
    heidi = FakeHeidi({" ": 422, "Hi": [said("Hello."), completed()]})
    asked = question(step(" ", problem="invalid-input"), step("Hi", Outcome.ANSWERED))
    result = await run_one(heidi, asked)
    assert result.records[0].problem == Problem(status=422, code="invalid-input", detail="No.")
    assert result.has_passed


async def test_steps_after_one_that_cannot_be_taken_are_failures_not_crashes():
    heidi = FakeHeidi({"Hi": [said("Hello."), completed()]})
    asked = question(step("Hi"), step(Decide(decision="confirm")), step("Hi"))
    result = await run_one(heidi, asked)
    assert result.failures == (
        (1, Failure(check="driven", reason="nothing waited for a decision")),
        (2, Failure(check="driven", reason="not reached")),
    )


async def test_an_answer_that_takes_too_long_is_recorded():
    class SilentClient(HeidiClient):
        async def start(self, timezone: str) -> Conversation:
            return Conversation(id="c", token="t")

        async def ask(
            self, conversation: Conversation, message: str, customer: str | None
        ) -> Reply:
            await asyncio.Event().wait()
            raise AssertionError

    async with httpx.AsyncClient() as http:
        (result,) = await run_questions(
            question_set(question(step("Hi"))),
            SilentClient(http, SIGNER),
            RunOptions(turn_timeout_s=0.01),
        )
    assert result.failures == (
        (0, Failure(check="driven", reason="no complete answer within 0.01 s")),
    )


async def test_a_server_that_is_away_fails_the_question_only():
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    transport = httpx.MockTransport(refuse)
    async with httpx.AsyncClient(transport=transport, base_url="http://gone.test") as http:
        (result,) = await run_questions(
            question_set(question(step("Hi"))), HeidiClient(http, SIGNER), RunOptions()
        )
    assert result.failures == ((0, Failure(check="driven", reason="ConnectError: refused")),)


async def test_questions_that_need_the_clock_are_skipped_where_it_cannot_be_set():
    heidi = FakeHeidi({})
    asked = question(step("What happened this month?"), needs_clock=True)
    result = await run_one(heidi, asked, has_clock=False)
    assert (result.is_skipped, result.has_passed, heidi.asked) == (True, False, [])


@pytest.mark.parametrize("concurrency", [1, 3])
async def test_results_have_the_order_of_the_set_and_each_is_announced(concurrency):
    heidi = FakeHeidi({"Hi": [completed()]})
    names = ["c", "a", "b", "d"]
    announced = []
    results = await run_questions(
        question_set(*(question(step("Hi"), name=name) for name in names)),
        heidi.client(SIGNER),
        RunOptions(concurrency=concurrency),
        lambda result: announced.append(result.id),
    )
    assert [result.id for result in results] == names
    assert sorted(announced) == sorted(names)

"""Measuring answers to a collection: what is asked, when, and what the figures say."""

from __future__ import annotations

from collections.abc import AsyncIterator

from assistant.core.events import EventBody, Outcome, Retrieval, TextDelta, TurnCompleted
from assistant.core.turns import Turn
from eval.answering import Answered, answer_all, figures_of
from eval.beir import Collection, Document, Query

COLLECTION = Collection(
    name="tiny",
    documents=(
        Document(id="d1", title="Capital", text="Bern is the seat of government.", metadata={}),
        Document(id="d2", title="Rain", text="It rained.", metadata={}),
    ),
    queries=(
        Query(
            id="q1",
            text="Which city is the seat of government?",
            metadata={"answer": ["Bern"], "date": "2021-02-03"},
        ),
        Query(id="q2", text="Who reigns on the moon?", metadata={"answerable": False}),
    ),
    judgements={"q1": {"d1": 1.0}},
)


class ScriptedAnswerer:
    """Answers the first question and abstains from every other one."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []

    async def answer(self, turn: Turn, question: str) -> AsyncIterator[EventBody]:
        self.turns.append(turn)
        is_known = len(self.turns) == 1
        yield Retrieval(
            query=question,
            filters={"confidence": 0.9 if is_known else 0.35},
            passages=(),
            elapsed_ms=1.0,
        )
        yield TextDelta(text="Bern is the seat " if is_known else "That isn't in our briefings.")
        yield TextDelta(text="of government." if is_known else "")
        yield TurnCompleted(
            outcome=Outcome.ANSWERED if is_known else Outcome.ABSTAINED,
            state={},
            usage={},
            elapsed_ms=1.0,
        )


async def test_each_query_is_asked_on_the_day_after_its_own() -> None:
    answerer, done = ScriptedAnswerer(), []

    answers = await answer_all(COLLECTION, answerer, lambda: done.append(1))

    assert answerer.turns[0].now.isoformat() == "2021-02-04T00:00:00+00:00"
    assert [turn.message for turn in answerer.turns] == [q.text for q in COLLECTION.queries]
    assert len(done) == 2
    assert answers == (
        Answered(
            query_id="q1",
            is_answerable=True,
            is_answered=True,
            confidence=0.9,
            words=6,
            is_gold_said=True,
            is_gold_there=True,
        ),
        Answered(
            query_id="q2",
            is_answerable=False,
            is_answered=False,
            confidence=0.35,
            words=5,
            is_gold_said=None,
            is_gold_there=None,
        ),
    )


async def test_figures_and_curve_follow_from_the_answers() -> None:
    figures = figures_of(await answer_all(COLLECTION, ScriptedAnswerer()))

    assert (figures.gold_said, figures.gold_said_short, figures.gold_said_outright) == (1, 1, 1)
    assert (figures.gold_there, figures.words_mean) == (1, 5.5)
    assert (figures.abstention.f1, figures.answer_recall) == (1, 1)
    points = {
        point.threshold: (point.abstention_f1, point.answer_recall, point.gold_said)
        for point in figures.curve
    }
    assert points[0.3] == (0.0, 1.0, 1.0)
    assert points[0.5] == (1.0, 1.0, 1.0)
    assert points[0.9] == (1.0, 1.0, 1.0)


def test_a_gold_answer_in_too_long_an_answer_does_not_count_as_short() -> None:
    said = Answered(
        query_id="q",
        is_answerable=True,
        is_answered=True,
        confidence=0.5,
        words=61,
        is_gold_said=True,
        is_gold_there=False,
    )

    figures = figures_of([said])

    assert (figures.gold_said, figures.gold_said_short, figures.gold_there) == (1, 0, 0)

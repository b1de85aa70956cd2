"""Questions are asked in turn, with what was said before."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

from assistant.core.events import EventBody, Outcome, Retrieval, TextDelta, TurnCompleted
from assistant.core.passages import Passage
from assistant.core.turns import PastTurn, Turn
from eval.questions import Expectation, Kind, Question, QuestionSet, Say, Step
from eval.supported_asking import ask_all
from tests.eval.supported_builders import ANSWERED, ROBOTS, citation

NOW = datetime(2026, 3, 6, 12, tzinfo=UTC)
SAID = "Acme bought 300 robots."


class ScriptedAnswerer:
    """Says the same to everything and keeps the turns it was given."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []

    async def answer(self, turn: Turn, question: str) -> AsyncIterator[EventBody]:
        self.turns.append(turn)
        yield Retrieval(query=question, filters={}, passages=(ROBOTS.as_ref(),), elapsed_ms=1.0)
        yield TextDelta(text=SAID[:10])
        yield TextDelta(text=SAID[10:])
        yield citation(SAID, SAID)
        yield TurnCompleted(
            outcome=Outcome.ANSWERED, state={"asked": question}, usage={}, elapsed_ms=1.0
        )


class OneBriefing:
    """Knows the robots."""

    async def briefing(self, briefing_id: str) -> tuple[Passage, ...]:
        return (ROBOTS,) if briefing_id == ROBOTS.briefing_id else ()


def question(*messages: str, cites: frozenset[str] = frozenset()) -> Question:
    expect = Expectation(outcomes=ANSWERED, cites=cites)
    steps = tuple(Step(action=Say(message=each), expect=expect) for each in messages)
    return Question(id="follow-robots", kind=Kind.MULTI_TURN, steps=steps, note="300")


async def test_a_follow_up_gets_history_and_state_and_a_question_starts_anew():
    answerer, done = ScriptedAnswerer(), []
    asked = question("How many robots?", "And who sold them?", cites=frozenset({"post-robots"}))
    questions = QuestionSet(name="tiny", description="", now=None, questions=(asked, asked))
    turns = await ask_all(questions, answerer, OneBriefing(), NOW, lambda: done.append(1))
    first, second, anew, _ = answerer.turns
    assert (first.history, first.state, first.now) == ((), {}, NOW)
    assert second.state == {"asked": "How many robots?"}
    assert second.history == (
        PastTurn(
            message="How many robots?",
            answer=SAID,
            briefing_ids=("post-robots",),
            outcome="answered",
        ),
    )
    assert (anew.history, anew.state) == ((), {})
    assert len(done) == 2
    assert [turn.place for turn in turns[:2]] == ["follow-robots#1", "follow-robots#2"]


async def test_a_turn_holds_what_was_said_cited_and_expected():
    questions = QuestionSet(
        name="tiny",
        description="",
        now=None,
        questions=(question("How many robots?", cites=frozenset({"post-robots"})),),
    )
    (turn,) = await ask_all(questions, ScriptedAnswerer(), OneBriefing(), NOW)
    assert (turn.answer, turn.outcome, turn.note) == (SAID, Outcome.ANSWERED, "300")
    assert turn.citations == (citation(SAID, SAID),)
    assert turn.retrieved == ("post-robots",)
    assert turn.passages == {ROBOTS.chunk_id: ROBOTS}
    assert ROBOTS.text in turn.expected_text
    assert "5 March 2026" in turn.expected_text

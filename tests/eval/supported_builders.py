"""Builds turns over posts for the tests of what supports them."""

from __future__ import annotations

from datetime import date

from assistant.core.events import Citation, Outcome
from assistant.core.passages import Passage
from eval.questions import Expectation
from eval.supported import AskedTurn
from eval.supported_figures import JudgedTurn

ROBOTS = Passage(
    chunk_id="robots:0",
    briefing_id="post-robots",
    title="Acme buys robots",
    path="/briefings/acme-buys-robots",
    date=date(2026, 3, 5),
    category="Robotics",
    section="News",
    sentiment="neutral",
    source_name="Example Press",
    source_url="https://example.org/robots",
    text="Acme bought 300 robots from Figure in October 2025. They sort parcels in Utrecht.",
    score=1.0,
    similarity=0.9,
)
ANSWERED = frozenset({Outcome.ANSWERED})


def citation(answer: str, span: str, quote: str = "") -> Citation:
    """A citation of the robots for a part of an answer."""
    start = answer.index(span)
    return Citation(
        number=1,
        start=start,
        end=start + len(span),
        chunk_id=ROBOTS.chunk_id,
        briefing_id=ROBOTS.briefing_id,
        title=ROBOTS.title,
        path=ROBOTS.path,
        date=ROBOTS.date.isoformat(),
        source_name=ROBOTS.source_name,
        source_url=ROBOTS.source_url,
        quote=quote or span,
    )


def asked(
    answer: str,
    *spans: str,
    question_id: str = "who-sold-robots",
    message: str = "Who sold robots to Acme?",
    expect: Expectation | None = None,
    outcome: Outcome = Outcome.ANSWERED,
    retrieved: tuple[str, ...] = ("post-robots",),
) -> AskedTurn:
    """A turn whose answer cites the robots for some of its parts."""
    return AskedTurn(
        question_id=question_id,
        step=0,
        message=message,
        expect=expect
        or Expectation(
            outcomes=ANSWERED, cites=frozenset({"post-robots"}), contains=(("Figure",),)
        ),
        outcome=outcome,
        answer=answer,
        citations=tuple(citation(answer, span) for span in spans),
        retrieved=retrieved,
        passages={ROBOTS.chunk_id: ROBOTS},
        expected_text=ROBOTS.text,
    )


def unjudged(turn: AskedTurn) -> JudgedTurn:
    """A turn without sentences."""
    return JudgedTurn(turn=turn, sentences=())

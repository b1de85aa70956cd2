"""Owns the AnswerSentence: a sentence of a passage as it is said, and the place it was taken from.

It is a whole sentence, at most freed of the connective that tied it to the one before, or with the
name of what it only points at; what was changed has to be grounded. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass

from assistant.core.grounding import Support, check_sentence, read_passage
from assistant.core.passages import Passage
from assistant.core.references import with_subject_named
from assistant.core.scoring import ScoredSentence
from assistant.core.sentences import Sentence, condense


@dataclass(frozen=True, kw_only=True)
class AnswerSentence:
    """One sentence of an answer and what supports it."""

    text: str
    support: Support
    score: float = 0.0


def supported_sentence(
    sentence: Sentence, candidate: ScoredSentence, number: int
) -> AnswerSentence | None:
    """A sentence with the place it was taken from; what was changed of it has to be grounded.

    Args:
        sentence: as it stands.
        candidate: what is known of it.
        number: its place in a run of sentences; the first is freed of its connective.
    """
    text = condense(sentence.text) if number == 0 else sentence.text
    if sentence.is_lead_in:
        text = text.removesuffix(":") + "."
    if text != sentence.text and check_sentence(text, [candidate.passage]) is None:
        return None
    exact = exact_support(sentence, candidate.passage)
    return AnswerSentence(text=text, support=exact, score=candidate.score)


def with_its_subject(candidate: ScoredSentence) -> AnswerSentence | None:
    """The sentence with the name of "The company" that it speaks of, where that is grounded."""
    if candidate.position == 0:
        return None
    before = read_passage(candidate.passage)[candidate.position - 1]
    text = with_subject_named(before.text, candidate.sentence.text)
    if not text or check_sentence(text, [candidate.passage]) is None:
        return None
    exact = exact_support(candidate.sentence, candidate.passage)
    return AnswerSentence(text=text, support=exact, score=candidate.score)


def exact_support(sentence: Sentence, passage: Passage) -> Support:
    """The support of a sentence that is taken as it stands."""
    return Support(
        passage=passage, start=sentence.start, end=sentence.end, quote=sentence.text, score=1.0
    )

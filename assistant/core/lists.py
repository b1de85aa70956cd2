"""Owns lists of a passage that answer as they stand: what announces them, and their items. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.core.extraction import AnswerSentence, exact_support
from assistant.core.grounding import read_passage
from assistant.core.reading import Question
from assistant.core.scoring import ScoredSentence
from assistant.core.sentences import Sentence, condense
from assistant.core.terms import content_terms

_LONGEST_ITEM_WORDS = 40
_MOST_ITEMS = 8
_FEWEST_ITEMS = 2


@dataclass(frozen=True, kw_only=True)
class AnswerList:
    """A list of a passage: what announces it, and its items."""

    lead_in: AnswerSentence
    items: tuple[AnswerSentence, ...]


def choose_list(question: Question, scored: Sequence[ScoredSentence]) -> AnswerList | None:
    """The list that answers: the one announced or held by the best passage, if it has one.

    Args:
        question: what is asked.
        scored: from `score_sentences`.
    """
    best = scored[0] if scored else None
    if best is None:
        return None
    for place, sentence in enumerate(read_passage(best.passage)):
        if not sentence.is_lead_in or not content_terms(sentence.text):
            continue
        found = _list_after(best, place)
        covered = question.coverage(
            frozenset(content_terms(f"{sentence.text} {best.passage.title}"))
        )
        if found and covered >= _LEAST_LIST_COVERAGE:
            return found
    return None


_LEAST_LIST_COVERAGE = 0.5


def _list_after(best: ScoredSentence, place: int) -> AnswerList | None:
    sentences = read_passage(best.passage)
    items: list[AnswerSentence] = []
    for sentence in sentences[place + 1 :]:
        too_long = len(sentence.text.split()) > _LONGEST_ITEM_WORDS
        same_line = bool(items) and sentence.paragraph == _line_of(sentences, items[-1])
        if too_long or same_line or len(items) == _MOST_ITEMS:
            break
        support = exact_support(sentence, best.passage)
        items.append(AnswerSentence(text=sentence.text, support=support, score=best.score))
    if len(items) < _FEWEST_ITEMS:
        return None
    lead_in = sentences[place]
    announced = AnswerSentence(
        text=condense(lead_in.text), support=exact_support(lead_in, best.passage), score=best.score
    )
    return AnswerList(lead_in=announced, items=tuple(items))


def _line_of(sentences: Sequence[Sentence], item: AnswerSentence) -> int:
    return next(s.paragraph for s in sentences if s.start == item.support.start)

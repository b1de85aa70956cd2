"""Owns scoring the sentences of passages by how well they answer a question. Pure; no model.

Does not own choosing among them (`extraction.py`) or whether to answer (`abstention.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from assistant.core.facts import facts_of
from assistant.core.grounding import read_passage
from assistant.core.passages import Passage
from assistant.core.question_types import QuestionType
from assistant.core.sentences import Sentence
from assistant.core.terms import content_terms, fold, name_words

Similarities = Callable[[Sequence[str]], Sequence[float]]
"""Cosine similarity of each sentence to the question."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question, read for answering."""

    text: str
    """Rewritten to stand alone."""
    kind: QuestionType
    weights: Mapping[str, float]
    """How telling each of its content terms is, in (0, 1]."""

    def coverage(self, held: frozenset[str] | set[str]) -> float:
        """Weighted share of the question's content terms among `held`; 1 when it has none."""
        total = sum(self.weights.values())
        if not total:
            return 1.0
        return sum(weight for term, weight in self.weights.items() if term in held) / total


@dataclass(frozen=True, kw_only=True)
class ScoredSentence:
    """A sentence of a passage with how well it answers."""

    passage: Passage
    position: int
    """Which sentence of the passage."""
    sentence: Sentence
    score: float
    similarity: float
    coverage: float
    """Weighted share of the question's terms in the sentence and its briefing's title."""
    has_answer_type: bool


_CAUSE = re.compile(
    r"\b(?:because|since|due to|owing to|thanks to|after|following|caused|causes|reason|so that|"
    r"led to|result(?:s|ed)? (?:of|from|in)|in order to|blam\w+|in response to|amid|therefore|"
    r"as a)\b"
)
_DATE = re.compile(
    r"\b(?:january|february|march|april|may|june|july|august|september|october|november|december|"
    r"monday|tuesday|wednesday|thursday|friday|saturday|sunday|(?:19|20)\d\d|spring|summer|autumn|"
    r"winter|week|month|year|today|yesterday|day)\b"
)
_DEFINING = re.compile(r"\b(?:is|are|was|were|means|refers to|called|known as)\b")
_MANNER = re.compile(r"\b(?:by|using|with|through|via|works?|steps?|first|then)\b")
_PLACE = re.compile(r"\b(?:in|at|near|from|to|across) [A-Z]")


def _has_answer_type(question: Question, sentence: str) -> bool:
    """Whether a sentence has what the kind of question asks for."""
    folded = fold(sentence)
    match question.kind:
        case QuestionType.HOW_MUCH:
            facts = facts_of(sentence)
            return bool((facts.numbers | facts.small) - _numbers_asked(question))
        case QuestionType.WHEN:
            return _DATE.search(folded) is not None
        case QuestionType.WHO:
            asked = {fold(name) for name in name_words(question.text)}
            return any(fold(name) not in asked for name in name_words(f". {sentence}"))
        case QuestionType.WHERE:
            return _PLACE.search(sentence) is not None
        case QuestionType.WHY:
            return _CAUSE.search(folded) is not None
        case QuestionType.HOW:
            return _MANNER.search(folded) is not None
        case QuestionType.DEFINITION:
            return _DEFINING.search(folded) is not None
        case _:
            return False


def _numbers_asked(question: Question) -> frozenset[object]:
    facts = facts_of(question.text)
    return frozenset(facts.numbers | facts.small)


_NAME_PENALTY = 0.3
"""For each name of the question (at most two) that neither sentence nor title holds, when other
passages do hold it."""
_TYPE_BONUS: Mapping[QuestionType, float] = {
    QuestionType.HOW_MUCH: 0.22,
    QuestionType.WHEN: 0.15,
    QuestionType.WHO: 0.08,
    QuestionType.WHERE: 0.08,
    QuestionType.WHY: 0.12,
    QuestionType.HOW: 0.05,
    QuestionType.DEFINITION: 0.08,
}
_COVERAGE_WEIGHT = 0.35
_PASSAGE_WEIGHT = 0.5
_LONG_WORDS = 45
_SHORT_WORDS = 4


def score_sentences(
    question: Question, passages: Sequence[Passage], similarities: Similarities
) -> tuple[ScoredSentence, ...]:
    """Every quotable sentence of the passages with its score, best first.

    The score adds similarity to the question, the share of its terms that sentence and title
    cover, whether the asked kind of thing is there (a number, a date, a cause…), and how well the
    whole passage was ranked.
    """
    places = [
        (passage, position, sentence)
        for passage in passages
        for position, sentence in enumerate(read_passage(passage))
    ]
    if not places:
        return ()
    near = similarities([sentence.text for _, _, sentence in places])
    top = max(passage.score for passage in passages)
    names = _known_names(question, passages)
    scored = [
        _scored(question, passage, position, sentence, float(similarity), top, names)
        for (passage, position, sentence), similarity in zip(places, near, strict=True)
        if is_quotable(sentence)
    ]
    return tuple(sorted(scored, key=lambda found: -found.score))


def _scored(
    question: Question,
    passage: Passage,
    position: int,
    sentence: Sentence,
    similarity: float,
    top: float,
    names: frozenset[str],
) -> ScoredSentence:
    held = frozenset(content_terms(f"{sentence.text} {passage.title}"))
    own = question.coverage(frozenset(content_terms(sentence.text)))
    coverage = question.coverage(held)
    has_type = _has_answer_type(question, sentence.text)
    score = (
        similarity
        + _COVERAGE_WEIGHT * (0.6 * own + 0.4 * coverage)
        + (_TYPE_BONUS.get(question.kind, 0.0) if has_type else 0.0)
        - _PASSAGE_WEIGHT * (top - passage.score)
        - _NAME_PENALTY * min(2, len(names - held))
        - _length_penalty(sentence.text)
    )
    return ScoredSentence(
        passage=passage,
        position=position,
        sentence=sentence,
        score=score,
        similarity=similarity,
        coverage=coverage,
        has_answer_type=has_type,
    )


def _known_names(question: Question, passages: Sequence[Passage]) -> frozenset[str]:
    """Stems of the question's names that some passage holds; a summary is bound to none."""
    if question.kind is QuestionType.ABOUT:
        return frozenset()
    asked = frozenset(term for name in name_words(question.text) for term in content_terms(name))
    held = content_terms(" ".join(f"{passage.title} {passage.text}" for passage in passages))
    return asked & frozenset(held)


def _length_penalty(text: str) -> float:
    length = len(text.split())
    return 0.004 * max(0, length - _LONG_WORDS) + 0.03 * max(0, 7 - length)


def is_quotable(sentence: Sentence) -> bool:
    """Whether a sentence states something that can be read alone."""
    text = sentence.text
    if len(text.split()) < _SHORT_WORDS or text.endswith("?") or sentence.is_lead_in:
        return False
    letters = sum(character.isalpha() for character in text)
    return letters >= 0.5 * len(text) and bool(content_terms(text))


_MOST_COMPARED = 24


def sentence_texts(passages: Sequence[Passage]) -> list[str]:
    """The distinct sentences of passages."""
    return list(dict.fromkeys(s.text for passage in passages for s in read_passage(passage)))


def sentences_to_compare(question: Question, passages: Sequence[Passage]) -> list[str]:
    """The sentences whose meaning is compared: all, or those that share most with the question.

    Embedding is what takes time when sentences are new, so the number of them is bounded.
    """
    texts = sentence_texts(passages)
    if len(texts) <= _MOST_COMPARED:
        return texts
    first = set(sentence_texts(passages[:1])[: _MOST_COMPARED // 2])
    ranked = sorted(
        texts,
        key=lambda text: (text not in first, -question.coverage(frozenset(content_terms(text)))),
    )
    return ranked[:_MOST_COMPARED]

"""Owns scoring the sentences of passages by how well they answer a question. Pure; no model.

Does not own choosing among them (`extraction.py`) or whether to answer (`abstention.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from assistant.core.asked_values import Asked, asked_value, has_value, value_is_near
from assistant.core.equivalents import is_held
from assistant.core.facts import facts_of
from assistant.core.grounding import read_passage
from assistant.core.passages import Passage
from assistant.core.question_types import QuestionType
from assistant.core.sentences import Sentence
from assistant.core.telling import names_another_version
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
    focus: frozenset[str] = frozenset()
    """Stems that a follow-up puts in the place of others: "and for companies?"."""

    @cached_property
    def asked(self) -> Asked:
        """The value it asks for."""
        return asked_value(self.text, self.kind)

    @cached_property
    def names(self) -> frozenset[str]:
        """Stems of its names."""
        names = name_words(self.text)
        return frozenset(term for name in names for term in content_terms(name))

    def literal_coverage(self, held: frozenset[str] | set[str]) -> float:
        """Like `coverage`, of the very words of the question."""
        total = sum(self.weights.values())
        if not total:
            return 1.0
        return sum(weight for term, weight in self.weights.items() if term in held) / total

    @property
    def rarest(self) -> str:
        """The stem that tells most."""
        return max(
            self.weights, key=lambda term: (self.weights[term], term in self.names), default=""
        )

    def coverage(self, held: frozenset[str] | set[str]) -> float:
        """Weighted share of the question's content terms among `held`; 1 when it has none."""
        total = sum(self.weights.values())
        if not total:
            return 1.0
        return sum(weight for term, weight in self.weights.items() if is_held(term, held)) / total


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
    own: float = 0.0
    """Weighted share of the question's terms in the sentence alone."""


_CAUSE = re.compile(
    r"\b(?:because|due to|owing to|thanks to|caused?|causes|reasons?|so that|led to|triggered|"
    r"traced|result(?:s|ed)? (?:of|from)|in order to|blam\w+|in response to|therefore|argued?|"
    r"argues|justif\w+|explains?)\b"
)
_DEFINING = re.compile(r"\b(?:is|are|was|were|means|refers to|called|known as)\b")
_MANNER = re.compile(r"\b(?:by|using|with|through|via|works?|steps?|first|then)\b")
_PLACE = re.compile(r"\b(?:in|at|near|from|to|across) [A-Z]")


def _has_answer_type(question: Question, sentence: str) -> bool:
    """Whether a sentence has what the kind of question asks for."""
    folded = fold(sentence)
    if question.asked.value is not None:
        return has_value(question.asked, sentence, question.text)
    match question.kind:
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


_NAME_PENALTY = 0.3
"""For each name of the question (at most two) that nothing of the briefing holds, when another
does."""
_TYPE_BONUS: Mapping[QuestionType, float] = {
    QuestionType.HOW_MUCH: 0.25,
    QuestionType.WHEN: 0.18,
    QuestionType.WHO: 0.22,
    QuestionType.WHERE: 0.08,
    QuestionType.WHY: 0.2,
    QuestionType.HOW: 0.05,
    QuestionType.DEFINITION: 0.08,
}
_FAR_NAME_PENALTY = 0.1
"""The same where another sentence of the briefing holds the name."""
_RAREST_BONUS = 0.3
_RAREST_IN_TITLE_BONUS = 0.15
"""For the word that tells most, beside a value of the asked kind."""
_AFTER_BONUS = 0.14
"""For what came before, when a cause is asked for: "after", "amid"."""
_NEAR_BONUS = 0.08
"""For a value that stands near what it is asked of."""
_HEADLINE_BONUS = 0.08
"""For a number that the title has, too: it is what the briefing is about."""
_FOCUS_BONUS = 0.25
_OTHER_VERSION = 0.3
_CONTEXT_SHARE = 0.7
"""How near a sentence with the asked value is at least, as a share of its passage: "Only six
finished" says little alone."""
_DEFINED_IN_TITLE = 0.2
_DUTY_BONUS = 0.3
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
    missing = _missing_names(names, passages)
    scored = [
        _scored(
            question,
            passage,
            position,
            sentence,
            float(similarity),
            top,
            _Names(asked=names, missing=missing[passage.briefing_id]),
        )
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
    names: _Names,
) -> ScoredSentence:
    held = frozenset(content_terms(f"{sentence.text} {passage.title}"))
    own = question.coverage(frozenset(content_terms(sentence.text)))
    coverage = question.coverage(held)
    has_type = _has_answer_type(question, sentence.text)
    near = max(similarity, _CONTEXT_SHARE * passage.similarity) if has_type else similarity
    score = (
        near
        + _COVERAGE_WEIGHT * (0.6 * own + 0.4 * coverage)
        + (_type_bonus(question, sentence.text, passage.title) if has_type else 0.0)
        + (_FOCUS_BONUS if question.focus and question.focus <= held else 0.0)
        + _kind_bonus(question, sentence.text, passage)
        - _PASSAGE_WEIGHT * (top - passage.score)
        + (_rarest_bonus(question, sentence.text, held) if has_type else 0.0)
        - _NAME_PENALTY * min(2, len(names.missing))
        - _far_penalty(question) * min(2, len(names.asked - names.missing - held))
        - (_OTHER_VERSION if names_another_version(question.text, sentence.text) else 0.0)
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
        own=question.literal_coverage(frozenset(content_terms(sentence.text))),
    )


_ASKS_DUTY = re.compile(
    r"\bwhat\b.*\b(?:demand|require|ask|oblige|expect|have to|has to|must|should (?:i|we|you))"
    r"\w*\b",
    re.IGNORECASE,
)
_AFTER = re.compile(r"\b(?:after|following|since|amid)\b")
_DUTY = re.compile(r"\b(?:must|have to|has to|required to|obliges?|may not|duty|duties)\b")


def _kind_bonus(question: Question, sentence: str, passage: Passage) -> float:
    """What speaks for a sentence by the kind of question, beyond a value."""
    if question.kind is QuestionType.DEFINITION:
        return _DEFINED_IN_TITLE * question.coverage(frozenset(content_terms(passage.title)))
    if question.kind is QuestionType.WHY and _AFTER.search(sentence):
        return _AFTER_BONUS
    if _ASKS_DUTY.search(question.text) and _DUTY.search(sentence):
        return _DUTY_BONUS
    return 0.0


def _type_bonus(question: Question, sentence: str, title: str) -> float:
    bonus = _TYPE_BONUS.get(question.kind, 0.15 if question.asked.value else 0.0)
    if value_is_near(question.asked, sentence, frozenset(question.weights) - question.names):
        bonus += _NEAR_BONUS
    if question.asked.value and not facts_of(title).numbers.isdisjoint(
        facts_of(sentence).numbers - facts_of(question.text).numbers
    ):
        bonus += _HEADLINE_BONUS
    return bonus


def _rarest_bonus(question: Question, sentence: str, held: frozenset[str]) -> float:
    if is_held(question.rarest, frozenset(content_terms(sentence))):
        return _RAREST_BONUS
    return _RAREST_IN_TITLE_BONUS if is_held(question.rarest, held) else 0.0


def _far_penalty(question: Question) -> float:
    """A value is of whom its sentence names; what is told may name him earlier."""
    return _NAME_PENALTY if question.asked.value else _FAR_NAME_PENALTY


@dataclass(frozen=True, kw_only=True)
class _Names:
    asked: frozenset[str]
    missing: frozenset[str]
    """Those that nothing read of the sentence's briefing holds."""


def _missing_names(names: frozenset[str], passages: Sequence[Passage]) -> dict[str, frozenset[str]]:
    held: dict[str, set[str]] = {}
    for passage in passages:
        said = held.setdefault(passage.briefing_id, set())
        said.update(content_terms(f"{passage.title} {passage.text}"))
    return {briefing_id: names - said for briefing_id, said in held.items()}


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

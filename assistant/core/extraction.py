"""Owns choosing the sentences that answer a question, by its kind. Pure; no model.

Every sentence is a whole sentence of a passage, at most freed of the connective that tied it to
the one before, so numbers and names are exact by construction. Does not own finding passages
(`retrieval/`), whether to answer at all (`abstention.py`) or the layout (`composition.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from assistant.core.facts import facts_of
from assistant.core.grounding import Support, check_sentence, read_passage
from assistant.core.passages import Passage
from assistant.core.question_types import QuestionType
from assistant.core.sentences import Sentence, condense, needs_antecedent
from assistant.core.terms import content_terms, fold, name_words, words

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


@dataclass(frozen=True, kw_only=True)
class AnswerSentence:
    """One sentence of an answer and what supports it."""

    text: str
    support: Support
    score: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Budget:
    """How long an answer may be."""

    sentences: int = 3
    words: int = 60
    least_share: float = 0.72
    """Score of a further sentence as a share of the best one's."""


_BUDGETS: Mapping[QuestionType, Budget] = {
    QuestionType.ABOUT: Budget(sentences=4, words=110, least_share=0.5),
    QuestionType.LIST: Budget(sentences=4, words=90, least_share=0.65),
    QuestionType.COMPARE: Budget(sentences=4, words=100, least_share=0.6),
    QuestionType.WHY: Budget(sentences=3, words=75, least_share=0.68),
    QuestionType.HOW: Budget(sentences=3, words=75, least_share=0.68),
    QuestionType.WHEN: Budget(sentences=2, words=50, least_share=0.8),
    QuestionType.WHO: Budget(sentences=2, words=55, least_share=0.8),
    QuestionType.HOW_MUCH: Budget(sentences=2, words=55, least_share=0.8),
}


def budget_of(kind: QuestionType) -> Budget:
    """How long an answer of a kind may be."""
    return _BUDGETS.get(kind, Budget())


_CAUSE = re.compile(
    r"\b(?:because|since|due to|owing to|thanks to|after|following|caused|causes|reason|so that|"
    r"led to|result(?:s|ed)? (?:of|from|in)|in order to|blam\w+|in response to|amid|therefore|as a)\b"
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
        if _is_quotable(sentence)
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
    """Stems of the question's names that some passage holds."""
    asked = frozenset(term for name in name_words(question.text) for term in content_terms(name))
    held = content_terms(" ".join(f"{passage.title} {passage.text}" for passage in passages))
    return asked & frozenset(held)


def _length_penalty(text: str) -> float:
    length = len(text.split())
    return 0.004 * max(0, length - _LONG_WORDS) + 0.03 * max(0, 7 - length)


def _is_quotable(sentence: Sentence) -> bool:
    text = sentence.text
    if len(text.split()) < _SHORT_WORDS or text.endswith("?") or sentence.is_lead_in:
        return False
    letters = sum(character.isalpha() for character in text)
    return letters >= 0.5 * len(text) and bool(content_terms(text))


def choose_sentences(
    question: Question,
    scored: Sequence[ScoredSentence],
    *,
    said: frozenset[str] = frozenset(),
    budget: Budget | None = None,
) -> tuple[AnswerSentence, ...]:
    """The sentences of the answer: the best first, or in reading order where they tell a story.

    Args:
        question: what is asked.
        scored: from `score_sentences`.
        said: sentences (folded) that the visitor has read before.
        budget: how long the answer may be; by the kind of question when None.
    """
    limits = budget or budget_of(question.kind)
    chosen: list[_Choice] = []
    for candidate in scored:
        if len(chosen) == limits.sentences:
            break
        if chosen and candidate.score < limits.least_share * chosen[0].candidate.score:
            break
        if chosen and _is_far(candidate, chosen[0].candidate, question.kind):
            continue
        choice = _choice(candidate, said)
        if choice and _fits(choice, chosen, limits):
            chosen.append(choice)
    if question.kind in _BEST_FIRST:
        return tuple(answer for choice in chosen for answer in choice.answers)
    return _in_reading_order(chosen)


@dataclass(frozen=True, kw_only=True)
class _Choice:
    candidate: ScoredSentence
    first: int
    """First sentence taken, for the antecedent."""
    answers: tuple[AnswerSentence, ...]
    marks: frozenset[str] = field(default_factory=frozenset)

    @property
    def words(self) -> int:
        return sum(len(answer.text.split()) for answer in self.answers)


_REACH = 2
"""Sentences taken along at most so that "It" and "They" have something to point at."""


def _choice(candidate: ScoredSentence, said: frozenset[str]) -> _Choice | None:
    sentences = read_passage(candidate.passage)
    first = candidate.position
    while needs_antecedent(sentences[first].text) and candidate.position - first < _REACH:
        if first == 0:
            break
        first -= 1
    if needs_antecedent(sentences[first].text) and first > 0:
        return None
    span = sentences[first : candidate.position + 1]
    if fold(candidate.sentence.text) in said:
        return None
    answers = [_supported(sentence, candidate, number) for number, sentence in enumerate(span)]
    if any(answer is None for answer in answers):
        return None
    marks = frozenset(content_terms(" ".join(sentence.text for sentence in span)))
    return _Choice(
        candidate=candidate,
        first=first,
        answers=tuple(answer for answer in answers if answer is not None),
        marks=marks,
    )


def _supported(sentence: Sentence, candidate: ScoredSentence, number: int) -> AnswerSentence | None:
    """A sentence with the place it was taken from, if the grounding check agrees."""
    text = condense(sentence.text) if number == 0 else sentence.text
    if sentence.is_lead_in:
        text = text.removesuffix(":") + "."
    if check_sentence(text, [candidate.passage]) is None:
        return None
    exact = _exact(sentence, candidate.passage)
    return AnswerSentence(text=text, support=exact, score=candidate.score)


_BEST_FIRST = frozenset(
    {QuestionType.HOW_MUCH, QuestionType.WHEN, QuestionType.WHO, QuestionType.WHERE}
)
"""Kinds whose answer is one thing, which is said before what explains it."""
_FOREIGN_SHARE = 0.85
_GATHERING = frozenset({QuestionType.LIST, QuestionType.COMPARE, QuestionType.OPEN})


def _is_far(candidate: ScoredSentence, best: ScoredSentence, kind: QuestionType) -> bool:
    """Whether a sentence of another briefing is too weak to be set beside the best one."""
    if candidate.passage.briefing_id == best.passage.briefing_id or kind in _GATHERING:
        return False
    return candidate.score < _FOREIGN_SHARE * best.score


_SAME = 0.75
"""Share of a sentence's terms already said from which it repeats."""


def _fits(choice: _Choice, chosen: Sequence[_Choice], limits: Budget) -> bool:
    if any(_overlaps(choice, other) for other in chosen):
        return False
    if not chosen:
        return True
    used = sum(other.words for other in chosen)
    sentences = sum(len(other.answers) for other in chosen) + len(choice.answers)
    return used + choice.words <= limits.words and sentences <= limits.sentences + 1


def _overlaps(choice: _Choice, other: _Choice) -> bool:
    same_passage = choice.candidate.passage.chunk_id == other.candidate.passage.chunk_id
    if same_passage and not (
        choice.candidate.position < other.first or other.candidate.position < choice.first
    ):
        return True
    numbers = _numbers(choice)
    if numbers and not same_passage and numbers <= _numbers(other):
        return True
    smaller = min(len(choice.marks), len(other.marks))
    return smaller > 0 and len(choice.marks & other.marks) >= _SAME * smaller


def _numbers(choice: _Choice) -> frozenset[object]:
    return frozenset(facts_of(" ".join(answer.text for answer in choice.answers)).numbers)


def _in_reading_order(chosen: Sequence[_Choice]) -> tuple[AnswerSentence, ...]:
    order: dict[str, int] = {}
    for choice in chosen:
        order.setdefault(choice.candidate.passage.briefing_id, len(order))
    ranked = sorted(
        chosen,
        key=lambda choice: (
            order[choice.candidate.passage.briefing_id],
            _ordinal(choice.candidate.passage),
            choice.first,
        ),
    )
    return tuple(answer for choice in ranked for answer in choice.answers)


def _ordinal(passage: Passage) -> int:
    """Place of a chunk in its briefing, as its id says (`<briefing>:<ordinal>:<hash>`)."""
    part = passage.chunk_id.removeprefix(f"{passage.briefing_id}:").split(":")[0]
    return int(part) if part.isdigit() else 0


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
        support = _exact(sentence, best.passage)
        items.append(AnswerSentence(text=sentence.text, support=support, score=best.score))
    if len(items) < _FEWEST_ITEMS:
        return None
    lead_in = sentences[place]
    announced = AnswerSentence(
        text=condense(lead_in.text), support=_exact(lead_in, best.passage), score=best.score
    )
    return AnswerList(lead_in=announced, items=tuple(items))


def _line_of(sentences: Sequence[Sentence], item: AnswerSentence) -> int:
    return next(s.paragraph for s in sentences if s.start == item.support.start)


def _exact(sentence: Sentence, passage: Passage) -> Support:
    """The support of a sentence that is taken as it stands."""
    return Support(
        passage=passage, start=sentence.start, end=sentence.end, quote=sentence.text, score=1.0
    )


def lead_sentences(
    passages: Sequence[Passage], *, count: int, most_words: int = 45
) -> tuple[AnswerSentence, ...]:
    """The first sentences of a briefing that can stand alone, for summaries and digests.

    Args:
        passages: chunks of one briefing in reading order.
        count: sentences wanted.
        most_words: words in all, unless the first sentence alone has more.
    """
    found: list[AnswerSentence] = []
    used = 0
    for passage in passages:
        for position, sentence in enumerate(read_passage(passage)):
            length = len(sentence.text.split())
            is_first = not found
            if len(found) == count or (not is_first and used + length > most_words):
                return tuple(found)
            if not _is_quotable(sentence) or (
                is_first and needs_antecedent(sentence.text) and position
            ):
                continue
            answer = _lead(passage, position, sentence)
            if answer:
                found.append(answer)
                used += length
    return tuple(found)


def _lead(passage: Passage, position: int, sentence: Sentence) -> AnswerSentence | None:
    candidate = ScoredSentence(
        passage=passage,
        position=position,
        sentence=sentence,
        score=passage.score,
        similarity=passage.similarity,
        coverage=0.0,
        has_answer_type=False,
    )
    return _supported(sentence, candidate, 0)


def said_sentences(text: str) -> frozenset[str]:
    """The sentences of an earlier answer, folded, so that "tell me more" does not repeat them."""
    return frozenset(
        fold(piece.strip())
        for piece in re.split(r"(?<=[.!?…])\s+|\n+", text)
        if len(words(piece)) >= _SHORT_WORDS
    )

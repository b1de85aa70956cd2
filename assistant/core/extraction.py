"""Owns choosing the sentences that answer a question, by its kind. Pure; no model.

Every sentence is a whole sentence of a passage, at most freed of the connective that tied it to
the one before, so numbers and names are exact by construction. Does not own the scores
(`scoring.py`), whether to answer at all (`abstention.py`) or the layout (`composition.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from assistant.core.additions import adds
from assistant.core.asked_values import Value, undated
from assistant.core.facts import facts_of
from assistant.core.features import terms_of
from assistant.core.grounding import read_passage
from assistant.core.openings import could_stand_anywhere
from assistant.core.passages import ordinal_of
from assistant.core.question_types import QuestionType
from assistant.core.quotes import AnswerSentence, supported_sentence, with_its_subject
from assistant.core.reading import Question
from assistant.core.references import leaves_name_to, leaves_thing_to
from assistant.core.scoring import ScoredSentence, is_quotable, probabilities
from assistant.core.sentences import needs_antecedent, points_elsewhere
from assistant.core.terms import fold, words


@dataclass(frozen=True, kw_only=True)
class Budget:
    """How long an answer may be."""

    sentences: int = 3
    words: int = 55
    most_behind: float | None = 2.5
    """How far a further sentence's score may stand behind the best one's; None: any."""
    sure_from: float = 0.97
    """Probability that the answer has been said, from which nothing more is added."""


_GATHERED = 1.1
"""A probability that is never reached: the whole budget is used."""
_BUDGETS: Mapping[QuestionType, Budget] = {
    QuestionType.ABOUT: Budget(sentences=4, words=110, most_behind=3.0, sure_from=_GATHERED),
    QuestionType.LIST: Budget(sentences=4, words=60, most_behind=2.0, sure_from=0.95),
    QuestionType.COMPARE: Budget(sentences=4, words=90, most_behind=2.0, sure_from=_GATHERED),
    QuestionType.WHY: Budget(words=60),
    QuestionType.HOW: Budget(words=60),
}


def is_told(found: ScoredSentence, sentences: Sequence[AnswerSentence]) -> bool:
    """Whether a sentence is among those of an answer."""
    return any(
        told.support.passage.chunk_id == found.passage.chunk_id
        and told.support.start == found.sentence.start
        for told in sentences
    )


def budget_of(kind: QuestionType) -> Budget:
    """How long an answer of a kind may be."""
    return _BUDGETS.get(kind, Budget())


def choose_sentences(
    question: Question,
    scored: Sequence[ScoredSentence],
    *,
    said: frozenset[str] = frozenset(),
    told: Sequence[AnswerSentence] = (),
    budget: Budget | None = None,
) -> tuple[AnswerSentence, ...]:
    """The sentences of the answer: the best first, or in reading order where they tell a story.

    One is added after another until the answer has most likely been said or the budget is used.

    Args:
        question: what is asked.
        scored: from `score_sentences`.
        said: sentences (folded) that the visitor has read before.
        told: what stands before them in the answer, which they must not repeat.
        budget: how long the answer may be; by the kind of question when None.
    """
    limits = budget or _budget(question)
    chosen: list[_Choice] = []
    scored = _in_order_of_worth(question, scored)
    chance_told = 0.0
    before = [terms_of(sentence.text) for sentence in told]
    for candidate, chance in zip(scored, probabilities(scored), strict=True):
        if len(chosen) == limits.sentences or chance_told >= limits.sure_from:
            break
        first = chosen[0].candidate if chosen else None
        if first and _is_weak(candidate, first, limits):
            break
        if first and not _belongs(question, candidate, first, is_free=budget is not None):
            continue
        choice = _choice(candidate, said)
        choice = choice if chosen or budget else _introduced(question, choice, said, limits)
        if choice and not _repeats(choice, before) and _fits(choice, chosen, limits):
            chosen.append(choice)
            chance_told += chance
    if question.kind in _EXPLAINED and budget is None:
        chosen.extend(_continuation(question, chosen, said, limits))
    if question.kind in _TOLD_IN_ORDER:
        return _in_reading_order(chosen)
    return tuple(answer for choice in chosen for answer in choice.answers)


def _budget(question: Question) -> Budget:
    limits = budget_of(question.kind)
    return replace(limits, most_behind=_FOCUSED_BEHIND) if question.focus else limits


_FOCUSED_BEHIND = 4.0
"""How far the score may stand behind where every sentence speaks of what a follow-up put in: the
rest of its question was asked of something else."""


def _in_order_of_worth(
    question: Question, scored: Sequence[ScoredSentence]
) -> Sequence[ScoredSentence]:
    """What is said first where the best sentence has no reason or value of those asked for.

    Reasons and names come before it; values and definitions of its briefing come after it.
    """
    if not scored or scored[0].has_answer_type:
        return scored
    best = scored[0]
    restates = question.kind is QuestionType.WHY and best.own >= _RESTATES
    if restates or question.asked.value is Value.NAME:
        reasons = [
            found
            for found in scored
            if found.has_answer_type
            and found.passage.briefing_id == best.passage.briefing_id
            and found.score >= best.score - _REASON_BEHIND
            and found.coverage >= _REASON_COVERAGE * best.coverage
        ]
        known = {id(found) for found in reasons}
        return [*reasons, *(found for found in scored if id(found) not in known)]
    adding = [
        found
        for found in scored[1:]
        if found.has_answer_type and found.passage.briefing_id == best.passage.briefing_id
    ]
    known = {id(found) for found in adding}
    return [best, *adding, *(found for found in scored[1:] if id(found) not in known)]


def _belongs(
    question: Question, candidate: ScoredSentence, first: ScoredSentence, *, is_free: bool
) -> bool:
    """Whether a sentence belongs to the answer that another one begins."""
    if _is_far(candidate, first, question.kind):
        return False
    return is_free or adds(question, candidate, first)


_RESTATES = 0.5
"""Weighted share of a question that a sentence without a reason says, from which it says no more
than what was asked for the reason of."""
_REASON_BEHIND = 2.0
_REASON_COVERAGE = 0.7
"""How far a reason may stand behind the best sentence of its briefing, and the share of what is
said around that sentence of the question that must be said around it."""
_EXPLAINED = frozenset(
    {QuestionType.DEFINITION, QuestionType.OPEN, QuestionType.WHY, QuestionType.YES_NO}
)
"""Kinds whose answer may go on in the sentence after."""
_SPARSE_WORDS = 32
_SHORT_WORDS = 16
"""A sentence so short mostly names what the next one tells."""


def _continuation(
    question: Question, chosen: Sequence[_Choice], said: frozenset[str], limits: Budget
) -> list[_Choice]:
    """The sentence after the best one, when what was chosen says little."""
    if not chosen or sum(choice.words for choice in chosen) > _SPARSE_WORDS:
        return []
    best = chosen[0].candidate
    sentences = read_passage(best.passage)
    place = best.position + 1
    if place >= len(sentences) or not is_quotable(sentences[place]):
        return []
    if sentences[place].paragraph != best.sentence.paragraph:
        return []
    text = sentences[place].text
    is_short = sum(choice.words for choice in chosen) <= _SHORT_WORDS
    if could_stand_anywhere(text) or not (is_short or _goes_on(question, text)):
        return []
    following = replace(best, position=place, sentence=sentences[place])
    answer = supported_sentence(following.sentence, following, 1)
    if answer is None or fold(following.sentence.text) in said:
        return []
    marks = terms_of(following.sentence.text)
    choice = _Choice(candidate=following, first=place, answers=(answer,), marks=marks)
    return [choice] if _fits(choice, chosen, limits) else []


def _goes_on(question: Question, text: str) -> bool:
    """Whether a sentence goes on with what is asked: it points back at it, or names it again."""
    return needs_antecedent(text) or question.coverage(terms_of(text)) > 0


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


_SHORTEST_WORDS = 4
_REACH = 2
"""Sentences taken along at most so that "It" and "They" have something to point at."""


def _choice(candidate: ScoredSentence, said: frozenset[str]) -> _Choice | None:
    named = with_its_subject(candidate)
    if named and fold(candidate.sentence.text) not in said:
        marks = terms_of(named.text)
        return _Choice(candidate=candidate, first=candidate.position, answers=(named,), marks=marks)
    sentences = read_passage(candidate.passage)
    first = candidate.position
    while needs_antecedent(sentences[first].text) and candidate.position - first < _REACH:
        if first == 0 or points_elsewhere(sentences[first - 1].text):
            break
        first -= 1
    if needs_antecedent(sentences[first].text) and first > 0:
        return None
    span = sentences[first : candidate.position + 1]
    if fold(candidate.sentence.text) in said:
        return None
    answers = [
        supported_sentence(sentence, candidate, number) for number, sentence in enumerate(span)
    ]
    if any(answer is None for answer in answers):
        return None
    marks = frozenset().union(*(terms_of(sentence.text) for sentence in span))
    return _Choice(
        candidate=candidate,
        first=first,
        answers=tuple(answer for answer in answers if answer is not None),
        marks=marks,
    )


_INTRODUCED = frozenset({None, Value.NAME, Value.PLACE})
"""Values that the sentence before may name; a figure stands where it is told."""


def _introduced(
    question: Question, choice: _Choice | None, said: frozenset[str], limits: Budget
) -> _Choice | None:
    """A choice with the sentence before it, where that names what it only points at."""
    if choice is None or choice.first == 0 or question.asked.value not in _INTRODUCED:
        return choice
    sentences = read_passage(choice.candidate.passage)
    before, sentence = sentences[choice.first - 1], sentences[choice.first]
    is_alone = needs_antecedent(before.text) or could_stand_anywhere(before.text)
    if is_alone or not is_quotable(before) or before.paragraph != sentence.paragraph:
        return choice
    if not _leaves_to(question, before.text, sentence.text):
        return choice
    lead = supported_sentence(before, choice.candidate, 0)
    if lead is None or fold(before.text) in said:
        return choice
    longer = replace(
        choice,
        first=choice.first - 1,
        answers=(lead, *choice.answers),
        marks=choice.marks | terms_of(before.text),
    )
    return longer if longer.words <= limits.words else choice


def _leaves_to(question: Question, before: str, sentence: str) -> bool:
    return leaves_name_to(before, sentence, question.text) or leaves_thing_to(
        before, sentence, question.text
    )


_TOLD_IN_ORDER = frozenset(
    {QuestionType.HOW, QuestionType.LIST, QuestionType.COMPARE, QuestionType.ABOUT}
)
"""Kinds whose answer is told as its briefing tells it; of others the answer comes first."""
_FOREIGN_BEHIND = 1.2
"""How far a sentence of another briefing may stand behind the best one."""
_GATHERING = frozenset({QuestionType.LIST, QuestionType.COMPARE})


def _is_weak(candidate: ScoredSentence, best: ScoredSentence, limits: Budget) -> bool:
    return limits.most_behind is not None and candidate.score < best.score - limits.most_behind


def _is_far(candidate: ScoredSentence, best: ScoredSentence, kind: QuestionType) -> bool:
    """Whether a sentence of another briefing is too weak to be set beside the best one."""
    if candidate.passage.briefing_id == best.passage.briefing_id or kind in _GATHERING:
        return False
    return candidate.score < best.score - _FOREIGN_BEHIND


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


def _repeats(choice: _Choice, before: Sequence[frozenset[str]]) -> bool:
    return any(
        len(choice.marks & marks) >= _SAME * min(len(choice.marks), len(marks))
        for marks in before
        if marks and choice.marks
    )


def _overlaps(choice: _Choice, other: _Choice) -> bool:
    same_passage = choice.candidate.passage.chunk_id == other.candidate.passage.chunk_id
    if same_passage and not (
        choice.candidate.position < other.first or other.candidate.position < choice.first
    ):
        return True
    if not same_passage and _retells(choice, other):
        return True
    smaller = min(len(choice.marks), len(other.marks))
    return smaller > 0 and len(choice.marks & other.marks) >= _SAME * smaller


def _retells(choice: _Choice, other: _Choice) -> bool:
    """Whether a choice gives the figures of another and names nobody else."""
    numbers = _numbers(choice)
    if not numbers or not numbers <= _numbers(other):
        return False
    return _named(choice) <= _named(other)


def _named(choice: _Choice) -> frozenset[str]:
    return facts_of(" ".join(answer.text for answer in choice.answers)).names


def _numbers(choice: _Choice) -> frozenset[object]:
    said = " ".join(answer.text for answer in choice.answers)
    return frozenset(facts_of(undated(said)).numbers)


def _in_reading_order(chosen: Sequence[_Choice]) -> tuple[AnswerSentence, ...]:
    order: dict[str, int] = {}
    for choice in chosen:
        order.setdefault(choice.candidate.passage.briefing_id, len(order))
    ranked = sorted(
        chosen,
        key=lambda choice: (
            order[choice.candidate.passage.briefing_id],
            ordinal_of(choice.candidate.passage),
            choice.first,
        ),
    )
    return tuple(answer for choice in ranked for answer in choice.answers)


def said_sentences(text: str) -> frozenset[str]:
    """The sentences of an earlier answer, folded, so that "tell me more" does not repeat them."""
    return frozenset(
        fold(piece.strip())
        for piece in re.split(r"(?<=[.!?…])\s+|\n+", text)
        if len(words(piece)) >= _SHORTEST_WORDS
    )

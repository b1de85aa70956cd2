"""Owns lists of a passage that answer as they stand: what announces them, and their items. Pure.

Briefings keep the items of a list as lines of their own behind a sentence that ends in a colon;
where a list ends is told by its lines, which look alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.core.features import terms_of
from assistant.core.grounding import read_passage
from assistant.core.new_names import new_names
from assistant.core.passages import Passage, ordinal_of
from assistant.core.question_types import QuestionType
from assistant.core.quotes import AnswerSentence, exact_support
from assistant.core.reading import Question
from assistant.core.scoring import ScoredSentence
from assistant.core.sentences import Sentence, condense, points_elsewhere
from assistant.core.terms import content_terms

_LONGEST_ITEM_WORDS = 40
_SHORT_ITEM_WORDS = 6
"""Names and the like, of which a list may hold more."""
_MOST_ITEMS = 8
_MOST_SHORT_ITEMS = 20
_MOST_WORDS = 110
"""Words of all items, from which the rest is left to the briefing."""
_FEWEST_ITEMS = 2
_CONTEXT = 3
"""Sentences before the one that announces a list which tell what it is of."""
_LEAST_COVERAGE = 0.5
_LEAST_ELSEWHERE = 0.75
"""Weighted share of the question around a list of the best briefing, and of others or names."""
_LEAST_OWN = 0.2
_LEAST_ANNOUNCED = 0.15
_POINTS = re.compile(
    r"\b(?:here|these|those|their|below|following|include[sd]?|including|such as|are|were)\b"
)
"""Announces a list of what was spoken of before."""
_REASONS = re.compile(r"\b(?:reasons?|benefits?|advantages?|because|why|motivations?)\b")
"""Announces a list of reasons."""
_TURNS = re.compile(r"\b(?:but|however|though)\W*$", re.IGNORECASE)
"""Announces what stands against what was said before it."""
_UNLIKE = 3
"""How many times as long as the longest item a line is that is no item."""


@dataclass(frozen=True, kw_only=True)
class AnswerList:
    """A list of a passage: what announces it, and its items."""

    lead_in: AnswerSentence
    items: tuple[AnswerSentence, ...]
    is_cut: bool = False
    """Whether the passage has more items than are said."""


_VERBS = (
    r"(?:do|did|are|were|have|had|can|could|will|would|may|might|must|should|does|got|from|in|at|by|"
    r"of|for|that|who|to|\w+ed)"
)
_PLURAL = re.compile(
    r"\bwho (?:are|were|won|got|received|joined)\b"
    rf"|\b(?:which|what) (?:(?!(?:is|was|does|has|this)\b)[\w.'-]+ ){{0,2}}?"
    rf"(?!(?:is|was|does|has|this|news)\b)[\w-]+(?<!s)s {_VERBS}\b"
    r"|\bwhat (?:can|does|do) .{2,60} (?:do|offer|support|include|provide)\W*$"
    r"|\bwhat (?:was|were|is|got|has been|have been) (?:fixed|changed|added|removed|improved)\b"
    r"|\bwhat (?:did|does) .{2,60} (?:fix|change|add|remove|improve)\W*$",
    re.IGNORECASE,
)


def wants_list(question: Question) -> bool:
    """Whether a question asks for several things, which a list may name."""
    if question.kind in {QuestionType.LIST, QuestionType.WHY}:
        return True
    is_open = question.kind in {QuestionType.WHO, QuestionType.OPEN, QuestionType.DEFINITION}
    return is_open and _PLURAL.search(question.text) is not None


def choose_list(
    question: Question, scored: Sequence[ScoredSentence], passages: Sequence[Passage] = ()
) -> AnswerList | None:
    """The list that answers, if one does: announced or held by what was found.

    Args:
        question: what is asked.
        scored: from `score_sentences`, best first.
        passages: all that was read, where a list may go on in the next chunk.
    """
    if not scored:
        return None
    known = {passage.chunk_id: passage for passage in (*passages, *(s.passage for s in scored))}
    fitting = {found.passage.briefing_id for found in scored}
    best: tuple[float, AnswerList] | None = None
    for passage in known.values():
        if passage.briefing_id not in fitting:
            continue
        for worth, found in _lists_of(question, passage, scored[0], tuple(known.values())):
            if best is None or worth > best[0]:
                best = worth, found
    return best[1] if best else None


def _lists_of(
    question: Question, passage: Passage, first: ScoredSentence, passages: Sequence[Passage]
) -> Iterator[tuple[float, AnswerList]]:
    sentences = read_passage(passage)
    is_best = passage.briefing_id == first.passage.briefing_id
    for place, sentence in enumerate(sentences):
        if not sentence.is_lead_in or not content_terms(sentence.text):
            continue
        if _TURNS.search(sentence.text):
            continue
        before = sentences[max(0, place - _CONTEXT) : place + 1]
        around = frozenset().union(*(terms_of(each.text) for each in before))
        own, whole = question.coverage(around), question.coverage(around | terms_of(passage.title))
        is_strict = question.kind is QuestionType.WHO or not is_best
        least = _LEAST_ELSEWHERE if is_strict else _LEAST_COVERAGE
        if whole < least or own < _LEAST_OWN:
            continue
        if question.kind is QuestionType.WHY and not _REASONS.search(sentence.text.lower()):
            continue
        announced = question.coverage(terms_of(sentence.text))
        if announced < _LEAST_ANNOUNCED and not _POINTS.search(sentence.text.lower()):
            continue
        found = _list_after(question, passage, place, passages, first.score)
        if found:
            yield whole + own + announced + is_best, found


def _list_after(
    question: Question, passage: Passage, place: int, passages: Sequence[Passage], score: float
) -> AnswerList | None:
    lines = _lines(passage, place + 1)
    items: list[tuple[Passage, Sentence]] = []
    for line in lines:
        if not _is_item(question, line, items):
            break
        items.append((passage, line[0]))
    if items and len(items) == len(lines) and _are_short(items):
        items.extend(_continued(question, passage, items, passages))
    said = _said_of(items)
    if len(said) < _FEWEST_ITEMS:
        return None
    lead_in = read_passage(passage)[place]
    announced = AnswerSentence(
        text=condense(lead_in.text), support=exact_support(lead_in, passage), score=score
    )
    return AnswerList(
        lead_in=announced,
        items=tuple(
            AnswerSentence(text=item.text, support=exact_support(item, of), score=score)
            for of, item in said
        ),
        is_cut=len(said) < len(items),
    )


def _lines(passage: Passage, place: int) -> list[list[Sentence]]:
    """The sentences from a place on, by the lines they stand on."""
    lines: dict[int, list[Sentence]] = {}
    for sentence in read_passage(passage)[place:]:
        lines.setdefault(sentence.paragraph, []).append(sentence)
    return list(lines.values())


def _is_item(
    question: Question, line: Sequence[Sentence], items: Sequence[tuple[Passage, Sentence]]
) -> bool:
    """Whether a line goes on with a list."""
    text = line[0].text
    length = len(text.split())
    if length > _LONGEST_ITEM_WORDS or line[0].is_lead_in or points_elsewhere(text):
        return False
    if question.kind is QuestionType.WHO:
        is_named = text[:1].isupper() or text.startswith("@")
        return is_named and bool(new_names(f"He is {text}", question.text))
    if not items:
        return True
    mark = _mark(items)
    if mark and not text.startswith(mark):
        return False
    longest = max(len(item.text.split()) for _, item in items)
    if len(line) > 1 and len(items) >= _FEWEST_ITEMS:
        return False
    return length <= _UNLIKE * longest + _SHORT_ITEM_WORDS


_MARK = re.compile(r"[^\W\d_]{2,}(?=-\d)|@")


def _mark(items: Sequence[tuple[Passage, Sentence]]) -> str:
    """What every item begins with, as "CVE" of numbers or the sign before a handle."""
    marks = {found.group() if (found := _MARK.match(i.text)) else "" for _, i in items}
    return marks.pop() if len(items) >= _FEWEST_ITEMS and len(marks) == 1 else ""


def _continued(
    question: Question,
    passage: Passage,
    items: Sequence[tuple[Passage, Sentence]],
    passages: Sequence[Passage],
) -> Iterator[tuple[Passage, Sentence]]:
    """Items that stand in the next chunk of the briefing, where they look like those before."""
    wanted = ordinal_of(passage) + 1
    following = next(
        (
            each
            for each in passages
            if each.briefing_id == passage.briefing_id and ordinal_of(each) == wanted
        ),
        None,
    )
    for line in _lines(following, 0) if following else ():
        is_short = len(line) == 1 and len(line[0].text.split()) <= _SHORT_ITEM_WORDS
        if not is_short or not _is_item(question, line, items):
            return
        yield following, line[0]  # type: ignore[misc]


def _are_short(items: Sequence[tuple[Passage, Sentence]]) -> bool:
    return all(len(item.text.split()) <= _SHORT_ITEM_WORDS for _, item in items)


def _said_of(items: Sequence[tuple[Passage, Sentence]]) -> list[tuple[Passage, Sentence]]:
    """As many items as an answer has room for."""
    most = _MOST_SHORT_ITEMS if _are_short(items) else _MOST_ITEMS
    said: list[tuple[Passage, Sentence]] = []
    used = 0
    for of, item in items[:most]:
        used += len(item.text.split())
        if used > _MOST_WORDS and len(said) >= _FEWEST_ITEMS:
            break
        said.append((of, item))
    return said

"""Owns which sentences may answer at all, and which of several that say different things stands.

Two rules: a sentence must be about what was asked (its briefing holds the telling names, versions
and quarters, and the sentence the kind of value), and what a newer briefing says of the same thing
replaces what an older one said. Pure; does not own the scores (`scoring.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from datetime import date
from decimal import Decimal

from assistant.core.abstention import lacks_subject, text_of
from assistant.core.asked_values import Value, fits_noun, undated
from assistant.core.equivalents import equivalents, is_held
from assistant.core.facts import facts_of
from assistant.core.features import terms_of
from assistant.core.grounding import read_passage
from assistant.core.new_names import new_names
from assistant.core.passages import Passage
from assistant.core.question_types import QuestionType
from assistant.core.reading import Question
from assistant.core.scoring import ScoredSentence
from assistant.core.subjects import has_another_subject, is_role_at_another
from assistant.core.telling import (
    asks_for_newest,
    asks_for_this_moment,
    is_dated,
    lacking_phrases,
    names_another_version,
    years_named,
)
from assistant.core.terms import content_terms, stem

_DEMANDING = frozenset({QuestionType.HOW_MUCH, QuestionType.WHEN})
"""Kinds that are not answered without a value of the asked kind."""
_CONTEXT = 2
"""Sentences before one that may name what it is about."""


def on_subject(
    question: Question, scored: Sequence[ScoredSentence], briefings: Mapping[str, Sequence[Passage]]
) -> tuple[ScoredSentence, ...]:
    """The sentences whose briefing is about what was asked.

    Args:
        question: what is asked.
        scored: from `score_sentences`.
        briefings: every passage of the briefing of a sentence, by its id.
    """
    if asks_for_this_moment(question.text):
        return ()
    fitting = {
        briefing_id
        for briefing_id, passages in briefings.items()
        if not _lacks_telling_phrase(question, passages)
        and (question.focus or not lacks_subject(question, passages))
    }
    return tuple(
        found
        for found in scored
        if found.passage.briefing_id in fitting
        and not names_another_version(question.text, found.sentence.text)
        and not _of_another_year(question, found)
        and _holds_focus(question, found)
    )


_COMMON = 0.45
"""Weight up to which a term is found in so many briefings that it tells none from another."""


def _lacks_telling_phrase(question: Question, passages: Sequence[Passage]) -> bool:
    """Whether passages lack a version or the like that the question asks of.

    What a long question names in passing and many briefings name too, as "Covid-19" in the year of
    the pandemic, is no such thing.
    """
    lacking = lacking_phrases(question.text, *map(text_of, passages))
    return any(question.is_short or not _is_common(question, phrase) for phrase in lacking)


def _is_common(question: Question, phrase: str) -> bool:
    weights = [question.weights.get(term, 0.0) for term in content_terms(phrase)]
    return bool(weights) and max(weights) <= _COMMON


def _of_another_year(question: Question, found: ScoredSentence) -> bool:
    """Whether something is asked of a year, and what is around the sentence names another.

    A figure must not be of another year even where its briefing is of the asked one.
    """
    asked = years_named(question.text)
    if not asked:
        return False
    own = years_named(found.sentence.text)
    titled = years_named(found.passage.title)
    before = read_passage(found.passage)[max(0, found.position - _CONTEXT) : found.position]
    near = titled.union(*(years_named(each.text) for each in before))
    if not asks_figure(question):
        is_told_before = _is_told_before(question, found, min(map(int, asked)))
        return (bool(titled) or is_told_before) and asked.isdisjoint(near | own)
    if titled and asked.isdisjoint(titled) and _only_compares(found.sentence.text, asked):
        return True
    if own or near:
        return asked.isdisjoint(own or near)
    published = found.passage.date.year
    return not any(int(year) in {published, published - 1} for year in asked)


def _only_compares(sentence: str, years: Set[str]) -> bool:
    """Whether a sentence names years only to set a later figure beside them: "up from 2023"."""
    return all(
        re.search(
            rf"\b(?:from|than|compared (?:to|with)|versus|over) (?:the |that of |in )*{year}",
            sentence,
        )
        for year in years
        if year in sentence
    )


def _is_told_before(question: Question, found: ScoredSentence, year: int) -> bool:
    """Whether a sentence was written before a year that has come: it tells of an earlier one."""
    has_come = question.today is not None and year <= question.today.year
    return has_come and found.passage.date.year < year


def _holds_focus(question: Question, found: ScoredSentence) -> bool:
    told = _POINTER.sub(" ", found.sentence.text)
    held = terms_of(told) | terms_of(found.passage.title)
    return all(is_held(term, held) for term in question.focus)


_POINTER = re.compile(
    r"\b(?:the|this|that) (?:company|firm|group|model|state|country)\b", re.IGNORECASE
)
"""One that was named before, not what is asked of such in general."""


def answering(question: Question, scored: Sequence[ScoredSentence]) -> tuple[ScoredSentence, ...]:
    """The sentences that hold what the question asks for.

    Args:
        question: what is asked.
        scored: from `on_subject`.
    """
    asked = question.asked
    if is_held(_FOUND, equivalents(asked.action)):
        least = scored[0].score - _FINDER_BEHIND if scored else 0.0
        return tuple(f for f in scored if f.score >= least and _names_finder(question, f))
    is_demanding = question.kind in _DEMANDING or asked.value is Value.MONEY or asked.relation
    if not is_demanding:
        return tuple(scored)
    return tuple(found for found in scored if _holds_value(question, found))


_FOUND = stem("discovered")
"""What flaws and the like are reported by; a text on one names many others."""
_DID = r"(?:(?:report|discover|disclos|identifi|spott|notifi|alert)ed|found)"
_BETWEEN = r"(?: (?!(?:was|were|is|are|be|been|being)\b|and [a-z])[\w.,'’&()-]+){0,8}?"
_FINDER = re.compile(
    rf"\b{_DID}\b[^.;]{{0,60}}? by (?:the |an? )?[A-Z]"
    rf"|\b[A-Z][\w.'’-]+{_BETWEEN} {_DID}\b"
    r"|\b[Tt]hank\w*\b.{1,80}? [A-Z].{1,200}? for (?:\w+ly )?"
    r"(?:report|disclos|find|discover|identify|notify|alert)ing\b"
)


_FINDER_BEHIND = 3.5
"""How far the sentence on a finder may stand behind what speaks of the finding itself."""


def _names_finder(question: Question, found: ScoredSentence) -> bool:
    named = _FINDER.search(found.sentence.text)
    return named is not None and bool(new_names(found.sentence.text, question.text))


def _holds_value(question: Question, found: ScoredSentence) -> bool:
    if not found.has_answer_type:
        return False
    sentences = read_passage(found.passage)
    near = sentences[max(0, found.position - _CONTEXT) : found.position + 1]
    context = terms_of(found.passage.title).union(*(terms_of(s.text) for s in near))
    if question.asked.relation:
        own = terms_of(found.sentence.text) | _acronyms(found.sentence.text)
        return fits_noun(question.asked, own) and not is_role_at_another(question, found)
    if has_another_subject(question, found.sentence.text, context):
        return False
    if not fits_noun(question.asked, context) or not _shares_subject(question, context):
        return False
    is_amount = question.asked.value in {Value.MONEY, Value.SHARE}
    return not is_amount or found.coverage >= _LEAST_OF_AMOUNT or not question.is_short


_LEAST_OF_AMOUNT = 0.4
"""Weighted share of a short question that must be told around an amount: every text has amounts."""


def _acronyms(said: str) -> frozenset[str]:
    return frozenset({"ceo"}) if "chief executive" in said.lower() else frozenset()


def _shares_subject(question: Question, context: frozenset[str]) -> bool:
    """Whether the words around a value name something of what was asked."""
    names = question.names or frozenset(question.weights)
    return not names or any(is_held(term, context) for term in names)


_NEAR_SCORE = 1.0
_NEAR_SCORE_FOR_NEWEST = 4.0
"""Also where title and sentence together say all that was asked."""
_ALL = 0.9
_SAME_SUBJECT = 0.75
"""Share of the best sentence's coverage from which another speaks of the same."""


_ASKS_ROLE = re.compile(
    r"\bwho(?:'s| is| are) (?:the |its |their )?\w"
    r"|\bwho (?:now )?(?:leads|runs|heads|owns|chairs|maintains)\b",
    re.IGNORECASE,
)
"""A role changes hands; who did something did it for good."""


def newest_first(
    question: Question, scored: Sequence[ScoredSentence]
) -> tuple[tuple[ScoredSentence, ...], date | None]:
    """What stands: the newest of the briefings that give the same kind of value, and its day.

    The day is None where there was nothing to decide between and nobody asked how things stand
    now. Questions that name a time are left alone.

    Args:
        question: what is asked.
        scored: sentences that answer, best first.
    """
    wants_newest = asks_for_newest(question.text)
    if not scored or (is_dated(question.text) and not wants_newest):
        return tuple(scored), None
    best = scored[0]
    holds_on = question.asked.value is Value.NAME and not _ASKS_ROLE.search(question.text)
    if (holds_on or question.asked.value in {None, Value.PLACE}) and not wants_newest:
        return tuple(scored), None
    tolerance = _NEAR_SCORE_FOR_NEWEST if wants_newest else _NEAR_SCORE
    rivals = [found for found in scored if _rivals(found, best, tolerance)]
    newest = max(rivals, key=lambda found: (found.passage.date, found.score), default=best)
    if newest is best:
        return tuple(scored), best.passage.date if wants_newest and best.has_answer_type else None
    kept = [f for f in scored if f.passage.briefing_id == newest.passage.briefing_id]
    return tuple(kept), newest.passage.date


_NUMBERED_TITLE = re.compile(r"\bv?(\d+(?:\.\d+)*)\b")
_ABOUT_VERSIONS = frozenset("announc releas version latest newest recent".split())


def newest_release(question: Question, passages: Sequence[Passage]) -> Passage | None:
    """The passage whose title announces the newest version of what a question names.

    Args:
        question: asks for the newest version.
        passages: what was found.
    """
    named = frozenset(question.weights) - _ABOUT_VERSIONS
    announcing = [
        (passage.date, version, passage)
        for passage in passages
        if (version := _version_of(passage.title))
        and named <= terms_of(passage.title)
        and terms_of(passage.title) - named <= _ABOUT_VERSIONS | _numerals(passage.title)
    ]
    return max(announcing, key=lambda each: each[:2])[2] if announcing else None


def _version_of(title: str) -> tuple[int, ...]:
    match = _NUMBERED_TITLE.search(title)
    return tuple(int(part) for part in match.group(1).split(".")) if match else ()


def _numerals(title: str) -> frozenset[str]:
    return frozenset(term for term in terms_of(title) if term[:1].isdigit())


def contradicting(
    question: Question, scored: Sequence[ScoredSentence], standing: Sequence[ScoredSentence]
) -> ScoredSentence | None:
    """What an older briefing says otherwise, by figures, of what the standing one says.

    Args:
        question: what is asked.
        scored: sentences that answer, best first.
        standing: those of them that stand, from `newest_first`.
    """
    if not asks_figure(question) or not standing or asks_for_newest(question.text):
        return None
    newest = standing[0]
    told = _figures(question, newest)
    for found in scored:
        is_older = found.passage.date < newest.passage.date
        says_otherwise = _figures(question, found).isdisjoint(told)
        is_counted = fits_noun(question.asked, terms_of(found.sentence.text))
        if is_older and says_otherwise and is_counted and _is_rival(found, newest):
            return found
    return None


def asks_figure(question: Question) -> bool:
    """Whether a question asks for an amount, a share, a count or a span of time."""
    return question.asked.value in _FIGURES


_FIGURES = frozenset({Value.MONEY, Value.SHARE, Value.NUMBER, Value.DURATION})


def _figures(question: Question, found: ScoredSentence) -> frozenset[Decimal]:
    stated = facts_of(undated(found.sentence.text))
    return (stated.numbers | stated.small) - facts_of(question.text).numbers


def _is_rival(found: ScoredSentence, newest: ScoredSentence) -> bool:
    same = terms_of(found.passage.title) & terms_of(newest.passage.title)
    return (
        found.has_answer_type
        and bool(same)
        and found.score >= newest.score - _NEAR_SCORE
        and found.own >= _SAME_SUBJECT * newest.own
    )


def _rivals(found: ScoredSentence, best: ScoredSentence, tolerance: float) -> bool:
    return (
        found.passage.date > best.passage.date
        and found.score >= best.score - (_NEAR_SCORE_FOR_NEWEST if _says_all(found) else tolerance)
        and found.has_answer_type >= best.has_answer_type
        and found.coverage >= _SAME_SUBJECT * best.coverage
    )


def _says_all(found: ScoredSentence) -> bool:
    return found.coverage >= _ALL

"""Owns the figures of answers over posts, in all and by how the questions are asked. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from eval.metrics import hit_at, percentile
from eval.supported import AskedTurn, SentenceCheck
from eval.wording import count_words


@dataclass(frozen=True, kw_only=True)
class Share:
    """So many of so many."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """Between 0 and 1; None of nothing."""
        return self.part / self.whole if self.whole else None

    def __str__(self) -> str:
        if self.value is None:
            return "–"
        return f"{self.part} of {self.whole} ({self.value:.1%})"


@dataclass(frozen=True, kw_only=True)
class JudgedTurn:
    """A turn and its factual sentences."""

    turn: AskedTurn
    sentences: tuple[SentenceCheck, ...]


@dataclass(frozen=True, kw_only=True)
class SupportedFigures:
    """Figures over some turns."""

    turns: int
    answered: Share
    """Of turns that the posts answer: Heidi answers."""
    abstained: Share
    """Of turns that they do not answer: Heidi does not."""
    found_first: Share
    """Of turns with an expected briefing: it is the best one retrieved."""
    found: Share
    """Of those: it is retrieved at all."""
    cited: Share
    """Of those: so many expected ones as are asked for are cited in an answer."""
    said: Share
    """Of turns with expected values: an answer that says all of them."""
    kept: Share
    """Of those: what is indexed of the expected briefings says all of them."""
    words_p50: float | None
    words_p95: float | None
    """Of an answer."""
    facts: Share
    """Of factual sentences: every number, name and month is in what they cite."""
    spans: Share
    """Of factual sentences: a span of what they cite supports them."""
    supported: Share
    """Of factual sentences: both."""


def figures_of(judged: Sequence[JudgedTurn]) -> SupportedFigures:
    """The figures over these turns."""
    turns = [each.turn for each in judged]
    sentences = [check for each in judged for check in each.sentences]
    answerable = [turn for turn in turns if turn.is_answerable]
    expecting = [turn for turn in answerable if turn.expect.cites]
    valued = [turn for turn in answerable if turn.expect.contains]
    words = [count_words(turn.answer) for turn in turns if turn.is_answered]
    return SupportedFigures(
        turns=len(turns),
        answered=_share(turn.is_answered for turn in answerable),
        abstained=_share(not turn.is_answered for turn in turns if not turn.is_answerable),
        found_first=_share(hit_at(turn.retrieved, turn.expect.cites, 1) for turn in expecting),
        found=_share(not turn.expect.cites.isdisjoint(turn.retrieved) for turn in expecting),
        cited=_share(_cites_enough(turn) for turn in expecting),
        said=_share(turn.is_answered and not turn.missing for turn in valued),
        kept=_share(not turn.lost for turn in valued),
        words_p50=percentile(words, 50),
        words_p95=percentile(words, 95),
        facts=_share(check.states_cited_facts for check in sentences),
        spans=_share(check.has_span for check in sentences),
        supported=_share(check.is_supported for check in sentences),
    )


def by_group(judged: Sequence[JudgedTurn]) -> Mapping[str, SupportedFigures]:
    """The figures of each way of asking, in the order of the questions."""
    groups = dict.fromkeys(each.turn.group for each in judged)
    return {
        group: figures_of([each for each in judged if each.turn.group == group]) for group in groups
    }


def sample_of(judged: Sequence[JudgedTurn], size: int, seed: int) -> list[JudgedTurn]:
    """Answers to read, in the order of their questions.

    Chosen by a digest of seed and question, so that an answer that comes or goes changes one of
    them and leaves the others.
    """

    def rank(each: JudgedTurn) -> str:
        return hashlib.sha256(f"{seed} {each.turn.place}".encode()).hexdigest()

    answered = [each for each in judged if each.turn.is_answered]
    chosen = {each.turn.place for each in sorted(answered, key=rank)[:size]}
    return [each for each in answered if each.turn.place in chosen]


def _cites_enough(turn: AskedTurn) -> bool:
    hits = turn.expect.cites & set(turn.cited_ids)
    return turn.is_answered and len(hits) >= turn.expect.cites_at_least


def _share(claims: Iterable[bool]) -> Share:
    counted = list(claims)
    return Share(part=sum(counted), whole=len(counted))

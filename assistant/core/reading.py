"""Owns the Question: what is asked, read once for choosing passages and sentences. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from assistant.core.asked_values import Asked, asked_value
from assistant.core.equivalents import equivalents
from assistant.core.question_types import QuestionType
from assistant.core.terms import content_terms, name_words

SHORT_TERMS = 7
"""Content terms of a short question."""


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
    today: date | None = None
    """The day of asking; None where what is new is no likelier to be meant."""

    @property
    def is_short(self) -> bool:
        """Whether it has few terms; a long question names more than a briefing repeats."""
        return len(self.weights) <= SHORT_TERMS

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
        if not self._total:
            return 1.0
        return sum(weight for term, weight in self.weights.items() if term in held) / self._total

    @cached_property
    def rarest(self) -> str:
        """The stem that tells most."""
        return max(
            self.weights, key=lambda term: (self.weights[term], term in self.names), default=""
        )

    def coverage(self, held: frozenset[str] | set[str]) -> float:
        """Weighted share of the question's content terms among `held`; 1 when it has none."""
        if not self._total:
            return 1.0
        return sum(w for family, w in self._families if not family.isdisjoint(held)) / self._total

    def coverage_beyond(self, title: frozenset[str], held: frozenset[str]) -> float:
        """Weighted share among `held` of what a title leaves open; 0 when it leaves nothing.

        Of a briefing whose title names what is asked of, it tells its sentences apart.
        """
        left_open = [each for each in self._families if each[0].isdisjoint(title)]
        whole = sum(weight for _, weight in left_open)
        told = sum(weight for family, weight in left_open if not family.isdisjoint(held))
        return told / whole if whole else 0.0

    @cached_property
    def _total(self) -> float:
        return sum(self.weights.values())

    @cached_property
    def _families(self) -> list[tuple[frozenset[str], float]]:
        """The stems that say the same as each term, and how telling it is."""
        return [(equivalents(term), weight) for term, weight in self.weights.items()]

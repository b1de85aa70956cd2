"""Owns the line of a briefing in a digest: of its first sentences the one that tells its story.

A line that says no more than the headline, points on or speaks of the text itself tells nothing;
the headline alone is better then. Pure; English. Does not own the layout (`composition.py`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.core.composition import speaks_of_itself
from assistant.core.facts import facts_of
from assistant.core.features import terms_of
from assistant.core.openings import could_stand_anywhere
from assistant.core.quotes import AnswerSentence
from assistant.core.sentences import needs_antecedent
from assistant.core.terms import fold

_TEASER = re.compile(
    r"^\W*(?:discover|find|learn|see|explore|meet|join|read|check|watch|try|get|take|imagine|picture|"
    r"consider|suppose|here(?:'s| is| are)|in this (?:post|blog|article|guide|tutorial|piece)|"
    r"this (?:post|blog|article|guide|tutorial|piece|series|page))\b"
)
_SHORT_WORDS = 7
_FEWEST_NEW_TERMS = 2
"""Content terms beside the headline's for a sentence to add something."""
_LATER_COST = 0.06
_COSTS = {
    "own words": 0.25,
    "empty": 2.0,
    "teaser": 2.0,
    "pointer": 0.5,
    "short": 0.15,
    "same": 1.0,
}
_FIGURE_WORTH = 0.1
_LEAST = 0.1
"""Worth below which the headline says more."""


def telling_lead(title: str, leads: Sequence[AnswerSentence]) -> AnswerSentence | None:
    """The sentence that says most of what a headline promises; None if none says anything.

    The words of an author, who is nobody to a visitor, come after a neutral sentence.

    Args:
        title: the headline.
        leads: the first sentences of the briefing, in their order.
    """
    worths = [_worth(title, lead.text) - _LATER_COST * place for place, lead in enumerate(leads)]
    best = max(range(len(leads)), key=worths.__getitem__, default=None)
    return leads[best] if best is not None and worths[best] >= _LEAST else None


def opening_lead(title: str, leads: Sequence[AnswerSentence]) -> AnswerSentence | None:
    """The first sentence that tells something, to open a summary; None if none does.

    Args:
        title: the headline.
        leads: the first sentences of the briefing, in their order.
    """
    wanted = terms_of(title)
    return next(
        (
            lead
            for lead in leads
            if set(_faults(wanted, lead.text)) <= _FORGIVEN and wanted & terms_of(lead.text)
        ),
        None,
    )


_FORGIVEN = frozenset({"own words", "empty"})
"""What a summary may open with: who announces something says what it is."""


def _worth(title: str, said: str) -> float:
    wanted, told = terms_of(title), terms_of(said)
    held = len(wanted & told) / max(len(wanted), 1)
    is_new = not facts_of(said).numbers <= facts_of(title).numbers
    return held + _FIGURE_WORTH * is_new - sum(_COSTS[fault] for fault in _faults(wanted, said))


def _faults(wanted: frozenset[str], said: str) -> list[str]:
    plain = fold(said)
    found = {
        "own words": speaks_of_itself(said),
        "empty": could_stand_anywhere(said),
        "teaser": _TEASER.match(plain) is not None,
        "pointer": needs_antecedent(said),
        "short": len(said.split()) < _SHORT_WORDS,
        "same": len(terms_of(said) - wanted) < _FEWEST_NEW_TERMS,
    }
    return [fault for fault, is_there in found.items() if is_there]

"""Owns when a version came out: the day of the briefing that announces it. Pure; English."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.core.asked_values import Value
from assistant.core.composition import Piece, briefing_fact
from assistant.core.features import terms_of
from assistant.core.leads import lead_sentences
from assistant.core.passages import Passage
from assistant.core.reading import Question
from assistant.core.scoring import ScoredSentence
from assistant.core.telling import announces, lacks_phrase, telling_phrases
from assistant.core.terms import fold

_RELEASED = re.compile(
    r"\b(?:released?|announced?|published|launched|come out|came out|comes out|out|available)\b"
)


def announced_day(
    question: Question, scored: Sequence[ScoredSentence], passages: Sequence[Passage]
) -> tuple[Piece, ...]:
    """The day of the briefing that announces the version whose release is asked for."""
    is_asked = question.asked.value is Value.DAY and _RELEASED.search(fold(question.text))
    if not is_asked or not telling_phrases(question.text):
        return ()
    known = {found.passage.briefing_id for found in scored}
    announcing = [
        passage
        for passage in passages
        if passage.briefing_id in known
        and not lacks_phrase(question.text, passage.title)
        and (announces(passage.title) or _is_plain_title(question, passage))
    ]
    if not announcing:
        return ()
    first = min(announcing, key=lambda passage: passage.date)
    lead = lead_sentences([first], count=1)
    return (Piece(text=briefing_fact(first, "date"), support=lead[0].support),) if lead else ()


def _is_plain_title(question: Question, passage: Passage) -> bool:
    return terms_of(passage.title) <= terms_of(question.text)

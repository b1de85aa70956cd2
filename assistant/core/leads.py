"""Owns the lead of a briefing: its first sentences that can stand alone. Pure.

Does not own which of them tells most (`digest_lines.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from assistant.core.grounding import read_passage
from assistant.core.passages import Passage
from assistant.core.quotes import AnswerSentence, supported_sentence
from assistant.core.scoring import ScoredSentence, is_quotable
from assistant.core.sentences import Sentence, needs_antecedent


def lead_sentences(
    passages: Sequence[Passage],
    *,
    count: int,
    most_words: int = 45,
    leaves_out: Callable[[str], bool] = lambda _: False,
) -> tuple[AnswerSentence, ...]:
    """The first sentences of a briefing that can stand alone, for summaries and digests.

    Args:
        passages: chunks of one briefing in reading order.
        count: sentences wanted.
        most_words: words in all, unless the first sentence alone has more.
        leaves_out: whether a sentence is not worth saying.
    """
    found: list[AnswerSentence] = []
    seen: set[str] = set()
    used = 0
    for passage in passages:
        for position, sentence in enumerate(read_passage(passage)):
            length = len(sentence.text.split())
            is_first = not found
            if len(found) == count or (not is_first and used + length > most_words):
                return tuple(found)
            if not is_quotable(sentence) or (
                is_first and needs_antecedent(sentence.text) and position
            ):
                continue
            if sentence.text in seen or leaves_out(sentence.text):
                continue
            seen.add(sentence.text)
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
    return supported_sentence(sentence, candidate, 0)

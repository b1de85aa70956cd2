"""Owns who wrote a briefing: questions that ask for it, and the line that says so. Pure; English.

Most briefings name only their source; `composition.briefing_fact` says that.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.core.grounding import read_passage
from assistant.core.passages import Passage
from assistant.core.quotes import AnswerSentence, exact_support
from assistant.core.terms import fold

_TEXT = (
    r"(?:(?:blog|news) )?"
    r"(?:post|article|blog|briefing|piece|story|report|write-?up|announcement)"
)
_ASKS = re.compile(
    r"^\W*(?:so |and |ok |okay |hi |hey )*"
    r"(?:who(?: has| have)? (?:wrote|written|authored|published)|"
    r"who(?:'s| is| are| was| were) the (?:authors?|writers?) of|"
    r"(?:what|which) (?:is|are) the (?:authors?|writers?) of|authors? of)\s+"
    rf"(?P<text>(?:the |your |this |that )?{_TEXT}\b"
    r"(?: (?:on|about|called|titled|named|of|how|why))?)?"
    r"\s*(?P<topic>.{3,160}?)\W*$",
    re.IGNORECASE,
)
_IS_TEXT = re.compile(rf"^(?:the |your )?(?P<topic>.{{3,}}?) {_TEXT}$", re.IGNORECASE)
_NAME = r"[A-Z][\w.'’-]+(?: [A-Z][\w.'’-]+){0,3}"
_BYLINE = re.compile(
    rf"^(?:[Ww]ritten |[Pp]osted |[Aa]uthored )?[Bb]y:? {_NAME}\W*$"
    rf"|^(?:[Ww]ritten|[Aa]uthored) by:? {_NAME}"
    rf"|^(?:\W*)[Aa]uthors?:? {_NAME}"
    r"|^[Tt]his (?:article|post|blog|piece|guide|report)\b.{0,60}"
    rf"\b(?:written|authored|contributed) by {_NAME}"
)


@dataclass(frozen=True, kw_only=True)
class AskedAuthor:
    """A question for who wrote something."""

    topic: str
    """Its title, or what it is on."""
    is_text: bool
    """Whether it is said to be a post or the like; otherwise it may be a book."""


def author_asked(question: str) -> AskedAuthor | None:
    """What a question asks the author of; None where it asks something else."""
    match = _ASKS.match(question.replace("’", "'"))
    if match is None:
        return None
    topic = match["topic"].strip(" \"'“”")
    text = _IS_TEXT.match(topic)
    if text:
        return AskedAuthor(topic=text["topic"], is_text=True)
    return AskedAuthor(topic=topic, is_text=match["text"] is not None)


def is_titled(topic: str, title: str) -> bool:
    """Whether a topic is a title, or what stands before its colon or dash."""
    words, whole = fold(topic).split(), fold(title).split()
    if len(words) < _FEWEST_WORDS or words != [w.rstrip(_CLOSING) for w in whole[: len(words)]]:
        return False
    rest = whole[len(words) - 1 :]
    return len(rest) == 1 or rest[0][-1] in _CLOSING or not rest[1][0].isalnum()


_FEWEST_WORDS = 2
_CLOSING = ":,;?!.)"


def byline(passages: Sequence[Passage]) -> AnswerSentence | None:
    """The sentence of a briefing that says who wrote it."""
    for passage in passages:
        for sentence in read_passage(passage):
            if _BYLINE.search(sentence.text):
                support = exact_support(sentence, passage)
                return AnswerSentence(text=sentence.text, support=support, score=1.0)
    return None

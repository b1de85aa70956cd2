"""Owns follow-ups: turning what a visitor says next into a question that stands alone. No model.

"Tell me more", "why?", "who said that?", "the second one", "and in Europe?" point back at the
conversation; this module carries over the topic and the briefings they point at. Pure; English.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.core.asides import without_aside
from assistant.core.question_types import QuestionType, question_type
from assistant.core.swaps import renumbered, swapped, unnamed
from assistant.core.terms import content_terms, name_words, words
from assistant.core.turns import PastTurn


@dataclass(frozen=True, kw_only=True)
class Rewritten:
    """A question that stands alone."""

    text: str
    """What to search and answer."""
    briefing_ids: tuple[str, ...] = ()
    """Look here first; empty: everywhere."""
    wants_more: bool = False
    """Go on with the same briefing and repeat nothing that was said."""
    is_follow_up: bool = False
    asks_for: Literal["answer", "source", "date"] = "answer"
    """What of the briefing: an answer from its text, or who its source is, or its date."""
    alone: str = ""
    """The question as it stands, for when those briefings do not answer it: it may be a new one."""
    focus: str = ""
    """What a follow-up puts in the place of something else: "companies" of "and for companies?"."""
    elsewhere: str = ""
    """What to ask of all briefings when those do not answer: without the names that belong to the
    old place, where a new one is named."""
    needs_topic: bool = False
    """It points back, but there is nothing to point at."""


_ORDINALS = {
    "first": 0, "1st": 0, "second": 1, "2nd": 1, "third": 2, "3rd": 2, "fourth": 3, "4th": 3,
    "fifth": 4, "5th": 4, "last": -1, "former": 0, "latter": -1,
}  # fmt: skip
_ORDINAL = re.compile(
    r"\bthe (" + "|".join(_ORDINALS) + r")(?: (?:one|briefing|article|story|item|point|link|source|"
    r"headline|of (?:those|these|them)))\b"
    r"|^\W*(?:and |what about |how about |open |show me |tell me (?:more )?(?:about )?|"
    r"more (?:on|about) )*"
    r"(?:the )?(" + "|".join(_ORDINALS) + r")\W*(?:please)?\W*$"
    r"|\b(?:number|no\.?|item|briefing|story|article|source|#) ?#?(\d{1,2})\b"
    r"|^\W*(?:open|show|tell me about|more on)? ?\[?(\d{1,2})\]?\W*$",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"^\W*(?:ok(?:ay)?|yes|sure|please|and|so|great|thanks|cool|interesting|hm+)?[\s,.!]*"
    r"(?:(?:can|could|would) you |please )*"
    r"(?:(?:tell|give|show) me (?:a bit |a little |some )?more(?: (?:about|on) (?:it|that|"
    r"this|them))?"
    r"|more(?: (?:details?|info(?:rmation)?|please|about (?:it|that|this)|on (?:it|that|this)))?"
    r"|go on|continue|keep going|elaborate(?: on (?:it|that|this))?|expand(?: on (?:it|that|this))?"
    r"|(?:any |some )?(?:more|further|other) (?:details?|info(?:rmation)?)|what else|anything else"
    r"|details?|and then|tell me (?:everything|all)(?: about (?:it|that|this))?"
    r"|summari[sz]e (?:it|that|this)|explain (?:it|that|this)?(?: further| more)?)"
    r"(?: please)?\W*$",
    re.IGNORECASE,
)
_SWAP = re.compile(
    r"^\W*(?:ok(?:ay)?,? |so |and |but )*(?:(?:what|how) about|and(?: what about)?|or|same for|"
    r"(?:now )?the same for|also|but)\s+(.{2,120}?)\W*$",
    re.IGNORECASE,
)
_POINTER = re.compile(
    r"\b(?:instead|it|its|they|them|their|theirs|he|him|his|she|her|hers|that|this|these|those|there|then|"
    r"the (?:same|company|companies|firm|report|study|paper|law|act|model|models|robot|robots|chip|"
    r"deal|attack|outage|ruling|author|authors|article|briefing|story|product|tool|figure|number))\b"
    r"(?! (?:is|are|was|were) (?:the|a|an)\b)",
    re.IGNORECASE,
)
_NO_POINTER = re.compile(
    r"\b(?:that|this) (?:week|month|year|morning|quarter|summer|spring|autumn|fall)\b"
    r"|\b(?:is|are|was|were) there\b|\bthere (?:is|are|was|were)\b|\bso that\b",
    re.IGNORECASE,
)
_BARE = re.compile(
    r"^\W*(?:and |but |so |ok(?:ay)? )*(?:why(?: not| so \w+| that \w+)?|when|where|who|"
    r"how|how (?:so|much|many|long|"
    r"come|old|big)|which(?: ones?)?|says who|really|since when|until when|by whom|what for|"
    r"what does (?:it|that|this) mean|why is that|how is that|source|sources|where from|"
    r"who (?:said|says|reported|wrote) (?:that|this|so|it))\W*$",
    re.IGNORECASE,
)
_ASKS_SOURCE = re.compile(
    r"^\W*(?:and |but |so )*(?:says who|sources?|where from|(?:what|which|who)(?:'s| is| was|"
    r" are)? "
    r"(?:the|your|its) sources?|who (?:said|says|wrote|published|claims?) "
    r"(?:that|this|so|it|them)|where (?:did|do) you (?:get|read|find) (?:that|this|it)(?: from)?|"
    r"where (?:does|is) (?:that|this|it)(?: come)? from|according to whom)\W*$",
    re.IGNORECASE,
)
_ASKS_DATE = re.compile(
    r"^\W*(?:and |but |so )*(?:when (?:was|were|is) (?:it|that|this|they|the (?:briefing|"
    r"article|story))"
    r" (?:published|written|posted|from|reported)|how old is (?:that|this|it|the (?:briefing|"
    r"article|"
    r"story|news))|(?:from )?(?:when|what date) is (?:that|this|it)(?: from)?)\W*$",
    re.IGNORECASE,
)
_MOST_WORDS_OF_A_POINTER = 18
_LONGEST_FOLLOW_UP = 400
"""Characters; whoever writes more says what it is about."""


def rewrite(
    message: str, history: Sequence[PastTurn], *, last_question: str | None = None
) -> Rewritten:
    """A message as a question that stands alone.

    Args:
        message: what the visitor wrote.
        history: earlier turns, oldest first.
        last_question: the last news question as it was understood, when that is known; follow-ups
            of follow-ups keep their topic by it.
    """
    text = " ".join(message.replace("’", "'").split())
    if len(text) > _LONGEST_FOLLOW_UP:
        return Rewritten(text=message)
    text = without_aside(text)
    past = _last_news(history)
    if past is None:
        return Rewritten(text=text, needs_topic=_points_back(text))
    topic = last_question or past.message
    for reading in (_about_briefing, _ordinal, _more, _bare, _shift, _swap, _pointer, _definite):
        found = reading(text, past, topic)
        if found is not None:
            return found
    return Rewritten(text=text)


def _about_briefing(text: str, past: PastTurn, topic: str) -> Rewritten | None:
    """A question about the briefing itself: who its source is, or its date."""
    asks_source, asks_date = _ASKS_SOURCE.match(text), _ASKS_DATE.match(text)
    if not (asks_source or asks_date):
        return None
    return Rewritten(
        text=topic,
        briefing_ids=past.briefing_ids,
        is_follow_up=True,
        asks_for="source" if asks_source else "date",
    )


def _last_news(history: Sequence[PastTurn]) -> PastTurn | None:
    """The last turn that told of briefings."""
    return next((turn for turn in reversed(history) if told_of_news(turn)), None)


def told_of_news(turn: PastTurn) -> bool:
    """Whether a turn cited briefings, or was asked for the news and cut off before it could."""
    asked = turn.was_cut_off and question_type(turn.message) is QuestionType.DIGEST
    return bool(turn.briefing_ids) or asked


def _points_back(text: str) -> bool:
    if _ASKS_SOURCE.match(text) or _ASKS_DATE.match(text):
        return True
    return bool(_MORE.match(text) or _BARE.match(text) or _is_ordinal_only(text))


def _is_ordinal_only(text: str) -> bool:
    return _ORDINAL.search(text) is not None and not _topic_terms(text)


def _topic_terms(text: str) -> list[str]:
    ignored = {"one", "second", "third", "first", "number", "open", "last"}
    return [term for term in content_terms(text) if term not in ignored and not term.isdigit()]


def _ordinal(text: str, past: PastTurn, topic: str) -> Rewritten | None:
    match = _ORDINAL.search(text)
    if match is None or len(words(text)) > _MOST_WORDS_OF_A_POINTER:
        return None
    word = next((group for group in match.groups() if group), "")
    place = int(word) - 1 if word.isdigit() else _ORDINALS[word.lower()]
    if not -1 <= place < len(past.briefing_ids):
        return None
    rest = f"{text[: match.start()]} {text[match.end() :]}"
    asks = bool(_topic_terms(rest)) or question_type(rest) not in _OPEN_KINDS
    return Rewritten(
        text=" ".join(rest.split()) if asks else "tell me about it",
        briefing_ids=(past.briefing_ids[place],),
        wants_more=not asks,
        is_follow_up=True,
    )


_OPEN_KINDS = frozenset({QuestionType.OPEN, QuestionType.ABOUT, QuestionType.DEFINITION})


def _more(text: str, past: PastTurn, topic: str) -> Rewritten | None:
    if not _MORE.match(text):
        return None
    return Rewritten(
        text=topic, briefing_ids=past.briefing_ids[:1], wants_more=True, is_follow_up=True
    )


def _bare(text: str, past: PastTurn, topic: str) -> Rewritten | None:
    if not _BARE.match(text):
        return None
    question = _CLOSING.sub("", text)
    return Rewritten(
        text=f"{question}: {as_statement(topic)}",
        briefing_ids=past.briefing_ids,
        is_follow_up=True,
    )


_CLOSING = re.compile(r"\W+$")
_ASKING = re.compile(
    r"^\W*(?:(?:and|so|ok|okay|please|hey|hi) )*(?:(?:who|what|when|where|why|which|how)(?:'s)?"
    r"(?: (?:much|many|long|old|big|far|often|fast))?|do|does|did|is|are|was|were|has|have|had|can|"
    r"could|will|would|should|tell me about|tell me)\s+"
    r"(?:(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should)\s+)?",
    re.IGNORECASE,
)


def as_statement(question: str) -> str:
    """A question without its asking words: "Why did Nvidia fall?" gives "Nvidia fall"."""
    stated = _CLOSING.sub("", _ASKING.sub("", question, count=1)).removesuffix(" about")
    return stated or question


def _swap(text: str, past: PastTurn, topic: str) -> Rewritten | None:
    match = _SWAP.match(text)
    if match is None or len(words(text)) > _MOST_WORDS_OF_A_POINTER:
        return None
    new = match.group(1).strip()
    if question_type(new) not in {QuestionType.OPEN, QuestionType.DIGEST} or _BARE.match(new):
        return None
    of_another = renumbered(topic, new)
    if of_another:
        return Rewritten(text=of_another, is_follow_up=True)
    asked = swapped(topic, new)
    if question_type(topic) in {QuestionType.DIGEST, QuestionType.ABOUT} or _TIME.search(new):
        return Rewritten(text=asked, is_follow_up=True)
    return Rewritten(
        text=asked,
        briefing_ids=past.briefing_ids,
        is_follow_up=True,
        focus=" ".join(content_terms(new)),
        elsewhere=unnamed(topic, new),
    )


_TIME = re.compile(
    r"\b(?:19|20)\d\d\b|\b(?:last|this|next|past|previous|yesterday|today|week|month|year|quarter|"
    r"january|february|march|april|may|june|july|august|september|october|november|december)\b",
    re.IGNORECASE,
)
_SHIFT = re.compile(
    r"^\W*(?:and |but |what about |how about |or )*(?:in )?(?:the )?"
    r"(?:(year before|previous year|year earlier|last year)|(year after|next year|following year))"
    r"\W*$",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def _shift(text: str, past: PastTurn, topic: str) -> Rewritten | None:
    """The topic a year earlier or later, where it names a year."""
    match = _SHIFT.match(text)
    if match is None:
        return None
    years = _YEAR.findall(topic)
    told = set(_YEAR.findall(past.answer))
    if not years and len(told) == 1:
        years = [told.pop()]
        topic = f"{_CLOSING.sub('', topic)} in {years[0]}"
    if not years:
        asked = _CLOSING.sub("", topic)
        when = "the year before" if match.group(1) else "the year after"
        return Rewritten(text=f"{asked} {when}", briefing_ids=past.briefing_ids, is_follow_up=True)
    step = -1 if match.group(1) else 1
    shifted = topic.replace(years[-1], str(int(years[-1]) + step))
    return Rewritten(text=shifted, is_follow_up=True)


def _pointer(text: str, past: PastTurn, topic: str) -> Rewritten | None:
    plain = _NO_POINTER.sub(" ", text)
    if not _POINTER.search(plain) or len(words(text)) > _MOST_WORDS_OF_A_POINTER:
        return None
    if question_type(text) is QuestionType.DIGEST and _topic_terms(text):
        return None
    if name_words(text) and not re.search(
        r"\b(?:it|its|they|their|them|he|she|his|her)\b", plain, re.I
    ):
        return None
    return Rewritten(
        text=f"{_CLOSING.sub('', text)}: {as_statement(topic)}",
        briefing_ids=past.briefing_ids,
        is_follow_up=True,
    )


_ASKS = re.compile(
    r"^\W*(?:and |but |so |ok(?:ay)? )*(?:who|what|when|where|why|which|how|is|are|was|were|do|"
    r"does|did|has|have|had|can|could|will|would)\b",
    re.IGNORECASE,
)
_DEFINITE = re.compile(r"\b(?:the|this|that|those|these|there|such)\b", re.IGNORECASE)
_MOST_WORDS_OF_A_DEFINITE = 9


_OF_WHAT_WAS_READ = frozenset(
    {QuestionType.HOW_MUCH, QuestionType.WHO, QuestionType.WHEN, QuestionType.WHERE}
)
_MOST_TERMS_OF_A_REST = 2


def _is_about_what_was_read(text: str, past: PastTurn) -> bool:
    """Whether a question speaks of "the survey", or asks "how many people voted?" of nothing."""
    if _DEFINITE.search(text):
        return True
    is_value = question_type(text) in _OF_WHAT_WAS_READ and past.outcome == "answered"
    return is_value and len(_topic_terms(text)) <= _MOST_TERMS_OF_A_REST


def _definite(text: str, past: PastTurn, topic: str) -> Rewritten | None:
    """A short question about "the survey" without any name: likely the one just read about."""
    if not (_ASKS.match(text) and _is_about_what_was_read(text, past)) or name_words(text):
        return None
    is_long = len(words(text)) > _MOST_WORDS_OF_A_DEFINITE
    if is_long or re.search(r"\d", text) or question_type(text) is QuestionType.DIGEST:
        return None
    return Rewritten(
        text=f"{_CLOSING.sub('', text)}: {as_statement(topic)}",
        briefing_ids=past.briefing_ids,
        is_follow_up=True,
        alone=text,
    )


def asks(text: str) -> bool:
    """Whether a text begins as questions do."""
    return _ASKS.match(text) is not None


def points_back(text: str) -> bool:
    """Whether a text speaks of "it" or "them"."""
    return _POINTER.search(text) is not None

"""Owns telling who does what is asked of: "Which companies build robots?" is answered by builders.

Names and verbs are told by how they are written and where they stand; English; no parser. Pure.
Does not own which of several sentences are listed (`gathering.py`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from functools import lru_cache

from assistant.core.equivalents import equivalents, is_held
from assistant.core.features import terms_of
from assistant.core.new_names import new_names
from assistant.core.question_types import asking_part
from assistant.core.terms import fold, stem

_GROUP = re.compile(
    r"^\W*(?:so |and |ok |okay )*(?:which|what|list|name)(?: \w+){0,2}? "
    r"(?P<group>companies|firms|makers|manufacturers|countries|organi[sz]ations|startups|vendors|"
    r"people|universities|cities)\b"
    r"(?: (?:that|who|which|are|have|has|do|did|can|could|will|would|currently|now|already|also))*"
    r" (?P<doing>[a-z]+)",
    re.IGNORECASE,
)
_MAKING = frozenset(
    map(
        stem,
        """
        build builds building built make makes making made develop develops developing developed
        produce produces producing produced manufacture manufactures manufacturing manufactured
        present presents presented show shows showed shown introduce introduces introduced launch
        launches launched unveil unveils unveiled release releases released sell sells selling sold
        offer offers offered design designs designed create creates created announce announces
        announced deliver delivers delivered ship ships shipped supply supplies supplied
        """.split(),
    )
)
"""What makers of a thing are told to do with it."""
_TOKEN = re.compile(r"[\w&+.'’-]*\w|[,;:()]")
_NOT_BEFORE_A_SUBJECT = frozenset("by from of in at on with for than to against near".split())
_BEING = frozenset("is are was were be been being".split())
_AUXILIARIES = _BEING | frozenset(
    "has have had will would can could also now already still both all".split()
)
_OF_PLACES = frozenset("of in from at".split())
_LONGEST_APPOSITION = 20
_NO_DOING = frozenset("in of on at for with from by behind and or is are to there".split())
_NAMES_SOME = re.compile(
    r"\b(?:companies|firms|makers|manufacturers|countries|organi[sz]ations|startups|vendors|people|"
    r"universities|cities)\b.*(?:\b(?:such as|like|including|among (?:them|the)|are)\b|:)"
)
"""Some of a group are named: "companies such as Acme"."""
_REACH_OF_AN_AGENT = 6
_REACH_OF_A_THING = 3
_OWNS = frozenset({"its", "their"})
_POSSESSIVE = re.compile(r"['’]s?$")


@lru_cache(maxsize=1_024)
def doing_asked(question: str) -> tuple[str, str]:
    """Stems of the group and of the doing that a question asks for: "compani" and "build".

    Two empty texts where it does not ask who of a group does something.
    """
    match = _GROUP.match(asking_part(question))
    if match is None or fold(match["doing"]) in _NO_DOING:
        return "", ""
    return stem(fold(match["group"])), stem(fold(match["doing"]))


def deed(question: str) -> str:
    """What is asked who does it: "build robots" of "Which companies build robots?"."""
    part = asking_part(question)
    match = _GROUP.match(part)
    return part[match.start("doing") :].rstrip(" ?.!") if match else part


def names_doer(question: str, sentence: str, passage: str) -> bool:
    """Whether a sentence names one of the asked group as whoever does what is asked.

    Args:
        question: asks which of a group do something.
        sentence: what may tell of one.
        passage: the text around it, which tells names from words that only begin a sentence.
    """
    group, doing = doing_asked(question)
    if not doing:
        return False
    names = {n for n in new_names(sentence, question) if not _is_common(n, sentence, passage)}
    if not names:
        return False
    is_making = doing in _MAKING
    doings = _MAKING if is_making else equivalents(doing)
    held = terms_of(sentence)
    tokens = _TOKEN.findall(sentence)
    things = terms_of(question) - equivalents(group) - equivalents(doing)
    if sum(not is_held(thing, held) for thing in things) > (len(things) > _MOST_ALL_NAMED):
        return False
    if is_making and _has_own(tokens, names, things):
        return True
    if is_held(doing, held) and len(names) > 1 and _NAMES_SOME.search(sentence):
        return True
    return any(
        _does(tokens, place, names) or _is_done_by(tokens, place, names)
        for place, token in enumerate(tokens)
        if token.islower() and stem(token) in doings
    )


_MOST_ALL_NAMED = 2
"""Terms of what is done that a sentence must all hold; of more it may lack one."""


@lru_cache(maxsize=8_192)
def _is_common(name: str, sentence: str, passage: str) -> bool:
    """Whether a word that begins a sentence is not known to be a name.

    It stands in small letters as well, or nowhere else in capitals, and no other name follows.
    """
    if not fold(sentence).startswith(name):
        return False
    written = re.escape(sentence[: len(name)])
    if re.search(rf"(?<![\w.]){re.escape(name)}(?![\w.])", passage):
        return True
    # Of the words without an article a name is what has a verb of one: "Acme builds".
    if re.match(rf"{written}(?:(?:['’]s)?,? (?:and )?[A-Z]| (?:\w{{3,}}s|is|has|was)\b)", sentence):
        return False
    return re.search(rf"[\w,] {written}(?!\w)", passage) is None


def _is_name(token: str, names: Set[str]) -> bool:
    return token[:1].isupper() and fold(token).removesuffix("'s") in names


def _does(tokens: Sequence[str], verb: int, names: Set[str]) -> bool:
    """Whether a name stands before a verb as its subject: "Acme of Oslo, a maker, has built"."""
    place = verb - 1
    while place >= 0 and (tokens[place] in _AUXILIARIES or tokens[place].endswith("ly")):
        place -= 1
    helpers = frozenset(tokens[place + 1 : verb])
    is_going_on = tokens[verb].endswith("ing")
    if is_going_on != bool(helpers & _BEING):
        return False  # "Was built" has no doer before it, and "building" is one too.
    if place >= 0 and tokens[place] == ",":
        place = _before_apposition(tokens, place)
    place = _before_place(tokens, place)
    if place < 0 or _POSSESSIVE.search(tokens[place]) or not tokens[place][:1].isupper():
        return False
    first = _start_of_name(tokens, place)
    is_subject = not first or fold(tokens[first - 1]) not in _NOT_BEFORE_A_SUBJECT
    return is_subject and any(_is_name(each, names) for each in tokens[first : place + 1])


def _before_apposition(tokens: Sequence[str], comma: int) -> int:
    """The place before ", a maker of robots,"; -1 if none begins near."""
    for place in range(comma - 1, max(-1, comma - _LONGEST_APPOSITION), -1):
        if tokens[place] == ",":
            return place - 1
    return -1


def _before_place(tokens: Sequence[str], place: int) -> int:
    """The place before "of Oslo" or "in South Oslo", if such stands there."""
    first = _start_of_name(tokens, place) if place >= 0 and tokens[place][:1].isupper() else 0
    is_place = first > 1 and tokens[first - 1] in _OF_PLACES and tokens[first - 2][:1].isupper()
    return first - 2 if is_place else place


def _start_of_name(tokens: Sequence[str], place: int) -> int:
    while place and tokens[place - 1][:1].isupper():
        place -= 1
    return place


def _is_done_by(tokens: Sequence[str], verb: int, names: Set[str]) -> bool:
    """Whether something is "built by Acme"."""
    after = tokens[verb + 1 : verb + 1 + _REACH_OF_AN_AGENT]
    return "by" in after and any(_is_name(each, names) for each in after[after.index("by") :])


def _has_own(tokens: Sequence[str], names: Set[str], things: Set[str]) -> bool:
    """Whether a thing is a name's own: "Acme's robot", "a robot by Acme", "Acme … its robot"."""
    subject = bool(tokens) and (_is_name(tokens[0], names) or tokens[0][:1].isdigit())
    for place, token in enumerate(tokens):
        is_owner = (_is_name(token, names) and _POSSESSIVE.search(token)) or (
            subject and fold(token) in _OWNS
        )
        near = tokens[place + 1 : place + 1 + _REACH_OF_A_THING]
        if is_owner and any(_is_thing(each, things) for each in _until_preposition(near)):
            return True
        before = tokens[max(0, place - 1) : place]
        if token == "by" and before and _is_thing(before[0], things):
            if any(_is_name(each, names) for each in near):
                return True
    return False


def _is_thing(token: str, things: Set[str]) -> bool:
    return not terms_of(token).isdisjoint(things)


def _until_preposition(tokens: Sequence[str]) -> Sequence[str]:
    for place, token in enumerate(tokens):
        if fold(token) in _NOT_BEFORE_A_SUBJECT:
            return tokens[:place]
    return tokens

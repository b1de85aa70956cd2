"""Owns the value that a question asks for: money, a share, a span of time, a count, a day, a name.

A sentence without such a value does not answer, however near its words are. Pure; English. Does
not own the kind of answer as such (`question_types.py`) or the score of a sentence (`scoring.py`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from assistant.core.equivalents import is_held
from assistant.core.new_names import NEAR, has_new_capitals, new_names
from assistant.core.question_types import QuestionType, asking_part
from assistant.core.terms import STOP_WORDS, content_terms, fold, stem


class Value(StrEnum):
    """What must stand in a sentence that answers."""

    MONEY = "money"
    SHARE = "share"
    DURATION = "duration"
    NUMBER = "number"
    DAY = "day"
    NAME = "name"
    PLACE = "place"
    VERSION = "version"
    """A name with a number: "Rust 1.88", "v0.19.0"."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The value a question asks for."""

    value: Value | None
    """None: no value in particular."""
    noun: str = ""
    """Stem of what is counted or measured: "employe" in "How many employees…"."""
    relation: str = ""
    """Stem of what the asked person did or is: "found" in "Who founded…"."""
    counts_persons: bool = False
    """Whether people are counted, who have many names: users, respondents, staff."""
    action: str = ""
    """Stem of what whoever is asked for did: "report" in "Who reported…"."""


_MONEY = re.compile(
    r"\b(?:cost|costs|price|prices|priced|pay|pays|paid|paying|earn|earns|earned|revenue|revenues|"
    r"worth|fine|fines|fee|fees|salary|raise|raised|invest|invests|invested|spend|spends|spent|"
    r"fund|funding|valuation|valued|money|expensive|charge|charges|profit|dollars|euros)\b"
)
_SHARE = re.compile(
    r"\b(?:share|percent|percentage|proportion|stake|turnout|(?:participation|completion|response|"
    r"success|failure|error|growth|unemployment|inflation|approval) rate)\b"
)
_PERCENT = re.compile(r"\d\s?%|\bper ?cent\b|\b(?:half|third|quarter|fifth|majority)\b")
_CURRENCY = re.compile(
    r"[$€£¥]\s?\d|\d\s?[$€£¥]|\b(?:dollars?|euros?|pounds?|yuan|yen|francs?|rupees?|won|cents?|"
    r"crowns?|usd|eur|chf|gbp)\b"
)
_HOW_LONG = re.compile(
    r"\bhow (?:long|soon|quickly|fast|old)\b|\bhow many (?:more )?"
    r"(?:years|months|weeks|days|hours|minutes|seconds)\b"
)
_TIME_UNIT = re.compile(
    r"\b(?:years?|months?|weeks?|days?|hours?|minutes?|seconds?|quarters?|century|centuries|"
    r"decades?|immediately|forever|permanently|speed|km/h|mph|gigabits?|kilomet(?:re|er)s?|"
    r"met(?:re|er)s?|miles?|until|since)\b"
)
_COUNTED = re.compile(
    r"\bhow (?:many|much)\s+(?:of (?:the |its |their |these |those )?)?((?:[\w-]+\s+){0,3}[\w-]+)"
)
_VERB = frozenset(
    "do does did is are was were has have had can could will would should may might in on at of to "
    "for from by with take takes took finished finish won win ran run get gets got use uses used "
    "work works worked there it they he she the a an this that these those".split()
)
_MONTHS = (
    "january february march april may june july august september october november december".split()
)
_MONTH = "(?:" + "|".join(_MONTHS) + ")"
_DATE_WORDS = re.compile(
    rf"\b\d{{4}}-\d\d-\d\d\b|\b\d{{1,2}}:\d\d\b|"
    rf"\b\d{{1,2}}(?:st|nd|rd|th)? {_MONTH}\b(?:,? \d{{4}})?|\b{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?\b"
    rf"(?:,? \d{{4}})?|\b{_MONTH} \d{{4}}\b|\b(?:in|of|since|until|by|from|year|fiscal) "
    r"(?:19|20)\d\d\b|\b(?:19|20)\d\d\b"
)
_DAY = re.compile(
    rf"\b{_MONTH}\b|\b(?:1[0-9]|20)\d\d\b|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b"
    r"|\b(?:spring|summer|autumn|winter|today|yesterday|tomorrow|century|"
    r"\d{1,2}(?::\d\d)? ?(?:am|pm|utc)|(?:next|last|this|every|each) (?:week|month|year|quarter)|"
    r"(?:within|in) (?:an?|one|two|three|four|five|six|\d+) (?:\w+ )?"
    r"(?:hour|day|week|month|year)s?)\b"
)
_SPELLED = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|"
    r"sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|"
    r"hundreds?|thousands?|millions?|billions?|dozens?|one|once|twice|none|half|double|triple|"
    r"millionth|single|zero)\b"
)
_DIGITS = re.compile(r"(?<![\w.-])[$€£¥]?\d[\d.,]*")
_ANY_NUMBER = re.compile(f"{_DIGITS.pattern}|{_SPELLED.pattern}")
_RELATION = re.compile(
    r"\b(?:who|which (?:person|man|woman|company))\b.*?\b(founded|co-?founded|founder|founders|"
    r"co-?founders?|ceo|chief executive|chairman|chairwoman)\b"
    r"|\b(?:which|what) (licen[cs]e)\b|^[\w.+-]+(?: [\w.+-]+){0,3} (licen[cs]e)$"
)
"""Roles that briefings name outright; who wrote or played something may be told in many ways."""


def asked_value(question: str, kind: QuestionType) -> Asked:
    """The value a question asks for, by its words and its kind."""
    text = fold(asking_part(question))
    if _ASKS_VERSION.search(text):
        return Asked(value=Value.VERSION)
    match kind:
        case QuestionType.HOW_MUCH | QuestionType.HOW:
            return _measure(text, kind)
        case QuestionType.WHEN:
            return Asked(value=Value.DAY)
        case QuestionType.WHO:
            return Asked(value=Value.NAME, relation=_relation(text), action=_action(text))
        case QuestionType.WHERE:
            return Asked(value=Value.PLACE)
        case QuestionType.DEFINITION | QuestionType.OPEN | QuestionType.LIST | QuestionType.YES_NO:
            return _quantity(text)
        case _:
            return Asked(value=None)


_ASKS_VERSION = re.compile(
    r"\b(?:what|which|latest|newest|minimum|from|since)(?: \w+)? (?:versions?|releases?)\b"
    r"|\bwhich \w+ version\b|\bversions? (?:number|does|did|is|was)\b"
)
_VERSION = re.compile(r"\bv?\d+\.\d+(?:\.\d+)*(?:\.x)?\b|\b[vx]?\d+\.x\b|\bv\d+\b")
_ASKS_PLACE = re.compile(
    r"\b(?:which|what|this)(?: [\w-]+)? (?:country|countries|city|nation|state|place|region|island|"
    r"town|location|continent)\b"
)

_ASKS_NAME = re.compile(
    r"\bwhat(?:'s| is| are| was| were) (?:.{1,60} )?(?:called|named|name)\W*$|\bthe names? of\b"
)
_QUANTITY = re.compile(
    r"\bwhat(?:'s| is| was| are| were| will)?\b.{0,60}\b"
    r"(revenue|price|cost|valuation|salary|fine)\b"
)


_SPENT = re.compile(
    r"\bwhat (?:did|does|do|will|has|have) .{1,60}\b(?:spend|spent|pay|paid|earn|earned)\b"
)
_ASKS = re.compile(
    r"\b(?:who|what|when|where|why|which|how|is|are|was|were|do|does|did|has|have|can|will)\b"
)
_KEYWORDS = {
    "price": Value.MONEY,
    "cost": Value.MONEY,
    "revenue": Value.MONEY,
    "salary": Value.MONEY,
    "date": Value.DAY,
    "version": Value.VERSION,
    "versions": Value.VERSION,
    "share": Value.SHARE,
    "percentage": Value.SHARE,
    "rate": Value.SHARE,
}
_KEYWORD = re.compile(rf"^(?:[^\s.!]+\s+){{1,6}}({'|'.join(_KEYWORDS)})\b\W*(?:\w+\W*){{0,2}}$")
"""Who types words as into a search engine names the value: "gpt-5 api price"."""


def _quantity(text: str) -> Asked:
    """What "What was the revenue…" asks for, which does not say "how much"."""
    keyword = None if _ASKS.search(text) else _KEYWORD.search(text)
    if keyword:
        return Asked(value=_KEYWORDS[keyword.group(1)])
    if _SPENT.search(text):
        return Asked(value=Value.MONEY)
    match = _QUANTITY.search(text)
    if match and "cause" not in text:
        return Asked(value=Value.MONEY, noun=stem(match.group(1)))
    if _ASKS_PLACE.search(text):
        return Asked(value=Value.PLACE)
    relation = _relation(text)
    is_name = bool(relation) or _ASKS_NAME.search(text) is not None
    return Asked(value=Value.NAME if is_name else None, relation=relation)


def _relation(text: str) -> str:
    match = _RELATION.search(text)
    if match is None:
        return ""
    said = next(group for group in match.groups() if group)
    return stem(said.replace("-", "").replace("chief executive", "ceo"))


_ACTION = re.compile(
    r"\bwho(?: (?:first|originally|also|had|has|have|will|was|were|is|are))* (\w+)"
)


def _action(text: str) -> str:
    match = _ACTION.search(text)
    if match is None or match.group(1) in STOP_WORDS:
        return ""
    # Who found something did not found it.
    return stem("discovered" if match.group(1) == "found" else match.group(1))


def _measure(text: str, kind: QuestionType) -> Asked:
    if _HOW_LONG.search(text):
        return Asked(value=Value.DURATION)
    if kind is QuestionType.HOW:
        return Asked(value=None)
    noun = _noun(text) if "how many" in text else ""
    if noun in {"dollar", "euro"} or (not noun and _is_money(text)):
        return Asked(value=Value.MONEY)
    if not noun and _SHARE.search(text):
        return Asked(value=Value.SHARE)
    return Asked(
        value=Value.NUMBER, noun=noun, counts_persons=_COUNTS_PERSONS.search(text) is not None
    )


def _is_money(text: str) -> bool:
    named = re.search(
        r"\bhow much (?!money\b)(?!(?:do|does|did|is|are|was|were|will|has|have)\b)"
        r"(\w+)",
        text,
    )
    if named and not _MONEY.search(named.group(1)):
        return False  # "How much electricity…" asks for no money, whoever pays.
    share_of = re.search(r"\bshare of\b|\bpercent", text)
    return _MONEY.search(text) is not None and not share_of


_COUNTS_PERSONS = re.compile(r"\bhow many (?:\w+ )?(?:people|persons)\b")
_PERSONS = """
people persons users customers visitors employees respondents responses participants members
subscribers attendees guests readers developers workers students patients voters
"""
PERSONS = frozenset(stem(word) for word in _PERSONS.split())
"""Stems of whom such a count may speak of."""
_ANYONE = frozenset({"people", "persons", "times"})
"""Counted under many names: respondents, visitors, employees."""


def _noun(text: str) -> str:
    """What is counted: the last word before the verb."""
    match = _COUNTED.search(text)
    if match is None:
        return ""
    noun = ""
    for word in match.group(1).split():
        if word in _VERB or word in STOP_WORDS or (noun and word.endswith("ed")):
            break
        noun = word
    parts = content_terms(noun)
    return "" if noun in _ANYONE or not parts else parts[-1]


def has_value(asked: Asked, sentence: str, question: str) -> bool:
    """Whether a sentence holds a value of the asked kind that the question does not name."""
    folded = fold(sentence)
    match asked.value:
        case Value.MONEY:
            return _CURRENCY.search(folded) is not None and _has_number(folded, question)
        case Value.SHARE:
            return _PERCENT.search(folded) is not None
        case Value.DURATION:
            return _TIME_UNIT.search(folded) is not None and _has_any_number(folded)
        case Value.NUMBER:
            return _has_number(folded, question, counts=bool(asked.noun))
        case Value.DAY:
            return _DAY.search(folded) is not None
        case Value.NAME:
            return bool(new_names(sentence, question))
        case _:
            return _names_value(asked, sentence, question)


def _names_value(asked: Asked, sentence: str, question: str) -> bool:
    if asked.value is Value.PLACE:
        return has_new_capitals(sentence, question)
    known = fold(question)
    return asked.value is Value.VERSION and any(
        found not in known for found in _VERSION.findall(fold(sentence))
    )


def undated(text: str) -> str:
    """A text without its dates, so that their numbers are not taken for facts."""
    return _DATE_WORDS.sub(" ", fold(text))


def _has_any_number(folded: str) -> bool:
    return bool(_DIGITS.search(folded) or _SPELLED.search(folded) or " a " in folded)


_MEASURE = re.compile(
    r"(?:[$€£¥]?\d[\d.,]*|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|"
    r"thirty|sixty))(?:[- ](?:thousand|million|billion|trillion))?[- ]?"
    r"(?:%|(?:per ?cent|dollars?|euros?|yuan|hours?|minutes?|seconds?|days?|weeks?|months?|years?|"
    r"kilomet(?:re|er)s?|met(?:re|er)s?|kilograms?|degrees?)\b)"
)
"""What is measured is not counted: "50 minutes" are no robots."""


_RELEASE = re.compile(r"\bv?\d+(?:\.\d+){2,}\b")
"""The number of a release counts nothing: "0.20.0"."""


def _has_number(folded: str, question: str, *, counts: bool = False) -> bool:
    """Whether a number stands there that is no date and was not in the question."""
    undated = _DATE_WORDS.sub(" ", folded)
    if counts:
        undated = _RELEASE.sub(" ", undated)
        undated = re.sub(r"\b(?:half|double|triple|single|one)\b", " ", _MEASURE.sub(" ", undated))
    asked = set(_DIGITS.findall(fold(question)))
    digits = {found.rstrip(".,") for found in _DIGITS.findall(undated)} - asked
    return bool(digits) or _SPELLED.search(undated) is not None


def fits_noun(asked: Asked, held: frozenset[str]) -> bool:
    """Whether what is counted or who is asked for is spoken of at all."""
    if asked.noun and not is_held(asked.noun, held):
        return False
    return not asked.relation or is_held(asked.relation, held)


_WRITTEN = {
    Value.MONEY: _CURRENCY,
    Value.SHARE: _PERCENT,
    Value.DURATION: _TIME_UNIT,
    Value.NUMBER: _ANY_NUMBER,
    Value.DAY: _DAY,
}


def value_is_near(asked: Asked, sentence: str, terms: frozenset[str]) -> bool:
    """Whether a value stands within a few words of something that the question names."""
    if asked.value not in _WRITTEN:
        return False
    return not terms.isdisjoint(_terms_near(asked.value, sentence))


@lru_cache(maxsize=16_384)
def _terms_near(value: Value, sentence: str) -> frozenset[str]:
    """The terms around the values of a kind in a sentence."""
    folded = fold(sentence)
    return frozenset(
        term
        for match in _WRITTEN[value].finditer(folded)
        for term in content_terms(folded[max(0, match.start() - NEAR) : match.end() + NEAR])
    )

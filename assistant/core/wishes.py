"""Owns whether the visitor's own words ask for what a tool does, whatever a model says. Pure.

A text that a model has read may tell it to cancel a meeting, and a cancellation holds no value that
could be compared with what the visitor said (`provenance.py`). So a tool that writes says in its
policy how visitors ask for it, and a write that nobody asked for reaches no confirmation. What
counts is this message, what Heidi asked just before it, and the visitor's messages of the dialogue
that is still open; an answer of Heidi's alone asks for nothing.

Reads words, not meaning: a slip of the pen and the languages of the tools' lexicons are read, an
unknown way to ask is refused, and then the model asks the visitor. Does not own the lexicons
(`assistant/tools/wishes.py`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from assistant.core.dialogue import gives_up, read_decision
from assistant.core.lowering import lower
from assistant.core.plain_speech import visible_text

MOST_CHARACTERS = 2_000
"""Read of a message, from its beginning and from its end."""
MOST_TURNS = 8
"""How far back an open dialogue reaches."""
LONGEST_REPLY = 16
"""Words; what is longer speaks for itself."""
SHORTEST_SLIP = 6
"""Letters of a word in which one may be wrong."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """How visitors ask for what a tool does.

    Words and patterns are compared without capitals and accents.
    """

    words: frozenset[str]
    """What is to be done: "cancel", "absagen"; asks if a thing is named as well."""
    done: frozenset[str] = frozenset()
    """The same as participles, which ask only after "I want it …"."""
    things: frozenset[str] = frozenset()
    """To what it is done: "meeting", "Termin". Empty: the words alone ask for it."""
    phrases: str = ""
    """A pattern that asks as the words do: "call … off"."""
    sentences: str = ""
    """A pattern that asks by itself where a thing is named: "I can't make it"."""
    questions: str = ""
    """A pattern of what Heidi asks before it, besides the words: "which time suits you"."""
    kind: str = ""
    """Its kind of form (`core/forms.py`), if it has one."""
    takes_times: bool = False
    """Whether a day or time names the thing, or chooses what was offered."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """A turn of the visitor's, as far as wishes are concerned."""

    message: str
    answer: str = ""
    """What Heidi said to it; nothing while it is answered."""
    is_settled: bool = False
    """Whether it decided about a confirmation: what was asked for before it is done or dropped."""
    names_time: bool = False
    """Whether it names a day or a time."""


@dataclass(frozen=True, kw_only=True)
class Dialogue:
    """What the visitor has said, newest last, and which forms are open."""

    turns: tuple[Said, ...] = ()
    open_kinds: frozenset[str] = field(default_factory=frozenset)

    def asks_for(self, wish: Wish) -> bool:
        """Whether the last message, alone or with what is still open before it, asks for this."""
        if not self.turns:
            return False
        *earlier, last = self.turns[-MOST_TURNS:]
        if _asks(last, wish, is_about=_is_about(earlier[-1:], wish)):
            return True
        if _declines(last.message) or not _continues(last, wish):
            return False
        if wish.kind and wish.kind in self.open_kinds:
            return True
        return _replies_to(earlier, last, wish) or _was_asked_before(earlier, wish)

    @property
    def agreed(self) -> str:
        """The question of Heidi's that the last message says yes to; empty if it does not."""
        if len(self.turns) < 2 or self.turns[-2].is_settled:
            return ""
        *_, before, last = self.turns
        if _declines(last.message) or not _AGREES.match(_without_opening(_plain(last.message))):
            return ""
        asked = _questions(before.answer)
        return asked[-1] if asked else ""


def wish_from(label: str, words: Sequence[str] = ()) -> Wish:
    """How visitors ask for what a label names: "Cancel the order" is to cancel, an order.

    Args:
        label: what is done, and to what.
        words: by which it is asked for, instead of the label's first.
    """
    said = [word for word in _WORD.findall(_plain(label)) if word not in _SMALL_WORDS]
    first = [_plain(word) for word in words] or said[:1]
    return Wish(
        words=frozenset(form for word in first for form in _forms(word)),
        things=frozenset(form for word in said[1:] for form in _forms(word)),
    )


def _forms(word: str) -> set[str]:
    """The word and its plain forms: "placing" is to place, "orders" is about an order."""
    forms = {word, f"{word}s", f"{word}ing", word.removesuffix("s")}
    if word.endswith("ing") and len(word) > len("bring"):
        stem = word.removesuffix("ing")
        forms |= {stem, f"{stem}e", *([stem[:-1]] if stem[-1] == stem[-2] else ())}
    if word.endswith("e"):
        forms.add(f"{word[:-1]}ing")
    return forms


def _questions(answer: str) -> list[str]:
    return [part for part in _SENTENCE.findall(answer) if part.rstrip().endswith("?")]


def _was_asked_before(earlier: Sequence[Said], wish: Wish) -> bool:
    """Whether a message before asked for it, and everything since has only gone on with it."""
    for place in range(len(earlier) - 1, -1, -1):
        turn = earlier[place]
        if turn.is_settled or not turn.message or _declines(turn.message):
            return False
        # What Heidi answered to it tells what "something" was as well.
        if _asks(turn, wish, is_about=_is_about(earlier[: place + 1][-2:], wish)):
            return True
        if _replies_to(earlier[:place], turn, wish):
            return True
        if not _continues(turn, wish):
            return False
    return False


def _replies_to(earlier: Sequence[Said], turn: Said, wish: Wish) -> bool:
    """Whether Heidi asked for it just before, and this says yes, chooses or gives what it takes."""
    if not earlier:
        return False
    answer = _plain(earlier[-1].answer)
    asked = _questions(answer)
    if wish.takes_times and turn.names_time and _TIME_OF_DAY.search(answer):
        return wish.kind == "book" and _continues(turn, wish)
    if not asked:
        return False
    words = _words(asked[-1])
    is_its_question = not words.isdisjoint(wish.words | wish.done) or _finds(
        wish.phrases, asked[-1]
    )
    return is_its_question or _finds(wish.questions, asked[-1])


def _is_about(earlier: Sequence[Said], wish: Wish) -> bool:
    """Whether the last exchange was about its things, so that "it" means one of them."""
    if not earlier:
        return False
    last = earlier[-1]
    words = _words(_plain(f"{last.message} {last.answer}"))
    return not words.isdisjoint(wish.things) or (last.names_time and wish.takes_times)


def _asks(turn: Said, wish: Wish, *, is_about: bool) -> bool:
    text = _plain(turn.message)
    has_thing = (
        not wish.things
        or _has_slipped_word(text, wish.things)
        or (wish.takes_times and (turn.names_time or _MEETING_ID.search(text) is not None))
    )
    if not (has_thing or is_about):
        return False
    return any(_clause_asks(clause, wish, has_thing) for clause in _clauses(text))


def _clause_asks(clause: str, wish: Wish, has_thing: bool) -> bool:
    if _REPORTS.match(_without_opening(clause)):
        return False
    if _finds(wish.sentences, clause):
        return True
    places = [*_places(clause, wish), *_places_done(clause, wish)]
    if not has_thing and not (_POINTS.search(clause) or len(clause.split()) <= 4):
        return False
    return any(not _DENIES.search(clause[:place]) for place in places)


def _places(clause: str, wish: Wish) -> list[int]:
    """Where the clause has a word of the wish."""
    found = [
        match.start()
        for match in _WORD.finditer(clause)
        if any(_is_one_of(part, wish.words) for part in _words(match.group()))
    ]
    if wish.phrases:
        found += [
            match.start()
            for match in re.finditer(wish.phrases, clause)
            if not _NOT_WITHIN.search(match.group())
        ]
    return found


def _places_done(clause: str, wish: Wish) -> list[int]:
    """Where it has a participle that is wished for: "I'd like it cancelled"."""
    return [
        match.start()
        for match in _WORD.finditer(clause)
        if _is_one_of(match.group(), wish.done) and _WANTS_DONE.search(clause[: match.start()])
    ]


def _continues(turn: Said, wish: Wish) -> bool:
    """Whether a message only goes on: says yes, chooses, corrects, gives a value."""
    text = _plain(turn.message)
    if not text or len(text.split()) > LONGEST_REPLY or _declines(turn.message):
        return False
    opened = _without_opening(text)
    if _REPORTS.match(opened):
        return False
    return bool(
        _AGREES.match(opened)
        or _CHOOSES.search(opened)
        or _VALUE.search(text)
        or (turn.names_time and wish.takes_times)
        or _has_slipped_word(text, wish.things)
    )


def _declines(message: str) -> bool:
    return read_decision(message) == "decline" or gives_up(message)


def _plain(text: str) -> str:
    """Lower case without accents; the middle of a long text is left out."""
    shown = visible_text(text)
    if len(shown) > 2 * MOST_CHARACTERS:
        shown = f"{shown[:MOST_CHARACTERS]}. {shown[-MOST_CHARACTERS:]}"
    apart = unicodedata.normalize("NFKD", lower(shown))
    return "".join(char for char in apart if not unicodedata.combining(char))


def _clauses(text: str) -> list[str]:
    return [clause.strip() for clause in _JOINT.split(text) if clause.strip()]


def _without_opening(clause: str) -> str:
    return _OPENING.sub("", clause, count=1)


def _finds(pattern: str, text: str) -> bool:
    return bool(pattern) and re.search(pattern, text) is not None


def _words(text: str) -> set[str]:
    """The words of a text, compound ones and their parts."""
    whole = set(_WORD.findall(text))
    return whole | {part for word in whole for part in word.split("-")}


def _has_slipped_word(text: str, words: frozenset[str]) -> bool:
    return any(_is_one_of(word, words) for word in _words(text))


@lru_cache(maxsize=4_096)
def _is_one_of(word: str, words: frozenset[str]) -> bool:
    """Whether the word is one of these, or one of the longer ones with one slip."""
    word = _REPEATED.sub(r"\1\1", word)
    if word in words:
        return True
    is_other_form = word.endswith("s") and word[:-1] in words
    if len(word) < SHORTEST_SLIP - 1 or word in _NO_SLIPS or is_other_form:
        return False
    return any(
        len(meant) >= SHORTEST_SLIP and meant[0] == word[0] and _is_slip(word, meant)
        for meant in words
    )


def _is_slip(written: str, meant: str) -> bool:
    """Whether one letter is missing, added, wrong, or exchanged with its neighbour."""
    if abs(len(written) - len(meant)) > 1:
        return False
    start = 0
    while start < min(len(written), len(meant)) and written[start] == meant[start]:
        start += 1
    left, right = written[start:], meant[start:]
    return (
        left[1:] == right
        or left == right[1:]
        or left[1:] == right[1:]
        or (left[:2] == right[1::-1] and left[2:] == right[2:])
    )


_WORD = re.compile(r"\w+(?:-\w+)*")
_REPEATED = re.compile(r"(\w)\1{2,}")
_NOT_WITHIN = re.compile(r"\b(?:nicht|kein\w*|niet|geen|not|never|pas)\b")
"""Denies a phrase whose words stand apart: "sagen Sie ihn nicht ab"."""
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")
_JOINT = re.compile(
    r"[.!?;:\n]+\s|[.!?;:\n]+$|\n|,|\s[-\u2013\u2014]\s|\b(?:but|and|then|so|just|sondern|aber|und|"
    r"mais|et|pero|sino|y|ma|mas|e|maar|en)\b"
)
_OPENING = re.compile(
    r"^\W*(?:(?:hi|hello|hey|heidi|please|pls|so|and|ok|okay|well|oh|hmm|actually|sorry|also|then|"
    r"hallo|bitte|bonjour|hola|ciao|ola|por favor|per favore|s'il (?:vous|te) plait)\b\W*)*"
)
_REPORTS = re.compile(
    r"(?:did|was|were|had|does|has|have (?:i|we|you|they|my|the)\b.*\b(?:been|ed)\b"
    r"|do (?:i|they|we|you (?!mind|think))|is (?!.*\b(?:possible|ok|okay|alright|fine)\b|there"
    r" (?:a|any) way)"
    r"|are (?!you able|we able)|what (?!about|if we|if you)|why (?!not\b|don'?t (?:you|we))"
    r"|when(?! can| could| would)|where|which|who|whose|whom|how (?!about|soon can|early can)"
    r"|tell me|show|explain|summari[sz]e|i (?:read|heard|saw)"
    r"|wurde|hat|hatte|ist|war|warum|wieso|wann|wie|welche[rsnm]?|wer|was|zeig|"
    r"pourquoi|quand|comment|qui|quel(?:le)?s?|por que|cuando|quien|cual|perche|quando|chi|quali|"
    r"porque|quem|qual|waarom|wanneer|wie|welke)\b"
)
"""Openings of clauses that ask about what is or was, and for no deed."""
_DENIES = re.compile(
    r"(?:\b(?:don'?t|do not|didn'?t|did not|won'?t|will not|wouldn'?t|shouldn'?t|should not|never|"
    r"no need|(?<!why )not|without|instead of|rather than|(?<!see )(?<!it )(?<!ful )(?<!eat"
    r" )(?<!ice )if(?! (?:you|we|i) (?:can|could|would|may))|unless|whether|before|after|"
    r"until|nicht|kein\w*|nie|ohne|statt|wenn|ob|bevor|ne|sans|pas|avant|no|nunca|sin|antes|non|"
    r"mai|senza|nao|nem|sem|niet|geen|zonder)"
    r"\W+(?:\w+\W+){0,4})$"
)
"""What stands before a word that is denied, or only thought of."""
_WANTS_DONE = re.compile(
    r"\b(?:want|wants|need|needs|like|love|wish|get|getting|be|consider|have (?:it|this|that"
    r"|them|my|"
    r"the|our))\b"
)
_POINTS = re.compile(
    r"\b(?:it|that|this|these|those|them|both|one|something|everything|all|mine|ours|ihn|sie|es"
    r"|das|den|diesen|beide|"
    r"le|la|les|lo|los|las|li|ela|ele|hem|die|dat|deze)\b"
)
_AGREES = re.compile(
    r"(?:y|ya|yes|yep|yeah|yup|sure|ok|okay|alright|all right|fine|correct|right|exactly|"
    r"absolutely|certainly|definitely|of course|perfect|great|good|sounds|works|that works|go"
    r" ahead|"
    r"go for it|do (?:it|so|that)|do|proceed|confirm\w*|done|signed|logged|i(?:'m| am|'ve| have) "
    r"(?:now )?(?:signed|logged)|i do|i did|ja|jawohl|gerne?|genau|klar|passt|mach\w*"
    r"|einverstanden|"
    r"oui|d'accord|bien sur|volontiers|vas-?y|allez-?y|si|claro|vale|adelante|certo|va bene|"
    r"sim|pode|graag|prima)\b"
)
_CHOOSES = re.compile(
    r"\b(?:first|second|third|fourth|last|1st|2nd|3rd|4th|latter|former|next one|earliest|latest|"
    r"either|any|both|all of them|(?:the|that|this) one|the other|with \w+|instead|rather|i meant?|"
    r"erste[rn]?|zweite[rn]?|dritte[rn]?|letzte[rn]?|stattdessen|lieber|premier|deuxieme|second|"
    r"dernier|plutot|primer[oa]?|segund[oa]|ultim[oa]|mejor|prim[oa]|second[oa]|meglio|"
    r"eerste|tweede|laatste|liever|jeder|beide|"
    r"make it|what about|how about|later|earlier|sooner|mornings?|afternoons?)\b"
)
_VALUE = re.compile(r"\S@\S|(?:\d\W?){5,}|\bm-[a-z0-9]{4,}\b")
_TIME_OF_DAY = re.compile(r"\b\d{1,2}(?::\d\d| ?[ap]m\b)")
_MEETING_ID = re.compile(r"(?<!\w)m-[a-z0-9]{4,12}(?!\w)")
_SMALL_WORDS = frozenset("a an the your my our for to of with in on and or".split())
_NO_SLIPS = frozenset("cancer cancers chance chances charge charges phones moving".split())
"""Words of their own that one letter parts from another."""

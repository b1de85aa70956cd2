"""Owns what speech may never hold, whatever supports it: links, markup, hidden text.

A model's sentence comes back as the plain words a visitor reads, or not at all; a tool's text comes
back without its links, since account fields are written by others. Does not own whether a sentence
is true (`agents/speaking.py`). Pure.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable

from assistant.core.sentences import plain_text
from assistant.core.terms import words

MOST_UNESCAPED = 4
"""Layers of HTML entities that are taken off; what has more is dropped."""
LEFT_OUT = "(link left out)"
PRIVATE_RUN = 8
"""So many words in the order of the private text are a quotation of it."""

_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})
_SCHEME = re.compile(
    r"[a-z][a-z0-9+.-]{1,20}\s?:\s?[/\\]{2}|"
    r"\b(?:javascript|vbscript|livescript|data|file|blob|mailto|tel|sms|ftp|intent)\s?:\S|"
    r"\bwww\s?\.\s?\S|(?:^|[\s(\[\"'=:])[/\\]{2}\w",
    re.IGNORECASE,
)
_HOST_WITH_PATH = re.compile(r"\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,24}(?::\d+)?[/?#\\]\S", re.IGNORECASE)
_NUMBERED_HOST = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b|\b0x[0-9a-f]{8}\b", re.IGNORECASE)
_HOST = re.compile(r"(?<![\w.])(?:[\w-]+@)?[\w-]{2,}(?:\.[\w-]{2,})*\.[a-z]{2,24}\b", re.IGNORECASE)
_MARKUP = re.compile(r"!\[|\]\s?\(|\]\s?\[|\]\s?:|[<>]|&(?:#\w+|[a-z]+);|\]\]|\{\{|\}\}", re.I)
_LABELLED = re.compile(r"!?\[([^\[\]]{0,300})\]\s?\([^()]{0,2000}\)")
_BRACKETS = str.maketrans({"<": "‹", ">": "›"})
_PAYLOAD = re.compile(r"[A-Za-z0-9+/=_-]{64,}")
"""So long a word is no language; it may carry data."""
_SECRETS = re.compile(
    r"\b(?:passwords?|passcodes?|pin codes?|your pin|cvv|cvc|card numbers?|credit cards?|iban|"
    r"one-time codes?|security codes?|verification codes?|seed phrases?|private keys?|"
    r"api keys?|social security)\b",
    re.IGNORECASE,
)
_CLAIMED_WRITE = re.compile(
    r"\b(?:i|we|i've|we've|i have|we have)\s+(?:(?:just|now|already|also|successfully)\s+)*"
    r"(?:booked|cancelled|canceled|moved|rescheduled|changed|updated|deleted|removed|transferred|"
    r"sent|paid|refunded|upgraded|confirmed|approved|scheduled)\b",
    re.IGNORECASE,
)


def visible_text(text: str) -> str:
    """A text without characters that no reader sees: controls, zero-width, direction, surrogates.

    Line breaks and tabs stay.
    """
    return "".join(
        character
        for character in text
        if character in "\n\t" or unicodedata.category(character) not in _HIDDEN_CATEGORIES
    )


def plain_speech(sentence: str) -> str | None:
    """The sentence's plain words; None when it holds a link, markup or an encoded payload."""
    spoken = plain_text(visible_text(sentence))
    probe = _unescaped(unicodedata.normalize("NFKC", spoken))
    if probe is None or _MARKUP.search(spoken) or _MARKUP.search(probe):
        return None
    forbidden = (_SCHEME, _HOST_WITH_PATH, _NUMBERED_HOST, _PAYLOAD)
    is_forbidden = any(pattern.search(probe.lower()) for pattern in forbidden)
    return None if is_forbidden or "://" in probe else spoken


def without_links(text: str) -> str:
    """A text with its links left out and nothing in it that can become markup."""
    spoken = _unescaped(visible_text(text))
    if spoken is None:
        return LEFT_OUT
    folded = unicodedata.normalize("NFKC", spoken)
    if _holds_link(folded):
        words = _LABELLED.sub(r"\1", folded).split(" ")
        spoken = " ".join(LEFT_OUT if _holds_link(word) else word for word in words)
        spoken = LEFT_OUT if _holds_link(spoken) else spoken
    spoken = _LABELLED.sub(r"\1", spoken).translate(_BRACKETS)
    return spoken.replace("![", "! [").replace("](", "] (")


def _holds_link(text: str) -> bool:
    return "://" in text or any(pattern.search(text) for pattern in (_SCHEME, _HOST_WITH_PATH))


def hosts_in(sentence: str) -> frozenset[str]:
    """Names of hosts and e-mail addresses in a sentence, in small letters."""
    folded = unicodedata.normalize("NFKC", sentence).lower()
    return frozenset(match.group().strip(".") for match in _HOST.finditer(folded))


def asks_for_secrets(sentence: str) -> bool:
    """Whether a sentence speaks of what Heidi never asks for, such as a password."""
    return _SECRETS.search(sentence) is not None


def claims_a_write(sentence: str) -> bool:
    """Whether a sentence says that Heidi has changed something; no model can have done so."""
    return _CLAIMED_WRITE.search(sentence.replace("’", "'")) is not None


def runs_of(texts: Iterable[str], length: int = PRIVATE_RUN) -> frozenset[tuple[str, ...]]:
    """Every run of so many words that stands in the texts."""
    found: set[tuple[str, ...]] = set()
    for text in texts:
        spelled = list(words(text))
        found |= {tuple(spelled[at : at + length]) for at in range(len(spelled) - length + 1)}
    return frozenset(found)


def _unescaped(text: str) -> str | None:
    for _ in range(MOST_UNESCAPED):
        plain = html.unescape(text)
        if plain == text:
            return visible_text(plain)
        text = plain
    return None

"""Owns what a visitor's message may be. Pure."""

from __future__ import annotations

import unicodedata

from assistant.core.errors import InvalidInput, LimitExceeded

MAX_MESSAGE_CHARACTERS = 4_000
"""Longer texts are no questions; the bubble counts down to it."""

_ALLOWED_CONTROLS = frozenset("\n\r\t")


def clean_message(text: str, *, max_characters: int = MAX_MESSAGE_CHARACTERS) -> str:
    """The message without surrounding space and with plain line ends.

    Raises:
        LimitExceeded: it is too long.
        InvalidInput: it is empty, or holds control characters or broken Unicode.
    """
    if len(text) > max_characters:
        raise LimitExceeded(
            f"The message has {len(text):,} characters; Heidi reads up to {max_characters:,}.",
            remedy="Shorten it, or send it in parts.",
        )
    if any(_is_forbidden(character) for character in text):
        raise InvalidInput(
            "The message holds control characters or broken Unicode.",
            field="message",
            remedy="Send plain text in UTF-8.",
        )
    cleaned = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not any(character.isprintable() and not character.isspace() for character in cleaned):
        raise InvalidInput(
            "The message is empty.", field="message", remedy="Write what you would like to know."
        )
    return cleaned


def _is_forbidden(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cs"} and character not in _ALLOWED_CONTROLS

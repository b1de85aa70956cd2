"""Owns finding conversations by what was said: the words of a search, and their condition.

A word is found inside of longer ones. Three characters or more are looked up in an index of
trigrams; shorter ones, which it can't know, are compared with each text that is left.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Integer, literal_column, select, text

from assistant.store.conversation_tables import ConversationRow
from assistant.store.review_facts import searchable
from assistant.store.review_tables import FULL_TEXT, ReviewRow

MAX_WORDS = 10
"""Of a search: more are left out."""
_TRIGRAM = 3


def words_of(search: str) -> tuple[str, ...]:
    """What is looked for: words, and phrases in double quotes; each has to be there."""
    try:
        lexer = shlex.shlex(searchable(search), posix=True)
        lexer.quotes, lexer.whitespace_split, lexer.commenters = '"', True, ""
        lexer.escape = ""
        words = list(lexer)
    except ValueError:  # a quote that is never closed is a character like any other
        words = searchable(search).replace('"', " ").split()
    return tuple(word for word in map(str.strip, words) if word)[:MAX_WORDS]


def says(words: Sequence[str], *, is_sqlite: bool) -> ColumnElement[bool]:
    """Whether every word was said in a conversation, or names it or its customer.

    Args:
        words: as `words_of` gives them; at least one.
        is_sqlite: whether the database is SQLite, whose index is asked in its own way.
    """
    found = select(ReviewRow.conversation_id)
    rest = list(words)
    if is_sqlite and (long := [word for word in words if len(word) >= _TRIGRAM]):
        matching = (
            select(literal_column("rowid", Integer))
            .select_from(text(FULL_TEXT))
            .where(literal_column(FULL_TEXT).op("MATCH")(" ".join(map(_quoted, long))))
        )
        found = found.where(ReviewRow.number.in_(matching))
        rest = [word for word in words if len(word) < _TRIGRAM]
    found = found.where(*(ReviewRow.text.contains(word, autoescape=True) for word in rest))
    if not is_sqlite:
        # Found first and by the index: PostgreSQL takes pieces of words for frequent, and would
        # rather read the texts of one conversation after another until a page is full.
        found = found.offset(0)
    return ConversationRow.id.in_(found)


def _quoted(word: str) -> str:
    """A string of FTS5's query language; side by side, all have to be there."""
    return '"' + word.replace('"', '""') + '"'

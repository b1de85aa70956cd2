"""Owns showing an answer to staff: its Markdown, with the numbers of its sources as links. Pure."""

from __future__ import annotations

from urllib.parse import quote

from markupsafe import Markup

from assistant.core.links import local_path
from assistant.core.transcript import TranscriptTurn
from assistant.site.markdown import answer_html


def answer_markup(turn: TranscriptTurn) -> Markup:
    """The answer as HTML; of what it cites each place has the number of its source."""
    return Markup(answer_html(_numbered(turn)))


def _numbered(turn: TranscriptTurn) -> str:
    text = turn.answer
    places = {(each.end, each.number, each.path) for each in turn.citations}
    for end, number, path in sorted(places, reverse=True):
        if 0 < end <= len(text) and local_path(path):
            text = f"{text[:end]} [\\[{number}\\]]({quote(path, safe='/?=&%')}){text[end:]}"
    return text

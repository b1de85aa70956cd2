"""Owns splitting English prose into sentences.

Uses the Punkt model (Kiss and Strunk, 2006, doi:10.1162/coli.2006.32.4.485) that llama-index ships,
so that nothing is downloaded.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nltk.tokenize.punkt import PunktTokenizer

MORE_ABBREVIATIONS = frozenset(
    {"e.g", "i.e", "vs", "approx", "incl", "fig", "figs", "eq", "cf", "al"}
)
"""What Punkt has not learnt from newspapers but technical prose uses."""


def split_sentences(text: str) -> list[str]:
    """Sentences of a text in order, stripped; runs of white space inside stay as they are.

    Args:
        text: Prose. Line breaks always end a sentence, since a heading or a list item has no stop.
    """
    return [
        sentence
        for line in text.splitlines()
        if line.strip()
        for sentence in _joined(_punkt().tokenize(line.strip()))
    ]


def _joined(pieces: list[str]) -> list[str]:
    """Put back together what was split before a lower-case word, as in "10 MB!) of memory"."""
    sentences: list[str] = []
    for piece in pieces:
        if sentences and piece[:1].islower():
            sentences[-1] = f"{sentences[-1]} {piece}"
        else:
            sentences.append(piece)
    return sentences


@cache
def _punkt() -> PunktTokenizer:
    import nltk
    from nltk.tokenize.punkt import PunktTokenizer

    spec = find_spec("llama_index.core")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("llama-index-core is not installed", name="llama_index.core")
    # nltk reads models from registered folders only; llama-index registers this one, too.
    nltk.data.path.append(str(Path(spec.origin).parent / "_static" / "nltk_cache"))
    tokenizer = PunktTokenizer("english")
    tokenizer._params.abbrev_types.update(MORE_ABBREVIATIONS)
    return tokenizer

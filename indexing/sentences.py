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
        for sentence in _sentences_of(line.strip())
    ]


def _sentences_of(line: str) -> list[str]:
    """Punkt's sentences, put back together where no sentence begins.

    That is before a lower-case word, as in "10 MB!) of memory", and where no space stands.
    """
    spans: list[tuple[int, int]] = []
    for start, end in _punkt().span_tokenize(line):
        goes_on = bool(spans) and (line[start].islower() or spans[-1][1] == start)
        spans.append((spans.pop()[0], end) if goes_on else (start, end))
    return [line[start:end] for start, end in spans]


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

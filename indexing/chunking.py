"""Owns cutting briefings into chunks: the pieces that are embedded, retrieved and cited."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING

from indexing.briefings import Briefing
from indexing.embedding import TokenCounter, count_packaged_tokens
from indexing.prose import Section, read_sections
from indexing.sentences import split_sentences

if TYPE_CHECKING:
    from llama_index.core.node_parser import SentenceSplitter

CHUNKING_VERSION = 1
"""To be raised with every change of how chunks are cut or embedded; older indexes are refused."""
DEFAULT_CHUNK_TOKENS = 180


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """A few whole sentences of a briefing."""

    id: str
    """`<briefing>:<ordinal>:<hash>`; the same content always gets the same one."""
    briefing_id: str
    ordinal: int
    """Place in the briefing; the summary is 0."""
    text: str
    """The briefing's own words without markup, one paragraph or list item per line."""
    heading: str
    """Headings that the text stands below; empty for the summary and before the first one."""
    title: str
    path: str
    """Address of the briefing's page on the site."""
    date: date
    category: str
    section: str
    sentiment: str
    source_name: str
    source_url: str
    """The briefing's first source."""

    @property
    def embedded_text(self) -> str:
        """The text with the context that makes it findable: title, heading, category and day."""
        day = f"{self.date.day} {self.date:%B %Y}"
        context = f"{self.title} ({self.category}, {self.section}, {day})"
        return "\n".join(part for part in (context, self.heading, self.text) if part)


class BriefingChunker:
    """Cuts briefings with llama-index's sentence splitter, sized in the model's own word pieces.

    A sentence is never cut: one that is longer than a chunk becomes a chunk of its own, of which
    the model reads the beginning.

    Args:
        count_tokens: Counts word pieces as the embedding model does.
        chunk_tokens: Most word pieces of a chunk's text.
    """

    def __init__(
        self,
        count_tokens: TokenCounter = count_packaged_tokens,
        chunk_tokens: int = DEFAULT_CHUNK_TOKENS,
    ) -> None:
        self._count_tokens = count_tokens
        self._chunk_tokens = chunk_tokens
        self._splitter: SentenceSplitter | None = None

    def chunks(self, briefing: Briefing) -> tuple[Chunk, ...]:
        """Chunks of a briefing in reading order, the summary first."""
        pieces = [("", briefing.summary), *self._pieces(read_sections(briefing.body))]
        return tuple(
            _chunk(briefing, ordinal, heading, text)
            for ordinal, (heading, text) in enumerate(pieces)
            if text
        )

    def _pieces(self, sections: Sequence[Section]) -> Iterator[tuple[str, str]]:
        """Headings and texts of chunks."""
        for group, tokens in self._groups(sections):
            heading = "; ".join(dict.fromkeys(part.heading for part in group if part.heading))
            text = "\n".join(line for part in group for line in part.lines)
            for piece in self._split(text) if tokens > self._chunk_tokens else [text.strip()]:
                yield heading, piece

    def _groups(self, sections: Iterable[Section]) -> Iterator[tuple[list[Section], int]]:
        """Neighbours that fit into one chunk together, with their word pieces.

        A longer section stands alone.
        """
        group: list[Section] = []
        tokens = 0
        for section in sections:
            size = sum(self._count_tokens(line) for line in section.lines)
            if group and tokens + size > self._chunk_tokens:
                yield group, tokens
                group, tokens = [], 0
            group.append(section)
            tokens += size
        if group:
            yield group, tokens

    def _split(self, text: str) -> list[str]:
        if self._splitter is None:
            self._splitter = self._make_splitter()
        return self._splitter.split_text(text)

    def _make_splitter(self) -> SentenceSplitter:
        from llama_index.core.node_parser import SentenceSplitter

        return SentenceSplitter(
            chunk_size=self._chunk_tokens,
            chunk_overlap=0,
            paragraph_separator="\n",
            tokenizer=self._tokens,
            chunking_tokenizer_fn=_sentences_with_spaces,
        )

    def _tokens(self, text: str) -> list[int]:
        """As many items as word pieces; one sentence never counts as more than a chunk holds.

        The splitter cuts what is longer than a chunk at commas and words; it can't be told not to.
        """
        count = self._count_tokens(text)
        if count > self._chunk_tokens and len(split_sentences(text)) == 1:
            count = self._chunk_tokens
        return [0] * count


def chunking_version(chunk_tokens: int) -> str:
    """Changes when the same briefing would be cut differently."""
    return f"{CHUNKING_VERSION}:{chunk_tokens}"


def _sentences_with_spaces(text: str) -> list[str]:
    """Sentences with the white space behind them, so that joined they are the text again."""
    starts: list[int] = []
    position = 0
    for sentence in split_sentences(text):
        position = text.index(sentence, position)
        starts.append(position)
        position += len(sentence)
    starts[:1] = [0]
    return [text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]


def _chunk(briefing: Briefing, ordinal: int, heading: str, text: str) -> Chunk:
    source = briefing.sources[0] if briefing.sources else None
    chunk = Chunk(
        id="",
        briefing_id=briefing.id,
        ordinal=ordinal,
        text=text,
        heading=heading,
        title=briefing.title,
        path=briefing.path,
        date=briefing.date,
        category=briefing.category.value,
        section=briefing.section.value,
        sentiment=briefing.sentiment.value,
        source_name=source.name if source else "",
        source_url=source.url if source else "",
    )
    fields = asdict(chunk) | {"id": f"{briefing.id}:{ordinal}:{_hash(chunk)}"}
    return Chunk(**fields)


def _hash(chunk: Chunk) -> str:
    content = json.dumps(asdict(chunk), ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(content.encode()).hexdigest()[:8]

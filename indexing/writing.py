"""Owns writing a briefing from a post without a language model: extracted, never invented.

Every sentence of a briefing stands in its post. What to keep is decided by place, figures, names
and nearness to the title, as in early extractive summarisers (Edmundson, 1969,
doi:10.1145/321510.321519).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import urlsplit

from slugify import slugify

from indexing.briefings import Briefing, Category, Source
from indexing.cleaning import clean_text, without_dangling
from indexing.embedding import Embedder
from indexing.labels import categorise, section_of, sentiment_of, tags_of
from indexing.posts import Post
from indexing.prose import Block, BlockKind, escape_markdown, read_blocks, with_stop
from indexing.sentences import split_sentences

DEFAULT_WORDS = 600
_LEAD_BLOCKS = 5
_LEAD_SENTENCES = 2
_SUMMARY_WORDS = range(6, 70)
"""Words of a summary that is taken over as it was given."""
_SCANT_WORDS = 12
_FIRST_WORDS = 30
_SENTENCE_WORDS = range(5, 46)
"""Words of a sentence that can stand in a summary."""
_SLUG_LENGTH = 80
_MUCH_CODE = 16
"""Fences: eight blocks of code."""
_GIST_WORDS = 40
_CHATTER = re.compile(
    r"^(welcome|hello|hi\b|hey|as (you|many|some)|you (may|might|probably)|if you|imagine|let's"
    r"|let us|here (is|are)|read on|in this (blog|post|article|tutorial|section|guide)"
    r"|this (blog )?(post|article|tutorial|guide)|note|today we|as always|below|the following)\b"
    r"|\b(this|my|our|previous|last|next) (blog )?(post|article|series|tutorial)\b",
    re.IGNORECASE,
)
_DANGLING = re.compile(
    r"(however|but|and|so|also|this|these|those|it|its|that|they|their|he|she|there|then|thus"
    r"|therefore|instead|as (a result|such|usual)|for (example|instance)|in (addition|fact)"
    r"|moreover|furthermore|finally|similarly|meanwhile)\b",
    re.IGNORECASE,
)
"""Beginnings of sentences that need the one before."""
_CHATTER_I = re.compile(r"\bI('m|'ve|'d|'ll)?\b")
_STOPWORDS = frozenset(
    "a an and are as at be by for from how in is it its new of on or that the this to us we what "
    "when why will with you your".split()
)


@dataclass(frozen=True, kw_only=True)
class PostUnusable:
    """A post that no briefing can be written from."""

    post: Post
    reason: str


def write_briefings(
    posts: Sequence[Post], embedder: Embedder, *, words: int = DEFAULT_WORDS
) -> Iterator[Briefing | PostUnusable]:
    """Write a briefing from each post, in their order.

    Args:
        posts: Posts without repetitions.
        embedder: Tells the categories.
        words: Most words of a body.
    """
    names = source_names(posts)
    written = [
        write_briefing(
            post, category=Category.SOFTWARE, source_name=names[post.source], words=words
        )
        for post in posts
    ]
    categories = categorise(
        [_gist(item) for item in written],
        embedder,
        sources=[post.source for post in posts],
        about_ai=[post.is_about_ai for post in posts],
    )
    for item, category in zip(written, categories, strict=True):
        yield replace(item, category=category) if isinstance(item, Briefing) else item


def write_briefing(
    post: Post, *, category: Category, source_name: str, words: int = DEFAULT_WORDS
) -> Briefing | PostUnusable:
    """Write a briefing from a post.

    Args:
        post: The post.
        category: What it is about.
        source_name: Its publisher, as a reader would say.
        words: Most words of the body; whole paragraphs are left out to keep to it.
    """
    blocks = clean_text(post.text, title=post.title, is_truncated=post.is_truncated)
    summary = _given_summary(post) or _lead_summary(post.title, blocks)
    if not summary:
        return PostUnusable(post=post, reason="text: has no prose")
    kept = condense(blocks, title=post.title, words=words)
    text = " ".join(block.text for block in kept)
    tone = [post.title, *split_sentences(summary), *split_sentences(_opening(blocks))]
    return Briefing(
        id=f"post-{slugify(post.id)}",
        slug=slugify(post.title, max_length=_SLUG_LENGTH, word_boundary=True) or f"post-{post.id}",
        title=post.title,
        category=category,
        section=section_of(post.title, has_code=post.text.count("```") >= _MUCH_CODE),
        sentiment=sentiment_of(tone),
        date=post.date,
        summary=summary,
        body=_markdown(kept) or escape_markdown(summary),
        sources=(Source(name=source_name, url=post.url),),
        tags=tags_of(post.title, f"{summary} {text}"),
    )


def condense(blocks: Sequence[Block], *, title: str, words: int) -> tuple[Block, ...]:
    """The blocks that say most, in their order, with at most so many words.

    The opening always stays. A list stays together with the sentence that announces it, and is cut
    from below if it is too long. A heading stays while something below it does.
    """
    units = _units(blocks)
    ranked = sorted(units[1:], key=lambda unit: -_weight(blocks, unit, title))
    chosen = {number for number, block in enumerate(blocks) if block.kind is BlockKind.HEADING}
    room = words
    for unit in (*units[:1], *ranked):
        for number in unit:
            size = len(blocks[number].text.split())
            if size > room:
                break
            chosen.add(number)
            room -= size
    kept = [blocks[number] for number in sorted(chosen)]
    return tuple(without_dangling(list(_with_something_below(kept))))


def _units(blocks: Sequence[Block]) -> list[list[int]]:
    """Numbers of the blocks that belong together: a paragraph, or a list and what announces it."""
    units: list[list[int]] = []
    previous: Block | None = None
    for number, block in enumerate(blocks):
        is_listed = block.kind in (BlockKind.ITEM, BlockKind.ROW)
        follows = previous is not None and (
            previous.kind is block.kind
            or (previous.kind is BlockKind.PARAGRAPH and previous.text.endswith(":"))
        )
        if is_listed and follows and units:
            units[-1].append(number)
        elif block.kind is not BlockKind.HEADING:
            units.append([number])
        previous = block
    return units


def stands_alone(sentence: str) -> bool:
    """Whether a sentence can be read without those around it, and says something."""
    return (
        len(sentence.split()) in _SENTENCE_WORDS
        and sentence.endswith((".", ".”", '."'))
        and not _CHATTER.search(sentence)
        and not _CHATTER_I.search(sentence)
        and not _DANGLING.match(sentence)
        and _facts(sentence) > 0
    )


def source_names(posts: Iterable[Post]) -> dict[str, str]:
    """What readers call each source: the name in its address, spelt as its own posts spell it."""
    by_source: defaultdict[str, list[Post]] = defaultdict(list)
    for post in posts:
        by_source[post.source].append(post)
    return {source: _source_name(group) for source, group in by_source.items()}


def _source_name(posts: Sequence[Post]) -> str:
    host = urlsplit(posts[0].url).hostname or posts[0].source
    labels = [label for label in host.split(".") if label not in ("www", "blog", "docs", "news")]
    label = labels[0] if labels else host
    spellings = Counter[str]()
    for key in dict.fromkeys((re.sub(r"-(lang|project|io)$", "", label), label)):
        letters = "[-. ]?".join(re.escape(letter) for letter in re.sub(r"\W", "", key))
        pattern = re.compile(rf"(?<![\w./-]){letters}(?![\w/-]|\.\w)", re.IGNORECASE)
        for post in posts[:200]:
            spellings.update(pattern.findall(f"{post.title}\n{post.text}"))
        if capitalised := [item for item in spellings.most_common() if item[0] != key]:
            return capitalised[0][0]
    return label if spellings else label.replace("-", " ").title()


def _gist(item: Briefing | PostUnusable) -> str:
    if isinstance(item, PostUnusable):
        return item.post.title
    return f"{item.title}. {' '.join(item.summary.split()[:_GIST_WORDS])}"


def _given_summary(post: Post) -> str:
    """The publisher's own summary where it says something."""
    text = " ".join(block.text for block in read_blocks(post.summary) if block.text)
    sentences = split_sentences(text)
    while len(sentences) > 1 and sum(len(line.split()) for line in sentences) > 60:
        sentences.pop()
    summary = " ".join(sentences)
    if len(summary.split()) not in _SUMMARY_WORDS or summary.casefold() == post.title.casefold():
        return ""
    return summary if summary.endswith((".", "!", "?", "…")) else f"{summary}."


def _lead_summary(title: str, blocks: Sequence[Block]) -> str:
    """The two sentences of the opening that tell most, in their order."""
    sentences = split_sentences(_opening(blocks))
    usable = [
        (number, sentence)
        for number, sentence in enumerate(sentences)
        if len(sentence.split()) in _SENTENCE_WORDS and sentence.endswith(".")
    ]
    chosen: list[tuple[int, str]] = []
    while usable and len(chosen) < _LEAD_SENTENCES:
        best = max(usable, key=partial(_telling, title=title, shown=[n for n, _ in chosen]))
        usable.remove(best)
        chosen.append(best)
    summary = " ".join(sentence for _, sentence in sorted(chosen))
    return summary if len(summary.split()) >= _SCANT_WORDS else _first_lines(blocks)


def _first_lines(blocks: Sequence[Block]) -> str:
    """The beginning of prose that hardly has sentences, such as a list of changes."""
    words: list[str] = []
    for block in blocks:
        if block.kind is not BlockKind.HEADING and len(words) < _FIRST_WORDS:
            words += with_stop(block.text).split()
    most = _SUMMARY_WORDS.stop - 1
    return " ".join(words) if len(words) <= most else f"{' '.join(words[:most])}…"


def _opening(blocks: Sequence[Block]) -> str:
    paragraphs = [block.text for block in blocks if block.kind is BlockKind.PARAGRAPH]
    return "\n".join(paragraphs[:_LEAD_BLOCKS])


def _telling(item: tuple[int, str], *, title: str, shown: Sequence[int]) -> float:
    """How much a sentence of the opening says, given the numbers of those that are shown, too."""
    position, sentence = item
    is_chatter = _CHATTER.search(sentence) or _CHATTER_I.search(sentence)
    is_loose = position > 0 and position - 1 not in shown and _DANGLING.match(sentence)
    return (
        3.0 / (position + 1)
        + 2.0 * _overlap(sentence, title)
        + min(1.5, 0.5 * _facts(sentence))
        - (3.0 if is_chatter else 0.0)
        - (1.5 if is_loose else 0.0)
    )


def _weight(blocks: Sequence[Block], unit: Sequence[int], title: str) -> float:
    text = " ".join(blocks[number].text for number in unit)
    words = len(text.split())
    return (
        2.0 * (1 - unit[0] / len(blocks))
        + 1.5 * _overlap(text, title)
        + min(2.0, 12.0 * _facts(text) / (words + 10))
        - (1.0 if _CHATTER.search(text) else 0.0)
        - (0.5 if words < 8 else 0.0)
    )


def _facts(text: str) -> int:
    """Figures and proper names in a text."""
    return len(re.findall(r"\b\d[\d.,]*\b|(?<=[a-z,;] )[A-Z]\w+", text))


def _overlap(text: str, title: str) -> float:
    """Share of the title's words that a text has."""
    wanted = {word for word in re.findall(r"\w+", title.casefold())} - _STOPWORDS
    return len(wanted & set(re.findall(r"\w+", text.casefold()))) / max(1, len(wanted))


def _with_something_below(blocks: Sequence[Block]) -> Iterator[Block]:
    """Blocks without headings that lost what stood below them."""
    pending: list[Block] = []
    for block in blocks:
        if block.kind is BlockKind.HEADING:
            pending = [above for above in pending if above.level < block.level]
            pending.append(block)
        else:
            yield from pending
            pending = []
            yield block


def _markdown(blocks: Sequence[Block]) -> str:
    """Blocks as Markdown: list items close together, everything else set apart."""
    lines: list[str] = []
    top = min((block.level for block in blocks if block.kind is BlockKind.HEADING), default=2)
    was_item = False
    for block in blocks:
        is_item = block.kind in (BlockKind.ITEM, BlockKind.ROW)
        if lines and not (is_item and was_item):
            lines.append("")
        if is_item:
            lines.append(f"- {block.markdown}")
        elif block.kind is BlockKind.HEADING:
            lines.append(f"{'#' * min(4, 2 + block.level - top)} {block.markdown.strip('*')}")
        else:
            lines.append(block.markdown)
        was_item = is_item
    return "\n".join(lines)

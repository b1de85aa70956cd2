"""Owns how the answers over posts are shown: tables on the terminal, a page to commit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from assistant.core.events import Citation
from eval.supported import AskedTurn, SentenceCheck
from eval.supported_figures import JudgedTurn, Share, SupportedFigures
from eval.supported_reading import Readings, Verdict
from eval.wording import count_words

COLUMNS = ("asked", "turns", "call", "found", "cited", "values", "words", "supported")
NOTHING = "–"


@dataclass(frozen=True, kw_only=True)
class SupportedRun:
    """All that the report tells."""

    question_set: str
    digest: str
    """Of the question file."""
    posts_digest: str
    """Of the posts and what the index is made with."""
    briefings: int
    asked_on: date
    now: datetime
    """The clock of the questions."""
    judged: tuple[JudgedTurn, ...]
    total: SupportedFigures
    groups: Mapping[str, SupportedFigures]
    sample: tuple[JudgedTurn, ...]
    seed: int
    readings: Readings
    has_texts: bool = True
    """Whether the page repeats answers and citations, which are words of the posts."""


def print_supported(console: Console, run: SupportedRun) -> None:
    """Show the figures and every sentence that is not supported."""
    table = Table(
        *COLUMNS,
        title=f"{run.question_set}: {run.total.turns} turns, {run.briefings} briefings",
        title_justify="left",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    for column in table.columns[1:]:
        column.justify = "right"
    for name, figures in run.groups.items():
        table.add_row(*_row(name, figures))
    table.add_section()
    table.add_row(*_row("all", run.total), style="bold")
    console.print(table)
    for name, value in _overall(run):
        console.print(f"{name}: [bold]{value}[/]", highlight=False)
    for each in run.judged:
        for line in _unsupported(each):
            console.print(f"[red]✗[/] {escape(line)}", highlight=False, soft_wrap=True)


def render_supported(run: SupportedRun) -> str:
    """The page to commit: figures, unsupported sentences, and the answers that were read."""
    lines = [
        f"# Supported answers: {run.question_set}",
        "",
        f"{run.total.turns} turns of question file `{run.digest}` over {run.briefings} briefings "
        f"that the indexing job wrote from a file of posts (index `{run.posts_digest}`), asked of "
        f"the built-in agent on {run.asked_on} with the clock at {run.now:%Y-%m-%d %H:%M} UTC. "
        "Written by `heidi-eval supported`.",
        "",
        *_table(COLUMNS, [*(_row(*each) for each in run.groups.items()), _row("all", run.total)]),
        "",
        "*call*: answered where the posts answer, not answered where they do not; *found*, "
        "*cited*: turns with an expected briefing that retrieve it, that cite it in an answer; "
        "*values*: answers that say every expected value; *words*: median of an answer; "
        "*supported*: factual sentences whose numbers, names and months all occur in the cited "
        "passage and that a span of it supports.",
        "",
        *(f"- {name}: **{value}**" for name, value in _overall(run)),
        "",
        "## Sentences that are not supported",
        "",
        *(_unsupported_lines(run) or ["None."]),
        "",
        "## Reading",
        "",
        f"{len(run.sample)} answers, chosen by seed {run.seed}. What is cited says what a *right*, "
        "a *loose* and an answer *beside* the point say; a *loose* one answers in part, or with "
        "sentences that do not belong; one *beside* the point answers nothing that was asked; a "
        "*wrong* one says what its citation does not say, or not as it sounds there. "
        f"{_about_texts(run)}",
        "",
        *_table(
            ("key", "question", "answer", "citation", "verdict", "note"),
            [_triple(each.turn, run) for each in run.sample],
        ),
    ]
    return "\n".join(lines) + "\n"


def _row(name: str, figures: SupportedFigures) -> tuple[str, ...]:
    calls = Share(
        part=figures.answered.part + figures.abstained.part,
        whole=figures.answered.whole + figures.abstained.whole,
    )
    return (
        name,
        str(figures.turns),
        _short(calls),
        _short(figures.found),
        _short(figures.cited),
        _short(figures.said),
        NOTHING if figures.words_p50 is None else f"{figures.words_p50:.0f}",
        _short(figures.supported),
    )


def _short(share: Share) -> str:
    return f"{share.part}/{share.whole}" if share.whole else NOTHING


def _overall(run: SupportedRun) -> Iterator[tuple[str, str]]:
    total = run.total
    yield "answered, of what the posts answer", str(total.answered)
    yield "not answered, of what they do not", str(total.abstained)
    yield "expected briefing retrieved first", str(total.found_first)
    yield "expected briefing retrieved", str(total.found)
    yield "expected briefing cited", str(total.cited)
    yield "answers with every expected value", str(total.said)
    yield "briefings that still hold them", str(total.kept)
    if total.words_p50 is not None:
        yield "words in an answer", f"p50 {total.words_p50:.0f}, p95 {total.words_p95:.0f}"
    yield "sentences whose facts are in the cited passage", str(total.facts)
    yield "sentences with a supporting span", str(total.spans)
    yield "supported sentences", str(total.supported)
    yield from _read(run)


def reading_shares(run: SupportedRun) -> tuple[Share, Share]:
    """Sampled answers that a person read, and those of them that are supported."""
    verdicts = _verdicts(run)
    wrong = sum(verdict is Verdict.WRONG for verdict in verdicts)
    return (
        Share(part=len(verdicts), whole=len(run.sample)),
        Share(part=len(verdicts) - wrong, whole=len(verdicts)),
    )


def _verdicts(run: SupportedRun) -> list[Verdict]:
    return [reading.verdict for each in run.sample if (reading := run.readings.of(each.turn.key))]


def _read(run: SupportedRun) -> Iterator[tuple[str, str]]:
    read, supported = reading_shares(run)
    yield "answers that a person read", str(read)
    if read.part:
        counts = Counter(_verdicts(run))
        yield "supported, as read", str(supported)
        yield "verdicts", ", ".join(f"{counts[each]} {each}" for each in Verdict)


def _unsupported(judged: JudgedTurn, *, has_texts: bool = True) -> Iterator[str]:
    for check in judged.sentences:
        if not check.is_supported:
            sentence = f": {check.sentence}" if has_texts else ""
            yield f"{judged.turn.place}: {_reason(check)}{sentence}"


def _unsupported_lines(run: SupportedRun) -> list[str]:
    return [
        f"- {_cell(line)}"
        for each in run.judged
        for line in _unsupported(each, has_texts=run.has_texts)
    ]


def _reason(check: SentenceCheck) -> str:
    if check.source is None:
        return "cites nothing"
    if not check.states_cited_facts:
        return "states a number, name or month that the cited passage does not"
    return "no span of the cited passage supports it"


def _about_texts(run: SupportedRun) -> str:
    if run.has_texts:
        return "Answers and citations are words of the cited posts, whose rights stay theirs."
    return "Answers are left out here, since they are words of the posts; run it to read them."


def _triple(turn: AskedTurn, run: SupportedRun) -> tuple[str, ...]:
    answer = turn.answer if run.has_texts else f"{count_words(turn.answer)} words"
    cited = dict.fromkeys(_cited(each, has_quote=run.has_texts) for each in turn.citations)
    return (f"`{turn.key}`", turn.message, answer, "\n".join(cited), *_verdict(turn, run.readings))


def _verdict(turn: AskedTurn, readings: Readings) -> tuple[str, str]:
    reading, earlier = readings.of(turn.key), readings.before(turn.key)
    if reading:
        return str(reading.verdict), reading.note
    return "unread", f"the answer before was {earlier.verdict}" if earlier else ""


def _cited(citation: Citation, *, has_quote: bool) -> str:
    source = f"[{citation.title}]({citation.source_url}), {citation.date}, {citation.source_name}"
    return f"“{citation.quote}” ({source})" if has_quote else source


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield f"| {' | '.join('---' for _ in columns)} |"
    for row in rows:
        yield f"| {' | '.join(map(_cell, row))} |"


def _cell(text: str) -> str:
    return "<br>".join(text.replace("|", "\\|").split("\n"))

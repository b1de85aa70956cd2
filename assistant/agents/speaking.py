"""Owns what may be said: a model's text becomes sentences, and only grounded ones are spoken.

The text arrives in pieces. A sentence is held until it is whole, stripped of all markup, and
checked against what the turn has retrieved and what its tools returned.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from assistant.core.events import Citation, EventBody, TextDelta
from assistant.core.facts import Facts, facts_of
from assistant.core.grounding import Support, check_sentence, is_factual
from assistant.core.passages import Passage
from assistant.core.plain_speech import (
    asks_for_secrets,
    claims_a_write,
    hosts_in,
    plain_speech,
    runs_of,
    visible_text,
)
from assistant.core.sentences import Sentence, plain_text, split_sentences

MAX_HELD_CHARACTERS = 2_000
"""A model that writes no full stop for so long is spoken, or dropped, as one sentence."""
MAX_SPOKEN_CHARACTERS = 6_000
"""An answer that is longer is no answer; the rest is dropped."""
MAX_DROPPED = 20
"""So many dropped sentences are kept for the trace, each cut to `MAX_DROPPED_CHARACTERS`."""
MAX_DROPPED_CHARACTERS = 300

_VERDICT = re.compile(
    r"\W*(?:yes|no|true|false|correct|right|wrong|indeed|never|none|nobody|nothing|maybe|probably)"
    r"\W*$",
    re.IGNORECASE,
)
"""Alone such a word answers a question about the world without any passage for it."""
_MARK = re.compile(r"\s?\[(\d{1,3})\](?![(:\[])")


@dataclass(kw_only=True)
class Evidence:
    """What a turn's sentences may rest on."""

    passages: list[Passage] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    """Results of tools, the visitor's own words, the date: facts in them may be repeated."""
    has_tool_results: bool = False
    has_searched: bool = False
    """Whether the briefings were searched, also when nothing was found."""

    def states(self, facts: Facts) -> bool:
        """Whether every number, name and month stands in the texts."""
        known = facts_of("\n".join(self.texts))
        words = {word.strip(".,:;!?\"'()").lower() for text in self.texts for word in text.split()}
        return (
            facts.numbers <= known.numbers | known.small
            and facts.months <= known.months
            and all(name in known.names or name in words for name in facts.names)
        )

    def names_hosts(self, hosts: frozenset[str]) -> bool:
        """Whether every host or e-mail address stands in the texts as it is."""
        known = hosts_in("\n".join(self.texts)) if hosts else hosts
        return hosts <= known


class Speaker:
    """Turns a model's pieces of text into events, sentence by sentence.

    Args:
        evidence: grows while the turn goes on; each sentence is checked against what is there.
        private: texts that are not disclosed, such as the instructions.
    """

    def __init__(self, evidence: Evidence, *, private: Iterable[str] = ()) -> None:
        self._evidence = evidence
        self._private = runs_of(private)
        self._held = ""
        self._length = 0
        self._numbers: dict[str, int] = {}
        self.spoken_factual = 0
        self.last = ""
        """The last sentence spoken."""
        self.dropped: list[str] = []

    @property
    def length(self) -> int:
        """Code points spoken so far."""
        return self._length

    def hear(self, text: str) -> Iterator[EventBody]:
        """A piece of the model's text came; gives the events of the sentences it completes."""
        self._held += visible_text(text)
        sentences = split_sentences(self._held)
        if len(sentences) > 1:
            yield from self._speak_all(self._held, sentences[:-1])
            self._held = _from_item_start(self._held, sentences[-1])
        elif len(self._held) > MAX_HELD_CHARACTERS:
            yield from self.finish()

    def finish(self) -> Iterator[EventBody]:
        """The model has stopped; gives the events of what was held."""
        held, self._held = self._held, ""
        yield from self._speak_all(held, split_sentences(held))

    def say(self, text: str) -> Iterator[EventBody]:
        """Speak the server's own words, unchecked."""
        separator = "\n\n" if self._length else ""
        self._length += len(separator) + len(text)
        yield TextDelta(text=separator + text)

    def _speak_all(self, text: str, sentences: Iterable[Sentence]) -> Iterator[EventBody]:
        for sentence in sentences:
            marked, unmarked = self._read_marks(text[sentence.start : sentence.end])
            words = plain_speech(unmarked)
            if words is None or self._length + len(words) > MAX_SPOKEN_CHARACTERS:
                self._drop(sentence)
                continue
            support = check_sentence(words, marked) if marked else None
            support = support or check_sentence(words, self._evidence.passages)
            if self._discloses(words) or (support is None and not self._may_say(words)):
                self._drop(sentence)
                continue
            yield from self._speak(replace(sentence, text=words), support)

    def _read_marks(self, text: str) -> tuple[list[Passage], str]:
        """The passages that a sentence names by their ids, and the sentence without the marks.

        A mark only says where to look first: what does not support the sentence is not cited.
        """
        # One at the very beginning stands behind the full stop of the sentence before.
        ids = [int(mark[1]) for mark in _MARK.finditer(text) if mark.start()]
        passages = self._evidence.passages
        marked = [passages[number - 1] for number in ids if 1 <= number <= len(passages)]
        return marked, plain_text(_MARK.sub("", text))

    def _drop(self, sentence: Sentence) -> None:
        if len(self.dropped) < MAX_DROPPED:
            self.dropped.append(sentence.text[:MAX_DROPPED_CHARACTERS])

    def _discloses(self, sentence: str) -> bool:
        return bool(self._private) and not self._private.isdisjoint(runs_of([sentence]))

    def _may_say(self, sentence: str) -> bool:
        """Whether a sentence that no passage supports may be said all the same."""
        if self._evidence.has_searched and _VERDICT.match(sentence):
            return self._evidence.has_tool_results
        if asks_for_secrets(sentence) or claims_a_write(sentence):
            return False
        if not self._evidence.names_hosts(hosts_in(sentence)):
            return False
        facts = facts_of(sentence)
        has_facts = bool(facts.numbers or facts.names or facts.months)
        if has_facts and not self._evidence.states(facts):
            return False
        if not is_factual(sentence):
            return True
        return self._evidence.has_tool_results and has_facts

    def _speak(self, sentence: Sentence, support: Support | None) -> Iterator[EventBody]:
        self.last = sentence.text
        self.spoken_factual += support is not None or is_factual(sentence.text)
        lead = self._lead(sentence)
        start = self._length + len(lead)
        self._length = start + len(sentence.text)
        yield TextDelta(text=lead + sentence.text)
        if support is not None:
            yield self._citation(support, start)

    def _lead(self, sentence: Sentence) -> str:
        if self._length == 0:
            return "- " if sentence.is_item else ""
        if sentence.is_item:
            return "\n- "
        return " "

    def _citation(self, support: Support, start: int) -> Citation:
        passage = support.passage
        number = self._numbers.setdefault(passage.briefing_id, len(self._numbers) + 1)
        return Citation(
            number=number,
            start=start,
            end=self._length,
            chunk_id=passage.chunk_id,
            briefing_id=passage.briefing_id,
            title=passage.title,
            path=passage.path,
            date=passage.date.isoformat(),
            source_name=passage.source_name,
            source_url=_web_address(passage.source_url),
            quote=support.quote,
        )


def _web_address(url: str) -> str:
    """The address of a source, or nothing when it is none of the web."""
    return url if url.startswith(("https://", "http://")) else ""


def _from_item_start(text: str, sentence: Sentence) -> str:
    """The rest of the text from a sentence on, with the list mark before it."""
    line = text.rfind("\n", 0, sentence.start) + 1
    return text[line if sentence.is_item else sentence.start :]

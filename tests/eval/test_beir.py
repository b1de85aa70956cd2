"""Collections in the BEIR layout are read, asked as questions, and ranked."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from assistant.core.events import Outcome
from assistant.core.passages import Passage, RetrievalQuery
from eval.beir import Collection, Document, Query, read_collection
from eval.collection_questions import briefing_id, to_briefing, to_question_set
from eval.errors import DataInvalid
from eval.questions import Kind
from eval.ranking import (
    RankingFigures,
    dense_ranker,
    fused_ranker,
    gain_over_best,
    heidi_ranker,
    lexical_ranker,
    measure,
)

DOCUMENTS = (
    Document(id="d/1", title="Bats", text="Bats fly at night.", metadata={"date": "2020-03-01"}),
    Document(id="d2", title="", text="Owls hunt mice. They see well.", metadata={"source": "BBC"}),
    Document(id="d3", title="Moles", text="Moles dig in gardens.", metadata={}),
)
QUERIES = (
    Query(id="q1", text="When do bats fly?", metadata={"answer": ["night"], "ok": True}),
    Query(id="q2", text="What do owls hunt?", metadata={"date": "2020-05-05", "ok": True}),
    Query(id="q3", text="Do lions swim?", metadata={"answerable": False, "ok": False}),
)
COLLECTION = Collection(
    name="tiny",
    documents=DOCUMENTS,
    queries=QUERIES,
    judgements={"q1": {"d/1": 1.0}, "q2": {"d2": 1.0, "d3": 1.0}},
)


def write(
    folder: Path, *, qrels: str = "query-id\tcorpus-id\tscore\nq1\td/1\t1\nq1\td2\t0\n"
) -> Path:
    def lines(items: tuple[Document, ...] | tuple[Query, ...]) -> str:
        return "".join(
            json.dumps({"_id": each.id, **{k: v for k, v in vars(each).items() if k != "id"}})
            + "\n"
            for each in items
        )

    (folder / "corpus.jsonl").write_text(lines(DOCUMENTS))
    (folder / "queries.jsonl").write_text(lines(QUERIES))
    (folder / "qrels.tsv").write_text(qrels)
    return folder


def test_a_collection_is_read_whole(tmp_path):
    read = read_collection(write(tmp_path))
    assert (read.documents, read.queries) == (DOCUMENTS, QUERIES)
    assert read.judgements == {"q1": {"d/1": 1.0}}


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("corpus.jsonl", '{"_id": "a", "text": "x"}\n{"text": "y"}\n', "corpus.jsonl:2: _id: "),
        (
            "corpus.jsonl",
            '{"_id": "a", "text": "x"}\n' * 2,
            "corpus.jsonl:2: _id: a is there twice",
        ),
        ("queries.jsonl", "nonsense\n", "queries.jsonl:1: line: "),
        ("qrels.tsv", "q1\td9\t1\n", "qrels.tsv:1: no document 'd9'"),
        ("qrels.tsv", "q1\td2\n", "qrels.tsv:1: needs a query, a document and a number"),
        ("qrels.tsv", "q1\td2\tmuch\n", "qrels.tsv:1: needs a query, a document and a number"),
    ],
)
def test_a_wrong_line_is_refused_with_its_place(tmp_path, file, content, message):
    write(tmp_path)
    (tmp_path / file).write_text(content)
    with pytest.raises(DataInvalid) as refusal:
        read_collection(tmp_path)
    assert message in str(refusal.value)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(DataInvalid, match=r"corpus\.jsonl: No such file"):
        read_collection(tmp_path)
    (write(tmp_path) / "qrels.tsv").unlink()
    with pytest.raises(DataInvalid, match="has none of qrels"):
        read_collection(tmp_path)


def test_queries_are_chosen_by_their_metadata():
    assert COLLECTION.select(where={"ok": "true"}, limit=None).queries == QUERIES[:2]
    assert COLLECTION.select(where={"ok": "true"}, limit=1).queries == QUERIES[:1]
    assert COLLECTION.select(where={"gone": "true"}, limit=None).queries == ()


def test_a_document_becomes_a_briefing_with_its_text_unchanged():
    bats, owls, _ = map(to_briefing, DOCUMENTS)
    assert (bats.title, bats.body, bats.date) == ("Bats", "Bats fly at night.", date(2020, 3, 1))
    assert (owls.title, owls.sources[0].name) == ("Owls hunt mice.", "BBC")
    assert bats.path == f"/briefings/{briefing_id('d/1')}"


def test_queries_become_questions_that_are_answered_or_not():
    asked = to_question_set(COLLECTION)
    night, mice, lions = (question.steps[0].expect for question in asked.questions)
    assert asked.now == datetime(2020, 3, 2, 12, tzinfo=UTC)
    assert [question.kind for question in asked.questions] == [
        Kind.NEWS,
        Kind.NEWS,
        Kind.ABSTENTION,
    ]
    assert (night.contains, night.max_words) == ((("night",),), 60)
    assert night.cites == {f"/briefings/{briefing_id('d/1')}"}
    assert (mice.contains, mice.max_words) == ((), None)
    assert lions.outcomes == {Outcome.ABSTAINED, Outcome.DECLINED}


class BagOfLetters:
    """An embedder whose vectors can be checked by eye: counts of three words."""

    model_id = "bag"
    dimension = 3

    def embed_queries(self, texts):
        return np.array([[text.lower().count(w) for w in ("bat", "owl", "mole")] for text in texts])

    def embed_passages(self, texts):
        return self.embed_queries(texts)


async def test_the_baselines_rank_by_words_and_vectors():
    dense, lexical = dense_ranker(BagOfLetters(), COLLECTION), lexical_ranker(COLLECTION)
    assert (await dense(QUERIES[0]))[0] == "d/1"
    assert list(await lexical(QUERIES[1])) == ["d2"]
    assert (await fused_ranker(dense, lexical)(QUERIES[1]))[0] == "d2"


async def test_ranking_is_measured_on_judged_queries_only():
    async def rank(query: Query) -> list[str]:
        return {"q1": ["d2", "d/1"], "q2": ["d2", "d/1"]}[query.id]

    figures = await measure("fixed", COLLECTION, rank)
    # q1: the document at place 2; q2: one of two at place 1.
    assert figures.queries == 2
    assert figures.mrr == (1 / 2 + 1) / 2
    assert figures.recall_at_10 == (1 + 1 / 2) / 2
    assert round(figures.ndcg_at_10, 4) == round((0.63093 + 1 / 1.63093) / 2, 4)


async def test_heidi_is_asked_the_day_after_the_query_and_documents_count_once():
    class FixedRetriever:
        def __init__(self) -> None:
            self.asked: list[tuple[datetime, int]] = []

        async def understand(self, text: str, now: datetime) -> RetrievalQuery:
            self.now = now
            return RetrievalQuery(text=text)

        async def search(self, query: RetrievalQuery) -> tuple[Passage, ...]:
            self.asked.append((self.now, query.limit))
            found = ("d2", "d2", "d/1")
            return tuple(_passage(briefing_id(document)) for document in found)

    retriever = FixedRetriever()
    ranked = await heidi_ranker(retriever, COLLECTION)(QUERIES[1])
    assert ranked == ["d2", "d/1"]
    assert retriever.asked == [(datetime(2020, 5, 6, tzinfo=UTC), 40)]


def test_the_gain_is_over_the_best_other_system():
    def figures(system: str, ndcg: float) -> RankingFigures:
        return RankingFigures(
            system=system, queries=1, ndcg_at_10=ndcg, recall_at_10=0, mrr=0, p50_ms=0, p95_ms=0
        )

    table = {"a": figures("a", 0.5), "b": figures("b", 0.8), "heidi": figures("heidi", 0.88)}
    assert gain_over_best(table, "heidi") == pytest.approx(0.1)


def _passage(briefing: str) -> Passage:
    return Passage(
        chunk_id="c",
        briefing_id=briefing,
        title="",
        path="",
        date=date(2020, 1, 1),
        category="",
        section="",
        sentiment="",
        source_name="",
        source_url="",
        text="",
        score=0,
        similarity=0,
    )

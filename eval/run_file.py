"""Owns the file of a run: JSON with a schema version, written for later comparison."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from eval.errors import RunInvalid
from eval.records import TurnRecord
from eval.results import EvalRun, QuestionResult
from eval.summary import Summary

SCHEMA = 1


@dataclass(frozen=True, kw_only=True)
class KeptRun:
    """What of an earlier run is compared."""

    path: Path
    question_set: str
    digest: str
    agent: str
    revision: str | None
    started_at: str
    passed: Mapping[str, bool]
    """By id, of the questions that were asked, in their order."""
    reasons: Mapping[str, str]
    """First reason of each question that failed, by id."""
    figures: Mapping[str, float | None]
    """Over all questions."""


class _Info(BaseModel):
    question_set: str
    digest: str
    agent: str
    revision: str | None
    started_at: str


class _Result(BaseModel):
    id: str
    status: Literal["passed", "failed", "skipped"]
    failures: list[dict[str, Any]]


class _Summary(BaseModel):
    total: dict[str, float | None]


class _Run(BaseModel):
    schema_version: Literal[1]
    info: _Info
    summary: _Summary
    results: list[_Result]


def write_run(path: Path, run: EvalRun, summary: Summary) -> None:
    """Write a run; folders on the way are made.

    Raises:
        RunInvalid: the file can't be written.
    """
    document = {
        "schema_version": SCHEMA,
        "info": _info(run),
        "summary": {
            "total": summary.total.as_json(),
            "by_kind": {kind: figures.as_json() for kind, figures in summary.by_kind},
        },
        "results": [_result(result) for result in run.results],
    }
    write_page(path, json.dumps(document, indent=1, ensure_ascii=False) + "\n")


def write_page(path: Path, content: str) -> None:
    """Write a text file; folders on the way are made.

    Raises:
        RunInvalid: it can't be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    except OSError as error:
        raise RunInvalid(path, error.strerror or "can't be written") from error


def read_run(path: Path) -> KeptRun:
    """Read what is compared of a run.

    Raises:
        RunInvalid: there is no such file, or it holds no run of this schema.
    """
    try:
        run = _Run.model_validate_json(path.read_bytes())
    except OSError as error:
        raise RunInvalid(path, error.strerror or "can't be read") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise RunInvalid(path, f"{field}: {first['msg']}".removeprefix(": ")) from error
    return KeptRun(
        path=path,
        question_set=run.info.question_set,
        digest=run.info.digest,
        agent=run.info.agent,
        revision=run.info.revision,
        started_at=run.info.started_at,
        passed={
            each.id: each.status == "passed" for each in run.results if each.status != "skipped"
        },
        reasons={each.id: str(each.failures[0]["reason"]) for each in run.results if each.failures},
        figures=run.summary.total,
    )


def _info(run: EvalRun) -> dict[str, Any]:
    info = run.info
    return {
        "question_set": info.question_set,
        "digest": info.digest,
        "started_at": info.started_at.isoformat(timespec="seconds"),
        "now": info.now.isoformat() if info.now else None,
        "target": info.target,
        "agent": info.agent,
        "revision": info.revision,
        "concurrency": info.concurrency,
        "machine": info.machine,
    }


def _result(result: QuestionResult) -> dict[str, Any]:
    status = "skipped" if result.is_skipped else "passed" if result.has_passed else "failed"
    return {
        "id": result.id,
        "kind": result.kind,
        "status": status,
        "failures": [
            {"turn": step, "check": failure.check, "reason": failure.reason}
            for step, failure in result.failures
        ],
        "turns": [_turn(record) for record in result.records],
    }


def _turn(record: TurnRecord) -> dict[str, Any]:
    return {
        "message": record.message,
        "outcome": record.outcome,
        "answer": record.answer,
        "cited": list(dict.fromkeys(span.path for span in record.citations)),
        "retrieved": list(record.retrieved),
        "tools": list(record.tools),
        "problem": record.problem.code if record.problem else None,
        "error": record.error,
        "first_text_ms": _rounded(record.first_text_ms),
        "total_ms": _rounded(record.total_ms),
        "events": [dict(event) for event in record.events],
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)

"""Owns the file format of question sets: JSON Lines, the set's own line first. See README.md."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from assistant.core.events import Outcome
from eval.errors import QuestionsInvalid
from eval.questions import (
    Action,
    Decide,
    Expectation,
    Kind,
    Question,
    QuestionSet,
    Say,
    SignIn,
    Step,
)

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=80)]
Text = Annotated[str, StringConstraints(min_length=1)]
Model = TypeVar("Model", bound=BaseModel)


class _Fields(BaseModel):
    """A field that is not known is a typing error, never ignored."""

    model_config = ConfigDict(extra="forbid")


class _Header(_Fields):
    set: Name
    description: Text
    now: AwareDatetime | None = None


class _Expectation(_Fields):
    outcome: tuple[Outcome, ...] = ()
    problem: Text | None = None
    cites: tuple[Text, ...] = ()
    cites_at_least: int = Field(default=1, ge=1)
    cites_only: tuple[Text, ...] = ()
    cited_since: date | None = None
    cited_until: date | None = None
    contains: tuple[Text | tuple[Text, ...], ...] = ()
    not_contains: tuple[Text, ...] = ()
    tools: tuple[Text, ...] = ()
    proposes: Text | None = None
    card: Literal["facts", "table", "slots", "meetings"] | None = None
    max_words: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _expects_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("expects nothing")
        return self


class _Step(_Fields):
    say: str | None = None
    times: int = Field(default=1, ge=1, le=200_000)
    decide: Literal["confirm", "decline"] | None = None
    sign_in: Text | None = None
    expect: _Expectation

    @model_validator(mode="after")
    def _is_one_action(self) -> Self:
        if sum(each is not None for each in (self.say, self.decide, self.sign_in)) != 1:
            raise ValueError("a turn has exactly one of say, decide and sign_in")
        return self


class _Question(_Fields):
    id: Name
    kind: Kind
    turns: Annotated[tuple[_Step, ...], Field(min_length=1)]
    signed_in_as: Text | None = None
    timezone: str = "UTC"
    needs_clock: bool = False
    note: str = ""

    @field_validator("timezone")
    @classmethod
    def _exists(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"there is no time zone {name!r}") from error
        return name


def read_question_set(path: Path, briefing_paths: Mapping[str, str]) -> QuestionSet:
    """Read a question set.

    Args:
        path: a UTF-8 file of JSON Lines; the first line describes the set, each other one is a
            question.
        briefing_paths: address on the site of each briefing, by its id. Expectations name
            briefings by id, or by address where the id is not known.

    Raises:
        QuestionsInvalid: the file can't be read, or a line is wrong.
    """
    try:
        content = path.read_bytes()
        lines = content.decode("utf-8").splitlines()
    except OSError as error:
        raise QuestionsInvalid(path, error.strerror or "can't be read") from error
    except UnicodeDecodeError as error:
        raise QuestionsInvalid(path, "is not UTF-8 text") from error
    numbered = [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    if len(numbered) < 2:
        raise QuestionsInvalid(path, "needs a line for the set and at least one question")
    header = _parse(path, *numbered[0], model=_Header)
    questions: dict[str, Question] = {}
    for number, line in numbered[1:]:
        question = _question(
            path, number, _parse(path, number, line, model=_Question), briefing_paths
        )
        if question.id in questions:
            raise QuestionsInvalid(path, f"id: {question.id} is there twice", line=number)
        if question.needs_clock and header.now is None:
            raise QuestionsInvalid(path, "needs_clock: the set names no `now`", line=number)
        questions[question.id] = question
    return QuestionSet(
        name=header.set,
        description=header.description,
        now=header.now,
        questions=tuple(questions.values()),
        digest=hashlib.sha256(content).hexdigest()[:12],
    )


def _parse(path: Path, number: int, line: str, *, model: type[Model]) -> Model:
    try:
        return model.model_validate(json.loads(line))
    except json.JSONDecodeError as error:
        raise QuestionsInvalid(path, f"is not JSON: {error.msg}", line=number) from error
    except ValidationError as error:
        raise QuestionsInvalid(path, _first_reason(error), line=number) from error


def _first_reason(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    return f"{field}: {message}" if field else message


def _question(
    path: Path, number: int, read: _Question, briefing_paths: Mapping[str, str]
) -> Question:
    def resolve(names: tuple[str, ...], place: str) -> frozenset[str]:
        for name in names:
            if not name.startswith("/") and name not in briefing_paths:
                reason = f"{place}: there is no briefing {name!r}"
                raise QuestionsInvalid(path, reason, line=number)
        return frozenset(briefing_paths.get(name, name) for name in names)

    def step(at: int, written: _Step) -> Step:
        expected = written.expect
        place = f"turns.{at}.expect"
        return Step(
            action=_action(written),
            expect=_expectation(
                expected,
                cites=resolve(expected.cites, f"{place}.cites"),
                cites_only=resolve(expected.cites_only, f"{place}.cites_only"),
            ),
        )

    return Question(
        id=read.id,
        kind=read.kind,
        steps=tuple(step(at, written) for at, written in enumerate(read.turns)),
        signed_in_as=read.signed_in_as,
        timezone=read.timezone,
        needs_clock=read.needs_clock,
        note=read.note,
    )


def _action(written: _Step) -> Action:
    if written.decide is not None:
        return Decide(decision=written.decide)
    if written.sign_in is not None:
        return SignIn(customer_id=written.sign_in)
    return Say(message=(written.say or "") * written.times)


def _expectation(
    read: _Expectation, *, cites: frozenset[str], cites_only: frozenset[str]
) -> Expectation:
    values: dict[str, Any] = read.model_dump(exclude={"outcome", "cites", "cites_only", "contains"})
    return Expectation(
        outcomes=frozenset(read.outcome),
        cites=cites,
        cites_only=cites_only,
        contains=tuple((each,) if isinstance(each, str) else each for each in read.contains),
        **values,
    )

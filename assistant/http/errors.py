"""Owns the one table from errors to HTTP: RFC 9457 problem+json with a stable type and a remedy."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from assistant.core import errors

logger = structlog.get_logger(__name__)

PROBLEM_MEDIA_TYPE = "application/problem+json"
SEND_JSON = "Send JSON in UTF-8 as the API documentation describes."


@dataclass(frozen=True, kw_only=True)
class ProblemKind:
    """A row of the table."""

    code: str
    status: int
    title: str


KINDS: Mapping[type[errors.HeidiError], ProblemKind] = {
    errors.InvalidInput: ProblemKind(code="invalid-input", status=422, title="Invalid input"),
    errors.NotFound: ProblemKind(code="not-found", status=404, title="Not found"),
    errors.NotAllowed: ProblemKind(code="not-allowed", status=403, title="Not allowed"),
    errors.IdentityRequired: ProblemKind(
        code="identity-required", status=403, title="Sign-in required"
    ),
    errors.IdentityInvalid: ProblemKind(
        code="identity-invalid", status=401, title="Identity not verified"
    ),
    errors.Conflict: ProblemKind(code="turn-running", status=409, title="Not now"),
    errors.ActionSettled: ProblemKind(code="action-settled", status=409, title="Already answered"),
    errors.ConversationPaused: ProblemKind(
        code="conversation-paused", status=409, title="Session paused"
    ),
    errors.BudgetSpent: ProblemKind(code="budget-spent", status=429, title="Limit reached"),
    errors.LimitExceeded: ProblemKind(code="message-too-long", status=413, title="Too large"),
}
INTERNAL = ProblemKind(code="internal", status=500, title="Unexpected error")


class VisitorTokenMissing(errors.HeidiError):
    """No visitor token came with the request."""


class VisitorTokenInvalid(errors.HeidiError):
    """The visitor token does not verify."""


class MalformedLastEventId(errors.HeidiError):
    """`Last-Event-ID` or `after` is no number of an event."""


class NotReady(errors.HeidiError):
    """The server can't answer yet."""


_EDGE_KINDS: Mapping[type[errors.HeidiError], ProblemKind] = {
    VisitorTokenMissing: ProblemKind(
        code="visitor-token-missing", status=401, title="Visitor token missing"
    ),
    VisitorTokenInvalid: ProblemKind(
        code="visitor-token-invalid", status=401, title="Visitor token not valid"
    ),
    MalformedLastEventId: ProblemKind(
        code="malformed-last-event-id", status=400, title="Malformed Last-Event-ID"
    ),
    NotReady: ProblemKind(code="not-ready", status=503, title="Not ready"),
}


def problem(kind: ProblemKind, *, detail: str, remedy: str = "", **extra: object) -> JSONResponse:
    """A problem+json response."""
    content = {
        "type": f"/problems/{kind.code}",
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "remedy": remedy,
        **extra,
    }
    headers = {"WWW-Authenticate": "Bearer"} if kind.status == 401 else None
    return JSONResponse(
        content, status_code=kind.status, media_type=PROBLEM_MEDIA_TYPE, headers=headers
    )


def kind_of(error: errors.HeidiError) -> ProblemKind:
    """The table's row for an error: its own class or the nearest parent."""
    for cls in type(error).__mro__:
        if cls in KINDS:
            return KINDS[cls]
        if cls in _EDGE_KINDS:
            return _EDGE_KINDS[cls]
    return INTERNAL


Refused = Callable[[str, str], None]
"""Is told the code of a problem, and the scope of a budget that is spent."""


def install_error_handlers(app: FastAPI, refused: Refused = lambda _code, _scope: None) -> None:
    """Make every error of the API a problem+json, and tell of those that Heidi raises."""

    async def heidi_error(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, errors.HeidiError)
        refused(kind_of(error).code, _members_of(error).get("scope", ""))
        return await _heidi_error(request, error)

    app.add_exception_handler(errors.HeidiError, heidi_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_exception_handler(Exception, _unexpected)


async def _heidi_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, errors.HeidiError)
    response = problem(
        kind_of(error), detail=error.detail, remedy=error.remedy, **_members_of(error)
    )
    if isinstance(error, errors.BudgetSpent) and error.retry_after_s is not None:
        response.headers["Retry-After"] = str(error.retry_after_s)
    return response


def _members_of(error: errors.HeidiError) -> dict[str, str]:
    """What a problem says besides the usual (RFC 9457, section 3.2)."""
    match error:
        case errors.InvalidInput():
            return {"field": error.field}
        case errors.BudgetSpent():
            return {"scope": error.scope}
        case _:
            return {}


async def _validation_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    is_broken_json = first["type"] == "json_invalid"
    place = [str(part) for part in first["loc"] if part not in {"body", "query", "path"}]
    field = "body" if is_broken_json or not place else ".".join(place)
    return problem(
        KINDS[errors.InvalidInput],
        detail="The body is no valid JSON." if is_broken_json else f"{field}: {first['msg']}.",
        remedy=SEND_JSON,
        field=field,
    )


async def _http_exception(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if error.status_code == 400:
        # FastAPI's word for a body that its JSON reader gives up on.
        kind = replace(KINDS[errors.InvalidInput], status=400)
        return problem(kind, detail="The body can't be read.", remedy=SEND_JSON, field="body")
    title = re.sub(r"\s+", " ", str(error.detail))
    kind = ProblemKind(
        code=re.sub(r"[^a-z]+", "-", title.lower()).strip("-") or "error",
        status=error.status_code,
        title=title,
    )
    response = problem(kind, detail=f"{title}.", remedy="See the API documentation at /docs.")
    response.headers.update(error.headers or {})
    return response


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    # Starlette logs the traceback and re-raises after this response has been sent.
    logger.error("http.unexpected_error", path=request.url.path, error=type(error).__name__)
    return problem(
        INTERNAL,
        detail="Something went wrong on our side; it has been logged.",
        remedy="Try again. If it stays, tell the site's owner when it happened.",
    )

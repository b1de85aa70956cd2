"""Whatever fits, or nearly fits, the OpenAPI document makes no server error (schemathesis)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from tests.security.site import API_KEY, client_of, identity, open_site
from tests.security.test_permissions import NO_LIMITS

EXAMPLES = 12
"""For each operation and mode: small, since it runs with every check."""
STREAM_S = 0.3
"""A stream of events has no end; what it begins with is enough."""


class Served:
    """The application on a loop of its own, as hypothesis calls tests that are not async."""

    def __init__(self, folder) -> None:
        self.sent = 0
        self._runner = asyncio.Runner()
        self._stack = AsyncExitStack()
        self._runner.run(self._open(folder))

    async def _open(self, folder) -> None:
        self.app = await self._stack.enter_async_context(open_site(folder, **NO_LIMITS))
        self._client = await self._stack.enter_async_context(client_of(self.app))
        created = (await self._client.post("/v1/conversations", json={})).json()
        self.conversation = created["id"]
        self.bearers = [created["token"], API_KEY]
        self.document: dict[str, Any] = self.app.openapi()

    def send(self, **request: Any) -> int:
        """The status of the answer; 200 for a stream that has begun."""
        return self._runner.run(self._send(request))

    async def _send(self, request: dict[str, Any]) -> int:
        try:
            async with asyncio.timeout(STREAM_S if "/events" in request["url"] else 30):
                response = await self._client.request(**request)
        except TimeoutError:
            return 200
        except (httpx.InvalidURL, UnicodeEncodeError, ValueError):
            return 0  # no client can send this
        self.sent += 1
        return response.status_code

    def close(self) -> None:
        self._runner.run(self._stack.aclose())
        self._runner.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> AsyncIterator[Served]:
    made = Served(tmp_path_factory.mktemp("openapi"))
    yield made
    made.close()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_no_generated_request_makes_a_server_error(served: Served, mode: GenerationMode):
    schema = schemathesis.openapi.from_dict(served.document)
    errors: list[tuple[str, str, int]] = []
    sent_before = served.sent
    operations = [result.ok() for result in schema.get_all_operations()]
    for operation in operations:
        _try(served, operation, mode, errors)

    assert errors == []
    assert len(operations) >= 13
    assert served.sent - sent_before >= 5 * EXAMPLES


def _try(served: Served, operation, mode: GenerationMode, errors: list) -> None:
    cases = operation.as_strategy(generation_mode=mode)

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, is_own=st.booleans(), bearer=st.sampled_from(served.bearers))
    def attempt(case, is_own, bearer) -> None:
        if is_own and "conversation_id" in (case.path_parameters or {}):
            case.path_parameters["conversation_id"] = served.conversation
        request = case.as_transport_kwargs(base_url="http://127.0.0.1:8000")
        headers = {str(k): str(v) for k, v in dict(request.get("headers") or {}).items()}
        headers["Authorization"] = f"Bearer {bearer}"
        headers |= identity(served.app) if not is_own else {}
        kept = {
            name: request[name] for name in ("method", "url", "params", "json") if name in request
        }
        if isinstance(request.get("data"), str | bytes):
            kept["content"] = request["data"]
        status = served.send(**kept, headers=headers)
        if status >= 500:
            errors.append((operation.label, repr(kept)[:300], status))

    with suppress(Unsatisfiable):  # an operation that has nothing to get wrong
        attempt()

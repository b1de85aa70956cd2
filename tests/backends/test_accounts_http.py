"""What the contract does not see: failures, retries, the cache, and a service that goes wrong."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import httpx
import pytest
import structlog
import yaml

from assistant.backends.accounts import ContactChanges, TransactionFilter
from assistant.backends.accounts_http import HttpAccounts, open_accounts
from assistant.backends.accounts_mapping import (
    AccountsMapping,
    MappingInvalid,
    fill_path,
    load_mapping,
)
from assistant.backends.circuit import CircuitBreaker
from assistant.backends.errors import BackendUnavailable, CustomerNotFound
from assistant.backends.json_service import JsonService
from assistant.core.errors import ToolFailed
from tests.contracts.account_service import EXAMPLES

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
ACCOUNT = {
    "id": "a1",
    "label": "Main",
    "maskedNumber": "•• 1",
    "currency": "EUR",
    "balance": 10,
    "available": 10,
}


class Service:
    """Answers as it is told, and remembers what it was asked; the last answer stays."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self._answers = list(answers)
        self.asked: list[httpx.Request] = []
        self.waits: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def wait(self, seconds: float) -> None:
        self.waits.append(seconds)

    def accounts(self, mapping: AccountsMapping, **options) -> HttpAccounts:
        client = httpx.AsyncClient(base_url=mapping.base_url, transport=httpx.MockTransport(self))
        service = JsonService(client, sleep=self.wait, attempts=mapping.attempts, **options)
        return HttpAccounts(service, mapping)


@pytest.fixture
def mapping() -> AccountsMapping:
    return load_mapping(EXAMPLES / "accounts.yaml")


@pytest.fixture(autouse=True)
def logs():
    with structlog.testing.capture_logs() as captured:
        yield captured


def answer(value: object, status: int = 200) -> httpx.Response:
    return httpx.Response(status, json=value)


ACCOUNTS = answer({"data": [ACCOUNT]})
BROKEN = answer({}, 503)


@pytest.mark.parametrize("failure", [BROKEN, answer({}, 429), httpx.ReadTimeout("slow")])
async def test_a_read_is_tried_again_after_longer_and_longer_waits(mapping, failure):
    service = Service(failure, failure, ACCOUNTS)
    [account] = await service.accounts(mapping).balances("kim")
    assert (account.id, len(service.asked)) == ("a1", 3)
    first, second = service.waits
    assert 0.1 <= first <= 0.2
    assert 0.2 <= second <= 0.3


async def test_a_read_that_never_succeeds_says_so_after_the_last_try(mapping):
    service = Service(BROKEN)
    with pytest.raises(BackendUnavailable) as refusal:
        await service.accounts(mapping).balances("kim")
    assert (len(service.asked), refusal.value.remedy) == (3, "Try again in a moment.")


@pytest.mark.parametrize("status", [301, 400, 401, 403, 422])
async def test_a_refusal_is_not_tried_again(mapping, status):
    service = Service(answer({}, status))
    with pytest.raises(BackendUnavailable):
        await service.accounts(mapping).balances("kim")
    assert len(service.asked) == 1


@pytest.mark.parametrize("failure", [BROKEN, httpx.ReadTimeout("slow")])
async def test_a_write_is_tried_once_and_its_end_is_called_uncertain(mapping, failure):
    service = Service(failure)
    with pytest.raises(BackendUnavailable, match="can't tell"):
        await service.accounts(mapping).update_contact(
            "kim", ContactChanges(email="a@example.org"), idempotency_key="k1", now=NOW
        )
    [request] = service.asked
    assert request.headers["Idempotency-Key"] == "kim:k1"
    assert json.loads(request.content) == {"contact": {"email": "a@example.org"}}


async def test_a_service_that_keeps_failing_is_left_alone(mapping):
    now = [0.0]
    service = Service(BROKEN)
    breaker = CircuitBreaker(failures=4, reset_after_s=10, clock=lambda: now[0])
    accounts = service.accounts(mapping, breaker=breaker)
    for _ in range(5):
        with pytest.raises(BackendUnavailable):
            await accounts.balances("kim")
    assert len(service.asked) == 4
    service._answers = [ACCOUNTS]
    now[0] = 10.0
    assert len(await accounts.for_turn().balances("kim")) == 1


async def test_in_one_turn_nothing_is_read_twice_until_something_is_written(mapping):
    profile = yaml.safe_load(
        """{fullName: Kim, memberSince: 2020-01-02, subscription: {title: B, billing: monthly,
        price: {value: 1, currency: EUR}, nextRenewal: 2026-12-02}}"""
    )
    service = Service(answer(json.loads(json.dumps(profile, default=str))))
    accounts = service.accounts(mapping)
    turn = accounts.for_turn()
    for reader in (turn, turn, accounts.for_turn(), accounts):
        await reader.profile("kim")
    assert len(service.asked) == 3
    await turn.update_contact("kim", ContactChanges(phone="1"), idempotency_key="k", now=NOW)
    assert [request.method for request in service.asked[3:]] == ["PATCH", "GET"]


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"[" * 100_000,
        b'{"data": {}}',
        b'{"data": [{"id": "a"}]}',
        b'{"data": ["a"]}',
        json.dumps({"data": [{**ACCOUNT, "balance": "lots"}]}).encode(),
        json.dumps({"data": [{**ACCOUNT, "currency": "€"}]}).encode(),
        b" " * 5_000_001,
    ],
)
async def test_an_answer_that_can_not_be_read_is_no_crash_and_no_guess(mapping, body, logs):
    service = Service(httpx.Response(200, content=body))
    with pytest.raises(BackendUnavailable):
        await service.accounts(mapping).balances("kim")
    assert "lots" not in str(logs)


async def test_a_next_page_leads_nowhere_else(mapping):
    lists = mapping.transactions.model_copy(
        update={"next_page": mapping.transactions.next_page.model_copy(update={"parameter": ""})}
    )
    mapping = mapping.model_copy(update={"transactions": lists})
    page = answer({"data": [], "paging": {"next": "https://elsewhere.example/steal"}})
    service = Service(page)
    with pytest.raises(BackendUnavailable):
        await service.accounts(mapping).transactions("kim", TransactionFilter())
    assert len(service.asked) == 1
    first = answer({"data": [], "paging": {"next": "/v1/more?x=1"}})
    service = Service(first, answer({"data": []}))
    await service.accounts(mapping).transactions("kim", TransactionFilter())
    assert [str(request.url) for request in service.asked] == [
        "http://127.0.0.1:9400/v1/customers/kim/transactions",
        "http://127.0.0.1:9400/v1/more?x=1",
    ]


async def test_a_list_without_end_is_given_up(mapping):
    mapping = mapping.model_copy(update={"most_entries": 3})
    entry = {"id": "t", "account": "Main", "bookedOn": "2026-10-02", "value": 1, "currency": "EUR"}
    service = Service(answer({"data": [entry], "paging": {"next": 1}}))
    with pytest.raises(ToolFailed, match="more than I can"):
        await service.accounts(mapping).transactions("kim", TransactionFilter())
    assert len(service.asked) == 3


async def test_the_service_is_asked_for_the_wanted_days_only(mapping):
    service = Service(answer({"data": []}))
    wanted = TransactionFilter(since=date(2026, 10, 1), until=date(2026, 10, 31))
    await service.accounts(mapping).transactions("kim", wanted)
    assert dict(service.asked[0].url.params) == {"start": "2026-10-01", "end": "2026-10-31"}


@pytest.mark.parametrize(
    ("customer_id", "path"),
    [
        ("kim", "/v1/customers/kim"),
        ("../admin", "/v1/customers/..%2Fadmin"),
        ("a?b#c", "/v1/customers/a%3Fb%23c"),
        ("å/é", "/v1/customers/%C3%A5%2F%C3%A9"),
    ],
)
async def test_a_customer_s_id_can_not_leave_its_place(mapping, customer_id, path):
    service = Service(answer({}, 404))
    with pytest.raises(CustomerNotFound):
        await service.accounts(mapping).profile(customer_id)
    assert service.asked[0].url.raw_path == path.encode()


@pytest.mark.parametrize("customer_id", ["", ".", ".."])
def test_an_id_that_means_a_folder_is_no_customer(customer_id):
    with pytest.raises(CustomerNotFound):
        fill_path("/customers/{customer_id}/accounts", customer_id)


def test_the_secret_comes_from_the_environment(mapping, monkeypatch):
    assert mapping.headers({"ACCOUNTS_TOKEN": "s"}) == {"Authorization": "Bearer s"}
    monkeypatch.delenv("ACCOUNTS_TOKEN", raising=False)
    with pytest.raises(MappingInvalid, match="ACCOUNTS_TOKEN"):
        open_accounts(mapping)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"base_url": "ftp://x"}, "base_url"),
        ({"unknown": 1}, "unknown"),
        ({"profile": {"path": "/me", "fields": {}}}, "customer_id"),
        ({"accounts": {"path": "/{customer_id}", "fields": {"id": "id"}}}, "balance.amount"),
    ],
)
def test_a_mapping_file_that_makes_no_sense_says_where(tmp_path, change, problem):
    whole = yaml.safe_load((EXAMPLES / "accounts.yaml").read_text("utf-8"))
    file = tmp_path / "accounts.yaml"
    file.write_text(yaml.safe_dump({**whole, **change}))
    with pytest.raises(MappingInvalid, match=problem):
        load_mapping(file)

"""Tokens: whatever is not exactly ours, or exactly the host's, is refused."""

from __future__ import annotations

import base64
import hmac
import json
from datetime import UTC, datetime, timedelta

import jwt
import pytest

from assistant.core.errors import IdentityInvalid
from assistant.http.errors import VisitorTokenInvalid
from assistant.http.tokens import (
    VISITOR_LIFETIME,
    IdentityClaims,
    IdentityTokens,
    VisitorClaims,
    VisitorTokens,
)
from tests.fakes_agent import FakeClock

OURS = "our-own-secret-of-at-least-32-bytes"
HOSTS = "the-hosts-secret-of-at-least-32-byte"
CLAIMS = VisitorClaims(visitor_id="vis-1", conversation_id="conv-1")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime.now(UTC).replace(microsecond=0))


@pytest.fixture
def visitors(clock: FakeClock) -> VisitorTokens:
    return VisitorTokens(OURS, clock)


@pytest.fixture
def hosts() -> IdentityTokens:
    return IdentityTokens(HOSTS, "demo-site")


def host_token(secret: str = HOSTS, algorithm: str = "HS256", **claims: object) -> str:
    now = int(datetime.now(UTC).timestamp())
    usual = {"sub": "cust-ada", "iss": "demo-site", "aud": "heidi", "iat": now, "exp": now + 300}
    payload = {name: value for name, value in {**usual, **claims}.items() if value is not None}
    return jwt.encode(payload, secret, algorithm=algorithm)


def unsigned(payload: dict[str, object], header: dict[str, object]) -> str:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part(header)}.{part(payload)}."


def test_a_visitor_token_tells_what_it_was_signed_for(visitors: VisitorTokens):
    assert visitors.verify(visitors.sign(CLAIMS)) == CLAIMS


def test_a_visitor_token_wears_out(visitors: VisitorTokens, clock: FakeClock):
    clock.now -= VISITOR_LIFETIME + timedelta(seconds=1)

    with pytest.raises(VisitorTokenInvalid):
        visitors.verify(visitors.sign(CLAIMS))


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "a.b.c",
        "....",
        "\x00",
        "ü.ü.ü",
        "\ud800",
        "e30.e30.",
        unsigned(
            {"sub": "vis-1", "conversation": "conv-1", "aud": "heidi-visitor"}, {"alg": "none"}
        ),
        unsigned({"sub": "vis-1"}, {"alg": "HS256", "jwk": {"kty": "oct", "k": "AA"}}),
        "x" * 20_000,
    ],
)
def test_what_is_no_token_is_refused(visitors: VisitorTokens, hosts: IdentityTokens, token):
    with pytest.raises(VisitorTokenInvalid):
        visitors.verify(token)
    with pytest.raises(IdentityInvalid):
        hosts.verify(token)


def test_an_altered_token_is_refused(visitors: VisitorTokens):
    header, payload, signature = visitors.sign(CLAIMS).split(".")
    other = visitors.sign(VisitorClaims(visitor_id="vis-1", conversation_id="conv-2")).split(".")

    for forged in (f"{header}.{other[1]}.{signature}", f"{header}.{payload}.{signature[::-1]}"):
        with pytest.raises(VisitorTokenInvalid):
            visitors.verify(forged)


def visitor_token(secret: str = OURS, algorithm: str = "HS256", **claims: object) -> str:
    now = int(datetime.now(UTC).timestamp())
    usual = {
        "sub": "vis-1",
        "conversation": "conv-1",
        "gen": 3,
        "aud": "heidi-visitor",
        "iat": now,
        "exp": now + 300,
    }
    payload = {name: value for name, value in {**usual, **claims}.items() if value is not None}
    return jwt.encode(payload, secret, algorithm=algorithm)


def test_a_visitor_token_names_its_generation_and_its_times(visitors: VisitorTokens):
    now = datetime.now(UTC).replace(microsecond=0)
    end = now + timedelta(days=2)

    claims = visitors.verify(visitor_token(iat=int(now.timestamp()), exp=int(end.timestamp())))

    assert (claims.generation, claims.issued_at, claims.expires_at) == (3, now, end)
    again = visitors.verify(visitors.sign(claims))
    assert (again, again.expires_at) == (claims, end)


def test_a_token_of_a_worker_whose_clock_is_ahead_is_accepted(visitors: VisitorTokens):
    ahead = int(datetime.now(UTC).timestamp()) + 20

    assert visitors.verify(visitor_token(iat=ahead)).generation == 3


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(visitor_token("x" * 32), id="wrong key"),
        pytest.param(visitor_token(OURS * 2, "HS512"), id="another algorithm"),
        pytest.param(
            jwt.encode(
                jwt.decode(visitor_token(), options={"verify_signature": False}),
                None,
                algorithm="none",
            ),
            id="alg none",
        ),
        pytest.param(visitor_token(aud="heidi"), id="wrong audience"),
        pytest.param(visitor_token(aud=None), id="no audience"),
        pytest.param(visitor_token(exp=1_700_000_000), id="expired"),
        pytest.param(visitor_token(exp=None), id="no end"),
        pytest.param(visitor_token(iat=None), id="no beginning"),
        pytest.param(visitor_token(iat="now"), id="a word for a beginning"),
        pytest.param(visitor_token(exp=1e300), id="an end beyond all times"),
        pytest.param(visitor_token(gen="latest"), id="a word for a generation"),
        pytest.param(visitor_token(gen=[9]), id="a list for a generation"),
        pytest.param(visitor_token(gen=float("nan")), id="no number for a generation"),
        pytest.param(visitor_token(sub=None), id="nobody"),
        pytest.param(visitor_token(conversation=None), id="no conversation"),
    ],
)
def test_a_visitor_token_that_is_not_exactly_ours_is_refused(visitors: VisitorTokens, token):
    with pytest.raises(VisitorTokenInvalid) as caught:
        visitors.verify(token)

    assert caught.value.remedy


def test_another_algorithm_with_the_right_secret_is_refused(hosts: IdentityTokens):
    with pytest.raises(IdentityInvalid):
        hosts.verify(host_token(HOSTS * 2, "HS512"))


def test_one_kind_of_token_is_never_taken_for_the_other(clock: FakeClock):
    visitors, hosts = VisitorTokens(OURS, clock), IdentityTokens(OURS, "demo-site")

    with pytest.raises(IdentityInvalid):
        hosts.verify(visitors.sign(CLAIMS))
    with pytest.raises(VisitorTokenInvalid):
        visitors.verify(host_token(OURS))


def test_a_hosts_token_names_its_customer(hosts: IdentityTokens):
    assert hosts.verify(host_token(name="Ada")) == IdentityClaims(
        customer_id="cust-ada", name="Ada"
    )
    assert hosts.verify(host_token()) == IdentityClaims(customer_id="cust-ada", name="")


@pytest.mark.parametrize("name", ["A\x00d\x1ba\n", ["A"], 5, None, "x" * 1000])
def test_a_name_is_only_shown_so_it_is_made_plain(hosts: IdentityTokens, name):
    shown = hosts.verify(host_token(name=name)).name

    assert shown.isprintable()
    assert len(shown) <= 200


NOW = int(datetime.now(UTC).timestamp())


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 201},
        {"sub": "a\x00b"},
        {"iss": None},
        {"iss": "evil-site"},
        {"aud": None},
        {"aud": "heidi-visitor"},
        {"exp": None},
        {"exp": NOW - 3600},
        {"exp": NOW + 3600},
        {"exp": "soon"},
        {"exp": float("inf")},
        {"exp": float("nan")},
        {"exp": 1e300},
        {"iat": None},
        {"iat": NOW + 3600, "exp": NOW + 3700},
        {"iat": "now"},
        {"nbf": NOW + 3600},
    ],
    ids=str,
)
def test_a_hosts_token_with_a_claim_that_does_not_fit_is_refused(hosts: IdentityTokens, claims):
    with pytest.raises(IdentityInvalid) as caught:
        hosts.verify(host_token(**claims))

    assert caught.value.remedy


def test_an_expired_token_says_so(hosts: IdentityTokens):
    now = int(datetime.now(UTC).timestamp())

    with pytest.raises(IdentityInvalid, match="has expired"):
        hosts.verify(host_token(iat=now - 600, exp=now - 300))


def test_clocks_may_differ_by_half_a_minute(hosts: IdentityTokens):
    now = int(datetime.now(UTC).timestamp())

    assert hosts.verify(host_token(iat=now - 300, exp=now - 10)).customer_id == "cust-ada"
    assert hosts.verify(host_token(iat=now + 10, exp=now + 300)).customer_id == "cust-ada"


def test_an_audience_among_several_fits(hosts: IdentityTokens):
    assert hosts.verify(host_token(aud=["other", "heidi"])).customer_id == "cust-ada"


NEWER = "a-newer-secret-of-at-least-32-bytes-"


def test_a_secret_is_replaced_while_the_one_before_it_still_verifies(clock: FakeClock):
    before, after = VisitorTokens(OURS, clock), VisitorTokens(NEWER, clock, previous=OURS)

    assert after.verify(before.sign(CLAIMS)) == CLAIMS
    assert VisitorTokens(NEWER, clock).verify(after.sign(CLAIMS)) == CLAIMS
    with pytest.raises(VisitorTokenInvalid):
        before.verify(after.sign(CLAIMS))


def test_a_host_may_sign_with_either_secret_while_it_replaces_one():
    hosts = IdentityTokens(NEWER, "demo-site", previous=HOSTS)

    assert hosts.verify(host_token(HOSTS)).customer_id == "cust-ada"
    assert hosts.verify(host_token(NEWER)).customer_id == "cust-ada"
    for token in (
        host_token(OURS),
        host_token(HOSTS, exp=1),
        unsigned({"sub": "x"}, {"alg": "none"}),
    ):
        with pytest.raises(IdentityInvalid):
            hosts.verify(token)


def signed_with_nothing(payload: dict[str, object]) -> str:
    signed = unsigned(payload, {"alg": "HS256"}).rpartition(".")[0]
    digest = hmac.digest(b"", signed.encode(), "sha256")
    return f"{signed}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def test_where_no_previous_secret_is_set_nothing_is_no_secret(clock: FakeClock):
    now = int(clock().timestamp())
    times = {"iat": now, "exp": now + 300}
    visitors = signed_with_nothing(
        {"sub": "vis-1", "conversation": "conv-1", "aud": "heidi-visitor", **times}
    )
    hosts = signed_with_nothing({"sub": "cust-ada", "iss": "demo-site", "aud": "heidi", **times})

    with pytest.raises(VisitorTokenInvalid):
        VisitorTokens(OURS, clock, previous="").verify(visitors)
    with pytest.raises(IdentityInvalid):
        IdentityTokens(HOSTS, "demo-site", previous="").verify(hosts)

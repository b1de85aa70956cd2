"""Identity tokens by public key: forged, confused, worn out and rotated ones; and replays."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from assistant.core.errors import IdentityInvalid, InvalidInput
from assistant.http.jwks import FRESH_S, RETRY_S, STALE_S, KeySet, load_from, read_keys
from assistant.http.tokens import IdentityClaims, PublicKeyIdentityTokens
from tests.http.conftest import Api
from tests.http.conftest import api as api  # the fixture

RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
ADA = IdentityClaims(customer_id="cust-ada", name="Ada")


def public(key: object, kid: str, **fields: object) -> dict[str, object]:
    algorithm = RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else ECAlgorithm
    return {**algorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, "use": "sig", **fields}


KEYS = [public(RSA_KEY, "rsa-1"), public(EC_KEY, "ec-1")]


def signed(
    key: object = RSA_KEY,
    algorithm: str = "RS256",
    kid: str | None = "rsa-1",
    header: Mapping[str, object] | None = None,
    **claims: object,
) -> str:
    now = int(datetime.now(UTC).timestamp())
    usual = {
        "sub": "cust-ada",
        "name": "Ada",
        "iss": "host",
        "aud": "heidi",
        "iat": now,
        "exp": now + 300,
    }
    headers = {**({"kid": kid} if kid else {}), **(header or {})}
    return jwt.encode({**usual, **claims}, key, algorithm=algorithm, headers=headers)


class Source:
    """A key set that can change and fail, with a clock that is told."""

    def __init__(self, keys: list[dict[str, object]]) -> None:
        self.keys = keys
        self.reads = 0
        self.is_down = False
        self.now = 0.0
        self.tokens = PublicKeyIdentityTokens(KeySet(self.load, lambda: self.now), "host")

    async def load(self) -> str:
        self.reads += 1
        if self.is_down:
            raise httpx.ConnectError("down")
        return json.dumps({"keys": self.keys})


@pytest.fixture
def source() -> Source:
    return Source(list(KEYS))


async def test_tokens_of_both_kinds_of_key_are_verified_with_one_read(source):
    assert await source.tokens.claims(signed()) == ADA
    assert await source.tokens.claims(signed(EC_KEY, "ES256", "ec-1")) == ADA
    assert source.reads == 1


def pem() -> bytes:
    return RSA_KEY.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def hs256_with_the_public_key() -> str:
    """The classic confusion: the public key taken for a shared secret."""
    import base64
    import hashlib
    import hmac

    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    _, payload, _ = signed().split(".")
    body = f"{part({'alg': 'HS256', 'typ': 'JWT', 'kid': 'rsa-1'})}.{payload}"
    mac = hmac.new(pem(), body.encode(), hashlib.sha256).digest()
    return f"{body}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def unsigned() -> str:
    return jwt.encode(
        jwt.decode(signed(), options={"verify_signature": False}),
        None,
        algorithm="none",
        headers={"kid": "rsa-1"},
    )


NOW = int(datetime.now(UTC).timestamp())
REFUSED = {
    "alg-none": unsigned,
    "secret-is-the-public-key": hs256_with_the_public_key,
    "shared-secret": lambda: signed("s" * 64, "HS256"),
    "wrong-key": lambda: signed(OTHER_RSA_KEY),
    "wrong-kid": lambda: signed(kid="ec-1"),
    "unknown-kid": lambda: signed(kid="rsa-9"),
    "no-kid-among-two-keys": lambda: signed(kid=None),
    "another-algorithm-of-the-same-key": lambda: signed(algorithm="RS512"),
    "pss-instead": lambda: signed(algorithm="PS256"),
    "key-in-the-header": lambda: signed(
        OTHER_RSA_KEY, header={"jwk": public(OTHER_RSA_KEY, "rsa-1")}
    ),
    "address-of-keys-in-the-header": lambda: signed(
        OTHER_RSA_KEY, header={"jku": "https://evil.example/keys"}
    ),
    "expired": lambda: signed(iat=NOW - 600, exp=NOW - 300),
    "too-long": lambda: signed(exp=NOW + 3600),
    "wrong-audience": lambda: signed(aud="other"),
    "wrong-issuer": lambda: signed(iss="evil"),
    "from-the-future": lambda: signed(iat=NOW + 3600, exp=NOW + 3700),
    "altered": lambda: signed()[:-8] + "AAAAAAAA",
    "kid-that-is-a-path": lambda: signed(kid="../../etc/passwd"),
    "no-token": lambda: "x.y.z",
}


@pytest.mark.parametrize("make", REFUSED.values(), ids=REFUSED)
async def test_a_token_that_is_not_exactly_the_hosts_is_refused(source, make):
    with pytest.raises(IdentityInvalid):
        await source.tokens.claims(make())


async def test_a_new_key_is_found_and_an_old_one_is_given_up(source):
    await source.tokens.claims(signed())
    source.keys = [public(OTHER_RSA_KEY, "rsa-2")]
    source.now += RETRY_S

    assert await source.tokens.claims(signed(OTHER_RSA_KEY, kid="rsa-2")) == ADA
    with pytest.raises(IdentityInvalid):
        await source.tokens.claims(signed())


async def test_unknown_keys_do_not_make_the_source_be_read_all_the_time(source):
    for number in range(20):
        with pytest.raises(IdentityInvalid):
            await source.tokens.claims(signed(kid=f"made-up-{number}"))

    assert source.reads == 1


async def test_keys_stay_in_use_for_a_day_while_their_source_is_down(source):
    await source.tokens.claims(signed())
    source.is_down = True
    source.now += FRESH_S
    assert await source.tokens.claims(signed()) == ADA
    source.now += STALE_S + 1
    with pytest.raises(IdentityInvalid):
        await source.tokens.claims(signed())


def test_weak_private_and_symmetric_keys_are_left_out():
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    curve = ec.generate_private_key(ec.SECP384R1())
    secret = {"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA", "kid": "oct"}
    private = RSAAlgorithm.to_jwk(RSA_KEY, as_dict=True) | {"kid": "private"}
    keys = [
        public(weak, "weak"),
        public(curve, "p384"),
        public(OTHER_RSA_KEY, "enc", use="enc"),
        public(OTHER_RSA_KEY, "rs512", alg="RS512"),
        secret,
        private,
        *KEYS,
    ]

    assert sorted(read_keys(json.dumps({"keys": keys}))) == ["ec-1", "rsa-1"]


@pytest.mark.parametrize("url", ["http://host.example/keys", "ftp://x", "file:///etc/passwd", "x"])
def test_keys_come_over_https_only(url):
    with pytest.raises(InvalidInput):
        load_from(url, None)


async def test_keys_are_read_from_a_server_or_a_file(tmp_path):
    text = json.dumps({"keys": KEYS})
    transport = httpx.MockTransport(lambda request: httpx.Response(200, text=text))
    async with httpx.AsyncClient(transport=transport) as client:
        assert await load_from("https://host.example/keys", None, client)() == text
    file = tmp_path / "keys.json"
    file.write_text(text)
    assert await load_from("", file)() == text


async def test_a_key_set_without_end_is_not_read(tmp_path):
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=b"x" * 400_000))
    async with httpx.AsyncClient(transport=transport) as client:
        with pytest.raises(ValueError, match="too large"):
            await load_from("https://host.example/keys", None, client)()


async def test_after_sign_out_the_conversation_is_closed_and_a_worn_token_opens_nothing(api: Api):
    conversation, headers = await api.start()
    path = f"/v1/conversations/{conversation}"
    signed_in = headers | api.identity()
    assert (await api.client.post(f"{path}/identity", headers=signed_in)).status_code == 200

    assert (await api.client.get(path, headers=headers)).status_code == 403
    worn = api.identity(iat=NOW - 600, exp=NOW - 300)
    assert (await api.client.get(path, headers=headers | worn)).status_code == 401
    another = api.identity("cust-ben")
    assert (await api.client.get(path, headers=headers | another)).status_code == 403


async def test_an_identity_token_alone_opens_no_conversation_of_its_customer(api: Api):
    conversation, headers = await api.start()
    path = f"/v1/conversations/{conversation}"
    await api.client.post(f"{path}/identity", headers=headers | api.identity())
    _, stranger = await api.start()

    assert (await api.client.get(path, headers=stranger | api.identity())).status_code == 404
    assert (await api.client.get(path, headers=api.identity())).status_code == 401

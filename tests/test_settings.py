"""Settings from the environment, and the secrets that are made when none are set."""

from __future__ import annotations

import json
import os
import stat
import threading
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import ValidationError

from assistant.core.errors import InvalidInput
from assistant.settings import Settings, load_secrets

LONG = "x" * 32


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Neither the developer's variables nor a `.env` of theirs."""
    for name in os.environ:
        if name.upper().startswith(("HEIDI_", "OPENAI_", "AZURE_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_with_nothing_set_it_listens_here_with_no_model_and_no_demo():
    settings = Settings()

    assert (settings.host, settings.port, settings.demo) == ("127.0.0.1", 8000, False)
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.openai_api_key.get_secret_value() == ""
    assert settings.allowed_origins == ()
    assert settings.database == f"sqlite+aiosqlite:///{Path('data') / 'heidi.sqlite3'}"


def test_variables_and_the_env_file_are_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / ".env").write_text(
        "HEIDI_PORT=8001\nHEIDI_HOST=0.0.0.0\nOPENAI_API_KEY=from-file\n"
    )
    monkeypatch.setenv("HEIDI_PORT", "8002")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")

    settings = Settings()

    assert (settings.port, settings.host) == (8002, "0.0.0.0")
    assert settings.openai_api_key.get_secret_value() == "from-file"
    assert settings.openai_base_url == "http://127.0.0.1:9/v1"


@pytest.mark.parametrize(
    ("value", "origins"),
    [
        ("", ()),
        (" , ", ()),
        ("https://a.example", ("https://a.example",)),
        ("https://a.example/ , https://b.example", ("https://a.example", "https://b.example")),
    ],
)
def test_origins_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch, value, origins):
    monkeypatch.setenv("HEIDI_ALLOWED_ORIGINS", value)

    assert Settings().allowed_origins == origins


def test_the_public_address_has_no_slash_at_its_end():
    assert Settings(base_url="https://heidi.example/").public_url == "https://heidi.example"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HEIDI_PORT", "0"),
        ("HEIDI_PORT", "65536"),
        ("HEIDI_PORT", "http"),
        ("HEIDI_BASE_URL", "ftp://heidi.example"),
        ("HEIDI_BASE_URL", "heidi.example"),
        ("HEIDI_ALLOWED_ORIGINS", "news.example"),
        ("HEIDI_ALLOWED_ORIGINS", "https://news.example,*"),
        ("HEIDI_ALLOWED_ORIGINS", "https://news.example/page"),
        ("HEIDI_SECRET", "short"),
        ("HEIDI_IDENTITY_SECRET", "x" * 31),
        ("HEIDI_TURN_TIMEOUT_S", "0"),
        ("HEIDI_TURN_TIMEOUT_S", "soon"),
        ("HEIDI_TURN_TIMEOUT_S", "inf"),
        ("HEIDI_PAUSE_AFTER_S", "nan"),
        ("HEIDI_TAKEOVER_IDLE_S", "1e12"),
        ("HEIDI_RETENTION_DAYS", "99999999"),
        ("HEIDI_MODEL_TEMPERATURE", "3"),
        ("HEIDI_DELTA_DELAY_S", "-1"),
        ("HEIDI_DEMO", "perhaps"),
    ],
)
def test_what_cannot_be_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, name, value):
    monkeypatch.setenv(name, value)

    with pytest.raises(ValidationError) as caught:
        Settings()

    (error,) = caught.value.errors()
    assert error["loc"] == (name.removeprefix("HEIDI_").lower(),)


def test_a_secret_is_never_shown():
    settings = Settings(secret=LONG, openai_api_key="sk-hidden")

    assert LONG not in repr(settings)
    assert "sk-hidden" not in repr(settings)


def test_secrets_are_made_once_and_kept_for_their_owner_only(tmp_path: Path):
    settings = Settings(data_dir=tmp_path / "new" / "data")

    first, second = load_secrets(settings), load_secrets(settings)

    assert first == second
    assert len(set(first)) == 2
    assert all(len(secret) >= 32 for secret in first)
    path = settings.data_dir / "secrets.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in settings.data_dir.iterdir()] == ["secrets.json"]


def test_another_folder_has_other_secrets(tmp_path: Path):
    here, there = (load_secrets(Settings(data_dir=tmp_path / name)) for name in ("a", "b"))

    assert set(here).isdisjoint(there)


def test_a_secret_that_is_set_comes_before_the_kept_one(tmp_path: Path):
    kept = load_secrets(Settings(data_dir=tmp_path))

    assert load_secrets(Settings(data_dir=tmp_path, secret=LONG)) == (LONG, kept[1])
    assert load_secrets(Settings(data_dir=tmp_path, identity_secret=LONG)) == (kept[0], LONG)


def test_processes_that_start_together_agree_on_the_secrets(tmp_path: Path):
    settings, found, barrier = Settings(data_dir=tmp_path), [], threading.Barrier(8)

    def start() -> None:
        barrier.wait()
        found.append(load_secrets(settings))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 8
    assert len(set(found)) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["secrets.json"]


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"secret": "x"}', "null"])
def test_a_damaged_file_of_secrets_says_what_to_do(tmp_path: Path, content):
    (tmp_path / "secrets.json").write_text(content)

    with pytest.raises(InvalidInput, match=r"secrets\.json is damaged") as caught:
        load_secrets(Settings(data_dir=tmp_path))

    assert "Delete it" in caught.value.remedy


def test_where_there_are_no_hard_links_secrets_are_kept_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def refuse(*_: object) -> None:
        raise PermissionError("no hard links here")

    monkeypatch.setattr(os, "link", refuse)
    first = load_secrets(Settings(data_dir=tmp_path))

    assert load_secrets(Settings(data_dir=tmp_path)) == first
    assert set(json.loads((tmp_path / "secrets.json").read_text()).values()) == set(first)


@pytest.mark.parametrize(
    "written", ['{"X-Team": "news", "X-Key": "gw-secret"}', " X-Team = news , X-Key=gw-secret"]
)
def test_headers_for_the_model_are_json_or_pairs_and_stay_secret(written, monkeypatch):
    monkeypatch.setenv("HEIDI_MODEL_HEADERS", written)

    settings = Settings()

    headers = {name: value.get_secret_value() for name, value in settings.model_headers.items()}
    assert headers == {"X-Team": "news", "X-Key": "gw-secret"}
    assert "gw-secret" not in repr(settings)


@pytest.mark.parametrize(
    "written", ['{"X-Key": "gw-secret"', "X Key=gw-secret", "X-Key=gw\tsecret"]
)
def test_headers_that_are_none_are_refused_without_showing_them(written, monkeypatch):
    monkeypatch.setenv("HEIDI_MODEL_HEADERS", written)

    with pytest.raises(ValidationError) as raised:
        Settings()

    assert "gw" not in str(raised.value)


@pytest.mark.parametrize(
    ("variables", "has_model"),
    [
        ({}, False),
        ({"OPENAI_API_KEY": "sk-test"}, True),
        ({"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}, True),
        ({"AZURE_OPENAI_ENDPOINT": "https://name.openai.azure.com"}, True),
    ],
)
def test_a_key_or_an_address_makes_a_model_answer(variables, has_model, monkeypatch):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert Settings().has_model is has_model


def test_prices_of_models_are_decimal(monkeypatch):
    prices = '{"small": {"input": "0.75", "output": 4.5}}'
    monkeypatch.setenv("HEIDI_MODEL_PRICES", prices)

    small = Settings().model_prices["small"]

    assert (small.input, small.output, small.cached_input) == (
        Decimal("0.75"),
        Decimal("4.5"),
        None,
    )

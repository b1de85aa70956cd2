"""Owns the settings of Heidi, read from the environment (and from `.env`).

Each is told in docs/configuration.md.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from assistant.core.errors import InvalidInput
from indexing.settings import IndexingSettings

MIN_SECRET_CHARACTERS = 32
"""An HS256 key shorter than its hash weakens the signature (RFC 7518, section 3.2)."""

LONGEST_S = 31_536_000.0
"""A year: no wait that can be set is longer."""
LONGEST_DAYS = 36_500

_SECRET_NAMES = ("secret", "identity_secret")


class ModelPrices(BaseModel):
    """US dollars for a million of a model's tokens."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: Decimal = Field(ge=0)
    """That it reads."""
    output: Decimal = Field(ge=0)
    """That it writes."""
    cached_input: Decimal | None = Field(default=None, ge=0)
    """That it reads again; none: as any other input."""


class Settings(IndexingSettings):
    """Everything that can be set; variables begin with `HEIDI_` unless said otherwise."""

    model_config = SettingsConfigDict(
        env_prefix="HEIDI_",
        env_file=".env",
        extra="ignore",
        frozen=True,
        populate_by_name=True,
        hide_input_in_errors=True,  # it may be a secret
        allow_inf_nan=False,
    )

    host: str = "127.0.0.1"
    """Address to listen on."""
    port: int = Field(default=8000, ge=1, le=65535)
    """Port to listen on."""
    base_url: str = ""
    """Public address of the server; empty: made from host and port."""
    demo: bool = False
    """Serve the demo site with its demo customers and demo sign-in."""

    secret: SecretStr = SecretStr("")
    """Signs visitor tokens and staff sessions; empty: made once and kept in `data_dir`."""
    previous_secret: SecretStr = SecretStr("")
    """The secret before it: visitor tokens that it signed are accepted and replaced."""
    visitor_token_max_age_s: float = Field(default=900.0, gt=0, le=LONGEST_S)
    """A visitor token that is older is replaced with the next answer."""
    visitor_token_grace_s: float = Field(default=60.0, ge=0, le=LONGEST_S)
    """How long the old one is accepted after the new one was first used."""
    identity_secret: SecretStr = SecretStr("")
    """Shared with the host page's server, which signs identity tokens with it; empty: as above."""
    previous_identity_secret: SecretStr = SecretStr("")
    """The secret before it, while the host's server may still sign with it."""
    identity_issuer: str = "demo-site"
    """`iss` of the host's identity tokens."""
    identity_jwks_url: str = ""
    """Address of the host's public keys; with it only RS256 and ES256 tokens are accepted."""
    identity_jwks_file: Path | None = None
    """The same as a file."""
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = ()
    """Origins of the pages that embed the bubble from elsewhere, separated by commas."""

    rerank_model: str | None = None
    """Name or path of a sentence-transformers cross-encoder that reads the best passages again;
    none: no reranking. None is packaged."""

    link_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    """Hosts that a message may link to besides the site's and its sources', by commas."""
    api_keys: Annotated[tuple[SecretStr, ...], NoDecode] = ()
    """Keys of clients of `/v1/chat/completions`, separated by commas; empty: it is off."""
    rate_limit_visitor: str = "40/minute;600/hour"
    """Messages and other writes of one visitor or API key; empty: no limit."""
    rate_limit_address: str = "600/minute;9000/hour"
    """Of one address, behind which a whole office may be."""
    rate_limit_site: str = "9000/minute"
    """Of everybody together."""
    rate_limit_sign_in: str = "10/minute;60/hour"
    """Refused sign-ins of one address."""
    rate_limit_storage: str = ""
    """Another place than `redis_url` where limits are counted; empty: there, or in this process."""
    redis_url: str = ""
    """`redis://host:6379/0` for several server processes (extra `redis`): counts rate limits and
    wakes whoever reads a conversation that another process answers."""
    budget_conversation_turns: int = Field(default=500, ge=0)
    """Questions that one conversation may ask; 0: no limit, as for every budget."""
    budget_conversation_tokens: int = Field(default=1_000_000, ge=0)
    """Tokens of a model that one conversation may use."""
    budget_day_turns: int = Field(default=100_000, ge=0)
    """Questions that the site answers in a day of UTC."""
    budget_day_tokens: int = Field(default=50_000_000, ge=0)
    """Tokens of a model that the site uses in a day."""
    budget_day_usd: float = Field(default=0.0, ge=0)
    """What the model may cost in a day, where its cost is known."""
    trusted_proxies: int = Field(default=0, ge=0, le=8)
    """Proxies in front that append to `X-Forwarded-For`; 0: the header is not read."""

    metrics_token: SecretStr = SecretStr("")
    """Whoever sends it may read `/metrics`; empty: there is no such page."""
    log_format: Literal["console", "json"] = "console"
    """Form of the lines on standard error: for people, or for a log collector."""
    retention_days: int = Field(default=0, ge=0, le=LONGEST_DAYS)
    """Conversations in which nothing happened for so long are deleted; 0: none is."""

    openai_api_key: SecretStr = Field(default=SecretStr(""), validation_alias="OPENAI_API_KEY")
    """Set: a model answers instead of the built-in agent (variable `OPENAI_API_KEY`)."""
    openai_base_url: str | None = Field(default=None, validation_alias="OPENAI_BASE_URL")
    """Any OpenAI-compatible endpoint (variable `OPENAI_BASE_URL`); a local one needs no key."""
    azure_endpoint: str = Field(default="", validation_alias="AZURE_OPENAI_ENDPOINT")
    """`https://name.openai.azure.com`: the model is on Azure (variable `AZURE_OPENAI_ENDPOINT`)."""
    azure_api_key: SecretStr = Field(default=SecretStr(""), validation_alias="AZURE_OPENAI_API_KEY")
    """Its key (variable `AZURE_OPENAI_API_KEY`); empty: `OPENAI_API_KEY`."""
    azure_api_version: str = Field(default="2024-10-21", validation_alias="OPENAI_API_VERSION")
    """Version of Azure's API (variable `OPENAI_API_VERSION`)."""
    model: str = "gpt-5.4-mini"
    """Name of the model that answers, at that endpoint; on Azure of its deployment."""
    rewrite_model: str = ""
    """Name of the model that makes follow-ups stand alone; empty: the one that answers."""
    model_temperature: float | None = Field(default=None, ge=0, le=2)
    """Left out unless set, since some models refuse it."""
    model_max_tokens: int = Field(default=800, ge=16)
    """Of each text or choice of tools that the model writes."""
    model_timeout_s: float = Field(default=30.0, gt=0, le=LONGEST_S)
    """Longest wait for the model's first word, attempts included, and for every next one."""
    model_attempts: int = Field(default=3, ge=1, le=10)
    """How often the model is asked when its server is busy, broken or away."""
    model_headers: Annotated[dict[str, SecretStr], NoDecode] = Field(default_factory=dict)
    """Sent with every call of the model: JSON, or `Name=value` separated by commas."""
    model_prices: Annotated[dict[str, ModelPrices], NoDecode] = Field(default_factory=dict)
    """What each model costs, as JSON: `{"gpt-5.4-mini": {"input": "0.75", "output": "4.5"}}`."""

    accounts_file: Path | None = None
    """How to ask the company's own account service (docs/backends.md); None: the database."""
    staff_file: Path | None = None
    """Who takes meetings, and whether by CalDAV (docs/backends.md); None: as in the database."""
    mcp_file: Path | None = None
    """MCP servers whose tools are offered, each with its policy (docs/backends.md)."""
    smtp_url: SecretStr = SecretStr("")
    """Mail server, such as `smtp+starttls://user:password@host:587`; empty: no mail is sent."""
    mail_from: str = ""
    """Address that Heidi's mail comes from."""
    support_email: str = ""
    """Who is told by mail that a visitor waits for a person while nobody is online."""
    support_hours: str = ""
    """When somebody is online, such as `mon-fri 08:00-18:00 Europe/Zurich`; empty: unknown."""

    turn_timeout_s: float = Field(default=90.0, gt=0, le=LONGEST_S)
    """Longest answer."""
    pause_after_s: float = Field(default=1800.0, gt=0, le=LONGEST_S)
    """A conversation that is open but silent for so long is paused."""
    takeover_idle_s: float = Field(default=1800.0, ge=0, le=LONGEST_S)
    """A conversation that a person has taken over goes back to Heidi when they have done nothing in
    it for so long; 0: never."""
    delta_delay_s: float = Field(default=0.0, ge=0, le=5)
    """Pause after each piece of text: to watch streaming and rejoining in slow motion."""
    shutdown_grace_s: float = Field(default=3.0, ge=0, le=LONGEST_S)
    """How long running answers may finish when the server stops."""
    index_poll_s: float = Field(default=2.0, gt=0, le=LONGEST_S)
    """How often the server looks for briefings that wait to be indexed."""

    @field_validator("base_url")
    @classmethod
    def _is_address(cls, value: str) -> str:
        if value and not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", value):
            raise ValueError("write it like https://heidi.example")
        return value

    @field_validator("allowed_origins")
    @classmethod
    def _are_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(re.fullmatch(r"https?://[^\s/?#@*]+", origin) for origin in value):
            raise ValueError("each must be an origin such as https://news.example, without a path")
        return value

    @field_validator("allowed_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip().rstrip("/") for part in value.split(",") if part.strip())
        return value

    @field_validator("model_headers", mode="before")
    @classmethod
    def _read_headers(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        if value.lstrip().startswith("{"):
            return _read_json(value)
        pairs = [part.partition("=") for part in value.split(",") if part.strip()]
        if not all(equals for _, equals, _ in pairs):
            raise ValueError("write JSON, or Name=value separated by commas")
        return {name.strip(): text.strip() for name, _, text in pairs}

    @field_validator("model_prices", mode="before")
    @classmethod
    def _read_prices(cls, value: object) -> object:
        return _read_json(value) if isinstance(value, str) else value

    @field_validator("model_headers")
    @classmethod
    def _are_headers(cls, value: dict[str, SecretStr]) -> dict[str, SecretStr]:
        for name, text in value.items():
            is_fit = text.get_secret_value().isprintable() and text.get_secret_value().isascii()
            if not (re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", name) and is_fit):
                raise ValueError("each must be the name and the value of an HTTP header")
        return value

    @field_validator("api_keys", "link_hosts", mode="before")
    @classmethod
    def _split_words(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("api_keys")
    @classmethod
    def _are_long_enough(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if any(len(key.get_secret_value()) < MIN_SECRET_CHARACTERS for key in value):
            raise ValueError(f"each needs at least {MIN_SECRET_CHARACTERS} characters")
        return value

    @field_validator("link_hosts")
    @classmethod
    def _are_hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(re.fullmatch(r"[a-z0-9.-]+(:\d{1,5})?", host) for host in value):
            raise ValueError("each must be a host such as docs.example.org, in small letters")
        return value

    @field_validator(
        "secret", "previous_secret", "identity_secret", "previous_identity_secret", "metrics_token"
    )
    @classmethod
    def _is_long_enough(cls, value: SecretStr) -> SecretStr:
        if 0 < len(value.get_secret_value()) < MIN_SECRET_CHARACTERS:
            raise ValueError(f"needs at least {MIN_SECRET_CHARACTERS} characters")
        return value

    @property
    def has_model(self) -> bool:
        """Whether a model answers."""
        keys = (self.openai_api_key, self.azure_api_key)
        has_key = any(key.get_secret_value() for key in keys)
        return has_key or bool(self.openai_base_url or self.azure_endpoint)

    @property
    def limits_storage(self) -> str:
        """Where rate limits are counted, as the limits library writes it."""
        if self.rate_limit_storage or not self.redis_url:
            return self.rate_limit_storage
        return f"async+{self.redis_url}"

    @property
    def router_folder(self) -> Path:
        """Folder of the router's trained weights."""
        return self.data_dir / "router"

    @property
    def public_url(self) -> str:
        """Public address of the server, without a slash at the end."""
        return (self.base_url or f"http://{self.host}:{self.port}").rstrip("/")


def _read_json(value: str) -> object:
    """JSON; what can't be read is not repeated in the error, since it may be a secret."""
    try:
        return json.loads(value)
    except json.JSONDecodeError as error:
        raise ValueError(f"is no JSON, from character {error.pos} on") from None


def load_secrets(settings: Settings) -> tuple[str, str]:
    """Heidi's own secret and the one shared with the host page's server.

    Those that are not set are made once and kept in `data_dir/secrets.json`, readable by its
    owner only.

    Raises:
        InvalidInput: that file is damaged.
    """
    kept = _kept_secrets(settings.data_dir / "secrets.json")
    return (
        settings.secret.get_secret_value() or kept["secret"],
        settings.identity_secret.get_secret_value() or kept["identity_secret"],
    )


def _kept_secrets(path: Path) -> dict[str, str]:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        _make_secrets(path)
    try:
        return {name: str(json.loads(path.read_text())[name]) for name in _SECRET_NAMES}
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidInput(
            f"{path} is damaged.",
            field="secret",
            remedy="Delete it: new secrets are made, and whoever was signed in signs in again.",
        ) from error


def _make_secrets(path: Path) -> None:
    """Written aside and linked into place, so that nobody ever reads half of it."""
    made = {name: secrets.token_urlsafe(48) for name in _SECRET_NAMES}
    aside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            json.dump(made, file)
        with suppress(FileExistsError):
            _link(aside, path)
    finally:
        aside.unlink(missing_ok=True)


def _link(aside: Path, path: Path) -> None:
    try:
        os.link(aside, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        aside.replace(path)

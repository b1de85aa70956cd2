"""Owns the file of MCP servers: which there are, and the policy of each tool that is exposed.

A tool without a policy here is not exposed, whatever its server says of it. docs/backends.md
describes the file.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from assistant.core.toolbox import ToolPolicy
from assistant.core.wishes import wish_from

NAME = r"^[a-z][a-z0-9_]{0,30}$"

Name = Annotated[str, Field(pattern=NAME)]


class McpSettingsInvalid(Exception):
    """The file of MCP servers can't be used; says where and why."""


class Part(BaseModel):
    """Base of the parts: unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class McpToolPolicy(Part):
    """What a tool may do and for whom: nothing of it is taken from the server."""

    identity: bool
    """Only for a verified customer."""
    writes: bool
    """Changes something."""
    confirm: bool | None = None
    """Of a write: whether the visitor is asked before. Must be said."""
    customer_argument: str | None = None
    """The argument that names the customer: filled in by us, and unknown to the model."""
    idempotency_argument: str | None = None
    """Of a write: the argument that takes our key, if the server does not read it from `_meta`."""
    label: str = Field(min_length=1, max_length=60)
    """What the visitor reads while it runs: "Looking up your orders"."""
    description: str | None = Field(default=None, max_length=1_000)
    """What the model reads, instead of the server's own words."""
    asked_by: tuple[str, ...] = ()
    """Of a write: words by which visitors ask for it, in any language; else the label's."""
    free_arguments: tuple[str, ...] = ()
    """Arguments that the model may word itself, or take from an earlier result."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.writes and self.confirm is None:
            raise ValueError("a tool that writes must say whether to confirm")
        if not self.writes and self.confirm is not None:
            raise ValueError("only a tool that writes has something to confirm")
        if self.idempotency_argument is not None and not self.writes:
            raise ValueError("only a tool that writes has an idempotency_argument")
        if self.asked_by and not self.writes:
            raise ValueError("only a tool that writes has words by which it is asked for")
        if self.customer_argument is not None and not self.identity:
            raise ValueError("a customer_argument needs identity: true")
        return self

    @property
    def own_arguments(self) -> tuple[str, ...]:
        """The arguments that we fill in."""
        own = (self.customer_argument, self.idempotency_argument)
        return tuple(name for name in own if name is not None)

    @property
    def policy(self) -> ToolPolicy:
        """The same for the toolbox, which enforces it."""
        return ToolPolicy(
            needs_identity=self.identity,
            writes=self.writes,
            needs_confirmation=self.confirm is not False,
            wish=wish_from(self.label, self.asked_by) if self.writes else None,
        )


class SecretHeader(Part):
    """A header whose secret stays in the environment."""

    env: str
    prefix: str = ""


class McpServerSettings(Part):
    """One server: a command to start, or an address."""

    command: tuple[str, ...] = ()
    """Program and arguments (stdio)."""
    env: tuple[str, ...] = ()
    """Names of the variables it is given; it sees no others of ours."""
    url: Annotated[str, Field(pattern=r"^https?://")] | None = None
    """Address (streamable HTTP)."""
    headers: dict[str, SecretHeader] = {}
    timeout_s: float = Field(default=8.0, gt=0, le=30)
    tools: dict[str, McpToolPolicy]
    """By the server's own names."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if bool(self.command) == bool(self.url):
            raise ValueError("a server has either a command or a url")
        if (self.headers and not self.url) or (self.env and not self.command):
            raise ValueError("headers belong to a url, env to a command")
        return self

    def environment(self, ours: Mapping[str, str] = os.environ) -> dict[str, str]:
        """The variables it is given.

        Raises:
            McpSettingsInvalid: one is not set.
        """
        return {name: _secret(name, ours) for name in self.env}

    def header_values(self, ours: Mapping[str, str] = os.environ) -> dict[str, str]:
        """The headers of every request.

        Raises:
            McpSettingsInvalid: a secret is not set.
        """
        return {
            name: f"{header.prefix}{_secret(header.env, ours)}"
            for name, header in self.headers.items()
        }


class McpSettings(Part):
    """The whole file."""

    servers: dict[Name, McpServerSettings]
    """By the prefix that their tools' names get."""


def load_mcp_settings(path: Path) -> McpSettings:
    """Read the file.

    Raises:
        McpSettingsInvalid: it is missing, no YAML, or not as docs/backends.md describes.
    """
    try:
        return McpSettings.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise McpSettingsInvalid(f"{path}: {error}") from error


def _secret(name: str, ours: Mapping[str, str]) -> str:
    value = ours.get(name, "")
    if not value:
        raise McpSettingsInvalid(f"the environment variable {name} is not set")
    return value

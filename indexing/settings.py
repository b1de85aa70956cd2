"""Owns the settings of indexing, read from the environment."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class IndexingSettings(BaseSettings):
    """Where knowledge is kept and how it is embedded; variables begin with `HEIDI_`."""

    model_config = SettingsConfigDict(env_prefix="HEIDI_", extra="ignore", frozen=True)

    data_dir: Path = Path("data")
    """Folder of everything that is kept."""
    database_url: str = ""
    """SQLAlchemy URL with an async driver; empty: a SQLite file in `data_dir`."""
    chroma_url: str | None = None
    """Address of a Chroma server; none: a folder in `data_dir` that one process owns."""
    collection: str = Field(
        default="briefings", pattern=r"^[a-zA-Z0-9][a-zA-Z0-9_-]{1,61}[a-z0-9]$"
    )
    """Name of the collection in Chroma."""
    embedding_model: str | None = None
    """Name or path of a sentence-transformers model; none: the packaged all-MiniLM-L6-v2."""
    embedding_backend: Literal["auto", "int8", "onnx", "torch"] = "auto"
    """What runs the model: onnxruntime with eight-bit weights (`int8`) or whole ones (`onnx`), or
    PyTorch; `auto`: `int8` for the packaged model, PyTorch for any other."""
    embedding_threads: int | None = Field(default=None, ge=1)
    """CPU threads of the model for passages; none: as many as the machine has."""
    model_cache_dir: Path | None = None
    """Folder of models exported to ONNX; none: the user's cache folder."""
    chunk_tokens: int = Field(default=180, ge=32, le=4096)
    """Most word pieces of a chunk's own text; title and date come on top, and the packaged model
    reads 256 in all."""
    briefing_words: int = Field(default=600, ge=100)
    """Most words of a briefing that is written from a post."""
    feeds_file: Path | None = None
    """File that lists the feeds; none: `feeds.toml` in `data_dir`."""
    feeds_fetch: bool = True
    """Whether a running server fetches listed feeds by itself; else only when staff want it."""
    feeds_folder: Path | None = None
    """Folder with what the addresses of feeds give, as `host/path`; none: the network is asked."""
    feeds_contact: str = Field(default="", pattern=r"^[\x20-\x7e]*$", max_length=200)
    """Address of a page or mailbox for those whose feeds are read; part of the user agent."""
    feeds_timeout_s: float = Field(default=20.0, gt=0, le=300)
    """Longest wait for a feed's server to go on, in seconds."""
    feeds_max_bytes: int = Field(default=5_000_000, ge=10_000)
    """Largest feed or page that is read, unpacked."""
    feeds_private_addresses: bool = False
    """Also read feeds of the own network; else only public addresses are asked."""

    @property
    def feed_list(self) -> Path:
        """The file that lists the feeds."""
        return self.feeds_file or self.data_dir / "feeds.toml"

    @property
    def database(self) -> str:
        """URL of the database that holds the briefings."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data_dir / 'heidi.sqlite3'}"

    @property
    def chroma_folder(self) -> Path:
        """Folder of the vectors when there is no Chroma server."""
        return self.data_dir / "chroma"

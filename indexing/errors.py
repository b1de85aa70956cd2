"""Owns the errors of indexing: data, no texts for visitors.

IndexingError
└── BriefingFileInvalid    a briefing file that cannot be read as a briefing
"""

from __future__ import annotations

from pathlib import Path


class IndexingError(Exception):
    """Root of everything that indexing raises on purpose."""


class BriefingFileInvalid(IndexingError):
    """A file in a folder of briefings is no briefing.

    Attributes:
        path: The file.
        reason: What is wrong, beginning with the field where there is one.
    """

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason

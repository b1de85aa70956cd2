"""Owns the errors of indexing: data, no texts for visitors.

IndexingError
├── BriefingFileInvalid    a briefing file that cannot be read as a briefing
├── PostInvalid            a line of a file of posts that cannot become a briefing
├── BriefingUnknown        no briefing has this identifier
├── ManifestMismatch       the index was built by another model or another way of chunking
├── IndexBusy              another process owns the folder of the index
├── IndexingStalled        the process that owns the index does not go on
├── ModelCacheUnusable     an exported model can't be kept where it should be
├── FeedFileInvalid        a file of feeds that cannot be read as one
├── FeedUnreadable         what an address gave is no feed
├── FetchFailed            an address gave nothing that can be used
├── DraftUnknown           no draft has this identifier
└── BriefingChanged        somebody else changed it meanwhile
"""

from __future__ import annotations

from collections.abc import Mapping
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


class PostInvalid(IndexingError):
    """A line of a file of posts is no post; such lines are reported and left out.

    Attributes:
        path: The file.
        line: Number of the line, counted from one; zero for the file as a whole.
        reason: What is wrong, beginning with the field where there is one.
    """

    def __init__(self, path: Path, line: int, reason: str) -> None:
        super().__init__(f"{path}:{line}: {reason}" if line else f"{path}: {reason}")
        self.path = path
        self.line = line
        self.reason = reason


class BriefingUnknown(IndexingError):
    """No briefing has this identifier.

    Attributes:
        briefing_id: The identifier that was asked for.
    """

    def __init__(self, briefing_id: str) -> None:
        super().__init__(f"no briefing has the id {briefing_id!r}")
        self.briefing_id = briefing_id


class ManifestMismatch(IndexingError):
    """The index on disk cannot be searched with the present settings.

    Attributes:
        expected: Manifest that the settings ask for.
        found: Manifest that the index was built with.
    """

    def __init__(self, expected: Mapping[str, object], found: Mapping[str, object]) -> None:
        differences = ", ".join(
            f"{key} is {found.get(key)!r} but should be {value!r}"
            for key, value in expected.items()
            if found.get(key) != value
        )
        super().__init__(
            f"the index was built differently: {differences}; run `heidi index rebuild`"
        )
        self.expected = dict(expected)
        self.found = dict(found)


class IndexBusy(IndexingError):
    """Another process owns the Chroma folder, which is safe for one process only.

    Attributes:
        folder: The folder.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder} is in use by another process, probably the running server")
        self.folder = folder


class IndexingStalled(IndexingError):
    """Briefings wait to be indexed and their number does not fall.

    Attributes:
        pending: How many wait.
    """

    def __init__(self, pending: int) -> None:
        super().__init__(
            f"{pending} briefings wait to be indexed and nobody works on them; "
            "restart the server, or stop it and run `heidi index add` again"
        )
        self.pending = pending


class ModelCacheUnusable(IndexingError):
    """The folder of exported models can't be written.

    Attributes:
        folder: The folder.
    """

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(
            f"{folder} can't be written ({reason}); set HEIDI_MODEL_CACHE_DIR to a folder for the "
            "exported model, or HEIDI_EMBEDDING_BACKEND=torch to do without"
        )
        self.folder = folder


class FeedFileInvalid(IndexingError):
    """A file of feeds cannot be used.

    Attributes:
        path: The file.
        reason: What is wrong, beginning with the feed where there is one.
    """

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class FeedUnreadable(IndexingError):
    """What an address gave is no feed.

    Attributes:
        reason: What it is instead, or what is wrong with it.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class FetchFailed(IndexingError):
    """An address gave nothing that can be used.

    Attributes:
        url: The address.
        reason: Why, in words for whoever keeps the list of feeds.
    """

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"{url}: {reason}")
        self.url = url
        self.reason = reason


class DraftUnknown(IndexingError):
    """No draft has this identifier.

    Attributes:
        draft_id: The identifier that was asked for.
    """

    def __init__(self, draft_id: str) -> None:
        super().__init__(
            f"no draft has the id {draft_id!r}; `heidi index drafts list` shows those there are"
        )
        self.draft_id = draft_id


class BriefingChanged(IndexingError):
    """A draft or briefing is no longer what somebody decided about.

    Attributes:
        briefing_id: Its identifier.
    """

    def __init__(self, briefing_id: str) -> None:
        super().__init__(f"{briefing_id} has been changed meanwhile; look at it again")
        self.briefing_id = briefing_id

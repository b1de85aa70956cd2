"""How a folder of feeds is read, broken ones too: `python -m bench.feeds FOLDER [--list]`."""

from __future__ import annotations

import argparse
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from indexing.errors import FeedUnreadable
from indexing.feeds import parse_feed

_console = Console(highlight=False, soft_wrap=True)
_URL = "https://feeds.example/folder/feed.xml"


def main() -> None:
    """Print what became of files and entries, with the reasons."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--list", action="store_true", help="what became of each file")
    arguments = parser.parse_args()
    now = datetime.now(UTC)
    counts, reasons = Counter[str](), Counter[str]()
    started = time.process_time()
    for path in sorted(arguments.folder.iterdir()):
        counts["files"] += 1
        try:
            feed = parse_feed(path.read_bytes(), url=_URL, now=now)
        except FeedUnreadable as error:
            counts["files refused"] += 1
            reasons[f"file {error.reason}"] += 1
            said = error.reason
        else:
            undated = [item.date_problem for item in feed.items if item.moment is None]
            counts["files read"] += 1
            counts["files read, without any entry"] += not (feed.items or feed.rejected)
            counts["files read though not well-formed"] += feed.is_repaired
            counts["items"] += len(feed.items)
            counts["items without a date that can be relied on"] += len(undated)
            counts["entries rejected"] += len(feed.rejected)
            counts["entries repeated"] += feed.repeated
            reasons.update(f"entry {entry.reason}" for entry in feed.rejected)
            reasons.update(f"item: {problem}" for problem in undated)
            said = f"{feed.form}: {len(feed.items)} items, {len(feed.rejected)} rejected"
        if arguments.list:
            _console.print(f"{path.name}: {said}")
    for name, count in counts.items():
        _console.print(f"{count:>6}  {name}")
    for reason, count in reasons.most_common():
        _console.print(f"{count:>6}  {reason[:100]}")
    _console.print(f"{time.process_time() - started:.1f} s of processor time")


if __name__ == "__main__":
    main()

"""Builds passages for tests."""

from __future__ import annotations

from datetime import date

from assistant.core.passages import Passage

ROBOTS = (
    "Factories installed 542,000 industrial robots in 2024, more than twice as many as ten years "
    "before.\n"
    "Elsewhere the curve points down:\n"
    "Japan installed 44,500 robots, 4 percent fewer.\n"
    "In Europe the number fell by 8 percent to 85,000; Germany bought 27,000, 5 percent fewer.\n"
    "The United States took 34,200, a decline of 9 percent.\n"
    "China stands alone. It accounts for 54 percent of the world market."
)


def passage(text: str = ROBOTS, **fields: object) -> Passage:
    values: dict[str, object] = {
        "chunk_id": "robots:0:abc",
        "briefing_id": "robots",
        "title": "More industrial robots, most of them in China",
        "path": "/briefings/robots",
        "date": date(2025, 9, 26),
        "category": "Robotics",
        "section": "News",
        "sentiment": "neutral",
        "source_name": "International Federation of Robotics",
        "source_url": "https://example.org/robots",
        "text": text,
        "score": 0.5,
        "similarity": 0.6,
    }
    return Passage(**{**values, **fields})  # type: ignore[arg-type]

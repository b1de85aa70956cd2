"""Owns the artwork of a briefing: the site has no photographs, so each gets a picture of its own.

The same slug and category always give the same picture. Pure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from random import Random

from assistant.site.motifs import MOTIFS, Palette
from assistant.site.shapes import HEIGHT, WIDTH, framed
from indexing.briefings import Category

PALETTES: Mapping[Category, Palette] = {
    Category.AI: Palette(
        ground="#27348b", deep="#18215f", mid="#4d61d6", light="#a9b8ff", spark="#ffc857"
    ),
    Category.ROBOTICS: Palette(
        ground="#d9622b", deep="#8c3312", mid="#f08a4b", light="#ffd9b3", spark="#22303f"
    ),
    Category.CHIPS: Palette(
        ground="#0f5443", deep="#083329", mid="#2b8a69", light="#a5e3c4", spark="#f4c64f"
    ),
    Category.CLOUD: Palette(
        ground="#3c92c8", deep="#1f6b9e", mid="#7dbde2", light="#e3f3fb", spark="#ffe39a"
    ),
    Category.SECURITY: Palette(
        ground="#661a3e", deep="#430e27", mid="#a3335f", light="#f097b3", spark="#ffd7a1"
    ),
    Category.SOFTWARE: Palette(
        ground="#4b378a", deep="#2e2060", mid="#7d63cc", light="#cdbeff", spark="#6be3c9"
    ),
    Category.POLICY: Palette(
        ground="#44557a", deep="#28344f", mid="#7186b3", light="#c9d5ea", spark="#e5b754"
    ),
    Category.BUSINESS: Palette(
        ground="#e5ae36", deep="#b07c14", mid="#f3cb6d", light="#fff4d6", spark="#1f3d50"
    ),
    Category.SCIENCE: Palette(
        ground="#12727c", deep="#0a4a52", mid="#34a3ab", light="#aee8e4", spark="#ff9a76"
    ),
    Category.WORK: Palette(
        ground="#dd7567", deep="#a84a41", mid="#efa596", light="#ffe6dc", spark="#2b3b56"
    ),
}


def artwork(slug: str, category: Category) -> str:
    """An SVG document: decoration, so it has no title."""
    # Python's own hash of a string differs from process to process.
    chance = Random(hashlib.sha256(slug.encode()).digest())
    palette = chance.choice(_moods(PALETTES[category]))
    shapes = framed(
        MOTIFS[category](chance, palette),
        zoom=chance.choice((1, 1, 1.2, 1.45)),
        is_mirrored=chance.random() < 0.5,
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" preserveAspectRatio="xMidYMid slice">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{palette.ground}"/>{shapes}</svg>'
    )


def _moods(palette: Palette) -> tuple[Palette, ...]:
    """The palette, and the same colours in other roles, so that neighbours differ."""
    night = replace(palette, ground=palette.deep, deep=palette.ground)
    day = replace(
        palette, ground=palette.light, deep=palette.mid, mid=palette.ground, light=palette.deep
    )
    return (palette, palette, night, day)

"""Owns the shapes that artwork is drawn with, as SVG elements. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

WIDTH = 960
HEIGHT = 600

Point = tuple[float, float]


def circle(centre: Point, radius: float, fill: str, *, opacity: float = 1) -> str:
    """A disc."""
    x, y = centre
    return f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{radius:.0f}" fill="{fill}"{_opacity(opacity)}/>'


def ring(
    centre: Point, radius: float, colour: str, width: float, *, dashes: str = "", turn: float = 0
) -> str:
    """A circle's line, whole or in dashes, turned by degrees."""
    x, y = centre
    dashed = f' stroke-dasharray="{dashes}" stroke-linecap="round"' if dashes else ""
    turned = f' transform="rotate({turn:.0f} {x:.0f} {y:.0f})"' if turn else ""
    return (
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{radius:.0f}" fill="none" stroke="{colour}" '
        f'stroke-width="{width:.0f}"{dashed}{turned}/>'
    )


def orbit(centre: Point, radii: Point, turn: float, colour: str, width: float) -> str:
    """A turned ellipse's line."""
    x, y = centre
    return (
        f'<ellipse cx="{x:.0f}" cy="{y:.0f}" rx="{radii[0]:.0f}" ry="{radii[1]:.0f}" fill="none" '
        f'stroke="{colour}" stroke-width="{width:.0f}" '
        f'transform="rotate({turn:.0f} {x:.0f} {y:.0f})"/>'
    )


def on_orbit(centre: Point, radii: Point, turn: float, angle: float) -> Point:
    """The point of a turned ellipse at an angle; both in degrees."""
    a, t = math.radians(angle), math.radians(turn)
    x, y = radii[0] * math.cos(a), radii[1] * math.sin(a)
    return (
        centre[0] + x * math.cos(t) - y * math.sin(t),
        centre[1] + x * math.sin(t) + y * math.cos(t),
    )


def box(corner: Point, size: Point, fill: str, *, radius: float = 0, opacity: float = 1) -> str:
    """A rectangle, its corners rounded or not."""
    rounded = f' rx="{radius:.0f}"' if radius else ""
    return (
        f'<rect x="{corner[0]:.0f}" y="{corner[1]:.0f}" width="{size[0]:.0f}" '
        f'height="{size[1]:.0f}"{rounded} fill="{fill}"{_opacity(opacity)}/>'
    )


def line(points: Sequence[Point], colour: str, width: float, *, opacity: float = 1) -> str:
    """A line through points with round ends and corners."""
    through = " ".join(f"{x:.0f},{y:.0f}" for x, y in points)
    return (
        f'<polyline points="{through}" fill="none" stroke="{colour}" stroke-width="{width:.0f}" '
        f'stroke-linecap="round" stroke-linejoin="round"{_opacity(opacity)}/>'
    )


def curve(start: Point, end: Point, colour: str, width: float, *, opacity: float = 1) -> str:
    """A line that leaves and arrives level."""
    middle = (start[0] + end[0]) / 2
    return (
        f'<path d="M{start[0]:.0f} {start[1]:.0f}C{middle:.0f} {start[1]:.0f} {middle:.0f} '
        f'{end[1]:.0f} {end[0]:.0f} {end[1]:.0f}" fill="none" stroke="{colour}" '
        f'stroke-width="{width:.0f}"{_opacity(opacity)}/>'
    )


def quarter(corner: Point, size: float, which: int, fill: str) -> str:
    """A quarter of a disc in a square; `which` of its four corners is the disc's centre."""
    x, y = corner
    centres = ((x, y), (x + size, y), (x + size, y + size), (x, y + size))
    cx, cy = centres[which]
    ax, ay = centres[(which + 1) % 4]
    bx, by = centres[(which + 3) % 4]
    return (
        f'<path d="M{cx:.0f} {cy:.0f}L{ax:.0f} {ay:.0f}A{size:.0f} {size:.0f} 0 0 1 '
        f'{bx:.0f} {by:.0f}Z" fill="{fill}"/>'
    )


def arch(foot: Point, width: float, height: float, fill: str) -> str:
    """A column with a round top; `foot` is its lower left corner."""
    x, y = foot
    shoulder = y - height + width / 2
    return (
        f'<path d="M{x:.0f} {y:.0f}V{shoulder:.0f}a{width / 2:.0f} {width / 2:.0f} 0 0 1 '
        f'{width:.0f} 0V{y:.0f}Z" fill="{fill}"/>'
    )


def turned(shapes: Sequence[str], degrees: float) -> str:
    """Shapes turned about the middle of the picture."""
    return (
        f'<g transform="rotate({degrees:.0f} {WIDTH / 2:.0f} {HEIGHT / 2:.0f})">'
        f"{''.join(shapes)}</g>"
    )


def framed(shapes: Sequence[str], *, zoom: float, is_mirrored: bool) -> str:
    """Shapes as seen from nearer, or in a mirror."""
    if zoom == 1 and not is_mirrored:
        return "".join(shapes)
    x, y = WIDTH / 2, HEIGHT / 2
    scale = f"{-zoom if is_mirrored else zoom} {zoom}"
    return (
        f'<g transform="translate({x:.0f} {y:.0f}) scale({scale}) translate({-x:.0f} {-y:.0f})">'
        f"{''.join(shapes)}</g>"
    )


def _opacity(opacity: float) -> str:
    return "" if opacity == 1 else f' opacity="{opacity:.2f}"'

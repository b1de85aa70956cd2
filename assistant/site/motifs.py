"""Owns the motif of each category: an abstract picture, drawn by seeded chance. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from assistant.site.shapes import (
    HEIGHT,
    WIDTH,
    Point,
    arch,
    box,
    circle,
    curve,
    line,
    on_orbit,
    orbit,
    quarter,
    ring,
    turned,
)
from indexing.briefings import Category


@dataclass(frozen=True, kw_only=True)
class Palette:
    """Five colours that go together."""

    ground: str
    deep: str
    mid: str
    light: str
    spark: str
    """Used sparingly."""


Motif = Callable[[Random, Palette], list[str]]


def network(chance: Random, colours: Palette) -> list[str]:
    """Layers of nodes, each linked to the next layer."""
    sun = (chance.uniform(300, 700), chance.uniform(180, 420))
    shapes = [circle(sun, chance.uniform(210, 280), colours.deep)]
    columns = 5
    layers = [
        [
            (90 + column * 195, HEIGHT * (row + 0.5) / rows + chance.uniform(-26, 26))
            for row in range(rows)
        ]
        for column, rows in enumerate(
            chance.choice(((3, 5, 4, 5, 2), (2, 4, 6, 4, 3), (4, 3, 5, 3, 4)))
        )
    ]
    for left, right in pairwise(layers):
        for start in left:
            for end in chance.sample(right, k=min(2, len(right))):
                shapes.append(curve(start, end, colours.mid, 3))
    path = [chance.choice(layer) for layer in layers]
    for start, end in pairwise(path):
        shapes.append(curve(start, end, colours.spark, 6))
    for column in range(columns):
        for node in layers[column]:
            is_on_path = node == path[column]
            radius = chance.choice((13, 17, 22)) + 8 * is_on_path
            shapes.append(circle(node, radius, colours.spark if is_on_path else colours.light))
    return shapes


def arm(chance: Random, colours: Palette) -> list[str]:
    """A jointed arm that reaches for a disc."""
    goal = (chance.uniform(640, 800), chance.uniform(110, 210))
    shoulder = (chance.uniform(130, 260), HEIGHT - 70.0)
    elbow = (chance.uniform(270, 400), chance.uniform(120, 230))
    wrist = (chance.uniform(540, 640), chance.uniform(330, 430))
    shapes = [
        circle(goal, 230, colours.mid),
        box((0, HEIGHT - 80), (WIDTH, 80), colours.deep),
        box((shoulder[0] - 105, HEIGHT - 130), (210, 60), colours.deep, radius=16),
    ]
    joints = (shoulder, elbow, wrist, goal)
    widths = (74, 58, 40)
    for start, end, width in zip(joints, joints[1:], widths, strict=False):
        shapes.append(line([start, end], colours.light, width))
    for joint, radius in zip(joints, (50, 42, 32, 58), strict=True):
        shapes.append(circle(joint, radius, colours.spark))
        shapes.append(circle(joint, radius * 0.4, colours.light))
    return shapes


def circuit(chance: Random, colours: Palette) -> list[str]:
    """Traces that leave a die, bend once and end in a pad."""
    middle = (chance.choice((360, 480, 600)), 300.0)
    half = 116
    shapes: list[str] = []
    for side in range(4):
        for lane in range(-3, 4):
            shapes += _trace(chance, colours, middle, side, lane * 30)
    shapes.append(
        box((middle[0] - half, middle[1] - half), (2 * half, 2 * half), colours.deep, radius=22)
    )
    shapes.append(box((middle[0] - 84, middle[1] - 84), (168, 168), colours.mid, radius=12))
    for row in range(3):
        for column in range(3):
            fill = colours.spark if chance.random() < 0.3 else colours.light
            corner = (middle[0] - 66 + column * 48, middle[1] - 66 + row * 48)
            shapes.append(box(corner, (36, 36), fill, radius=6))
    return shapes


def _trace(chance: Random, colours: Palette, middle: Point, side: int, lane: float) -> list[str]:
    reach = chance.uniform(150, 250)
    bend = math.copysign(chance.uniform(30, 110), lane) if lane else 0
    end = reach + abs(bend) + chance.uniform(10, 240)
    along = [(100.0, lane), (reach, lane), (reach + abs(bend), lane + bend), (end, lane + bend)]
    turn = math.radians(90 * side)
    points = [
        (
            middle[0] + x * math.cos(turn) - y * math.sin(turn),
            middle[1] + x * math.sin(turn) + y * math.cos(turn),
        )
        for x, y in along
    ]
    colour = colours.spark if chance.random() < 0.14 else colours.mid
    return [line(points, colour, 7), circle(points[-1], 12, colours.light)]


def clouds(chance: Random, colours: Palette) -> list[str]:
    """Banks of round clouds before a sun."""
    sun = (chance.uniform(200, 760), chance.uniform(140, 240))
    shapes = [circle(sun, 250, colours.mid), circle(sun, 112, colours.spark)]
    for bank, fill in enumerate((colours.deep, colours.mid, colours.light)):
        top = 330 + bank * 105
        x = chance.uniform(-120, 0)
        while x < WIDTH + 100:
            radius = chance.uniform(70, 130)
            shapes.append(circle((x, top + radius * 0.6), radius, fill))
            x += radius * 1.35
        shapes.append(box((0, top + 70), (WIDTH, HEIGHT), fill))
    return shapes


def vault(chance: Random, colours: Palette) -> list[str]:
    """Broken rings around a keyhole."""
    middle = (chance.choice((330, 480, 630)), 300.0)
    shapes = [circle(middle, 440, colours.deep)]
    for step in range(6):
        radius = 130 + step * 54
        whole = 2 * math.pi * radius
        gap = chance.uniform(0.1, 0.45)
        dashes = f"{whole * (1 - gap):.0f} {whole * gap:.0f}"
        colour = chance.choice((colours.mid, colours.mid, colours.light, colours.ground))
        shapes.append(ring(middle, radius, colour, 26, dashes=dashes, turn=chance.uniform(0, 360)))
    shapes.append(circle(middle, 84, colours.spark))
    shapes.append(circle((middle[0], middle[1] - 16), 24, colours.deep))
    shapes.append(box((middle[0] - 10, middle[1] - 10), (20, 56), colours.deep, radius=8))
    return shapes


def listing(chance: Random, colours: Palette) -> list[str]:
    """Rows of bars, indented as code is."""
    shapes: list[str] = []
    indent = 0
    for row in range(-3, 14):
        indent = max(0, min(4, indent + chance.choice((-1, -1, 0, 1, 1))))
        x = -40 + indent * 86.0
        for _ in range(chance.randint(2, 5)):
            width = chance.choice((60, 96, 140, 210))
            colour = chance.choices(
                (colours.mid, colours.light, colours.deep, colours.spark), weights=(5, 3, 4, 1)
            )[0]
            shapes.append(box((x, row * 56), (width, 30), colour, radius=15))
            x += width + 22
    return [turned(shapes, chance.choice((-14, -9, 9)))]


def colonnade(chance: Random, colours: Palette) -> list[str]:
    """Arches, one behind the other."""
    shapes = [circle((chance.uniform(220, 740), 190), 150, colours.spark)]
    for row, (fill, width) in enumerate(
        ((colours.deep, 190), (colours.mid, 150), (colours.light, 110))
    ):
        x = chance.uniform(-100, -20)
        while x < WIDTH:
            height = chance.uniform(0.75, 1.1) * (470 - row * 135)
            shapes.append(arch((x, HEIGHT), width, height, fill))
            x += width + 24 + row * 16
    return shapes


def rise(chance: Random, colours: Palette) -> list[str]:
    """Bars that grow, and the line above them."""
    shapes = [circle((chance.uniform(180, 420), 210), 170, colours.mid)]
    bars = 9
    heights = [120 + 36 * bar + chance.uniform(-55, 55) for bar in range(bars)]
    if chance.random() < 0.35:
        heights.reverse()
    width = WIDTH / bars
    for bar, height in enumerate(heights):
        fill = chance.choice((colours.deep, colours.spark, colours.deep, colours.light))
        shapes.append(box((bar * width + 8, HEIGHT - height), (width - 16, height), fill, radius=8))
    points = [
        ((bar + 0.5) * width, HEIGHT - height - 60 - chance.uniform(0, 24))
        for bar, height in enumerate(heights)
    ]
    shapes.append(line(points, colours.light, 9))
    shapes += [circle(point, 15, colours.spark) for point in points[::2]]
    return shapes


def orbits(chance: Random, colours: Palette) -> list[str]:
    """Ellipses around a core, with something on each."""
    middle = (chance.uniform(380, 580), 300.0)
    first = chance.uniform(0, 60)
    shapes = [circle(middle, 260, colours.deep)]
    for step in range(4):
        radii = (330 + chance.uniform(-30, 90), 110 + chance.uniform(-20, 40))
        turn = first + step * 45
        colour = colours.light if step == 0 else colours.mid
        shapes.append(orbit(middle, radii, turn, colour, 8))
        angle = chance.uniform(0, 360)
        fill = colours.spark if step % 2 else colours.light
        shapes.append(circle(on_orbit(middle, radii, turn, angle), 22 + 6 * step, fill))
    shapes += [circle(middle, 70, colours.spark), circle(middle, 34, colours.deep)]
    return shapes


def mosaic(chance: Random, colours: Palette) -> list[str]:
    """Tiles of squares, discs and quarters."""
    size = 120
    shapes: list[str] = []
    for row in range(5):
        for column in range(8):
            corner = (column * float(size), row * float(size))
            back, front = chance.sample(
                (colours.ground, colours.deep, colours.mid, colours.light), k=2
            )
            shapes.append(box(corner, (size, size), back))
            kind = chance.random()
            if kind < 0.7:
                shapes.append(quarter(corner, size, chance.randrange(4), front))
            elif kind < 0.85:
                centre = (corner[0] + size / 2, corner[1] + size / 2)
                shapes.append(circle(centre, size * 0.34, colours.spark))
    return shapes


MOTIFS: Mapping[Category, Motif] = {
    Category.AI: network,
    Category.ROBOTICS: arm,
    Category.CHIPS: circuit,
    Category.CLOUD: clouds,
    Category.SECURITY: vault,
    Category.SOFTWARE: listing,
    Category.POLICY: colonnade,
    Category.BUSINESS: rise,
    Category.SCIENCE: orbits,
    Category.WORK: mosaic,
}

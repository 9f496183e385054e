# SPDX-License-Identifier: Apache-2.0
"""Plots as plain SVG, for no plotting library is locked: the same data give the same bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT, LEFT, TOP = 640, 360, 56, 40
COLOURS = ("#1b6ca8", "#c0392b", "#218c5b", "#8e44ad", "#d68910", "#566573", "#0e8f9c", "#a04000", "#2e4053")


def stairs(title: str, unit: str, curves: Mapping[str, Sequence[float]]) -> str:
    """One curve a name: its 101 values are the hundredths from 0 to 100, ascending; the last is not drawn."""
    most = max((values[99] for values in curves.values()), default=0.0) or 1.0
    high = TOP + HEIGHT + 44 + 18 * len(curves)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 24} {high}" '
        'font-family="sans-serif" font-size="12">',
        f'<text x="{LEFT}" y="22" font-size="15">{escape(title)}</text>',
        f'<rect x="{LEFT}" y="{TOP}" width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="#999"/>',
        f'<text x="{LEFT + WIDTH}" y="{TOP + HEIGHT + 34}" text-anchor="end">{escape(unit)}</text>',
    ]
    for part in range(0, 101, 25):
        y = TOP + HEIGHT * (100 - part) / 100
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{part} %</text>')
        parts.append(f'<line x1="{LEFT}" x2="{LEFT + WIDTH}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>')
    for step in range(5):
        x = LEFT + WIDTH * step / 4
        parts.append(
            f'<text x="{x:.1f}" y="{TOP + HEIGHT + 18}" text-anchor="middle">{most * step / 4:.2f}</text>'
        )
    for number, (name, values) in enumerate(curves.items()):
        parts += _curve(number, name, values, most)
    return "\n".join([*parts, "</svg>", ""])


def _curve(number: int, name: str, values: Sequence[float], most: float) -> list[str]:
    colour = COLOURS[number % len(COLOURS)]
    points = " ".join(
        f"{LEFT + WIDTH * value / most:.1f},{TOP + HEIGHT * (100 - part) / 100:.1f}"
        for part, value in enumerate(values[:100])
    )
    y = TOP + HEIGHT + 52 + 18 * number
    return [
        f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>',
        f'<line x1="{LEFT}" x2="{LEFT + 24}" y1="{y - 4}" y2="{y - 4}" stroke="{colour}" stroke-width="3"/>',
        f'<text x="{LEFT + 32}" y="{y}">{escape(name)}</text>',
    ]

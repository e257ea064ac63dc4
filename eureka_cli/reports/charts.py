"""Small SVG pictures for the page: a curve over training, intervals side by side, who came from whom."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

Values = Sequence[float]
LABEL = 150
"""Pixels a label takes beside its dot."""


def curve(values: Values, *, width: int = 220, height: int = 70) -> str:
    """A line over the checkpoints, with its largest and smallest value written beside it."""
    finite = [value for value in values if math.isfinite(value)]
    if len(finite) < 2:
        return ""
    low, high = min(finite), max(finite)
    span, step = (high - low) or 1.0, (width - 60) / (len(values) - 1)
    points = " ".join(
        f"{k * step + 2:.1f},{height - 6 - (height - 12) * (value - low) / span:.1f}"
        for k, value in enumerate(values)
        if math.isfinite(value)
    )
    labels = [(12, high), (height - 3, low)] if high > low else [(height - 3, low)]
    texts = "".join(f'<text x="{width - 52}" y="{y}">{value:.3g}</text>' for y, value in labels)
    return f'<svg viewBox="0 0 {width} {height}" width="{width}" role="img"><polyline points="{points}"/>{texts}</svg>'


class Bar(NamedTuple):
    """A row of `intervals`."""

    label: str
    middle: float
    low: float
    high: float
    points: Sequence[float]
    ours: bool


def intervals(bars: Sequence[Bar], *, width: int = 640) -> str:
    """A dot and its interval for every row, each seed a faint dot, all on one axis."""
    everything = [value for bar in bars for value in (bar.low, bar.high, *bar.points)]
    low, high = min([0.0, *everything]), max([0.0, *everything])
    span, left, row = (high - low) or 1.0, max([170, *(7 * len(bar.label) for bar in bars)]), 26
    width += left - 170
    height = row * len(bars) + 24

    def x(value: float) -> float:
        return left + (width - left - 60) * (value - low) / span

    parts = [f'<line class="axis" x1="{x(0):.1f}" x2="{x(0):.1f}" y1="0" y2="{height - 20}"/>']
    for k, bar in enumerate(bars):
        y, kind = row * k + 15, "ours" if bar.ours else "theirs"
        parts.append(f'<text x="0" y="{y + 4}">{html.escape(bar.label)}</text>')
        parts += [f'<circle class="seed" cx="{x(point):.1f}" cy="{y}" r="3"/>' for point in bar.points]
        parts.append(f'<line class="{kind}" x1="{x(bar.low):.1f}" x2="{x(bar.high):.1f}" y1="{y}" y2="{y}"/>')
        parts.append(f'<circle class="{kind}" cx="{x(bar.middle):.1f}" cy="{y}" r="5"/>')
        parts.append(f'<text x="{width - 52}" y="{y + 4}">{bar.middle:.3g}</text>')
    parts.append(f'<text x="{x(0) - 3:.1f}" y="{height - 4}">0</text>')
    return f'<svg class="intervals" viewBox="0 0 {width} {height}" width="{width}" role="img">{"".join(parts)}</svg>'


class Node(NamedTuple):
    """A candidate in `lineage`."""

    candidate: str
    parent: str | None
    column: int
    label: str
    kind: str
    """`best`, `trained`, `stopped` or `refused`."""


def lineage(nodes: Sequence[Node]) -> str:
    """Rounds from left to right; a line leads from each reward to those that improve it."""
    places: dict[str, tuple[float, float]] = {}
    drawn: list[tuple[Node, tuple[float, float]]] = []
    rows: dict[int, int] = {}
    for node in nodes:
        rows[node.column] = rows.get(node.column, 0) + 1
        place = (24 + 210.0 * (node.column - 1), 30.0 * rows[node.column])
        drawn.append((node, place))
        if node.candidate:
            places.setdefault(node.candidate, place)
    lines = "".join(_edge(places, node, place) for node, place in drawn)
    dots = "".join(
        f'<a href="#{html.escape(node.candidate)}"><circle class="{node.kind}" cx="{x}" cy="{y}" r="7"/>'
        f'<text x="{x + 12}" y="{y + 4}">{html.escape(node.label)}</text></a>'
        for node, (x, y) in drawn
    )
    width, height = 24 + 210 * max(rows, default=1), 30 * max(rows.values(), default=0) + 24
    return f'<svg class="lineage" viewBox="0 0 {width} {height}" width="{width}" role="img">{lines}{dots}</svg>'


def _edge(places: Mapping[str, tuple[float, float]], node: Node, place: tuple[float, float]) -> str:
    if node.parent is None or node.parent not in places:
        return ""
    (x, y), (to_x, to_y) = places[node.parent], place
    return f'<line class="axis" x1="{x + LABEL}" y1="{y}" x2="{to_x - 7}" y2="{to_y}"/>'


class Line(NamedTuple):
    """A falling line of `profiles` with its band."""

    label: str
    share: Values
    low: Values
    high: Values


def profiles(taus: Values, lines: Sequence[Line], *, width: int = 640, height: int = 260) -> str:
    """Performance profiles: over tau, the share of scores above it. Coloured by the classes side0 to side5."""
    left, bottom, right = 40, height - 30, width - LABEL

    def points(values: Values) -> list[str]:
        span = taus[-1] - taus[0]
        across = [left + (right - left) * (tau - taus[0]) / span for tau in taus]
        return [f"{x:.1f},{bottom - (bottom - 10) * y:.1f}" for x, y in zip(across, values, strict=True)]

    parts = [f'<line class="axis" x1="{left}" x2="{right}" y1="{bottom}" y2="{bottom}"/>']
    for k, line in enumerate(lines):
        kind = f"side{k % 6}"
        band = " ".join([*points(line.high), *reversed(points(line.low))])
        parts.append(f'<polygon class="{kind}" points="{band}"/>')
        parts.append(f'<polyline class="{kind}" points="{" ".join(points(line.share))}"/>')
        parts.append(f'<circle class="{kind}" cx="{right + 12}" cy="{20 + 20 * k}" r="5"/>')
        parts.append(f'<text x="{right + 22}" y="{24 + 20 * k}">{html.escape(line.label)}</text>')
    parts += [f'<text x="0" y="{bottom - (bottom - 10) * share + 4:.1f}">{share:g}</text>' for share in (0, 0.5, 1)]
    ends = ((left, taus[0]), ((left + right) / 2, (taus[0] + taus[-1]) / 2), (right, taus[-1]))
    parts += [f'<text x="{x - 6:.1f}" y="{bottom + 16}">{tau:g}</text>' for x, tau in ends]
    return f'<svg class="intervals" viewBox="0 0 {width} {height}" width="{width}" role="img">{"".join(parts)}</svg>'

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


def both(curves: Mapping[str, Values], since: int | None, *, width: int = 420, height: int = 130) -> str:
    """Own return and fitness over the checkpoints, each on its own scale; shaded from checkpoint `since` on."""
    steps, parts = curves.get("steps", []), []
    if len(steps) < 2 or "fitness" not in curves:
        return ""
    step = (width - 20) / (len(steps) - 1)
    if since is not None:
        left = 10 + step * (since - 0.5)
        parts.append(f'<rect class="fell" x="{left:.1f}" y="0" width="{width - left:.1f}" height="{height - 34}"/>')
    for row, (name, kind) in enumerate((("return", "own"), ("fitness", "fitness"))):
        finite = [value for value in curves[name] if math.isfinite(value)]
        if not finite:
            continue
        low, high = min(finite), max(finite)
        span, room = (high - low) or 1.0, height - 48
        points = " ".join(
            f"{10 + k * step:.1f},{room + 6 - room * (value - low) / span:.1f}"
            for k, value in enumerate(curves[name])
            if math.isfinite(value)
        )
        says = f"{'own return' if name == 'return' else name} {low:.3g} to {high:.3g}"
        parts.append(f'<polyline class="{kind}" points="{points}"/>')
        parts.append(f'<text class="{kind}" x="{10 + row * (width // 2)}" y="{height - 18}">{says}</text>')
    parts.append(f'<text x="10" y="{height - 3}">{steps[0]:,.0f} to {steps[-1]:,.0f} steps</text>')
    return f'<svg viewBox="0 0 {width} {height}" width="{width}" role="img">{"".join(parts)}</svg>'


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
    """A curve of `panels` with its band."""

    label: str
    steps: Values
    middle: Values
    low: Values
    high: Values


class Panel(NamedTuple):
    title: str
    lines: Sequence[Line]


COLOURS = ("#1668a8", "#c2521b", "#6b7280", "#2f8f4e")
PANEL = (340, 220)


def panels(drawn: Sequence[Panel]) -> str:
    """Curves over environment steps, two panels a row, as a picture that stands alone."""
    wide, tall = PANEL
    labels = list(dict.fromkeys(line.label for panel in drawn for line in panel.lines))
    colours = {label: COLOURS[k % len(COLOURS)] for k, label in enumerate(labels)}
    parts = [_panel(panel, colours, wide * (k % 2), 26 + tall * (k // 2)) for k, panel in enumerate(drawn)]
    for k, (label, colour) in enumerate(colours.items()):
        x = 44 + 140 * k
        parts.append(f'<rect x="{x}" y="9" width="14" height="4" fill="{colour}"/>')
        parts.append(f'<text x="{x + 20}" y="15">{html.escape(label)}</text>')
    width, height = 2 * wide, 30 + tall * ((len(drawn) + 1) // 2)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        f' font-family="sans-serif" font-size="11" fill="#222"><rect width="{width}" height="{height}" fill="#fff"/>'
        f"{''.join(parts)}</svg>\n"
    )


def _panel(panel: Panel, colours: Mapping[str, str], left: float, top: float) -> str:
    wide, tall = PANEL[0] - 64, PANEL[1] - 56
    values = [value for line in panel.lines for value in (*line.low, *line.high) if math.isfinite(value)]
    low, high = min([0.0, *values]), max([0.0, *values])
    end = max((step for line in panel.lines for step in line.steps), default=1.0)
    span = (high - low) or 1.0

    def place(step: float, value: float) -> str:
        return f"{left + 44 + wide * step / end:.1f},{top + 20 + tall * (1 - (value - low) / span):.1f}"

    def points(line: Line, values: Values) -> list[str]:
        return [place(step, value) for step, value in zip(line.steps, values, strict=True) if math.isfinite(value)]

    parts = [f'<text x="{left + 44}" y="{top + 12}" font-weight="bold">{html.escape(panel.title)}</text>']
    for value in dict.fromkeys((low, 0.0, high)):
        (x, y), (to, _) = (place(at, value).split(",") for at in (0, end))
        parts.append(f'<line x1="{x}" x2="{to}" y1="{y}" y2="{y}" stroke="#ddd"/>')
        parts.append(f'<text x="{left + 40}" y="{float(y) + 4:.1f}" text-anchor="end">{value:.3g}</text>')
    x, y = place(end, low).split(",")
    parts.append(f'<text x="{x}" y="{float(y) + 16:.1f}" text-anchor="end">{end:,.0f} steps</text>')
    for line in panel.lines:
        colour = colours[line.label]
        around = " ".join(points(line, line.low) + points(line, line.high)[::-1])
        parts.append(f'<polygon points="{around}" fill="{colour}" opacity="0.15"/>')
        middle = " ".join(points(line, line.middle))
        parts.append(f'<polyline points="{middle}" fill="none" stroke="{colour}" stroke-width="2"/>')
    return "".join(parts)


class Profile(NamedTuple):
    """A falling line of `profiles` with its band."""

    label: str
    share: Values
    low: Values
    high: Values


def profiles(taus: Values, lines: Sequence[Profile], *, width: int = 640, height: int = 260) -> str:
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

"""The panel beside a video: own return so far, fitness so far, and what each component pays at this instant.

Burnt into the picture, so that it travels with the file: into a mail, a paper's supplement, any player.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from eureka_cli import arrays
from eureka_cli.core import Array

COMPONENT = "component/"
MOST_COMPONENTS = 6
BACKGROUND, INK, FAINT = (255, 255, 255), (30, 30, 30), (205, 205, 205)
OWN, FITNESS, MINUS = (31, 95, 168), (30, 130, 76), (176, 58, 46)
MARGIN, TEXT = 12, 14

Panel = Callable[[int], Array]
"""The panel at a step of the episode: (size, size, 3) uint8."""


def read(film: Path) -> dict[str, Array]:
    """Per step: `own`, `truth` (what it added to fitness) and `component/<name>`."""
    return arrays.read(film)


def panel(film: Mapping[str, Array], size: int) -> Panel:
    """Raises ImportError without Pillow."""
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.load_default(TEXT)
    lines = [("own return", np.cumsum(film["own"]), OWN), ("fitness", np.cumsum(film["truth"]), FITNESS)]
    lines = [line for line in lines if np.isfinite(line[1]).all()]
    components = {name.removeprefix(COMPONENT): film[name] for name in film if name.startswith(COMPONENT)}
    largest = sorted(components, key=lambda name: -float(np.abs(components[name]).mean()))[:MOST_COMPONENTS]
    scale = max((float(np.abs(components[name]).max()) for name in largest), default=0.0) or 1.0
    third = (size - 2 * MARGIN) // 3

    def at(step: int) -> Array:
        image = Image.new("RGB", (size, size), BACKGROUND)
        draw = ImageDraw.Draw(image)
        draw.fontmode = "L"
        for row, (name, values, colour) in enumerate(lines):
            _line(draw, font, name, values, step, colour, top=MARGIN + row * third, size=size, height=third)
        top = MARGIN + len(lines) * third
        paid = {name: float(components[name][step]) for name in largest}
        _bars(draw, font, paid, _shares(components, step), scale, top=top, size=size)
        return np.asarray(image)

    at(0), at(len(film["own"]) - 1)  # what cannot be drawn is known before the first frame
    return at


def _shares(components: Mapping[str, Array], step: int) -> dict[str, float]:
    """|what each pays now| over the sum of all."""
    sizes = {name: abs(float(values[step])) for name, values in components.items()}
    total = sum(sizes.values()) or 1.0
    return {name: size / total for name, size in sizes.items()}


def _line(
    draw: Any,
    font: Any,
    name: str,
    values: Array,
    step: int,
    colour: tuple[int, int, int],
    *,
    top: int,
    size: int,
    height: int,
) -> None:
    """A curve of the whole episode, strong as far as it has come, and its value now."""
    draw.text((MARGIN, top), name, fill=INK, font=font)
    draw.text((size - MARGIN, top), f"{values[step]:.4g}", fill=colour, font=font, anchor="ra")
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    span = (high - low) or 1.0
    bottom, room = top + height - 10, height - TEXT - 18

    def point(k: int) -> tuple[float, float]:
        across = k / max(1, len(values) - 1)
        return MARGIN + across * (size - 2 * MARGIN), bottom - room * (float(values[k]) - low) / span

    zero = bottom - room * (0.0 - low) / span
    draw.line([(MARGIN, zero), (size - MARGIN, zero)], fill=FAINT)
    points = [point(k) for k in range(len(values))]
    if len(points) > 1:
        draw.line(points, fill=FAINT, width=2)
    if step > 0:
        draw.line(points[: step + 1], fill=colour, width=2)
    x, y = points[step]
    draw.ellipse([x - 3, y - 3, x + 3, y + 3], fill=colour)


def _bars(
    draw: Any, font: Any, paid: Mapping[str, float], shares: Mapping[str, float], scale: float, *, top: int, size: int
) -> None:
    """One row a component: its name, what it pays as a bar from the middle, its share."""
    row = min(24, (size - top - 4) // max(1, len(paid)))
    left, right = round(0.46 * size), size - MARGIN - 36
    middle, half = (left + right) / 2, (right - left) / 2
    for k, (name, value) in enumerate(paid.items()):
        y = top + k * row
        draw.text((MARGIN, y), _fitting(draw, font, name, left - MARGIN - 6), fill=INK, font=font)
        end = middle + half * value / scale
        draw.rectangle([min(middle, end), y + 3, max(middle, end), y + TEXT], fill=OWN if value >= 0 else MINUS)
        draw.line([(middle, y), (middle, y + row - 2)], fill=FAINT)
        draw.text((size - MARGIN, y), f"{shares[name]:.0%}", fill=INK, font=font, anchor="ra")


def _fitting(draw: Any, font: Any, text: str, width: float) -> str:
    while len(text) > 2 and draw.textlength(text, font=font) > width:
        text = text[:-2] + "…"
    return text

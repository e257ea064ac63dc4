"""Lines in a viewer that is not there."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element, indent

from isaacgym import gymapi


class AxesGeometry:
    def __init__(self, scale: float = 1.0, pose: gymapi.Transform | None = None) -> None:
        self.scale, self.pose = scale, pose


class WireframeSphereGeometry:
    def __init__(
        self,
        radius: float = 1.0,
        num_lats: int = 8,
        num_lons: int = 8,
        pose: gymapi.Transform | None = None,
        color: tuple[float, float, float] | None = None,
    ) -> None:
        self.radius, self.pose, self.color = radius, pose, color


def draw_lines(geometry: Any, gym: gymapi.Gym, viewer: Any, env: Any, pose: gymapi.Transform) -> None: ...


def parse_device_str(device: str) -> tuple[str, int]:
    """`cuda:1` to ("cuda", 1)."""
    kind, _, number = device.partition(":")
    return kind, int(number or 0)


def _indent_xml(elem: Element, level: int = 0) -> None:
    indent(elem, level=level)

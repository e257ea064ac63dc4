"""A point with inertia in a square room with two discs on the floor, A and B. What matters is which it enters when."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

Array = Any

DT = 0.1
ACTIONS = 2
NOISE = 6
STEP_NOISE = 0
RADIUS = 0.25
"""m, of the discs."""
PUSH, DRAG = 4.0, 2.0
"""m/s^2 at full action, and 1/s."""


class State(NamedTuple):
    time: Array  # (B,) s, since the episode began; a step is 0.1 s
    terminated: Array  # (B,) bool, never true: nothing ends an episode early
    position: Array  # (B, 2) m, world frame, each in [-1, 1]: of the point
    velocity: Array  # (B, 2) m/s, world frame, of the point
    a_position: Array  # (B, 2) m, world frame, of the middle of disc A; it does not move
    b_position: Array  # (B, 2) m, world frame, of the middle of disc B; it does not move
    a_distance: Array  # (B,) m, from the point to the middle of disc A; the disc begins at 0.25
    b_distance: Array  # (B,) m, from the point to the middle of disc B; the disc begins at 0.25
    in_a: Array  # (B,) -, 1 while the point is in disc A, else 0
    in_b: Array  # (B,) -, 1 while the point is in disc B, else 0
    a_visits: Array  # (B,) count, how often the point entered disc A since the episode began
    b_visits: Array  # (B,) count, how often the point entered disc B since the episode began
    b_was_early: Array  # (B,) -, 1 once the point has entered B before it had entered A twice, else 0


class Episode(NamedTuple):
    position: Array  # (B, 2)
    velocity: Array  # (B, 2)
    discs: Array  # (B, 2, 2) middles of A and B
    inside: Array  # (B, 2) bool
    visits: Array  # (B, 2) int
    early: Array  # (B,) bool


def reset(xp: Any, u: Array, params: dict[str, Any]) -> Episode:
    """At rest near the middle, A on the left and B on the right."""
    position = 0.2 * (2 * u[:, :2] - 1)
    a = xp.stack([-0.55 - 0.15 * u[:, 2], 1.2 * u[:, 3] - 0.6], 1)
    b = xp.stack([0.55 + 0.15 * u[:, 4], 1.2 * u[:, 5] - 0.6], 1)
    none = xp.zeros((len(u), 2), np.int64)
    return Episode(position, xp.zeros_like(position), xp.stack([a, b], 1), none > 0, none, none[:, 0] > 0)


def advance(xp: Any, episode: Episode, action: Array, u: Array, params: dict[str, Any]) -> Episode:
    """Push against drag; walls stop the point; entering a disc is a visit."""
    velocity = episode.velocity + DT * (PUSH * action - DRAG * episode.velocity)
    reached = episode.position + DT * velocity
    position = xp.clip(reached, -1.0, 1.0)
    velocity = xp.where(reached == position, velocity, 0.0)
    inside = xp.sqrt(((position[:, None] - episode.discs) ** 2).sum(2)) < RADIUS
    entered = inside & ~episode.inside
    visits = episode.visits + entered
    early = episode.early | (entered[:, 1] & (visits[:, 0] < 2))
    return Episode(position, velocity, episode.discs, inside, visits, early)


def read(xp: Any, episode: Episode, time: Array, params: dict[str, Any]) -> State:
    e = episode
    apart = xp.sqrt(((e.position[:, None] - e.discs) ** 2).sum(2))
    return State(
        time=time,
        terminated=xp.zeros(time.shape, bool),
        position=e.position,
        velocity=e.velocity,
        a_position=e.discs[:, 0],
        b_position=e.discs[:, 1],
        a_distance=apart[:, 0],
        b_distance=apart[:, 1],
        in_a=e.inside[:, 0],
        in_b=e.inside[:, 1],
        a_visits=e.visits[:, 0],
        b_visits=e.visits[:, 1],
        b_was_early=e.early,
    )


def observe(xp: Any, state: State) -> Array:
    """(B, 17): place and speed of the point, the way to both discs, and what was visited so far."""
    visits = [state.a_visits == 0, state.a_visits == 1, state.a_visits == 2, state.a_visits > 2]
    visits += [state.b_visits == 0, state.b_visits == 1, state.b_visits > 1]
    flags = xp.stack([*visits, state.in_a, state.in_b], 1)
    ways = [state.a_position - state.position, state.b_position - state.position]
    return xp.concatenate([state.position, state.velocity, *ways, flags], 1, dtype=np.float32)


def terminated(xp: Any, state: State) -> Array:
    """Nothing ends an episode early."""
    return xp.zeros(state.time.shape, bool)


def paint(xp: Any, state: State) -> Array:
    """(B, 64, 64, 3): A blue, B green, the point white, y upwards."""
    across = np.linspace(-1, 1, 64)
    dots = np.stack(np.meshgrid(across, -across), -1)
    pixels = np.full((len(state.time), 64, 64, 3), 30, np.uint8)
    for places, size, colour in (
        (state.a_position, RADIUS, (70, 110, 230)),
        (state.b_position, RADIUS, (60, 180, 80)),
        (state.position, 0.05, (255, 255, 255)),
    ):
        pixels[np.hypot(*np.moveaxis(dots - places[:, None, None], -1, 0)) < size] = colour
    return pixels

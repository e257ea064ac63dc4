"""Small pure functions for rewards: all vectorised, all finite on finite input. Quaternions are wxyz.

Rewards import it as `reward_math`. Shapes: B any batch, vectors on the last axis.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Array = Any
SMALL = 1e-12


def tolerance(
    x: Array,
    bounds: tuple[float, float] = (0.0, 0.0),
    margin: float = 0.0,
    sigmoid: str = "gaussian",
    at_margin: float = 0.1,
) -> Array:
    """1 inside `bounds`, falling to `at_margin` at distance `margin` outside. x: (B,); returns (B,) in [0, 1].

    After dm_control.utils.rewards.tolerance. Sigmoids: gaussian, long_tail, linear.
    """
    low, high = bounds
    outside = np.maximum(np.maximum(low - x, x - high), 0.0)
    if margin <= 0:
        return np.where(outside > 0, 0.0, 1.0)
    d = outside / margin
    if sigmoid == "long_tail":
        return 1.0 / (1.0 + (1.0 / at_margin - 1.0) * d**2)
    if sigmoid == "linear":
        return np.clip(1.0 - (1.0 - at_margin) * d, 0.0, 1.0)
    return np.exp(np.log(at_margin) * np.minimum(d, 1e3) ** 2)


def norm(x: Array) -> Array:
    """Length of vectors on the last axis, (B, d) to (B,)."""
    return np.sqrt(np.sum(np.square(x), axis=-1))


def unit(x: Array) -> Array:
    """Vectors scaled to length one; zero stays zero."""
    return x / np.maximum(norm(x), SMALL)[..., None]


def dot(a: Array, b: Array) -> Array:
    """Inner product on the last axis, (B,)."""
    return np.sum(a * b, axis=-1)


def cross(a: Array, b: Array) -> Array:
    """Cross product of (B, 3) vectors."""
    x = a[..., 1] * b[..., 2] - a[..., 2] * b[..., 1]
    y = a[..., 2] * b[..., 0] - a[..., 0] * b[..., 2]
    z = a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
    return np.stack([x, y, z], axis=-1)


def wrap_angle(x: Array) -> Array:
    """Angles brought to [-pi, pi)."""
    return (x + np.pi) % (2 * np.pi) - np.pi


def distance(a: Array, b: Array) -> Array:
    """Euclidean distance of (B, d) points, (B,)."""
    return norm(a - b)


def pairwise_distance(a: Array, b: Array) -> Array:
    """Distances of every point of (B, n, d) to every point of (B, m, d): (B, n, m)."""
    return norm(a[..., :, None, :] - b[..., None, :, :])


def quat_conjugate(q: Array) -> Array:
    """Inverse of unit quaternions (B, 4)."""
    return q * np.array([1.0, -1.0, -1.0, -1.0])


def quat_multiply(a: Array, b: Array) -> Array:
    """Hamilton product of (B, 4): first b, then a."""
    aw, av, bw, bv = a[..., :1], a[..., 1:], b[..., :1], b[..., 1:]
    real = aw * bw - np.sum(av * bv, axis=-1, keepdims=True)
    return np.concatenate([real, aw * bv + bw * av + cross(av, bv)], axis=-1)


def quat_rotate(q: Array, v: Array) -> Array:
    """Vectors (B, 3) turned from the body's frame into the world's by (B, 4)."""
    t = 2.0 * cross(q[..., 1:], v)
    return v + q[..., :1] * t + cross(q[..., 1:], t)


def quat_rotate_inverse(q: Array, v: Array) -> Array:
    """Vectors (B, 3) turned from the world's frame into the body's."""
    return quat_rotate(quat_conjugate(q), v)


def quat_angle(a: Array, b: Array) -> Array:
    """Angle in [0, pi] between two orientations (B, 4), (B,)."""
    return 2.0 * np.arccos(np.clip(np.abs(dot(a, b)), 0.0, 1.0))

"""Rotations, frames and ranges on batches. Quaternions are (B, 4), x y z w as Isaac Gym has them.

Textbook formulas, written for this project; eager PyTorch, so that a reward process can hold them too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

SMALLEST = 1e-9


def to_torch(x: Any, dtype: torch.dtype = torch.float, device: Any = "cpu", requires_grad: bool = False) -> Tensor:
    return torch.as_tensor(x, dtype=dtype, device=device).clone().requires_grad_(requires_grad)


# ---------------------------------------------------------------- vectors and ranges


def normalize(x: Tensor, eps: float = SMALLEST) -> Tensor:
    """Unit vectors along the last axis; zero stays zero."""
    size: Tensor = torch.linalg.vector_norm(x, dim=-1, keepdim=True)
    return x / size.clamp(min=eps)


def normalize_angle(x: Tensor) -> Tensor:
    """The same angle in [-pi, pi]."""
    return torch.atan2(torch.sin(x), torch.cos(x))


def tensor_clamp(t: Tensor, min_t: Tensor, max_t: Tensor) -> Tensor:
    return torch.minimum(torch.maximum(t, min_t), max_t)


def scale(x: Tensor, lower: Tensor, upper: Tensor) -> Tensor:
    """From [-1, 1] to [lower, upper]."""
    return lower + 0.5 * (x + 1.0) * (upper - lower)


def unscale(x: Tensor, lower: Tensor, upper: Tensor) -> Tensor:
    """From [lower, upper] to [-1, 1]."""
    return 2.0 * (x - lower) / (upper - lower) - 1.0


scale_transform, unscale_transform = unscale, scale  # IsaacGymEnvs names them the other way round


def copysign(a: float, b: Tensor) -> Tensor:
    """Size of `a`, signs of `b`."""
    return torch.copysign(torch.full_like(b, abs(a)), b)


def saturate(x: Tensor, lower: Tensor, upper: Tensor) -> Tensor:
    return tensor_clamp(x, lower, upper)


def get_axis_params(value: float, axis_idx: int, x_value: float = 0.0, n_dims: int = 3) -> list[float]:
    """A list of zeros with `value` on one axis."""
    params = [0.0] * n_dims
    params[0] = x_value
    params[axis_idx] = value
    return params


def torch_rand_float(lower: float, upper: float, shape: Sequence[int], device: Any = "cpu") -> Tensor:
    return lower + (upper - lower) * torch.rand(*shape, device=device)


def torch_random_dir_2(shape: Sequence[int], device: Any = "cpu") -> Tensor:
    """Unit vectors of the plane, (..., 2) for shape (..., 1)."""
    angle = torch_rand_float(-np.pi, np.pi, shape, device).squeeze(-1)
    return torch.stack([torch.cos(angle), torch.sin(angle)], dim=-1)


# ---------------------------------------------------------------- quaternions


def quat_mul(a: Tensor, b: Tensor) -> Tensor:
    """Hamilton product: first turn by b, then by a."""
    av, aw, bv, bw = a[..., :3], a[..., 3:], b[..., :3], b[..., 3:]
    vector = aw * bv + bw * av + torch.linalg.cross(av, bv)
    return torch.cat([vector, aw * bw - (av * bv).sum(-1, keepdim=True)], dim=-1)


def quat_conjugate(a: Tensor) -> Tensor:
    return torch.cat([-a[..., :3], a[..., 3:]], dim=-1)


def quat_unit(a: Tensor) -> Tensor:
    return normalize(a)


def quat_apply(a: Tensor, b: Tensor) -> Tensor:
    """Vectors b (..., 3) turned by a: v + 2w(u x v) + 2u x (u x v)."""
    u, w = a[..., :3].expand_as(b), a[..., 3:]
    twice: Tensor = 2.0 * torch.linalg.cross(u, b)
    turned: Tensor = b + w * twice + torch.linalg.cross(u, twice)
    return turned


def quat_rotate(q: Tensor, v: Tensor) -> Tensor:
    return quat_apply(q, v)


def quat_rotate_inverse(q: Tensor, v: Tensor) -> Tensor:
    return quat_apply(quat_conjugate(q), v)


def quat_from_angle_axis(angle: Tensor, axis: Tensor) -> Tensor:
    """angle (B,) rad about axis (B, 3) or (3,)."""
    half = (0.5 * angle).unsqueeze(-1)
    unit = normalize(axis).expand(*half.shape[:-1], 3)
    return torch.cat([unit * torch.sin(half), torch.cos(half)], dim=-1)


def quat_to_angle_axis(q: Tensor) -> tuple[Tensor, Tensor]:
    """angle (B,) in [-pi, pi] and unit axis (B, 3); the z axis where nothing turns."""
    size = torch.linalg.vector_norm(q[..., :3], dim=-1)
    angle = normalize_angle(2.0 * torch.atan2(size, q[..., 3]))
    still = size < 1e-5
    up = torch.zeros_like(q[..., :3])
    up[..., 2] = 1.0
    return torch.where(still, torch.zeros_like(angle), angle), torch.where(still[..., None], up, normalize(q[..., :3]))


def quat_from_euler_xyz(roll: Tensor, pitch: Tensor, yaw: Tensor) -> Tensor:
    """Turns about fixed x, then y, then z, in rad."""
    zero = torch.zeros_like(roll)

    def about(axis: int, angle: Tensor) -> Tensor:
        parts = [zero, zero, zero, torch.cos(0.5 * angle)]
        parts[axis] = torch.sin(0.5 * angle)
        return torch.stack(parts, dim=-1)

    return quat_mul(about(2, yaw), quat_mul(about(1, pitch), about(0, roll)))


def get_euler_xyz(q: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """roll, pitch, yaw (B,), each in [0, 2 pi) as Isaac Gym gives them."""
    x, y, z, w = q.unbind(-1)
    roll = torch.atan2(2.0 * (w * x + y * z), w * w - x * x - y * y + z * z)
    pitch = torch.asin((2.0 * (w * y - z * x)).clamp(-1.0, 1.0))
    yaw = torch.atan2(2.0 * (w * z + x * y), w * w + x * x - y * y - z * z)
    return roll % (2 * np.pi), pitch % (2 * np.pi), yaw % (2 * np.pi)


def quat_diff_rad(a: Tensor, b: Tensor) -> Tensor:
    """Angle between two orientations, (B,) rad."""
    apart = quat_mul(a, quat_conjugate(b))
    return 2.0 * torch.asin(torch.linalg.vector_norm(apart[..., :3], dim=-1).clamp(max=1.0))


def quat_axis(q: Tensor, axis: int = 0) -> Tensor:
    """Where the body's x, y or z axis points, (B, 3)."""
    basis = torch.zeros(*q.shape[:-1], 3, dtype=q.dtype, device=q.device)
    basis[..., axis] = 1.0
    return quat_apply(q, basis)


def calc_heading(q: Tensor) -> Tensor:
    """Angle of the body's x axis in the ground plane, (B,) rad."""
    forward = quat_axis(q, 0)
    return torch.atan2(forward[..., 1], forward[..., 0])


def get_basis_vector(q: Tensor, v: Tensor) -> Tensor:
    return quat_apply(q, v)


# ---------------------------------------------------------------- frames: a quaternion and a place


def tf_inverse(q: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
    back = quat_conjugate(q)
    return back, -quat_apply(back, t)


def tf_apply(q: Tensor, t: Tensor, v: Tensor) -> Tensor:
    return quat_apply(q, v) + t


def tf_vector(q: Tensor, v: Tensor) -> Tensor:
    return quat_apply(q, v)


def tf_combine(q1: Tensor, t1: Tensor, q2: Tensor, t2: Tensor) -> tuple[Tensor, Tensor]:
    """The second frame, given in the first, as the first's parent sees it."""
    return quat_mul(q1, q2), quat_apply(q1, t2) + t1


# ---------------------------------------------------------------- locomotion


def compute_heading_and_up(
    torso_rotation: Tensor, inv_start_rot: Tensor, to_target: Tensor, vec0: Tensor, vec1: Tensor, up_idx: int
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Torso orientation since the start (B, 4), up and heading projections (B,), up and heading vectors (B, 3)."""
    torso = quat_mul(torso_rotation, inv_start_rot)
    up, heading = quat_apply(torso, vec1), quat_apply(torso, vec0)
    return torso, up[..., up_idx], (heading * normalize(to_target)).sum(-1), up, heading


def compute_rot(
    torso_quat: Tensor, velocity: Tensor, ang_velocity: Tensor, targets: Tensor, torso_positions: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Velocities in the torso's frame (B, 3) twice, roll, pitch, yaw (B,), angle to the target (B,)."""
    roll, pitch, yaw = get_euler_xyz(torso_quat)
    apart = targets - torso_positions
    walk = torch.atan2(
        apart[..., 2], apart[..., 0]
    )  # z and x, as IsaacGymEnvs has it: written for y up, kept for parity
    linear, angular = (quat_rotate_inverse(torso_quat, v) for v in (velocity, ang_velocity))
    return linear, angular, roll, pitch, yaw, walk - yaw

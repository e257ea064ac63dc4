"""What honest rewards do: every name the lint allows, on ordinary arrays, and the ways honest code fails.

`v`, `w` are (n,) and positive, `x`, `y` (n, 3), `m` (n, 3, 3) invertible, `q`, `r` (n, 4) quaternions, `s` eight
numbers. An expression gives an array or a number of any shape.
"""

from __future__ import annotations

import textwrap

NUMPY_UNARY = """abs absolute all any arange arccos arccosh arcsin arcsinh arctan arctanh argmax argmin argsort array
asarray atleast_1d atleast_2d average cbrt ceil cos cosh count_nonzero cumprod cumsum deg2rad degrees diff empty_like
exp exp2 expm1 fabs flip float32 float64 floor isfinite isinf isnan log log10 log1p log2 logical_not max mean median min
nan_to_num nanmax nanmean nanmin nansum negative ones_like positive prod ptp rad2deg radians real reciprocal round sign
signbit sin sinc sinh sort sqrt square squeeze std sum tan tanh transpose trunc unwrap var zeros_like acos amax amin
asin atan cumulative_sum fix gradient nanargmax nanargmin nanprod nanstd nanvar ndim ravel rint shape size
trapezoid""".split()
NUMPY_BINARY = """add allclose arctan2 array_equal divide dot equal floor_divide fmax fmin fmod greater greater_equal
heaviside hypot inner isclose isin less less_equal logaddexp logical_and logical_or logical_xor maximum minimum mod
multiply not_equal power remainder subtract true_divide vdot atan2 copysign float_power logaddexp2 pow vecdot""".split()
NUMPY = {
    **{name: f"np.{name}(v)" for name in NUMPY_UNARY},
    **{name: f"np.{name}(v, w)" for name in NUMPY_BINARY},
    "arange": "np.arange(n)",
    "arccosh": "np.arccosh(1 + v)",
    "array": "np.array([[1, 2.5], [3, 4]])",
    "average": "np.average(v, weights=w)",
    "bool_": "np.asarray(v > 0.5, dtype=np.bool_)",
    "broadcast_to": "np.broadcast_to(v, (2, n))",
    "array_split": "np.array_split(s, 3)[0]",
    "choose": "np.choose((v > 0.5).astype(int), [v, w])",
    "clip": "np.clip(v, 0.2, 0.8)",
    "column_stack": "np.column_stack([v, w])",
    "concat": "np.concat([x, y], axis=-1)",
    "concatenate": "np.concatenate([x, y], axis=-1)",
    "cross": "np.cross(x, y)",
    "diag": "np.diag(s)",
    "diagonal": "np.diagonal(m, axis1=1, axis2=2)",
    "digitize": "np.digitize(v, [0.2, 0.5])",
    "e": "v * np.e",
    "einsum": "np.einsum('ij,ij->i', x, y) + np.einsum('nij,nj->ni', m, x, optimize=True).sum(-1)",
    "empty": "np.empty(n) * 0",
    "errstate": "under_errstate(v)",
    "expand_dims": "np.expand_dims(v, 1)",
    "eye": "np.eye(3)",
    "full": "np.full(n, 2.0)",
    "full_like": "np.full_like(v, 2.0)",
    "hstack": "np.hstack([x, y])",
    "identity": "np.identity(3)",
    "inf": "np.minimum(v, np.inf)",
    "int32": "v.astype(np.int32)",
    "int64": "v.astype(np.int64)",
    "interp": "np.interp(v, np.sort(s), s)",
    "invert": "np.invert(v > 0.5)",
    "linalg": "np.linalg.norm(x, axis=-1)",
    "linspace": "np.linspace(0, 1, n)",
    "matmul": "np.matmul(m, m) + (x @ x.T[:, :3])[:, None]",
    "meshgrid": "np.meshgrid(s, s)[0]",
    "moveaxis": "np.moveaxis(m, 0, -1)",
    "nan": "np.where(v > 2, np.nan, v)",
    "ndarray": "isinstance(v, np.ndarray)",
    "newaxis": "v[:, np.newaxis]",
    "ones": "np.ones((n, 2))",
    "outer": "np.outer(s, s)",
    "permute_dims": "np.permute_dims(m, (0, 2, 1))",
    "polyval": "np.polyval([1.0, 2.0], v)",
    "percentile": "np.percentile(v, [5, 50, 95], axis=0)",
    "pi": "v * np.pi",
    "quantile": "np.quantile(v, 0.3)",
    "repeat": "np.repeat(v, 2)",
    "reshape": "np.reshape(m, (n, 9))",
    "roll": "np.roll(v, 1)",
    "searchsorted": "np.searchsorted(np.sort(s), v)",
    "select": "np.select([v > 0.5, v > 0.2], [v, w], default=0.0)",
    "split": "np.split(x, 3, axis=1)[0]",
    "stack": "np.stack([v, w], axis=-1)",
    "swapaxes": "np.swapaxes(m, 1, 2)",
    "take": "np.take(v, [0, 1, 2])",
    "take_along_axis": "np.take_along_axis(x, np.argsort(y, axis=1), axis=1)",
    "tensordot": "np.tensordot(x, y, axes=([1], [1]))[:1] if n < 999 else np.tensordot(x, np.eye(3), 1)",
    "tile": "np.tile(v, (2, 1))",
    "trace": "np.trace(m[0])",
    "tril": "np.tril(m)",
    "tril_indices": "np.tril_indices(3)[0]",
    "triu": "np.triu(m)",
    "triu_indices": "np.triu_indices(3)[0]",
    "vstack": "np.vstack([v, w])",
    "where": "np.where(v > w, v, w)",
    "zeros": "np.zeros((n, 2))",
}
LINALG = {
    "norm": "np.linalg.norm(x) + np.linalg.norm(m, axis=(1, 2)) + np.linalg.norm(x, ord=1, axis=-1)",
    "det": "np.linalg.det(m)",
    "inv": "np.linalg.inv(m)",
    "solve": "np.linalg.solve(m, x[..., None])",
    "pinv": "np.linalg.pinv(m)",
}
MATH_BINARY = ("atan2", "copysign", "fmod", "hypot", "pow")
MATH_CONSTANTS = ("e", "inf", "nan", "pi", "tau")
REWARD_MATH = {
    "tolerance": "tolerance(v, (0, 0.5), 0.3) + tolerance(v, (0, 0.1), 1, 'long_tail') + tolerance(v, margin=1, sigmoid='linear')",
    "norm": "norm(x)",
    "unit": "unit(x)",
    "dot": "dot(x, y)",
    "cross": "cross(x, y)",
    "wrap_angle": "wrap_angle(9 * v)",
    "distance": "distance(x, y)",
    "pairwise_distance": "pairwise_distance(x[:, None, :], y[:, None, :])",
    "quat_conjugate": "quat_conjugate(q)",
    "quat_multiply": "quat_multiply(q, r)",
    "quat_rotate": "quat_rotate(q, x)",
    "quat_rotate_inverse": "quat_rotate_inverse(q, x)",
    "quat_angle": "quat_angle(q, r)",
}
VALUES = {
    "T": "x.T",
    "astype": "v.astype('float32')",
    "clip": "v.clip(0, 0.5)",
    "dot": "v.dot(w)",
    "dtype": "v.dtype == np.float64",
    "items": "[value for _, value in {'a': 1.0}.items()]",
    "keys": "len({'a': 1.0}.keys())",
    "values": "list({'a': 1.0}.values())",
    "get": "{'a': 1.0}.get('a')",
    "append": "appended(v)",
    "diagonal": "m[0].diagonal()",
    "extend": "[0.0].extend([1.0]) or 1.0",
    "repeat": "v.repeat(2)",
    "take": "v.take([0, 1])",
    "update": "{'a': 1.0}.update({'b': 2.0}) or 1.0",
    "ndim": "x.ndim",
    "ptp": "np.ptp(v)",
    "real": "v.real",
    "reshape": "m.reshape(n, -1)",
    "shape": "x.shape",
    "size": "x.size",
    "swapaxes": "m.swapaxes(1, 2)",
}
"""The rest of the allowed attributes are methods without arguments."""

FAILING = {
    "an index too far": "v[10 ** 6]",
    "shapes that do not fit": "v + x",
    "a singular matrix": "np.linalg.inv(np.zeros((3, 3)))",
    "division by zero": "1 / 0",
    "an unknown name": "undefined_name",
    "an unknown attribute": "v.undefined_name",
    "a bad key": "{'a': 1}['b']",
    "a long message full of arrays": "fail(f'{v} {x!r} {m} {v.dtype} {float(v[0]):.3f}')",
    "endless recursion": "recurse(0)",
    "more memory than there is": "np.ones(10 ** 10)",
    "an assertion": "refuse(v)",
    "a missing import": "late_import()",
    "writing into the state": "write(next_state.v)",
}
"""Expressions of honest mistakes: each must end as a sentence, not as a death."""

HEAD = """
import math

import numpy as np
from reward_math import *


def under_errstate(v):
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.nan_to_num(v / np.zeros_like(v), posinf=1.0)


def appended(v):
    parts = []
    for k in range(50):
        parts.append(v.sum() + k)
    return parts


def fail(text):
    raise ValueError(text)


def recurse(k):
    return recurse(k + 1)


def refuse(v):
    assert (v < 0).all(), f"not negative: {v}"


def late_import():
    import scipy


def write(v):
    v[0] = 1.0
"""


def reward(expression: str) -> str:
    body = f"""
        n = len(next_state.v)
        v, w = np.abs(next_state.v) % 0.9 + 0.05, np.abs(state.v) % 0.9 + 0.05
        x, y, s = next_state.x, state.x, np.linspace(0.1, 1, 8)
        m = 3 * np.eye(3) + 0.1 * x[:, :, None] * y[:, None, :]
        q, r = np.concatenate([x, v[:, None]], -1), np.concatenate([y, w[:, None]], -1)
        found = {expression}
        return v + 0.0 * float(np.sum(np.asarray(found, dtype=float))), {{"found": v}}
    """
    return HEAD + "\n\ndef compute_reward(state, action, next_state):" + textwrap.indent(textwrap.dedent(body), "    ")


REMEMBERING = """
import numpy as np


def initial_memory(num_envs):
    return np.zeros((num_envs, 3))


def compute_reward(state, action, next_state, memory):
    speed = np.linalg.norm(next_state.x, axis=-1)
    memory = 0.9 * memory + next_state.x * np.where(next_state.terminated, 0.0, 1.0)[:, None]
    return speed - memory[:, 0], {"speed": speed, "drift": memory[:, 1]}, memory
"""
GROWING = """
import numpy as np


def compute_reward(state, action, next_state):
    n = len(next_state.v)
    for power in range(4, 24):
        held = [np.ones(2 ** power) for _ in range(3)]
        numbers = list(range(2 ** min(power, 15)))
        text = "".join(str(k) for k in numbers[:2000])
    big = (3 ** 5000) % (7 ** 300)
    return np.full(n, float(len(held) + len(text[:1])) + float(big % 2)), {}
"""
"""Memory of every size taken and given back: what an allocator may ask of the kernel."""

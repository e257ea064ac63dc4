"""Rewards written in PyTorch, as the untrusted program runs them: part of child.py, in zygotes that were asked for it.

Loaded before the lock, on one thread, so that Landlock holds the whole process. Code finds the names that Eureka's
rewards take for granted: torch, Tensor, typing's, and isaacgym.torch_utils, for which a stand-in of ours serves.
"""

from __future__ import annotations

import importlib.util
import math
import mmap
import sys
import typing
import warnings
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import reward_code  # type: ignore[import-not-found]
import torch
import torch.nn.functional
from reward_code import Refused, kind

UTILS = "isaacgym.torch_utils", "isaacgymenvs.utils.torch_jit_utils"
WARM_UP = """
import torch
from typing import Dict, Tuple
@torch.jit.script
def compute_reward(a: torch.Tensor, q: torch.Tensor, f: float) -> Tuple[torch.Tensor, Dict[str, torch.Tensor]]:
    far = torch.norm(a, p=2, dim=-1) + torch.norm(a - 1, dim=1) + torch.linalg.norm(a, dim=-1) + torch.cdist(a, a)[:, 0]
    near = torch.where(far > f, torch.exp(-far / 0.1), torch.zeros_like(far)).clamp(min=0.0, max=1.0)
    turn = 2.0 * torch.asin(torch.clamp(torch.norm(quat_mul(q, quat_conjugate(q))[:, 0:3], p=2, dim=-1), max=1.0))
    both = torch.bmm(a.view(-1, 1, 3), a.view(-1, 3, 1)).squeeze(-1).squeeze(-1) + (a @ a.t()).sum(-1)
    both = both + torch.einsum("ij,ij->i", a, a) + torch.std(a, dim=-1) + torch.median(a, dim=-1).values
    rows = torch.cat([a, a], dim=-1)[:, 0] + torch.stack([far, near], dim=0).sum(dim=0) + quat_rotate(q, a).mean(dim=1)
    rows = rows + torch.nn.functional.softplus(far) + torch.sigmoid(far) + torch.tanh(far) + torch.sort(a)[0][:, 0]
    rows = rows + torch.cumsum(a, -1)[:, 0] + torch.cross(a, a, dim=-1)[:, 0] + torch.atan2(far, near).sign()
    rows = rows + torch.tensor([1.0, 2.0], device=a.device).sum() + torch.nn.functional.cosine_similarity(a, a)
    text = f"{near.mean():.2f} {near} {near.float()}"
    return rows + turn + both, {"near": near.double().float()}
"""


def prepare(utils_file: str) -> None:
    """One thread, the names isaacgym's rewards import, and all of PyTorch that is loaded lazily."""
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    # TorchScript is deprecated, reads the source of what it compiles from files, and computes the same: left out.
    torch.jit.script = lambda function, *unused, **kept: function  # type: ignore[assignment]
    spec = importlib.util.spec_from_file_location(UTILS[0], utils_file)
    assert spec is not None and spec.loader is not None
    utils = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(utils)
    for name in UTILS:
        for package in (name.split(".")[0], name.rpartition(".")[0]):
            sys.modules.setdefault(package, ModuleType(package)).__path__ = []
        sys.modules[name] = utils
    scope = reward_code.load(WARM_UP, reward_code.safe_builtins(), names=names())
    scope["compute_reward"](torch.rand(4, 3), torch.rand(4, 4), 0.5)


def names() -> dict[str, Any]:
    """What a reward finds without importing it: Eureka pastes rewards into task files that have these."""
    utils = sys.modules[UTILS[0]]
    theirs = {name: value for name, value in vars(utils).items() if not name.startswith("_")}
    types = {name: getattr(typing, name) for name in ("Any", "Dict", "List", "Optional", "Tuple")}
    return {**theirs, **types, "torch": torch, "Tensor": torch.Tensor, "np": np, "math": math}


class TorchReward:
    """The loaded code and the arguments it is called with: tensors that lie in the buffer, and plain values."""

    def __init__(self, setup: dict[str, Any], given: mmap.mmap, out: np.ndarray, checked: Callable[..., Any]) -> None:
        self._checked = checked
        """The contract on shapes and names, told once, in child.py."""
        self._arguments, self._rows, self._given, self._out = setup["arguments"], setup["rows"], given, out
        known = vars(reward_code.builtins) if setup["raw"] else reward_code.safe_builtins()
        scope = reward_code.load(setup["code"], known, entry=setup["entry"], names=names())
        self._compute = scope[setup["entry"]]

    def score(self) -> list[str]:
        """Compute once; total and components go to the output buffer. Returns the components' names."""
        answer = self._compute(**{about["name"]: self._value(about) for about in self._arguments})
        total, components = parted(answer)
        arrays = {name: plain(f"component {name!r}", value) for name, value in components.items()}
        total, arrays = self._checked(plain("the total", total), arrays, self._rows)
        self._out[: self._rows] = total
        for k, values in enumerate(arrays.values(), start=1):
            self._out[k * self._rows : (k + 1) * self._rows] = values
        return list(arrays)

    def _value(self, about: dict[str, Any]) -> Any:
        """A fresh copy at every call: what a reward changes in place stays its own."""
        if "fields" in about:
            return {part["name"]: self._value(part) for part in about["fields"]}
        if "value" in about:
            return about["value"]
        shape = tuple(about["shape"])
        count = math.prod(shape)
        array = np.frombuffer(self._given, about["dtype"], count, about["offset"])
        return torch.from_numpy(array.reshape(shape).copy())


def parted(answer: object) -> tuple[object, dict[Any, Any]]:
    """Total and components. What IsaacGymEnvs' own functions return beside the reward (resets, counts) is left."""
    if type(answer) is not tuple:
        return answer, {}
    if not answer:
        raise Refused("wrong-type", "It returned an empty tuple, not (total, components).")
    found = [part for part in answer[1:] if type(part) is dict]
    return answer[0], found[0] if found else {}


def plain(what: str, value: object) -> object:
    """A tensor as an array; numbers as they are."""
    if type(value) is torch.Tensor:
        return value.detach().to(torch.float64).numpy() if not value.is_complex() else value.numpy()
    if type(value) in (bool, int, float):
        return value
    raise Refused("wrong-type", f"{what.capitalize()} is {kind(value)}, not a tensor.")

"""The trained policy in NumPy: `Policy("policy.npz")(observation)`; nothing else is needed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

CLIP = 10.0
"""Observations are normalised, then cut off here."""


class Policy:
    """Dense layers on normalised observations; deterministic."""

    def __init__(self, file: str | Path = Path(__file__).parent / "policy.npz") -> None:
        with np.load(file, allow_pickle=False) as arrays:
            found = {name: arrays[name] for name in arrays.files}
        self.header = json.loads(found["header"].tobytes())
        self.mean, self.std = found["mean"], found["std"]
        self.layers = [(found[f"w{k}"], found[f"b{k}"]) for k in range(self.header["layers"])]

    def __call__(self, observation: Any) -> Any:
        """(N, d) to actions (N, k) in [-1, 1], or to choices (N,)."""
        x = np.clip((observation - self.mean) / self.std, -CLIP, CLIP).astype(np.float32)
        for k, (weight, bias) in enumerate(self.layers):
            x = x @ weight + bias
            if k < len(self.layers) - 1:
                x = np.tanh(x) if self.header["activation"] == "tanh" else np.maximum(x, 0)
        if self.header["discrete"]:
            return np.argmax(x, axis=1)
        return np.tanh(x) if self.header["squashed"] else np.clip(x, -1, 1)

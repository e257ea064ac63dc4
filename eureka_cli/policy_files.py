"""Policies from elsewhere, read as data: our arrays, the weights in a Stable-Baselines3 zip, an ONNX graph.

A Stable-Baselines3 zip is full of pickles (its own `load` runs them). Only two members are read here: `data` as JSON,
whose serialized parts are left alone, and `policy.pth` by `torch.load(weights_only=True)`, which makes tensors and
calls nothing. Statistics of observations, where a zip carries any, are arrays in a member of ours.
"""

from __future__ import annotations

import importlib.util
import io
import json
import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from eureka_cli import policies
from eureka_cli.core import Array, Spaces
from eureka_cli.errors import UsageError
from eureka_cli.policies import LARGEST_FILE, Policy

Act = Callable[[Array], Array]
STATISTICS = "observations.npz"
"""Member of a zip: `mean` and `std` (d,) of what the policy sees. Stable-Baselines3 passes over it."""
SUFFIXES = (".npz", ".zip", ".onnx")
DENSE = {
    "actor.latent_pi": (r"actor\.latent_pi\.(\d+)", "actor.mu", True),
    "actor.mu": (r"actor\.mu\.(\d+)", "", True),
    "q_net.q_net": (r"q_net\.q_net\.(\d+)", "", False),
    "action_net": (r"mlp_extractor\.policy_net\.(\d+)", "action_net", False),
}
"""By what a state_dict has (SAC, TD3, DQN, PPO and A2C): its hidden layers, its last one, whether tanh follows."""


def acting(file: Path, spaces: Spaces) -> Act:
    """The deterministic policy in a file: (N, d) observations to actions in [-1, 1], or to choices (N,).

    Raises UsageError where it cannot be read, or does not fit what the environment shows and takes.
    """
    if file.suffix == ".onnx":
        return _onnx(file, spaces)
    policy = from_sb3(file) if file.suffix == ".zip" else policies.load(file)
    sees, does = len(policy.mean), policy.weights[-1].shape[1]
    if (sees, does, policy.discrete) != (spaces.observation_size, spaces.action_size, spaces.discrete):
        raise _misfit(file, f"sees {sees} numbers and has {_actions(does, policy.discrete)}", spaces)
    return lambda observation: policies.act(policy, observation)


def _actions(count: int, discrete: bool) -> str:
    return f"{count} choices" if discrete else f"{count} actions"


def _misfit(file: Path, what: str, spaces: Spaces) -> UsageError:
    offers = f"{spaces.observation_size} numbers and takes {_actions(spaces.action_size, spaces.discrete)}"
    return UsageError(f"{file} {what}; the environment shows {offers}. Name the task it was trained on.")


# ---------------------------------------------------------------- Stable-Baselines3


def from_sb3(file: Path) -> Policy:
    """The actor of a saved PPO, A2C, SAC, TD3, DDPG or DQN with dense layers; no pickle in the file is loaded."""
    if importlib.util.find_spec("torch") is None:
        raise UsageError(f"Reading {file} needs PyTorch. Install it: pip install 'reward-synth[sb3]'")
    try:
        facts, weights, statistics = _members(file)
        return _policy(facts, weights, statistics)
    except Exception as error:  # a stranger's file: whatever is wrong with it, in whatever library
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UsageError(f"{file} is no Stable-Baselines3 policy of dense layers that can be read: {why}.") from None


def _members(file: Path) -> tuple[dict[str, Any], dict[str, Array], dict[str, Array]]:
    import torch

    with zipfile.ZipFile(file) as archive:
        if sum(member.file_size for member in archive.infolist()) > 4 * LARGEST_FILE:
            raise ValueError("it is too large")
        facts = json.loads(archive.read("data"))
        tensors = torch.load(io.BytesIO(archive.read("policy.pth")), map_location="cpu", weights_only=True)
        statistics = {}
        if STATISTICS in archive.namelist():
            with np.load(io.BytesIO(archive.read(STATISTICS)), allow_pickle=False) as arrays:
                statistics = {name: arrays[name] for name in ("mean", "std")}
    return facts, {name: value.numpy() for name, value in tensors.items()}, statistics


def _policy(facts: Mapping[str, Any], weights: Mapping[str, Array], statistics: Mapping[str, Array]) -> Policy:
    kind = next((kind for kind in DENSE if any(name.startswith(f"{kind}.") for name in weights)), None)
    if kind is None or any("features_extractor" in name for name in weights):
        raise ValueError(f"its weights are {', '.join(list(weights)[:3])}, ...")
    hidden, last, squashed = DENSE[kind]
    numbers = sorted({int(found[1]) for name in weights if (found := re.match(hidden + r"\.weight", name))})
    names = [hidden.replace("\\", "").replace("(d+)", str(k)) for k in numbers] + ([last] if last else [])
    matrices = [weights[f"{name}.weight"].T.copy() for name in names]
    biases = [weights[f"{name}.bias"].copy() for name in names]
    discrete = "discrete" in facts["action_space"][":type:"]
    if not discrete and not squashed:
        middle, half = _range(facts["action_space"])
        matrices[-1], biases[-1] = matrices[-1] / half, (biases[-1] - middle) / half
    width, size = matrices[0].shape[0], biases[-1].shape
    told = str((facts.get("policy_kwargs") or {}).get("activation_fn", ""))
    usual = "tanh" if kind == "action_net" else "relu"
    activation = {"Tanh": "tanh", "ReLU": "relu", "": usual}[(re.findall(r"(\w+)'>$", told) or [""])[0]]
    policy = Policy(
        weights=tuple(matrix.astype(np.float32) for matrix in matrices),
        biases=tuple(bias.astype(np.float32) for bias in biases),
        log_std=np.zeros(size, np.float32),
        mean=np.asarray(statistics.get("mean", np.zeros(width)), np.float32),
        std=np.asarray(statistics.get("std", np.ones(width)), np.float32),
        discrete=discrete,
        activation=activation,  # type: ignore[arg-type]
        squashed=squashed,
    )
    return policies.from_arrays(policies.to_arrays(policy))  # with its checks of shapes and numbers


def _range(space: Mapping[str, Any]) -> tuple[Array, Array]:
    """(middle, half) of a Box, whose bounds stand as text beside the pickle of it; (0, 1) where it has none."""
    low, high = (np.array(re.sub(r"[\[\],]", " ", space[side]).split(), float) for side in ("low", "high"))
    bounded = np.isfinite(low) & np.isfinite(high)
    return np.where(bounded, (low + high) / 2, 0.0), np.where(bounded, (high - low) / 2, 1.0)


# ---------------------------------------------------------------- ONNX


def _onnx(file: Path, spaces: Spaces) -> Act:
    """A graph of one input (N, d) float32 whose first output is actions in [-1, 1], choices, or a score per choice."""
    if importlib.util.find_spec("onnxruntime") is None:
        raise UsageError(f"Reading {file} needs onnxruntime. Install it: pip install 'reward-synth[onnx]'")
    import onnxruntime

    try:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        graph = onnxruntime.InferenceSession(file.read_bytes(), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises errors of its own kinds
        raise UsageError(f"{file} is no ONNX graph that onnxruntime loads: {str(error).splitlines()[0]}") from None
    [given, *more] = graph.get_inputs()
    sees = given.shape[-1] if given.shape else 1
    if more or len(given.shape) != 2 or (isinstance(sees, int) and sees != spaces.observation_size):
        raise _misfit(file, f"takes {[(one.name, one.shape) for one in graph.get_inputs()]}", spaces)

    def act(observation: Array) -> Array:
        found = np.asarray(graph.run(None, {given.name: observation.astype(np.float32)})[0])
        if not spaces.discrete and found.shape == (len(observation), spaces.action_size):
            clipped: Array = np.clip(found, -1.0, 1.0)
            return clipped
        if spaces.discrete and found.shape in ((len(observation),), (len(observation), spaces.action_size)):
            return found if found.ndim == 1 else np.argmax(found, axis=1)
        raise _misfit(file, f"gives an array of shape {found.shape}", spaces)

    return act

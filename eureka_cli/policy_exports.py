"""Our policies in the forms others read: a Stable-Baselines3 save and an ONNX graph."""

from __future__ import annotations

import importlib.util
import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from eureka_cli.policies import OBSERVATION_CLIP, Policy
from eureka_cli.policy_files import STATISTICS

SB3_CURE = "Stable-Baselines3 is not installed: pip install 'reward-synth[sb3]'"
ONNX_CURE = "onnx is not installed: pip install 'reward-synth[onnx]'"
OPSET, IR_VERSION = 17, 8
"""Of 2022: read by whatever reads ONNX today."""


def sb3_missing() -> str:
    """What to install before `to_sb3`; empty where nothing is."""
    return "" if importlib.util.find_spec("stable_baselines3") else SB3_CURE


def onnx_missing() -> str:
    """What to install before `to_onnx`; empty where nothing is."""
    return "" if importlib.util.find_spec("onnx") else ONNX_CURE


def to_sb3(policy: Policy, file: Path) -> None:
    """Write a PPO whose actor is this policy (a TD3 where actions are squashed); its critic is untrained.

    It acts on normalised observations, as in training: their statistics lie in the zip beside it (STATISTICS).
    """
    model = _model(policy)
    net = model.policy
    modules = net.actor.mu if policy.squashed else [*net.mlp_extractor.policy_net, net.action_net]
    _fill([module for module in modules if hasattr(module, "in_features")], policy)
    if not policy.squashed and not policy.discrete:
        _put(net.log_std, policy.log_std)
    model.save(file)
    buffer = io.BytesIO()
    np.savez(buffer, mean=policy.mean, std=policy.std)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(STATISTICS, buffer.getvalue())


def _model(policy: Policy) -> Any:
    """An untrained model of the policy's shape, without an environment."""
    import stable_baselines3
    import torch
    from gymnasium.spaces import Box, Discrete

    hidden, actions = [len(bias) for bias in policy.biases[:-1]], len(policy.biases[-1])
    activation = torch.nn.Tanh if policy.activation == "tanh" else torch.nn.ReLU
    critic = "qf" if policy.squashed else "vf"
    kwargs = {"net_arch": {"pi": hidden, critic: hidden or [64]}, "activation_fn": activation}
    algorithm: Any = stable_baselines3.TD3 if policy.squashed else stable_baselines3.PPO
    size: dict[str, Any] = {"buffer_size": 1000} if policy.squashed else {}
    model: Any = algorithm("MlpPolicy", None, policy_kwargs=kwargs, _init_setup_model=False, device="cpu", **size)
    model.observation_space = Box(-np.inf, np.inf, policy.mean.shape, np.float32)
    model.action_space = Discrete(actions) if policy.discrete else Box(-1.0, 1.0, (actions,), np.float32)
    model.n_envs = 1
    model._setup_model()
    return model


def _fill(layers: list[Any], policy: Policy) -> None:
    for layer, weight, bias in zip(layers, policy.weights, policy.biases, strict=True):
        _put(layer.weight, weight.T)
        _put(layer.bias, bias)


def _put(parameter: Any, values: Any) -> None:
    import torch

    parameter.data.copy_(torch.as_tensor(np.ascontiguousarray(values)))


def to_onnx(policy: Policy, file: Path) -> None:
    """Write a graph `observation` (N, d) float32 to `action`: (N, k) in [-1, 1], or (N,) choices. All is inside it."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    held = {"mean": policy.mean, "std": policy.std, "low": np.float32(-1), "high": np.float32(1)}
    held |= {"least": np.float32(-OBSERVATION_CLIP), "most": np.float32(OBSERVATION_CLIP)}
    steps = [("Sub", ["observation", "mean"]), ("Div", ["x0", "std"]), ("Clip", ["x1", "least", "most"])]
    between = {"tanh": "Tanh", "relu": "Relu"}[policy.activation]
    for k, (weight, bias) in enumerate(zip(policy.weights, policy.biases, strict=True)):
        held |= {f"w{k}": weight, f"b{k}": bias}
        steps.append(("Gemm", [f"x{len(steps) - 1}", f"w{k}", f"b{k}"]))
        if k < len(policy.weights) - 1:
            steps.append((between, [f"x{len(steps) - 1}"]))
    out = f"x{len(steps) - 1}"
    if policy.discrete:
        steps.append(("ArgMax", [out]))
    else:
        steps.append(("Tanh", [out]) if policy.squashed else ("Clip", [out, "low", "high"]))
    nodes = [helper.make_node(kind, given, [f"x{k}"]) for k, (kind, given) in enumerate(steps)]
    nodes[-1].output[0] = "action"
    if policy.discrete:
        nodes[-1].attribute.extend([helper.make_attribute("axis", 1), helper.make_attribute("keepdims", 0)])
    kind, shape = (TensorProto.INT64, ["N"]) if policy.discrete else (TensorProto.FLOAT, ["N", len(policy.biases[-1])])
    graph = helper.make_graph(
        nodes,
        "policy",
        [helper.make_tensor_value_info("observation", TensorProto.FLOAT, ["N", len(policy.mean)])],
        [helper.make_tensor_value_info("action", kind, shape)],
        [numpy_helper.from_array(np.asarray(value, np.float32), name) for name, value in held.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="reward-synth")
    model.ir_version = IR_VERSION
    onnx.checker.check_model(model)
    file.write_bytes(model.SerializeToString())

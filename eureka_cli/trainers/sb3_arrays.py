"""A Stable-Baselines3 model as plain arrays: to pause and go on byte for byte, and its actor as a Policy."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from eureka_cli.core import Array
from eureka_cli.errors import UsageError
from eureka_cli.policies import Policy
from eureka_cli.training import pack, unpack

COUNTERS = (
    "num_timesteps",
    "_n_updates",
    "_episode_num",
    "_n_calls",
    "exploration_rate",
    "_current_progress_remaining",
)
LAST = ("_last_obs", "_last_original_obs", "_last_episode_starts")
REPLAY = ("observations", "next_observations", "actions", "rewards", "dones", "timeouts")


def save_model(model: Any) -> dict[str, Array]:
    """Weights, optimisers, replay, statistics, counters and every generator of chance."""
    arrays: dict[str, Array] = {}
    tree = _flat({**model.get_parameters(), "loose": _loose(model)}, "p", arrays)
    counters = {name: getattr(model, name) for name in COUNTERS if hasattr(model, name)}
    kinds: Any = np.random.get_state()
    chance = {"python": random.getstate(), "space": model.action_space.np_random.bit_generator.state}
    arrays |= {
        "facts": pack({"tree": tree, "counters": counters, "chance": chance, "numpy": [kinds[0], *kinds[2:]]}),
        "numpy": np.array(kinds[1]),
        "torch": torch.get_rng_state().numpy(),
    }
    arrays |= {name: np.array(getattr(model, name)) for name in LAST if getattr(model, name, None) is not None}
    normalize = model.get_vec_normalize_env()
    if normalize is not None:
        moments = normalize.obs_rms
        arrays |= {"mean": moments.mean, "variance": moments.var, "count": np.array(moments.count)}
        arrays["old_obs"] = np.array(normalize.old_obs)
    buffer = getattr(model, "replay_buffer", None)
    if buffer is not None:
        held = buffer.buffer_size if buffer.full else buffer.pos
        arrays |= {f"replay/{name}": getattr(buffer, name)[:held] for name in REPLAY}
        arrays["replay/place"] = np.array([buffer.pos, buffer.full])
    return arrays


def restore_model(model: Any, arrays: Mapping[str, Array]) -> None:
    """Put a model of the same settings where `save_model` found it."""
    facts = unpack(arrays["facts"])
    found = _grown(facts["tree"], arrays)
    loose = found.pop("loose")
    model.set_parameters(found, exact_match=True)
    for name, value in loose.items():
        getattr(model, name).data.copy_(value)
    for name, value in facts["counters"].items():
        setattr(model, name, value)
    for name in LAST:
        if name in arrays:
            setattr(model, name, np.array(arrays[name]))
    normalize = model.get_vec_normalize_env()
    if normalize is not None:
        moments = normalize.obs_rms
        moments.mean, moments.var = np.array(arrays["mean"]), np.array(arrays["variance"])
        moments.count = float(arrays["count"])
        normalize.old_obs = np.array(arrays["old_obs"])
    buffer = getattr(model, "replay_buffer", None)
    if buffer is not None:
        for name in REPLAY:
            held = arrays[f"replay/{name}"]
            getattr(buffer, name)[: len(held)] = held
        buffer.pos, buffer.full = int(arrays["replay/place"][0]), bool(arrays["replay/place"][1])
    kind, *rest = facts["numpy"]
    np.random.set_state((kind, np.array(arrays["numpy"]), *rest))
    version, state, gauss = facts["chance"]["python"]
    random.setstate((version, tuple(state), gauss))
    model.action_space.np_random.bit_generator.state = facts["chance"]["space"]
    torch.set_rng_state(torch.from_numpy(np.array(arrays["torch"])))


def enter(model: Any, env: Any) -> None:
    """Begin in a world the checkpoint does not know, with episodes of its own: a new seed per environment."""
    env.move(np.random.randint(0, 2**63, env.num_envs, np.int64).astype(np.uint64))
    model._last_obs = model.env.reset()
    model._last_episode_starts = np.ones(env.num_envs, bool)
    if model.get_vec_normalize_env() is not None:
        model._last_original_obs = model.get_vec_normalize_env().get_original_obs()


def _loose(model: Any) -> dict[str, Any]:
    """Tensors that are nobody's state_dict: SAC's entropy coefficient."""
    _, names = model._get_torch_save_params()
    return {name: getattr(model, name) for name in names if isinstance(getattr(model, name, None), torch.Tensor)}


def _flat(value: Any, place: str, arrays: dict[str, Array]) -> Any:
    """The tree of a state_dict as JSON; tensors go into `arrays` and leave their place behind."""
    if isinstance(value, torch.Tensor):
        arrays[place] = value.detach().cpu().numpy().copy()
        return {"tensor": place}
    if isinstance(value, Mapping):
        return {"keys": [[key, _flat(inner, f"{place}/{key}", arrays)] for key, inner in value.items()]}
    if isinstance(value, list | tuple):
        return {"items": [_flat(inner, f"{place}/{k}", arrays) for k, inner in enumerate(value)]}
    return {"value": value}


def _grown(tree: Any, arrays: Mapping[str, Array]) -> Any:
    if "tensor" in tree:
        return torch.from_numpy(np.array(arrays[tree["tensor"]]))
    if "keys" in tree:
        return {key: _grown(inner, arrays) for key, inner in tree["keys"]}
    if "items" in tree:
        return [_grown(inner, arrays) for inner in tree["items"]]
    return tree["value"]


def actor(model: Any) -> Policy:
    """The deterministic actor of PPO, SAC, TD3 or DQN as arrays. UsageError for anything but dense layers."""
    kind = type(model).__name__
    policy = model.policy
    parts = {
        "PPO": lambda: [*policy.mlp_extractor.policy_net, policy.action_net],
        "SAC": lambda: [*policy.actor.latent_pi, policy.actor.mu],
        "TD3": lambda: list(policy.actor.mu)[:-1],  # the last one squashes
        "DQN": lambda: list(policy.q_net.q_net),
    }[kind]()
    dense = [module for module in parts if isinstance(module, torch.nn.Linear)]
    between = [type(module).__name__.lower() for module in parts if not isinstance(module, torch.nn.Linear)]
    if set(between) - {"tanh", "relu"} or len(set(between)) > 1:
        raise UsageError(
            f"A policy with {', '.join(between)} between its layers cannot leave as arrays: use Tanh or ReLU."
        )
    normalize = model.get_vec_normalize_env()
    width, choices = dense[0].in_features, dense[-1].out_features
    mean = normalize.obs_rms.mean if normalize else np.zeros(width)
    std = np.sqrt(normalize.obs_rms.var + normalize.epsilon) if normalize else np.ones(width)
    spread = (
        policy.log_std.detach().numpy().copy() if kind == "PPO" and hasattr(policy, "log_std") else np.zeros(choices)
    )
    return Policy(
        weights=tuple(layer.weight.detach().numpy().T.copy() for layer in dense),
        biases=tuple(layer.bias.detach().numpy().copy() for layer in dense),
        log_std=spread.astype(np.float32),
        mean=mean.astype(np.float32),
        std=std.astype(np.float32),
        discrete=hasattr(model.action_space, "n"),
        activation=between[0] if between else "tanh",  # type: ignore[arg-type]
        squashed=kind in ("SAC", "TD3"),
    )

"""Stable-Baselines3 saves with the statistics of what the policy sees, as arrays: no pickle has to be trusted."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from stable_baselines3.common.vec_env import VecNormalize

STATISTICS = "observations.npz"
HERE = Path(__file__).resolve().parent


def normalised(env: Any, file: str | Path = HERE / "policy.zip") -> VecNormalize:
    """`env` as the policy in `file` sees it: what it goes on learning in. Statistics stay as they are."""
    found = VecNormalize(env, training=False, norm_reward=False)
    with zipfile.ZipFile(file) as archive, np.load(io.BytesIO(archive.read(STATISTICS)), allow_pickle=False) as arrays:
        moments: Any = found.obs_rms
        moments.mean = np.array(arrays["mean"], float)
        moments.var = np.array(arrays["std"], float) ** 2 - found.epsilon
    return found


def save(model: Any, file: str | Path) -> None:
    """Save a model whose environment is a VecNormalize, so that `reward-synth evaluate FILE` needs nothing else."""
    model.save(file)
    env, buffer = model.get_vec_normalize_env(), io.BytesIO()
    np.savez(buffer, mean=env.obs_rms.mean, std=np.sqrt(env.obs_rms.var + env.epsilon))
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(STATISTICS, buffer.getvalue())

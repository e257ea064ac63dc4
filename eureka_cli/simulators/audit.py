"""State read a second way: by official MuJoCo from the saved physics, or from each live environment alone."""

from __future__ import annotations

import mujoco
import numpy as np

from eureka_cli.core import Array, Simulator, State
from eureka_cli.simulators.mujoco_batch import Data, MujocoBatch


def apart(simulator: Simulator) -> dict[str, float]:
    """State field to the most it is off, of a simulator that was just reset. Empty where there is no second way."""
    if isinstance(simulator, MujocoBatch):
        return {} if simulator.varies else _official(simulator)
    one_by_one = getattr(simulator, "one_by_one", None)
    return {} if one_by_one is None else farthest(*one_by_one())


def farthest(state: State, other: State) -> dict[str, float]:
    pairs = zip(state._fields, state, other, strict=True)
    return {name: float(np.abs(np.asarray(a, float) - np.asarray(b, float)).max()) for name, a, b in pairs}


def _official(simulator: MujocoBatch) -> dict[str, float]:
    """By mj_forward, environment by environment: at a reset no quantity lags behind qpos and qvel."""
    saved = simulator.save()
    data = mujoco.MjData(simulator.mj_model)
    rows: dict[str, list[Array]] = {"qpos": [], "qvel": [], "sensordata": []}
    for physics in saved["physics"]:
        mujoco.mj_setState(simulator.mj_model, data, physics, mujoco.mjtState.mjSTATE_INTEGRATION)
        mujoco.mj_forward(simulator.mj_model, data)
        for name, values in rows.items():
            values.append(np.array(getattr(data, name)))
    qpos, qvel, sensors = (np.stack(values) for values in rows.values())
    own = {name.removeprefix("episode/"): value for name, value in saved.items() if name.startswith("episode/")}
    episode = simulator.env.Episode(**own) if own else None
    seen = Data(qpos, qvel, np.zeros(len(qpos)), sensors, simulator.sensor_slices)
    state = type(simulator.env.read(np, seen, episode, simulator.params))
    told = state(*(saved[f"state/{name}"] for name in state._fields))
    return farthest(told, simulator.env.read(np, seen, episode, simulator.params))

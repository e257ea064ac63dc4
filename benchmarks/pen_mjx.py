"""One env.py on mjbatch and on MJX: does the Shadow-hand pen compile in MJX and step from equal states?

pip install mujoco-mjx==3.11.0 jax==0.10.2
python benchmarks/pen_mjx.py --rung free --steps 10
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import jax
import jax.numpy as jnp
import mujoco
import numpy as np
from common import load
from mujoco import mjx

from eureka_cli.simulators.mujoco_batch import Data, MujocoBatch, compile_model, sub_steps

jax.config.update("jax_enable_x64", True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rung", default="free")
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--without-margins", action="store_true", help="MJX has no margins between meshes.")
    arguments = parser.parse_args()
    env, task = load("hand_pen", "pen_spin")
    if arguments.without_margins:
        whole = env.model

        def without_margins(params: dict[str, Any]) -> Any:
            spec = whole(params)
            for geom in spec.geoms:
                geom.margin = 0
            return spec

        env.model = without_margins
    params = {**task.PARAMS, "rung": arguments.rung, "assist": 0.0, "start": "grip"}
    batch = MujocoBatch(env, task=None, params=params, horizon=250, num_envs=1, cache=None, pooled=False)
    batch.reset(np.array([3], np.uint64))
    model = compile_model(env, params)
    data = mujoco.MjData(model)
    mujoco.mj_setState(model, data, batch.save()["physics"][0], mujoco.mjtState.mjSTATE_INTEGRATION)
    mujoco.mj_forward(model, data)
    started = time.perf_counter()
    on_device = mjx.put_model(model)
    put = mjx.put_data(model, data)
    print(f"put_model and put_data: {time.perf_counter() - started:.1f} s, on {jax.devices()[0].platform}")

    substep = jax.jit(lambda state: mjx.step(on_device, state))
    low, high = model.actuator_ctrlrange.T

    def step(state: mjx.Data, action: jax.Array) -> mjx.Data:
        state = state.replace(ctrl=(low + high) / 2 + action * (high - low) / 2)
        for _ in range(sub_steps(env, model)):
            state = substep(state)
        return state

    rng = np.random.default_rng(0)
    actions = rng.uniform(-1, 1, (arguments.steps, model.nu))
    started = time.perf_counter()
    step(put, jnp.asarray(actions[0])).qpos.block_until_ready()
    print(f"compile and first step: {time.perf_counter() - started:.1f} s")
    slices = {
        model.sensor(k).name: slice(int(model.sensor_adr[k]), int(model.sensor_adr[k] + model.sensor_dim[k]))
        for k in range(model.nsensor)
    }
    for t, action in enumerate(actions, start=1):
        native = batch.step(action[None]).next_state
        put = step(put, jnp.asarray(action))
        seen = Data(put.qpos[None], put.qvel[None], put.time[None], put.sensordata[None], slices)
        other = env.read(jnp, seen, None, params)
        apart = {
            name: float(np.max(np.abs(np.asarray(a, float) - np.asarray(b, float))))
            for name, a, b in zip(native._fields, native, other, strict=True)
            if name not in ("time", "terminated")
        }
        worst = max(apart, key=lambda name: apart[name])
        print(f"step {t:3}: largest difference of a State field {apart[worst]:.2e} ({worst})")
    started = time.perf_counter()
    for action in actions:
        put = step(put, jnp.asarray(action))
    put.qpos.block_until_ready()
    print(f"{(time.perf_counter() - started) / len(actions) * 1e3:.1f} ms a control step of one environment")


if __name__ == "__main__":
    main()

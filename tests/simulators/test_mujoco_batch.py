from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import mujoco
import numpy as np
import pytest

from eureka_cli import plugins, tasks
from eureka_cli.errors import UsageError
from eureka_cli.simulators import mujoco_batch

ROOT = Path(__file__).parents[2]
PEN = tasks.find("pen_spin").params
WORLDS = {
    "cartpole": ("cartpole/env.py", {}),
    "lite": ("hand_pen/env.py", PEN),
    "assist": ("hand_pen/env.py", PEN | {"rung": "assist", "assist": 0.5}),
    "free": ("hand_pen/env.py", PEN | {"rung": "free", "start": "grip"}),
    "randomised": ("hand_pen/env.py", PEN | {"rung": "free", "start": "tossed", "randomise": 1.0}),
}


@pytest.fixture(scope="session")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def make(cache):
    def build(world: str, num_envs: int, horizon: int = 20):
        file, params = WORLDS[world]
        env = plugins.load_file(ROOT / "envs" / file)
        return mujoco_batch.make(env, task=None, params=params, horizon=horizon, num_envs=num_envs, cache=cache)

    return build


def actions(simulator, steps: int, seed: int = 0):
    rng = np.random.default_rng(seed)
    return rng.uniform(-1, 1, (steps, simulator.num_envs, *simulator.action_shape))


def roll(simulator, chosen):
    seen = []
    for action in chosen:
        step = simulator.step(action)
        seen.append(
            [np.array(value) for value in (*step.next_state, step.observation, step.terminated, step.truncated)]
        )
    return seen


def equal(a, b) -> bool:
    return all(np.array_equal(x, y) for left, right in zip(a, b, strict=True) for x, y in zip(left, right, strict=True))


@pytest.mark.parametrize("world", WORLDS)
def test_same_seeds_and_actions_give_the_same_bytes(make, world):
    one, two = make(world, 3), make(world, 3)
    chosen = actions(one, 45)
    one.reset(np.arange(3, dtype=np.uint64))
    two.reset(np.arange(3, dtype=np.uint64))
    assert equal(roll(one, chosen), roll(two, chosen))


@pytest.mark.parametrize("world", WORLDS)
def test_an_environment_does_not_know_its_neighbours(make, world):
    many, alone = make(world, 4), make(world, 1)
    chosen = actions(many, 45)
    many.reset(np.array([5, 6, 7, 8], np.uint64))
    alone.reset(np.array([7], np.uint64))
    third = [[value[2:3] for value in row] for row in roll(many, chosen)]
    assert equal(third, roll(alone, chosen[:, 2:3]))


@pytest.mark.parametrize("world", WORLDS)
def test_going_on_from_a_saved_state_is_bitwise_the_same(make, world, tmp_path):
    whole = make(world, 3)
    chosen = actions(whole, 60)
    whole.reset(np.arange(3, dtype=np.uint64))
    roll(whole, chosen[:27])
    np.savez(tmp_path / "state.npz", **whole.save())
    rest = roll(whole, chosen[27:])
    fresh = make(world, 3)
    with np.load(tmp_path / "state.npz", allow_pickle=False) as arrays:
        fresh.restore({name: arrays[name] for name in arrays.files})
    assert equal(rest, roll(fresh, chosen[27:]))


def test_next_state_is_read_before_the_reset(make):
    simulator = make("cartpole", 2, horizon=10)
    simulator.reset(np.arange(2, dtype=np.uint64))
    for _ in range(10):
        step = simulator.step(np.zeros((2, 1)))
    assert step.truncated.all()
    assert step.next_state.time == pytest.approx(10 * simulator.dt)
    assert not np.array_equal(step.final_observation, step.observation)
    following = simulator.step(np.zeros((2, 1)))
    assert np.all(following.state.time == 0)
    assert not following.truncated.any()


def test_a_fallen_pole_terminates_and_only_its_row_restarts(make):
    simulator = make("cartpole", 2, horizon=500)
    simulator.reset(np.arange(2, dtype=np.uint64))
    action = np.array([[1.0], [0.0]])
    ended = [np.zeros(2, bool)]
    for _ in range(80):
        step = simulator.step(action)
        assert np.array_equal(step.terminated, step.next_state.terminated)
        ended.append(step.terminated.copy())
        if step.terminated[0]:
            break
    assert ended[-1][0]
    assert not ended[-1][1]
    after = simulator.step(action)
    assert after.state.time[0] == 0
    assert after.state.time[1] > 0


@pytest.mark.parametrize("world", WORLDS)
def test_states_are_finite_varied_and_own_their_memory(make, world):
    simulator = make(world, 4)
    state, observation = simulator.reset(np.arange(4, dtype=np.uint64))
    assert {
        name: np.asarray(value).shape[1:] for name, value in zip(state._fields, state, strict=True)
    } == simulator.fields
    first = simulator.step(actions(simulator, 1)[0])
    kept = [np.array(value) for value in first.next_state]
    simulator.step(actions(simulator, 1, seed=1)[0])
    assert all(np.array_equal(a, b) for a, b in zip(kept, first.next_state, strict=True))
    assert np.isfinite(observation).all()
    assert len(np.unique(observation, axis=0)) == 4  # starts differ


def test_each_episode_has_its_own_world_and_it_is_the_world_those_constants_make(make):
    """Against plain MuJoCo with models compiled from the constants drawn; the next episode draws others."""
    simulator = make("randomised", 4)
    simulator.reset(np.arange(4, dtype=np.uint64))
    env = plugins.load_file(ROOT / "envs/hand_pen/env.py")
    params = WORLDS["randomised"][1]
    drawn = {name: values.copy() for name, values in simulator._varied.items()}
    pen = simulator.mj_model.body("object").id
    chosen = actions(simulator, 10)
    starts = simulator.save()["physics"]
    roll(simulator, chosen)
    for k in range(4):
        own = {
            "friction": float(drawn["geom_friction"][k, 0, 0]),
            "mass": float(drawn["body_mass"][k, pen] / simulator.mj_model.body_mass[pen]),
            "cone": ("pyramidal", "elliptic")[drawn["cone"][k]],
        }
        model = env.model(params | own).compile()
        data = mujoco.MjData(model)
        mujoco.mj_setState(model, data, starts[k], mujoco.mjtState.mjSTATE_INTEGRATION)
        low, high = model.actuator_ctrlrange.T
        for action in chosen[:, k]:
            data.ctrl[:] = (low + high) / 2 + action * (high - low) / 2
            mujoco.mj_step(model, data, 5)
        assert np.allclose(simulator._qpos[k], data.qpos, atol=1e-9), own
    assert len(set(drawn["geom_friction"][:, 0, 0])) == 4
    assert len(set(drawn["cone"])) == 2
    roll(simulator, actions(simulator, 10))
    assert not np.isin(simulator._varied["body_mass"][:, pen], drawn["body_mass"][:, pen]).any()


def test_control_stays_at_its_rate_whatever_the_timestep(cache):
    env = plugins.load_file(ROOT / "envs/hand_pen/env.py")
    settings = {"task": None, "horizon": 20, "num_envs": 1, "cache": cache}
    fine = mujoco_batch.make(env, params=PEN | {"timestep": 0.002}, **settings)
    assert fine.dt == pytest.approx(0.02)
    with pytest.raises(UsageError, match="does not divide"):
        mujoco_batch.make(env, params=PEN | {"timestep": 0.003}, **settings)


@pytest.mark.parametrize(
    ("settings", "low", "high"),
    [({"start": "grip"}, 1.955 - 0.384, 1.955 + 0.384), ({"start": "any", "spread": 0.1}, 1.855, 2.055)],
)
def test_the_start_window_is_as_wide_as_asked(settings, low, high):
    env = plugins.load_file(ROOT / "envs/hand_pen/env.py")
    noise = np.random.default_rng(0).random((200, env.NOISE))
    qpos, _ = env.reset(np, noise, PEN | settings)
    assert low <= qpos[:, -1].min() < low + 0.05
    assert high - 0.05 < qpos[:, -1].max() <= high


def test_a_tossed_pen_may_have_any_attitude():
    env = plugins.load_file(ROOT / "envs/hand_pen/env.py")
    qpos, _ = env.reset(
        np, np.random.default_rng(0).random((500, env.NOISE)), PEN | {"rung": "free", "start": "tossed"}
    )
    w, x, y, z = qpos[:, -4:].T
    axis = np.stack([2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)], 1)
    assert np.allclose(np.linalg.norm(axis, axis=1), 1)
    assert np.allclose(axis.mean(axis=0), 0, atol=0.1)
    assert np.allclose((axis**2).mean(axis=0), 1 / 3, atol=0.05)  # evenly over the sphere


def test_five_thousand_steps_of_the_pen_go_on_in_another_process_bit_for_bit(cache, tmp_path):
    """The state is saved by one process and continued by a second; a third runs through."""
    program = f"""
import sys, numpy as np
from pathlib import Path
from eureka_cli import plugins
from eureka_cli.simulators import mujoco_batch
env = plugins.load_file(Path({str(ROOT / "envs/hand_pen/env.py")!r}))
sim = mujoco_batch.make(env, task=None, params={WORLDS["free"][1]!r}, horizon=250, num_envs=2, cache=Path({str(cache)!r}))
rng = np.random.default_rng(0)
actions = rng.uniform(-1, 1, (5500, 2, 20))
sim.reset(np.arange(2, dtype=np.uint64))
mode = sys.argv[1]
if mode == "continue":
    sim.restore(dict(np.load({str(tmp_path / "half.npz")!r})))
for action in actions[:5000] if mode == "save" else actions[5000:] if mode == "continue" else actions:
    step = sim.step(action)
if mode == "save":
    np.savez({str(tmp_path / "half.npz")!r}, **sim.save())
print(step.observation.tobytes().hex())
"""
    said = {}
    for mode in ("save", "continue", "whole"):
        done = subprocess.run(
            [sys.executable, "-c", program, mode], capture_output=True, text=True, check=True, cwd=ROOT
        )
        said[mode] = done.stdout
    assert said["continue"] == said["whole"]

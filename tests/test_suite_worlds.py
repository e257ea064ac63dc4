"""Worlds of the suites: State is what MuJoCo itself says, episodes are their seeds', fitness means what it says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import mujoco
import numpy as np
import pytest

from eureka_cli import describe, plugins, tasks
from eureka_cli.errors import UsageError
from eureka_cli.simulators import mujoco_batch


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    cache = tmp_path_factory.mktemp("cache")

    def make(name: str, num_envs: int = 3, horizon: int = 200):
        task = tasks.find(name)
        env, code = (plugins.load_file(Path(task.paths[part])) for part in ("env", "task"))
        made = mujoco_batch.make(env, task=code, params=task.params, horizon=horizon, num_envs=num_envs, cache=cache)
        made.reset(np.arange(num_envs, dtype=np.uint64))
        return made, code

    return make


def placed(data, kind: str, name: str):
    return getattr(data, kind)(name).xpos


def turned(data, body: str):
    return data.body(body).xmat.reshape(3, 3)


def velocity(model, data, body: str):
    """(6,) rotation then translation, of a body's frame in the world's."""
    found = np.zeros(6)
    mujoco.mj_objectVelocity(model, data, mujoco.mjtObj.mjOBJ_XBODY, model.body(body).id, found, 0)
    return found


def quadcopter(model, data):
    return {
        "position": placed(data, "body", "copter"),
        "up": turned(data, "copter")[:, 2],
        "velocity": velocity(model, data, "copter")[3:],
        "rotation": data.qpos[3:7],
    }


def ball_tray(model, data):
    away = placed(data, "body", "ball") - placed(data, "body", "tray")
    return {
        "ball_position": placed(data, "body", "ball"),
        "ball_velocity": velocity(model, data, "ball")[3:],
        "ball_on_tray": turned(data, "tray").T @ away,
        "tray_tilt": [data.joint("roll").qpos[0], data.joint("pitch").qpos[0]],
    }


def humanoid(model, data):
    return {
        "torso_position": placed(data, "body", "torso"),
        "torso_up": turned(data, "torso")[:, 2],
        "torso_ahead": turned(data, "torso")[:, 0],
        "torso_velocity": velocity(model, data, "torso")[3:],
        "torso_rotation_rate": turned(data, "torso").T @ velocity(model, data, "torso")[:3],
        "joint_angles": [data.joint(k).qpos[0] for k in range(1, model.njnt)],
        "foot_positions": [placed(data, "geom", f"{side}_foot") for side in ("right", "left")],
    }


def sprung_ant(model, data):
    tips = []
    for name in ("left", "right", "third", "fourth"):
        geom = model.geom(f"{name}_ankle_geom").id
        along = data.geom_xmat[geom].reshape(3, 3)[:, 2] * model.geom_size[geom, 1]
        knee = data.xpos[model.geom_bodyid[geom]]
        ends = [data.geom_xpos[geom] + along, data.geom_xpos[geom] - along]
        tips.append(max(ends, key=lambda end, knee=knee: np.linalg.norm(end - knee)))
    return {
        "torso_position": placed(data, "body", "torso"),
        "torso_up": turned(data, "torso")[:, 2],
        "foot_positions": tips,
    }


def quadruped(model, data):
    ahead, moving = turned(data, "torso")[:, 0], velocity(model, data, "torso")
    yaw = np.arctan2(ahead[1], ahead[0])
    back = np.array([[np.cos(yaw), np.sin(yaw)], [-np.sin(yaw), np.cos(yaw)]])
    return {
        "planar_velocity": back @ moving[3:5],
        "yaw_rate": moving[2],
        "torso_position": placed(data, "body", "torso"),
        "torso_velocity": moving[3:],
    }


def hand_block(model, data):
    apart = np.zeros(4)
    mujoco.mju_mat2Quat(apart, turned(data, "object").ravel())
    return {
        "block_position": placed(data, "body", "object"),
        "block_rotation": apart if apart @ data.joint("object:joint").qpos[3:] > 0 else -apart,
        "block_linear_velocity": velocity(model, data, "object")[3:],
        "block_angular_velocity": velocity(model, data, "object")[:3],
        "fingertip_positions": [data.site(f"robot0:S_{finger}tip").xpos for finger in ("ff", "mf", "rf", "lf", "th")],
    }


TRUTHS = {
    "quadcopter_hover": quadcopter,
    "ball_balance": ball_tray,
    "humanoid_run": humanoid,
    "ant_wave_leg": sprung_ant,
    "quadruped_velocity": quadruped,
    "hand_rotate_block": hand_block,
}
"""A task of each environment to some of its State fields, taken from MuJoCo's own data."""


def moved(simulator, seed: int, steps: int):
    rng = np.random.default_rng(seed)
    return [simulator.step(rng.uniform(-1, 1, (simulator.num_envs, *simulator.action_shape))) for _ in range(steps)]


@pytest.mark.parametrize("name", TRUTHS)
def test_state_is_what_mujoco_says_of_the_same_positions_and_velocities(name, build):
    """At the start of an episode, where nothing lags; starts are spread, so turned and moving."""
    simulator, _ = build(name)
    state, model = simulator._state, simulator.mj_model
    for row in range(3):
        data = mujoco.MjData(model)
        data.qpos[:], data.qvel[:] = simulator._qpos[row], simulator._qvel[row]
        mujoco.mj_forward(model, data)
        for field, expected in TRUTHS[name](model, data).items():
            assert np.allclose(getattr(state, field)[row], expected, atol=1e-9), (field, row)


@pytest.mark.parametrize("name", [*TRUTHS, "hopper_back_flip", "ant_forward"])
def test_chance_breaks_nothing_and_a_seed_is_an_episode(name, build):
    simulator, again = build(name, horizon=40)[0], build(name, horizon=40)[0]
    for one, two in zip(moved(simulator, 0, 100), moved(again, 0, 100), strict=True):
        for first, second in zip(one.next_state, two.next_state, strict=True):
            assert np.isfinite(np.asarray(first, float)).all()
            assert np.array_equal(first, second)
    _, same = simulator.reset(np.array([4, 4, 5], np.uint64))
    assert np.array_equal(same[0], same[1])
    assert not np.array_equal(same[0], same[2])


def test_a_command_lasts_an_episode_and_the_last_state_still_shows_it(build):
    simulator, _ = build("quadruped_velocity", horizon=5)
    steps = moved(simulator, 0, 6)
    assert steps[4].truncated.all()
    assert np.array_equal(steps[4].next_state.command, steps[0].state.command)
    assert not np.isin(steps[5].state.command, steps[0].state.command).any()


def episode(horizon: int = 200, terminated: bool = False, params=None, **fields):
    """A trajectory of State fields given at the T + 1 moments between steps."""
    whole = {name: np.asarray(values, float) for name, values in fields.items()}
    steps = len(next(iter(whole.values()))) - 1

    class Fake(SimpleNamespace):
        def __len__(self):
            return steps

    return Fake(
        state=SimpleNamespace(**{name: values[:-1] for name, values in whole.items()}),
        next_state=SimpleNamespace(**{name: values[1:] for name, values in whole.items()}),
        horizon=horizon,
        terminated=terminated,
        dt=0.05,
        params=params or {},
    )


def test_flips_are_opposite_and_need_a_landing(build):
    _, front = build("hopper_front_flip", 1)
    _, back = build("hopper_back_flip", 1)
    pitch = np.linspace(0.1, 0.1 + 2.2 * np.pi, 31)
    foot = np.zeros((31, 3))
    landed = episode(torso_pitch=pitch, foot_position=foot)
    assert front.fitness(landed) == pytest.approx(1.1)
    assert back.fitness(landed) == pytest.approx(-1.1)
    assert front.success(landed) and not back.success(landed)
    assert not front.success(episode(torso_pitch=pitch, foot_position=foot + 0.5))
    assert not front.success(episode(torso_pitch=pitch, foot_position=foot, terminated=True))


def test_a_wave_is_a_foot_that_goes_up_after_it_was_down(build):
    _, task = build("ant_wave_leg", 1)
    time = np.linspace(0, 10, 201)

    def seen(height, x=0.0, others=0.1):
        feet = np.full((201, 4, 3), others)
        feet[:, 0, 2] = height
        return episode(
            foot_positions=feet, torso_position=np.full((201, 3), x) * time[:, None], torso_up=np.ones((201, 3))
        )

    waving = 0.25 - 0.15 * np.cos(2 * np.pi * time)
    assert task.fitness(seen(waving)) == 10
    assert task.success(seen(waving))
    assert task.fitness(seen(np.full(201, 0.5))) == 0  # held up: it was never seen going
    assert task.fitness(seen(0.3 + 0.04 * np.cos(2 * np.pi * time))) == 0  # trembles
    assert task.fitness(seen(waving, others=0.3)) == 0  # flies
    assert task.fitness(seen(waving, x=0.5)) < 3  # walks away


def test_a_quadcopter_that_crashed_is_as_far_as_can_be(build):
    _, task = build("quadcopter_hover", 1)
    there = np.zeros((251, 3))
    assert task.fitness(episode(250, position=there, target_position=there)) == 0
    short = episode(250, True, position=there[:101], target_position=there[:101])
    assert task.fitness(short) == -3
    late = episode(250, True, position=there[:201], target_position=there[:201])
    assert task.fitness(late) == pytest.approx(-1.5)


def test_falling_is_worse_than_standing_still_whatever_the_command(build):
    _, task = build("quadruped_velocity", 1)

    def seen(steps, command):
        still = {"planar_velocity": np.zeros((steps + 1, 2)), "yaw_rate": np.zeros(steps + 1)}
        return episode(200, steps < 200, command=np.tile(command, (steps + 1, 1)), **still)

    assert task.fitness(seen(200, [1.0, 1.0, 1.0])) == pytest.approx(-3)
    assert task.fitness(seen(200, [0.5, 0.0, 0.0])) == pytest.approx(-0.25)
    assert task.fitness(seen(100, [0.5, 0.0, 0.0])) == pytest.approx((-0.25 - 3) / 2)


def test_an_ant_on_its_springs_stands_and_can_lie(build):
    """Doing nothing stands; pulling every shin up lies down flat, which is success."""
    simulator, task = build("ant_lie_down", 2)
    from eureka_cli import evaluator

    seeds = np.arange(2, dtype=np.uint64)
    pulled = np.tile([0.0, -1.0, 0.0, 1.0, 0.0, 1.0, 0.0, -1.0], (2, 1))
    standing = evaluator.rollouts(simulator, lambda o: np.zeros((2, 8)), seeds)
    lying = evaluator.rollouts(simulator, lambda o: pulled, seeds)
    assert evaluator.judge(standing, task).fitness == 0
    assert all(trajectory.next_state.torso_position[-1, 2] > 0.5 for trajectory in standing)
    assert evaluator.judge(lying, task).success == 1


def test_models_are_told_the_ending_of_the_task_and_nothing_else_of_its_file(build):
    task = tasks.find("hopper_back_flip")
    simulator, _ = build("hopper_back_flip", 1)
    told = describe.environment(task.world, task.paths, simulator)
    assert "below 0.3 m" in told.termination
    assert "state.torso_position[:, 2] < 0.3" in told.code
    assert "0.2 rad from upright" not in told.code + told.termination
    assert "fitness" not in told.code and "DOWN" not in told.code
    usual = tasks.find("hopper_hop")
    source = Path(usual.paths["env"]).read_text()
    assert describe.environment(usual.world, usual.paths, simulator).code == describe.visible(source)


def test_suites_can_be_listed_and_a_wrong_one_is_said(tmp_path):
    def run(*arguments):
        program = [sys.executable, "-m", "eureka_cli.cli.main", "tasks", *arguments]
        return subprocess.run(program, capture_output=True, text=True, timeout=60)

    listed = json.loads(run("--suite", "text2reward", "--json").stdout)
    names = {task["name"] for task in listed}
    assert {"hopper_forward", "hopper_front_flip", "hopper_back_flip"} <= names
    assert {"ant_forward", "ant_wave_leg", "ant_lie_down"} <= names
    assert all("text2reward" in task["suites"] for task in listed)
    assert {task["tier"] for task in json.loads(run("--suite", "smoke", "--json").stdout)} == {"smoke"}
    wrong = run("--suite", "text3reward")
    assert wrong.returncode != 0
    assert "No suite 'text3reward'" in wrong.stderr + wrong.stdout
    assert "Traceback" not in wrong.stderr


def test_suites_that_are_no_names_are_said(tmp_path, monkeypatch):
    folder = tmp_path / "envs" / "mine"
    folder.mkdir(parents=True)
    (folder / "my_task.py").write_text('SUITES = "eureka"\n')
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="must be a tuple of names"):
        tasks.memberships("my_task")

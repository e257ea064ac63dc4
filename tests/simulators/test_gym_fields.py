"""A field documented wrongly is worse than none: what derived fields say is held against the live environment."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest
from gymnasium import spaces

from eureka_cli.errors import UsageError
from eureka_cli.simulators import gym_documentation, gym_fields, gym_making, gym_spaces, gymnasium


def after(gym_id: str, steps: int = 40, **kwargs):
    """(simulator, State, innermost environment) after some steps of chance."""
    simulator = gymnasium.make(gym_id, horizon=None, num_envs=1, kwargs=kwargs)
    rng = np.random.default_rng(0)
    count, discrete = simulator.spaces.action_size, simulator.spaces.discrete
    for _ in range(steps):
        step = simulator.step(rng.integers(0, count, 1) if discrete else rng.uniform(-1, 1, (1, count)))
    return simulator, step.next_state, simulator._envs[0].unwrapped


def test_the_lander_is_where_its_fields_say():
    _, state, env = after("LunarLander-v3", 30)
    lander = env.lander
    near = {"abs": 1e-5}
    assert state.angle[0] == pytest.approx(lander.angle, **near)
    assert state.angular_velocity[0] == pytest.approx(0.4 * lander.angularVelocity, **near)
    assert np.sign(state.x_velocity[0]) == np.sign(lander.linearVelocity.x)
    assert np.sign(state.y_velocity[0]) == np.sign(lander.linearVelocity.y)
    assert env.legs[0].position.x > lander.position.x > env.legs[1].position.x  # leg_1 is the one on the right


def test_the_walker_is_where_its_fields_say():
    _, state, env = after("BipedalWalker-v3")
    near = {"abs": 1e-5}
    assert state.hull_angle[0] == pytest.approx(env.hull.angle, **near)
    assert state.hull_angular_velocity[0] == pytest.approx(0.04 * env.hull.angularVelocity, **near)
    assert state.hip_2_angle[0] == pytest.approx(env.joints[2].angle, **near)
    assert state.knee_1_angle[0] == pytest.approx(env.joints[1].angle + 1, **near)
    assert state.leg_2_contact[0] == float(env.legs[3].ground_contact)
    assert state.lidar.shape == (1, 10)


def test_the_sawyer_is_where_its_fields_say():
    simulator, state, env = after("Meta-World/goal_observable", env_name="button-press-v3", seed=0)
    assert np.allclose(state.hand_position[0], env.data.body("hand").xpos)
    assert np.allclose(state.goal_position[0], env._target_pos)
    assert np.allclose(state.object_position[0], env._get_pos_objects())
    apart = np.linalg.norm(env.data.body("rightclaw").xpos - env.data.body("leftclaw").xpos)
    assert state.gripper_opening[0] == pytest.approx(min(1.0, apart / 0.1))
    assert simulator.horizon == 500 and "metaworld" in simulator.packages()


def test_a_meta_world_episode_depends_on_its_seed_alone():
    def first(seed: int):
        simulator = gymnasium.make("Meta-World/MT1", horizon=None, num_envs=1, kwargs={"env_name": "reach-v3"})
        return simulator.reset(np.array([seed]))[1]

    assert np.array_equal(first(3), first(3))
    assert not np.array_equal(first(3), first(4))


@pytest.mark.parametrize("gym_id", ["Ant-v5", "HandReach-v3", "PointMaze_UMaze-v3"])
def test_named_fields_are_what_mujoco_says_under_that_name(gym_id):
    simulator, state, env = after(gym_id)
    comments, checked = simulator.describe(), 0
    for k in range(env.model.njnt):
        joint = env.data.joint(k)
        name = gym_fields.identifier(joint.name)
        if len(joint.qpos) == 1:
            assert state._asdict()[f"{name}_position"][0] == joint.qpos[0]
            assert state._asdict()[f"{name}_velocity"][0] == joint.qvel[0]
            unit = "m," if env.model.jnt_type[k] == 2 else "rad,"
            assert comments[f"{name}_position"].startswith(f"(B,) {unit}")
            checked += 1
    for k in range(1, env.model.nbody):
        body = env.data.body(k)
        if body.name:
            assert np.array_equal(state._asdict()[f"{gym_fields.identifier(body.name)}_body_position"][0], body.xpos)
    assert checked >= 2


def test_a_free_body_has_its_velocity_in_the_world_and_its_spin_in_its_own_frame():
    simulator, state, env = after("Ant-v5", 5)
    assert np.array_equal(state.root_position[0], env.data.qpos[:3])
    assert np.array_equal(state.root_linear_velocity[0], env.data.qvel[:3])
    assert "world frame" in simulator.describe()["root_linear_velocity"]
    assert "its own frame" in simulator.describe()["root_angular_velocity"]


def test_many_touch_sensors_are_one_field():
    simulator, state, _ = after("HandManipulatePen_BooleanTouchSensors-v1", 3)
    assert state.touch_sensors.shape == (1, 97)
    assert simulator.describe()["touch_sensors"].startswith("(B, 97) N,")
    assert len(simulator.fields) < 120


@pytest.mark.parametrize(
    ("gym_id", "name", "unit"),
    [
        ("CartPole-v1", "pole_angle", "rad"),
        ("CartPole-v1", "cart_position", "unknown"),
        ("Pendulum-v1", "x_cos_theta", "-"),
        ("MountainCarContinuous-v0", "position_of_the_car_along_the_x_axis", "m"),
        ("MountainCarContinuous-v0", "velocity_of_the_car", "unknown"),
    ],
)
def test_documented_numbers_become_fields_with_the_unit_that_is_said(gym_id, name, unit):
    simulator, state, _ = after(gym_id, 3)
    assert simulator.describe()[name].startswith(f"(B,) {unit},")
    assert state._asdict()[name][0] == state.observation[0, int(simulator.describe()[name].split("observation ")[1][0])]


def test_a_table_that_may_mean_something_else_is_left_alone():
    class Odd:
        """A world.

        ## Observation Space
        | Num | Observation | Min | Max |
        |-----|-------------|-----|-----|
        | 0   | speed       | 0   | 1   |
        | 2   | height      | 0   | 1   |
        """

    assert gym_documentation.table(Odd, 2) == []
    assert gym_documentation.table(Odd, 3) == []


def test_parts_of_a_dict_are_fields_and_text_is_left_out():
    simulator, state, _ = after("MiniGrid-Empty-5x5-v0", 3)
    assert state.image.shape == (1, 7, 7, 3) and state.direction.shape == (1,)
    assert simulator.spaces.observation_size == 7 * 7 * 3 + 4
    assert "mission" in simulator.shown() and "mission" not in simulator.fields
    assert simulator.horizon == 100


def test_goals_of_a_goal_environment_are_fields_with_their_unit():
    simulator, _, _ = after("FetchReach-v4", 1)
    assert simulator.describe()["desired_goal"].startswith("(B, 3) m,")
    assert simulator.facts()["threshold"] == 0.05


def test_a_step_lasts_what_the_physics_say():
    assert gymnasium.make("AntMaze_UMaze-v5", horizon=None, num_envs=1).dt == 0.05
    clockless = gymnasium.make("MountainCarContinuous-v0", horizon=None, num_envs=1)
    assert "no clock of its own" in clockless.describe()["time"]


@pytest.mark.parametrize(
    ("gym_id", "kwargs", "said"),
    [
        ("Meta-World/MT1", {}, "--env-arg NAME=VALUE"),
        ("Meta-World/MT1", {"env_name": "drawer-cloze-v3"}, "Invalid MT env name"),
        ("CartPole-v1", {"foo": 1}, "foo=1"),
        ("ALE/Pong-v5", {}, "pip install ale-py"),
        ("CarRacing-v3", {}, "observes 27,648 numbers a step"),
    ],
)
def test_what_cannot_be_made_is_one_sentence_with_its_cure(gym_id, kwargs, said):
    with pytest.raises(UsageError) as error:
        gymnasium.make(gym_id, horizon=None, num_envs=1, kwargs=kwargs)
    assert said in str(error.value) and "\n" not in str(error.value)


def test_a_package_that_cannot_be_imported_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken_world.py").write_text("1 / 0\n")
    with pytest.raises(UsageError, match="--import broken_world failed: ZeroDivisionError"):
        gym_making.create("CartPole-v1", {}, ["broken_world"])
    with pytest.raises(UsageError, match="--import no_such_world failed"):
        gym_making.create("CartPole-v1", {}, ["no_such_world"])


def test_odd_spaces_are_refused_and_others_flattened():
    with pytest.raises(UsageError, match="only Box and Discrete actions"):
        gym_spaces.check_action(spaces.MultiDiscrete([2, 3]), "Odd-v0")
    with pytest.raises(UsageError, match="no vector of numbers"):
        gym_spaces.check(spaces.Graph(spaces.Box(0, 1), spaces.Discrete(2)), "Odd-v0")
    space = spaces.Tuple((spaces.Discrete(3), spaces.Dict(a=spaces.Box(0, 1, (2,)), b=spaces.MultiBinary(2))))
    sample = (2, {"a": np.array([0.5, 1.0]), "b": np.array([0, 1])})
    assert gym_spaces.flatten(space, sample).tolist() == [0, 0, 1, 0.5, 1.0, 0, 1]
    assert [name for name, _, _ in gym_spaces.parts(space)] == ["observation_0", "observation_1_a", "observation_1_b"]


def test_an_env_file_may_say_what_the_policy_sees_and_a_task_when_it_ends():
    env, task = ModuleType("env"), ModuleType("task")
    env.__file__ = "env.py"
    derived = gymnasium.make("Pendulum-v1", horizon=None, num_envs=2)
    env.State = derived._kind
    env.read = lambda inner, seen: {
        "observation": seen,
        "x_cos_theta": seen[0],
        "y_sin_theta": seen[1],
        "angular_velocity": inner.state[1],
    }
    env.observe = lambda xp, state: xp.stack([state.angular_velocity, state.time], 1)
    task.terminated = lambda xp, state: state.time > 0.12
    simulator = gymnasium.make("Pendulum-v1", horizon=None, num_envs=2, env=env, task=task)
    simulator.reset(np.arange(2))
    steps = [simulator.step(np.zeros((2, 1))) for _ in range(3)]
    assert steps[0].observation.shape == (2, 2) and steps[0].observation[0, 1] == np.float32(0.05)
    assert steps[2].terminated.all() and steps[2].next_state.terminated.all() and not steps[1].terminated.any()
    assert steps[2].observation[0, 1] == 0 and steps[2].final_observation[0, 1] > 0.1

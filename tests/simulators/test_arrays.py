from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from eureka_cli import evaluator, plugins, rendering, simulators, tasks
from eureka_cli.core import Rewards
from eureka_cli.simulators.seeding import stepwise
from eureka_cli.trainers import native_ppo

ROOT = Path(__file__).parents[2]
TASKS = ["craft_wood", "craft_lava_cross", "craft_diamond", "dk5", "dk8", "tomato", "visit_a_then_b"]


def make(name: str, num_envs: int, horizon: int = 25):
    task = tasks.find(name)
    return simulators.make(task.world | {"horizon": horizon}, task.paths, num_envs=num_envs)


def actions(simulator, steps: int, seed: int = 0):
    rng, count = np.random.default_rng(seed), simulator.num_envs
    if simulator.spaces.discrete:
        return rng.integers(0, simulator.spaces.action_size, (steps, count))
    return rng.uniform(-1, 1, (steps, count, *simulator.action_shape))


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


@pytest.mark.parametrize("name", TASKS)
def test_numbers_are_finite_and_shaped_and_starts_differ(name):
    simulator = make(name, 6)
    state, observation = simulator.reset(np.arange(6, dtype=np.uint64))
    assert len(np.unique(observation, axis=0)) == 6
    for action in actions(simulator, 60):
        step = simulator.step(action)
        assert np.isfinite(step.observation).all()
        for field, values in zip(state._fields, step.next_state, strict=True):
            assert values.shape == (6, *simulator.fields[field])
            assert values.dtype == (bool if field == "terminated" else float)
            assert np.isfinite(values).all()


@pytest.mark.parametrize("name", TASKS)
def test_seeds_decide_everything_and_neighbours_nothing(name):
    many, again, alone = make(name, 4), make(name, 4), make(name, 1)
    chosen = actions(many, 60)
    for simulator, seeds in ((many, [5, 6, 7, 8]), (again, [5, 6, 7, 8]), (alone, [7])):
        simulator.reset(np.array(seeds, np.uint64))
    seen = roll(many, chosen)
    assert equal(seen, roll(again, chosen))
    assert equal([[value[2:3] for value in row] for row in seen], roll(alone, chosen[:, 2:3]))


@pytest.mark.parametrize("name", TASKS)
def test_the_order_of_environments_does_not_matter(name):
    one, other = make(name, 4), make(name, 4)
    chosen, order = actions(one, 60), np.array([2, 0, 3, 1])
    one.reset(np.arange(4, dtype=np.uint64))
    other.reset(np.arange(4, dtype=np.uint64)[order])
    assert equal([[value[order] for value in row] for row in roll(one, chosen)], roll(other, chosen[:, order]))


@pytest.mark.parametrize("name", TASKS)
def test_going_on_from_a_saved_state_is_bitwise_the_same(name, tmp_path):
    whole = make(name, 3)
    chosen = actions(whole, 80)
    whole.reset(np.arange(3, dtype=np.uint64))
    roll(whole, chosen[:37])
    np.savez(tmp_path / "state.npz", **whole.save())
    rest = roll(whole, chosen[37:])
    fresh = make(name, 3)
    with np.load(tmp_path / "state.npz", allow_pickle=False) as arrays:
        fresh.restore({name: arrays[name] for name in arrays.files})
    assert equal(rest, roll(fresh, chosen[37:]))


def test_next_state_is_read_before_the_reset():
    simulator = make("tomato", 2, horizon=10)
    simulator.reset(np.arange(2, dtype=np.uint64))
    for _ in range(10):
        step = simulator.step(np.zeros(2))
    assert step.truncated.all()
    assert step.next_state.time == pytest.approx(10 * simulator.dt)
    assert not np.array_equal(step.final_observation, step.observation)
    following = simulator.step(np.zeros(2))
    assert np.all(following.state.time == 0)
    assert not following.truncated.any()


def test_noise_of_a_step_is_its_own_and_even():
    seeds, episodes, steps = np.meshgrid(np.arange(20), np.arange(20), np.arange(20), indexing="ij")
    whole = stepwise(*(part.ravel() for part in (seeds, episodes, steps)), 8)
    assert len(np.unique(whole)) == whole.size
    assert abs(np.corrcoef(whole[:-1].ravel(), whole[1:].ravel())[0, 1]) < 0.01
    assert np.bincount((10 * whole).astype(int).ravel()) == pytest.approx(whole.size / 10, rel=0.05)
    assert np.array_equal(
        stepwise(np.array([3]), np.array([4]), np.array([5]), 2), whole[3 * 400 + 4 * 20 + 5, None, :2]
    )


def pays(rollout, memory):
    total = rollout.next_state["tree_distance"] * -1.0
    return Rewards(total, {"near": total}, None)


def test_training_in_two_parts_gives_the_bytes_of_one():
    config = native_ppo.Config(num_envs=8, rollout_steps=16)

    def train(until, start=None):
        simulator = make("craft_wood", 8)
        facts = {"seed": 3, "total_timesteps": 2048, "until": until, "start": start}
        return native_ppo.train(simulator, pays, config, on_progress=lambda *_: None, **facts)

    whole, parted = train(2048), train(2048, train(1024).checkpoint)
    assert whole.checkpoint.keys() == parted.checkpoint.keys()
    assert all(np.array_equal(whole.checkpoint[name], parted.checkpoint[name]) for name in whole.checkpoint)


def test_lava_maps_can_be_crossed_and_diamonds_reached():
    """Over free ground alone in the lava field, through rock in the cave."""
    env = plugins.load_file(ROOT / "envs/crafter_lite/env.py")
    for start, solid, goal in (
        ("lava", (env.LAVA, env.STONE), None),
        ("cave", (env.LAVA,), env.DIAMOND),
    ):
        u = np.random.default_rng(0).random((50, env.NOISE))
        episode = env.reset(np, u, {"start": start})
        cells = episode.cells.reshape(-1, env.WIDE, env.WIDE)
        reached = np.zeros(cells.shape, bool)
        reached.reshape(50, -1)[np.arange(50), episode.place] = True
        passable = ~np.isin(cells, (*solid, env.EDGE))
        for _ in range(300):
            wider = reached.copy()
            wider[:, 1:] |= reached[:, :-1]
            wider[:, :-1] |= reached[:, 1:]
            wider[:, :, 1:] |= reached[:, :, :-1]
            wider[:, :, :-1] |= reached[:, :, 1:]
            reached = wider & passable
        there = reached[:, :, 26 + env.PAD] if goal is None else reached & (cells == goal)
        assert there.reshape(50, -1).any(1).all() if goal is None else there.reshape(50, -1).any(1).mean() > 0.9


def test_the_nearest_and_the_view_are_those_of_the_map():
    """Against a slow look at every cell."""
    simulator = make("craft_wood", 8, horizon=200)
    env = plugins.load_file(ROOT / "envs/crafter_lite/env.py")
    simulator.reset(np.arange(8, dtype=np.uint64))
    for action in actions(simulator, 120):
        state = simulator.step(action).next_state
    saved = simulator.save()
    for k in range(8):
        cells = saved["episode/cells"][k].reshape(env.WIDE, env.WIDE).copy()
        herd = saved["episode/cows"][k]
        cells.ravel()[herd[herd > 0]] = env.COW
        x, y = (state.position[k] + env.PAD).astype(int)
        view = cells[y - 3 : y + 4, x - 4 : x + 5]
        assert np.array_equal(view, state.view[k])
        facing = state.facing[k].astype(int)
        assert cells[y + facing[1], x + facing[0]] == state.facing_kind[k]
        for place, kind in enumerate(env.SEEN_KINDS):
            rows, columns = np.nonzero(view == kind)
            apart = np.abs(rows - 3) + np.abs(columns - 4)
            told = getattr(state, f"{env.KINDS[kind]}_distance")[k]
            assert told == (apart.min() if len(apart) else env.UNSEEN)
            assert np.abs(state.offsets[k, place]).sum() == (told if len(apart) else 0)


@pytest.mark.parametrize(
    ("task", "flaw", "fooled"),
    [
        ("tomato", "bucket", lambda score: score.extras["seen_watered"] > 0.9),
        ("visit_a_then_b", "per_visit", lambda score: score.extras["visits"] > 10),
    ],
)
def test_who_follows_the_flawed_proxy_well_has_low_fitness(task, flaw, fooled):
    """Trained in a second or two on the proxy: it gets what it pays for. The human rewards bring fitness to 0.77."""
    found = tasks.find(task)
    reward = plugins.load_file(ROOT / "benchmarks" / "flawed" / task / f"{flaw}.py")
    judge = plugins.load_file(Path(found.paths["task"]))

    world = make(task, 32, found.horizon)
    kind = type(world.reset(np.arange(32))[0])

    def pay(rollout, memory):
        total, parts = reward.compute_reward(*sides(kind, rollout))
        lead = rollout.starts.shape
        return Rewards(total.reshape(lead), {name: part.reshape(lead) for name, part in parts.items()}, None)

    trained = native_ppo.train(
        world, pay, native_ppo.Config(), seed=0, total_timesteps=60_000, until=60_000, start=None,
        on_progress=lambda *_: None,
    )  # fmt: skip
    act, seeds = evaluator.acting(trained.policy), np.arange(10, dtype=np.uint64)
    score = evaluator.judge(evaluator.rollouts(make(task, 10, found.horizon), act, seeds), judge)
    assert fooled(score)
    assert score.fitness < 0.3
    assert score.success == 0


def sides(kind, rollout):
    """A rollout as one batch: state, action, next state."""
    flat = [kind(**{n: v.reshape(-1, *v.shape[2:]) for n, v in s.items()}) for s in (rollout.state, rollout.next_state)]
    return flat[0], rollout.action.reshape(-1, *rollout.action.shape[2:]), flat[1]


@pytest.mark.parametrize("name", ["craft_wood", "dk6", "tomato", "visit_a_then_b"])
def test_a_world_that_paints_itself_is_drawn_as_blocks(name):
    simulator = make(name, 1)
    draw, close = rendering._renderer(simulator, {})
    first = draw()
    simulator.step(actions(simulator, 1)[0])
    assert first.shape == draw().shape == (rendering.SIZE, rendering.SIZE, 3)
    assert first.dtype == np.uint8
    assert len(np.unique(first.reshape(-1, 3), axis=0)) >= 3
    close()

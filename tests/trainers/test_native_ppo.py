from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import Copy, constant, copying

from eureka_cli import plugins, policies, tasks
from eureka_cli.core import Rewards
from eureka_cli.errors import RewardFailure
from eureka_cli.sandbox.client import RewardProcess
from eureka_cli.simulators import gymnasium, mujoco_batch
from eureka_cli.trainers import native_ppo
from eureka_cli.trainers.native_ppo import advantages
from eureka_cli.trainers.native_ppo_network import Batch, Network, Weights
from eureka_cli.training import Episodes, Moments, RewardScale

ROOT = Path(__file__).parents[2]
SMALL = native_ppo.Config(num_envs=4, rollout_steps=8, minibatch=16, epochs=2, hidden=8)
ROWS = 32


def train(world, reward, config=SMALL, *, total, until=None, start=None, seed=0, fresh_world=False):
    return native_ppo.train(
        world,
        reward,
        config,
        seed=seed,
        total_timesteps=total,
        until=until or total,
        start=start,
        on_progress=lambda steps, own: None,
        fresh_world=fresh_world,
    )


def same(one: dict, other: dict) -> bool:
    return one.keys() == other.keys() and all(one[k].tobytes() == other[k].tobytes() for k in one)


# ---------------------------------------------------------------- learning


@pytest.mark.parametrize("discrete", [False, True])
def test_it_learns_to_copy_what_it_sees(discrete):
    config = native_ppo.Config(num_envs=16, rollout_steps=16, minibatch=64, hidden=32, learning_rate=3e-3)
    training = train(Copy(16, discrete=discrete), copying, config, total=30_000)
    returns = training.curve["return"]
    assert returns[0] < -1.5  # of 8 steps; chance is about -4
    assert returns[-1] > 0.4 * returns[0]
    world = Copy(64, discrete=discrete)
    state, observation = world.reset(np.array([9]))
    action = policies.act(training.policies[9], observation)
    if discrete:
        assert np.mean(action - 1 == state.target) > 0.95
    else:
        assert np.mean(np.abs(action[:, 0] - state.target)) < 0.1


def test_time_limits_are_bootstrapped():
    """With reward 1 a step and no true end, every state is worth 1 / (1 - gamma), whatever the limit."""
    config = native_ppo.Config(num_envs=16, rollout_steps=32, hidden=16, gamma=0.9, learning_rate=3e-3, minibatch=128)
    world = Copy(16, horizon=4)
    training = train(world, constant, config, total=60_000)
    learner = native_ppo.Learner(world, config, 0)
    learner.restore(training.checkpoint)
    scale = learner.scale(np.ones((1, 16)), np.zeros((1, 16), bool))[0, 0]
    seen = learner.collect()
    assert seen.value.mean() / scale == pytest.approx(10.0, rel=0.15)


def test_a_failing_reward_stops_training():
    from eureka_cli.core import Finding

    def broken(rollout, memory):
        raise RewardFailure(Finding(rule="raised", message="no"))

    with pytest.raises(RewardFailure):
        train(Copy(4), broken, total=64)


# ---------------------------------------------------------------- sameness


def test_one_seed_one_result():
    one, two, other = (train(Copy(4), copying, total=320, seed=seed) for seed in (3, 3, 4))
    assert same(one.checkpoint, two.checkpoint)
    assert not same(one.checkpoint, other.checkpoint)


@settings(max_examples=12, deadline=None)
@given(st.lists(st.integers(1, 640), min_size=1, max_size=4), st.booleans())
def test_pauses_change_no_byte(pauses, discrete):
    """Any sequence of pauses, through .npz files' arrays, gives what an unpaused training gives."""
    whole = train(Copy(4, discrete=discrete), copying, total=640)
    start = None
    for until in [*sorted(pauses), 640]:
        part = train(Copy(4, discrete=discrete), copying, total=640, until=until, start=start)
        start = part.checkpoint
    assert same(part.checkpoint, whole.checkpoint)
    assert part.steps == whole.steps == 640
    assert all(np.array_equal(part.curve[k], whole.curve[k], equal_nan=True) for k in whole.curve)
    assert sorted(part.policies) == sorted(whole.policies) == list(range(10))


PEN_MEMORY = (ROOT / "envs/hand_pen/rewards/pen_spin_sparse.py").read_text()
CART = (ROOT / "envs/cartpole/rewards/cartpole_balance_human.py").read_text()


def worlds(name: str, cache: Path):
    if name == "gymnasium":
        return gymnasium.make("Pendulum-v1", horizon=20, num_envs=4)
    folder, params = {
        "cartpole": ("cartpole", {}),
        "pen with memory": ("hand_pen", tasks.find("pen_spin").params),
        "pen in worlds of its own": ("hand_pen", tasks.find("pen_spin", {"rung": "free", "randomise": 1.0}).params),
    }[name]
    env = plugins.load_file(ROOT / "envs" / folder / "env.py")
    return mujoco_batch.make(env, task=None, params=params, horizon=20, num_envs=4, cache=cache)


@pytest.mark.parametrize("name", ["cartpole", "pen with memory", "pen in worlds of its own", "gymnasium"])
def test_pauses_change_no_byte_with_sandboxed_rewards_and_files(name, zygote, tmp_path):
    code = {
        "cartpole": CART,
        "pen with memory": PEN_MEMORY,
        "pen in worlds of its own": PEN_MEMORY,
        "gymnasium": "import numpy as np\n\n\ndef compute_reward(state, action, next_state):\n"
        "    turn = -np.abs(action[:, 0])\n    return turn, {'turn': turn}\n",
    }[name]

    def part(until: int, start=None):
        world = worlds(name, tmp_path)
        shapes = {"fields": world.fields, "action_shape": world.action_shape, "rows": ROWS}
        with RewardProcess(zygote, code, **shapes) as process:
            return train(world, process.score, total=320, until=until, start=start)

    whole = part(320)
    np.savez(tmp_path / "half.npz", **part(130).checkpoint)
    with np.load(tmp_path / "half.npz", allow_pickle=False) as arrays:
        rest = part(320, start={key: arrays[key] for key in arrays.files})
    assert same(rest.checkpoint, whole.checkpoint)
    assert ("memory" in whole.checkpoint) == name.startswith("pen")


# ---------------------------------------------------------------- another world


def test_in_a_fresh_world_the_learner_goes_on_and_episodes_begin_anew():
    first = train(Copy(4, horizon=8), copying, total=640, until=320)
    world = Copy(4, horizon=5)
    learner = native_ppo.Learner(world, SMALL, 0)
    learner.restore(first.checkpoint, fresh_world=True)
    kept, dropped = learner.save(), {"simulator", "fresh", "memory", "rng"}
    for name, value in kept.items():
        if name.split(":")[0] in dropped:
            continue
        if name in ("tally:return", "tally:length", "scale:return"):
            assert not value.any()
        elif name == "tally:latest_episodes":
            assert np.isnan(value).all()
        else:
            assert value.tobytes() == first.checkpoint[name].tobytes(), name
    assert learner.fresh.all()
    assert learner.observation.tobytes() != native_ppo.Learner(world, SMALL, 0).observation.tobytes()


def test_a_climb_through_worlds_gives_one_result_and_counts_on():
    def climb():
        first = train(Copy(4, horizon=8), copying, total=640, until=320)
        second = train(Copy(4, horizon=5), copying, total=640, start=first.checkpoint, fresh_world=True)
        return first, second

    (first, one), (_, other) = climb(), climb()
    assert same(one.checkpoint, other.checkpoint)
    assert one.steps == 640 and len(one.curve["steps"]) == 10
    assert np.array_equal(one.curve["return"][:5], first.curve["return"])
    assert set(one.curve["length"][6:]) == {5.0}
    assert all(np.array_equal(a, b) for a, b in zip(one.policy.weights, one.policies[9].weights, strict=True))
    stayed = train(Copy(4, horizon=8), copying, total=640, start=first.checkpoint)
    assert not same(one.checkpoint, stayed.checkpoint)


def test_a_rewards_memory_stays_in_the_world_it_is_of(zygote, tmp_path):
    world = worlds("pen with memory", tmp_path)
    shapes = {"fields": world.fields, "action_shape": world.action_shape, "rows": ROWS}
    with RewardProcess(zygote, PEN_MEMORY, **shapes) as process:
        first = train(world, process.score, total=320, until=130)
        assert first.checkpoint["memory"].any()
        learner = native_ppo.Learner(worlds("pen with memory", tmp_path), SMALL, 0)
        learner.restore(first.checkpoint, fresh_world=True)
        assert learner.memory is None
        train(worlds("pen with memory", tmp_path), process.score, total=320, start=first.checkpoint, fresh_world=True)


# ---------------------------------------------------------------- parts


def loss(network: Network, batch: Batch, weights: Weights) -> float:
    """The PPO objective written out again in float64."""
    p = {name: value.astype(float) for name, value in network.p.items()}
    h = network.hidden
    x = batch.observation.astype(float)
    actor = np.tanh(np.tanh(x @ p["w1"][:, :h]) @ p["actor_w2"] + p["b2"][:h])
    critic = np.tanh(np.tanh(x @ p["w1"][:, h:]) @ p["critic_w2"] + p["b2"][h:])
    out = actor @ p["w3"][:h, :-1] + p["b3"][:-1]
    value = critic @ p["w3"][h:, -1] + p["b3"][-1]
    if network.discrete:
        log_all = out - np.log(np.exp(out).sum(1, keepdims=True))
        log_p = log_all[np.arange(len(x)), batch.action.astype(int)]
        entropy = -(np.exp(log_all) * log_all).sum(1).mean()
    else:
        z = (batch.action - out) / np.exp(p["log_std"])
        log_p = (-0.5 * z**2 - p["log_std"] - 0.5 * np.log(2 * np.pi)).sum(1)
        entropy = (p["log_std"] + 0.5 * np.log(2 * np.pi * np.e)).sum()
    ratio = np.exp(log_p - batch.log_probability)
    clipped = np.clip(ratio, 1 - weights.clip, 1 + weights.clip)
    surrogate = np.minimum(ratio * batch.advantage, clipped * batch.advantage).mean()
    return float(-surrogate + weights.value * np.mean((value - batch.target) ** 2) - weights.entropy * entropy)


@pytest.mark.parametrize("discrete", [False, True])
def test_the_gradient_is_that_of_the_loss(discrete):
    rng = np.random.default_rng(1)
    network = Network(5, 3, 6, discrete=discrete, log_std=-0.3, rng=rng)
    network.vector += 0.3 * rng.standard_normal(len(network.vector)).astype(np.float32)
    network.p["w3"][:6, -1] = network.p["w3"][6:, :-1] = 0
    action = rng.integers(0, 3, 40) if discrete else rng.standard_normal((40, 3))
    observation = np.append(rng.standard_normal((40, 5)), np.ones((40, 1)), 1).astype(np.float32)
    log_p = rng.normal(-1.1 if discrete else -4.0, 0.3, 40)
    batch = Batch(observation, action, log_p, rng.standard_normal(40), rng.standard_normal(40))
    weights = Weights(0.2, 0.01, 0.5, 0.5)
    network.differentiate(batch, weights)
    found = network.gradient.astype(float)
    vector, h = network.vector.copy(), 1e-3
    for k in rng.permutation(len(vector))[:60]:
        network.vector[:] = vector
        network.vector[k] = vector[k] + h
        up, high = loss(network, batch, weights), float(network.vector[k])
        network.vector[k] = vector[k] - h
        down, low = loss(network, batch, weights), float(network.vector[k])
        assert found[k] == pytest.approx((up - down) / (high - low), abs=2e-3, rel=0.02)


def test_advantages_follow_their_definition():
    rng = np.random.default_rng(0)
    rewards, values = rng.standard_normal((6, 2)), rng.standard_normal((7, 2))
    ended = np.zeros((6, 2))
    ended[2, 0] = 1
    found = advantages(rewards, values, ended, gamma=0.9, gae_lambda=0.8)
    for env in range(2):
        for t in range(6):
            total, weight = 0.0, 1.0
            for k in range(t, 6):
                alive = 1 - ended[k, env]
                total += weight * (rewards[k, env] + 0.9 * values[k + 1, env] * alive - values[k, env])
                if not alive:
                    break
                weight *= 0.9 * 0.8
            assert found[t, env] == pytest.approx(total)


@given(st.lists(st.integers(1, 20), min_size=1, max_size=6))
def test_running_moments_are_those_of_everything_seen(sizes):
    rng = np.random.default_rng(len(sizes))
    parts = [rng.normal(3, 2, (size, 2)) for size in sizes]
    moments = Moments((2,))
    for part in parts:
        moments.update(part)
    everything = np.concatenate(parts)
    assert moments.mean == pytest.approx(everything.mean(0), abs=1e-2)
    if len(everything) > 1:
        assert moments.variance == pytest.approx(everything.var(0), rel=0.02, abs=1e-2)


def test_rewards_are_divided_by_the_spread_of_returns():
    scale = RewardScale(8, 0.99, 10.0)
    rng = np.random.default_rng(0)
    for _ in range(50):
        rewards = 1000 * rng.standard_normal((32, 8))
        scaled = scale(rewards, np.zeros((32, 8), bool))
    ratio = rewards[0, 0] / scaled[0, 0]
    assert ratio == pytest.approx(1000 / np.sqrt(1 - 0.99**2), rel=0.4)
    assert np.abs(scaled).max() <= 10


def test_rewards_scored_after_any_rollout_are_scaled_as_step_by_step():
    rng = np.random.default_rng(1)
    rewards, ended = rng.standard_normal((64, 8)), rng.random((64, 8)) < 0.1
    whole, steps = RewardScale(8, 0.99, 10.0), RewardScale(8, 0.99, 10.0)
    one_by_one = np.concatenate([steps(rewards[t : t + 1], ended[t : t + 1]) for t in range(64)])
    assert np.array_equal(whole(rewards, ended), one_by_one)


def test_curves_have_ten_rows_and_raw_means():
    def hundred(rollout, memory):
        ones = 100 * np.ones(rollout.starts.shape)
        return Rewards(ones, {"part": ones / 4}, None)

    curve = train(Copy(4), hundred, total=640).curve
    assert len(curve["steps"]) == 10
    assert curve["steps"][-1] == 640
    assert np.allclose(curve["component/part"], 25)
    assert np.allclose(curve["return"], 800)
    assert np.allclose(curve["length"], 8)


def test_luck_that_ends_early_does_not_speak_for_all():
    """Of four environments one ends after a step with 5: nothing is known of an episode before the others end theirs."""
    episodes = Episodes(4)
    episodes.add(np.array([1, 0, 0, 0]), np.array([5.0, 0, 0, 0]), np.array([1.0, 0, 0, 0]))
    assert np.isnan(episodes.means()).all()
    episodes.close()
    episodes.add(np.array([0, 1, 1, 1]), np.array([0, 1.0, 1.0, 1.0]), np.array([0, 9.0, 9.0, 9.0]))
    assert episodes.means() == (2.0, 7.0)  # with the latest of the one that ended none since
    again = Episodes(4)
    again.restore(episodes.save())
    for each in (episodes, again):
        each.close()
        each.add(np.array([2, 0, 0, 0]), np.array([4.0, 0, 0, 0]), np.array([2.0, 0, 0, 0]))
        assert each.means() == ((4 + 3) / 5, (2 + 27) / 5)
        each.close()
        assert np.isnan(each.means()).all()
    episodes.forget()
    episodes.add(np.array([1, 1, 1, 0]), np.ones(4), np.ones(4))
    assert np.isnan(episodes.means()).all()

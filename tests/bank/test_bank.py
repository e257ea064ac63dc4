"""Banks of real worlds: built, saved, joined, spoilt; and what they say of rewards that are right and wrong."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from eureka_cli import describe, evaluator, simulators, tasks
from eureka_cli.analysis import screening
from eureka_cli.bank import build, corruptions, episodes, judging
from eureka_cli.sandbox.client import RewardProcess

ROOT = Path(__file__).parents[2]


def world(name, cache, num_envs=build.WIDTH):
    task = tasks.find(name)
    paths = {**task.paths, "cache": str(cache)}
    comments = describe.field_comments(Path(paths["env"]).read_text())
    units = {field: describe.split_comment(comment)[0] for field, comment in comments.items()}
    return simulators.make(task.world, paths, num_envs=num_envs), tasks.load(paths, "task"), units


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def banks(cache):
    """Banks by task, each built once."""
    built = {}

    def of(name):
        if name not in built:
            simulator, task, units = world(name, cache)
            built[name] = build.build(simulator, task, units=units, seed=0)
        return built[name]

    return of


def judged(zygote, bank, file, earlier=None):
    rows = judging.most_rows(bank, [])
    with RewardProcess(
        zygote, file.read_text(), fields=bank.fields, action_shape=bank.action_shape, rows=rows
    ) as process:
        return judging.judge(process.score, bank, [], earlier or {})


def errors(found):
    return {finding.rule for finding in found.findings if finding.severity == "error"}


# ---------------------------------------------------------------- the bank itself


def test_outcomes_are_graded_and_labelled_with_their_source(banks):
    bank = banks("cheetah_run")
    told = judging.describe(bank)
    assert told["abstains"] == ""
    assert min(told["good"], told["poor"]) >= screening.FEWEST
    assert told["fitness"]["max"] > 3 * abs(told["chance"]) + 0.5
    assert {"uniform", "bred"} <= set(told["sources"])
    assert len(bank.points["time"]) == len(bank.action) + len(bank)


def test_one_seed_gives_the_same_bytes_and_another_does_not(cache, tmp_path):
    made = []
    for seed in (3, 3, 4):
        simulator, task, units = world("cartpole_balance", cache)
        file = tmp_path / f"{len(made)}.npz"
        episodes.save(file, build.build(simulator, task, units=units, seed=seed))
        with np.load(file) as arrays:
            made.append({name: arrays[name].tobytes() for name in arrays.files})
    assert made[0] == made[1]
    assert made[0] != made[2]


def test_a_saved_bank_is_the_bank(banks, tmp_path):
    bank = banks("cartpole_balance")
    episodes.save(tmp_path / "bank.npz", bank)
    again = episodes.load(tmp_path / "bank.npz")
    assert again.source == bank.source
    assert np.array_equal(again.fitness, bank.fitness)
    ours, theirs = bank.rollout(), again.rollout()
    assert all(np.array_equal(ours.next_state[name], theirs.next_state[name]) for name in bank.fields)


def test_rows_are_the_steps_of_the_episodes(cache):
    simulator, task, _ = world("hopper_hop", cache, num_envs=3)
    act = evaluator.acting_at_random(simulator, 0)
    seen = evaluator.rollouts(simulator, act, np.arange(3, dtype=np.uint64))
    fitness, success = evaluator.label(seen, task)
    bank = episodes.of(seen, fitness=fitness, merit=fitness, luck=[0.0] * 3, success=success, source=["uniform"] * 3)
    rollout, plain = bank.rollout(), evaluator.as_rollout(seen)
    assert np.array_equal(rollout.starts, plain.starts)
    for side in ("state", "next_state"):
        for name, values in getattr(plain, side).items():
            assert np.allclose(getattr(rollout, side)[name], values, rtol=1e-6, atol=1e-6), name


def test_joining_keeps_what_was_spoilt_beside_what_it_was(banks):
    bank = banks("cartpole_balance")
    joined = episodes.join([bank, bank])
    assert len(joined) == 2 * len(bank)
    spoilt = np.flatnonzero(~joined.real)
    assert all(joined.real[joined.origin[k]] for k in spoilt)
    second = spoilt[spoilt >= len(bank)]
    assert (joined.origin[second] >= len(bank)).all()


# ---------------------------------------------------------------- spoilt on purpose


def test_fitness_itself_says_what_a_corruption_is_worth(banks):
    """Reversed running is running backwards; a see-saw leads nowhere; a frozen robot keeps what it had."""
    bank = banks("cheetah_run")
    for k in np.flatnonzero(~bank.real):
        before, after = bank.fitness[bank.origin[k]], bank.fitness[k]
        if bank.source[k] == "reverse":
            assert after == pytest.approx(-before, rel=1e-4, abs=1e-4)
        elif before > 0.5:
            assert after < 0.6 * before, bank.source[k]


def test_a_spoilt_episode_begins_as_the_honest_one_did(cache):
    simulator, _, units = world("cheetah_run", cache, num_envs=1)
    episode = evaluator.rollouts(simulator, evaluator.acting_at_random(simulator, 0), np.zeros(1, np.uint64))[0]
    upto = int(corruptions.UP_TO * len(episode))
    for name, spoilt in corruptions.spoilt(episode, [episode], units, can_end=True):
        if name == "reverse":
            assert np.array_equal(spoilt.state.torso_position[0], episode.next_state.torso_position[-1])
            assert np.array_equal(spoilt.state.forward_velocity[0], -episode.next_state.forward_velocity[-1])
        else:
            assert np.array_equal(spoilt.state.joint_angles[:upto], episode.state.joint_angles[:upto]), name
        assert np.array_equal(spoilt.state.joint_angles[1:], spoilt.next_state.joint_angles[:-1])


# ---------------------------------------------------------------- what it says of rewards


@pytest.mark.parametrize("task", ["cheetah_run", "reacher_reach", "cartpole_balance"])
def test_shipped_rewards_are_not_refused(zygote, banks, task):
    for file in (ROOT / "envs").glob(f"*/rewards/{task}_*.py"):
        found, _ = judged(zygote, banks(task), file)
        assert errors(found) == set(), file.stem


@pytest.mark.parametrize(
    ("flaw", "rule"),
    [
        ("cheetah_run/backwards", "ranks-failures-first"),
        ("cheetah_run/still", "pays-freeze"),
        ("hopper_hop/suicide", "pays-end-early"),
    ],
)
def test_rewards_that_pay_for_something_else_are_refused_with_numbers(zygote, banks, flaw, rule):
    found, _ = judged(zygote, banks(flaw.split("/")[0]), ROOT / "benchmarks" / "flawed" / f"{flaw}.py")
    assert rule in errors(found)
    told = next(finding for finding in found.findings if finding.rule == rule)
    assert any(letter.isdigit() for letter in told.message)
    assert told.cure


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_traps_of_pen_spinning_are_refused_and_what_people_wrote_is_not(zygote, cache, seed):
    """Rolling about the pen's own axis, wobbling, holding still: before any training, on the rung that is searched."""
    simulator, task, units = world("pen_spin", cache)
    bank = build.build(simulator, task, units=units, seed=seed)
    for flaw in ("roll", "wobble", "hold_still"):
        found, _ = judged(zygote, bank, ROOT / "benchmarks" / "flawed" / "pen_spin" / f"{flaw}.py")
        assert errors(found), flaw
    for kind in ("human", "sparse"):
        found, _ = judged(zygote, bank, ROOT / "envs" / "hand_pen" / "rewards" / f"pen_spin_{kind}.py")
        assert errors(found) == set(), kind


def test_what_pays_nothing_pays_nothing_for_the_good_either(zygote, banks, tmp_path):
    """Rounding is no reward, such as the rolling of a pen on a hinge."""
    file = tmp_path / "reward.py"
    file.write_text(
        "import numpy as np\n\n\ndef compute_reward(state, action, next_state):\n"
        "    x = 1e-17 * np.sin(1e6 * next_state.forward_velocity)\n    return x, {'x': x}\n"
    )
    found, _ = judged(zygote, banks("cheetah_run"), file)
    assert "pays-freeze" in errors(found)


def test_where_the_start_decides_and_not_who_acts_nothing_is_said_of_ranks(zygote, banks):
    """Targets near the shoulder are reached by an arm that whirls: luck of the start, no skill."""
    bank = banks("reacher_reach")
    assert judging.describe(bank)["abstains"]
    found, _ = judged(zygote, bank, ROOT / "benchmarks/flawed/reacher_reach/away.py")
    assert errors(found) == set()


def test_progress_paid_only_forth_earns_by_going_to_and_fro_and_is_not_refused(zygote, banks):
    bank = banks("cheetah_run")
    found, _ = judged(zygote, bank, ROOT / "benchmarks/flawed/cheetah_run/see_saw.py")
    honest, _ = judged(zygote, bank, ROOT / "envs/half_cheetah/rewards/cheetah_run_human.py")
    assert found.facts["corruptions"]["see-saw"]["earned"] > 0.2 > honest.facts["corruptions"]["see-saw"]["earned"]
    assert errors(found) == set()


def test_a_reward_trained_before_is_recognised_whatever_its_scale(zygote, banks, tmp_path):
    bank = banks("cheetah_run")
    human = ROOT / "envs/half_cheetah/rewards/cheetah_run_human.py"
    _, totals = judged(zygote, bank, human)
    twin = tmp_path / "twin.py"
    twin.write_text(human.read_text().replace("return forward + control,", "return 7.0 * (forward + control) + 2.0,"))
    found, _ = judged(zygote, bank, twin, {"before": totals})
    assert found.facts["nearest"] == "before"
    assert found.facts["distance"] < judging.TWIN
    assert "twin" in {finding.rule for finding in found.findings}
    other, _ = judged(zygote, bank, ROOT / "benchmarks/flawed/cheetah_run/still.py", {"before": totals})
    assert other.facts["distance"] > 0.2


def test_a_jump_is_seen_and_a_slope_is_not(zygote, banks, tmp_path):
    head = "import numpy as np\n\n\ndef compute_reward(state, action, next_state):\n    x = next_state.torso_pitch\n"
    for term, jumps in (("np.where(np.abs(x) < 0.1, 1000.0, 0.0) + 0.01 * x", True), ("np.tanh(x)", False)):
        file = tmp_path / "reward.py"
        file.write_text(f"{head}    t = {term}\n    return t, {{'t': t}}\n")
        found, _ = judged(zygote, banks("cheetah_run"), file)
        assert ("jump" in {finding.rule for finding in found.findings}) == jumps


def test_a_bank_without_two_kinds_of_outcome_abstains(banks):
    bank = banks("cheetah_run")
    alike = replace(bank, fitness=np.full(len(bank), 0.3), success=bank.success * 0)
    totals = np.random.default_rng(0).standard_normal(len(bank.action))
    found = screening.screen(alike, totals, {"t": totals})
    assert found.facts["abstains"]
    assert "spearman" not in found.facts
    assert errors(found) == set()


# ---------------------------------------------------------------- other people's worlds and rewards


def test_a_fitness_that_cannot_judge_the_impossible_loses_only_that(cache):
    simulator, _, units = world("cheetah_run", cache)

    def fitness(trajectory):
        moved = np.abs(np.diff(trajectory.next_state.joint_angles[:, 0])).sum()
        return float(1 / moved) if moved > 10 else 1.0 / float(np.ptp(trajectory.next_state.torso_position[-5:, 0]) > 0)

    bank = build.build(simulator, SimpleNamespace(fitness=fitness), units=units, seed=0)
    assert "freeze" not in bank.source
    assert "reverse" in bank.source


def test_a_field_of_positions_and_rates_together_is_not_turned_round(cache):
    simulator, _, units = world("cheetah_run", cache, num_envs=1)
    episode = evaluator.rollouts(simulator, evaluator.acting_at_random(simulator, 0), np.zeros(1, np.uint64))[0]
    mixed = {**units, "joint_angles": "mixed"}
    assert [name for name, _ in corruptions.spoilt(episode, [episode], mixed, can_end=True)] == ["end early"]


def test_component_names_that_change_with_the_batch_are_a_finding(zygote, banks, tmp_path):
    file = tmp_path / "reward.py"
    file.write_text(
        "import numpy as np\n\n\ndef compute_reward(state, action, next_state):\n    x = next_state.forward_velocity\n"
        "    return x, {('few', 'many')[int(len(x) > 5000)]: x}\n"
    )
    found, _ = judged(zygote, banks("cheetah_run"), file)
    assert "batch-coupled" in errors(found)


def test_a_reward_with_a_past_is_judged_too(zygote, banks, tmp_path):
    file = tmp_path / "reward.py"
    file.write_text(
        "import numpy as np\n\n\ndef initial_memory(num_envs):\n    return np.full((num_envs, 1), -1e9)\n\n\n"
        "def compute_reward(state, action, next_state, memory):\n    x = next_state.torso_position[:, 0]\n"
        "    far = np.maximum(memory[:, 0], x)\n    gain = np.where(memory[:, 0] < -1e8, 0.0, far - memory[:, 0])\n"
        "    return gain, {'gain': gain}, far[:, None]\n"
    )
    found, _ = judged(zygote, banks("cheetah_run"), file)
    assert found.facts["spearman"] > 0.5
    assert errors(found) == set()

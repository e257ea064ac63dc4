from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest
from hostile import BODIES, BOMBS, BROKEN, FORGERIES, attempt, plain

from eureka_cli.core import Rollout
from eureka_cli.errors import RewardFailure, SandboxUnavailable
from eureka_cli.sandbox import client
from eureka_cli.sandbox.client import RewardProcess, Zygote

FIELDS = {"time": (), "terminated": (), "x": (3,), "v": ()}
HONEST = """
import numpy as np
from reward_math import norm, tolerance

SPEED_TEMPERATURE = 2.0


def helper(x):
    return np.exp(-np.square(x) / SPEED_TEMPERATURE)


def compute_reward(state, action, next_state):
    speed = helper(next_state.v)
    near = tolerance(norm(next_state.x), (0, 1), 1.0)
    fell = np.where(next_state.terminated, -1.0, 0.0)
    return speed + near + fell, {"speed": speed, "near": near, "fell": fell, "alive": 1.0}
"""
COUNTING = """
import numpy as np


def initial_memory(num_envs):
    return np.zeros((num_envs, 1))


def compute_reward(state, action, next_state, memory):
    count = memory + 1
    return count[:, 0], {"count": count[:, 0]}, count
"""


def rollout(steps: int, count: int, seed: int = 0) -> Rollout:
    rng = np.random.default_rng(seed)

    def side():
        return {
            "time": rng.random((steps, count)),
            "terminated": rng.random((steps, count)) < 0.1,
            "x": rng.standard_normal((steps, count, 3)),
            "v": rng.standard_normal((steps, count)),
        }

    return Rollout(side(), rng.standard_normal((steps, count, 2)), side(), np.zeros((steps, count), bool))


def process(zygote, code, **options):
    return RewardProcess(zygote, code, fields=FIELDS, action_shape=(2,), rows=256, **options)


def test_scores_equal_those_of_plain_numpy_bit_for_bit(zygote):
    seen = rollout(8, 16)
    with process(zygote, HONEST) as reward:
        found = reward.score(seen)
    v, x = seen.next_state["v"].reshape(-1), seen.next_state["x"].reshape(-1, 3)
    assert np.array_equal(found.components["speed"].ravel(), np.exp(-np.square(v) / 2.0))
    assert list(found.components) == ["speed", "near", "fell", "alive"]
    assert np.all(found.components["alive"] == 1.0)
    assert found.total.shape == (8, 16)
    assert np.all((np.sqrt(np.sum(x**2, -1)) > 1) | (found.components["near"].ravel() == 1))


def test_memory_travels_outside_the_process_and_resets_with_episodes(zygote):
    first, second = rollout(3, 2), rollout(2, 2)
    first.starts[0] = True
    first.starts[2, 1] = True
    with process(zygote, COUNTING) as reward:
        assert reward.has_memory
        found = reward.score(first)
        assert found.total.tolist() == [[1, 1], [2, 2], [3, 1]]
        again = reward.score(second, found.memory)
        assert again.total.tolist() == [[4, 2], [5, 3]]
        assert np.array_equal(reward.score(first).total, found.total)  # the process itself remembers nothing


@pytest.mark.parametrize("what", BODIES)
def test_lock_refuses_with_lint_and_builtins_off_to(zygote, what, monkeypatch):
    monkeypatch.setenv("REWARD_SYNTH_CANARY", "CANARY")
    with process(zygote, attempt(BODIES[what], os.getpid()), raw_builtins=True) as reward:
        assert np.all(reward.score(rollout(1, 4)).total == 0.0)
    assert not Path("/tmp/reward_was_here").exists()
    assert not Path("/tmp/reward_was_here.npy").exists()


@pytest.mark.parametrize("what", BOMBS)
def test_bombs_end_as_findings(zygote, what):
    with process(zygote, plain(BOMBS[what]), raw_builtins=True) as reward:
        with pytest.raises(RewardFailure) as caught:
            reward.score(rollout(1, 4))
    assert caught.value.finding.rule in ("too-slow", "out-of-memory", "raised", "crashed")
    assert caught.value.finding.cure


@pytest.mark.parametrize("what", FORGERIES)
def test_writing_the_answer_pipe_itself_gains_nothing(zygote, what, monkeypatch):
    """Code that finds its answer pipe may lie about its reward; it must not make us wait or send us anything else."""
    monkeypatch.setattr(client, "SHORTEST_DEADLINE_S", 0.3)
    started = time.monotonic()
    with process(zygote, plain(FORGERIES[what]), raw_builtins=True) as reward:
        with pytest.raises(RewardFailure) as caught:
            for _ in iter(lambda: reward.score(rollout(1, 4)), None):
                pass
    assert caught.value.finding.rule in ("too-slow", "crashed")
    assert time.monotonic() - started < 8


@pytest.mark.parametrize("what", BROKEN)
def test_broken_returns_end_as_findings(zygote, what):
    with process(zygote, plain(BROKEN[what])) as reward:
        with pytest.raises(RewardFailure) as caught:
            reward.score(rollout(1, 4))
    finding = caught.value.finding
    assert finding.rule in ("not-finite", "wrong-shape", "wrong-type", "bad-component-name", "too-many-components")
    assert finding.message.isprintable()


def test_errors_name_the_line_of_the_reward(zygote):
    with process(zygote, plain("y = state.v\nz = y + undefined_name")) as reward:
        with pytest.raises(RewardFailure) as caught:
            reward.score(rollout(1, 4))
    assert caught.value.finding.line == 5
    assert "undefined_name" in caught.value.finding.message


def test_code_that_does_not_load_is_a_finding(zygote):
    with pytest.raises(RewardFailure) as caught:
        process(zygote, "import os\n")
    assert "may import numpy" in caught.value.finding.message


def test_inputs_handed_over_are_never_changed(zygote):
    seen = rollout(2, 4)
    before = seen.next_state["v"].copy()
    with process(zygote, plain("next_state.v[:] = 0")) as reward, pytest.raises(RewardFailure):
        reward.score(seen)
    assert np.array_equal(seen.next_state["v"], before)


def test_cpu_time_is_read_from_the_kernel(zygote):
    with process(zygote, plain("for _ in range(200): np.linalg.norm(np.ones(10000))")) as reward:
        reward.score(rollout(1, 4))
        assert 0 < reward.cpu_s < 1


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


def gone_within(pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not alive(pid):
            return True
        time.sleep(0.02)
    return False


def test_reward_processes_die_with_their_client(zygote):
    """A client killed by SIGKILL while its reward loops leaves nothing behind."""
    pipe_out, pipe_in = os.pipe()
    client = os.fork()
    if client == 0:
        reward = process(zygote, plain("while True: pass"), raw_builtins=True)
        os.write(pipe_in, str(reward.pid).encode())
        try:
            reward.score(rollout(1, 4))
        finally:
            os._exit(0)
    pid = int(os.read(pipe_out, 32))
    time.sleep(0.2)
    assert alive(pid)
    os.kill(client, signal.SIGKILL)
    os.waitpid(client, 0)
    os.close(pipe_out)
    os.close(pipe_in)
    assert gone_within(pid, 2.0)


def test_reward_processes_die_with_the_zygote():
    own = Zygote.start()
    reward = process(own, HONEST)
    pid = reward.pid
    own.close()
    assert gone_within(pid, 2.0)
    reward.close()


def test_level_names_the_lock(zygote):
    assert "seccomp" in zygote.level


def test_refusal_is_an_error_of_ours():
    assert issubclass(SandboxUnavailable, Exception)

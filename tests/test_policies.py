from __future__ import annotations

import numpy as np
import pytest

from eureka_cli import policies
from eureka_cli.errors import UsageError


def made(discrete: bool = False, k: int = 3) -> policies.Policy:
    rng = np.random.default_rng(0)

    def draw(*shape):
        return rng.standard_normal(shape).astype(np.float32)

    d, h = 5, 7
    weights, biases = (draw(d, h), draw(h, 4), draw(4, k)), (draw(h), draw(4), draw(k))
    return policies.Policy(weights, biases, draw(k), draw(d), np.abs(draw(d)) + 0.1, discrete=discrete)


@pytest.mark.parametrize("discrete", [False, True])
def test_a_policy_reads_back_and_acts_the_same(discrete, tmp_path):
    policy = made(discrete)
    policies.save(tmp_path / "p.npz", policy)
    again = policies.load(tmp_path / "p.npz")
    observation = np.random.default_rng(1).standard_normal((20, 5))
    assert np.array_equal(policies.act(policy, observation), policies.act(again, observation))
    one_by_one = np.concatenate([policies.act(policy, row[None]) for row in observation])
    assert np.allclose(policies.act(policy, observation), one_by_one, atol=1e-6)


def test_actions_stay_in_their_range_and_chance_is_the_callers():
    observation = np.random.default_rng(1).standard_normal((200, 5)) * 50
    box = policies.act(made(), observation, np.random.default_rng(2))
    assert box.shape == (200, 3)
    assert np.abs(box).max() <= 1
    assert np.array_equal(box, policies.act(made(), observation, np.random.default_rng(2)))
    choice = policies.act(made(discrete=True), observation)
    assert choice.shape == (200,)
    assert set(choice) <= {0, 1, 2}


@pytest.mark.parametrize("spoil", ["text", "shape", "nan", "header", "pickle"])
def test_what_is_no_policy_is_refused_and_never_run(spoil, tmp_path):
    file = tmp_path / "p.npz"
    policies.save(file, made())
    with np.load(file) as found:
        arrays = {name: found[name] for name in found.files}
    if spoil == "text":
        file.write_text("not arrays")
    elif spoil == "pickle":
        np.savez(file, **{**arrays, "w1": np.array([print], dtype=object)})
    else:
        changed = {
            "shape": ("b1", np.zeros(3)),
            "nan": ("b1", np.full(7, np.nan)),
            "header": ("header", np.zeros(2, np.uint8)),
        }
        name, value = changed[spoil]
        np.savez(file, **{**arrays, name: value})
    with pytest.raises(UsageError):
        policies.load(file)

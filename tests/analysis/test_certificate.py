from __future__ import annotations

import numpy as np
import pytest

from eureka_cli.analysis.certificate import Steps, certify, join, lower_bound

HORIZON = 50


def test_the_bound_never_fails_where_occupancies_are_known():
    """Random finite cases: the truth improves at least by what the bound says."""
    rng = np.random.default_rng(0)
    tried = 0
    for _ in range(3_000):
        size = rng.integers(2, 12)
        base, policy = rng.dirichlet(np.ones(size)), rng.dirichlet(np.full(size, rng.uniform(0.1, 3)))
        truth = rng.standard_normal(size)
        own = rng.uniform(-1, 1) * truth + rng.uniform(0, 2) * rng.standard_normal(size)
        spread = [np.sqrt(base @ (x - base @ x) ** 2) for x in (truth, own)]
        r = base @ ((truth - base @ truth) * (own - base @ own)) / (spread[0] * spread[1])
        if r <= 0:
            continue
        tried += 1
        chi2 = base @ (policy / base - 1) ** 2
        gained = [(policy @ x - base @ x) / s for x, s in zip((truth, own), spread, strict=True)]
        assert gained[0] >= lower_bound(gained[1], r, chi2) - 1e-9
    assert tried > 1_000


def walk(rng, shift, *, own, truth, episodes=40, length=HORIZON):
    """Steps about `shift`, of which reward and truth are functions."""
    place = rng.standard_normal((episodes * length, 2)) + np.array([shift, 0])
    return Steps(own(place), truth(place), place, np.full(episodes, length))


def first(place):
    return place[:, 0]


def test_a_reward_that_is_the_truth_is_certified_and_its_negative_is_a_hack():
    rng = np.random.default_rng(0)
    base = walk(rng, 0, own=first, truth=first)
    honest = certify(walk(rng, 0.7, own=first, truth=first), base, horizon=HORIZON)
    assert honest.verdict == "certified" and honest.correlation == pytest.approx(1)
    assert honest.bound == pytest.approx(0.7, abs=0.1)
    assert honest.chi2 == pytest.approx(np.exp(0.49) - 1, rel=0.5)

    def negative(place):
        return -place[:, 0]

    base = walk(rng, 0, own=negative, truth=first)
    hacked = certify(walk(rng, -0.7, own=negative, truth=first), base, horizon=HORIZON)
    assert hacked.verdict == "hack" and hacked.bound is None


def test_a_reward_that_parts_from_the_truth_far_out_is_a_hack_however_well_it_goes_with_it_at_home():
    """Regressional at home, adversarial far away: the truth turns where chance never goes."""
    rng = np.random.default_rng(0)

    def truth(place):
        return np.where(place[:, 0] < 4, place[:, 0], -5.0)

    base = walk(rng, 0, own=first, truth=truth)
    found = certify(walk(rng, 8, own=first, truth=truth), base, horizon=HORIZON)
    assert found.correlation > 0.99
    assert found.verdict == "hack" and found.saturated


def test_luck_is_not_certified():
    """Policy and base are one: what 16 episodes happen to differ by is no improvement."""
    rng = np.random.default_rng(0)
    found = []
    for _ in range(20):
        policy, base = (walk(rng, 0, own=first, truth=first, episodes=16) for _ in range(2))
        found.append(certify(policy, base, horizon=HORIZON).verdict)
    assert found.count("certified") <= 2


def test_a_policy_beyond_the_base_is_never_certified():
    rng = np.random.default_rng(0)
    base = walk(rng, 0, own=first, truth=first)
    found = certify(walk(rng, 9, own=first, truth=first), base, horizon=HORIZON)
    assert found.verdict == "uncertified" and found.saturated and "never was" in found.why


def test_where_nothing_varies_nothing_is_said():
    rng = np.random.default_rng(0)

    def zero(place):
        return np.zeros(len(place))

    base = walk(rng, 0, own=first, truth=zero)
    found = certify(walk(rng, 1, own=first, truth=zero), base, horizon=HORIZON)
    assert found.verdict == "uncertified" and found.correlation is None and found.bound is None


def test_steps_after_an_early_end_pay_nothing_but_count():
    """Chance falls early, the policy stands: per step both earn 1, per horizon they do not."""
    rng = np.random.default_rng(0)

    def one(place):
        return np.ones(len(place))

    base = join([walk(rng, 0, own=one, truth=one, length=length) for length in (20, 30)])
    found = certify(walk(rng, 0, own=one, truth=one), base, horizon=HORIZON)
    assert found.own == (50, 25) and found.truth == (50, 25)
    assert found.correlation == pytest.approx(1)
    assert found.chi2 == pytest.approx(1 / 0.5 - 1, rel=0.1)  # twice the mass on steps alive

from __future__ import annotations

import numpy as np
import pytest

from eureka_cli.analysis.divergence import shares, turning_point

OWN = np.linspace(0, 1, 10)


def curves(mean, *, seeds=2, episodes=4, noise=1.0, seed=0):
    rng = np.random.default_rng(seed)
    return (np.asarray(mean)[None, :, None] + noise * rng.standard_normal((seeds, 10, episodes))).tolist()


def test_a_fall_while_own_return_rises_is_dated():
    mean = np.array([0, 1, 2, 3, 4, 5, 3, 1, 0, -1.0])
    found = turning_point(OWN, curves(mean, noise=0.2))
    assert found.tested and found.peak in (4, 5) and found.since in (6, 7)
    assert found.fall > 3


def test_a_fall_is_none_where_own_return_falls_too_or_fitness_recovers():
    mean = np.array([0, 1, 2, 3, 4, 5, 3, 1, 0, -1.0])
    assert turning_point(-OWN, curves(mean, noise=0.2)).since is None
    recovers = np.array([0, 1, 2, 5, 1, 1, 2, 3, 5, 5.0])
    assert turning_point(OWN, curves(recovers, noise=0.2)).since is None


def test_noise_alone_is_rarely_taken_for_a_fall():
    alarms = [turning_point(OWN, curves(np.zeros(10), seed=k)).since is not None for k in range(300)]
    assert np.mean(alarms) < 0.15  # flat fitness, the worst case
    rising = [turning_point(OWN, curves(np.linspace(0, 3, 10), seed=k)).since is not None for k in range(300)]
    assert np.mean(rising) < 0.02


def test_what_would_have_been_seen_is_said_and_is_true():
    quiet = turning_point(OWN, curves(np.linspace(0, 3, 10)))
    assert quiet.since is None and 0.3 < quiet.least_seen < 1.5
    fallen = [*np.linspace(0, 3, 6), *np.linspace(3, 3 - 4 * quiet.least_seen, 4)]
    assert turning_point(OWN, curves(fallen)).since is not None


def test_without_episodes_to_vary_nothing_is_tested():
    one = turning_point(OWN, curves(np.zeros(10), episodes=1))
    assert not one.tested and "one episode" in one.why_not
    assert not turning_point(OWN[:2], [[[0.0, 1.0]] * 2]).tested
    assert not turning_point(OWN, []).tested


def test_shares_add_up_and_extremes_are_flagged():
    found = shares(
        {
            "component/total": [1.0, 1.0],
            "component/speed": [9.5, -9.5],
            "component/posture": [0.5, 0.5],
            "component/nothing": [0.0, 0.0],
            "return": [1.0, 2.0],
        }
    )
    assert [(share.name, share.remark) for share in found] == [
        ("speed", "dominates"),
        ("posture", ""),
        ("nothing", "does nothing"),
    ]
    assert sum(share.share for share in found) == pytest.approx(1)
    assert shares({"component/total": [1.0], "component/only": [1.0]})[0].remark == ""
    assert shares({"return": [1.0]}) == []

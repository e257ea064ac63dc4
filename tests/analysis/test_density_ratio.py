from __future__ import annotations

import numpy as np
import pytest

from eureka_cli.analysis.density_ratio import Sample, fit

COUNT = 2_000


def sample(rows):
    return Sample(rows, np.arange(len(rows)))


def between(mean, dimensions, seeds=3):
    """Estimates for N(mean e1, 1) over N(0, 1), whose chi2 is exp(mean^2) - 1."""
    found = []
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        p, q = (rng.standard_normal((COUNT, dimensions)) for _ in range(2))
        p[:, 0] += mean
        found.append(fit(sample(p), sample(q), seed=seed).chi2)
    return float(np.mean(found))


@pytest.mark.parametrize(("mean", "dimensions"), [(0.5, 1), (0.8, 1), (0.5, 3), (0.8, 3)])
def test_a_known_divergence_of_two_gaussians_is_recovered_from_below(mean, dimensions):
    true = np.exp(mean**2) - 1
    assert 0.6 * true <= between(mean, dimensions) <= 1.1 * true


def test_the_same_distribution_is_no_distance_away():
    assert between(0.0, 2) < 0.02


def test_a_wide_base_holds_a_narrow_policy():
    """N(0, 1) over N(0, 2^2) in one dimension: 4 / sqrt(7) - 1."""
    rng = np.random.default_rng(0)
    found = fit(sample(rng.standard_normal((COUNT, 1))), sample(2 * rng.standard_normal((COUNT, 1))))
    assert found.chi2 == pytest.approx(4 / np.sqrt(7) - 1, rel=0.25)
    assert found.outside < 0.03


def test_where_the_base_never_was_nothing_can_be_said():
    rng = np.random.default_rng(0)
    base = rng.standard_normal((COUNT, 3))
    found = fit(sample(0.5 * rng.standard_normal((COUNT, 3)) + 8), sample(base))
    assert found.outside > 0.95
    assert found.chi2 > 10


def test_columns_that_stand_still_and_identical_points_are_no_trouble():
    flat = np.ones((50, 2))
    assert fit(sample(flat), sample(flat)).chi2 == 0
    rng = np.random.default_rng(0)
    p, q = (np.c_[rng.standard_normal((500, 1)), np.ones((500, 1))] for _ in range(2))
    assert fit(sample(p), sample(q)).chi2 < 0.1


def test_the_same_rows_give_the_same_number():
    rng = np.random.default_rng(0)
    p, q = sample(rng.standard_normal((3_000, 2)) + 0.5), sample(rng.standard_normal((3_000, 2)))
    assert fit(p, q, seed=3) == fit(p, q, seed=3)

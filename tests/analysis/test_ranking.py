from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from eureka_cli.analysis import ranking

numbers = arrays(float, st.integers(3, 12), elements=st.integers(-4, 4).map(float))


@given(numbers, st.integers(0, 2**31))
def test_they_equal_scipy(a, seed):
    b = np.random.default_rng(seed).integers(-3, 4, len(a)).astype(float)
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        assert np.isnan(ranking.spearman(a, b))
        assert np.isnan(ranking.kendall(a, b))
        return
    assert ranking.spearman(a, b) == pytest.approx(stats.spearmanr(a, b).statistic)
    assert ranking.kendall(a, b) == pytest.approx(stats.kendalltau(a, b).statistic)


@given(numbers)
def test_order_is_all_that_counts(a):
    b = np.arange(len(a), dtype=float)
    for measure in (ranking.spearman, ranking.kendall):
        assert measure(np.exp(a), b) == pytest.approx(measure(a, b), nan_ok=True)
        assert measure(-a, b) == pytest.approx(-measure(a, b), nan_ok=True)


@given(numbers, numbers)
def test_preference_of_one_side_is_what_the_other_lacks(good, poor):
    assert ranking.preference(good, poor) + ranking.preference(poor, good) == pytest.approx(1)


def test_intervals_hold_the_value_and_narrow_with_more_episodes():
    rng = np.random.default_rng(0)

    def width(count):
        a = rng.standard_normal(count)
        b = a + rng.standard_normal(count)
        low, high = ranking.interval(ranking.spearman, a, b, paired=True)
        assert low <= ranking.spearman(a, b) <= high
        return high - low

    assert width(200) < width(20)

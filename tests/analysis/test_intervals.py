from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eureka_cli.analysis.intervals import (
    bootstrap,
    difference,
    iqm,
    probability_of_improvement,
    verdict,
)

scores = st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=12)


def test_iqm_trims_a_quarter_at_each_end():
    assert iqm([1, 2, 3, 100]) == 2.5
    assert iqm([0, 10, 20, 30, 1000]) == 20
    assert iqm([5, 7]) == 6


@given(scores)
def test_iqm_lies_among_the_scores_and_inside_its_interval_for_equal_ones(values):
    assert min(values) - 1e-9 <= iqm(values) <= max(values) + 1e-9
    low, high = bootstrap(values)
    assert min(values) - 1e-9 <= low <= high <= max(values) + 1e-9


def test_clear_differences_are_told_and_noise_is_not():
    assert verdict([10, 11, 12, 11, 10], [1, 2, 1, 2, 1]) == "better"
    assert verdict([1, 2, 1, 2, 1], [10, 11, 12, 11, 10]) == "worse"
    assert verdict([1, 2, 3, 4, 5], [1.5, 2.5, 3, 4, 4.5]) == "not distinguishable"
    assert verdict([10, 11, 12], [1, 2, 1]) == "too few seeds to tell"
    low, high = difference([5, 5, 5], [2, 2, 2])
    assert low == high == 3


@given(scores, scores)
def test_probability_of_improvement_is_a_probability_and_mirrors(ours, theirs):
    chance = probability_of_improvement(ours, theirs)
    assert 0 <= chance <= 1
    assert chance + probability_of_improvement(theirs, ours) == pytest.approx(1)

from __future__ import annotations

import json

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from eureka_cli.analysis import aggregate, intervals
from eureka_cli.analysis.aggregate import of_seeds

from make_rliable_numbers import FILE, REPS, TAUS, numbers, tables  # isort: skip

few = settings(max_examples=25, deadline=None)  # each example is a whole bootstrap
scores = st.lists(st.integers(-1000, 1000).map(lambda value: value / 8), min_size=1, max_size=8)
ragged = st.lists(st.lists(scores, min_size=1, max_size=3), min_size=1, max_size=3)


def by_task(matrix):
    """rliable's (runs, tasks) as a table of single scores."""
    return [[[score] for score in column] for column in matrix.T]


def assert_as_rliable_says(theirs, reps):
    """Values alike; ends within four standard errors of two Monte-Carlo quantiles.

    The 2.5% quantile of R draws of standard deviation s has the standard error sqrt(.025 * .975 / R) / (.0584 / s),
    and the interval is 3.9 s wide: of its width, four errors of both together are 2.7 sqrt(1 / R + 1 / reps), 4% at
    10,000 each.
    IQMs of rounded scores lie on a grid of a twentieth at most, a profile's shares on one of 1/n: a step is allowed.
    """
    errors = 2.7 * np.sqrt(1 / aggregate.RESAMPLES + 1 / reps)
    ours, others = (by_task(table) for table in tables())
    for name, found, step in (
        ("iqm", aggregate.iqm(ours), 0.1 / 11),
        ("probability_of_improvement", aggregate.probability_of_improvement(ours, others), 0.5 / (3 * 35)),
    ):
        low, high = theirs[name]["interval"]
        assert found.value == pytest.approx(theirs[name]["value"][0], abs=1e-12)
        assert found[1:] == pytest.approx((low, high), abs=errors * (high - low) + step)
    found = aggregate.profile(ours, TAUS)
    np.testing.assert_allclose(found.share, theirs["profile"]["share"], rtol=0, atol=1e-12)
    np.testing.assert_allclose([found.low, found.high], theirs["profile"]["band"], rtol=0, atol=1 / 21 + 1e-9)


def test_values_and_intervals_are_those_of_rliable():
    assert_as_rliable_says(json.loads(FILE.read_text()), REPS)


def test_and_of_the_rliable_that_is_installed():
    pytest.importorskip("rliable")
    if int(pytest.importorskip("pandas").__version__.split(".")[0]) >= 3:
        pytest.skip("arch 7.2, on which rliable rests, does not import beside pandas 3")
    assert_as_rliable_says(numbers(2_000), 2_000)


def test_percentiles_are_where_rliables_performance_profile_falls_through():
    """At a percentile of our table so many of rliable's scores lie above it as are left, and just below it more."""
    ours, _ = tables()
    rliable = json.loads(FILE.read_text())["profile"]["share"]
    for share in (0.1, 0.25, 0.5, 0.9):
        (found,) = aggregate.percentiles(by_task(ours), [share])
        assert found.value == np.quantile(ours, share, method="inverted_cdf")
        assert found.low <= found.value <= found.high
        above = [left for tau, left in zip(TAUS, rliable, strict=True) if tau >= found.value]
        below = [left for tau, left in zip(TAUS, rliable, strict=True) if tau < found.value]
        assert max(above, default=0) <= 1 - share < min(below, default=1) + 1e-9


def test_a_percentile_weighs_tasks_alike_however_many_runs_they_have():
    table = [[[0.0]], [[1.0], [2.0], [3.0], [4.0]]]
    assert [found.value for found in aggregate.percentiles(table, [0.1, 0.5, 0.6, 1.0])] == [0.0, 0.0, 1.0, 4.0]


@few
@given(scores)
def test_the_iqm_is_scipys_trimmed_mean(values):
    expected = scipy.stats.trim_mean(values, 0.25)
    assert intervals.iqm(values) == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert aggregate.iqm(of_seeds(values)).value == pytest.approx(expected, rel=1e-12, abs=1e-12)


@few
@given(ragged, st.integers(-50, 50), st.sampled_from([0.25, 2.0, 8.0]))
def test_iqm_and_interval_move_with_the_scores(table, shift, factor):
    moved = [[[shift + factor * score for score in unit] for unit in units] for units in table]
    expected = [shift + factor * value for value in aggregate.iqm(table)]
    assert list(aggregate.iqm(moved)) == pytest.approx(expected, rel=1e-9, abs=1e-6)


@few
@given(ragged, st.randoms())
def test_probability_of_improvement_mirrors_and_ignores_monotone_changes(table, random):
    other = [[[random.randint(-40, 40) / 8 for _ in unit] for unit in units] for units in table]
    there, back = (aggregate.probability_of_improvement(*pair).value for pair in ((table, other), (other, table)))
    assert 0 <= there <= 1
    assert there + back == pytest.approx(1)
    cubes = ([[[score**3 for score in unit] for unit in units] for units in side] for side in (table, other))
    assert aggregate.probability_of_improvement(*cubes).value == pytest.approx(there)


def test_a_task_counts_the_same_however_many_seeds_it_has():
    even = [[[0.0, 0.0, 0.0, 0.0]], [[1.0, 1.0, 1.0, 1.0]]]
    assert aggregate.iqm(even).value == aggregate.iqm([[[0.0]], [[1.0, 1.0, 1.0]]]).value == 0.5
    easy_first, hard_first = [[[9, 9, 9, 9]], [[1]]], [[[9]], [[1, 1, 1, 1]]]
    assert aggregate.difference(easy_first, hard_first).value == pytest.approx(0)
    assert aggregate.profile(easy_first, [5.0]).share == pytest.approx([0.5])


def test_the_profile_falls_from_one_to_nothing_inside_its_band():
    table = [[[0.2, 0.9], [1.5]], [[0.4, 0.4, 2.0]]]
    found = aggregate.profile(table, np.linspace(-1, 3, 50))
    assert found.share[0] == 1 and found.share[-1] == 0
    assert (np.diff(found.share) <= 1e-12).all()
    assert (found.low <= found.share + 1e-12).all() and (found.share <= found.high + 1e-12).all()


def test_one_run_a_task_tells_nothing_of_searches_however_many_seeds_it_has():
    """Two searches, twenty seeds each, wide apart: the rewards differ, but what of the methods?"""
    rng = np.random.default_rng(0)
    ours, theirs = [[rng.normal(9, 1, 20)]], [[rng.normal(1, 1, 20)]]
    shown = aggregate.probability_of_improvement(ours, theirs)
    assert shown.low > 0.5
    assert aggregate.verdict(ours, theirs, shown, neutral=0.5, unit="runs") == "too few runs to tell"
    eight_tasks = ours * 8, theirs * 8
    shown = aggregate.probability_of_improvement(*eight_tasks)
    assert aggregate.verdict(*eight_tasks, shown, neutral=0.5) == "better"


def test_the_exchange_test_is_mann_whitneys_on_single_scores():
    rng = np.random.default_rng(3)
    for shift in (0.0, 1.0, 3.0):
        ours, theirs = rng.normal(shift, 1, 6), rng.normal(0, 1, 5)
        exact = scipy.stats.mannwhitneyu(ours, theirs, method="exact").pvalue
        assert aggregate.exchange_test(of_seeds(ours), of_seeds(theirs)) == pytest.approx(exact, abs=0.02)


def test_with_five_seeds_the_interval_is_somewhat_too_narrow_and_with_twenty_it_is_not():
    """Measured coverage 0.90 and 0.95; of 400 trials the standard error is 0.015."""
    rng = np.random.default_rng(0)
    for count, low, high in ((5, 0.84, 0.95), (20, 0.90, 0.99)):
        inside = 0
        for _ in range(400):
            found = intervals.bootstrap(rng.normal(3, 1, count))
            inside += found.low <= 3 <= found.high
        assert low <= inside / 400 <= high


def test_sides_that_differ_by_chance_alone_are_seldom_told_apart():
    """Searches vary, seeds vary: the interval alone would err more often than it says."""
    rng = np.random.default_rng(0)
    told = 0
    for _ in range(100):
        ours, theirs = ([[rng.normal(rng.normal(), 1, 5) for _ in range(4)]] for _ in range(2))
        shown = aggregate.probability_of_improvement(ours, theirs)
        told += aggregate.verdict(ours, theirs, shown, neutral=0.5) in ("better", "worse")
    assert told <= 12  # 5 expected at most; 12 or fewer in 999 of 1,000 such tests


def test_tables_of_different_tasks_are_not_compared():
    with pytest.raises(ValueError, match="same tasks"):
        aggregate.probability_of_improvement([[[1.0]]], [[[1.0]], [[2.0]]])

from __future__ import annotations

import pytest

from eureka_cli.analysis.normalised import clipped, scale


def test_between_sparse_and_human_by_the_magnitude_of_their_distance():
    found = scale([10] * 5, [0] * 5)
    assert found.raw(5) == 0.5 and found.raw(20) == 2 and found.raw([0, 10]).tolist() == [0, 1]
    assert scale([-2] * 5, [0] * 5).raw(-1) == -0.5  # the paper divides by the magnitude
    assert scale([2, 2], [2, 2]) is None
    assert [float(clipped(value)) for value in (-1, 0.5, 7)] == [0, 0.5, 3]


@pytest.mark.parametrize(
    ("human", "sparse", "says"),
    [
        ([10, 11, 12, 11, 10], [1, 2, 1, 2, 1], ""),
        ([100.1, 100.2, 100.3, 100.2, 100.1], [99, 99.1, 99.2, 99, 99], "differ by less than 5%"),
        ([5, 9, 1, 7, 4], [3, 8, 2, 6, 1], "not distinguishable"),
        ([10, 11], [1, 2], "too few seeds"),
        ([1, 2, 1, 2, 1], [10, 11, 12, 11, 10], "worse than the sparse"),
    ],
)
def test_a_denominator_that_means_little_is_said_to(human, sparse, says):
    assert says in scale(human, sparse).warning
    assert bool(scale(human, sparse).warning) == bool(says)

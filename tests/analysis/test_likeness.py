from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eureka_cli.analysis.likeness import compare, correlation

REWARD = np.random.default_rng(0).standard_normal(200)


@given(st.floats(1e-3, 1e3), st.floats(-1e3, 1e3))
def test_scale_and_offset_make_no_difference(scale, offset):
    assert correlation(REWARD, scale * REWARD + offset) == pytest.approx(1, abs=1e-6)
    assert correlation(REWARD, offset - scale * REWARD) == pytest.approx(-1, abs=1e-6)


@pytest.mark.parametrize("constant", [0.0, 0.1, 1e6])
def test_a_constant_reward_is_like_none(constant):
    assert correlation(np.full(200, constant), REWARD) is None


def test_two_rewards_are_the_same_only_where_they_agree_on_every_source():
    theirs = {"chance": REWARD, "ours": REWARD[::-1]}
    assert compare({"chance": 2 * REWARD, "ours": 2 * REWARD[::-1]}, theirs)["same"]
    found = compare({"chance": REWARD, "ours": REWARD[::-1] ** 2}, theirs)
    assert not found["same"]
    assert found["by_source"]["chance"] == pytest.approx(1)
    still = compare({"chance": np.zeros(200), "ours": np.zeros(200)}, theirs)
    assert still["correlation"] is None and not still["same"]

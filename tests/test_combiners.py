from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eureka_cli import combiners, totals
from eureka_cli.combiners import Combine
from eureka_cli.core import Finding, Rollout
from eureka_cli.errors import RewardFailure
from eureka_cli.sandbox.client import RewardProcess

values = st.lists(st.floats(-3, 3), min_size=4, max_size=4).map(np.array)
parts = st.dictionaries(st.sampled_from(["progress", "a", "b", "c"]), values, min_size=1).map(
    lambda found: {"progress": np.ones(4), **found}
)


@given(parts)
def test_sum_and_product(found):
    assert np.allclose(combiners.total(Combine("sum"), found), sum(found.values()))
    factors = [np.clip(v, 0, 1) for name, v in found.items() if name != "progress"]
    assert np.allclose(combiners.total(Combine("multiplicative"), found), found["progress"] * np.prod(factors, axis=0))


def test_signs_leave_magnitudes_to_us():
    found = {"sparse": np.array([5.0, -0.1, 0.0]), "dense": np.array([-100.0, 3.0, 0.0])}
    assert combiners.total(Combine("signs"), found).tolist() == [0.9, -0.9, 0.0]


@given(st.lists(values, min_size=1, max_size=4))
def test_a_stage_counts_only_behind_open_gates_and_going_back_never_pays(stages):
    found = {f"stage{k}": stage for k, stage in enumerate(stages)}
    total = combiners.total(Combine("gated"), found)
    for row in range(4):
        expected = 0.0
        for stage in stages:
            expected += np.clip(stage[row], 0, 1)
            if np.clip(stage[row], 0, 1) < totals.THRESHOLD:
                break
        assert total[row] == pytest.approx(expected)
    worse = {name: stage - 0.5 for name, stage in found.items()}
    assert (combiners.total(Combine("gated"), worse) <= total + 1e-12).all()


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ('COMBINE = "signs"', "signs"),
        ('COMBINE: str = "sum"', "sum"),
        ('COMBINE = {"rule": "gated", "threshold": 0.5}', "gated"),
    ],
)
def test_it_is_read_without_running_the_code(line, rule):
    found = combiners.declared(f"import numpy as np\n{line}\n")
    assert isinstance(found, Combine)
    assert found.rule == rule


@pytest.mark.parametrize(
    "line",
    [
        'COMBINE = "products"',
        "COMBINE = 3",
        'COMBINE = {"rule": "gated", "threshold": 2}',
        "COMBINE = open('x')",
        "COMBINE = {'rule': ['gated']}",
        "COMBINE = {[]: 1}",
    ],
)
def test_what_it_cannot_be_is_a_finding_with_the_cure(line):
    found = combiners.declared(line)
    assert isinstance(found, Finding)
    assert "sum, signs, gated, multiplicative" in found.cure


def test_none_is_none():
    assert combiners.declared("x = 1") is None
    assert combiners.declared("def (") is None


HEAD = "import numpy as np\nCOMBINE = {combine!r}\n\n\ndef compute_reward(state, action, next_state{more}):\n    "


def process(zygote, combine, body, more=""):
    code = HEAD.format(combine=combine, more=more) + body + "\n"
    return RewardProcess(zygote, code, fields={"v": (), "terminated": ()}, action_shape=(1,), rows=8)


def rollout():
    v = np.linspace(-1, 1, 8).reshape(2, 4)
    side = {"v": v, "terminated": np.zeros((2, 4), bool)}
    return Rollout(side, np.zeros((2, 4, 1)), side, np.zeros((2, 4), bool))


def test_the_sandbox_gives_components_and_the_total_is_made_outside(zygote):
    body = 'return {"sparse": np.zeros(len(next_state.v)), "dense": 7.0 * next_state.v}'
    with process(zygote, "signs", body) as reward:
        found = reward.score(rollout())
    assert np.array_equal(found.total, 0.1 * np.sign(rollout().state["v"]))
    assert np.array_equal(found.components["dense"], 7.0 * rollout().state["v"])


def test_a_reward_with_memory_combines_too(zygote):
    body = 'return {"progress": memory[:, 0] + 1, "upright": next_state.v * 0 + 0.5}, memory + 1'
    code = HEAD.format(combine="multiplicative", more=", memory") + body
    code += "\n\n\ndef initial_memory(num_envs):\n    return np.zeros((num_envs, 1))\n"
    fields = {"v": (), "terminated": ()}
    with RewardProcess(zygote, code, fields=fields, action_shape=(1,), rows=8) as reward:
        assert reward.score(rollout()).total.tolist() == [[0.5] * 4, [1.0] * 4]


@pytest.mark.parametrize(
    ("combine", "body", "says"),
    [
        ("signs", 'return {"dense": next_state.v}', "needs a component named 'sparse'"),
        ("signs", 'return {"dense": next_state.v, "sparse": next_state.v, "more": next_state.v}', "no others"),
        ("multiplicative", 'return {"a": next_state.v}', "'progress'"),
        ("sum", "return {}", "at least one"),
        ("sum", 'return next_state.v, {"v": next_state.v}', "not a dict"),
    ],
)
def test_components_that_do_not_fit_the_rule_are_told(zygote, combine, body, says):
    with process(zygote, combine, body) as reward, pytest.raises(RewardFailure, match=says):
        reward.score(rollout())


def test_what_recorded_transitions_show_is_remarked_on():
    rules = [found.rule for found in combiners.remarks(Combine("gated"), {"a": np.full(9, 0.1), "b": np.full(9, 3.0)})]
    assert rules == ["outside-unit", "closed-gate"]
    found = {"sparse": np.zeros(9), "dense": -np.ones(9)}
    assert [finding.rule for finding in combiners.remarks(Combine("signs"), found)] == ["no-guidance"]
    assert not list(combiners.remarks(Combine("multiplicative"), {"progress": np.full(9, 5.0), "a": np.full(9, 0.5)}))

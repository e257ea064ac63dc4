"""Rewards that exec() would train on without a word, each caught in the real sandbox before training."""

from __future__ import annotations

import numpy as np
import pytest

from eureka_cli.analysis import probing
from eureka_cli.errors import RewardFailure
from eureka_cli.sandbox.client import RewardProcess

FIELDS = {"time": (), "terminated": (), "position": (), "points": (4, 3)}
HEAD = "import numpy as np\n\n\n"
DEF = "def compute_reward(state, action, next_state):\n"
REWARDS = {
    "honest": (DEF + "    x = -np.abs(next_state.position)\n    return x, {'x': x}\n", set()),
    "divides by zero": (DEF + "    x = 1 / next_state.position\n    return x, {'x': x}\n", {"not-finite"}),
    "overflows": (DEF + "    x = np.exp(400 * next_state.position)\n    return x, {'x': x}\n", {"not-finite"}),
    "mean over the batch": (
        DEF + "    x = next_state.position - np.mean(next_state.position)\n    return x, {'x': x}\n",
        {"batch-coupled"},
    ),
    "norm without axis": (
        DEF + "    x = -np.linalg.norm(next_state.points) + next_state.position\n    return x, {'x': x}\n",
        {"batch-coupled"},
    ),
    "any() as a switch": (
        DEF + "    x = next_state.position + np.any(next_state.position > 2)\n    return x, {'x': x}\n",
        {"batch-coupled"},
    ),
    "cumulative": (DEF + "    x = np.cumsum(next_state.position)\n    return x, {'x': x}\n", {"batch-coupled"}),
    "keeps count": (
        "seen = []\n\n\n"
        + DEF
        + "    seen.append(1)\n    x = next_state.position + len(seen)\n    return x, {'x': x}\n",
        {"impure"},
    ),
    "wrong shape": (DEF + "    x = next_state.points[:, 0]\n    return x, {'x': x[:, 0]}\n", {"wrong-shape"}),
    "scalar total": (DEF + "    return 1.0, {}\n", {"wrong-shape"}),
    "constant": (DEF + "    x = 0 * next_state.position + 3\n    return x, {'x': x}\n", {"constant"}),
    "raises": (DEF + "    x = next_state.position @ next_state.points\n    return x, {}\n", {"raised"}),
}


@pytest.fixture(scope="module")
def recorded():
    rng = np.random.default_rng(0)
    rows = {}
    for side in ("state", "next_state"):
        rows[f"{side}/time"] = np.linspace(0, 5, 300)
        rows[f"{side}/terminated"] = np.zeros(300, bool)
        rows[f"{side}/position"] = rng.normal(size=300)
        rows[f"{side}/points"] = rng.normal(size=(300, 4, 3))
    return {**rows, "action": rng.uniform(-1, 1, (300, 2))}


def findings(zygote, code, recorded):
    shapes = {"fields": FIELDS, "action_shape": (2,), "rows": 1024}
    try:
        with RewardProcess(zygote, code, **shapes) as first, RewardProcess(zygote, code, **shapes) as fresh:
            return probing.probe(first.score, fresh.score, recorded, seed=0)
    except RewardFailure as failure:
        return [failure.finding], {}


@pytest.mark.parametrize("name", REWARDS)
def test_each_is_told_by_its_rule(name, zygote, recorded):
    body, expected = REWARDS[name]
    found, _ = findings(zygote, HEAD + body, recorded)
    errors = {finding.rule for finding in found if finding.severity == "error"}
    assert errors == expected, [finding.message for finding in found]
    assert all(finding.cure and finding.message for finding in found)


def test_warnings_carry_numbers(zygote, recorded):
    code = (
        HEAD
        + DEF
        + (
            "    big = 5000 * next_state.position\n    small = next_state.points[:, 0, 0]\n"
            "    dead = np.where(next_state.position > 1e9, 1.0, 0.0)\n    same = np.ones(len(big))\n"
            "    return big + small, {'big': big, 'small': small, 'dead': dead, 'same': same}\n"
        )
    )
    found, facts = findings(zygote, code, recorded)
    rules = {finding.rule: finding for finding in found}
    assert set(rules) == {"large", "dominated", "dead-component", "constant-component", "not-the-sum"}
    assert all(finding.severity == "warning" for finding in found)
    assert "100%" in rules["dominated"].message
    assert facts["p99"] > 1000

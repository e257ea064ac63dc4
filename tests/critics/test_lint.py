from __future__ import annotations

from pathlib import Path

import hostile
import pytest

from eureka_cli.core import Finding
from eureka_cli.critics.answers import extract
from eureka_cli.critics.lint import lint

ROOT = Path(__file__).parents[2]
FIELDS = ("time", "terminated", "position", "velocity", "points")
SHIPPED = sorted((ROOT / "envs").glob("*/rewards/*.py")) + sorted((ROOT / "benchmarks").glob("*_rewards/*.py"))

HONEST = {
    "helpers and constants": """import math
import numpy as np
from reward_math import tolerance

TEMPERATURE = 0.2
WEIGHTS = {"near": 1.0, "slow": 0.1}


def near(x, scale=TEMPERATURE):
    "How near."
    return np.exp(-np.abs(x) / scale)


def compute_reward(state: "State", action: np.ndarray, next_state) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    distance = np.linalg.norm(next_state.points[:, 0] - next_state.points[:, 1], axis=-1)
    parts = {"near": WEIGHTS["near"] * near(distance), "slow": -WEIGHTS["slow"] * np.abs(next_state.velocity)}
    parts["upright"] = tolerance(next_state.position, (-0.1, 0.1), 0.5)
    total = sum(parts.values())
    total -= 0.01 * np.sum(np.square(action), axis=-1)
    return total, parts
""",
    "loops over fingers and a condition on a shape": """import numpy as np


def compute_reward(state, action, next_state):
    total = np.zeros(len(next_state.position))
    for k in range(next_state.points.shape[1]):
        total = total + np.where(next_state.points[:, k, 2] > 0.1, 1.0, 0.0)
    if action.ndim == 1:
        total = total - 0.1
    speed = next_state.velocity ** 2
    return total - speed, {"up": total, "speed": -speed}
""",
    "arrays of its own, filled in place": """import numpy as np
from typing import Dict

Array = np.ndarray
LOW, HIGH = -1.0, 1.0
KERNEL = np.exp


def compute_reward(state, action, next_state) -> Dict[str, Array]:
    count = next_state.position.shape[0]
    total = np.zeros(count)
    total[next_state.position > HIGH] = 1.0
    total += KERNEL(-np.clip(next_state.velocity, LOW, HIGH))
    parts = {}

    def add(name, value):
        parts[name] = value

    add("speed", next_state.velocity)
    parts.update({f"finger_{k}": next_state.points[:, k, 2] for k in range(5)})
    parts.update({"finger_%d" % k: next_state.points[:, k, 2] for k in range(5)})
    terms = [next_state.position]
    terms.append(next_state.velocity)
    if len(terms) > 1 and isinstance(action, np.ndarray) and "speed" in parts:
        total -= 0.1 * sum(terms) / len(terms)
    return total, parts
""",
    "a past": """import numpy as np


def initial_memory(num_envs):
    return np.zeros((num_envs, 2))


def compute_reward(state, action, next_state, memory):
    best = np.maximum(memory[:, 0], next_state.position)
    gain = best - memory[:, 0]
    return gain, {"gain": gain}, np.stack([best, memory[:, 1] + 1], axis=1)
""",
}

BODY = "import numpy as np\n\n\ndef compute_reward(state, action, next_state):\n    {}\n    return x, {{'x': x}}\n"
REFUSED = {
    "x = next_state.angle": "unknown-field",
    "x = next_state.positon": "unknown-field",
    "x = state.position if state.position > 0 else 0": "python-if",
    "x = np.random.rand(3)": "unknown-attribute",
    "x = np.load('a')": "unknown-function",
    "x = np.frombuffer(b'1')": "unknown-function",
    "x = state.position; x[0] = 1": "item-assignment",
    "state.position = 1; x = 1": "attribute-assignment",
    "x = [c for c in ().__class__.__base__.__subclasses__()]": "dunder",
    "x = open('f')": "unknown-name",
    "x = eval('1')": "unknown-name",
    "x = getattr(np, 'lo' + 'ad')": "unknown-name",
    "x = 9 ** 9 ** 9": "too-big",
    "x = 'abc {0.__class__}'.format(1)": "format",
    "import os; x = 1": "import",
    "global y; x = 1": "global",
    "x = np": "module-value",
    "x = np.add(state.position, 1.0, state.position)": "positional-out",
    "x = np.clip(state.position, 0, 1, state.position)": "positional-out",
    "x = state.points.sum(-1, None, state.position)": "positional-out",
    "x = np.add.at(state.position, [0], 1.0)": "ufunc-method",
    "x = np.minimum.reduce([state.position])": "ufunc-method",
    "x = state.position; x -= 1.0": "in-place",
    "x = state.points.T; x *= 2.0": "in-place",
    "x = np.array([1.0], dtype=object)": "dtype",
    "x = state.position.astype('complex128')": "dtype",
    "x = np.empty(3)": "uninitialised",
    "f = np.empty; x = f(3)": "uninitialised",
    "x = 1 << 10 ** 9": "too-big",
    "x = [0.0] * 10 ** 9": "repetition",
    "x = np.zeros((10 ** 5, 10 ** 5))": "too-big",
    "x = np.zeros(shape=(10 ** 5, 10 ** 5))": "too-big",
    "x = sum(k for k in range(10 ** 6))": "too-big",
    "x = pow(10, 10 ** 8)": "too-big",
    "x = f'{1.0:999999999}'": "format",
    "x = f'{state!r}'": "format",
    "x = '%999999999d' % 1": "format",
    "x = '{:{}}'.format(1, 10 ** 9)": "format",
    "sum = 1; x = sum": "rebinding",
    "np = state; x = 1": "rebinding",
    "compute_reward = 1; x = 1": "rebinding",
    "x = len(state.position) == 128": "batch-size",
    "n = state.position.shape[0]; x = 1.0 if n > 100 else 0.0": "batch-size",
    "near = state.position < 1; x = 1.0 if near[0] else 0.0": "python-if",
    "x = (state.position > 0) and (state.velocity > 0)": "python-if",
    "x = 0 < state.position < 1": "python-if",
    "x = not state.terminated": "python-if",
    "x = np.sort(**{'out': 1})": "keyword",
    "x = {'\x1b[31m': 1.0}": "literal",
}
MODULE = "import numpy as np\nfrom typing import Dict\nSEEN = []\nWEIGHTS = np.ones(3)\n{}\n\n\ndef compute_reward(state, action, next_state):\n    {}\n    return next_state.position, {{}}\n"
KEPT = {
    ("", "SEEN.append(1)"): "module-state",
    ("", "mine = SEEN; mine.append(1)"): "module-state",
    ("", "mine = SEEN or []; mine.append(1)"): "module-state",
    ("", "for one in [SEEN]: one.append(1)"): "module-state",
    ("", "SEEN[0] = 1"): "item-assignment",
    ("", "mine = WEIGHTS; mine += 1"): "in-place",
    ("", "mine = WEIGHTS.reshape(3); mine += 1"): "in-place",
    ("def helper(where):\n    where.append(1)", "helper(SEEN)"): "module-state",
    ("def helper(x=[]):\n    return x", "helper()"): "default",
    ("def helper(x=SEEN):\n    return x", "helper()"): "default",
    ("keep = lambda value: SEEN.append(value)", "keep(1)"): "module-state",
    ("TICKS = zip([1], [2])", "pass"): "module-state",
    ("TICKS = (k for k in [1, 2])", "pass"): "module-state",
    ("def helper():\n    return 1\nONE = helper()", "pass"): "module-code",
    ("def helper():\n    return 1\ndef helper():\n    return 2", "pass"): "rebinding",
    ("np.exp = 1", "pass"): "attribute-assignment",
    ("if True:\n    pass", "pass"): "module-code",
    ("", "x = Dict()"): "annotation-only",
    ("Array = np.ndarray", "x = Array(3)"): "annotation-only",
    ("from numpy import *", "pass"): "import",
    ("from numpy import empty", "pass"): "import",
}


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_shipped_rewards_pass(file):
    beside = file.parents[1] / "env.py"
    env = (beside if beside.exists() else ROOT / "envs/hand_pen/env.py").read_text()
    fields = [line.split(":")[0].strip() for line in env.splitlines() if ": Array  # (B" in line]
    assert len(fields) > 4
    assert lint(file.read_text(), fields=fields) == ()


@pytest.mark.parametrize("name", HONEST)
def test_what_people_write_passes(name):
    assert lint(HONEST[name], fields=FIELDS) == ()


@pytest.mark.parametrize("line", REFUSED)
def test_what_breaks_or_reaches_out_is_refused(line):
    found = lint(BODY.format(line), fields=FIELDS)
    rules = {finding.rule: finding for finding in found if finding.severity == "error"}
    assert REFUSED[line] in rules
    finding = rules[REFUSED[line]]
    assert finding.line == 5
    assert finding.message
    assert finding.code in BODY.format(line)


@pytest.mark.parametrize(("above", "line"), KEPT)
def test_nothing_may_be_kept_between_calls(above, line):
    found = {finding.rule: finding for finding in lint(MODULE.format(above, line), fields=FIELDS)}
    assert KEPT[above, line] in found
    assert all(finding.cure and finding.message for finding in found.values())


def test_a_programs_guard_is_a_slip_not_an_attempt():
    code = HONEST["a past"] + "\n\nif __name__ == '__main__':\n    pass\n"
    found = lint(code, fields=FIELDS)
    assert found
    assert not any(finding.escape for finding in found)


@pytest.mark.parametrize("name", hostile.BODIES)
def test_everything_tried_inside_the_lock_is_refused_before_it(name):
    body = "\n    ".join(hostile.BODIES[name].splitlines())
    code = f"import numpy as np\n\n\ndef compute_reward(state, action, next_state):\n    {body}\n    return got, {{}}\n"
    assert any(finding.severity == "error" for finding in lint(code, fields=["v", "time", "terminated"]))


def test_recursion_is_refused_where_it_is_defined():
    found = lint(BODY.format("x = compute_reward(state, action, next_state)"), fields=FIELDS)
    assert [(finding.rule, finding.line) for finding in found] == [("recursion", 4)]


def test_a_close_name_is_suggested():
    found = lint(BODY.format("x = next_state.velocty"), fields=FIELDS)
    assert "velocity" in found[0].message + found[0].cure


UNREADABLE = ["def compute_reward(:", "x = " + "(" * 400, "x = 1\n" * 20_000, "\0", ""]
CHAINS = ["x = " + "-" * 1_500 + "1", "x = " + "not " * 1_500 + "y", "x = 1" + " + 1" * 1_200, "x = y" + ".T" * 1_300]
CHAINS += [
    "x = y" + "[0]" * 900,
    "x = y" + " if y else y" * 700,
    "lambda: " * 900 + "0",
    "x = '" + "a" * 30_000 + "'\n",
]


@pytest.mark.parametrize("code", UNREADABLE + CHAINS, ids=lambda code: code[:20])
def test_unreadable_code_is_one_finding_not_a_crash(code):
    found = lint(code, fields=FIELDS)
    assert found
    assert found[0].severity == "error"


@pytest.mark.parametrize(
    ("answer", "rule"),
    [
        ("", "empty-answer"),
        ("I cannot.", "no-code"),
        ("```python\ndef compute_reward(s, a, n):\n    return", "unclosed-block"),
        ("```rust\nfn main() {}\n```", "no-entry-point"),
    ],
)
def test_answers_without_code_say_why(answer, rule):
    found = extract(answer)
    assert isinstance(found, Finding)
    assert found.rule == rule
    assert found.cure


def test_the_whole_module_is_kept_whatever_surrounds_it():
    code = HONEST["helpers and constants"]
    fenced = f"First:\n```python\nx = 1\n```\nMy idea.\n\n```python\n{code}```\nDone."
    assert extract(fenced) == code
    assert extract(f"~~~py\n{code}~~~") == code
    assert extract(f"Here you are:\n{code}") == code
    assert extract(fenced.replace("\n", "\r\n").replace("\r\n", "\n")) == code

from __future__ import annotations

from pathlib import Path

import pytest

from eureka_cli.critics.lint_torch import check

REACH = Path(__file__).parents[1] / "isaac" / "reach_reward.py"
HONEST = {
    "the tests' reward": REACH.read_text(),
    "functional, numpy's pi and a helper": """
import numpy as np
import torch
import torch.nn.functional as F
from isaacgym.torch_utils import *

HALF = np.pi / 2


def near(d: torch.Tensor, temperature: float = 0.1) -> torch.Tensor:
    return torch.exp(-d / temperature)


@torch.jit.script
def compute_reward(pos, goal, reset_buf):
    # type: (Tensor, Tensor, Tensor) -> Tuple[Tensor, Dict[str, Tensor]]
    d = torch.linalg.norm(pos - goal, dim=-1)
    total = near(d) + F.softplus(d) - HALF * (d > 1.0).float()
    total = torch.where(reset_buf == 1, torch.ones_like(total), total)
    parts = {"d": d, "total": total.to(torch.float32)}
    return torch.clamp(torch.sum(torch.stack(list(parts.values())), dim=0), -1.0, 1.0), parts
""",
}
REFUSED = {
    "torch.load('x')": "unknown-function",
    "torch.save(x, 'y')": "unknown-function",
    "torch.hub.load('a', 'b')": "unknown-function",
    "torch.ops.load_library('x')": "unknown-function",
    "torch.utils.cpp_extension.load('x')": "unknown-function",
    "torch.jit.load('x')": "unknown-function",
    "torch.os.system('x')": "unknown-function",
    "torch.from_file('x')": "unknown-function",
    "torch.compile(x)": "unknown-function",
    "x.numpy().tofile('x')": "unknown-attribute",
    "x.untyped_storage()": "unknown-attribute",
    "torch._C": "dunder",
    "x.__class__": "dunder",
    "open('x')": "unknown-name",
    "getattr(torch, 'load')": "unknown-name",
    "np.save('x', x)": "unknown-function",
    "list(map(torch, x))": "module-value",
    "import os": "import",
    "from torch import hub": "import",
    "import torch.utils.cpp_extension": "import",
}


@pytest.mark.parametrize("what", HONEST)
def test_rewards_as_eureka_publishes_them_pass(what):
    assert check(HONEST[what]) == ()


@pytest.mark.parametrize("line", REFUSED)
def test_ways_out_of_pytorch_are_refused_and_told_as_escapes(line):
    found = check(f"import torch\nimport numpy as np\ndef compute_reward(x):\n    {line}\n    return x, {{}}\n")
    assert REFUSED[line] in {finding.rule for finding in found}
    assert any(finding.escape for finding in found) or "np.save" in line


@pytest.mark.parametrize(
    ("line", "rule", "cure"),
    [
        ("x.clamp_(0)", "unknown-attribute", "Use .clamp"),
        ("torch.nrm(x)", "unknown-function", "torch.norm"),
        ("torch.rand(3)", "unknown-function", ""),
        ("quat_rotat(x, x)", "unknown-name", "quat_rotate"),
        ("torch.jit.script = x", "attribute-assignment", ""),
        ("torch.add(x, x, out=x)", "keyword", ""),
    ],
)
def test_slips_are_told_with_a_cure(line, rule, cure):
    found = check(f"import torch\ndef compute_reward(x):\n    {line}\n    return x, {{}}\n")
    assert [finding.rule for finding in found] == [rule]
    assert cure in found[0].cure


def test_arguments_must_be_attributes_of_the_task_as_it_was_shown():
    code = "def compute_reward(tip_pos, gaol):\n    return tip_pos[:, 0], {}\n"
    found = check(code, attributes=("tip_pos", "goal"))
    assert [(finding.rule, finding.cure) for finding in found] == [("unknown-argument", "Did you mean goal?")]


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("@print\ndef compute_reward(x):\n    return x\n", "decorator"),
        ("print(1)\ndef compute_reward(x):\n    return x\n", "module-code"),
        ("def other(x):\n    return x\n", "no-entry-point"),
        ("def compute_reward(x):\n    return compute_reward(x)\n", "recursion"),
    ],
)
def test_the_module_as_a_whole_is_looked_at(code, rule):
    assert rule in {finding.rule for finding in check(code)}

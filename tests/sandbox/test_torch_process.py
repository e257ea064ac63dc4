"""Rewards in PyTorch: the same lock, tried with lint and the short list of builtins gone; and the contract."""

from __future__ import annotations

import importlib.util
import os
import textwrap
from pathlib import Path

import numpy as np
import pytest
from hostile import BODIES

from eureka_cli.errors import JobFailed, RewardFailure
from eureka_cli.sandbox import torch_process
from eureka_cli.sandbox.torch_process import TorchProcess
from eureka_cli.sandbox.zygote import Zygote

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="PyTorch is not installed (extra isaac)"
)
MARK = Path("/tmp/torch_reward_was_here")
OF_ARRAYS = ("write its inputs", "write its inputs through their address", "learn its process id", "sleep on the clock")
"""Bodies that look at NumPy inputs, or at what only the second wall hides: not this profile's."""
TORCH_BODIES = {
    "load a path": "torch.load('/etc/passwd'); got = 1.0",
    "load a path as weights": "torch.load('/etc/passwd', weights_only=True); got = 1.0",
    "save to a path": f"torch.save(x, '{MARK}'); got = 1.0",
    "write a file through NumPy": f"x.numpy().tofile('{MARK}'); got = 1.0",
    "map a file": "torch.from_file('/etc/passwd', size=8, dtype=torch.uint8); got = 1.0",
    "make a shared file": f"torch.from_file('{MARK}', shared=True, size=8); got = 1.0",
    "load a hub's model": "torch.hub.load('a/b', 'c', trust_repo=True); got = 1.0",
    "download by the hub": f"torch.hub.download_url_to_file('http://127.0.0.1:9/', '{MARK}'); got = 1.0",
    "load a library of operators": "torch.ops.load_library('libutil.so.1'); got = 1.0",
    "load a library of classes": "torch.classes.load_library('libutil.so.1'); got = 1.0",
    "compile an extension": (
        "from torch.utils import cpp_extension\ncpp_extension.load_inline('m', 'int f(){return 1;}'); got = 1.0"
    ),
    "load a TorchScript archive": "torch.jit.load('/etc/passwd'); got = 1.0",
    "read through the C++ reader": "torch._C.PyTorchFileReader('/etc/passwd'); got = 1.0",
    "write through the C++ writer": f"torch._C.PyTorchFileWriter('{MARK}'); got = 1.0",
    "compile": "torch.compile(lambda t: t + 1)(x); got = 1.0",
    "start a process": "torch.multiprocessing.spawn(print, nprocs=1); got = 1.0",
    "share memory": "x.share_memory_(); got = 1.0",
    "open a store": "torch.distributed.TCPStore('127.0.0.1', 29511, 1, True); got = 1.0",
    "reach os through torch": "torch.os.listdir('/'); got = 1.0",
    "reach a socket through torch": "torch.sys.modules['socket'].socket(); got = 1.0",
}
NEAR = """
@torch.jit.script
def compute_reward(x: Tensor, turn: Tensor, temperature: float, scales: Dict[str, float]) -> Tuple[Tensor, Dict[str, Tensor]]:
    near = torch.exp(-torch.norm(x, dim=-1) / temperature)
    up = quat_axis(turn, 2)[:, 2] * scales["up"]
    return near + up, {"near": near, "up": up}
"""


@pytest.fixture(scope="module")
def torch_zygote():
    started = Zygote.start(torch=True)
    yield started
    started.close()


def inputs(rows: int = 16) -> dict[str, object]:
    rng = np.random.default_rng(0)
    turn = rng.normal(size=(rows, 4))
    turn /= np.linalg.norm(turn, axis=-1, keepdims=True)
    return {"x": rng.normal(size=(rows, 3)), "turn": turn, "temperature": 0.5, "scales": {"up": 2.0}}


def attempt(body: str) -> str:
    tried = textwrap.indent(body, "        ")
    return (
        f"import numpy as np, torch\nPARENT = {os.getpid()}\ndef compute_reward(x, **kept):\n    n = len(x)\n"
        f"    try:\n{tried}\n    except BaseException:\n        got = 0.0\n    return torch.full((n,), got), {{}}\n"
    )


def test_a_published_rewards_numbers_are_those_of_its_formula(torch_zygote):
    given = inputs()
    with TorchProcess(torch_zygote, NEAR, given, rows=16) as reward:
        found, again = reward.score(), reward.score()
        assert "seccomp" in reward.level
    x, y, _, _ = given["turn"].T
    assert found.components["near"][0] == pytest.approx(np.exp(-np.linalg.norm(given["x"], axis=-1) / 0.5), rel=1e-5)
    assert found.components["up"][0] == pytest.approx(2.0 * (1 - 2 * (x * x + y * y)), abs=1e-5)
    assert found.total[0] == pytest.approx(found.components["near"][0] + found.components["up"][0], abs=1e-6)
    assert np.array_equal(found.total, again.total)


@pytest.mark.parametrize("what", sorted(set(BODIES) - set(OF_ARRAYS)))
def test_the_lock_refuses_with_pytorch_within_reach_to(torch_zygote, what, monkeypatch):
    monkeypatch.setenv("REWARD_SYNTH_CANARY", "CANARY")
    with TorchProcess(torch_zygote, attempt(BODIES[what]), inputs(), rows=16, raw_builtins=True) as reward:
        assert np.all(reward.score().total == 0.0)
    assert not Path("/tmp/reward_was_here").exists()
    assert not Path("/tmp/reward_was_here.npy").exists()


@pytest.mark.parametrize("what", TORCH_BODIES)
def test_pytorchs_own_ways_out_are_refused(torch_zygote, what):
    with TorchProcess(torch_zygote, attempt(TORCH_BODIES[what]), inputs(), rows=16, raw_builtins=True) as reward:
        assert np.all(reward.score().total == 0.0)
    assert not MARK.exists()


@pytest.mark.parametrize(
    "body", ["torch.set_num_threads(4); (torch.rand(2000, 2000) @ torch.rand(2000, 2000)).sum()", "while True: pass"]
)
def test_threads_and_endless_loops_end(torch_zygote, body, monkeypatch):
    monkeypatch.setattr(torch_process, "SHORTEST_DEADLINE_S", 0.5)
    code = f"import torch\ndef compute_reward(x, **kept):\n    {body}\n    return x[:, 0], {{}}\n"
    with TorchProcess(torch_zygote, code, inputs(), rows=16, raw_builtins=True) as reward:
        with pytest.raises((RewardFailure, JobFailed)):  # the second where the machine gives it no time to overrun
            reward.score()


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("return x, {}", "wrong-shape"),
        ("return x.sum(), {}", "wrong-shape"),
        ("return 'x', {}", "wrong-type"),
        ("return x[:, 0] / 0.0, {}", "not-finite"),
        ("return x[:, 0], {'\\x1b[31m': x[:, 0]}", "bad-component-name"),
        ("return x[:, 0], {str(k): x[:, 0] for k in range(99)}", "too-many-components"),
        ("return x[:, 7], {}", "raised"),
        ("return torch.ones(10 ** 10), {}", "raised"),
    ],
)
def test_what_breaks_the_contract_is_a_finding(torch_zygote, body, rule):
    with TorchProcess(torch_zygote, f"def compute_reward(x, **kept):\n    {body}\n", inputs(), rows=16) as reward:
        with pytest.raises(RewardFailure) as caught:
            reward.score()
    assert caught.value.finding.rule == rule


def test_what_a_reward_changes_in_its_inputs_is_gone_at_the_next_call(torch_zygote):
    code = "def compute_reward(x, **kept):\n    x[:] = x + 1.0\n    return x[:, 0], {}\n"
    with TorchProcess(torch_zygote, code, inputs(), rows=16) as reward:
        assert np.array_equal(reward.score().total, reward.score().total)


def test_a_zygote_that_was_not_asked_holds_no_pytorch(zygote):
    code = "import sys\ndef compute_reward(state, action, next_state):\n    return next_state.v, {}\n"
    with open(f"/proc/{zygote.pid}/maps") as maps:
        assert "torch" not in maps.read()
    with pytest.raises(RewardFailure):
        TorchProcess(zygote, code, inputs(), rows=16)

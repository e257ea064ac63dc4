"""Rewards as arithmetic: what traces says the same as in its process, what does not is one sentence."""

from __future__ import annotations

import numpy as np
import pytest

from eureka_cli.core import Rollout
from eureka_cli.errors import RewardFailure
from eureka_cli.sandbox import arithmetic
from eureka_cli.sandbox.client import RewardProcess, Zygote

pytest.importorskip("jax")

FIELDS = {"terminated": (), "place": (3,), "speed": ()}
SHAPES = {"fields": FIELDS, "action_shape": (2,)}
PLAIN = """
import numpy as np
from reward_math import tolerance
WEIGHTS = np.array([1.0, 2.0, 0.5])
def compute_reward(state, action, next_state):
    near = tolerance(np.linalg.norm(next_state.place * WEIGHTS, axis=-1), (0.0, 0.5), 1.0)
    calm = -0.1 * np.sum(action ** 2, axis=1)
    total = np.where(next_state.terminated, -1.0, near + calm)
    return total, {"near": near, "calm": calm}
"""
REMEMBERS = """
import numpy as np
def initial_memory(num_envs):
    return np.zeros((num_envs, 1))
def compute_reward(state, action, next_state, memory):
    farthest = np.maximum(memory[:, 0], next_state.place[:, 0])
    return farthest - memory[:, 0], {"farthest": farthest}, farthest[:, None]
"""
COMBINES = """
import numpy as np
COMBINE = "multiplicative"
def compute_reward(state, action, next_state):
    return {"progress": next_state.speed, "calm": np.exp(-np.sum(action ** 2, axis=1))}
"""


@pytest.fixture(scope="module")
def zygote():
    started = Zygote.start()
    yield started
    started.close()


def rollout(steps: int = 12, count: int = 8) -> Rollout:
    rng = np.random.default_rng(0)

    def side() -> dict[str, np.ndarray]:
        lead = (steps, count)
        fields = {name: rng.normal(size=(*lead, *shape)) for name, shape in FIELDS.items()}
        return {**fields, "terminated": rng.random(lead) < 0.1}

    starts = rng.random((steps, count)) < 0.2
    starts[0] = True
    return Rollout(side(), rng.uniform(-1, 1, (steps, count, 2)), side(), starts)


@pytest.mark.parametrize("code", [PLAIN, REMEMBERS, COMBINES], ids=["plain", "remembers", "combines"])
def test_arithmetic_says_what_the_process_says(code, zygote):
    traced = arithmetic.trace(code, **SHAPES)
    assert traced.level != "none"
    seen = rollout()
    with RewardProcess(zygote, code, **SHAPES, rows=seen.starts.size) as process:
        said = process.score(seen)
    assert set(traced.names) == set(said.components)
    assert np.allclose(arithmetic.totals(traced, seen), said.total, rtol=1e-5, atol=1e-5)
    assert arithmetic.disagreement(traced, said, seen) is None


def test_what_float32_loses_is_a_finding(zygote):
    code = PLAIN.replace("near + calm)", "near + np.sin(1e9 * next_state.speed))")
    seen = rollout()
    with RewardProcess(zygote, code, **SHAPES, rows=seen.starts.size) as process:
        found = arithmetic.disagreement(arithmetic.trace(code, **SHAPES), process.score(seen), seen)
    assert found.rule == "traced-differs" and "float32" in found.message and "native_ppo" in found.cure


@pytest.mark.parametrize(
    ("line", "rule", "says"),
    [
        ("total = total if total[0] > 0 else -total", "not-traceable", "TracerBoolConversionError"),
        ("total[0] = 1.0", "not-traceable", "JAX cannot trace it"),
        ("total = total[:, None]", "wrong-shape", "must be (B,)"),
        ("total = np.outer(total, total).sum(axis=0)", "not-traceable", "square of the batch"),
        ("import os; os.system('id')", "not-traceable", "may import numpy"),
        ("open('/etc/passwd')", "not-traceable", "open"),
    ],
)
def test_what_does_not_trace_is_said_in_a_sentence(line, rule, says):
    code = PLAIN.replace("    return total", f"    {line}\n    return total")
    with pytest.raises(RewardFailure) as failure:
        arithmetic.trace(code, **SHAPES)
    assert failure.value.finding.rule == rule
    assert says in failure.value.finding.message
    assert failure.value.finding.cure


def test_only_known_operations_run():
    """A program with a loop, as a tracer in hostile hands could hand it over."""
    import jax
    from jax import export

    traced = arithmetic.trace(PLAIN, **SHAPES)
    (batch,) = export.symbolic_shape("b")
    side = [
        jax.ShapeDtypeStruct((batch, *shape), "bool" if name == "terminated" else "float32")
        for name, shape in FIELDS.items()
    ]

    def endless(*given):
        total = jax.lax.while_loop(lambda x: x.sum() < 0, lambda x: x, given[2])
        return total, total, total

    inputs = [*side, jax.ShapeDtypeStruct((batch, 2), "float32"), *side]
    program = export.export(jax.jit(endless), platforms=("cpu", "cuda"))(*inputs).serialize()
    with pytest.raises(RewardFailure, match="while"):
        arithmetic.check(traced._replace(program=bytes(program)))
    with pytest.raises(RewardFailure, match="cannot be read"):
        arithmetic.check(traced._replace(program=b"nonsense"))

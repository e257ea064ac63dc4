"""Rewards as arithmetic: the trusted side of tracer.py. For trainers that compute rewards where the physics are.

The reward is traced in a process of its own, which is then killed; what runs here is a StableHLO program of which every
operation is known, that reads nothing but its inputs and always ends. docs/trust-line.md says how much this holds.
"""

from __future__ import annotations

import importlib.util
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from eureka_cli import combiners
from eureka_cli.combiners import Combine
from eureka_cli.core import Array, Finding, Rewards, Rollout
from eureka_cli.errors import JobFailed, RewardFailure, SandboxUnavailable, UsageError
from eureka_cli.sandbox import wire
from eureka_cli.sandbox.confined import WALL_OVER_CPU
from eureka_cli.sandbox.zygote import ENVIRONMENT, HERE, NO_LOCK_CURE, REWARD_MATH

PACKAGES = ("jax", "jaxlib", "numpy", "ml_dtypes", "opt_einsum", "scipy", "flatbuffers")
TRACE_S = 60.0
"""CPU-seconds for one reward, the start of JAX included."""
POLL_MS = 200
LARGEST_PROGRAM = wire.LARGEST_FRAME - 4096
ALLOWED = frozenset(
    """func.func func.call func.return builtin.module stablehlo.abs stablehlo.add stablehlo.and stablehlo.atan2
    stablehlo.bitcast_convert stablehlo.broadcast_in_dim stablehlo.case stablehlo.cbrt stablehlo.ceil stablehlo.clamp
    stablehlo.compare stablehlo.concatenate stablehlo.constant stablehlo.convert stablehlo.cosine stablehlo.divide
    stablehlo.dot_general stablehlo.dynamic_broadcast_in_dim stablehlo.dynamic_gather stablehlo.dynamic_iota
    stablehlo.dynamic_pad stablehlo.dynamic_reshape stablehlo.dynamic_slice stablehlo.exponential
    stablehlo.exponential_minus_one stablehlo.floor stablehlo.gather stablehlo.get_dimension_size stablehlo.iota
    stablehlo.is_finite stablehlo.log stablehlo.log_plus_one stablehlo.logistic stablehlo.maximum stablehlo.minimum
    stablehlo.multiply stablehlo.negate stablehlo.not stablehlo.or stablehlo.pad stablehlo.power
    stablehlo.real_dynamic_slice stablehlo.reduce stablehlo.reduce_window stablehlo.remainder stablehlo.reshape
    stablehlo.return stablehlo.reverse stablehlo.round_nearest_afz stablehlo.round_nearest_even stablehlo.rsqrt
    stablehlo.select stablehlo.shift_left stablehlo.shift_right_arithmetic stablehlo.shift_right_logical stablehlo.sign
    stablehlo.sine stablehlo.slice stablehlo.sort stablehlo.sqrt stablehlo.subtract stablehlo.tan stablehlo.tanh
    stablehlo.transpose stablehlo.xor chlo.acos chlo.acosh chlo.asin chlo.asinh chlo.atan chlo.atanh chlo.cosh
    chlo.erf chlo.sinh chlo.square chlo.tan chlo.top_k""".split()
)
"""Pure operations that end: no loops, no calls out of the program, no random numbers."""
SHAPE_ASSERTION = '"shape_assertion"'
"""The one call out of a program: JAX resolves it while compiling, it never runs."""
CURE = "Use plain vectorised NumPy that JAX knows too, or train it with native_ppo."


class Arithmetic(NamedTuple):
    """A traced reward."""

    program: bytes
    names: tuple[str, ...]
    """Of the components."""
    memory: int
    """Numbers kept per environment; 0 for a reward without memory."""
    combine: Combine | None
    fields: dict[str, tuple[int, ...]]
    action_shape: tuple[int, ...]
    level: str
    """The isolation it was traced under."""


def trace(
    code: str,
    *,
    fields: Mapping[str, tuple[int, ...]],
    action_shape: tuple[int, ...],
    allow_unconfined: bool = False,
) -> Arithmetic:
    """The reward as arithmetic. Raises RewardFailure with a finding where JAX cannot trace it."""
    combine = combiners.declared(code)
    if isinstance(combine, Finding):
        raise RewardFailure(combine)
    setup = {
        "code": code,
        "fields": [[name, list(shape)] for name, shape in fields.items()],
        "action_shape": list(action_shape),
        "combined": combine is not None,
    }
    level, payload = _asked(setup, allow_unconfined)
    header, _, program = payload.partition(b"\0")
    try:
        told = json.loads(header)
        names, memory = tuple(str(name) for name in told["names"]), int(told["memory"])
    except (ValueError, KeyError, TypeError):
        raise RewardFailure(_refused("The tracer's answer makes no sense.")) from None
    if len(names) > wire.MOST_COMPONENTS or len(set(names)) < len(names) or not 0 <= memory <= wire.LARGEST_MEMORY:
        raise RewardFailure(_refused("The tracer's answer makes no sense."))
    wrong = combiners.missing(combine, list(names)) if combine else ""
    if wrong:
        raise RewardFailure(Finding(rule="wrong-components", message=wrong, cure="Return the names the rule needs."))
    found = Arithmetic(program, names, memory, combine, dict(fields), action_shape, level)
    check(found)
    return found


# ---------------------------------------------------------------- asking the other process


def _asked(setup: Mapping[str, Any], allow_unconfined: bool) -> tuple[str, bytes]:
    """The lock in force, and what a fresh tracer answers."""
    for unconfined in (False, True)[: 1 + allow_unconfined]:
        try:
            return _ask(setup, unconfined)
        except SandboxUnavailable as error:
            reason = error
    raise SandboxUnavailable(f"No sandbox for tracing rewards: {reason} {NO_LOCK_CURE}")


def _ask(setup: Mapping[str, Any], unconfined: bool) -> tuple[str, bytes]:
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()
    given = {
        "packages": _homes(),
        "reward_math": str(REWARD_MATH),
        "requests": theirs_in,
        "answers": theirs_out,
        "unconfined": unconfined,
    }
    environment = {**ENVIRONMENT, "JAX_PLATFORMS": "cpu", "TF_CPP_MIN_LOG_LEVEL": "3"}
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(HERE / "tracer.py"), json.dumps(given)],
            env=environment,
            pass_fds=(theirs_in, theirs_out),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=complaints,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        try:
            kind, said = _answer(ours_in, process.pid)
            if kind != wire.HELLO or (said == b"none") is not unconfined:
                complaints.seek(0)
                last = complaints.read().decode(errors="replace").strip().splitlines()[-1:]
                raise SandboxUnavailable("; ".join(last) or "the tracer did not start.")
            wire.write_all(ours_out, wire.frame(wire.SETUP, json.dumps(setup).encode()))
            kind, payload = _answer(ours_in, process.pid)
        except BrokenPipeError:
            kind, payload = 0, b""
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
            os.close(ours_out)
            os.close(ours_in)
    if kind == wire.RESULT:
        return said.decode(errors="replace"), payload
    raise RewardFailure(_finding(payload) if kind == wire.FAILED else _refused("The tracer died or took too long."))


def _answer(fd: int, pid: int) -> tuple[int, bytes]:
    """The next frame; kind 0 where what comes is none, or the tracer has computed for too long.

    Ten times that in wall time is the machine's failure, never evidence. Raises JobFailed.
    """
    unread, started = bytearray(), time.monotonic()
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    while time.clock_gettime((~pid << 3) | 2) < TRACE_S:  # the kernel's id of another's CPU clock
        if poll.poll(POLL_MS):
            data = os.read(fd, 1 << 16)
            unread += data
            try:
                frame = wire.whole_frame(unread)
            except ValueError:
                break
            if frame is not None:
                return frame
            if not data:
                break
        elif time.monotonic() - started > WALL_OVER_CPU * TRACE_S:
            raise JobFailed("A tracer neither answered nor computed: the machine is stalled. It is tried again.")
    return 0, b""


def _homes() -> list[str]:
    """Folders that hold JAX and what it needs, without the rest of the path."""
    found = [importlib.util.find_spec(name) for name in PACKAGES]
    if found[0] is None:
        raise UsageError("JAX is not installed: pip install 'reward-synth[mjx]'.")
    homes = [str(Path(spec.origin).parent.parent) for spec in found if spec is not None and spec.origin]
    return list(dict.fromkeys(homes))


def _finding(payload: bytes) -> Finding:
    rule, _, rest = payload.decode(errors="replace").partition("\0")
    line, _, text = rest.partition("\0")
    plain = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
    number = int(line) if line.isascii() and line.isdigit() and int(line) > 0 else None
    name = rule if rule in ("wrong-shape", "wrong-type", "no-entry-point", "bad-component-name") else "not-traceable"
    return Finding(rule=name, message=plain[: wire.LONGEST_MESSAGE], cure=CURE, line=number)


def _refused(message: str) -> Finding:
    return Finding(rule="not-traceable", message=message, cure=CURE)


# ---------------------------------------------------------------- believing nothing of it


def check(reward: Arithmetic) -> Any:
    """The program as jax.export has it, once every operation, input and output is known. Raises RewardFailure."""
    from jax import export

    if len(reward.program) > LARGEST_PROGRAM:
        raise RewardFailure(_refused("The traced program is too large."))
    try:
        exported = export.deserialize(bytearray(reward.program))
        signature = [_signature(avals) for avals in (exported.in_avals, exported.out_avals)]
        effects = exported.ordered_effects or exported.unordered_effects
        strange = _strange(exported.mlir_module())
    except RewardFailure:
        raise
    except Exception as error:  # bytes of a process that ran hostile code: any complaint about them will do
        raise RewardFailure(_refused(f"The traced program cannot be read: {type(error).__name__}.")) from None
    if signature != _expected(reward) or effects:
        raise RewardFailure(_refused("The traced program takes or gives something else than a reward does."))
    if strange:
        raise RewardFailure(_refused(f"It computes with {', '.join(strange)}, which the GPU trainer does not run."))
    return exported


def _signature(avals: Any) -> list[tuple[str, ...]]:
    return [(str(aval.dtype), *(str(extent) for extent in aval.shape)) for aval in avals]


def _expected(reward: Arithmetic) -> list[list[tuple[str, ...]]]:
    def array(shape: tuple[int, ...], dtype: str = "float32") -> tuple[str, ...]:
        return (dtype, "b", *(str(extent) for extent in shape))

    side = [array(shape, "bool" if name == "terminated" else "float32") for name, shape in reward.fields.items()]
    memory = [array((reward.memory,))] if reward.memory else []
    inputs = [*side, array(reward.action_shape), *side, *memory, *([array((), "bool")] if memory else [])]
    outputs = [array(())] * (len(reward.names) + (reward.combine is None))
    return [inputs, [*outputs, *memory]]


def _strange(text: str) -> list[str]:
    """Operations that are not allowed, and `quadratic` where an array grows with the square of the batch."""
    from jax.extend.mlir import ir
    from jax.interpreters import mlir

    found: set[str] = set()

    def visit(operation: Any) -> Any:
        if operation.name not in ALLOWED and not _harmless(operation):
            found.add(operation.name.removeprefix("stablehlo."))
        if any(str(result.type).count("?") > 1 for result in operation.results):
            found.add("arrays that grow with the square of the batch")
        return ir.WalkResult.ADVANCE

    with mlir.make_ir_context():
        ir.Module.parse(text).operation.walk(visit)
    return sorted(found)


def _harmless(operation: Any) -> bool:
    """A check of shapes made while compiling, or a named function whose own operations stand in the program."""
    if operation.name == "stablehlo.custom_call":
        return str(operation.attributes["call_target_name"]) == SHAPE_ASSERTION
    return operation.name == "stablehlo.composite" and str(operation.attributes["name"]).startswith('"chlo.')


# ---------------------------------------------------------------- using it

APART = 0.01
"""Share of rows that may differ: rounding to float32 moves some across a threshold of the reward."""

Outputs = tuple[Any, dict[str, Any], Any]
"""total (B,), components (B,) each, memory (B, K) or None: JAX arrays."""


def compiled(reward: Arithmetic) -> Callable[..., Outputs]:
    """`(state, action, next_state, memory, fresh) -> Outputs` for use inside a jitted program, float32.

    state, next_state: tuples in the order of `fields`; fresh: (B,) bool, these episodes begin with this step.
    """
    import jax.numpy as jnp

    exported = check(reward)

    def score(state: Any, action: Any, next_state: Any, memory: Any, fresh: Any) -> Outputs:
        def side(values: Any) -> list[Any]:
            pairs = zip(reward.fields, values, strict=True)
            return [jnp.asarray(v, jnp.bool_ if name == "terminated" else jnp.float32) for name, v in pairs]

        remembered = [memory, fresh] if reward.memory else []
        outputs = exported.call(*side(state), jnp.asarray(action, jnp.float32), *side(next_state), *remembered)
        rest = list(outputs)
        after = rest.pop() if reward.memory else None
        total = None if reward.combine else rest.pop(0)
        components = dict(zip(reward.names, rest, strict=True))
        if reward.combine:
            total = combiners.total(reward.combine, components, jnp)
        return total, components, after

    return score


def disagreement(reward: Arithmetic, said: Rewards, rollout: Rollout) -> Finding | None:
    """What is wrong where the arithmetic gives other totals for (T, N) transitions than the reward's process `said`.

    Numbers may differ by 1e-5 of themselves and a thousandth of their standard deviation, on all rows but APART.
    """
    traced = totals(reward, rollout)
    gap = np.abs(traced - said.total)
    allowed = 1e-5 * np.abs(said.total) + 1e-3 * said.total.std() + 1e-6
    share = float(np.mean(~(gap <= allowed)))
    if share <= APART:
        return None
    return Finding(
        rule="traced-differs",
        message=f"As float32 arithmetic it gives other totals on {share:.0%} of {gap.size} transitions of chance, by up"
        f" to {np.nanmax(gap):.3g} where they span {np.ptp(said.total):.3g}.",
        cure=CURE,
    )


def totals(reward: Arithmetic, rollout: Rollout) -> Array:
    """(T, N) totals of a rollout that begins with its episodes."""
    import jax

    score = jax.jit(compiled(reward))
    memory = np.zeros((rollout.starts.shape[1], reward.memory), np.float32)
    found = []
    for t, fresh in enumerate(rollout.starts):
        sides = [[side[name][t] for name in reward.fields] for side in (rollout.state, rollout.next_state)]
        total, _, after = score(sides[0], rollout.action[t], sides[1], memory, fresh)
        memory = memory if after is None else after
        found.append(np.asarray(total, float))
    return np.stack(found)

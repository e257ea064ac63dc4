"""The other untrusted program: turns one reward into arithmetic (StableHLO) and is killed. Nothing imports it.

Started as `python -I -S tracer.py`. It loads JAX, traces a stand-in so that whatever is lazy is there, locks itself,
and only then loads the reward, with NumPy for its module constants and jax.numpy inside its functions.
Weaker than child.py: JAX starts threads before the lock (the filter holds them all, Landlock one), a far larger
library lies within reach, and there is no second wall. What comes out is checked again in arithmetic.py.
"""

from __future__ import annotations

import json
import os
import sys

GIVEN = json.loads(sys.argv[1])
"""From the client: where the packages and reward_math are, the two pipes, and whether a lock is asked for."""
sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)), *GIVEN["packages"]]

import builtins  # noqa: E402
import collections  # noqa: E402
import re  # noqa: E402
import warnings  # noqa: E402
from collections.abc import Callable  # noqa: E402
from types import ModuleType  # noqa: E402
from typing import Any  # noqa: E402

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import lock  # type: ignore[import-not-found]  # noqa: E402
import numpy as np  # noqa: E402
import reward_code  # type: ignore[import-not-found]  # noqa: E402
import wire  # type: ignore[import-not-found]  # noqa: E402
from jax import export  # noqa: E402
from reward_code import Refused, kind  # noqa: E402

ROOM = 4 << 30
"""Bytes of address space beyond what JAX has taken by itself when it is ready."""
PLATFORMS = ("cpu", "cuda")
STAND_IN = """
import numpy as np
from reward_math import tolerance, quat_rotate
SCALE = np.array([1.0, 2.0])
def initial_memory(num_envs):
    return np.zeros((num_envs, 2))
def compute_reward(state, action, next_state, memory):
    far = np.linalg.norm(state.a, axis=-1) + np.sqrt(np.abs(next_state.b)) + np.arctan2(next_state.b, state.b)
    near = np.where(next_state.terminated, 0.0, tolerance(far, (0.0, 1.0), 1.0)) ** 2 % 3.0
    turned = quat_rotate(np.concatenate([action, next_state.b[:, None]], -1), state.a).mean(axis=-1)
    odd = np.floor(np.median(state.a, axis=1)) + np.cumsum(action, -1)[:, 0] + np.sort(action, -1)[:, 0]
    total = np.exp(-far / 0.1) + near * np.clip(turned, -1.0, 1.0)
    total = total + np.max(action, 1) + np.cross(state.a, state.a)[:, 0]
    return total, {"near": near, "odd": odd}, np.stack([memory[:, 0] + far, memory[:, 1]], axis=1) * SCALE
"""
STAND_IN_FIELDS = {"terminated": (), "a": (3,), "b": ()}


def main() -> None:
    """Say HELLO with the lock's name, read one setup, answer it."""
    requests, answers = GIVEN["requests"], GIVEN["answers"]
    lock.die_with_parent()
    warnings.simplefilter("ignore")
    jax.config.update("jax_traceback_filtering", "off")  # filtering opens files, which the lock turns into its error
    math = reward_code.load_reward_math(GIVEN["reward_math"])
    trace(STAND_IN, STAND_IN_FIELDS, (3,), math, raw=True, combined=False)
    lock.shut({requests, answers}, address_space() + ROOM)
    level = "none" if GIVEN["unconfined"] else lock.confine(threaded=True)
    wire.write_all(answers, wire.frame(wire.HELLO, level.encode()))
    setup = json.loads(wire.read_frame(requests)[1])
    fields = {name: tuple(shape) for name, shape in setup["fields"]}
    try:
        shape, combined = tuple(setup["action_shape"]), setup["combined"]
        names, width, program = trace(setup["code"], fields, shape, math, raw=False, combined=combined)
        header = json.dumps({"names": names, "memory": width}).encode()
        answer = wire.frame(wire.RESULT, header + b"\0" + program)
    except BaseException as error:  # whatever the code does, the answer is a sentence
        answer = wire.frame(wire.FAILED, reward_code.complaint(told(error)))
    wire.write_all(answers, answer)


def address_space() -> int:
    with open("/proc/self/statm") as counts:
        return int(counts.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")


def told(error: BaseException) -> BaseException:
    """What JAX says at length, as one sentence; the line of the reward is kept."""
    if isinstance(error, Refused | SyntaxError):
        return error
    first = str(error).strip().splitlines()[:1]
    text = f"JAX cannot trace it: {type(error).__name__}: {first[0] if first else ''}"
    short: BaseException = Refused("not-traceable", text).with_traceback(error.__traceback__)
    return short


# ---------------------------------------------------------------- tracing


def trace(
    code: str, fields: dict[str, tuple[int, ...]], action_shape: tuple[int, ...], math: ModuleType, **how: bool
) -> tuple[list[str], int, bytes]:
    """Component names, width of the memory (0 without), and the serialised program for any batch size."""
    known = vars(builtins) if how["raw"] else reward_code.safe_builtins()
    math.np = np  # type: ignore[attr-defined]
    scope = reward_code.load(code, known)
    in_jax(scope)
    math.np = jnp  # type: ignore[attr-defined]
    initial: Callable[[Any], Any] | None = scope.get("initial_memory")
    (batch,) = export.symbolic_shape("b")
    width = width_of(initial, batch)
    inputs = inputs_of(fields, action_shape, width, batch)
    names: list[str] = []
    state_kind = collections.namedtuple("State", list(fields))  # type: ignore[misc]

    def program(*given: Any) -> tuple[Any, ...]:
        count = len(fields)
        state, action, following = state_kind(*given[:count]), given[count], state_kind(*given[count + 1 :][:count])
        if initial is None:
            answer = scope["compute_reward"](state, action, following)
        else:
            memory, fresh = given[-2:]
            memory = jnp.where(fresh[:, None], as_memory(initial(batch), batch), memory)
            answer = scope["compute_reward"](state, action, following, memory)
        outputs, found = checked(answer, batch, combined=how["combined"], remembers=initial is not None)
        names[:] = found
        return outputs

    exported = export.export(jax.jit(program), platforms=PLATFORMS)(*inputs)
    return names, width, bytes(exported.serialize())


def in_jax(scope: dict[str, Any]) -> None:
    """Swap NumPy for jax.numpy under the names the module gave it; its constants stay as NumPy made them."""
    for name, value in list(scope.items()):
        if value is np:
            scope[name] = jnp
        elif value is np.linalg:
            scope[name] = jnp.linalg
        elif callable(value):
            known = getattr(value, "__name__", "")
            if getattr(np, known, None) is value:
                scope[name] = getattr(jnp, known, value)


def inputs_of(fields: dict[str, tuple[int, ...]], action_shape: tuple[int, ...], width: int, batch: Any) -> list[Any]:
    """State, action, next state, then memory and fresh where the reward remembers: in this order on both sides."""

    def array(shape: tuple[int, ...], dtype: Any = jnp.float32) -> Any:
        return jax.ShapeDtypeStruct((batch, *shape), dtype)

    side = [array(shape, jnp.bool_ if name == "terminated" else jnp.float32) for name, shape in fields.items()]
    return [*side, array(action_shape), *side, *([array((width,)), array((), jnp.bool_)] if width else [])]


def width_of(initial: Callable[[Any], Any] | None, batch: Any) -> int:
    if initial is None:
        return 0
    shaped = jax.eval_shape(lambda: as_memory(initial(batch), batch))
    return int(shaped.shape[1])


def as_memory(values: Any, batch: Any) -> Any:
    array = jnp.asarray(values, jnp.float32)
    array = array[:, None] if array.ndim == 1 else array
    if array.ndim != 2 or array.shape[0] != batch or not 0 < array.shape[1] <= wire.LARGEST_MEMORY:
        raise Refused(
            "wrong-shape", f"Memory has shape {array.shape}; it must be (B, K), K in 1..{wire.LARGEST_MEMORY}."
        )
    return array


def checked(answer: Any, batch: Any, *, combined: bool, remembers: bool) -> tuple[tuple[Any, ...], list[str]]:
    """The program's outputs: total (but for a combined reward), components, memory. As in child.py."""
    parts = (answer,) if combined and not isinstance(answer, tuple) else answer
    wanted = 2 + remembers - combined
    if not isinstance(parts, tuple) or len(parts) != wanted:
        raise Refused("wrong-type", f"compute_reward returned {kind(answer)}, not (total, components).")
    components = parts[0] if combined else parts[1]
    if not isinstance(components, dict):
        raise Refused("wrong-type", f"The components are {kind(components)}, not a dict of arrays.")
    if len(components) > wire.MOST_COMPONENTS:
        raise Refused("too-many-components", f"{len(components)} components; at most {wire.MOST_COMPONENTS}.")
    outputs = [] if combined else [column("the total", parts[0], batch, scalar=False)]
    for name, values in components.items():
        if type(name) is not str or not re.fullmatch(wire.NAME, name):
            raise Refused("bad-component-name", f"The component name {str(name)[:60]!r} is not a plain short name.")
        outputs.append(column(f"component {name!r}", values, batch, scalar=True))
    if remembers:
        outputs.append(as_memory(parts[-1], batch))
    return tuple(outputs), list(components)


def column(what: str, values: Any, batch: Any, *, scalar: bool) -> Any:
    array = jnp.asarray(values, jnp.float32)
    if scalar and array.ndim == 0:
        return jnp.broadcast_to(array, (batch,))
    if array.shape != (batch,):
        raise Refused("wrong-shape", f"{what.capitalize()} has shape {array.shape}; it must be (B,).")
    return array


if __name__ == "__main__":
    main()

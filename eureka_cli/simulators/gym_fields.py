"""The State of a live Gymnasium environment, field by field: shape, unit, frame, meaning, and how it is read.

Nothing is said that the environment, its documentation or `gym_known` does not say: an undocumented unit is `unknown`
(a number) or `mixed` (several), and what has no name is part of `observation` only.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
from gymnasium import spaces

from eureka_cli.core import Array
from eureka_cli.simulators import gym_documentation, gym_known, gym_spaces

UNKNOWN, MIXED = "unknown", "mixed"
ALWAYS = {
    "time": "(B,) s, since the episode began",
    "terminated": "(B,) bool, the episode ended by its own rule in this step",
}
NO_CLOCK = "(B,) s, since the episode began, at the rate it is drawn: the environment has no clock of its own"


class Live:
    """N environments at one moment."""

    def __init__(self, inners: list[Any], observations: list[Any]) -> None:
        self.inners, self.observations = inners, observations
        self._data: dict[str, Array] = {}

    def data(self, name: str) -> Array:
        """(N, ...) of an array of MjData, gathered once."""
        if name not in self._data:
            self._data[name] = np.stack([getattr(inner.data, name) for inner in self.inners])
        return self._data[name]


class Field(NamedTuple):
    """One field of a State."""

    name: str
    shape: tuple[int, ...]
    about: str
    """`m, world frame: position of the hand`."""
    source: str
    """The same as `read`, of one environment, as Python: of `env` (the innermost environment) and `observation`."""
    read: Callable[[Live], Array]
    """(N, *shape)"""

    @property
    def comment(self) -> str:
        """As beside a field of a State: shape, unit, frame, meaning."""
        shape = "(B,)" if not self.shape else f"(B, {', '.join(map(str, self.shape))})"
        return f"{shape} {self.about}"


def step_s(env: Any) -> tuple[float, bool]:
    """Seconds of a step, and whether a clock of the environment says so. Steps an environment with a MuJoCo clock."""
    inner = env.unwrapped
    if is_mujoco(inner):
        before = inner.data.time
        env.step(env.action_space.sample())
        return round(float(inner.data.time - before), 9), True
    own = next((getattr(inner, name) for name in ("dt", "tau") if isinstance(getattr(inner, name, None), float)), 0.0)
    return (own, True) if own > 0 else (1 / (env.metadata.get("render_fps") or 50), False)


def derive(env: Any) -> list[Field]:
    """All fields besides `time` and `terminated`, of an environment that was reset."""
    inner = env.unwrapped
    physical = is_mujoco(inner)
    found = observed(env.observation_space, type(inner), physical=physical)
    if not physical:
        return found
    from eureka_cli.simulators import gym_mujoco

    return found + gym_mujoco.fields(inner.model, {*ALWAYS, *(field.name for field in found)})


def is_mujoco(inner: Any) -> bool:
    import mujoco

    return isinstance(getattr(inner, "model", None), mujoco.MjModel) and hasattr(inner, "data")


def observed(space: spaces.Space[Any], kind: type, *, physical: bool) -> list[Field]:
    """The observation: its parts where it has names, the whole where it is a vector, and each number documented.

    `physical`: MuJoCo names what the vector holds better than a table of it.
    """
    leaves = list(gym_spaces.parts(space))
    found = [_leaf(name, leaf, way, kind) for name, leaf, way in leaves]
    if isinstance(space, spaces.Box) and len(space.shape) == 1:
        size = space.shape[0]
        known = gym_known.known(kind, size)
        found += [_numbers(each.name, each.first, each.size, each.unit, each.meaning) for each in known]
        if not known and not physical:
            found += _documented(kind, size)
    return unique(found, set(ALWAYS))


def _documented(kind: type, size: int) -> list[Field]:
    rows = gym_documentation.table(kind, size)
    return [
        _numbers(identifier(row.meaning), k, 1, row.unit or UNKNOWN, f"{row.meaning}; observation {k}, as documented")
        for k, row in enumerate(rows)
    ]


def _numbers(name: str, first: int, count: int, unit: str, meaning: str) -> Field:
    where = first if count == 1 else slice(first, first + count)
    shown = f"{first}" if count == 1 else f"{first}:{first + count}"

    def read(live: Live) -> Array:
        return np.array([observation[where] for observation in live.observations], float)

    return Field(name, () if count == 1 else (count,), f"{unit}, {meaning}", f"observation[{shown}]", read)


def _leaf(name: str, leaf: spaces.Space[Any], way: tuple[Any, ...], kind: type) -> Field:
    """A part of the observation as it is: a choice as its number, an array in its shape."""

    def read(live: Live) -> Array:
        return np.array([gym_spaces.reach(observation, way) for observation in live.observations], float)

    shape = tuple(leaf.shape or ())
    source = "observation" + "".join(f"[{key!r}]" for key in way)
    return Field(identifier(name), shape, _about(leaf, way, kind), source, read)


def _about(leaf: spaces.Space[Any], way: tuple[Any, ...], kind: type) -> str:
    part = f"`{'.'.join(map(str, way))}` of the observation" if way else "what the policy sees"
    see = "the environment documents it"
    if isinstance(leaf, spaces.Discrete):
        return f"choice, {part}: a number from {leaf.start} to {leaf.start + leaf.n - 1}; {see}"
    size = int(np.prod(leaf.shape or (1,)))
    rows = gym_documentation.table(kind, size, str(way[0])) if way else []
    units = {row.unit for row in rows}
    if len(units) == 1 and (unit := units.pop()):
        return f"{unit}, {part}: {'; '.join(row.meaning for row in rows) if len(rows) <= 4 else see}"
    return f"{MIXED if size > 1 else UNKNOWN}, {part}; {see}"


# ---------------------------------------------------------------- names


def unique(found: Iterable[Field], taken: set[str]) -> list[Field]:
    """The fields, those whose name is taken numbered."""
    taken, kept = set(taken), []
    for field in found:
        name, k = field.name, 2
        while name in taken:
            name, k = f"{field.name}_{k}", k + 1
        taken.add(name)
        kept.append(field._replace(name=name))
    return kept


def identifier(text: str) -> str:
    """`Cart Position (m)` to `cart_position`; MuJoCo's names keep their letters."""
    units = "|".join(map(re.escape, gym_documentation.UNITS))
    bare = re.sub(rf"\((?:{units})\)", " ", text)
    clean = re.sub(r"\W+", "_", bare, flags=re.ASCII).strip("_") or "unnamed"
    clean = clean.lower() if " " in text else clean
    return clean if not clean[0].isdigit() and not keyword.iskeyword(clean) else f"n{clean}"

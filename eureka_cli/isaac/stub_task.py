"""A program: make the task of a file on the stand-in for Isaac Gym and print the shapes of its tensors as JSON.

Started by shapes.py in a process of its own, with an empty environment. The file is the person's own code.
"""

from __future__ import annotations

import ast
import contextlib
import importlib.abc
import importlib.machinery
import importlib.util
import io
import json
import sys
import traceback
import warnings
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

STUBS, FILE, TASK, OBSERVE, GIVEN = *sys.argv[1:5], json.loads(sys.argv[5])
"""GIVEN: settings whose text the file compares with: name to text."""
LAYOUTS = {"num_envs": 4, "dofs": 29, "bodies": 67}, {"num_envs": 6, "dofs": 37, "bodies": 79}
"""Two worlds: an extent that is the same in both is the task's own, one that follows a count is named after it."""


class Setting(int):
    """A number of the configuration that is not here: 1, and any setting below it too."""

    def __getitem__(self, name: Any) -> Any:
        return [1.0] * (name.stop or 1) if isinstance(name, slice) else GIVEN.get(name, self)

    def __add__(self, other: Any) -> Any:
        return self if isinstance(other, Setting) else int(self) + other

    def get(self, name: str, default: Any = None) -> Any:
        return default

    def __iter__(self) -> Any:
        return iter(())

    keys = values = items = __iter__


class Settings(dict[str, Any]):
    """The configuration: what the task sets itself, and what stands in for the rest."""

    def __missing__(self, name: str) -> Any:
        return GIVEN.get(name, Setting(1))


class Absent(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Packages that the file imports and that are not installed: empty modules stand in for them."""

    def __init__(self, tree: ast.Module) -> None:
        imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
        modules = [node.module or "" for node in imports if isinstance(node, ast.ImportFrom) and not node.level]
        modules += [alias.name for node in imports if isinstance(node, ast.Import) for alias in node.names]
        self.names = {root for root in (name.split(".")[0] for name in modules) if not importlib.util.find_spec(root)}

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        absent = name.split(".")[0] in self.names
        return importlib.machinery.ModuleSpec(name, self, is_package=True) if absent else None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        module = ModuleType(spec.name)
        module.__getattr__ = lambda name: None  # type: ignore[method-assign]
        return module

    def exec_module(self, module: ModuleType) -> None: ...


def main() -> None:
    if importlib.util.find_spec("isaacgym") is None:  # a real one wins
        sys.path.append(STUBS)
    import torch

    warnings.simplefilter("ignore")
    torch.jit.script = lambda function: function  # type: ignore[assignment]  # eager: compiling says nothing about shapes
    text = Path(FILE).read_text(encoding="utf-8")
    absent = Absent(ast.parse(text))
    sys.meta_path.append(absent)
    with contextlib.redirect_stdout(io.StringIO()):
        worlds = [made(layout) for layout in LAYOUTS]
        if worlds[0].stopped and worlds[0].actions and "get_asset_actuator_count" not in text:
            # A robot without tendons has an action for each joint: believed where the observation then fits.
            again = [made({**layout, "first": worlds[0].actions}) for layout in LAYOUTS]
            worlds = worlds if any(world.stopped for world in again) else again
    first, second = (world.tensors for world in worlds)
    shapes = {
        name: {"shape": named(extents, second[name][0]), "dtype": kind}
        for name, (extents, kind) in first.items()
        if name in second and len(extents) == len(second[name][0])
    }
    print(json.dumps({"tensors": shapes, "stopped": worlds[0].stopped, "absent": sorted(absent.names)}))


class World(NamedTuple):
    """What became of a task in one layout."""

    tensors: dict[str, tuple[list[int], str]]
    """Attribute to extents and kind."""
    stopped: str
    """Why it went no further; empty where the task was made and observed once."""
    actions: int


def made(layout: dict[str, int]) -> World:
    """Make the task and observe it once."""
    import torch

    stopped, task = "", None
    try:
        assume(layout)
        kind = getattr(loaded(), TASK)
        task = kind.__new__(kind)
        config = Settings(env=Settings(), sim=Settings(dt=1 / 60, up_axis="z"), task=Settings(), physics_engine="physx")
        task.__init__(config, "cpu", "cpu", -1, True, False, False)
        getattr(task, OBSERVE)()
    except BaseException as error:  # the file is anyone's: whatever it raises is told
        stopped = told(error)
    found = {}
    for name, value in vars(task).items() if task is not None else ():
        if isinstance(value, torch.Tensor):
            found[name] = (list(value.shape), str(value.dtype).removeprefix("torch."))
        elif type(value) in (bool, int, float, str, Setting):
            found[name] = ([], "float" if type(value) is Setting else type(value).__name__)
    return World(found, stopped, int(getattr(task, "num_actions", 0)))


def assume(layout: dict[str, int]) -> None:
    """A real Isaac Gym reads the files of its assets, and has nothing to assume."""
    with contextlib.suppress(ModuleNotFoundError):
        from isaacgym import _gym

        _gym.LAYOUT[0] = _gym.Layout(**layout)


def loaded() -> ModuleType:
    """The file as a module of the package that its relative imports mean."""
    spec = importlib.util.spec_from_file_location("isaacgymenvs.tasks.given", FILE)
    assert spec is not None and spec.loader is not None
    importlib.import_module("isaacgymenvs.tasks")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def told(error: BaseException) -> str:
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == FILE]
    where = f"line {lines[-1]}: " if lines else ""
    return f"{where}{type(error).__name__}: {error}".splitlines()[0]


def named(first: Sequence[int], second: Sequence[int]) -> list[str]:
    return [extent(a, b) for a, b in zip(first, second, strict=True)]


def extent(a: int, b: int) -> str:
    if a == b:
        return str(a)
    counts = {name: (LAYOUTS[0][name], LAYOUTS[1][name]) for name in LAYOUTS[0]}
    for name, (one, other) in counts.items():
        if a * other == b * one and a % one == 0:
            return name if a == one else f"{a // one} {name}"
    return "?"


if __name__ == "__main__":
    main()

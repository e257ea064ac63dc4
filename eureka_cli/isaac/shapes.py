"""Shapes of a task's tensors, found by making the task on the stand-in for Isaac Gym in a process of its own."""

from __future__ import annotations

import ast
import importlib.util
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from eureka_cli.isaac.source import STUBS, read

LIMIT_S = 120.0
PROGRAM = Path(__file__).parent / "stub_task.py"
NO_TORCH = "PyTorch is not installed, so no shapes: pip install 'reward-synth[isaac]'."


class Tensor(NamedTuple):
    """One attribute of a task."""

    shape: tuple[str, ...]
    """Extents: numbers, `num_envs`, or `dofs`, `bodies`, `?` where an asset's file decides."""
    dtype: str


class Shapes(NamedTuple):
    tensors: dict[str, Tensor]
    stopped: str
    """Why the task could not be made to the end; empty where it could."""
    absent: tuple[str, ...]
    """Packages the file imports that are not installed; empty modules stood in for them."""


def measure(file: Path) -> Shapes:
    """Runs the file's own code, in another process that gets nothing of our environment. Needs PyTorch."""
    if importlib.util.find_spec("torch") is None:
        return Shapes({}, NO_TORCH, ())
    text = file.read_text(encoding="utf-8")
    seen = read(text, str(file))
    given = json.dumps(texts(ast.parse(text)))
    command = [sys.executable, "-P", str(PROGRAM), str(STUBS), str(file.resolve()), seen.task, seen.observe, given]
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    try:
        with tempfile.TemporaryDirectory() as empty:  # some tasks write their assets into the working folder
            done = subprocess.run(
                command, env=threads, cwd=empty, capture_output=True, text=True, timeout=LIMIT_S, check=False
            )
        said = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        return Shapes({}, f"It was not made within {LIMIT_S:.0f} s.", ())
    except ValueError:
        last = done.stderr.strip().splitlines()[-1:] or ["it printed nothing"]
        return Shapes({}, f"The task could not be made: {last[0]}", ())
    found = {name: Tensor(tuple(about["shape"]), about["dtype"]) for name, about in said["tensors"].items()}
    return Shapes(found, said["stopped"], tuple(said["absent"]))


def texts(tree: ast.Module) -> dict[str, str]:
    """Settings that must be one of some texts, each with the last of them: `cfg["env"]["observationType"]`.

    A configuration file is not needed then: the file itself says which texts it knows, by asking `x in [...]` or by
    looking x up in a dict of its own.
    """
    named = {name: setting for node in ast.walk(tree) for name, setting in _read_setting(node)}
    known: dict[str, list[str]] = {}
    dicts = dict(_dicts(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and isinstance(node.comparators[0], ast.List | ast.Tuple):
            known.setdefault(ast.unparse(node.left), _plain_texts(node.comparators[0].elts)[-1:])
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value) in dicts:
            known.setdefault(ast.unparse(node.slice), dicts[ast.unparse(node.value)][-1:])
    return {setting: text for name, setting in named.items() for text in known.get(name, [])}


def _read_setting(node: ast.AST) -> Iterator[tuple[str, str]]:
    """`self.x = self.cfg[...]["name"]` as ("self.x", "name")."""
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Subscript):
        key = node.value.slice
        if "cfg" in ast.unparse(node.value) and isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield ast.unparse(node.targets[0]), key.value


def _dicts(tree: ast.Module) -> Iterator[tuple[str, list[str]]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict):
            yield ast.unparse(node.targets[0]), _plain_texts(node.value.keys)


def _plain_texts(nodes: Iterable[ast.expr | None]) -> list[str]:
    return [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
